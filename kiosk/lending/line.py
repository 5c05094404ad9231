"""The line to the library system, shared by a visit and by what is told behind it: the visit goes first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType

QUIET_S = 1.0
"""How long a visit must have asked nothing until work behind it takes the line."""


class Line:
    """As many calls at once as the library system answers. `async with` is a visit's; `spare` is not."""

    def __init__(self, calls: int) -> None:
        self._free = asyncio.Semaphore(calls)
        self._live = 0
        self._live_ended = float("-inf")
        self._news = asyncio.Event()

    async def acquire(self) -> None:
        """A call for somebody who waits."""
        self._live += 1
        try:
            await self._free.acquire()
        except BaseException:
            self._over()
            raise

    def release(self) -> None:
        """Its end."""
        self._free.release()
        self._over()

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    @asynccontextmanager
    async def spare(self) -> AsyncIterator[None]:
        """A call that nobody waits for: once no visit has asked anything for a while."""
        await self._quiet()
        await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _quiet(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            left = self._live_ended + QUIET_S - loop.time()
            if not self._live and left <= 0:
                return
            self._news.clear()
            try:
                async with asyncio.timeout(None if self._live else left):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _over(self) -> None:
        self._live -= 1
        self._live_ended = asyncio.get_running_loop().time()
        self._news.set()
