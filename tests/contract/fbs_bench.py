"""The FBS gateway and the simulated FBS, joined by memory wires in virtual time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from drivers.fbs.http import Endpoint
from drivers.library.fbs import FbsGateway
from drivers.ports import Patron, Secret
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.transport.memory import MemoryTransport
from hw_sim.ils.fbs_device import FbsDevice
from hw_sim.ils.port import LibraryWires
from hw_sim.ils.server import LibraryServer
from hw_sim.ports import WireEnd
from hw_sim.simloop import SimLoop
from tests.contract.library_bench import ARMED, BOOK, ELSEWHERE, HELD, OLD, START, ZONE

T = TypeVar("T")

KAREN = Patron(Secret("1234567890"), Secret("1234"))
KAREN_BY_CPR = Patron(Secret("3002991234"), Secret("1234"))
OLE = Patron(Secret("2222222222"), Secret("4321"))
STACK = tuple(f"40000000{n:02}" for n in range(1, 11))

FBS_SCENARIO: dict[str, Any] = {
    "library": {
        "institution": "DK-746100",
        "name": "Odense",
        "user": "kiosk",
        "password": "not-a-secret",
        "location": "Borgernes Hus",
        "branches": {"hb": "Borgernes Hus", "dal": "Dalum"},
        "answer_ms": 300,
    },
    "items": [
        {"id": BOOK, "title": "Tørst", "author": "Testdal, Jo"},
        {"id": HELD, "title": "Salt & peber", "author": "Holm, Anna", "reserved": True},
        {"id": OLD, "title": "100 % sukker", "lent_to": "1234567890", "due": "2026-11-01"},
        {"id": ARMED, "title": "Æble | pære", "author": "Testesen, A."},
        {"id": ELSEWHERE, "title": "Åben å", "location": "Dalum"},
        *({"id": item, "title": f"Bog {item[-2:]}"} for item in STACK),
    ],
    "patrons": [
        {
            "card": "1234567890",
            "cpr": "3002991234",
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
    """One gateway, one FBS, and what FBS's own state says."""

    def __init__(self, *, password: str, manners: dict[str, object]) -> None:
        data = {**FBS_SCENARIO, "library": {**FBS_SCENARIO["library"], **manners}}
        loop = asyncio.get_running_loop()
        device = FbsDevice.from_scenario(
            data, now=lambda: START + timedelta(seconds=loop.time()), rng=random.Random(7)
        )
        self.library = device.library
        self.server = LibraryServer(device, random.Random(7))
        self.wires = LibraryWires(self.server, "library")
        self.clock = LoopClock(START, loop)
        self.absent = False
        self.gateway = FbsGateway(
            self._wire,
            to=Endpoint("fbs.example", 443, "/rest/sip2/DK-746100"),
            user="kiosk",
            password=Secret(password),
            institution="DK-746100",
            location="hb",
            clock=self.clock,
            rng=SeededRng(1),
            zone=ZONE,
        )

    def _wire(self) -> MemoryTransport:
        wire = MemoryTransport("library")
        self.wires.join(cast(WireEnd, wire.far))
        if self.absent:
            wire.far.hang_up()
        return wire

    @property
    def truth(self) -> dict[str, Any]:
        return self.server.truth()

    @property
    def loans(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.truth["loans"])

    def count(self, message: str) -> int:
        return cast("dict[str, int]", self.truth["counts"]).get(message, 0)

    def fault(self, verb: str, **args: object) -> None:
        self.server.fault(verb, **args)

    def now(self) -> datetime:
        return self.clock.now()


def joined(
    work: Callable[[Bench], Awaitable[T]],
    *,
    password: str = "not-a-secret",
    manners: dict[str, object] | None = None,
) -> T:
    """Run `work` on a bench; afterwards nothing may be left running."""

    async def whole() -> T:
        bench = Bench(password=password, manners=manners or {})
        try:
            return await work(bench)
        finally:
            await bench.gateway.close()
            await bench.wires.stop()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(whole())
