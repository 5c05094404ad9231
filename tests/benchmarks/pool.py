"""Processes that play a part of a benchmark each, quietly, and never outlive it; and what Ctrl-C does to a long one."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from threading import Thread
from types import FrameType
from typing import Self, TypeVar

from drivers.runtime.log import write_to
from tests.benchmarks.bars import say

T = TypeVar("T")
LOOK_S = 1.0
_ENDING: list[Event] = []
"""In a process of the pool: what says that it should come to an end."""


class Pool(ProcessPoolExecutor):
    """Processes that end by themselves when the benchmark is killed, and hear no Ctrl-C."""

    def __init__(self, workers: int) -> None:
        context = get_context("spawn")
        self._ending = context.Event()
        super().__init__(workers, mp_context=context, initializer=_begin, initargs=(self._ending,))

    def end(self) -> None:
        """Ask long parts to end early, by `ending`."""
        self._ending.set()


class Stopping:
    """While it is entered, Ctrl-C ends nothing at first: `now` says that it was pressed. Pressed again it ends all."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.now = False
        self._then = then

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _pressed(self, _signal: int, _frame: FrameType | None) -> None:
        if self.now:
            raise KeyboardInterrupt
        self.now = True
        say("stopped: what has begun is ended and told; Ctrl-C again ends without a word")
        self._then()


def until_stopped(pool: Pool, parts: Iterable[Future[T]]) -> Iterator[Future[T]]:
    """Parts as they end. After Ctrl-C what has begun is still ended, and what has not is not begun."""
    left = list(parts)

    def cancel() -> None:
        pool.end()
        for part in left:
            part.cancel()

    with Stopping(cancel):
        for done in as_completed(left):
            if not done.cancelled():
                yield done


def pool(workers: int) -> Pool:
    """So many processes."""
    return Pool(workers)


def ending() -> bool:
    """In a part: whether it should come to an end early."""
    return bool(_ENDING) and _ENDING[0].is_set()


def quiet() -> None:
    """What a simulated station logs is nobody's news here, but errors are."""
    write_to(sys.stderr, least="error")


def _begin(ending: Event) -> None:
    quiet()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _ENDING.append(ending)
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)
