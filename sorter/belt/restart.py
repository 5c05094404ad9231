"""The line as it is taken up again after a restart, from what the store remembers."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from drivers.ports import Online
from sorter.belt.items import ItemState
from sorter.belt.line import Counts, Line
from sorter.belt.records import Remembered
from sorter.belt.replan import renamed
from sorter.plan.decide import Decider


def line_as_left(decide: Decider, found: Remembered, called: Mapping[str, int]) -> Line:
    """The line as an earlier run left it. Counts begin anew, with what is on the belt.

    `called`: numbers of bins by the names that items carry, where the plan was another one then.
    """
    stored = found.bins or {}
    fresh = Line.by(decide)
    bins = {name: stored.get(name, use) for name, use in fresh.bins.items()}
    names = {use.number: name for name, use in bins.items()}
    now = {old: names.get(number) for old, number in called.items()} or {n: n for n in bins}
    items = {
        item.tid: replace(item, state=ItemState.DECIDED) if _unsure(item.state) else item
        for item in (renamed(item, now) for item in found.items)
    }
    decided = (item for item in items.values() if item.state is ItemState.DECIDED)
    return replace(
        fresh,
        bins=MappingProxyType(bins),
        info=found.info,
        library=Online.UNKNOWN,
        items=MappingProxyType(items),
        number=found.number,
        heard=found.taken,
        durable=found.taken,
        owed=frozenset(item.number for item in decided),
        counts=Counts(inducted=len(items)),
        doubted=found.doubted,
        purged=found.purged,
    )


def _unsure(state: ItemState) -> bool:
    """A destination that the belt said to know: it is sent once more when nothing waits, which does no harm."""
    return state is ItemState.SENT
