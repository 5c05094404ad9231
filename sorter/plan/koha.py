"""Koha's sort bin lines as rules (C4/SIP/ILS/Transaction/Checkin.pm; several conditions since bug 34737).

A line is `branch:field:comparison:value[:field:comparison:value …]:bin`; the first that holds wins. `eq` and `ne` (also `=`
and `!=`) compare text, `<` `>` `<=` `>=` numbers; a value `$field` is that field of the item. Blank lines and lines that
begin with `#` are skipped. Koha knows an item's record; a belt knows what the library system and the tag say of it,
so a field that neither says makes its line unusable, and that is told.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sorter.plan.names import spelled

FIELDS: Mapping[str, str] = {
    "homebranch": "location",
    "holdingbranch": "branch",
    "effective_itemtype": "media",
    "itype": "media",
    "itemcallnumber": "call_number",
    "ccode": "collection",
}
"""Koha's field to ours."""
_TEXT = {"eq": "eq", "=": "eq", "ne": "ne", "!=": "ne"}
_NUMBER = {"<": "lt", ">": "gt", "<=": "le", ">=": "ge"}


@dataclass(frozen=True, slots=True)
class Imported:
    """Rules as a plan's TOML holds them, the bins they name, and what somebody must look at."""

    rules: tuple[dict[str, Any], ...]
    bins: Mapping[str, str]
    """Koha's bin to its name in the plan, in the order in which they come; never two with one name."""
    warnings: tuple[str, ...]
    """What could not be taken over, by line."""
    alike: tuple[str, ...]
    """Bins that would have had the name of another, and the number they got for it."""


def import_lines(text: str) -> Imported:
    """Read lines that end in LF, CRLF or CR, also mixed. Never raises: a bad line is a warning with its number."""
    rules: list[dict[str, Any]] = []
    bins: dict[str, str] = {}
    warnings: list[str] = []
    alike: list[str] = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            when, bin = _rule(line)
        except ValueError as error:
            warnings.append(f"line {number}: {error}: {line}")
            continue
        if bin not in bins:
            name = _name(bin, set(bins.values()))
            if name != (first := _name(bin, set())):
                other = next(theirs for theirs, ours in bins.items() if ours == first)
                alike.append(f"{bin!r} is called {name}, since {first} is {other!r}")
            bins[bin] = name
        rules.append({"id": f"koha-{number}", "when": when, "to": bins[bin]})
    return Imported(tuple(rules), bins, tuple(warnings), tuple(alike))


def as_toml(imported: Imported) -> str:
    """What a planner goes on from: bins and rules of a plan, and what to look at in remarks before them."""
    return "\n".join(_lines(imported))


def _lines(imported: Imported) -> Iterator[str]:
    yield "# From Koha's sort bin lines. Bins need their numbers, and rules for staff before these."
    for kind, remarks in (("not taken over", imported.warnings), ("alike", imported.alike)):
        for remark in remarks:
            yield f"# {kind}: {''.join(c if c.isprintable() else '?' for c in remark)}"
    yield from ("", "[bins]")
    for n, (bin, name) in enumerate(imported.bins.items(), 1):
        yield f"{name} = {_inline({'number': n, 'name': bin})}"
    for rule in imported.rules:
        yield from ("", "[[rules]]")
        yield from (f"{key} = {_inline(value)}" for key, value in rule.items())


def _inline(value: object) -> str:
    """A value as TOML writes it within a line."""
    match value:
        case dict():
            return (
                "{ " + ", ".join(f"{key} = {_inline(inner)}" for key, inner in value.items()) + " }"
            )
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return str(value)


def _name(bin: str, taken: set[str]) -> str:
    """What Koha's bin is called in a plan where others have their names already."""
    name = "koha-" + (spelled(bin) or "bin")
    more = (f"{name}-{n}" for n in range(2, len(taken) + 3))
    return next(one for one in (name, *more) if one not in taken)


def _rule(line: str) -> tuple[dict[str, Any], str]:
    parts = [part.strip() for part in line.split(":")]
    if len(parts) < 5 or len(parts) % 3 != 2 or not parts[0] or not parts[-1]:
        raise ValueError("not branch:field:comparison:value:bin")
    branch, *conditions, bin = parts
    when: dict[str, Any] = {"branch": branch}
    for field, compare, value in zip(*[iter(conditions)] * 3, strict=True):
        ours = FIELDS.get(field)
        if ours is None:
            raise ValueError(f"{field} is not told to a belt")
        name, operand = _comparison(compare, value)
        told = when.setdefault(ours, {})
        if not isinstance(told, dict) or name in told:
            raise ValueError(f"{field} is compared twice in one way")
        told[name] = operand
    return when, bin


def _comparison(compare: str, value: str) -> tuple[str, Any]:
    if compare in _TEXT:
        if value.startswith("$"):
            other = FIELDS.get(value[1:])
            if other is None:
                raise ValueError(f"{value[1:]} is not told to a belt")
            return _TEXT[compare], f"${other}"
        return _TEXT[compare], value
    if compare in _NUMBER:
        try:
            return _NUMBER[compare], float(value)
        except ValueError:
            raise ValueError(f"{value!r} is no number") from None
    raise ValueError(f"{compare!r} is no comparison")
