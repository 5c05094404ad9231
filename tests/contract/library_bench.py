"""The gateway and the simulated library system, joined by a memory wire in virtual time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from drivers.library.gateway import Gateway
from drivers.ports import Borrowed, Patron, Secret
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.sip2.dialect import DIALECTS, Dialect
from drivers.transport.memory import MemoryTransport
from hw_sim.ils.device import LibraryDevice
from hw_sim.ports import MemoryPort, WireEnd
from hw_sim.simloop import SimLoop
from hw_sim.wire import Line

T = TypeVar("T")

START = datetime.fromisoformat("2026-11-03T10:42:00+01:00")
ZONE = ZoneInfo("Europe/Copenhagen")
KAREN = Patron(Secret("1234567890"), Secret("1234"))
OLE = Patron(Secret("2222222222"), Secret("4321"))
BOOK, HELD, ATLAS, FILM, OLD, ARMED, ELSEWHERE = (f"300000000{n}" for n in range(1, 8))

SCENARIO: dict[str, Any] = {
    "library": {
        "institution": "DK-746100",
        "name": "Odense",
        "user": "kiosk",
        "password": "not-a-secret",
        "location": "Borgernes Hus",
        "branches": {"HB": "Borgernes Hus"},
        "bins": {"hold": "1", "Dalum": "701"},
        "answer_ms": 300,
    },
    "items": [
        {"id": BOOK, "title": "Tørst"},
        {"id": HELD, "title": "Salt & peber", "reserved": True},
        {"id": ATLAS, "title": "Atlas | bind 2", "not_for_loan": True},
        {"id": FILM, "title": "Film", "fee": "25", "media": "005"},
        {"id": OLD, "title": "Gammel", "lent_to": "1234567890", "due": "2026-11-01"},
        {"id": ARMED, "title": "Alarm", "stay_armed": True},
        {"id": ELSEWHERE, "title": "Åben å", "location": "Dalum", "call_number": "86"},
    ],
    "patrons": [
        {
            "card": "1234567890",
            "pin": "1234",
            "name": "Karen Testesen",
            "email": "karen@example.org",
            "fees": ["12.50", "20"],
        },
        {"card": "2222222222", "pin": "4321", "name": "Ole Testesen"},
        {"card": "3333333333", "pin": "1111", "name": "Spærret Testesen", "blocked": True},
    ],
}


class Bench:
    """One gateway, one library system, the wire between them, and what the library's own state says."""

    def __init__(self, *, dialect: Dialect, password: str, manners: dict[str, object]) -> None:
        data = {**SCENARIO, "library": {**SCENARIO["library"], **manners}}
        loop = asyncio.get_running_loop()
        self.device = LibraryDevice.from_scenario(
            data, now=lambda: START + timedelta(seconds=loop.time()), rng=random.Random(7)
        )
        self.line = Line(self.device, random.Random(7))
        wire = MemoryTransport("library")
        self.port = MemoryPort(self.line, cast(WireEnd, wire.far))
        self.clock = LoopClock(START, loop)
        self.gateway = Gateway(
            wire,
            dialect,
            user="kiosk",
            password=Secret(password),
            institution="DK-746100",
            location="HB",
            clock=self.clock,
            rng=SeededRng(1),
            zone=ZONE,
        )

    @property
    def loans(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.device.truth()["loans"])

    def count(self, message: str) -> int:
        counts = cast("dict[str, int]", self.device.truth()["counts"])
        return counts.get(message, 0)

    def status_of(self, item: str) -> str:
        items = cast("dict[str, dict[str, str]]", self.device.truth()["items"])
        return items[item]["status"]

    def fault(self, verb: str, **args: object) -> None:
        self.line.fault(verb, **args)

    def now(self) -> datetime:
        return self.clock.now()


def joined(
    work: Callable[[Bench], Awaitable[T]],
    *,
    dialect: str = "standard",
    password: str = "not-a-secret",
    changed: dict[str, Any] | None = None,
    manners: dict[str, object] | None = None,
) -> T:
    """Run `work` on a bench; afterwards nothing may be left running."""

    async def whole() -> T:
        bench = Bench(
            dialect=replace(DIALECTS[dialect], **(changed or {})),
            password=password,
            manners=manners or {},
        )
        try:
            return await work(bench)
        finally:
            await bench.gateway.close()
            await bench.port.stop()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(whole())


async def borrow(bench: Bench, item: str = BOOK) -> Borrowed:
    """Karen borrows it now."""
    return await bench.gateway.borrow(KAREN, item, occurred=bench.now())
