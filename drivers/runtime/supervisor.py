"""Keeps each device's service running: start, notice death, wait, start again. One never takes another down.

Back-off doubles from 0.5 s to 30 s with jitter from the injected chance and is forgotten after 60 healthy
seconds. After `intensity` deaths in a row the service is told FAULTED, once, and still tried.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from drivers.errors import Code, DeviceError
from drivers.ports import Clock, Rng
from drivers.runtime.log import Label, LogEvent, log

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
HEALTHY_S = 60.0


class Health(StrEnum):
    """What the supervisor says of a service."""

    STARTING = "starting"
    READY = "ready"
    DOWN = "down"
    FAULTED = "faulted"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ServiceDown(LogEvent):
    """Logged once per change, not per attempt."""

    name: ClassVar = "service.down"
    level: ClassVar = "warning"
    service: Label
    code: Label


@dataclass(frozen=True, slots=True)
class ServiceReady(LogEvent):
    name: ClassVar = "service.ready"
    service: Label


Service = Callable[[Callable[[], None]], Awaitable[None]]
Told = Callable[[Health, Code | None], None]


class Supervisor:
    """Runs services one for one. A service gets `ready()` to call once it serves, and runs until it fails."""

    def __init__(self, *, clock: Clock, rng: Rng, intensity: int = 5) -> None:
        self._clock = clock
        self._rng = rng
        self._intensity = intensity
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._states: dict[str, tuple[Health, Code | None]] = {}
        self._kept: dict[str, tuple[Service, Told]] = {}

    def states(self) -> dict[str, tuple[Health, Code | None]]:
        """Health and last fault of every service."""
        return dict(self._states)

    def start(
        self,
        name: str,
        service: Service,
        told: Told,
    ) -> None:
        """Keep `service` running. `told` hears each change of health."""
        task = asyncio.get_running_loop().create_task(self._keep(name, service, told), name=name)
        self._tasks[name] = task
        self._kept[name] = (service, told)

    async def restart(self, name: str) -> bool:
        """Close a service and start it afresh, without the wait that its deaths have earned. False: none of that name."""
        if name not in self._kept:
            return False
        self._tasks[name].cancel()
        await asyncio.gather(self._tasks[name], return_exceptions=True)
        self.start(name, *self._kept[name])
        return True

    async def stop(self) -> None:
        """End every service and wait for it."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    async def _keep(
        self,
        name: str,
        service: Service,
        told: Told,
    ) -> None:
        deaths = 0
        ready_at: list[float] = []

        def change(health: Health, code: Code | None = None) -> None:
            if self._states.get(name) != (health, code):
                self._states[name] = (health, code)
                told(health, code)

        def ready() -> None:
            ready_at.append(self._clock.monotonic())
            log(ServiceReady(Label(name)))
            change(Health.READY)

        change(Health.STARTING)
        try:
            while True:
                ready_at.clear()
                code = Code.BUG
                try:
                    await service(ready)
                except DeviceError as error:
                    code = error.code
                except Exception:
                    code = Code.BUG
                if ready_at and self._clock.monotonic() - ready_at[0] >= HEALTHY_S:
                    deaths = 0
                deaths += 1
                health = Health.FAULTED if deaths >= self._intensity else Health.DOWN
                if self._states.get(name) != (health, code):
                    log(ServiceDown(Label(name), Label(code.value)))
                change(health, code)
                longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(deaths - 1, 10))
                await asyncio.sleep(self._rng.uniform(longest / 2, longest))
        except asyncio.CancelledError:
            self._states[name] = (Health.STOPPED, None)
            raise
