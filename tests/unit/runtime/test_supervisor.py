"""Devices are kept running: back-off, faults told once, and no device takes another down."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from drivers.errors import Code, DeviceUnavailable
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.runtime.supervisor import FIRST_WAIT_S, LONGEST_WAIT_S, Health, Supervisor
from hw_sim.simloop import run
from tests.conftest import Heard

Told = list[tuple[float, Health, Code | None]]


@pytest.fixture(autouse=True)
def expected(heard: Heard) -> None:
    heard.expect("service.down")


async def kept(
    service: Callable[[Callable[[], None]], Awaitable[None]], seconds: float, **more: int
) -> Told:
    loop = asyncio.get_running_loop()
    told: Told = []
    supervisor = Supervisor(
        clock=LoopClock(datetime(2026, 1, 1, tzinfo=UTC)), rng=SeededRng(1), **more
    )
    supervisor.start("pad", service, lambda health, code: told.append((loop.time(), health, code)))
    await asyncio.sleep(seconds)
    await supervisor.stop()
    assert supervisor.states()["pad"] == (Health.STOPPED, None)
    return told


def test_a_service_that_never_comes_up_is_tried_ever_more_rarely_and_faulted_once() -> None:
    tries: list[float] = []

    async def absent(_ready: Callable[[], None]) -> None:
        tries.append(asyncio.get_running_loop().time())
        raise DeviceUnavailable("pad", Code.PORT_ABSENT)

    told = run(kept(absent, 600))
    assert [(health, code) for _, health, code in told] == [
        (Health.STARTING, None),
        (Health.DOWN, Code.PORT_ABSENT),
        (Health.FAULTED, Code.PORT_ABSENT),
    ]
    waits = [b - a for a, b in pairwise(tries)]
    assert FIRST_WAIT_S / 2 <= waits[0] <= FIRST_WAIT_S
    for n, wait in enumerate(waits):
        longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**n)
        assert longest / 2 <= wait <= longest
    assert len(tries) > 20, "still tried after it is called faulted"


def test_sixty_healthy_seconds_forget_what_was() -> None:
    starts: list[float] = []

    async def dies_after_a_minute(ready: Callable[[], None]) -> None:
        starts.append(asyncio.get_running_loop().time())
        ready()
        await asyncio.sleep(61)
        raise DeviceUnavailable("pad", Code.PORT_GONE)

    told = run(kept(dies_after_a_minute, 1000))
    assert Health.FAULTED not in {health for _, health, _ in told}
    assert all(b - a <= 61 + FIRST_WAIT_S for a, b in pairwise(starts))


def test_a_bug_in_a_service_is_a_fault_of_that_service_alone() -> None:
    async def both() -> tuple[Told, int]:
        alive = 0

        async def well(ready: Callable[[], None]) -> None:
            nonlocal alive
            ready()
            while True:
                alive += 1
                await asyncio.sleep(1)

        async def buggy(_ready: Callable[[], None]) -> None:
            raise ZeroDivisionError

        supervisor = Supervisor(clock=LoopClock(datetime(2026, 1, 1, tzinfo=UTC)), rng=SeededRng(1))
        told: Told = []
        supervisor.start("printer", well, lambda *_: None)
        supervisor.start("pad", buggy, lambda health, code: told.append((0.0, health, code)))
        await asyncio.sleep(10)
        assert supervisor.states()["printer"] == (Health.READY, None)
        await supervisor.stop()
        return told, alive

    told, alive = run(both())
    assert (0.0, Health.DOWN, Code.BUG) in told
    assert alive == 10


def test_a_service_that_comes_back_is_ready_again() -> None:
    async def flaky(ready: Callable[[], None]) -> None:
        ready()
        await asyncio.sleep(5)
        raise DeviceUnavailable("pad", Code.PORT_GONE)

    told = run(kept(flaky, 7))
    assert [health for _, health, _ in told] == [
        Health.STARTING,
        Health.READY,
        Health.DOWN,
        Health.READY,
    ]
