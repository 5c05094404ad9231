"""Which rules of a plan are never reached, since an earlier one takes all that they would. Pure.

A set of rules is one whole number, bit n for rule n. For each input the rules that ask it are indexed by what they ask, so
that those that ask no more than a given rule are found without comparing it with each of them.
"""

from collections import defaultdict
from collections.abc import Iterator

from sorter.plan.decide import OWN
from sorter.plan.plan import Compare, Condition, Plan

BY_VALUE = frozenset({"prefix", "not_in", "ne"})
"""Comparisons that a known value meets or does not, whatever else the item is."""


def unreachable(plan: Plan) -> Iterator[tuple[int, int]]:
    """Each rule that is never reached, and the first that takes all that it would; by their places in the plan."""
    takers = [(1 << n) - 1 for n in range(len(plan.rules))]
    for field in dict.fromkeys(field for rule in plan.rules for field in rule.when):
        asked = _Asked(plan, field)
        takers = [
            taker and taker & asked.no_narrower(rule.when.get(field))
            for taker, rule in zip(takers, plan.rules, strict=True)
        ]
    for n, taker in enumerate(takers):
        if taker:
            yield n, (taker & -taker).bit_length() - 1


def values_of(plan: Plan, field: str, condition: Condition) -> frozenset[object] | None:
    """All values that meet a condition, if they can be listed."""
    match condition:
        case Compare():
            if condition.given.keys() == {"in_map"}:
                return frozenset(plan.maps[condition.in_map or ""])
            if condition.given.keys() == {"in_"}:
                return _words(plan, field, condition.in_ or ())
            return None
        case tuple():
            return _words(plan, field, condition)
        case _:
            return _words(plan, field, (condition,))


def _words(plan: Plan, field: str, listed: tuple[object, ...]) -> frozenset[object]:
    own = plan.own if field == "owner_isil" else (OWN,)
    return frozenset(word for value in listed for word in (own if value == OWN else (value,)))


class _Asked:
    """The rules of a plan by what they ask of one input."""

    def __init__(self, plan: Plan, field: str) -> None:
        asking: dict[Condition, int] = defaultdict(int)
        for n, rule in enumerate(plan.rules):
            if field in rule.when:
                asking[rule.when[field]] |= 1 << n
        self._free = (1 << len(plan.rules)) - 1 & ~sum(asking.values())
        """Rules that do not ask it."""
        self._values = {one: values_of(plan, field, one) for one in asking}
        self._listed = 0
        """Rules whose values can be listed."""
        self._with: dict[object, int] = {}
        """Those by each value."""
        self._compared = 0
        self._comparing: dict[str, int] = defaultdict(int)
        """Rules that compare, all and by the name of each comparison."""
        self._same: dict[tuple[str, object], int] = defaultdict(int)
        """Those by name and operand."""
        self._by_value = 0
        """Rules that only compare so that a known value meets them or does not."""
        self._barring: dict[object, int] = defaultdict(int)
        """Those by each value that they do not take."""
        self._beginning: dict[str, int] = defaultdict(int)
        """Those by the prefix that they ask."""
        self._prefixed = self._only_prefix = 0
        """Those that ask a prefix, and nothing else."""
        for one, rules in asking.items():
            values = self._values[one]
            if values is not None:
                self._listed |= rules
                for value in values:  # one that stands in one list only shares that list's number
                    known = self._with.get(value)
                    self._with[value] = rules if known is None else known | rules
            if isinstance(one, Compare):
                self._compare(plan, field, one, rules)
        self._lengths = sorted({len(prefix) for prefix in self._beginning})
        self._wider: dict[Condition, int] = {}

    def _compare(self, plan: Plan, field: str, one: Compare, rules: int) -> None:
        self._compared |= rules
        for name, operand in one.given.items():
            self._comparing[name] |= rules
            self._same[name, operand] |= rules
        another = one.ne is not None and one.ne.startswith("$")
        if not one.given.keys() <= BY_VALUE or another:
            return
        self._by_value |= rules
        barred = _words(plan, field, one.not_in or ())
        for value in barred if one.ne is None else barred | {one.ne}:
            self._barring[value] |= rules
        if one.prefix is not None:
            self._beginning[one.prefix] |= rules
            self._prefixed |= rules
            if one.given.keys() == {"prefix"}:
                self._only_prefix |= rules

    def no_narrower(self, condition: Condition | None) -> int:
        """Rules that take whatever meets a condition of one of them, as far as this input goes."""
        if condition is None:
            return self._free
        if condition not in self._wider:
            self._wider[condition] = self._free | self._implied(condition)
        return self._wider[condition]

    def _implied(self, narrow: Condition) -> int:
        values = self._values[narrow]
        if values is not None:
            return self._all_with(values) | self._all_taking(values)
        if not isinstance(narrow, Compare):
            return 0
        wide = self._compared
        for name, rules in self._comparing.items():
            operand = narrow.given.get(name)
            same = 0 if operand is None else self._same.get((name, operand), 0)
            wide &= ~rules | same
        if narrow.prefix is not None:
            wide |= self._begun(narrow.prefix) & self._only_prefix
        return wide

    def _all_with(self, values: frozenset[object]) -> int:
        """Rules that list all of these."""
        wide = self._listed
        for value in values:
            if not wide:
                break
            wide &= self._with[value]
        return wide

    def _all_taking(self, values: frozenset[object]) -> int:
        """Rules that compare, and take each of these."""
        wide = self._by_value
        for value in values:
            if not wide:
                break
            wide &= ~self._barring.get(value, 0) & (~self._prefixed | self._begun(str(value)))
        return wide

    def _begun(self, word: str) -> int:
        """Rules that ask how this word begins."""
        found = 0
        for length in self._lengths:
            if length > len(word):
                break
            found |= self._beginning.get(word[:length], 0)
        return found
