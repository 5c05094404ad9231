"""What is wrong with a plan that is a plan: rules that are never reached, items that would go where they must not.

A rule is unreachable when an earlier one matches whatever it matches. What must not happen is looked for with facts
that are known of an item and everything else left open: if any rule that could match puts it where a person would
take it for good, the plan is at fault, however unlikely the rest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from config.load import KeyPath
from config.texts import Text, text
from sorter.plan.decide import OWN, tests_of
from sorter.plan.facts import Facts, Library, Tags
from sorter.plan.plan import Compare, Condition, Plan, Rule


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a plan: an error makes it unfit to run."""

    severity: Literal["error", "warning"]
    rule: str
    """Id of the rule; empty for the plan as a whole."""
    what: str
    at: KeyPath
    """The key that it is about."""
    said: Text | None = None
    """The same in words by key; an error always has them."""

    @property
    def words(self) -> str:
        """What, with the rule it is about."""
        return f"rule {self.rule}: {self.what}" if self.rule else self.what


FORBIDDEN: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    ("no_tag", "an item without a tag", {"tags": Tags.NONE}),
    ("conflict", "an item whose tags conflict", {"tags": Tags.CONFLICTING}),
    ("incomplete", "a set that is not whole", {"tags": Tags.INCOMPLETE}),
    ("not_armed", "an item that is not armed", {"armed": False}),
    ("refused", "an item that the library system did not take back", {"ok": False, "library": Library.ANSWERED}),
    ("late", "an item without an answer", {"library": Library.LATE}),
)  # fmt: skip
"""Word for it, the same in English, and known facts of items that may never lie where a person takes them for good."""
GOOD = frozenset({"shelf", "hold", "transit"})
"""Kinds of bin whose items are taken for good."""


def lint(plan: Plan) -> tuple[Finding, ...]:
    """Every finding, in the order of the rules."""
    return (*_unreachable(plan), *_misplaced(plan), *_unled(plan), *_unused(plan))


def fit(plan: Plan) -> bool:
    """Whether a belt may run by it."""
    return all(finding.severity != "error" for finding in lint(plan))


def _unreachable(plan: Plan) -> Iterator[Finding]:
    for n, rule in enumerate(plan.rules):
        for earlier in plan.rules[:n]:
            if _covers(plan, earlier, rule):
                what = f"is never reached: {earlier.id} takes all that it would"
                said = text("plan.fault.unreachable", rule=rule.id, earlier=earlier.id)
                yield Finding("error", rule.id, what, ("rules", n), said)
                break


def _covers(plan: Plan, wide: Rule, narrow: Rule) -> bool:
    return all(
        field in narrow.when and _implies(plan, field, narrow.when[field], condition)
        for field, condition in wide.when.items()
    )


def _implies(plan: Plan, field: str, narrow: Condition, wide: Condition) -> bool:
    """Whether whatever meets `narrow` meets `wide`; False where that cannot be told."""
    if narrow == wide:
        return True
    few, many = _values(plan, field, narrow), _values(plan, field, wide)
    if few is not None and many is not None:
        return few <= many
    if (
        few is not None
        and isinstance(wide, Compare)
        and set(wide.given) <= {"prefix", "not_in", "ne"}
    ):
        rule = Rule(id="x", when={field: wide}, to=plan.exception)
        tests = tests_of(plan, rule)
        return all(test(_with({field: value})) for value in few for test in tests)
    if isinstance(narrow, Compare) and isinstance(wide, Compare):
        if narrow.prefix is not None and set(wide.given) == {"prefix"}:
            return narrow.prefix.startswith(wide.prefix or "")
        shared = {k: v for k, v in narrow.given.items() if k in wide.given}
        return shared == dict(wide.given)
    return False


def _with(known: Mapping[str, object]) -> Facts:
    return replace(Facts(), **known)  # type: ignore[arg-type]


def _values(plan: Plan, field: str, condition: Condition) -> frozenset[object] | None:
    """All values that meet a condition, if they can be listed."""
    listed: tuple[object, ...]
    match condition:
        case Compare():
            given = condition.given
            if set(given) == {"in_map"}:
                return frozenset(plan.maps[condition.in_map or ""])
            if set(given) == {"in_"}:
                return frozenset(condition.in_ or ())
            return None
        case tuple():
            listed = condition
        case _:
            listed = (condition,)
    own = plan.own if field == "owner_isil" else ()
    return frozenset(word for value in listed for word in (own if value == OWN else (value,)))


def _misplaced(plan: Plan) -> Iterator[Finding]:
    for name, whose, known in FORBIDDEN:
        for n, rule in enumerate(plan.rules):
            verdict = _verdict(plan, rule, known)
            if verdict == "never":
                continue
            bad = [b for b in _targets(plan, rule) if plan.bins[b].kind in GOOD]
            if bad:
                what = f"can put {whose} into {', '.join(bad)}"
                said = text(
                    "plan.fault.misplaced",
                    rule=rule.id,
                    whose=text(f"plan.whose.{name}"),
                    bins=bad[0] if len(bad) == 1 else f"{bad[0]} …",
                )
                yield Finding("error", rule.id, what, ("rules", n), said)
                break
            if verdict == "always":
                break


def _targets(plan: Plan, rule: Rule) -> tuple[str, ...]:
    if rule.to.startswith("$"):
        firsts = tuple(plan.table_of(rule, rule.to[1:]).values())
    else:
        firsts = (rule.to,)
    return tuple(dict.fromkeys(b for first in firsts for b in plan.chain(rule, first)))


def _verdict(plan: Plan, rule: Rule, known: Mapping[str, object]) -> str:
    """Whether a rule matches every item of which `known` holds, none of them, or some."""
    facts = _with(known)
    verdict = "always"
    for field, condition in rule.when.items():
        if field not in known:
            verdict = "maybe" if verdict == "always" else verdict
            continue
        one = Rule(id="x", when={field: condition}, to=plan.exception)
        if not all(test(facts) for test in tests_of(plan, one)):
            return "never"
    return verdict


def _unled(plan: Plan) -> Iterator[Finding]:
    """Branches of the exchange whose items no rule takes to a bin of their next stop."""
    exchange = plan.exchange
    if exchange is None:
        return
    network, led = exchange.network, set[object]()
    for rule in plan.rules:
        condition = rule.when.get("next_stop")
        led |= (_values(plan, "next_stop", condition) or set()) if condition is not None else set()
    for name in exchange.branches:
        stop = network.next_stop(exchange.here, name)
        if stop and stop not in led:
            what = f"nothing leads to {name}: no rule names its next stop {stop}"
            yield Finding("warning", "", what, ("exchange", "branches", name))


def _unused(plan: Plan) -> Iterator[Finding]:
    used = {bin for rule in plan.rules for bin in _targets(plan, rule)}
    for name in plan.bins:
        if name not in used:
            yield Finding("warning", "", f"bin {name} is never used", ("bins", name))
    mapped = {
        c.in_map for r in plan.rules for c in r.when.values() if isinstance(c, Compare) and c.in_map
    }
    for name in plan.maps:
        if name not in mapped:
            yield Finding("warning", "", f"map {name} is never used", ("maps", name))
