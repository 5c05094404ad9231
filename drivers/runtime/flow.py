"""The vocabulary of every flow: events in, effects out, and one pure step between them.

`step(state, event, now) -> (state, effects)` has no clock, no chance, no wire and no id of its own.
The runner (drivers.runtime.core) gives each effect an id, makes it durable where someone may later ask
about it, carries it out, and turns what came of it into the next event.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Generic, Protocol, TypeVar


class Repeat(StrEnum):
    """What may be done again when the outcome of an effect is not known."""

    IDEMPOTENT = "idempotent"
    """The exchange may repeat it; doing it twice is the same as once."""
    ONCE = "once"
    """Nobody repeats it blindly. A second try is an effect of its own that the flow asks for."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a device spoke, a person pressed, a timer ran out, an effect ended."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to be done. `journaled` effects become durable before they start."""

    journaled: ClassVar[bool] = False
    repeat: ClassVar[Repeat] = Repeat.IDEMPOTENT


@dataclass(frozen=True, slots=True)
class SetTimer(Effect):
    """Ask for `TimerFired(name)` after `seconds`; a timer of the same name is replaced."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StopTimer(Effect):
    """Forget the timer of this name, if there is one."""

    name: str


@dataclass(frozen=True, slots=True)
class TimerFired(Event):
    """The timer of this name ran out."""

    name: str


S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Now:
    """The one moment at which a step happens: wall time (aware, UTC) and monotonic seconds."""

    wall: datetime
    monotonic: float


Stepped = tuple[S, tuple[Effect, ...]]


class Step(Protocol, Generic[S]):
    """A flow."""

    def __call__(self, state: S, event: Event, now: Now, /) -> tuple[S, tuple[Effect, ...]]: ...
