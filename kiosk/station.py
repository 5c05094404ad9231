"""The running kiosk: one flow, its devices under supervision, and a door for whoever watches and asks.

`Kiosk` is given its parts, so the same station runs on real wires and real time, or on memory wires and
virtual time. kiosk.build makes the parts of a station file.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from config.station import Station
from config.texts import Catalogue
from drivers.errors import Code, DeviceError, DeviceRefused, DeviceUnavailable
from drivers.ports import (
    CardReader,
    Clock,
    ItemReader,
    KeyPad,
    Letter,
    LibrarySystem,
    Notifier,
    Online,
    Paper,
    Payments,
    PrinterState,
    PrintJob,
    PrintOutcome,
    ReceiptPrinter,
    Rng,
    Scanner,
    Secret,
    Speaker,
    Store,
)
from drivers.runtime.core import Core
from drivers.runtime.flow import Event
from drivers.runtime.supervisor import Health, Supervisor
from drivers.service import deeds
from drivers.service.aloud import Aloud
from drivers.service.assist import offered_languages
from drivers.service.link import LinkStation
from drivers.service.listeners import Listeners
from drivers.service.outbox import Outbox
from drivers.service.receipt import mail, paper, script
from drivers.service.receipt_samples import letters_page
from drivers.service.records import counts_of
from drivers.service.serving import asking, keying, printing
from drivers.service.staff import Hasher, StaffDoor, administer
from drivers.service.summary import summary, summary_to_json
from drivers.service.view import Snapshot
from drivers.store import journal
from kiosk import view
from kiosk.card_work import CardWork
from kiosk.hold_slips import HoldSlips
from kiosk.lending import acts
from kiosk.lending.doing import Doing
from kiosk.lending.flow import LendingFlow
from kiosk.lending.slips import Slip
from kiosk.lending.state import Lending
from kiosk.pad_work import PadWork
from kiosk.slips import receipt_of
from kiosk.staff.doing import StaffDoing
from kiosk.view.actions import RECEIPT_ALOUD
from kiosk.view.rows import Words

STORE_CHECK_S = 5.0
TERMINAL_CHECK_S = 10.0
CLOCK_SLACK = timedelta(minutes=10)
"""How far the clock may stand behind the newest row of an earlier run: a leap or a correction."""

Compose = Callable[[str, Paper], "asyncio.Future[PrintJob]"]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a kiosk is made of. A part that is None is missing, and degrades what it serves."""

    config: Station
    catalogue: Catalogue
    clock: Clock
    rng: Rng
    store: Store
    library: LibrarySystem
    reader: ItemReader | None
    scanner: Scanner | None
    printer: ReceiptPrinter | None
    notifier: Notifier | None
    hasher: Hasher
    """Hashes and knows again the PINs of staff."""
    compose: Any
    """async (job id, Paper) -> PrintJob; the drawing may need a thread of its own."""
    card: CardReader | None = None
    store_full: Callable[[], object] = lambda: None
    """Called when the disk is full: throw out what was kept for that moment."""
    speaker: Speaker | None = None
    keys: KeyPad | None = None
    terminal: Payments | None = None


