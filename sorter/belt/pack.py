"""PackML: in which states a command may be given, and what an operator is told when it may not.

Sources: ANSI/ISA-TR88.00.02 as Beckhoff Tc3_PackML numbers it; OPC 30050, 6.3.7 and 6.3.8. No command resets an emergency
stop or clears a guard: that is done at the machine.
"""

from collections.abc import Mapping
from enum import StrEnum

from drivers.ports import BeltCommand, Mode, Pack, Sign
from sorter.belt.line import Line

_NOT_STOPPABLE = {Pack.CLEARING, Pack.STOPPED, Pack.STOPPING, Pack.ABORTING, Pack.ABORTED}
_NOT_ABORTABLE = {Pack.ABORTING, Pack.ABORTED}

ALLOWED: Mapping[BeltCommand, frozenset[Pack]] = {
    BeltCommand.RESET: frozenset({Pack.STOPPED, Pack.COMPLETE}),
    BeltCommand.START: frozenset({Pack.IDLE}),
    BeltCommand.STOP: frozenset(set(Pack) - _NOT_STOPPABLE),
    BeltCommand.HOLD: frozenset({Pack.EXECUTE}),
    BeltCommand.UNHOLD: frozenset({Pack.HELD}),
    BeltCommand.SUSPEND: frozenset({Pack.EXECUTE}),
    BeltCommand.UNSUSPEND: frozenset({Pack.SUSPENDED}),
    BeltCommand.ABORT: frozenset(set(Pack) - _NOT_ABORTABLE),
    BeltCommand.CLEAR: frozenset({Pack.ABORTED}),
    BeltCommand.COMPLETE: frozenset({Pack.EXECUTE}),
    BeltCommand.DROP_TRACKING: frozenset({Pack.STOPPED, Pack.IDLE}),
    BeltCommand.MODE: frozenset({Pack.STOPPED, Pack.IDLE}),
}
"""By command; one that does not stand here may be given in any state."""

MOVES = frozenset({BeltCommand.START, BeltCommand.UNHOLD, BeltCommand.UNSUSPEND})
"""Commands after which the belt moves."""
SAFE = MOVES | {BeltCommand.CLEAR, BeltCommand.PURGE}
"""Commands that come to nothing while the safety chain is open."""


class Why(StrEnum):
    """Why a command is not given."""

    NO_LINK = "no_link"
    STATE = "state"
    E_STOP = "e_stop"
    GUARD = "guard"
    SAFETY = "safety"
    DOUBTED = "doubted"
    """Nobody has said yet that the belt is empty."""
    CABINET = "cabinet"
    """That has been said here, and the belt's controller still counts items: its button has not been pressed."""
    MODE = "mode"


def idle_mode(line: Line) -> Mode | None:
    """The mode in which the belt does no work, if it stands in one."""
    belt = line.belt
    if belt is None or not line.link or belt.mode is Mode.PRODUCTION:
        return None
    return belt.mode


def against(line: Line, command: BeltCommand) -> Why | None:
    """Why `command` may not be given now; None when it may."""
    belt = line.belt
    if belt is None or not line.link:
        return Why.NO_LINK
    if belt.state not in ALLOWED.get(command, frozenset(Pack)):
        return Why.STATE
    if command in SAFE:
        if Sign.E_STOP in belt.signs:
            return Why.E_STOP
        if Sign.GUARD_OPEN in belt.signs:
            return Why.GUARD
        if Sign.SAFETY_CLOSED not in belt.signs:
            return Why.SAFETY
    if command in MOVES and belt.mode is not Mode.PRODUCTION:
        return Why.MODE
    if command is BeltCommand.CLEAR and line.doubted and not line.purged:
        return Why.DOUBTED
    if command is BeltCommand.CLEAR and line.unforgotten:
        return Why.CABINET
    return None
