"""The line's bins as the belt senses them: full, lifted out, put back. Each takes the line and gives it as it is then.

Whether a crate stands there is known twice: `present` is what the last reading senses, `stands` what the belt has told in the
order of its events, in which an item falls before or after a lift. The two are one when nothing waits to be read.
"""

from dataclasses import replace

from drivers.ports import BeltEvent, BinChange
from sorter.belt import acts
from sorter.belt.items import Cause, ItemState, Tracked
from sorter.belt.line import Line


def sensed(line: Line) -> tuple[Line, tuple[int, ...]]:
    """What the last cycle said of the bins; and those of which the belt must now be told that their crate is known."""
    told: list[int] = []
    for name, bin in line.bins.items():
        if line.belt is None or bin.number > len(line.belt.bins):
            continue
        one = line.belt.bins[bin.number - 1]
        lifted = bin.present and not one.present
        enabled = bin.enabled and not lifted
        now = replace(
            bin,
            full=one.full,
            present=one.present,
            stands=one.present if bin.stands is None else bin.stands,
            enabled=enabled,
            untold=bin.untold and not lifted and not one.present,
        )
        if bin.untold and enabled and one.present:
            told.append(bin.number)
        if now != bin:
            line = line.with_bin(name, now)
    return line, tuple(told)


def known(line: Line, event: acts.BinSwapped | acts.CrateGone) -> tuple[Line, tuple[int, ...]]:
    """A crate is known, or known to be elsewhere; and the bins of which the belt must be told that theirs is known."""
    bin = line.bins[event.bin]
    if isinstance(event, acts.CrateGone):
        return line.with_bin(event.bin, replace(bin, enabled=False, untold=False)), ()
    count = bin.count if event.count is None else event.count
    early = bin.early or (
        event.early and bin.stands is not False
    )  # told of by now: none is to come
    swapped = replace(bin, enabled=True, count=count, untold=not bin.present, early=early, unseen=0)
    return line.with_bin(event.bin, swapped), (bin.number,) if bin.present else ()


def fallen(line: Line, item: Tracked) -> tuple[Line, Tracked]:
    """An item has come to a bin: counted in the crate that is known there, or of the one before. Where none stands it lies in none."""
    at = next(((n, b) for n, b in line.bins.items() if b.number == item.bin), None)
    if at is None:
        return line, item
    name, bin = at
    if bin.stands is False:
        return line, replace(item, state=ItemState.MISSED, cause=Cause.NO_CRATE)
    if bin.early:
        return line, replace(item, earlier=True)
    if item.state is ItemState.CONFIRMED:
        line = line.with_bin(name, replace(bin, count=bin.count + 1))
    return line, item


def caught_up(line: Line) -> Line:
    """All is heard that the belt had to tell: what falls from here on falls into the crates that are known."""
    for name, bin in line.bins.items():
        if bin.early or bin.stands is not bin.present:
            line = line.with_bin(name, replace(bin, early=False, stands=bin.present))
    return line


def moved(before: Line, line: Line) -> tuple[tuple[int, bool | None], ...]:
    """By number, whether a crate stands at each bin of which that is another than it was."""
    if line.bins is before.bins:
        return ()
    stood = {bin.number: bin.stands for bin in before.bins.values()}
    now = ((bin.number, bin.stands) for bin in line.bins.values())
    return tuple(one for one in now if stood.get(one[0]) is not one[1])


def unseen(line: Line, labelled: frozenset[str]) -> Line:
    """Nobody heard whether a crate was lifted out: one with a label is another until it is scanned, of others a person is asked.

    A belt that saw it waits for a word that the crate is known: of those in use it is told again.
    """
    for name, bin in line.bins.items():
        now = replace(bin, stands=None)
        if name in labelled:
            now = replace(now, enabled=False, untold=False, early=False)
        else:
            now = replace(now, unseen=bin.count, untold=bin.enabled)
        line = line.with_bin(name, now)
    return line


def looked(line: Line, event: acts.BinLooked) -> Line:
    """A person has said whether what lay in a bin lies there still."""
    bin = line.bins[event.bin]
    count = bin.count - bin.unseen if event.emptied else bin.count
    return line.with_bin(event.bin, replace(bin, count=count, unseen=0))


def changed(line: Line, event: BeltEvent) -> Line:
    """A crate that was lifted out and put back while nobody listened is another, until it is known; one that was scanned early is known."""
    name = next((n for n, b in line.bins.items() if b.number == event.a), None)
    if name is None or event.b not in {BinChange.OUT, BinChange.IN}:
        return line
    bin = line.bins[name]
    if event.b == BinChange.IN:
        return line.with_bin(name, replace(bin, stands=True, early=False))
    bin = replace(bin, stands=False)
    return line.with_bin(name, replace(bin, enabled=bin.enabled and bin.early, early=False))
