"""The work of the card reader: looks often, and tells of each card once, however long it is held there.

A card that is held still, or that flickers at the edge of the field, is one sign. A phone shows another
number at each look, so it is known by having been there all the time, not by its number.
"""

import asyncio
from collections.abc import Callable

from config.station import CardDevice
from drivers.errors import DeviceError, DeviceUnavailable
from drivers.ports import CardReader, NearCard, Secret
from drivers.service.card_numbers import NoNumber, number_of

POLL_S = 0.2
GONE_AFTER = 4
"""Empty looks in a row until the card counts as taken away."""
UNREAD_AFTER = 6
"""Looks at a card that cannot be read until the person is told."""
BAD_POLLS = 3
"""Looks that may fail in a row before the reader is opened afresh."""
TWO = "two"


class Presence:
    """What was told of what lies there. `look` gives what is new: a number, a word why there is none, or None."""

    def __init__(self, rules: CardDevice) -> None:
        self._rules = rules
        self._told: Secret | str | None = None
        self._empty = 0
        self._unread = 0

    def look(self, cards: tuple[NearCard, ...]) -> Secret | str | None:
        """One look at the reader."""
        if not cards:
            self._empty += 1
            if self._empty >= GONE_AFTER:
                self._told, self._unread = None, 0
            return None
        self._empty = 0
        found: Secret | str = TWO if len(cards) > 1 else number_of(cards[0], self._rules)
        self._unread = self._unread + 1 if found is NoNumber.UNREAD else 0
        if found is NoNumber.UNREAD and self._unread < UNREAD_AFTER:
            return None
        if found == self._told or (isinstance(self._told, Secret) and isinstance(found, str)):
            return None
        self._told = found
        return found


class CardWork:
    """Serves one reader. `told` hears what is new."""

    def __init__(
        self, reader: CardReader, rules: CardDevice, *, told: Callable[[Secret | str], None]
    ) -> None:
        self._reader = reader
        self._rules = rules
        self._told = told

    async def serve(self, ready: Callable[[], None]) -> None:
        """Open the reader and look until it is gone."""
        presence = Presence(self._rules)
        bad = 0
        try:
            await self._reader.open()
            ready()
            while True:
                try:
                    new = presence.look(await self._reader.poll())
                except DeviceUnavailable:
                    raise
                except DeviceError:
                    bad += 1
                    if bad >= BAD_POLLS:
                        raise
                else:
                    bad = 0
                    if new is not None:
                        self._told(new)
                    del new  # the next one may be long in coming
                await asyncio.sleep(POLL_S)
        finally:
            await self._reader.close()
