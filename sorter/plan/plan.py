"""A sort plan as it stands in its file: bins, maps, rules. First match wins; the last rule asks nothing.

A condition is a value, a list of values, or a table of comparisons that must all hold::

    when = { alert = ["02", "04"], destination = { in_map = "routes" } }, to = "$destination"

`$field` in `to` is the bin that the field's `in_map` gives. `<` and its like compare numbers; a value that begins
with `$` in `eq` or `ne` is that field of the item. "own" in a list of owners stands for the plan's own libraries.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.load import ConfigInvalid, Problem, document
from sorter.ims.routes import Branch, Exchange, Network
from sorter.plan.facts import CHOICES, FLAGS, NUMBERS, TEXTS

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Part(BaseModel):
    """Frozen; a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Compare(Part):
    """Comparisons of one field; all that are given must hold."""

    in_: tuple[str, ...] | None = Field(default=None, alias="in")
    not_in: tuple[str, ...] | None = None
    eq: str | None = None
    ne: str | None = None
    prefix: str | None = None
    contains: str | None = None
    lt: float | None = None
    le: float | None = None
    gt: float | None = None
    ge: float | None = None
    in_map: str | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> "Compare":
        if not self.given:
            raise ValueError("compares with nothing")
        return self

    @property
    def given(self) -> Mapping[str, Any]:
        """The comparisons by name."""
        return {
            name: value
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
        }


Condition = bool | int | str | tuple[str, ...] | Compare