class Kiosk:
    """Runs until `stop`. All of it on one loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        config = parts.config
        self._words = Words(parts.catalogue.keys(), offered_languages(parts.catalogue))
        self._zone = ZoneInfo(config.station.time_zone)
        self._listeners = Listeners()
        self._ended = asyncio.Event()
        self._tick: asyncio.TimerHandle | None = None
        self._clock_check: asyncio.TimerHandle | None = None
        self._supervisor = Supervisor(clock=parts.clock, rng=parts.rng)
        self._health: dict[str, str] = {}
        self._pad = (
            None
            if parts.reader is None
            else PadWork(
                parts.reader,
                poll_s=config.lending.poll_s,
                polled=lambda uids: self._core.put(acts.PadPolled(uids)),
            )
        )
        self._outbox = (
            None
            if parts.notifier is None or config.mail is None
            else Outbox(
                station_id=config.station.id,
                store=parts.store,
                notifier=parts.notifier,
                clock=parts.clock,
                rng=parts.rng,
                give_up=timedelta(hours=config.mail.give_up_h),
            )
        )
        self._doing = Doing(
            station_id=config.station.id,
            zone=self._zone,
            rules=config.lending,
            security=config.security,
            offline=config.offline,
            ask_first=config.returns.ask_first,
            shortest_loan=timedelta(days=config.library.shortest_loan_days),
            store=parts.store,
            library=parts.library,
            pad=self._pad or _NoPad(),
            paper=self._print,
            mail=self._mail,
            clock=parts.clock,
            rng=parts.rng,
            put=self._put,
            terminal=parts.terminal,
            pickup=config.library.location,
        )
        self._staff = StaffDoing(
            store=parts.store,
            door=StaffDoor(parts.store, parts.hasher),
            loans=self._doing,
            pad=self._pad or _NoPad(),
            security=config.security,
            opening=config.opening,
            zone=self._zone,
            clock=parts.clock,
            print_test=self._print_test,
            restart=self._supervisor.restart,
            put=self._put,
        )
        self._hold_slips = HoldSlips(
            config,
            parts.catalogue,
            store=parts.store,
            clock=parts.clock,
            rng=parts.rng,
            put_on_paper=self._put_on_paper,
        )
        self._core: Core[Lending] = Core(
            Lending(language=config.station.language),
            LendingFlow(
                config.lending,
                config.security,
                config.station.language,
                config.returns,
                config.opening,
                self._zone,
                tells_staff=config.help.call == "notice",
                offline=config.offline,
                branches=config.branch_names,
                lit=config.screen.lit,
            ),
            clock=parts.clock,
            handlers={
                **self._doing.handlers(),
                **self._staff.handlers(),
                **self._hold_slips.handlers(),
            },
            failed=self._failed,
            stepped=self._stepped,
        )

        self._aloud = Aloud(
            parts.speaker,
            catalogue=parts.catalogue,
            keys=config.keys,
            clock=parts.clock,
            press=self._press,
            begin=lambda: self._core.put(acts.AloudAsked()),
            changed=lambda: self._stepped(self._core.state),
        )

    # --- for the window, the socket and tests -------------------------------------------------------

    @property
    def state(self) -> Lending:
        """The flow's state as it is, for tests and proofs."""
        return self._core.state

    @property
    def faces(self) -> Mapping[str, LinkStation]:
        """A kiosk has one screen."""
        return {}

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call `told` with the newest snapshot, at most ten times a second, until the result is called."""
        return self._listeners.add(told)

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """`press`, `touch`, `key`, `status`, `counts`, `deeds`, `staff` or `stop`. Raises DeviceRefused(station.request) for others."""
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
                stored = await self._parts.store.read(summary)
                return {**self._status(), "stored": summary_to_json(stored)}
            case "counts" if isinstance(args.get("month"), str):
                found = await self._parts.store.read(partial(counts_of, month=args["month"]))
                return {"counts": [[c.period, c.what.value, c.kind, c.n] for c in found]}
            case "deeds":
                return await self._parts.store.read(partial(deeds.answer, args=args))
            case "staff" if isinstance(args.get("verb"), str):
                parts = self._parts
                door = StaffDoor(parts.store, parts.hasher)
                return await administer(parts.store, door, args["verb"], args)
            case "stop":
                self.stop()
                return {}
            case _:
                raise DeviceRefused("station", Code.STATION_REQUEST, "unknown name or arguments")

    def _press(self, action: str) -> None:
        if action == RECEIPT_ALOUD:
            self._read_receipt()
            self._core.put(acts.Touched())
        elif self._aloud.pressed(action):
            self._core.put(acts.Touched())
        else:
            self._core.put(acts.Pressed(action))

    def _read_receipt(self) -> None:
        """The receipt of the visit as it stands, read aloud from the same lines as the paper's."""
        state, parts = self._core.state, self._parts
        slip = state.slip(parts.clock.now().astimezone(self._zone))
        if slip is not None and state.aloud:
            self._aloud.tell(script(receipt_of(slip, parts.config), parts.catalogue))

    def _key(self, name: str) -> None:
        if self._aloud.key(name) or self._core.state.dark:
            self._core.put(acts.Touched())

    def _put(self, event: Event) -> None:
        self._core.put(event)

    def store_health(self, code: Code | None) -> None:
        """The journal can be written, or not, and why: without it no new borrower begins."""
        self._core.put(acts.DeviceHealth("store", code is None, code))

    def stop(self) -> None:
        """End the station; `run` returns."""
        self._ended.set()

    async def run(self) -> None:
        """Recover, open the devices, and serve until `stop`."""
        running = asyncio.get_running_loop().create_task(self._core.run(), name="flow")
        speaking = asyncio.get_running_loop().create_task(self._aloud.run(), name="aloud")
        try:
            await self._check_clock()
            await self._recover()
            self._parts.library.on_change(
                lambda online: self._core.put(acts.LibraryChanged(online))
            )
            self._start_services()
            self._stepped(self._core.state)
            await self._ended.wait()
        finally:
            for timer in (self._tick, self._clock_check):
                if timer is not None:
                    timer.cancel()
            await self._supervisor.stop()
            await self._doing.stop()
            if self._parts.notifier is not None:
                await self._parts.notifier.close()
            running.cancel()
            speaking.cancel()
            await asyncio.gather(running, speaking, return_exceptions=True)
            await self._aloud.close()
            self._listeners.close()

    async def _recover(self) -> None:
        """Take up what the last run left. A disk that takes nothing closes the machine; nothing begins before."""
        while not self._ended.is_set():
            try:
                await self._doing.recover()
                self._put(await self._staff.recall())
            except DeviceUnavailable as error:
                self.store_health(error.code)
                self._parts.store_full()
                with suppress(TimeoutError):
                    async with asyncio.timeout(STORE_CHECK_S):
                        await self._ended.wait()
            else:
                self.store_health(None)
                return

    # --- devices ------------------------------------------------------------------------------------

    def _start_services(self) -> None:
        if self._pad is not None:
            self._serve("pad", self._pad.serve)
        if self._parts.scanner is not None:
            self._serve("scanner", self._scan)
        if self._parts.card is not None and self._parts.config.devices.card is not None:
            cards = CardWork(
                self._parts.card, self._parts.config.devices.card, told=self._card_near
            )
            self._serve("card", cards.serve)
        if self._parts.printer is not None:
            self._parts.printer.on_change(self._printer_is)
            self._serve("printer", printing(self._parts.printer, self._printer_is))
        if self._parts.speaker is not None:
            self._serve("speaker", self._aloud.serve)
        if self._parts.keys is not None:
            self._serve("keys", keying(self._parts.keys, self._key))
        if self._parts.terminal is not None:
            self._serve("terminal", self._serve_terminal)
        self._serve("library", asking(self._parts.library))
        if self._outbox is not None:
            self._core.put(acts.MailChanged(False))
            self._serve("mail", self._outbox.serve)

    def _serve(self, role: str, service: Callable[[Callable[[], None]], Any]) -> None:
        def told(health: Health, code: Code | None) -> None:
            self._health[role] = health.value
            if health is Health.STARTING:
                return
            if role == "mail":
                self._core.put(acts.MailChanged(health is Health.READY))
                return
            self._core.put(acts.DeviceHealth(role, health is Health.READY, code))
            if role == "printer" and health is not Health.READY:
                printer = self._parts.printer
                state = printer.state() if printer is not None else PrinterState.GONE
                self._printer_is(state if not state.usable else PrinterState.GONE)

        self._supervisor.start(role, service, told)

    def _printer_is(self, state: PrinterState) -> None:
        self._core.put(acts.PrinterChanged(state))

    async def _scan(self, ready: Callable[[], None]) -> None:
        scanner = self._parts.scanner
        if scanner is None:
            return
        try:
            await scanner.open()
            ready()
            async for scan in scanner.scans():
                self._core.put(acts.Scanned(scan, self._doing.mark(scan.text)))
                del scan  # the next one may be long in coming
        finally:
            await scanner.close()

    def _card_near(self, new: Secret | str) -> None:
        if isinstance(new, Secret):
            self._core.put(acts.CardGiven(new, self._doing.mark(new)))
        else:
            self._core.put(acts.CardOdd(str(new)))

    async def _serve_terminal(self, ready: Callable[[], None]) -> None:
        """It says nothing by itself: whether it is there is asked, between payments."""
        terminal = self._parts.terminal
        if terminal is None:
            return
        try:
            await terminal.open()
            ready()
            while True:
                await asyncio.sleep(TERMINAL_CHECK_S)
                await terminal.open()
        finally:
            await terminal.close()

    async def _print(self, job_id: str, slip: Slip) -> PrintOutcome:
        strip = paper(receipt_of(slip, self._parts.config), self._parts.catalogue)
        return await self._put_on_paper(job_id, strip)

    async def _put_on_paper(self, job_id: str, strip: Paper) -> PrintOutcome:
        printer = self._parts.printer
        if printer is None:
            return PrintOutcome.GONE
        job = await self._parts.compose(job_id, strip)
        try:
            return await printer.print(job)
        except DeviceError:
            return PrintOutcome.GONE

    async def _mail(self, id: str, slip: Slip, to: Secret, *, visit: str) -> None:
        if self._outbox is None:
            raise DeviceRefused("mail", Code.PORT_ABSENT, "this station sends no e-mail")
        words = mail(receipt_of(slip, self._parts.config), self._parts.catalogue)
        letter = Letter(
            id, to, Secret(words.subject), Secret(words.body), slip.language, slip.occurred
        )
        await self._outbox.keep(letter, rows=slip.size, visit=visit)

    async def _print_test(self, at: datetime) -> PrintOutcome:
        """The letters that go wrong, in the shape of a receipt; nobody's."""
        table = self._parts.config.station
        slip = letters_page(at, table.place, table.name)
        return await self._put_on_paper("test", paper(slip, self._parts.catalogue))

    def _failed(self, effect: Any, error: Exception) -> Any:
        code = error.code if isinstance(error, DeviceError) else Code.BUG
        if code in {Code.STORE_FULL, Code.STORE_BROKEN}:
            self.store_health(code)
            self._parts.store_full()
            asyncio.get_running_loop().call_later(STORE_CHECK_S, self._try_store)
        return (
            self._hold_slips.failed(effect)
            or self._staff.failed(effect, error)
            or self._doing.failed(effect, error)
        )

    def _try_store(self) -> None:
        async def attempt() -> None:
            try:
                await self._parts.store.write(lambda _txn: None)
            except DeviceError:
                asyncio.get_running_loop().call_later(STORE_CHECK_S, self._try_store)
            else:
                self.store_health(None)

        self._trying = asyncio.get_running_loop().create_task(attempt())

    async def _check_clock(self) -> None:
        """A clock behind what an earlier run wrote down is wrong: due dates and the journal hang on it."""
        newest = await self._parts.store.read(journal.newest_of_earlier_runs)
        if newest is not None and self._parts.clock.now() < newest - CLOCK_SLACK:
            self._core.put(acts.DeviceHealth("clock", False, Code.CLOCK_WRONG))
            self._clock_check = asyncio.get_running_loop().call_later(
                STORE_CHECK_S, self._check_clock_again, newest
            )

    def _check_clock_again(self, newest: datetime) -> None:
        if self._parts.clock.now() >= newest - CLOCK_SLACK:
            self._core.put(acts.DeviceHealth("clock", True))
        else:
            self._clock_check = asyncio.get_running_loop().call_later(
                STORE_CHECK_S, self._check_clock_again, newest
            )

    # --- snapshots ----------------------------------------------------------------------------------

    def _stepped(self, state: Lending) -> None:
        clock = self._parts.clock
        now = clock.now()
        config, pointed = self._parts.config, self._aloud.pointed()
        shown = view.screen(state, config, self._words, now, clock.monotonic(), pointed)
        devices = (
            *sorted({**self._health, "library": self._library()["library"][0].value}.items()),
            ("printer_state", state.devices.printer.value),
        )
        if self._listeners.show(
            shown, devices, library=state.devices.library.value, visit=state.signed_in
        ):
            self._aloud.shown(shown)
        if self._tick is None:
            loop = asyncio.get_running_loop()
            self._tick = loop.call_later(60.0 - now.second - now.microsecond / 1e6, self._minute)

    def _minute(self) -> None:
        """The clock on the start screen moves, and so do minutes left of a block."""
        self._tick = None
        self._put(acts.MinutePassed())

    def _library(self) -> dict[str, tuple[Health, Code | None]]:
        """The line is ready when it is answered, whatever the service that keeps it alive says."""
        found = {
            Online.UNKNOWN: (Health.STARTING, None),
            Online.OFFLINE: (Health.DOWN, Code.LIBRARY_OFFLINE),
        }
        return {"library": found.get(self._parts.library.online(), (Health.READY, None))}

    def _status(self) -> dict[str, Any]:
        state, queue = self._core.state, self._doing.queue()
        return {
            "station": self._parts.config.station.id,
            "phase": state.phase.value,
            "visit": state.signed_in,
            "library": state.devices.library.value,
            "offline": {
                "waiting": queue.rows,
                "oldest": None if queue.oldest is None else queue.oldest.isoformat(),
            },
            "printer": state.devices.printer.value,
            "payments": {"untold": self._doing.till.open()},
            "devices": {
                role: {"health": health.value, "code": code.value if code is not None else ""}
                for role, (health, code) in {**self._supervisor.states(), **self._library()}.items()
            },
        }


class _NoPad:
    """Where a station has no item reader."""

    async def read(self, uid: Any) -> Any:
        raise DeviceRefused("pad", Code.PORT_ABSENT, "this station has no pad")

    async def set_security(self, uid: Any, afi: int) -> None:
        raise DeviceRefused("pad", Code.PORT_ABSENT, "this station has no pad")
