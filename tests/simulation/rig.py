"""A whole kiosk and its whole world in one process and in virtual time: shipping drivers, memory wires.

`Rig` is what a person at the machine can do and see, and what the simulated world says is true. Nothing
here sleeps; `until` lets virtual time run until something is so, and says what the screen was if it never is.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from config.load import load_text
from config.station import Station
from config.texts import Catalogue, Channel
from drivers.escpos.compose import Head, compose
from drivers.ports import Paper, PrintJob, Secret, Store
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.service.records import StaffMember
from drivers.service.roles import Role
from drivers.service.staff import InlineHasher, StaffDoor
from drivers.service.view import Screen, Snapshot, actions_of
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey
from drivers.transport.memory import MemoryTransport
from drivers.transport.stream import Transport
from hw_sim.devices.ssip import SpeechService
from hw_sim.mail.server import MailServer
from hw_sim.ports import WireEnd
from hw_sim.scenario import Scenario, load
from hw_sim.simloop import run
from hw_sim.stage import Stage
from kiosk.build import build
from kiosk.lending.state import Lending, Over, Phase
from kiosk.station import Kiosk
from tests.simulation.near_cards import NearCards
from tests.simulation.post import Post

os.environ.setdefault("IMS_TEST_LIBRARY_PASSWORD", "not-a-secret")
CATALOGUE = Catalogue.load()
STAFF_CARD, STAFF_PIN = "8877665544", "739146"
KEY = SealKey(bytes(range(32)))

STATION = """
schema_version = 1
[station]
id = "test-1"
kind = "kiosk"
place = "Borgernes Hus"
name = "Automat 2"
[devices.pad]
driver = "feig"
url = "memory://pad"
[devices.scanner]
driver = "barcode"
url = "memory://scanner"
[devices.printer]
driver = "escpos"
url = "memory://printer"
baud = 38400
[library]
url = "sip2://memory:1"
user = "kiosk"
password = { environment = "IMS_TEST_LIBRARY_PASSWORD" }
institution = "DK-746100"
location = "HB"
[mail]
url = "smtp://127.0.0.1:1"
sender = "kvittering@odense.example"
user = "kiosk"
password = { environment = "IMS_TEST_LIBRARY_PASSWORD" }
[nearest]
name = "Automat 3"
metres = 12
direction = "right"
landmark = "Ved trappen"
"""
CLOSED_OFFLINE = """
[offline]
lend = false
take_back = false
"""
"""Nothing goes on while the library system is away."""


HEAD = Head(baud=38400)

ACCESSIBLE = (
    STATION
    + """
