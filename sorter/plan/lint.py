"""What is wrong with a plan that is a plan: rules that are never reached, items that would go where they must not.

A rule is unreachable when an earlier one matches whatever it matches. What must not happen is looked for with facts
that are known of an item and everything else left open: if any rule that could match puts it where a person would
take it for good, the plan is at fault, however unlikely the rest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from config.load import KeyPath
from config.texts import Text, text
from sorter.plan.decide import as_tests
from sorter.plan.facts import Facts, Library, Tags
from sorter.plan.plan import Compare, Plan, Rule
from sorter.plan.reach import unreachable, values_of


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
    """Every finding, in the order of the rules. In time by the plan's size, since a line waits for it that starts."""
    ways = _Ways(plan)
    return (
        *_unreachable(plan),
        *_misplaced(plan, ways),
        *_needless(plan, ways),
        *_unled(plan),
        *_unused(plan, ways),
    )


def fit(plan: Plan) -> bool:
    """Whether a belt may run by it."""
    return all(finding.severity != "error" for finding in lint(plan))


def _unreachable(plan: Plan) -> Iterator[Finding]:
    for n, first in unreachable(plan):
        rule, earlier = plan.rules[n], plan.rules[first]
        what = f"is never reached: {earlier.id} takes all that it would"
        said = text("plan.fault.unreachable", rule=rule.id, earlier=earlier.id)
        yield Finding("error", rule.id, what, ("rules", n), said)


class _Ways:
    """Where the rules of a plan can put what they match; the bins of each map are gone through once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._mapped = {name: _once(table.values()) for name, table in plan.maps.items()}
        self._good = {
            name for name, bins in self._mapped.items() if any(map(self._takes_for_good, bins))
        }

    def any_good(self, rule: Rule) -> bool:
        """Whether it can put something where it is taken for good."""
        return self._map_of(rule) in self._good or any(map(self._takes_for_good, self._some(rule)))

    def good(self, rule: Rule) -> list[str]:
        """All bins for that."""
        every = _once(b for one in self.firsts(rule) for b in self._plan.chain(rule, one))
        return [bin for bin in every if self._takes_for_good(bin)]

    def used(self) -> set[str]:
        """The bins that any rule can use."""
        rules = self._plan.rules
        maps = {name for rule in rules if (name := self._map_of(rule)) is not None}
        mapped = (bin for name in maps for bin in self._mapped[name])
        return {*mapped, *(bin for rule in rules for bin in self._some(rule))}

    def firsts(self, rule: Rule) -> tuple[str, ...]:
        """The bins that it would use first; several where a map gives them."""
        name = self._map_of(rule)
        return (rule.to,) if name is None else self._mapped[name]

    def _some(self, rule: Rule) -> Iterator[str]:
        """Two of its first bins with all that come after: one at least is not exception, if any is not."""
        return (b for first in self.firsts(rule)[:2] for b in self._plan.chain(rule, first))

    def _map_of(self, rule: Rule) -> str | None:
        condition = rule.when.get(rule.to[1:]) if rule.to.startswith("$") else None
        return condition.in_map if isinstance(condition, Compare) else None

    def _takes_for_good(self, bin: str) -> bool:
        return self._plan.bins[bin].kind in GOOD


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _misplaced(plan: Plan, ways: _Ways) -> Iterator[Finding]:
    for name, whose, known in FORBIDDEN:
        for n, rule in enumerate(plan.rules):
            verdict = _verdict(plan, rule, known)
            if verdict == "never":
                continue
            if ways.any_good(rule):
                bad = ways.good(rule)
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


def _needless(plan: Plan, ways: _Ways) -> Iterator[Finding]:
    """Alternates that change nothing."""
    for n, rule in enumerate(plan.rules):
        firsts, seen = ways.firsts(rule), set[str]()
        for bin in rule.else_:
            what = ""
            if firsts == (plan.exception,):
                what = f"else is never used: {plan.exception} has no alternate"
            elif firsts == (bin,):
                what = f"else names {bin}, which is its own bin: name another, or take it out"
            elif bin in seen:
                what = f"else names {bin} twice: take one out"
            if what:
                yield Finding("warning", rule.id, what, ("rules", n, "else"))
                break
            seen.add(bin)


def _verdict(plan: Plan, rule: Rule, known: Mapping[str, object]) -> str:
    """Whether a rule matches every item of which `known` holds, none of them, or some."""
    facts = replace(Facts(), **known)  # type: ignore[arg-type]
    verdict = "always"
    for field, condition in rule.when.items():
        if field not in known:
            verdict = "maybe" if verdict == "always" else verdict
            continue
        if not all(test(facts) for test in as_tests(plan, field, condition)):
            return "never"
    return verdict


def _unled(plan: Plan) -> Iterator[Finding]:
    """Branches of the exchange whose items no rule takes to a bin of their next stop."""
    exchange = plan.exchange
    if exchange is None:
        return
    network, led = exchange.network, set[object]()
    for condition in {rule.when["next_stop"] for rule in plan.rules if "next_stop" in rule.when}:
        led |= values_of(plan, "next_stop", condition) or set()
    for name in exchange.branches:
        stop = network.next_stop(exchange.here, name)
        if stop and stop not in led:
            what = f"nothing leads to {name}: no rule names its next stop {stop}"
            yield Finding("warning", "", what, ("exchange", "branches", name))


def _unused(plan: Plan, ways: _Ways) -> Iterator[Finding]:
    used = ways.used()
    for name in plan.bins:
        if name not in used:
            yield Finding("warning", "", f"bin {name} is never used", ("bins", name))
    mapped = {
        c.in_map for r in plan.rules for c in r.when.values() if isinstance(c, Compare) and c.in_map
    }
    for name in plan.maps:
        if name not in mapped:
            yield Finding("warning", "", f"map {name} is never used", ("maps", name))
