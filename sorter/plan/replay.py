"""A day's decisions made again by another plan: what would have changed. It needs no library system.

Each decision is kept with all that it looked at and with the bins that could still take the item. What the library system says to a person is not kept, so a rule that looks at `text` finds none.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sorter.plan.decide import Decider
from sorter.plan.facts import Facts
from sorter.plan.plan import Plan


class Made(Protocol):
    """One decision as it was made; `reach` has bit n for bin n."""

    @property
    def number(self) -> int: ...

    @property
    def bin(self) -> str | None: ...

    @property
    def rule(self) -> str: ...

    @property
    def reach(self) -> int: ...

    @property
    def facts(self) -> Facts: ...


@dataclass(frozen=True, slots=True)
class Change:
    """One item that the plan would have put elsewhere. A bin is None where the belt would have held."""

    number: int
    bin: str | None
    """Where it was sent then."""
    rule: str
    now: str | None
    now_rule: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of making all decisions again."""

    decisions: int
    changes: tuple[Change, ...]
    same_bin: int
    """Of the decisions that lead to the same bin, those that are made by another rule."""
    moves: tuple[tuple[str, str, int], ...]
    """From bin, to bin, how many; the most first."""
    blind: tuple[str, ...]
    """Rules that look at words that are not kept."""


def replay(plan: Plan, made: Iterable[Made]) -> Replayed:
    """Decide again, in the order in which it was decided."""
    decide = Decider(plan)
    names = {bin.number: name for name, bin in plan.bins.items()}
    decisions = same_bin = 0
    changes: list[Change] = []
    for one in made:
        decisions += 1
        reach = {name for n, name in names.items() if one.reach >> n & 1}
        now = decide(one.facts, reach)
        if now.bin != one.bin:
            changes.append(Change(one.number, one.bin, one.rule, now.bin, now.rule))
        elif now.rule != one.rule:
            same_bin += 1
    moves = Counter((c.bin or "nowhere", c.now or "nowhere") for c in changes)
    ordered = sorted(moves.items(), key=lambda move: (-move[1], move[0]))
    return Replayed(
        decisions,
        tuple(changes),
        same_bin,
        tuple((*move, n) for move, n in ordered),
        tuple(rule.id for rule in plan.rules if "text" in rule.when),
    )
