"""A plan as a picture: the rules from the first to the last, each with the numbers of the bins that it fills.

SVG, so that it can be printed at any size and read aloud: every text is text.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from sorter.plan.explain import in_words
from sorter.plan.plan import Plan, Rule

_ROW = 54
_TOP = 90
_RULES = 40
_RULE_WIDTH = 620
_BINS = 720
_BIN_WIDTH = 300
_INK = "#1A1A1A"
_SECOND = "#444444"
_PAGE = "#F6F5F0"
_KINDS = {
    "shelf": "#CFE0D4",
    "hold": "#FDF0CF",
    "transit": "#FFFFFF",
    "ill": "#FFFFFF",
    "overflow": "#ECEAE1",
    "exception": "#F8E3DF",
}


def draw(plan: Plan) -> str:
    """The picture as an SVG document."""
    rows = max(len(plan.rules), len(plan.bins))
    width, height = _BINS + _BIN_WIDTH + _RULES, _TOP + rows * _ROW + 30
    svg = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=str(width),
        height=str(height),
        role="img",
    )
    SubElement(svg, "title").text = f"Sort plan {plan.profile}"
    SubElement(svg, "rect", width=str(width), height=str(height), fill=_PAGE)
    _text(svg, _RULES, 48, f"Sort plan {plan.profile}", size=28)
    where = {name: _TOP + n * _ROW for n, name in enumerate(_in_order(plan))}
    for n, rule in enumerate(plan.rules):
        _rule(svg, plan, rule, _TOP + n * _ROW, n)
    for name, y in where.items():
        _bin(svg, plan, name, y)
    return tostring(svg, encoding="unicode") + "\n"


def _in_order(plan: Plan) -> list[str]:
    return sorted(plan.bins, key=lambda name: plan.bins[name].number)


def _firsts(plan: Plan, rule: Rule) -> tuple[str, ...]:
    if rule.to.startswith("$"):
        return tuple(dict.fromkeys(plan.table_of(rule, rule.to[1:]).values()))
    return (rule.to,)


def _text(
    parent: Element,
    x: int,
    y: int,
    said: str,
    *,
    size: int,
    fill: str = _INK,
    bold: bool = False,
    middle: bool = False,
) -> None:
    text = SubElement(parent, "text", x=str(x), y=str(y), fill=fill)
    text.set("font-family", "Noto Sans, sans-serif")
    text.set("font-size", str(size))
    if bold:
        text.set("font-weight", "600")
    if middle:
        text.set("text-anchor", "middle")
    text.text = said


def _rule(svg: Element, plan: Plan, rule: Rule, y: int, n: int) -> None:
    SubElement(
        svg, "rect", x=str(_RULES), y=str(y), width=str(_RULE_WIDTH), height="44", rx="6",
        fill="#FFFFFF", stroke="#6B6B6B",
    )  # fmt: skip
    slip = f"  (slip: {rule.slip})" if rule.slip else ""
    _text(svg, _RULES + 12, y + 19, f"{n + 1}. {rule.id}{slip}", size=15, bold=True)
    asked = "; ".join(f"{field} {in_words(c)}" for field, c in rule.when.items())
    _text(svg, _RULES + 12, y + 37, _cut(asked or "everything else"), size=13, fill=_SECOND)

    for place, name in enumerate(reversed(_firsts(plan, rule))):
        x = _RULES + _RULE_WIDTH - 40 * (place + 1)
        bin = plan.bins[name]
        SubElement(
            svg, "rect", x=str(x), y=str(y + 6), width="32", height="32", rx="4",
            fill=_KINDS[bin.kind], stroke=_INK,
        )  # fmt: skip
        _text(svg, x + 16, y + 29, str(bin.number), size=18, bold=True, middle=True)


def _cut(text: str, most: int = 64) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _bin(svg: Element, plan: Plan, name: str, y: int) -> None:
    bin = plan.bins[name]
    SubElement(
        svg, "rect", x=str(_BINS), y=str(y), width=str(_BIN_WIDTH), height="44",
        fill=_KINDS[bin.kind], stroke="#6B6B6B",
    )  # fmt: skip
    _text(svg, _BINS + 12, y + 29, str(bin.number), size=22, bold=True)
    _text(svg, _BINS + 52, y + 19, bin.name or name, size=15)
    _text(svg, _BINS + 52, y + 37, f"{name}, {bin.kind}", size=13, fill=_SECOND)
