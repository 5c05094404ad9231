"""The core loop: one inbox, one step at a time, timers, and effects carried out beside it.

The core owns the state of one flow. Events enter by `put`; each is taken alone, stepped, and its effects
are handed to the runner in order. A handler is an async function from an effect to the event that came of
it, or None. Handlers run as tasks of their own, so a slow device never holds the inbox; what they raise
becomes an event through `failed`, never a dead core.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from drivers.errors import Code
from drivers.ports import Clock
from drivers.runtime.flow import Effect, Event, Now, SetTimer, Step, StopTimer, TimerFired
from drivers.runtime.log import Label, LogEvent, log

S = TypeVar("S")

Handler = Callable[[Effect], Awaitable[Event | None]]


@dataclass(frozen=True, slots=True)
class EffectFailed(LogEvent):
    """A handler raised what it should not: a bug. The flow gets the event that `failed` makes."""

    name: ClassVar = "core.effect_failed"
    level: ClassVar = "error"
    effect: Label
    error: Label


@dataclass(frozen=True, slots=True)
class StepFailed(LogEvent):
    """A step raised: a bug. The state stays as it was before the event."""

    name: ClassVar = "core.step_failed"
    level: ClassVar = "error"
    taking: Label
    """The event's class."""
    error: Label


@dataclass(frozen=True, slots=True)
class ViewFailed(LogEvent):
    """The new state could not be shown: a bug. What was shown before stands until the next state."""

    name: ClassVar = "core.view_failed"
    level: ClassVar = "error"
    error: Label


class Core(Generic[S]):
    """Runs one flow on the running loop."""

    def __init__(
        self,
        state: S,
        step: Step[S],
        *,
        clock: Clock,
        handlers: Mapping[type[Effect], Handler],
        failed: Callable[[Effect, Exception], Event | None],
        stepped: Callable[[S], None],
    ) -> None:
        self.state = state
        self._step = step
        self._clock = clock
        self._handlers = handlers
        self._failed = failed
        self._stepped = stepped
        self._inbox: asyncio.Queue[Event] = asyncio.Queue()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._due: dict[str, TimerFired] = {}
        """Timers that ran out and whose event waits in the inbox."""
        self._void: list[TimerFired] = []
        """Those of them that were stopped or set anew meanwhile: as if they had never run out."""
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, event: Event) -> None:
        """Add an event. Call on the loop's own thread."""
        self._inbox.put_nowait(event)

    async def run(self) -> None:
        """Take events until cancelled; then let running effects end and drop the timers."""
        try:
            while True:
                self._take(await self._inbox.get())
        finally:
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def idle(self) -> bool:
        """True when no event waits and no effect runs; timers may still be set."""
        return self._inbox.empty() and not self._tasks

    def _take(self, event: Event) -> None:
        if isinstance(event, TimerFired) and not self._stands(event):
            return
        now = Now(self._clock.now(), self._clock.monotonic())
        try:
            self.state, effects = self._step(self.state, event, now)
        except Exception as error:
            log(StepFailed(Label(type(event).__name__), Label(_place(error))))
            return
        for effect in effects:
            self._start(effect)
        self._tell()

    def _tell(self) -> None:
        """Show the new state. A view that cannot show it must not keep later events from being taken."""
        try:
            self._stepped(self.state)
        except Exception as error:
            log(ViewFailed(Label(_place(error))))

    def _start(self, effect: Effect) -> None:
        match effect:
            case SetTimer(name=name, seconds=seconds):
                self._stop_timer(name)
                loop = asyncio.get_running_loop()
                self._timers[name] = loop.call_later(seconds, self._fire, name)
            case StopTimer(name=name):
                self._stop_timer(name)
            case _:
                task = asyncio.get_running_loop().create_task(self._carry_out(effect))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _stop_timer(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
        fired = self._due.pop(name, None)
        if fired is not None:
            self._void.append(fired)

    def _fire(self, name: str) -> None:
        self._timers.pop(name, None)
        self._due[name] = fired = TimerFired(name)
        self.put(fired)

    def _stands(self, fired: TimerFired) -> bool:
        """Whether the timer was left alone since it ran out."""
        for n, one in enumerate(self._void):
            if one is fired:
                del self._void[n]
                return False
        if self._due.get(fired.name) is fired:
            del self._due[fired.name]
        return True

    async def _carry_out(self, effect: Effect) -> None:
        try:
            event = await self._handlers[type(effect)](effect)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log(EffectFailed(Label(type(effect).__name__), Label(_place(error))))
            event = self._failed(effect, error)
        if event is not None:
            self.put(event)


def _place(error: Exception) -> str:
    """Type and place of an error, never its text: a text may quote what is personal."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
        trace = trace.tb_next
    code = getattr(error, "code", None)
    kind = code.value if isinstance(code, Code) else type(error).__name__
    return f"{kind}@{place}"
