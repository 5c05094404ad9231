"""One pure decision: facts of an item and bins that can take something, to a bin, its alternates, and why.

Total and deterministic. Never a bin that is full, out or switched off: then the next of the rule's chain, and when no
bin is left the decision has none and the line holds.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sorter.plan.facts import Facts
from sorter.plan.plan import Compare, Condition, Plan, Rule
from sorter.plan.routed import routed

OWN = "own"

Test = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Decision:
    """Where an item goes, and by which rule."""

    bin: str | None
    """None when no bin of the chain can take anything."""
    alternates: tuple[str, ...]
    """The bins after it in the chain that can take something now."""
    wanted: str
    """The first bin of the chain, whether it can be used or not."""
    rule: str
    slip: str | None = None
    plan: str = ""
    """Fingerprint of the plan that holds the rule; empty for one that stands in no file."""


class Decider:
    """A plan made ready: each rule's conditions once, so that a decision is a walk down the rules."""

    def __init__(self, plan: Plan, fingerprint: str = "") -> None:
        self.plan = plan
        self.fingerprint = fingerprint
        self._rules = tuple(
            (rule, tuple(tests_of(plan, rule)), self._targets(rule)) for rule in plan.rules
        )

    @property
    def name(self) -> str:
        """As a person reads it: the plan's own name, and the beginning of its fingerprint."""
        return f"{self.plan.profile} {self.fingerprint[:8]}".strip()

    def __call__(self, facts: Facts, usable: Collection[str]) -> Decision:
        """The decision for one item; `usable` are the bins that can take something."""
        facts = self.known(facts)
        for rule, tests, target in self._rules:
            if all(test(facts) for test in tests):
                return self._by(rule, target(facts), usable)
        raise AssertionError("the last rule of a plan asks nothing")

    def known(self, facts: Facts) -> Facts:
        """All that the rules may look at: with what the plan's exchange makes of the destination."""
        return routed(self.plan, facts)

    def _by(self, rule: Rule, target: str, usable: Collection[str]) -> Decision:
        chain = self.plan.chain(rule, target)
        left = [bin for bin in chain if bin in usable]
        return Decision(
            bin=left[0] if left else None,
            alternates=tuple(left[1:]),
            wanted=target,
            rule=rule.id,
            slip=rule.slip,
            plan=self.fingerprint,
        )

    def _targets(self, rule: Rule) -> Callable[[Facts], str]:
        if not rule.to.startswith("$"):
            return lambda _facts: rule.to
        field = rule.to[1:]
        table = self.plan.table_of(rule, field)
        return lambda facts: table[str(getattr(facts, field))]


def tests_of(plan: Plan, rule: Rule) -> list[Test]:
    """The conditions of a rule as tests of facts."""
    return [
        test for field, condition in rule.when.items() for test in as_tests(plan, field, condition)
    ]


def as_tests(plan: Plan, field: str, condition: Condition) -> list[Test]:
    """One condition as tests of facts."""
    match condition:
        case Compare():
            given = condition.given.items()
            return [_compare(plan, field, name, value) for name, value in given]
        case bool() | int():
            return [lambda facts: bool(getattr(facts, field) == condition)]
        case str():
            return [_among(plan, field, (condition,))]
        case _:
            return [_among(plan, field, condition)]


def _among(plan: Plan, field: str, values: tuple[str, ...]) -> Test:
    words = frozenset(
        w for v in values for w in (plan.own if field == "owner_isil" and v == OWN else (v,))
    )
    return lambda facts: getattr(facts, field) in words


def _compare(plan: Plan, field: str, name: str, value: object) -> Test:
    match name, value:
        case "in_", tuple():
            return _among(plan, field, value)
        case "not_in", tuple():
            among = _among(plan, field, value)
            return lambda facts: not among(facts)
        case "eq" | "ne", str():
            return _equal(field, value, wanted=name == "eq")
        case "prefix", str():
            return lambda facts: str(getattr(facts, field)).startswith(value)
        case "contains", str():
            return lambda facts: value in getattr(facts, field)
        case "in_map", str():
            table = plan.maps[value]
            return lambda facts: getattr(facts, field) in table
        case _:
            return _ordered(field, name, float(str(value)))


def _equal(field: str, value: str, *, wanted: bool) -> Test:
    if value.startswith("$"):
        other = value[1:]
        return lambda facts: (getattr(facts, field) == getattr(facts, other)) is wanted
    return lambda facts: (getattr(facts, field) == value) is wanted


def number_of(value: object) -> float | None:
    """The number at the start of a text such as "61.3 Hansen", as Perl and so Koha read it; None without one."""
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    end = 0
    while end < len(text) and (
        text[end].isdecimal() or (text[end] == "." and "." not in text[:end])
    ):
        end += 1
    digits = text[:end].rstrip(".")
    return float(digits) if digits and digits != "." else None


def _ordered(field: str, name: str, limit: float) -> Test:
    orders: dict[str, Callable[[float], bool]] = {
        "lt": lambda n: n < limit,
        "le": lambda n: n <= limit,
        "gt": lambda n: n > limit,
        "ge": lambda n: n >= limit,
    }
    order = orders[name]

    def test(facts: Facts) -> bool:
        number = number_of(getattr(facts, field))
        return number is not None and order(number)

    return test
