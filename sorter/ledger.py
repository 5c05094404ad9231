"""The one way into the store for what must not be forgotten: in the order in which it was asked, until it stands."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Store, Txn
from drivers.store import journal

T = TypeVar("T")

AGAIN_S = 5.0
"""Wait until a disk that took nothing is tried again."""
SOON_S = 2.0
"""So long a person waits for what is written down first. What comes of it later would surprise whoever stands there then."""


class Ledger:
    """Writes one after the other. `health` hears whether the disk takes them."""

    def __init__(self, store: Store, health: Callable[[DeviceUnavailable | None], None]) -> None:
        self._store = store
        self._health = health
        self._turn = asyncio.Lock()
        self._failing: Code | None = None
        self._trying: asyncio.Task[None] | None = None

    async def write(self, unit: Callable[[Txn], T]) -> T:
        """The unit's value, once it is durable. A later write never stands before an earlier one."""
        async with self._turn:
            while True:
                try:
                    return await self._once(unit)
                except DeviceUnavailable:
                    await asyncio.sleep(AGAIN_S)

    async def soon(self, unit: Callable[[Txn], T]) -> T:
        """The same for what a person asks for and waits for: it stands soon, or never.

        Raises:
            DeviceUnavailable: the disk does not take it now; nothing comes of it later.
        """
        try:
            async with asyncio.timeout(SOON_S):
                await self._turn.acquire()
        except TimeoutError:
            code = self._failing or Code.STORE_BROKEN
            raise DeviceUnavailable("store", code, "earlier writes wait") from None
        try:
            return await self._once(unit)
        except DeviceUnavailable:
            self._try()
            raise
        finally:
            self._turn.release()

    async def stop(self) -> None:
        """Try the disk no more."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)

    async def _once(self, unit: Callable[[Txn], T]) -> T:
        try:
            value = await self._store.write(unit)
        except DeviceUnavailable as error:
            self._failing = error.code
            self._health(error)
            raise
        if self._failing is not None:
            self._failing = None
            self._health(None)
        return value

    def _try(self) -> None:
        """Nothing waits for the disk: write down that it took nothing, until it does."""
        if self._trying is None or self._trying.done():
            code = self._failing or Code.STORE_FULL
            self._trying = asyncio.get_running_loop().create_task(
                self.write(lambda txn: _failed(txn, code))
            )

    async def read(self, unit: Callable[[Txn], T]) -> T:
        """As `Store.read`."""
        return await self._store.read(unit)


def _failed(txn: Txn, code: Code) -> None:
    journal.append(txn, "store.failed", payload={"code": code.value})
