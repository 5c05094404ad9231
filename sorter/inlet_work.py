"""The public inlet as it runs: the reader at its gate, its screen as a face of the line, its paper, its voice and keys.

What it asks of the belt goes through the line's link; what it hears of an item, the line tells it. Whatever happens
here, the belt goes on.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.inlet import Inlet as Rules
from config.station import Station
from config.texts import Catalogue, text
from drivers.errors import Code, DeviceError, DeviceRefused, DeviceUnavailable
from drivers.ports import (
    BeltCommand,
    Clock,
    CommandResult,
    ItemReader,
    KeyPad,
    Paper,
    PrinterState,
    PrintJob,
    PrintOutcome,
    ReceiptPrinter,
    Speaker,
    Tag,
    Uid,
)
from drivers.runtime.core import Core
from drivers.runtime.flow import Effect, Event
from drivers.runtime.supervisor import Health, Service
from drivers.service.aloud import Aloud
from drivers.service.assist import offered_languages
from drivers.service.listeners import Listeners
from drivers.service.receipt import Kind, LineState, ReceiptLine, paper, receipt
from drivers.service.serving import keying, printing
from drivers.service.view import Mark, Snapshot
from drivers.store import journal
from drivers.tags import Decoded, Item
from sorter.alarms import Alarm
from sorter.belt.items import Cause, Tracked
from sorter.belt.line import Line
from sorter.inlet import acts, view
from sorter.inlet.flow import InletFlow
from sorter.inlet.gate import GateTag, Why, tag_of
from sorter.inlet.gate import Kind as TagKind
from sorter.inlet.state import Entry, Inlet, Stand, Way, way_of
from sorter.ledger import Ledger
from sorter.tag_reading import number_of, read_whole

LOOK_S = 0.1
"""Between two looks at the gate."""
BAD_LOOKS = 3
"""Looks that may fail in a row before the reader is opened afresh."""
BAD_READS = 3
"""Reads that a tag may refuse before it counts as one that says nothing."""
TOLD_TO = 1
"""The belt's word for what was given back because it was told to."""
_FOR_STAFF = frozenset(
    {
        Cause.NO_READ,
        Cause.CONFLICT,
        Cause.INCOMPLETE,
        Cause.NOT_ARMED,
        Cause.REFUSED,
        Cause.GAP,
        Cause.LOST,
        Cause.RESTART,
        Cause.REMOVED,
    }
)
"""What makes an item one that was not taken back by itself."""

Compose = Callable[[str, Paper], Awaitable[PrintJob]]


