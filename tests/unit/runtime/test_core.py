"""The core loop: order of events, timers, effects beside it, and bugs that must not end it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from drivers.errors import Code, DeviceUnavailable
from drivers.runtime.clock import LoopClock
from drivers.runtime.core import Core
from drivers.runtime.flow import (
    Effect,
    Event,
    Now,
    Repeat,
    SetTimer,
    StopTimer,
    TimerFired,
)
from hw_sim.simloop import run
from tests.conftest import Heard


@dataclass(frozen=True, slots=True)
class Said(Event):
    word: str


@dataclass(frozen=True, slots=True)
class Do(Effect):
    word: str
    seconds: float = 0.0


Log = tuple[str, ...]


def step(state: Log, event: Event, now: Now) -> tuple[Log, tuple[Effect, ...]]:
    match event:
        case Said(word="bug"):
            raise ValueError("Karen Testesen")
        case Said(word="timer"):
            return state, (SetTimer("t", 2.0),)
        case Said(word="again"):
            return state, (SetTimer("t", 5.0),)
        case Said(word="stop"):
            return state, (StopTimer("t"), StopTimer("never was"))
        case Said(word="two"):
            return state, (Do("slow", 3.0), Do("quick", 1.0))
        case Said(word="fails"):
            return state, (Do("raise"),)
        case TimerFired(name=name):
            return (*state, f"{name} at {now.monotonic:g}"), ()
        case Said(word=word):
            return (*state, word), ()
        case _:
            return state, ()


async def carry_out(effect: Any) -> Event | None:
    await asyncio.sleep(effect.seconds)
    if effect.word == "raise":
        raise DeviceUnavailable("pad", Code.PORT_GONE, "Karen Testesen")
    return Said(f"{effect.word} done")


def played(story: Callable[[Core[Log]], Awaitable[None]]) -> Log:
    async def whole() -> Log:
        core: Core[Log] = Core(
            (),
            step,
            clock=LoopClock(datetime(2026, 11, 3, tzinfo=UTC)),
            handlers={Do: carry_out},
            failed=lambda effect, error: Said(f"failed {type(error).__name__}"),
            stepped=lambda _state: None,
        )
        running = asyncio.create_task(core.run())
        await story(core)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return core.state

    return run(whole())


def test_events_are_taken_one_by_one_in_order() -> None:
    async def story(core: Core[Log]) -> None:
        for word in "abc":
            core.put(Said(word))
        assert not core.idle
        await asyncio.sleep(1)
        assert core.idle

    assert played(story) == ("a", "b", "c")


def test_a_slow_effect_holds_neither_the_inbox_nor_a_quick_one() -> None:
    async def story(core: Core[Log]) -> None:
        core.put(Said("two"))
        await asyncio.sleep(0.5)
        core.put(Said("meanwhile"))
        await asyncio.sleep(5)

    assert played(story) == ("meanwhile", "quick done", "slow done")


def test_a_timer_of_the_same_name_replaces_the_first_and_one_that_was_stopped_is_silent() -> None:
    async def story(core: Core[Log]) -> None:
        core.put(Said("timer"))
        await asyncio.sleep(1)
        core.put(Said("again"))
        await asyncio.sleep(10)
        core.put(Said("timer"))
        await asyncio.sleep(1)
        core.put(Said("stop"))
        await asyncio.sleep(10)

    assert played(story) == ("t at 6",)


@pytest.mark.parametrize(("word", "told"), [("stop", ()), ("again", ("t at 7",))])
def test_a_timer_that_ran_out_as_it_was_stopped_or_set_anew_is_not_told(
    word: str, told: tuple[str, ...]
) -> None:
    async def story(core: Core[Log]) -> None:
        asyncio.get_running_loop().call_later(2.0, core.put, Said(word))
        core.put(Said("timer"))
        await asyncio.sleep(10)

    assert played(story) == told


def test_a_step_that_raises_changes_nothing_and_the_next_event_is_taken(heard: Heard) -> None:
    heard.expect("core.step_failed")

    async def story(core: Core[Log]) -> None:
        for word in ("a", "bug", "b"):
            core.put(Said(word))
        await asyncio.sleep(1)

    assert played(story) == ("a", "b")
    (failed,) = [e for e in heard.events if e["event"] == "core.step_failed"]
    assert failed["error"].startswith("ValueError@")
    assert "Karen" not in repr(heard.events), "the text of an error may quote what is personal"


def test_a_handler_that_raises_becomes_an_event(heard: Heard) -> None:
    heard.expect("core.effect_failed")

    async def story(core: Core[Log]) -> None:
        core.put(Said("fails"))
        await asyncio.sleep(1)

    assert played(story) == ("failed DeviceUnavailable",)
    assert "Karen" not in repr(heard.events)
    assert "port.gone@" in repr(heard.events)


def test_effects_that_run_and_timers_that_wait_end_with_the_core() -> None:
    async def story(core: Core[Log]) -> None:
        core.put(Said("two"))
        core.put(Said("timer"))
        await asyncio.sleep(0.5)

    assert played(story) == ()


def test_what_an_effect_is_unless_it_says_more() -> None:
    class Once(Effect):
        journaled: ClassVar = True
        repeat: ClassVar = Repeat.ONCE

    assert (Do.journaled, Do.repeat) == (False, Repeat.IDEMPOTENT)
    assert (Once.journaled, Once.repeat) == (True, Repeat.ONCE)
    with pytest.raises(AttributeError):
        Do("x").word = "y"  # type: ignore[misc]
