"""One scenario, standing: the world, its devices, the wires to them, and the verbs that move it all.

In real time `open` gives every device a port and a url. In virtual time `join` ties a device to a memory
wire instead, and the same verbs work. What each verb takes and gives is docs/decisions/0008.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from hw_sim.chipcards import KINDS as CARD_KINDS
from hw_sim.chipcards import ChipCard
from hw_sim.devices.barcode import BARCODE_FAULTS, BarcodeScanner
from hw_sim.devices.belt_image import BELT_FAULTS
from hw_sim.devices.bibliotheca import BAUD, BibliothecaReader
from hw_sim.devices.bibliotheca_antenna import BIBLIOTHECA_FAULTS
from hw_sim.devices.escpos import EscposPrinter
from hw_sim.devices.escpos_faults import PRINTER_FAULTS
from hw_sim.devices.feig import FeigReader
from hw_sim.devices.feig_antenna import FEIG_FAULTS
from hw_sim.devices.keypad import KEYPAD_FAULTS, Keypad
from hw_sim.devices.pn532 import PN532_FAULTS, Pn532
from hw_sim.devices.ssip import SSIP_FAULTS, SpeechService
from hw_sim.devices.zvt import ZVT_FAULTS, ZvtTerminal
from hw_sim.faults import Arg
from hw_sim.ils.device import FAULTS as LIBRARY_FAULTS
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.fbs_device import FAULTS as FBS_FAULTS
from hw_sim.ils.fbs_device import FbsDevice
from hw_sim.ils.port import LibraryPort, LibraryWires
from hw_sim.ils.server import LibraryServer
from hw_sim.mail.server import MAIL_FAULTS, MailServer
from hw_sim.paper import Paper
from hw_sim.plant_hands import BAUD as BELT_BAUD
from hw_sim.plant_hands import PlantHands
from hw_sim.ports import MemoryPort, Port, PtyPort, TcpPort, WireEnd
from hw_sim.rfc2217 import Rfc2217Port
from hw_sim.scenario import CardSpec, DeviceSpec, Scenario, ScenarioError
from hw_sim.tagging import tagged
from hw_sim.wire import WIRE_FAULTS, Device, Line, Standing
from hw_sim.world import World

Verb = Callable[..., Awaitable[dict[str, object]]]

TAP_S = 1.5
"""How long a hand holds a card to the reader."""

MOST_ROWS = 2_000
"""Rows of dots in one answer of `paper_rows`."""

_PARITY_BIT = {"feig": 11, "plc": 11}
"""Bits a byte on the wire where it is not 10 (8N1): FEIG and Modbus RTU speak 8E1."""

_ONE_SPEED = {"bibliotheca": BAUD, "plc": BELT_BAUD}
"""Speed of a line that names none: a bibliotheca reader has no other."""

_LIBRARIES: Mapping[
    str, tuple[type[LibraryDevice | FbsDevice], Mapping[str, Mapping[str, Arg]]]
] = {
    "sip2": (LibraryDevice, LIBRARY_FAULTS),
    "fbs": (FbsDevice, FBS_FAULTS),
}


@dataclass(slots=True)
class Place:
    """One device in its place: what it is, what goes wrong there, and where a client finds it."""

    device: Standing
    wires: Line | LibraryServer[Any] | MailServer
    known: Mapping[str, Mapping[str, Arg]]
    """Every fault it knows and its arguments."""
    port: Port | None = None
    plugged: bool = True


class Stage:
    """A scenario that runs. Verbs raise ValueError or TypeError with what is known."""

    def __init__(self, scenario: Scenario, *, pace: Literal["none", "real"] | None = None) -> None:
        """`pace` overrides that of every device."""
        self.scenario = scenario
        self.world = World(scenario.seed, scenario.today)
        self.places: dict[str, Place] = {}
        self.ended = asyncio.Event()
        self._steps: list[asyncio.TimerHandle] = []
        self._running: set[asyncio.Task[None]] = set()
        self._held: dict[str, asyncio.TimerHandle] = {}
        """Cards in a hand, by name: when they are taken away again."""
        self.plant: PlantHands | None = None
        try:
            for item in scenario.items:
                self.world.add(tagged(item))
            if {"belt", "tunnel", "gate"} & set(scenario.devices):
                self.plant = PlantHands(scenario.plant, self.world)
            for card in scenario.cards:
                self.world.add_card(_chip_card(card))
            for role, spec in scenario.devices.items():
                self._build(role, replace(spec, pace=pace) if pace else spec)
            if scenario.has_library:
                self._build_library()
            if scenario.mail is not None:
                post = MailServer(**scenario.mail)
                self.places["mail"] = Place(post, post, MAIL_FAULTS)
            self._join_jack()
        except ValueError as error:
            raise ScenarioError(f"{scenario.name}: {error}") from None
        self.verbs: Mapping[str, Verb] = {
            "hello": self.hello,
            "truth": self.truth,
            "lay": self.lay,
            "lift": self.lift,
            "scan": self.scan,
            "tap_card": self.tap_card,
            "lay_card": self.lay_card,
            "lift_card": self.lift_card,
            "key": self.key,
            "headset": self.headset,
            "terminal": self.terminal,
            "tear": self.tear,
            "paper": self.paper,
            "paper_rows": self.paper_rows,
            "fault": self.fault,
            "clear": self.clear,
            "unplug": self.unplug,
            "plug": self.plug,
            "clock": self.clock,
            "stop": self.stop,
            **(self.plant.verbs if self.plant is not None else {}),
        }

    # --- building

    def _build(self, role: str, spec: DeviceSpec) -> None:
        device: Device
        rng = self.world.chance(role)
        match spec.kind:
            case "feig" if role in {"tunnel", "gate"} and self.plant is not None:
                device, known = self.plant.reader(role, spec.pace, rng), FEIG_FAULTS
            case "plc" if self.plant is not None:
                device, known = self.plant.belt(spec.baud, rng), BELT_FAULTS
            case "feig":
                device, known = FeigReader(self.world, pace=spec.pace, rng=rng), FEIG_FAULTS
            case "bibliotheca":
                device, known = (
                    BibliothecaReader(self.world, pace=spec.pace, rng=rng),
                    BIBLIOTHECA_FAULTS,
                )
            case "barcode":
                device, known = (
                    BarcodeScanner(self.world, suffix=spec.suffix, rng=rng),
                    BARCODE_FAULTS,
                )
            case "pn532":
                device, known = Pn532(self.world, rng=rng), PN532_FAULTS
            case "ssip":
                device, known = SpeechService(self.world, rng=rng), SSIP_FAULTS
            case "keypad":
                device, known = Keypad(self.world, rng=rng), KEYPAD_FAULTS
            case "zvt":
                device, known = (
                    ZvtTerminal(rng=rng, by_hand=spec.by_hand, told=self.world.tell),
                    ZVT_FAULTS,
                )
            case _:
                device, known = (
                    EscposPrinter(rng, profile=spec.profile, pace=spec.pace),
                    PRINTER_FAULTS,
                )
        line = Line(
            device,
            self.world.chance(f"{role} wire"),
            baud=(spec.baud or _ONE_SPEED.get(spec.kind)) if spec.pace == "real" else None,
            bits_per_byte=_PARITY_BIT.get(spec.kind, 10),
        )
        self.places[role] = Place(device, line, {**known, **WIRE_FAULTS})

    def _join_jack(self) -> None:
        """The speech service is heard where the keypad's jack leads."""
        ears = [p.device for p in self.places.values() if isinstance(p.device, SpeechService)]
        for place in self.places.values():
            if isinstance(place.device, Keypad) and ears:
                place.device.jack = lambda plugged: setattr(ears[0], "headset", plugged)

    def _build_library(self) -> None:
        kind, known = _LIBRARIES[self.scenario.library_kind]
        rng = self.world.chance("library")
        device = kind.from_scenario(self.scenario.data, now=self.world.now, rng=rng)
        if self.plant is not None and isinstance(device, LibraryDevice):
            device.told = lambda what, item: self.world.tell(what, item=item)
        server = LibraryServer(device, self.world.chance("library wire"))
        self.places["library"] = Place(device, server, {**known, **WIRE_FAULTS})

    # --- starting and ending

    async def open(self, directory: Path) -> dict[str, str]:
        """Give every device a port, ptys under `directory`; the urls by role. Then begin the steps."""
        for role, place in self.places.items():
            place.port = port = self._port(role, place, directory)
            await port.start()
        self.begin()
        return {role: place.port.url for role, place in self.places.items() if place.port}

    def _port(self, role: str, place: Place, directory: Path) -> Port:
        wires = place.wires
        if isinstance(wires, MailServer):
            wires.keep_certificates_in(directory)
            return wires
        if isinstance(wires, LibraryServer):
            if self.scenario.library_kind == "fbs":
                return LibraryPort(wires, "https", directory)
            return LibraryPort(wires, "sip2")
        match self.scenario.devices[role].wire:
            case "pty":
                return PtyPort(wires, directory / role)
            case "rfc2217":
                return Rfc2217Port(wires)
            case _:
                return TcpPort(wires)

    def join(self, role: str, end: WireEnd) -> None:
        """Tie a device to a memory wire, for virtual time. The library system takes any number."""
        place = self.places[role]
        if isinstance(place.wires, MailServer):
            raise TypeError(f"{role} has no wire in virtual time")
        if not isinstance(place.wires, LibraryServer):
            place.port = MemoryPort(place.wires, end, role)
            return
        if not isinstance(place.port, LibraryWires):
            place.port = LibraryWires(place.wires, role)
        place.port.join(end)

    def address(self, role: str) -> dict[str, str]:
        """Where a client finds a device: `url`, and `ca` where it has to trust a certificate."""
        port = self.places[role].port
        found = {"url": port.url if port else ""}
        if isinstance(port, LibraryPort | MailServer) and port.ca:
            found["ca"] = str(port.ca)
        return found

    def begin(self) -> None:
        """The world's time starts now, and with it the scripted steps."""
        self.world.seconds()
        loop = asyncio.get_running_loop()
        if self.plant is not None:
            self.plant.agenda.hang_on(loop)
        for step in self.scenario.steps:
            self._steps.append(loop.call_later(step.at, self._step, step.do, step.args))

    def _step(self, verb: str, args: Mapping[str, object]) -> None:
        task = asyncio.get_running_loop().create_task(self._do_step(verb, args))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _do_step(self, verb: str, args: Mapping[str, object]) -> None:
        try:
            await self.do(verb, args)
        except (ValueError, TypeError, OSError) as error:
            self.world.tell("step_failed", do=verb, error=str(error))

    async def close(self) -> None:
        """Stop the steps and let go of every port; safe to repeat."""
        for timer in (*self._steps, *self._held.values()):
            timer.cancel()
        for task in tuple(self._running):
            task.cancel()
        if self.plant is not None:
            self.plant.agenda.let_go()
        for place in self.places.values():
            if place.port is not None:
                await place.port.stop()

    async def do(self, verb: str, args: Mapping[str, object]) -> dict[str, object]:
        """One verb of the control protocol. Raises ValueError or TypeError with what is known."""
        if verb not in self.verbs:
            raise ValueError(f"no verb {verb!r}; there are: {', '.join(self.verbs)}, subscribe")
        try:
            return await self.verbs[verb](**args)
        except TypeError as error:
            raise TypeError(str(error).removeprefix(f"{type(self).__name__}.")) from None

    # --- verbs

    async def hello(self) -> dict[str, object]:
        """What stands here: devices with their urls and faults, items and borrowers."""
        items = [
            {
                "id": item.id,
                "title": item.title,
                "author": item.author,
                "cover": item.cover,
                "parts": item.parts,
            }
            for item in self.scenario.items
        ]
        people = [
            {key: str(row.get(key, "")) for key in ("card", "cpr", "pin", "name")}
            for row in self.scenario.patrons
        ]
        devices = {
            role: {
                **self.address(role),
                "plugged": place.plugged,
                "faults": {verb: list(args) for verb, args in place.known.items()},
            }
            for role, place in self.places.items()
        }
        return {
            "scenario": self.scenario.name,
            "about": self.scenario.about,
            "verbs": [*self.verbs, "subscribe"],
            "devices": devices,
            "items": items,
            "patrons": people,
            "cards": [{"name": card.name, "holder": card.holder} for card in self.scenario.cards],
        }

    async def truth(self, device: str | None = None) -> dict[str, object]:
        """What really is: the world, and each device's own state with its standing faults; or of one device alone."""
        if device is not None:
            return self._truth_of(device)
        devices = {role: self._truth_of(role) for role in self.places}
        return {"world": self.world.truth(), "devices": devices}

    def _truth_of(self, role: str) -> dict[str, object]:
        place = self._place(role)
        return {
            **place.device.truth(),
            "plugged": place.plugged,
            "faults": place.wires.faults(),
        }

    async def lay(
        self, items: list[str] | str, parts: list[int] | None = None
    ) -> dict[str, object]:
        """Lay items on the pad, all their parts or those named."""
        return _uids(self.world.lay(_names(items), _numbers(parts)))

    async def lift(
        self, items: list[str] | str | None = None, parts: list[int] | None = None
    ) -> dict[str, object]:
        """Take items off the pad; without `items`, everything."""
        if items is None:
            return _uids(self.world.clear_pad())
        return _uids(self.world.lift(_names(items), _numbers(parts)))

    async def scan(self, text: str, aim: str = "C0") -> dict[str, object]:
        """Show a code to the barcode reader."""
        scanner = self._device("scanner", BarcodeScanner)
        scanner.scan(_text("text", text), _text("aim", aim))
        return {}

    async def tap_card(self, card: str, seconds: float = TAP_S) -> dict[str, object]:
        """Hold a chip card to the card reader and take it away again; any other number is shown as a barcode."""
        if _text("card", card) not in self.world.cards:
            return await self.scan(card)
        self._place("card")
        if not seconds > 0:
            raise ValueError("seconds must be over 0")
        self.world.lay_cards([card])
        if card in self._held:
            self._held[card].cancel()
        self._held[card] = asyncio.get_running_loop().call_later(seconds, self._lift_again, card)
        return {}

    def _lift_again(self, card: str) -> None:
        del self._held[card]
        if self.world.cards[card].near:
            self.world.lift_cards([card])

    async def lay_card(self, cards: list[str] | str) -> dict[str, object]:
        """Hold chip cards to the card reader and leave them there."""
        self.world.lay_cards(_names(cards, "cards is a list of names"))
        return {}

    async def lift_card(self, cards: list[str] | str | None = None) -> dict[str, object]:
        """Take chip cards away from the card reader; without `cards`, all."""
        self.world.lift_cards(None if cards is None else _names(cards, "cards is a list of names"))
        return {}

    async def key(self, key: str) -> dict[str, object]:
        """Press a key of the keypad: up, down, left, right, select, repeat, stop, louder or quieter."""
        self._device("keys", Keypad).press(_text("key", key))
        return {}

    async def headset(self, plugged: bool) -> dict[str, object]:
        """Put a headset into the keypad's jack, or pull it out."""
        if not isinstance(plugged, bool):
            raise TypeError("plugged is true or false")
        self._device("keys", Keypad).plug(plugged)
        return {}

    async def terminal(self, does: str) -> dict[str, object]:
        """A person at the payment terminal: card, approve, decline, abort or time_out."""
        self._device("terminal", ZvtTerminal).person(_text("does", does))
        return {}

    async def tear(self) -> dict[str, object]:
        """Tear off what hangs out of the printer."""
        torn = self._device("printer", EscposPrinter).tear()
        self.world.tell("torn", mm=round(torn, 1))
        return {"mm": round(torn, 1)}

    async def paper(self, path: str, job: int | None = None) -> dict[str, object]:
        """Draw what hangs out of the printer, or one job, as a PNG."""
        self._device("printer", EscposPrinter).draw(Path(_text("path", path)), job)
        return {"path": path}

    async def paper_rows(self, since: int = 0, sheet: int | None = None) -> dict[str, object]:
        """Dots from row `since` on, of what hangs out or of a sheet: the last one torn off is kept.

        `data` is base64, `pitch` bytes a row, most significant bit left, 1 = black. `length` rows are there
        in all, `hanging` is the sheet that hangs out now, and each cut stands with the rows before it.
        """
        paper: Paper = self._device("printer", EscposPrinter).paper
        found = paper.hanging if sheet is None else paper.sheet(_whole("sheet", sheet))
        begin, rows = found.since(_whole("since", since), MOST_ROWS)
        return {
            "sheet": found.number,
            "hanging": paper.hanging.number,
            "dots": paper.dots,
            "pitch": paper.pitch,
            "since": begin,
            "length": found.length,
            "data": base64.b64encode(b"".join(rows)).decode(),
            "cuts": [[found.fallen + row, kind] for row, kind in found.cuts],
        }

    async def fault(
        self, device: str, verb: str, args: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """Start a fault of a device or of its wire."""
        if not isinstance(args, Mapping | None):
            raise TypeError("args is an object")
        wires = self._place(device).wires
        wires.fault(_text("verb", verb), **(args or {}))
        self.world.tell("fault", device=device, verb=verb)
        return {"faults": wires.faults()}

    async def clear(self, device: str, verb: str | None = None) -> dict[str, object]:
        """End one fault of a device, or all."""
        wires = self._place(device).wires
        wires.clear(verb)
        self.world.tell("cleared", device=device, verb=verb)
        return {"faults": wires.faults()}

    async def unplug(self, device: str) -> dict[str, object]:
        """Pull the cable of a device."""
        return await self._cable(device, plugged=False)

    async def plug(self, device: str) -> dict[str, object]:
        """Put the cable of a device back, at the same url."""
        return await self._cable(device, plugged=True)

    async def clock(self, jump: float) -> dict[str, object]:
        """Put the clocks on the walls forward by so many seconds, or back; no time passes."""
        if isinstance(jump, bool) or not isinstance(jump, int | float):
            raise TypeError("jump is a number of seconds")
        self.world.jump(jump)
        return {"now": self.world.now().isoformat()}

    async def stop(self) -> dict[str, object]:
        """End the simulation."""
        self.ended.set()
        return {}

    # --- small parts

    async def _cable(self, device: str, *, plugged: bool) -> dict[str, object]:
        place = self._place(device)
        if place.port is None:
            raise ValueError(f"{device} hangs on no wire")
        await (place.port.plug() if plugged else place.port.unplug())
        place.plugged = plugged
        self.world.tell("plugged" if plugged else "unplugged", device=device)
        return {"url": place.port.url}

    def _place(self, role: str) -> Place:
        if role not in self.places:
            raise ValueError(f"no device {role!r}; there are: {', '.join(self.places)}")
        return self.places[role]

    def _device(self, role: str, kind: type[Any]) -> Any:
        device = self._place(role).device
        if not isinstance(device, kind):
            raise TypeError(f"{role} cannot do that")
        return device


def _uids(tags: list[Any]) -> dict[str, object]:
    return {"uids": [tag.uid.hex() for tag in tags]}


def _names(items: object, what: str = "items is a list of item ids") -> list[str]:
    names = [items] if isinstance(items, str) else items
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return names
    raise TypeError(what)


def _chip_card(spec: CardSpec) -> ChipCard:
    kind = next(kind for kind in CARD_KINDS if kind == spec.kind)
    return ChipCard(
        spec.name,
        bytes.fromhex(spec.uid),
        kind,
        spec.text,
        spec.holder,
        random_uid=spec.random_uid,
        short_ats=spec.short_ats,
    )


def _numbers(parts: object) -> list[int] | None:
    if parts is None or (isinstance(parts, list) and all(isinstance(n, int) for n in parts)):
        return parts
    raise TypeError("parts is a list of numbers")


def _whole(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise TypeError(f"{name} is a whole number, 0 or more")


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{name} is a text")