class Bin(Part):
    """A bin at its divert."""

    number: Annotated[int, Field(ge=1)]
    kind: Literal["shelf", "hold", "transit", "ill", "overflow", "exception"] = "shelf"
    """What stands in it may go to: the shelves here, the hold shelf, a branch, another library, anybody, staff."""
    name: str = ""
    side: Literal["left", "right"] | None = None
    """Of the belt, seen in the direction of travel; not given: odd numbers left, even ones right."""
    capacity: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Items that a crate takes; the panel shows the level by it."""


class Rule(Part):
    """One rule."""

    id: Name
    when: dict[str, Condition] = {}
    to: str
    else_: tuple[str, ...] = Field(default=(), alias="else")
    slip: Literal["hold", "reason", "transit"] | None = None


class BranchTable(Part):
    """One branch of the exchange; the name of its table is its name on crates and panels."""

    codes: tuple[str, ...] = ()
    """What the library system calls it, beside its name."""
    plant: bool = False
    """It has a sorting plant of its own."""


class ExchangeTable(Part):
    """How branches exchange materials, as this plant sees it. It gives each item its `next_stop` and its `sort`."""

    kind: Exchange = Exchange.DIRECT
    """direct: each branch sends to each; central: all by one sorting branch."""
    here: str
    """The branch at which this plant stands."""
    central: str = ""
    branches: dict[str, BranchTable]

    @cached_property
    def network(self) -> Network:
        """The branches and how they exchange. Raises ValueError."""
        branches = {name: Branch(name, table.plant) for name, table in self.branches.items()}
        return Network(branches, self.kind, self.central)

    def branch_of(self, destination: str) -> str:
        """The branch that the library system means; empty for none of these."""
        for name, table in self.branches.items():
            if destination == name or destination in table.codes:
                return name
        return ""


class Plan(Part):
    """A plan. `chain` holds for every rule: its own bins, then overflow, then exception."""

    schema_version: Literal[1] = 1
    profile: Name
    own: tuple[str, ...] = ()
    """ISIL of the libraries that are ours."""
    exception: str = "exception"
    overflow: str | None = None
    bins: dict[str, Bin]
    maps: dict[str, dict[str, str]] = {}
    exchange: ExchangeTable | None = None
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> "Plan":
        wrong = list(_faults(self))
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def table_of(self, rule: Rule, field: str) -> Mapping[str, str]:
        """The map through which a rule looks at `field`; empty where it does not."""
        condition = rule.when.get(field)
        name = condition.in_map if isinstance(condition, Compare) else None
        return self.maps.get(name, {}) if name is not None else {}

    def chain(self, rule: Rule, target: str) -> tuple[str, ...]:
        """The bins that an item may go into by this rule, best first; each stands once."""
        if target == self.exception:
            return (self.exception,)
        rest = (self.overflow,) if self.overflow else ()
        return tuple(dict.fromkeys((target, *rule.else_, *rest, self.exception)))


def _faults(plan: Plan) -> list[str]:
    """Everything that makes a plan no plan, in words that name the rule."""
    wrong: list[str] = []
    numbers = [bin.number for bin in plan.bins.values()]
    if len(set(numbers)) != len(numbers):
        wrong.append("two bins have one number")
    for use, name in (("exception", plan.exception), ("overflow", plan.overflow)):
        if name is not None and name not in plan.bins:
            wrong.append(f"{use}: no bin {name!r}")
    for name, table in plan.maps.items():
        wrong += [f"map {name}: no bin {bin!r}" for bin in table.values() if bin not in plan.bins]
    wrong += _exchange_faults(plan.exchange) if plan.exchange is not None else []
    if not plan.rules or plan.rules[-1].when:
        wrong.append("the last rule must ask nothing, so that every item has a bin")
    seen: set[str] = set()
    for rule in plan.rules:
        if rule.id in seen:
            wrong.append(f"rule {rule.id}: its id stands twice")
        seen.add(rule.id)
        wrong += [f"rule {rule.id}: {what}" for what in _rule_faults(plan, rule)]
    return wrong


def _exchange_faults(exchange: ExchangeTable) -> list[str]:
    wrong = []
    if exchange.here not in exchange.branches:
        wrong.append(f"exchange: here is {exchange.here!r}, which is no branch of it")
    elif not exchange.branches[exchange.here].plant:
        wrong.append(f"exchange: {exchange.here!r} has this plant, and says plant = false")
    try:
        exchange.network  # noqa: B018 - it says what is wrong with it
    except ValueError as error:
        wrong.append(f"exchange: {error}")
    names = [n for name, table in exchange.branches.items() for n in (name, *table.codes)]
    twice = sorted({name for name in names if names.count(name) > 1})
    return wrong + [f"exchange: two branches are called {name!r}" for name in twice]


def _rule_faults(plan: Plan, rule: Rule) -> list[str]:
    wrong: list[str] = []
    for field, condition in rule.when.items():
        wrong += _condition_faults(plan, field, condition)
    if rule.to.startswith("$"):
        of = rule.when.get(rule.to[1:])
        if not (isinstance(of, Compare) and of.in_map):
            wrong.append(f"to {rule.to!r}: {rule.to[1:]} has no in_map in this rule")
    elif rule.to not in plan.bins:
        wrong.append(f"no bin {rule.to!r}")
    return wrong + [f"else: no bin {bin!r}" for bin in rule.else_ if bin not in plan.bins]


def _condition_faults(plan: Plan, field: str, condition: Condition) -> list[str]:
    if field in FLAGS:
        return [] if isinstance(condition, bool) else [f"{field} is true or false"]
    if field in NUMBERS:
        orders = isinstance(condition, Compare) and set(condition.given) <= {"lt", "le", "gt", "ge"}
        number = isinstance(condition, int) and not isinstance(condition, bool)
        return [] if number or orders else [f"{field} is a number, or lt, le, gt, ge of one"]
    if field not in TEXTS:
        known = ", ".join(sorted(TEXTS | FLAGS | NUMBERS))
        return [f"there is no {field!r}; there are: {known}"]
    if isinstance(condition, bool | int):
        return [f"{field} is a text"]
    if isinstance(condition, Compare):
        wrong = []
        if condition.in_map is not None and condition.in_map not in plan.maps:
            wrong.append(f"{field}: no map {condition.in_map!r}")
        for operand in (condition.eq, condition.ne):
            if operand and operand.startswith("$") and operand[1:] not in TEXTS:
                wrong.append(f"{field}: there is no {operand[1:]!r} to compare with")
        return wrong + _choice_faults(field, (condition.in_ or ()) + (condition.not_in or ()))
    return _choice_faults(field, (condition,) if isinstance(condition, str) else condition)


def _choice_faults(field: str, values: tuple[str, ...]) -> list[str]:
    words = CHOICES.get(field)
    if words is None:
        return []
    return [
        f"{field} is never {v!r}; it is {', '.join(sorted(words))}"
        for v in values
        if v not in words
    ]


def load_plan(file: Path) -> Plan:
    """Read a plan. Raises ConfigInvalid with every problem, each with file, line and column."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid([Problem.at_start(str(file), f"cannot be read: {error}")]) from error
    return plan_of(text, str(file))


def plan_of(toml: str, file: str = "plan.toml") -> Plan:
    """The same from text."""
    return document(toml, file, Plan)