[devices.keys]
driver = "evdev"
url = "memory://keys"
[speech]
driver = "speechd"
url = "memory://speaker"
"""
)
"""The same with a voice and five keys."""


@cache
def configured(station: str) -> Station:
    """A station file, read once: many lives stand on the same."""
    return load_text(station).station


class Bars:
    """Large print without Qt: a bar where a line would stand."""

    def rows(self, markup: str, width: int) -> tuple[bytes, ...]:
        del markup
        return (b"\xff" * (width // 8),) * 30


async def inline_compose(job_id: str, paper: Paper) -> PrintJob:
    return compose(job_id, paper, HEAD, Bars())


class Rig:
    """One station in one world. Use with `play`."""

    def __init__(
        self,
        scenario: str | Scenario = "first-loan",
        *,
        station: str = STATION,
        database: Path | None = None,
        pace: Any = None,
        seed: int = 7,
        wrap: Callable[[Transport], Transport] | None = None,
        stage: Stage | None = None,
        through: Callable[[Store], Store] | None = None,
        behind: timedelta = timedelta(),
        composing: Any = inline_compose,
    ) -> None:
        self.scenario = load(scenario) if isinstance(scenario, str) else scenario
        self.stage = stage or Stage(self.scenario, pace=pace)
        self.config = configured(station)
        self.database = database
        self.seed = seed
        self.behind = behind
        self.composing = composing
        self.snapshots: list[Snapshot] = []
        self._wrap = wrap
        self._through = through
        self.kiosk: Kiosk
        self.store: InlineStore
        self.post: Post
        self.wires: dict[str, MemoryTransport] = {}
        self._task: asyncio.Task[None] | None = None

    # --- starting and ending

    async def start(self) -> None:
        """Put the parts together and start the station; the world keeps what it was."""
        clock = LoopClock(self.stage.world.now() - self.behind)
        rng = SeededRng(self.seed)
        self.store = InlineStore(self.database, clock=clock, rng=rng, key=KEY)
        devices = self.config.devices
        bare = devices.model_copy(update={"card": None})
        parts = build(  # cards and mail have a stand-in each
            self.config.model_copy(update={"devices": bare, "mail": None}),
            catalogue=CATALOGUE,
            clock=clock,
            rng=rng,
            store=self._through(self.store) if self._through is not None else self.store,
            hasher=InlineHasher(),
            compose=self.composing,
            wire=self._wire,
        )
        post = self.stage.places.get("mail")
        if post is not None and isinstance(post.wires, MailServer):
            self.post = Post(post.wires)
            parts = replace(parts, notifier=self.post)
        self.cards = NearCards(
            self.stage.world,
            reads_contents=devices.card is not None and devices.card.number_from == "ndef",
        )
        card = self.cards if devices.card is not None else None
        self.kiosk = Kiosk(replace(parts, config=self.config, card=card))
        self.kiosk.listen(self.snapshots.append)
        self._task = asyncio.get_running_loop().create_task(self.kiosk.run())

    def _wire(self, url: str, *, device: str, **_: Any) -> Transport:
        role = "library" if url.startswith(("sip2", "socket")) else device
        wire = MemoryTransport(device)
        self.wires[role] = wire
        self.stage.join(role, cast(WireEnd, wire.far))  # mypy takes a callable field for a method
        return self._wrap(wire) if self._wrap is not None else wire

    async def stop(self) -> None:
        self.kiosk.stop()
        if self._task is not None:
            await self._task
        await self.store.close()

    async def kill(self) -> None:
        """End the station as kill -9 would, as far as one process can: nothing is tidied up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.store.close()

    # --- what a person does

    async def press(self, action: str) -> None:
        """Press what is on the screen. Fails when it is not there."""
        shown = self.screen
        there = [a.id for a in actions_of(shown)]
        assert action in there, f"no action {action} on {shown.name}; there are {there}"
        await self.kiosk.request("press", {"action": action})
        await self.pause(0.11)

    async def scan(self, text: str, **more: Any) -> None:
        await self.stage.do("scan", {"text": text, **more})
        await self.pause(0.2)

    async def tap(self, card: str, seconds: float = 1.5) -> None:
        """Hold a card to the reader, and take it away again."""
        await self.stage.do("tap_card", {"card": card, "seconds": seconds})

    async def lay(self, *items: str, parts: list[int] | None = None) -> None:
        await self.stage.do("lay", {"items": list(items), "parts": parts})

    async def lift(self, *items: str, parts: list[int] | None = None) -> None:
        await self.stage.do("lift", {"items": list(items) or None, "parts": parts})

    async def key(self, *keys: str) -> None:
        """Press keys of the keypad, one after the other."""
        for key in keys:
            await self.stage.do("key", {"key": key})
            await self.pause(0.11)

    async def headset(self, *, plugged: bool) -> None:
        await self.stage.do("headset", {"plugged": plugged})
        await self.pause(0.2)

    async def fault(self, device: str, verb: str, **args: Any) -> None:
        await self.stage.do("fault", {"device": device, "verb": verb, "args": args})

    async def enter_pin(self, pin: str = "1234") -> None:
        for digit in pin:
            await self.press(f"key.{digit}")

    async def staff_in(self, role: Role = Role.STAFF) -> StaffMember:
        """Make a member of staff, and let them in from the help of the start screen."""
        door = StaffDoor(self.store, InlineHasher())
        member = await door.add(role, (Secret(STAFF_CARD),), Secret(STAFF_PIN))
        await self.staff_way_in()
        return member

    async def staff_way_in(self, pin: str = STAFF_PIN, card: str = STAFF_CARD) -> None:
        """Press, scan, type; not so soon after another scan that it were the same one."""
        await self.pause(2)
        if self.state.phase is Phase.START:
            await self.press("assist.help")
        await self.press("staff")
        await self.scan(card)
        await self.enter_pin(pin)
        await self.press("staff.enter")
        await self.until(lambda s: s.staff is None or not s.staff.asking)

    async def sign_in(self, card: str = "1234567890", pin: str = "1234") -> None:
        await self.until(lambda s: s.phase in {Phase.START, Phase.CARD})
        await self.show_card(card)
        await self.until(lambda s: s.phase is Phase.PIN)
        await self.enter_pin(pin)

    async def show_card(self, card: str = "1234567890") -> None:
        """While nobody can check it, who scans a card is asked what it is."""
        await self.scan(card)
        await self.until(lambda s: s.over is Over.ASK_SCAN or s.phase in {Phase.PIN, Phase.BORROW})
        if self.state.over is Over.ASK_SCAN:
            await self.press("item.no")

    # --- what there is to see

    @property
    def state(self) -> Lending:
        return self.kiosk.state

    @property
    def screen(self) -> Screen:
        return self.snapshots[-1].screen

    def words(self) -> str:
        """Everything on the screen, as it is read aloud."""
        shown = self.screen
        return " | ".join(CATALOGUE.say(t, shown.language, Channel.SPEECH) for t in shown.spoken)

    async def heard(self) -> list[str]:
        """What the world has heard, in order: all that began to sound."""
        device = self.stage.places["speaker"].device
        assert isinstance(device, SpeechService)
        return [message.text for message in device.heard if message.begun]

    async def truth(self) -> Any:
        return await self.stage.do("truth", {})

    async def loans(self) -> dict[str, Any]:
        truth = await self.truth()
        loans: dict[str, Any] = truth["devices"]["library"]["loans"]
        return loans

    # --- time

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def until(self, so: Callable[[Lending], bool], seconds: float = 60.0) -> None:
        """Let virtual time run until `so(state)`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not so(self.state):
            assert loop.time() < end, f"not within {seconds} s; on screen: {self.words()}"
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.11)


def play(story: Callable[[Rig], Coroutine[Any, Any, None]], **rig: Any) -> Rig:
    """Run one story in virtual time, from switching on to switching off."""
    made: list[Rig] = []

    async def whole() -> None:
        one = Rig(**rig)
        made.append(one)
        one.stage.begin()
        await one.start()
        try:
            await one.until(lambda s: s.phase is Phase.START)
            await story(one)
        finally:
            await one.stop()
            await one.stage.close()

    run(whole())
    return made[0]