class InletWork:
    """One inlet. As a face of the line it takes `press`, `touch`, `key` and `status`, and shows its own screen."""

    def __init__(
        self,
        reader: ItemReader,
        *,
        rules: Rules,
        config: Station,
        catalogue: Catalogue,
        clock: Clock,
        ledger: Ledger,
        command: Callable[[BeltCommand, tuple[int, ...]], Awaitable[CommandResult]],
        reads: Callable[[bool], None],
        printer: ReceiptPrinter | None = None,
        compose: Compose | None = None,
        speaker: Speaker | None = None,
        keys: KeyPad | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            reader: at the gate.
            rules: of the inlet.
            config: of the station.
            catalogue: every word.
            clock: for the screen's clock and the receipt's moment.
            ledger: where it is written that something was given back, and why.
            command: tells the belt something; raises DeviceError.
            reads: hears whether the reader can be used.
            printer: beside the inlet.
            compose: from paper to that printer's job.
            speaker: the inlet's voice.
            keys: the inlet's five keys.
        """
        self._reader = reader
        self._config = config
        self._catalogue = catalogue
        self._clock = clock
        self._ledger = ledger
        self._command = command
        self._reads = reads
        self._printer = printer
        self._compose = compose
        self._speaker = speaker
        self._keys = keys
        self._languages = offered_languages(catalogue)
        self._listeners = Listeners()
        self._minute: asyncio.TimerHandle | None = None
        self._health: dict[str, str] = {}
        self._shut_at = clock.now()
        self._way: tuple[Way, str] = (Way.CLOSED, "")
        self._number = 0
        self._known: dict[Uid, GateTag] = {}
        """Tags that lie at the gate now; one that has gone is forgotten."""
        self._unread: dict[Uid, int] = {}
        self._core: Core[Inlet] = Core(
            Inlet(
                config.station.language,
                printer=None if printer is None else PrinterState.GONE,
            ),
            InletFlow(rules, config.station.language),
            clock=clock,
            handlers=self._handlers(),
            failed=_failed,
            stepped=self._stepped,
        )
        if printer is not None:
            printer.on_change(self._printer_is)
        self._aloud = Aloud(
            speaker,
            catalogue=catalogue,
            keys=config.keys,
            clock=clock,
            press=self._press,
            begin=lambda: self._core.put(acts.AloudAsked()),
            changed=lambda: self._stepped(self._core.state),
        )

    # --- as a face ----------------------------------------------------------------------------------

    @property
    def state(self) -> Inlet:
        """The flow's state as it is, for tests and proofs."""
        return self._core.state

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call `told` with the newest snapshot, at most ten times a second, until the result is called."""
        return self._listeners.add(told)

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """`press`, `touch`, `key` or `status`. Raises DeviceRefused(station.request) for others."""
        match name:
            case "press" if isinstance(args.get("action"), str):
                self._aloud.touched()
                self._press(args["action"])
                return {}
            case "touch":
                self._aloud.touched()
                self._core.put(acts.Touched())
                return {}
            case "key" if isinstance(args.get("key"), str):
                self._key(args["key"])
                return {}
            case "status":
                return self._status()
            case _:
                raise DeviceRefused("station", Code.STATION_REQUEST, "unknown name or arguments")

    def alarms(self) -> tuple[Alarm, ...]:
        """What staff must do something about."""
        if not self._core.state.sticks:
            return ()
        return (Alarm("gate", Mark.NOW, text("inlet.alarm.stuck"), text("inlet.alarm.stuck.do")),)

    def _press(self, action: str) -> None:
        if self._aloud.pressed(action):
            self._core.put(acts.Touched())
        elif (shown := self._listeners.snapshot) is not None and action in shown.screen.focus:
            self._core.put(acts.Pressed(action))

    def _key(self, name: str) -> None:
        if self._aloud.key(name):
            self._core.put(acts.Touched())

    def _status(self) -> dict[str, Any]:
        state, shown = self._core.state, self._listeners.snapshot
        return {
            "station": self._config.station.id,
            "face": "inlet",
            "screen": "" if shown is None else shown.screen.name,
            "way": state.way.value,
            "taken": state.taken,
            "devices": dict(sorted(self._health.items())),
        }

    # --- what the line tells ------------------------------------------------------------------------

    def begin(self, number: int) -> None:
        """Items up to this number came in before."""
        self._number = number

    def line(self, line: Line) -> None:
        """The line as it is now."""
        way = way_of(line)
        if way != self._way:
            if way[0] is not Way.OPEN and self._way[0] is Way.OPEN:
                self._shut_at = self._clock.now()
            self._way = way
            self._core.put(acts.WayChanged(*way))

    def followed(self, items: tuple[Tracked, ...]) -> None:
        """Items of the line that changed."""
        for item in items:
            if item.number > self._number:
                self._number = item.number
                self._core.put(acts.Entered(item.number))
            if item.cause in _FOR_STAFF:
                self._core.put(acts.Came(item.number, Stand.STAFF))

    def heard(self, number: int, title: str, done: bool, later: bool) -> None:
        """What the library system said of an item. The title stays in this visit."""
        stand = Stand.LATER if later else Stand.RETURNED if done else Stand.STAFF
        self._core.put(acts.Came(number, stand, title))

    def given_back(self, why: int) -> None:
        """The gate has given something back; what it was told to give back is known already."""
        if why != TOLD_TO:
            self._core.put(acts.GaveBack(asked=False))

    def device(self, role: str, health: str) -> None:
        """How a device of the inlet does."""
        self._health[role] = health
        if role == "speaker":
            self._core.put(acts.VoiceChanged(self._aloud.ready))
        if role == "inlet_printer" and health != Health.READY:
            self._printer_is(PrinterState.GONE)

    def _printer_is(self, state: PrinterState) -> None:
        self._core.put(acts.PrinterChanged(state))

    # --- services -----------------------------------------------------------------------------------

    def services(self) -> Mapping[str, Service]:
        """By role, what serves each device of the inlet until its wire fails."""
        found: dict[str, Service] = {"gate": self._serve_gate}
        if self._printer is not None:
            found["inlet_printer"] = printing(self._printer, self._printer_is)
        if self._speaker is not None:
            found["speaker"] = self._aloud.serve
        if self._keys is not None:
            found["keys"] = keying(self._keys, self._key)
        return found

    async def run(self) -> None:
        """Take events and say what is to be said, until cancelled."""
        speaking = asyncio.get_running_loop().create_task(self._aloud.run(), name="aloud")
        try:
            self._stepped(self._core.state)
            await self._core.run()
        finally:
            if self._minute is not None:
                self._minute.cancel()
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            await self._aloud.close()
            self._listeners.close()

    async def _serve_gate(self, ready: Callable[[], None]) -> None:
        bad = 0
        try:
            await self._reader.open()
            ready()
            self._reads(True)
            while True:
                try:
                    await self._look()
                    bad = 0
                except DeviceUnavailable:
                    raise
                except DeviceError:
                    bad += 1
                    if bad >= BAD_LOOKS:
                        raise
                await asyncio.sleep(LOOK_S)
        finally:
            self._reads(False)
            self._known.clear()
            self._unread.clear()
            await self._reader.close()

    async def _look(self) -> None:
        tags = await self._reader.inventory()
        there = {tag.uid for tag in tags}
        self._known = {uid: known for uid, known in self._known.items() if uid in there}
        self._unread = {uid: tries for uid, tries in self._unread.items() if uid in there}
        for tag in tags:
            if tag.uid not in self._known:
                found = await self._read(tag)
                if found is not None:
                    self._known[tag.uid] = found
        if len(self._known) == len(there):  # what has not told yet may be a second thing
            self._core.put(acts.Looked(frozenset(self._known.values())))

    async def _read(self, tag: Tag) -> GateTag | None:
        """What a tag is; None while it may still tell."""
        try:
            found = await read_whole(self._reader, tag)
        except DeviceRefused:
            tries = self._unread[tag.uid] = self._unread.get(tag.uid, 0) + 1
            return None if tries < BAD_READS else GateTag(tag.uid, TagKind.SILENT)
        return tag_of(tag.uid, found, self._number_of(found))

    def _number_of(self, found: Decoded) -> str:
        """The number of a library's item. A data model without a checksum is believed when the number looks like ours."""
        number = number_of(found)
        sure = isinstance(found, Item) and found.crc_ok is not None
        ours = re.fullmatch(self._config.security.item_pattern, number) is not None
        return number if sure or ours else ""

    # --- effects ------------------------------------------------------------------------------------

    def _handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        return {
            acts.Open: self._open,
            acts.GiveBack: self._give_back,
            acts.NoteBack: self._note_back,
            acts.PrintReceipt: self._print,
        }

    async def _open(self, effect: acts.Open) -> Event:
        del effect
        try:
            result = await self._command(BeltCommand.GATE, (1,))
        except DeviceError:
            return acts.Opened(None)
        return acts.Opened(result is CommandResult.OK)

    async def _give_back(self, effect: acts.GiveBack) -> None:
        with suppress(DeviceError):
            await self._command(BeltCommand.GATE, (2,))
        self._core.put(acts.GaveBack(asked=True))  # a full disk holds the gate up no longer
        await self._note(effect.why)

    async def _note_back(self, effect: acts.NoteBack) -> None:
        await self._note(effect.why)

    async def _note(self, why: Why) -> None:
        payload = {"why": why.value}
        await self._ledger.write(
            lambda txn: journal.append(txn, "inlet.given_back", payload=payload)
        )

    async def _print(self, effect: acts.PrintReceipt) -> None:
        """Print it and forget it; that one was printed is written down, and of what not a word."""
        outcome = await self._printed(effect)
        self._core.put(acts.Printed(effect.visit, outcome.printed))
        payload = {"outcome": outcome.value, "items": len(effect.entries)}
        await self._ledger.write(lambda txn: journal.append(txn, "inlet.receipt", payload=payload))

    async def _printed(self, effect: acts.PrintReceipt) -> PrintOutcome:
        if self._printer is None or self._compose is None:
            return PrintOutcome.GONE
        station = self._config.station
        what = receipt(
            Kind.RETURN,
            station.place,
            station.name,
            self._clock.now().astimezone(ZoneInfo(station.time_zone)),
            tuple(map(_line, effect.entries)),
            language=effect.language,
            large=effect.large,
            account_link=self._config.lending.account_url,
        )
        try:
            job = await self._compose(f"inlet-{effect.visit}", paper(what, self._catalogue))
            return await self._printer.print(job)
        except DeviceError:
            return PrintOutcome.GONE

    # --- snapshots ----------------------------------------------------------------------------------

    def _stepped(self, state: Inlet) -> None:
        now = self._clock.now()
        shown = view.screen(
            state, self._config, self._languages, now, self._shut_at, self._aloud.pointed()
        )
        devices = tuple(sorted(self._health.items()))
        if self._listeners.show(shown, devices, visit=bool(state.entries)):
            self._aloud.shown(shown)
        if self._minute is None:
            self._minute = asyncio.get_running_loop().call_later(_to_minute(now), self._clock_moved)

    def _clock_moved(self) -> None:
        self._minute = None
        self._stepped(self._core.state)


def _to_minute(now: datetime) -> float:
    return 60.0 - now.second - now.microsecond / 1e6


def _line(entry: Entry) -> ReceiptLine:
    """What the receipt says of one thing. Without its title its number stands there."""
    title = entry.title or entry.item
    match entry.stand:
        case Stand.RETURNED:
            return ReceiptLine(title)
        case Stand.STAFF:
            return ReceiptLine(title, LineState.REFUSED, reason="inlet.staff")
        case Stand.ENTERING:
            return ReceiptLine(title, LineState.UNSETTLED, reason="inlet.waiting")
        case Stand.LATER | Stand.TAKEN:
            return ReceiptLine(title, LineState.LATER)


def _failed(effect: Effect, error: Exception) -> Event | None:
    """The event for an effect whose handler raised: the gate and the screen must never wait for ever."""
    del error
    match effect:
        case acts.Open():
            return acts.Opened(None)
        case acts.GiveBack():
            return acts.GaveBack(asked=True)
        case acts.PrintReceipt(visit=visit):
            return acts.Printed(visit, False)
        case _:
            return None
