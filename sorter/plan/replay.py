"""A day's decisions made again by another plan: what would have changed. It needs no library system.

Each decision is kept with all that it looked at and with the bins that could still take the item. What the library system
says to a person is not kept, so a rule that looks at `text` finds none. A bin is its number at the belt: a plan that only
calls it otherwise moves nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sorter.plan.decide import Decider
from sorter.plan.facts import Facts
from sorter.plan.plan import Plan

NOWHERE = "nowhere"
"""In place of a bin where the belt would have held."""


class Made(Protocol):
    """Where one item was sent; `reach` has bit n for bin n."""

    @property
    def number(self) -> int: ...

    @property
    def item(self) -> str: ...

    @property
    def at(self) -> datetime | None: ...

    @property
    def bin(self) -> str | None: ...

    @property
    def rule(self) -> str: ...

    @property
    def plan(self) -> str: ...

    @property
    def reach(self) -> int: ...

    @property
    def facts(self) -> Facts: ...


@dataclass(frozen=True, slots=True)
class Change:
    """One item that the plan would have put elsewhere. A bin is None where the belt would have held."""

    number: int
    item: str
    at: datetime | None
    bin: str | None
    """Where it was sent then, as it was called."""
    rule: str
    plan: str
    """Fingerprint of the plan that sent it there."""
    now: str | None
    now_rule: str

    @property
    def move(self) -> tuple[str, str]:
        """From bin, to bin."""
        return self.bin or NOWHERE, self.now or NOWHERE


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of deciding again about all of them."""

    items: int
    changes: tuple[Change, ...]
    same_bin: int
    """Of those that stay in the same bin, how many are sent there by another rule."""
    moves: tuple[tuple[str, str, int], ...]
    """From bin, to bin, how many; the most first."""
    rules: tuple[tuple[str, str, int], ...]
    """Of the changes: by which rule then, by which now, how many; the most first."""
    plans: tuple[str, ...]
    """Fingerprints of the plans that decided then, in order."""
    blind: tuple[str, ...]
    """Rules that look at words that are not kept."""


def replay(
    plan: Plan, made: Iterable[Made], earlier: Callable[[str], Plan | None] = lambda _: None
) -> Replayed:
    """Decide again, in the order in which it was decided. `earlier`: a plan of the past by its fingerprint."""
    decide = Decider(plan)
    names = {bin.number: name for name, bin in plan.bins.items()}
    items = same_bin = 0
    changes: list[Change] = []
    known: dict[str, dict[str, str | None]] = {}
    for one in made:
        items += 1
        if one.plan not in known:
            then = earlier(one.plan)
            bins = {} if then is None else then.bins
            known[one.plan] = {name: names.get(bin.number) for name, bin in bins.items()}
        called = known[one.plan].get(one.bin, one.bin) if one.bin is not None else None
        reach = {name for n, name in names.items() if one.reach >> n & 1}
        now = decide(one.facts, reach)
        if now.bin != called or (called is None and one.bin is not None):
            told = (one.number, one.item, one.at, one.bin, one.rule, one.plan)
            changes.append(Change(*told, now.bin, now.rule))
        elif now.rule != one.rule:
            same_bin += 1
    return Replayed(
        items,
        tuple(changes),
        same_bin,
        _counted(c.move for c in changes),
        _counted((c.rule, c.now_rule) for c in changes),
        tuple(mark for mark in known if mark),
        tuple(rule.id for rule in plan.rules if "text" in rule.when),
    )


def _counted(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter(pairs)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((*pair, n) for pair, n in ordered)
