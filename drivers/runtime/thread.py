"""A loop in a thread of its own, named "core": it owns all state, while Qt has the main thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

JOIN_S = 10.0


class CoreThread:
    """Runs coroutines on one loop in one thread until `stop`."""

    def __init__(self, name: str = "core") -> None:
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread and wait until its loop takes work."""
        self._thread.start()
        self._ready.wait()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run a coroutine on the loop. Raises RuntimeError when the loop has ended."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the core loop is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, function: Callable[..., None], *args: Any) -> None:
        """Call a function on the loop, soon."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(function, *args)

    def stop(self) -> bool:
        """End the loop, cancelling what runs. False when it did not end in time. Safe to repeat."""
        if not self._thread.is_alive():
            return True
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(JOIN_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        async def until_end() -> None:
            self._loop = asyncio.get_running_loop()
            self._end = asyncio.Event()
            self._ready.set()
            await self._end.wait()
            self._loop = None

        with asyncio.Runner() as runner:
            runner.run(until_end())
