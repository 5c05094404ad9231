"""The running plant: the belt's flow over the ports, its services under supervision, and a door for whoever watches.

`Sorter` is given its parts, so the same line runs on real wires and real time, or on memory wires and virtual time.
sorter.build makes the parts of a station file.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from drivers.errors import Code, DeviceRefused, DeviceUnavailable
from drivers.ports import BeltCommand, BeltInfo, Txn
from drivers.runtime.core import Core
from drivers.runtime.flow import Effect, Event
from drivers.runtime.supervisor import Health, Supervisor
from drivers.service.link import LinkStation
from drivers.service.listeners import Listeners
from drivers.service.serving import asking, printing
from drivers.service.summary import summary, summary_to_json
from drivers.service.view import Screen, Snapshot
from sorter import alarms, view
from sorter.belt import acts, records
from sorter.belt.flow import BeltFlow, Rules
from sorter.belt.items import ItemState
from sorter.belt.line import BinUse, Line
from sorter.belt.pack import against
from sorter.belt.restart import line_as_left
from sorter.belt_work import BeltWork
from sorter.checking_in import CheckingIn
from sorter.crating import Crating
from sorter.desk import Desk
from sorter.doing import Doing
from sorter.history import records as history
from sorter.history import told
from sorter.ims import records as ims_records
from sorter.ims.site import Site
from sorter.ims.speaking import speak
from sorter.inlet_work import InletWork
from sorter.ledger import Ledger
from sorter.looking import Looking
from sorter.noticing import Noticing
from sorter.parts import Parts
from sorter.placing import place_told
from sorter.plan import records as plan_records
from sorter.plan.decide import Decider
from sorter.planning import Planning
from sorter.sharing import Sharing
from sorter.slips.printing import Slips
from sorter.status import status
from sorter.tunnel_work import TunnelWork

VIEW_S = 0.1
"""At most ten snapshots a second."""


class Sorter:
    """Runs until `stop`. All of it on one loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        config, rules = parts.config, parts.rulebook
        self._ended = asyncio.Event()
        self._supervisor = Supervisor(clock=parts.clock, rng=parts.rng)
        self._health: dict[str, tuple[Health, Code | None]] = {}
        self._listeners = Listeners()
        self._dirty: asyncio.TimerHandle | None = None
        self._store_fault: Code | None = None
        self._behind: set[asyncio.Task[Any]] = set()
        self._to_revive: tuple[Any, ...] = ()
        self._stood: dict[str, tuple[int, ...]] = {}
        self._since: Mapping[str, datetime] = {}
        self._ledger = Ledger(parts.store, self._store_told)
        zone = ZoneInfo(config.station.time_zone)
        self._site = parts.site or Site(config.station.id, config.station.place)
        self._looking = Looking(
            self._ledger, parts.clock, zone, self._show, branch=self._site.branch
        )
        self._noticing = Noticing(parts.clock, self._show)
        self._belt = BeltWork(
            parts.belt,
            state=lambda: self._core.state,
            put=self._put,
            linked=self._linked,
            cycle_s=rules.cycle_s,
            link_s=rules.link_s,
        )
        self._tunnel = TunnelWork(parts.tunnel, put=self._put, encoder_at=self._belt.encoder_at)
        self._checking_in = CheckingIn(
            station_id=config.station.id,
            ledger=self._ledger,
            library=parts.library,
            clock=parts.clock,
            rng=parts.rng,
            zone=zone,
            no_block=rules.no_block,
            shortest=timedelta(days=config.library.shortest_loan_days),
            longest_s=rules.settle_s,
            waited_for=self._waited_for,
            put=self._answered,
            heard=self._heard,
        )
        self._planning = Planning(
            config,
            parts.plan,
            site=self._site,
            ledger=self._ledger,
            state=lambda: self._core.state,
            put=self._put,
            aside=parts.aside,
            told=self._show,
        )
        self._crating = Crating(
            site=self._site,
            ledger=self._ledger,
            state=lambda: self._core.state,
            put=self._put,
            said=self._noticing.scanned,
            noticed=self._happened,
            unsaved=self._noticing.unsaved,
            drained=self._belt.drained,
        )
        self._inlet = self._made_inlet()
        self._slips = Slips(
            parts.printer, parts.compose, config, parts.catalogue, parts.clock, self._ledger
        )
        self._doing = Doing(
            state=lambda: self._core.state,
            ledger=self._ledger,
            belt=self._belt,
            tunnel=self._tunnel,
            checking_in=self._checking_in,
            crating=self._crating,
            library=parts.library,
            security=config.security,
            reports=rules.report == "item_status",
            report_field=rules.report_field,
            place=partial(place_told, self._site, rules.report_text),
            slips=self._slips,
            put=self._put,
            told=self._noticing.told,
            noticed=self._look_again,
        )
        self._desk = Desk(
            site=self._site,
            ledger=self._ledger,
            crating=self._crating,
            state=lambda: self._core.state,
            catalogue=parts.catalogue,
            language=config.station.language,
            told=self._happened,
        )
        self._sharing: Sharing | None = None
        database = config.ims.database if config.ims is not None else None
        if parts.shared is not None and database is not None:
            self._sharing = Sharing(
                site=self._site,
                ledger=self._ledger,
                shared=parts.shared,
                again_s=database.again_s,
                heard=self._crating.look,
            )
        edition = parts.plan.edition
        self._core: Core[Line] = Core(
            Line.by(Decider(edition.plan, edition.fingerprint)),
            BeltFlow(
                Rules(
                    branch=config.library.location,
                    accept_offline=rules.offline == "accept",
                    most_asked=rules.most_asked,
                    most_pending=rules.most_pending,
                    labelled=self._site.labelled,
                ),
            ),
            clock=parts.clock,
            handlers=self._handlers(),
            failed=self._failed,
            stepped=self._stepped,
        )

    def _handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        """As they carry the belt's effects out; the inlet hears of two of them."""
        return {
            **self._doing.handlers(),
            acts.Keep: self._keep,
            acts.KeepPlan: self._keep_plan,
            acts.GivenBack: self._given_back,
        }

    def _made_inlet(self) -> InletWork | None:
        """The public inlet, where the plant has one."""
        parts = self._parts
        if parts.config.inlet is None or parts.gate is None:
            return None
        return InletWork(
            parts.gate,
            rules=parts.config.inlet,
            config=parts.config,
            catalogue=parts.catalogue,
            clock=parts.clock,
            ledger=self._ledger,
            command=self._belt.command,
            reads=lambda ready: self._put(acts.GateReads(ready)),
            printer=parts.inlet_printer,
            compose=parts.inlet_compose,
            speaker=parts.speaker,
            keys=parts.keys,
        )

    # --- for the panel, the socket and tests ---------------------------------------------------------

    @property
    def state(self) -> Line:
        """The flow's state as it is, for tests and proofs."""
        return self._core.state

    @property
    def faces(self) -> Mapping[str, LinkStation]:
        """Further screens of this station: the inlet's, where it has one."""
        return {} if self._inlet is None else {"inlet": self._inlet}

    @property
    def inlet(self) -> InletWork | None:
        """The public inlet, where the plant has one."""
        return self._inlet

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call `told` with the newest snapshot, at most ten times a second, until the result is called."""
        return self._listeners.add(told)

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """`press`, `touch`, `status`, `scan`, `labels`, `item`, `crate` or `stop`. Raises DeviceRefused(station.request) for others."""
        match name:
            case "press" if isinstance(args.get("action"), str):
                await self._press(args["action"])
                return {}
            case "touch":
                return {}
            case "status":
                stored = await self._parts.store.read(summary)
                sharing = self._sharing
                shared = None if sharing is None else {"waiting": await sharing.waiting()}
                return {**self._status(), "shared": shared, "stored": summary_to_json(stored)}
            case "history":
                return {"history": await self._ledger.read(told.history)}
            case "scan" | "labels" | "item" | "crate":
                return await self._desk.request(name, args)
            case "stop":
                self.stop()
                return {}
            case _:
                raise DeviceRefused("station", Code.STATION_REQUEST, "unknown name or arguments")

    def store_health(self, code: Code | None) -> None:
        """The journal can be written, or not, and why."""
        self._store_fault = code
        self._put(acts.StoreTakes(code is None))

    def stop(self) -> None:
        """End the station; `run` returns."""
        self._ended.set()

    async def run(self) -> None:
        """Recover, open the devices, and sort until `stop`."""
        running: asyncio.Task[None] | None = None
        inlet = self._inlet
        try:
            await self._recover()
            running = asyncio.get_running_loop().create_task(self._core.run(), name="flow")
            self._parts.library.on_change(lambda online: self._put(acts.LibraryChanged(online)))
            self._serve("belt", self._belt.serve)
            self._serve("tunnel", self._tunnel.serve)
            self._serve("library", asking(self._parts.library))
            self._serve("report", self._doing.report)
            if self._parts.printer is not None:
                self._serve("printer", printing(self._parts.printer))
            scanner = self._parts.scanner
            if scanner is not None:
                self._serve("scanner", partial(self._crating.serve, scanner))
            if inlet is not None:
                self._put(acts.GateReads(False))
                inlet.begin(self._core.state.number)
                self._do(inlet.run())
                for role, service in inlet.services().items():
                    self._serve(role, service)
            if self._sharing is not None:
                self._serve("shared", self._sharing.serve)
            self._look_again()
            self._do(self._looking.run())
            self._do(self._planning.run())
            await self._ended.wait()
        finally:
            if self._dirty is not None:
                self._dirty.cancel()
            await self._supervisor.stop()
            await self._checking_in.stop()
            await self._ledger.stop()
            left = [*self._behind, *((running,) if running is not None else ())]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            self._listeners.close()
            if self._parts.shared is not None:
                await self._parts.shared.close()

    # --- starting -----------------------------------------------------------------------------------

    async def _recover(self) -> None:
        """Take up what the last run left: the belt's mark, its items, its bins, its check-ins."""
        decide = self._core.state.decide
        numbers = {name: bin.number for name, bin in decide.plan.bins.items()}
        last = await self._ledger.read(plan_records.last)
        called = {} if last is None or last.edition is None else last.edition.plan.bins
        await self._ledger.write(lambda txn: records.settle_bins(txn, numbers))
        await self._ledger.write(lambda txn: speak(txn, self._parts.config.station.language))
        found = await self._ledger.read(records.remembered)
        line = line_as_left(decide, found, {name: bin.number for name, bin in called.items()})
        line = (await self._ledger.read(history.left)).onto(line)
        await self._looking.recall()
        await self._planning.begin()
        await self._crating.recall()
        standing = await self._ledger.read(
            lambda txn: ims_records.docked(txn.connection, self._site.branch)
        )
        for label, chute in self._site.chutes.items():
            # until chute and crate are scanned the bin takes nothing
            if label not in standing or label in self._crating.contested:
                line = line.with_bin(chute.bin, replace(line.bins[chute.bin], enabled=False))
        self._core.state = line
        self._stood = _stood(found.bins or {})
        self._to_revive = found.items
        await self._doing.recover(found.items)
        await self._slips.recover()

    async def _linked(self, info: BeltInfo, taken: int, known: bool) -> None:
        reports = self._parts.rulebook.report == "item_status"
        names = {use.number: name for name, use in self._core.state.bins.items()}

        def linked(txn: Txn) -> None:
            gone = records.linked(txn, info, taken, known=known, reports=reports)
            if not known:
                records.unseen(txn, self._site.labelled)
            self._crating.ended(txn, gone, names)

        await self._ledger.write(linked)
        self._do(self._doing.tell_docked())

    def _revive(self) -> None:
        """The belt answers again: tags are asked for whose byte was being written."""
        items, self._to_revive = self._to_revive, ()

        async def tags() -> None:
            for event in await self._doing.revive(items):
                self._put(event)

        if items:
            self._do(tags())

    # --- services -----------------------------------------------------------------------------------

    def _serve(self, role: str, service: Callable[[Callable[[], None]], Any]) -> None:
        def told(health: Health, code: Code | None) -> None:
            self._health[role] = (health, code)
            if self._inlet is not None and role in self._inlet.services():
                self._inlet.device(role, health.value)
            if role == "printer" and health is Health.READY:
                self._do(self._slips.ready())
            self._show()

        self._supervisor.start(role, service, told)

    # --- events and effects -------------------------------------------------------------------------

    def _put(self, event: Event) -> None:
        self._core.put(event)
        if self._to_revive and isinstance(event, acts.Heard):
            self._revive()

    def _answered(self, event: Event) -> None:
        """An answer that came after its handler, or a late one: it is shown too."""
        self._put(event)
        self._look_again()

    def _heard(self, number: int, title: str, done: bool, later: bool) -> None:
        if self._inlet is not None:
            self._inlet.heard(number, title, done, later)

    async def _keep(self, effect: acts.Keep) -> Event | None:
        if self._inlet is not None:
            self._inlet.followed(effect.items)
        durable = await self._doing.keep(effect)
        if effect.noted:
            self._do(self._looking.recall())
        return durable

    async def _keep_plan(self, effect: acts.KeepPlan) -> None:
        self._doing.renamed(effect.edition.fingerprint)
        await self._planning.keep(effect)

    async def _given_back(self, effect: acts.GivenBack) -> None:
        if self._inlet is not None:
            self._inlet.given_back(effect.why)

    def _waited_for(self, number: int) -> bool:
        item = self._core.state.by_number(number)
        return item is not None and item.state is ItemState.ASKED

    def _failed(self, effect: Effect, error: Exception) -> Event | None:
        return self._doing.failed(effect, error)

    def _do(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    def _store_told(self, error: DeviceUnavailable | None) -> None:
        if error is not None:
            self._parts.store_full()
        self.store_health(None if error is None else error.code)

    async def _press(self, action: str) -> None:
        """What an operator pressed, by its id. One that does not stand on the panel is refused."""
        if said := self._objection(action):
            raise DeviceRefused("station", Code.STATION_REQUEST, said)
        self._noticing.pressed()
        verb, _, rest = action.partition(".")
        match verb:
            case "belt" if rest.upper() in view.COMMANDS:
                self._put(acts.Wanted(BeltCommand[rest.upper()]))
            case "bin" if rest in self._core.state.bins:
                await self._crating.swapped(rest)
            case "point_gone":
                await self._crating.point_gone(rest)
            case "unseen":
                await self._crating.looked(rest)
            case "alarm" if rest.isdecimal():
                self._put(acts.Wanted(BeltCommand.ACKNOWLEDGE_ALARM, (int(rest),)))
            case "swap" if rest == "undo":
                await self._crating.forget()
            case _ if action in acts.SAID:
                self._put(acts.SAID[action])
            case "strays" if rest.isdecimal():
                await self._looking.looked_for(int(rest), lambda: self._core.state, self._put)
            case "events_lost" if rest.isdecimal():
                await self._looking.looked_on(int(rest), lambda: self._core.state, self._put)
            case "slips":
                await self._slips.again()
                self._show()
            case "seen" if rest.isdecimal():
                await self._ledger.soon(lambda txn: records.see(txn, int(rest)))
                self._look_again()
            case _:
                raise DeviceRefused("station", Code.STATION_REQUEST, f"no action {action[:40]}")

    def _stands(self, action: str) -> bool:
        """Whether it is on the panel as things are now. Why a command is not, the line itself says in words."""
        _, _, name = action.upper().partition("BELT.")
        known = name in view.COMMANDS
        objected = known and against(self._core.state, BeltCommand[name]) is not None
        return objected or action in self._screen().focus

    def _objection(self, action: str) -> str:
        """Why a press is not taken, if it is not."""
        verb, _, name = action.partition(".")
        chute = self._site.chute_of(name) if verb == "bin" else None
        if chute is not None:
            return f"bin {name} has a label: scan chute {chute.label} and the crate"
        # it may have stood there until another panel pressed it
        return "" if self._stands(action) else f"no {action[:40]} on the panel now"

    # --- snapshots ----------------------------------------------------------------------------------

    def _stepped(self, state: Line) -> None:
        self._belt.stepped()
        stood = _stood(state.bins)
        if stood != self._stood:
            self._stood, bins = stood, state.bins
            self._do(self._ledger.write(lambda txn: records.keep_bins(txn, bins)))
        if self._inlet is not None:
            self._inlet.line(state)
        self._show()

    def _happened(self) -> None:
        """Something that other branches may want to know, and that is shown."""
        if self._sharing is not None:
            self._sharing.fresh()
        self._look_again()

    def _look_again(self) -> None:
        """The list of what a person must look at may have changed."""
        self._do(self._looking.soon())

    def _show(self) -> None:
        """Soon, and not for every cycle of the belt."""
        if self._dirty is None:
            self._dirty = asyncio.get_running_loop().call_later(VIEW_S, self._shown)

    def _asking(self) -> tuple[alarms.Alarm, ...]:
        rows, store = self._checking_in.queued().rows, self._store_fault
        inlet = () if self._inlet is None else self._inlet.alarms()
        more = (*self._planning.alarms(), *self._crating.alarms(), *inlet)
        owed, health = self._slips.owed, dict(self._health)
        stood, strays = self._looking.stood, self._looking.strays
        return alarms.asking(self._core.state, health, store, rows, owed, more, stood, strays)

    def _status(self) -> dict[str, Any]:
        queue, parts, strays = self._checking_in.queued(), self._parts, self._looking.strays
        oldest = None if queue.oldest is None else queue.oldest.isoformat()
        found, language = self._asking(), parts.config.station.language
        return {
            "station": parts.config.station.id,
            "plan": self._planning.status(),
            **status(self._core.state, found, self._health, parts.catalogue, language, strays),
            "offline": {"waiting": queue.rows, "oldest": oldest},
            "exceptions": self._looking.waiting,
        }

    def _screen(self) -> Screen:
        """The panel as things are now."""
        parts, state = self._parts, self._core.state
        found = self._asking()
        looking = self._looking
        self._since = alarms.since(
            self._since, found, parts.clock.now(), looking.stood, looking.strays, looking.lost
        )
        seen = view.Seen(
            line=state,
            lying=self._looking.lying,
            waiting=self._looking.waiting,
            alarms=found,
            notice=self._noticing.words(state),
            chutes={chute.bin: label for label, chute in self._site.chutes.items()},
            standing=self._looking.standing,
            half=self._noticing.half,
            since=self._since,
            tally=self._looking.tally,
        )
        return view.screen(seen, parts.config)

    def _shown(self) -> None:
        self._dirty = None
        state = self._core.state
        devices = tuple(sorted((role, health.value) for role, (health, _) in self._health.items()))
        library, busy = state.library.value, bool(state.items)
        self._listeners.show(self._screen(), devices, library=library, visit=busy)


def _stood(bins: Mapping[str, BinUse]) -> dict[str, tuple[int, ...]]:
    """Of each bin what must outlive the program: whether it may be used, what stands there, and what is asked of it."""
    return {n: (use.enabled, use.present, use.early, use.unseen) for n, use in bins.items()}
