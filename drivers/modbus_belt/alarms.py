"""Alarms of a belt's PLC: number, name, severity, where, cause, what to do, and what the PLC does by itself.

One table, from which docs/plc/alarms.md, the constants in Structured Text and the words of `ims belt` come. How soon it
matters is a value of the port. The contract's own: no standard numbers the alarms of a belt.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.ports import BIN_ZONE, INLET_ZONE, READER_ZONE, BeltAlarm

MOST = 32
"""`alarms` and `latched` have a bit for each number up to this."""
OWN = 25
"""Numbers from here on are the plant's own; those before that do not stand in the table are not in use."""


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One line of the table."""

    alarm: BeltAlarm
    placed: bool
    """Whether its event tells the zone; else the zone is 0."""
    cause: str
    do: str
    then: str
    """What the PLC does by itself while it stands."""
    until: str
    """When it is cleared."""


ALARMS: tuple[AlarmLine, ...] = (
    AlarmLine(BeltAlarm.E_STOP, False, "an emergency stop is pressed", "find out why at the belt, make it safe, and pull the button out there; then empty the belt", "Aborting", "the button is pulled out"),
    AlarmLine(BeltAlarm.GUARD, False, "a guard is open", "close it; then empty the belt", "Aborting", "it is closed"),
    AlarmLine(BeltAlarm.SAFETY, False, "the safety chain is open, with no emergency stop pressed and no guard open", "call a technician: relay, wiring or a pull cord", "Aborting", "the chain is closed"),
    AlarmLine(BeltAlarm.DRIVE, False, "the drive reports a fault, or its motor protection has tripped", "take off what blocks the belt; let the motor cool, switch the protection on again in the cabinet; call a technician if it trips again", "Aborting", "the drive is ready again"),
    AlarmLine(BeltAlarm.JAM, True, "an eye is covered for too long while the belt runs: something is stuck there, or the eye is blocked", "take away what is stuck, then Clear", "Aborting", "Clear"),
    AlarmLine(BeltAlarm.NO_BIN, False, "the default bin is full, lifted out or not yet scanned: an item without a destination has nowhere to go", "put an empty crate there, scan it, then Unhold", "Holding, from Execute", "the default bin can take something"),
    AlarmLine(BeltAlarm.HOST, False, "host_hb has stood still for 1 s: the program that sorts has ended, or the line to it is cut", "look at the computer and at the cable to it; the belt goes on by itself", "Suspending, from Execute; after 30 s Stopping, from Suspended", "host_hb moves again; not raised before it has moved once"),
    AlarmLine(BeltAlarm.DIVERT, True, "a divert has not come to where it was told to within 0.3 s: it sticks, or its sensor or air fails", "stop the belt, free the divert, look for air and cable; items may lie in a wrong bin meanwhile", "nothing: it runs on, and tells each item that goes wrong by MISSED", "it comes out, or goes back, as told; or Reset"),
    AlarmLine(BeltAlarm.EYE, True, "an eye sees each item more than 12 mm too long, three times in a row: it is dirty, or out of line", "wipe the eye and its reflector; align them", "nothing", "it sees an item as long as it is"),
    AlarmLine(BeltAlarm.ENCODER, False, "the drive is on and the encoder has not counted for 1 s: the belt slips or is torn, or the encoder fails", "look whether the belt moves; call a technician", "Aborting", "Clear"),
)  # fmt: skip

BY_NUMBER: Mapping[int, AlarmLine] = {int(line.alarm): line for line in ALARMS}


def place(zone: int) -> str:
    """Where a zone is; empty for none."""
    if zone == INLET_ZONE:
        return "the inlet"
    if zone == READER_ZONE:
        return "the reader"
    return f"bin {zone - BIN_ZONE}" if zone > BIN_ZONE else ""


def words(number: int, zone: int = 0) -> str:
    """An alarm as a technician reads it: name, place, cause and remedy. One that is not in the table is said to be so."""
    line = BY_NUMBER.get(number)
    at = f" at {place(zone)}" if place(zone) else ""
    if line is None:
        whose = "the plant's own" if OWN <= number <= MOST else "in no table"
        return f"alarm {number}{at}: {whose}; the maker of the PLC program knows it"
    name = line.alarm.name.lower().replace("_", " ")
    return f"{name}{at}: {line.cause}. Do: {line.do}"
