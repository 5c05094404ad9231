"""A day's decisions made again by another plan: what would have changed. It needs no library system.

Each decision stands in the journal with all that it looked at (`item.decided`) and with the bins that could still take
the item. What the library system says to a person is not kept, so a rule that looks at `text` finds none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sorter.plan.decide import Decider
from sorter.plan.explain import facts_of
from sorter.plan.plan import Plan

_NOT_FACTS = frozenset({"number", "bin", "rule", "reach"})


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


def replay(plan: Plan, rows: Iterable[Mapping[str, Any]]) -> Replayed:
    """Decide again. `rows` are the payloads of `item.decided`, in order.

    Raises:
        ValueError: a row that is no decision.
    """
    decide = Decider(plan)
    names = {bin.number: name for name, bin in plan.bins.items()}
    decisions = same_bin = 0
    changes: list[Change] = []
    for row in rows:
        decisions += 1
        kept = {k: v for k, v in row.items() if k not in _NOT_FACTS and v is not None}
        reach = {name for n, name in names.items() if int(row["reach"]) >> n & 1}
        now = decide(facts_of(kept), reach)
        if now.bin != row["bin"]:
            changes.append(Change(int(row["number"]), row["bin"], row["rule"], now.bin, now.rule))
        elif now.rule != row["rule"]:
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
