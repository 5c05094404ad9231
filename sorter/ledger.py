"""The one way into the store for what must not be forgotten: in the order in which it was asked, until it stands."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from drivers.errors import DeviceUnavailable
from drivers.ports import Store, Txn

T = TypeVar("T")

AGAIN_S = 5.0
"""Wait until a disk that took nothing is tried again."""


class Ledger:
    """Writes one after the other. `health` hears whether the disk takes them."""

    def __init__(self, store: Store, health: Callable[[DeviceUnavailable | None], None]) -> None:
        self._store = store
        self._health = health
        self._turn = asyncio.Lock()
        self._failing = False

    async def write(self, unit: Callable[[Txn], T]) -> T:
        """The unit's value, once it is durable. A later write never stands before an earlier one."""
        async with self._turn:
            while True:
                try:
                    value = await self._store.write(unit)
                except DeviceUnavailable as error:
                    self._failing = True
                    self._health(error)
                    await asyncio.sleep(AGAIN_S)
                    continue
                if self._failing:
                    self._failing = False
                    self._health(None)
                return value

    async def read(self, unit: Callable[[Txn], T]) -> T:
        """As `Store.read`."""
        return await self._store.read(unit)
