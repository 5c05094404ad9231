"""What stands at the plant that a person must do something about: the worst first, each with what to do and since when.

An alarm needs a person's response, else it is no alarm (ISA-18.2). What is felt of one cause stands once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.texts import Text, text
from drivers.errors import Code
from drivers.ports import Sign
from drivers.runtime.supervisor import Health
from drivers.service.view import Action, Mark, Weight
from sorter.belt.line import Line


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. `mark` is its priority: NOW, TODAY, LATER."""

    id: str
    mark: Mark
    what: Text
    do: Text
    actions: tuple[Action, ...] = ()


def standing(
    line: Line,
    health: Mapping[str, tuple[Health, Code | None]],
    store: Code | None,
    waiting: int,
    slips: int = 0,
    more: Iterable[Alarm] = (),
) -> tuple[Alarm, ...]:
    """All that stands now. `waiting`: returns that the library system is still to be told; `slips` that did not come out."""
    found = [*more, *_belt(line), *_bins(line)]
    if store is not None:
        found.append(_alarm("store", Mark.NOW, text("sorter.alarm.store")))
    found += [
        Alarm(
            f"device.{role}",
            Mark.TODAY,
            *_down(role),
        )
        for role, (how, _) in sorted(health.items())
        if how in {Health.DOWN, Health.FAULTED}
    ]
    if slips:
        again = Action("slips", text("crates.slips.again"), Weight.SECONDARY)
        what, do = text("crates.slips", n=slips), text("crates.slips.do")
        found.append(Alarm("slips", Mark.TODAY, what, do, (again,)))
    if waiting:
        waits = text("sorter.waits", n=waiting)
        found.append(Alarm("waits", Mark.LATER, waits, text("sorter.advice.offline")))
    return tuple(sorted(found, key=lambda one: _ORDER[one.mark]))


def _down(role: str) -> tuple[Text, Text]:
    if role == "shared":
        return text("crates.shared"), text("crates.shared.do")
    return text("sorter.alarm.device", role=role), text("sorter.alarm.device.do")


def since(
    before: Mapping[str, datetime], found: Iterable[Alarm], now: datetime
) -> dict[str, datetime]:
    """When each came: those that stood before keep their time."""
    return {one.id: before.get(one.id, now) for one in found}


_ORDER = {Mark.NOW: 0, Mark.TODAY: 1, Mark.LATER: 2}


def _belt(line: Line) -> Iterator[Alarm]:
    belt = line.belt
    if belt is not None and line.link:
        if Sign.E_STOP in belt.signs:
            yield _alarm("e_stop", Mark.NOW, text("sorter.alarm.e_stop"))
        if Sign.GUARD_OPEN in belt.signs:
            yield _alarm("guard", Mark.NOW, text("sorter.alarm.guard"))
        if belt.alarm:
            first = text("sorter.alarm.first", n=belt.alarm)
            known = Action("alarm.known", text("sorter.do.known"), Weight.SECONDARY)
            yield Alarm("first", Mark.NOW, first, text("sorter.alarm.first.do"), (known,))
    if line.doubted:
        yield _alarm("doubted", Mark.NOW, text("sorter.alarm.doubted"))
    if strays := line.counts.strays - line.strays_seen:
        what, do = text("sorter.alarm.strays", n=strays), text("sorter.alarm.strays.do")
        seen = Action("strays", text("sorter.do.known"), Weight.SECONDARY)
        yield Alarm("strays", Mark.NOW, what, do, (seen,))
    if not line.conserved:
        yield _alarm("unbalanced", Mark.NOW, text("sorter.alarm.unbalanced"))


def _bins(line: Line) -> Iterator[Alarm]:
    """A crate that is full or lifted out; of one that waits for its scan the bin itself tells."""
    for name, use in sorted(line.bins.items(), key=lambda pair: pair[1].number):
        if not use.present:
            what, mark = "out", Mark.TODAY
        elif use.enabled and use.full:
            what, mark = "full", Mark.NOW
        else:
            continue
        yield Alarm(
            f"bin.{name}.{what}",
            mark,
            text(f"sorter.alarm.bin_{what}", n=use.number),
            text(f"sorter.alarm.bin_{what}.do"),
        )


def _alarm(id: str, mark: Mark, what: Text) -> Alarm:
    return Alarm(id, mark, what, text(f"sorter.alarm.{id}.do"))
