"""A sort plan as it stands in its file: bins, maps, rules. First match wins; the last rule asks nothing.

A condition is a value, a list of values, or a table of comparisons that must all hold::

    when = { alert = ["02", "04"], destination = { in_map = "routes" } }, to = "$destination"

`$field` in `to` is the bin that the field's `in_map` gives. `<` and its like compare numbers; a value that begins
with `$` in `eq` or `ne` is that field of the item. "own" in a list of owners stands for the plan's own libraries.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from sorter.ims.routes import Branch, Exchange, Network


def _named(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise ValueError("is a name of small letters a to z, digits and -, at most 40 of them")
    return name


Name = Annotated[str, AfterValidator(_named)]


class Part(BaseModel):
    """Frozen; a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Number = Annotated[float, Field(strict=True)]
"""Neither true nor text."""


class Compare(Part):
    """Comparisons of one field; all that are given must hold."""

    in_: tuple[str, ...] | None = Field(default=None, alias="in")
    not_in: tuple[str, ...] | None = None
    eq: str | None = None
    ne: str | None = None
    prefix: str | None = None
    contains: str | None = None
    lt: Number | None = None
    le: Number | None = None
    gt: Number | None = None
    ge: Number | None = None
    in_map: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _knows_its_words(cls, given: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [name for name in given if name not in known] if isinstance(given, dict) else []
        if unknown:
            raise ValueError(
                f"there is no comparison {unknown[0]!r}; there are: {', '.join(known)}"
            )
        return given

    @model_validator(mode="after")
    def _asks_something(self) -> "Compare":
        if not self.given:
            raise ValueError("compares with nothing")
        return self

    @cached_property
    def given(self) -> Mapping[str, Any]:
        """The comparisons by name."""
        return {
            name: value
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
        }


def _kind(given: Any) -> str:
    """What a condition is, so that only what is wrong with that is told."""
    match given:
        case bool():
            return "flag"
        case int():
            return "number"
        case list() | tuple():
            return "list"
        case dict() | Compare():
            return "comparison"
        case _:
            return "text"


LARGEST = 1_000_000_000
"""That a rule compares with: no millimetre and no part of a set is so large."""
Condition = bool | int | str | tuple[str, ...] | Compare
_Condition = Annotated[
    Annotated[bool, Tag("flag")]
    | Annotated[int, Field(ge=-LARGEST, le=LARGEST), Tag("number")]
    | Annotated[str, Tag("text")]
    | Annotated[tuple[str, ...], Tag("list")]
    | Annotated[Compare, Tag("comparison")],
    Discriminator(_kind),
]


class Bin(Part):
    """A bin at its divert."""

    number: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    kind: Literal["shelf", "hold", "transit", "ill", "overflow", "exception"] = "shelf"
    """What stands in it may go to: the shelves here, the hold shelf, a branch, another library, anybody, staff."""
    name: str = ""
    side: Literal["left", "right"] | None = None
    """Of the belt, seen in the direction of travel; not given: odd numbers left, even ones right."""
    told_as: Annotated[str, Field(max_length=60)] = ""
    """What the library system is told of an item that lies in it, where it is told; else as the station file says."""
    capacity: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None
    """Items that a crate takes; the panel shows the level by it."""


class Rule(Part):
    """One rule."""

    id: Name
    when: dict[str, _Condition] = {}
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
