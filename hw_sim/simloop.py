"""A virtual-time event loop: the world waits for nobody, and the same seed gives the same run.

Time starts at 0 and jumps to the next timer whenever no task is ready, so thirty days pass at once. When
no task is ready and no timer is left, everybody waits for somebody else: `Deadlock`, with the time. There
are no threads, sockets, files or signals here; asking for one is an error, which is the fence that keeps
such code out of flows and drivers. Wall time is derived by whoever needs it, from a base and `time()`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

from typing_extensions import TypeVarTuple, override

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CLOCK_RESOLUTION = 1e-6
"""Seconds. A finer one hangs: past 2**24 s (194 days) t + 1e-9 == t, and no timer ever comes due."""


class Deadlock(RuntimeError):
    """All tasks wait and no timer is left: nothing can ever happen again."""


class SimLoop(asyncio.base_events.BaseEventLoop):
    """Give it to asyncio: `asyncio.Runner(loop_factory=SimLoop)`."""

    _scheduled: list[asyncio.TimerHandle]

    def __init__(self) -> None:
        super().__init__()
        self._clock_resolution = CLOCK_RESOLUTION
        self._selector = self
        self._now = 0.0

    @override
    def time(self) -> float:
        return self._now

    def select(self, timeout: float | None) -> list[Any]:
        """Stand in for the selector: where a real loop would sleep, jump to the next timer."""
        if timeout is None:
            raise Deadlock(f"no task is ready and no timer is left at {self._now:.6f} s")
        if timeout > 0:
            # exactly to the timer: adding `timeout` would drift, and asyncio caps it at a day
            self._now = max(self._now, self._scheduled[0].when())
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """No descriptor is ever ready."""

    def _write_to_self(self) -> None:
        """Nobody sleeps, so nobody need be woken."""

    @override
    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        raise RuntimeError("no threads in virtual time; put a stand-in at the port that blocks")


def run(
    main: Coroutine[Any, Any, T],
    *,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = SimLoop,
) -> T:
    """Run `main` to its end, in virtual time unless another loop is given. Raises Deadlock."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main)
