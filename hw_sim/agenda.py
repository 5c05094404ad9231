"""What will happen when: one heap of its own, run by hand as fast as it goes, or hung on an event loop.

The order of events that fall on one moment is the order in which they were asked for, in both ways of running.
"""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush

Do = Callable[[], None]


class Due:
    """One thing that will happen, unless it is cancelled."""

    __slots__ = ("do", "when")

    def __init__(self, when: float, do: Do) -> None:
        self.when = when
        self.do: Do | None = do

    def cancel(self) -> None:
        self.do = None


class Heap:
    """Things in the order of when they are due; cancelled ones are passed over."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Due]] = []
        self._nth = 0

    def add(self, when: float, do: Do) -> Due:
        self._nth += 1
        due = Due(when, do)
        heappush(self._heap, (when, self._nth, due))
        return due

    def head(self) -> Due | None:
        """What comes next, or nothing."""
        heap = self._heap
        while heap:
            due = heap[0][2]
            if due.do is not None:
                return due
            heappop(heap)
        return None

    def pop(self) -> None:
        """Take out what `head` gave."""
        heappop(self._heap)


class Agenda:
    """A clock in seconds with what is due on it.

    By itself it stands still until `run`. Hung on a loop it follows the loop's time; whoever comes from outside, a
    wire or a verb, calls `catch_up` first, so that nothing that was due before is done after.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._heap = Heap()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._base = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._running = False

    def at(self, when: float, do: Do) -> Due:
        """Do something at `when`, or as soon as possible after it."""
        due = self._heap.add(max(when, self.now), do)
        if self._loop is not None and not self._running:
            self._arm()
        return due

    def after(self, seconds: float, do: Do) -> Due:
        return self.at(self.now + seconds, do)

    def run(self, until: float) -> None:
        """Let everything happen that is due until then; the clock stands at `until` afterwards."""
        if self._running:
            return
        self._running = True
        heap = self._heap
        try:
            while (due := heap.head()) is not None and due.when <= until:
                heap.pop()
                self.now = max(self.now, due.when)
                do, due.do = due.do, None
                if do is not None:
                    do()
            self.now = max(self.now, until)
        finally:
            self._running = False

    # --- on a loop

    def hang_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Follow the loop's time from now on. Safe to repeat."""
        if self._loop is None:
            self._loop = loop
            self._base = loop.time() - self.now
            self._arm()

    def let_go(self) -> None:
        """Follow no loop any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._loop = None

    def catch_up(self) -> None:
        """Do what has come due on the loop's clock."""
        if self._loop is not None and not self._running:
            self.run(self._loop.time() - self._base)
            self._arm()

    def _arm(self) -> None:
        due = self._heap.head()
        if self._timer is not None:
            if due is not None and self._timer.when() == self._base + due.when:
                return
            self._timer.cancel()
            self._timer = None
        if due is not None and self._loop is not None:
            self._timer = self._loop.call_at(self._base + due.when, self._on_time, due.when)

    def _on_time(self, when: float) -> None:
        self._timer = None
        if self._loop is not None:
            # never before what the timer was set for: sums of floats may come out a hair short
            self.run(max(when, self._loop.time() - self._base))
            self._arm()
