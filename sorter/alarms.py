"""What stands at the plant that a person must do something about: the worst first, each with what to do and since when.

An alarm needs a person's response, else it is no alarm (ISA-18.2). What is felt of one cause stands once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from config.texts import Text, text, verbatim
from drivers.errors import Code
from drivers.ports import BeltAlarm, BeltCommand, Severity, Sign
from drivers.runtime.supervisor import Health
from drivers.service.view import Action, Mark, Weight
from sorter import standing
from sorter.belt.because import CHAIN
from sorter.belt.line import BinUse, Line
from sorter.belt.pack import against, idle_mode
from sorter.history.stood import Stood, Strays
from sorter.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. `mark` is its priority: NOW, TODAY, LATER."""

    id: str
    mark: Mark
    what: Text
    do: Text
    actions: tuple[Action, ...] = ()
    detail: Text | None = None
    """What a technician reads of it."""


def asking(
    line: Line,
    health: Mapping[str, tuple[Health, Code | None]],
    store: Code | None,
    waiting: int,
    slips: int = 0,
    more: Iterable[Alarm] = (),
    stood: Mapping[int, Stood] = MappingProxyType({}),
    strays: Strays | None = None,
) -> tuple[Alarm, ...]:
    """All that asks for a person now.

    `waiting`: returns that the library system is still to be told; `slips` that did not come out; `stood`: what is written
    down of the belt's own alarms, by number; `strays`: of those that nobody has looked for.
    """
    found = [*more, *_belt(line, stood), *_bins(line)]
    if line.astray:
        found.append(_strays(line, strays))
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
    name = text(f"sorter.role.{role}") if role in _NAMED else verbatim(role)
    return text("sorter.alarm.device", role=name), text("sorter.alarm.device.do")


_NAMED = frozenset(
    ["belt", "tunnel", "library", "printer", "scanner", "gate", "inlet_printer", "speaker", "keys"]
)
"""Devices that have a name of their own in every language."""


def since(
    before: Mapping[str, datetime],
    found: Iterable[Alarm],
    now: datetime,
    stood: Mapping[int, Stood] = MappingProxyType({}),
    strays: Strays | None = None,
    lost: datetime | None = None,
) -> dict[str, datetime]:
    """When each came: as it is written down, else those that stood before keep their time. `lost`: the first events after which nobody has looked."""
    known = dict(_written(stood))
    if lost is not None:
        known["events_lost"] = lost
    if strays is not None:
        known["strays"] = strays.first
    return {one.id: known.get(one.id) or before.get(one.id, now) for one in found}


def _written(stood: Mapping[int, Stood]) -> Iterator[tuple[str, datetime]]:
    for number, one in stood.items():
        yield (
            (f"alarm.{number}", one.raised)
            if one.cleared is None
            else (f"over.{number}", one.cleared)
        )
    if chain := [one.raised for number, one in stood.items() if number in CHAIN]:
        yield "doubted", max(chain)


_ORDER = {Mark.NOW: 0, Mark.TODAY: 1, Mark.LATER: 2}


def _belt(line: Line, stood: Mapping[int, Stood]) -> Iterator[Alarm]:
    belt = line.belt
    if belt is not None and line.link:
        signed: dict[int, int] = {alarm: 0 for sign, alarm in _SIGNED.items() if sign in belt.signs}
        stand = {**signed, **line.alarms}
        over = line.latched | ({belt.alarm} if belt.alarm else set())
        for number, zone in stand.items():
            yield own(number, zone)
        for number in sorted(over - set(stand)):
            yield _over(number, stood[number].zone if number in stood else 0)
    if (mode := idle_mode(line)) is not None:
        what = text(f"sorter.alarm.mode.{mode.name.lower()}")
        produce = Action("production", text("sorter.do.production"), Weight.SECONDARY)
        may = against(line, BeltCommand.MODE) is None
        advice = text(f"sorter.alarm.mode.{'do' if may else 'stop'}", do=produce.label)
        yield Alarm("mode", Mark.NOW, what, advice, (produce,) if may else ())
    if line.doubted:
        key = "purging" if line.purged else "do"
        advice = text(f"sorter.alarm.doubted.{key}")
        yield Alarm("doubted", Mark.NOW, text("sorter.alarm.doubted"), advice)
    if line.events_lost:
        what = text("sorter.alarm.events_lost", n=line.events_lost)
        known = Action(f"events_lost.{line.events_lost}", text("sorter.do.known"), Weight.SECONDARY)
        advice = text("sorter.alarm.events_lost.do")
        yield Alarm("events_lost", Mark.NOW, what, advice, (known,))
    if not line.conserved:
        yield _alarm("unbalanced", Mark.NOW, text("sorter.alarm.unbalanced"))


