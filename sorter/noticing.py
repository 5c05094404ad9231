"""What the panel says for a while: what became of the last press, or what the last scan at the bins came to.

The newer stands. It goes when it is no longer so, and at the latest when a scan is forgotten too: who comes by later was
not meant.
"""

import asyncio
from collections.abc import Callable

from config.texts import Text
from drivers.errors import UNSAVED, Code
from drivers.ports import BeltCommand, Clock, CommandResult
from sorter import standing
from sorter.belt.line import Line
from sorter.belt.pack import ALLOWED, Why, against
from sorter.ims.crates import PAIR_WITHIN, Said, Swap
from sorter.ims.words import swap_words

Answer = CommandResult | Code | Why
"""What became of a command: the belt's answer, the wire's fault, or why it was not given."""
_WHOLE = frozenset({Said.DOCKED, Said.ALREADY})
"""What a pair of scans comes to when it is whole."""


class Noticing:
    """Of one panel. `show` hears that there is something else to show."""

    def __init__(self, clock: Clock, show: Callable[[], None]) -> None:
        self._clock, self._show = clock, show
        self._told: tuple[float, BeltCommand | None, Answer] | None = None
        self._swap: tuple[float, Swap] | None = None

    def pressed(self) -> None:
        """Something is pressed: what became of the press before it is past."""
        self._told = None

    def told(self, command: BeltCommand, answer: Answer) -> None:
        """What became of a command that a person gave."""
        self._told = (self._clock.monotonic(), command, answer)
        self._stand()

    def unsaved(self) -> None:
        """What a person did could not be written down, and nothing came of it."""
        self._told = (self._clock.monotonic(), None, Code.STORE_FULL)
        self._stand()

    def scanned(self, swap: Swap | None) -> None:
        """What a scan came to; None when it is taken back."""
        self._swap = None if swap is None else (self._clock.monotonic(), swap)
        self._stand()

    @property
    def half(self) -> bool:
        """The last scan waits for another, or was refused: it can be taken back."""
        swap = self._swap
        return swap is not None and self._lasts(swap[0]) and swap[1].said not in _WHOLE

    def words(self, line: Line) -> Text | None:
        """What stands on the panel now."""
        told, swap = self._told, self._swap
        found: list[tuple[float, Text]] = []
        if swap is not None:
            found.append((swap[0], swap_words(swap[1])))
        if told is not None and (said := refusal(line, told[1], told[2])) is not None:
            found.append((told[0], said))
        lasting = [one for one in found if self._lasts(one[0])]
        return max(lasting, key=lambda one: one[0])[1] if lasting else None

    def _lasts(self, at: float) -> bool:
        return self._clock.monotonic() - at < PAIR_WITHIN.total_seconds()

    def _stand(self) -> None:
        """Shown now, and taken away when its time is over, also where nothing else happens."""
        self._show()
        asyncio.get_running_loop().call_later(PAIR_WITHIN.total_seconds(), self._show)


def refusal(line: Line, command: BeltCommand | None, answer: Answer) -> Text | None:
    """Why a command did not do what it is for; None where it did, or where that is so no longer."""
    if command is None or answer in UNSAVED:
        return standing.unsaved()
    if isinstance(answer, Why):
        return standing.objection(answer) if against(line, command) is answer else None
    if isinstance(answer, Code):
        return standing.unheard()
    belt = line.belt
    if belt is not None and belt.state not in ALLOWED.get(command, {belt.state}):
        return None  # it has come on by another way
    return standing.refused(line, command, answer)
