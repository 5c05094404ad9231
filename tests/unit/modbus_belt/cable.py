"""Two pseudo-terminals joined, so that two programs that each open a serial port can speak to each other."""

import asyncio
import os
import tty
from types import TracebackType


class Cable:
    """A null-modem cable: `ends` are the paths of its two ports. Used inside a running loop."""

    def __init__(self) -> None:
        self._masters: list[int] = []
        self._slaves: list[int] = []
        self.ends: list[str] = []

    def __enter__(self) -> "Cable":
        for _ in range(2):
            master, slave = os.openpty()
            tty.setraw(slave)
            os.set_blocking(master, False)
            self._masters.append(master)
            self._slaves.append(slave)
            self.ends.append(os.ttyname(slave))
        loop = asyncio.get_running_loop()
        for here, there in (self._masters, self._masters[::-1]):
            loop.add_reader(here, self._carry, here, there)
        return self

    @staticmethod
    def _carry(here: int, there: int) -> None:
        try:
            os.write(there, os.read(here, 4096))
        except OSError:  # an end was pulled
            return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        loop = asyncio.get_running_loop()
        for descriptor in self._masters:
            loop.remove_reader(descriptor)
        for descriptor in (*self._masters, *self._slaves):
            os.close(descriptor)