def _strays(line: Line, seen: Strays | None) -> Alarm:
    """Where the belt saw what is no item of its: what no chute's eye saw rides on to the last bin."""
    what = text("sorter.alarm.strays", n=line.astray, places=standing.places(line.strays))
    looked = Action(f"strays.{line.astray}", text("sorter.do.seen"), Weight.SECONDARY)
    detail = None
    if seen is not None:
        place = standing.place(seen.zone)
        detail = text("sorter.alarm.strays.last", at=seen.last, place=place)
    do = text("sorter.alarm.strays.do", n=line.last_bin)
    return Alarm("strays", Mark.NOW, what, do, (looked,), detail)


def own(number: int, zone: int) -> Alarm:
    """One of the belt's own alarms, by cause and remedy; a number that is not known is shown as that."""
    if number not in set(BeltAlarm):
        return Alarm(
            f"alarm.{number}", Mark.NOW, named(number, zone), text("belt.alarm.unknown.do")
        )
    alarm = BeltAlarm(number)
    key = f"belt.alarm.{alarm.name.lower()}.do"
    do = text(key, do=standing.do(_BUTTON[alarm])) if alarm in _BUTTON else text(key)
    mark = Mark.NOW if alarm.severity is Severity.NOW else Mark.TODAY
    return Alarm(f"alarm.{number}", mark, named(number, zone), do)


def named(number: int, zone: int) -> Text:
    """What an alarm of the belt says, and where."""
    if number in set(BeltAlarm):
        key = f"belt.alarm.{BeltAlarm(number).name.lower()}"
        return text(key, place=standing.place(zone)) if number in _PLACED else text(key)
    if zone:
        return text("belt.alarm.unknown.at", n=number, place=standing.place(zone))
    return text("belt.alarm.unknown", n=number)


_SIGNED = {Sign.E_STOP: BeltAlarm.E_STOP, Sign.GUARD_OPEN: BeltAlarm.GUARD}
"""What a single bit says as well."""
_PLACED = frozenset({BeltAlarm.JAM, BeltAlarm.DIVERT, BeltAlarm.EYE})
_BUTTON = {BeltAlarm.JAM: "clear", BeltAlarm.NO_BIN: "unhold", BeltAlarm.DIVERT: "reset"}
"""What is pressed when it has been put right."""


def _over(number: int, zone: int) -> Alarm:
    """One that stood, and that nobody has said to know of."""
    known = Action(f"alarm.{number}", text("sorter.do.known"), Weight.SECONDARY)
    what = text("belt.alarm.over", what=named(number, zone))
    do = text("belt.alarm.over.do", do=text("sorter.do.known"))
    return Alarm(f"over.{number}", Mark.LATER, what, do, (known,))


NEARLY = 90
"""Per cent of what a crate takes, from which on somebody should have the next one ready."""


def nearly_full(plan: Plan, name: str, use: BinUse) -> bool:
    """Whether a crate will soon be full, by its count; never where nobody has said how much it takes."""
    known = plan.bins.get(name)
    return (
        known is not None
        and known.capacity is not None
        and 100 * use.count >= NEARLY * known.capacity
    )


def _bins(line: Line) -> Iterator[Alarm]:
    """A crate that is full or lifted out, or of which nobody saw whether it was; of one that waits for its scan the bin itself tells."""
    for name, use in sorted(line.bins.items(), key=lambda pair: pair[1].number):
        if use.unseen and use.enabled and use.present:
            yield unseen(line.decide.plan, name, use)
        if not use.present:
            what, mark = "out", Mark.TODAY
        elif use.enabled and use.full:
            what, mark = "full", Mark.NOW
        elif use.enabled and nearly_full(line.decide.plan, name, use):
            what, mark = "nearly", Mark.TODAY
        else:
            continue
        yield Alarm(
            f"bin.{name}.{what}",
            mark,
            text(f"sorter.alarm.bin_{what}", n=use.number),
            text(f"sorter.alarm.bin_{what}.do"),
        )


def unseen(plan: Plan, name: str, use: BinUse) -> Alarm:
    """Whether what lay in a bin lies there still; a new crate answers it too."""
    answers = tuple(
        Action(f"unseen.{answer}.{name}", text(f"sorter.do.unseen.{answer}"), Weight.SECONDARY)
        for answer in ("same", "emptied")
    )
    what = text("sorter.alarm.bin_unseen", bin=called(plan, name, use.number))
    do = text("sorter.alarm.bin_unseen.do", n=use.unseen)
    return Alarm(f"bin.{name}.unseen", Mark.TODAY, what, do, answers)


def called(plan: Plan, name: str, number: int) -> Text:
    """What people call a bin: the plan's name for it, else its number."""
    given = plan.bins[name].name
    return verbatim(given) if given else text("sorter.bin", n=number)


def _alarm(id: str, mark: Mark, what: Text) -> Alarm:
    return Alarm(id, mark, what, text(f"sorter.alarm.{id}.do"))
