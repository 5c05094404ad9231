"""From one edition of the sort plan to the next while items are on the belt: what stands at a divert stays what it is.

A bin is its number at the belt, whatever a plan calls it: crate, count and what may be used go with the number. An item
that was decided about keeps its bin under its new name; one whose bin is in the plan no more has none, and is decided
about anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sorter.belt.items import Tracked
from sorter.belt.line import BinUse, Line
from sorter.plan.decide import Decider


def replanned(line: Line, decide: Decider, fresh: Mapping[int, BinUse]) -> Line:
    """The same line by another plan. `fresh`: by number, what is known of bins that it has not used so far."""
    known = {**fresh, **{use.number: use for use in line.bins.values()}}
    plan = decide.plan
    bins = {name: known.get(bin.number, BinUse(bin.number)) for name, bin in plan.bins.items()}
    called = {bin.number: name for name, bin in plan.bins.items()}
    now = {old: called.get(use.number) for old, use in line.bins.items()}
    items = {tid: renamed(item, now) for tid, item in line.items.items()}
    return replace(line, decide=decide, bins=MappingProxyType(bins), items=MappingProxyType(items))


def renamed(item: Tracked, now: Mapping[str, str | None]) -> Tracked:
    """Its decision with the bins as they are called now; those that are gone are left out."""
    decision = item.decision
    if decision is None:
        return item
    bin = None if decision.bin is None else now.get(decision.bin)
    left = (now.get(name) for name in decision.alternates)
    decision = replace(
        decision,
        bin=bin,
        alternates=tuple(name for name in left if name is not None),
        wanted=now.get(decision.wanted) or bin or decision.wanted,
    )
    reach = frozenset(name for old in item.reach if (name := now.get(old)) is not None)
    return replace(item, decision=decision, reach=reach)
