"""Ask a PLC whether it keeps the contract: gather over a wire what `conformance` judges.

Nothing that moves the belt is done unless `move` says that somebody at the belt allows it. What answers without our magic
number is asked nothing more: nobody writes to a stranger.
"""

import asyncio
from collections.abc import Awaitable, Callable

from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable
from drivers.modbus_belt import conformance as judge
from drivers.modbus_belt.conformance import (
    CHECKS,
    Check,
    Finding,
    Judged,
    Look,
    Needs,
    Report,
    Verdict,
)
from drivers.modbus_belt.exchange import ANSWER_S
from drivers.modbus_belt.frames import Other, Read, Write
from drivers.modbus_belt.host import CYCLE_S, Host, NotRun
from drivers.modbus_belt.registers import (
    BY_NAME,
    COUNTERS,
    IDENTITY,
    SLOT_WORDS,
    SLOTS,
    STATUS,
    value,
)
from drivers.ports import BeltCommand, CommandResult, Happening, Pack, Sign
from drivers.transport.stream import Transport

ITEM_WAIT_S = 30.0
"""How long somebody has to lay an item on the belt."""
_BLOCKED = {
    Sign.E_STOP: "an emergency stop is pressed",
    Sign.GUARD_OPEN: "a guard is open",
}


class Conformance:
    """One run of all checks. `say` hears of each finding as it comes."""

    def __init__(
        self,
        transport: Transport,
        *,
        unit: int = 1,
        baud: int = 115200,
        answer_s: float = ANSWER_S,
        move: bool = False,
        item_wait_s: float = ITEM_WAIT_S,
        say: Callable[[Finding], None] = lambda _: None,
        ask: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            transport: the wire.
            unit: the slave's address.
            baud: symbols a second.
            answer_s: how long the PLC may think.
            move: whether the belt may be moved.
            item_wait_s: how long somebody has to lay an item on the belt.
            say: told each finding.
            ask: told what a person at the belt is to do now.
        """
        self._host = Host(transport, unit=unit, baud=baud, answer_s=answer_s)
        self._move = move
        self._item_wait_s = item_wait_s
        self._say = say
        self._ask = ask
        self._words: tuple[int, ...] = ()
        self._stranger = False
        self._events_from = 0
        self._looks: list[Look] = []
        self._latched = 0

    async def run(self) -> Report:
        """All checks in their order, then the belt is stopped if it was moved.

        Raises:
            DeviceUnavailable: the wire is absent, or breaks.
            DeviceTimeout: nobody answers at all.
        """
        host = self._host
        await host.exchange.open()
        try:
            self._words = await host.read(IDENTITY)
            await host.look()
            host.ack = value("ev_ack", await host.read((BY_NAME["ev_ack"].address, 1)), BY_NAME["ev_ack"].address)  # fmt: skip
            findings = [await self._checked(check) for check in CHECKS]
            if self._move and not self._stranger:
                await self._leave()
        finally:
            await host.exchange.close()
        version = value("map_version", self._words, 0)
        who: dict[str, int | str] = {"map_version": f"{version >> 8}.{version & 0xFF}"}
        for name in ("program_version", "boot_id", "n_bins", "scan_ms"):
            who[name] = value(name, self._words, 0)
        return Report(who, tuple(findings))

    async def _checked(self, check: Check) -> Finding:
        finding = await self._find(check)
        self._say(finding)
        return finding

    async def _find(self, check: Check) -> Finding:
        if self._stranger:
            return Finding(check, Verdict.NOT_RUN, "what answers is another device")
        if check.needs is Needs.MOVE and not self._move:
            return Finding(check, Verdict.NOT_RUN, "it would move the belt: --move allows it")
        one: Callable[[], Awaitable[Judged]] = getattr(self, f"_{check.id.replace('-', '_')}")
        try:
            judged = await one()
        except NotRun as why:
            return Finding(check, Verdict.NOT_RUN, str(why))
        except DeviceUnavailable:
            raise
        except DeviceError as error:
            judged = Judged(False, error.detail or error.code.value)
        if judged.ok is None:
            return Finding(check, Verdict.NOT_RUN, judged.seen)
        return Finding(check, Verdict.KEPT if judged.ok else Verdict.BROKEN, judged.seen)

    # --- what only reads ------------------------------------------------------------------------------

    async def _identity(self) -> Judged:
        judged = judge.identity(self._words)
        self._stranger = not judged.ok
        return judged

    async def _geometry(self) -> Judged:
        return judge.geometry(self._words)

    async def _zones(self) -> Judged:
        return judge.zones(self._words)

    async def _alarms(self) -> Judged:
        host = self._host
        for _ in range(5):
            before, counters = await host.look(), await host.read(COUNTERS)
            if value("ev_head", await host.look(), STATUS[0]) == value("ev_head", before, STATUS[0]):  # fmt: skip
                return judge.alarms(before, counters)
        raise NotRun("something happened at every look")

    async def _sizes(self) -> Judged:
        return judge.sizes(self._words)

    async def _known_values(self) -> Judged:
        return judge.known_values(await self._host.look())

    async def _plc_beat(self) -> Judged:
        beats = []
        for _ in range(20):
            await self._host.look()
            beats.append((self._host.now(), self._host.of("plc_hb")))
            await asyncio.sleep(CYCLE_S)
        return judge.plc_beat(beats, value("scan_ms", self._words, 0))

    async def _window(self) -> Judged:
        return judge.window(await self._host.look())

    async def _prompt(self) -> Judged:
        host, took = self._host, []
        for _ in range(50):
            began = host.now()
            await host.read(STATUS)
            took.append(host.now() - began)
        return judge.prompt(took, host.wire_s)

    async def _bad_address(self) -> Judged:
        return judge.exception(await self._refusal(Read(self._host.unit, *judge.OUT_OF_RANGE)), 2)

    async def _bad_count(self) -> Judged:
        return judge.exception(await self._refusal(Other(self._host.unit, 3, bytes(4))), 3)

    async def _bad_function(self) -> Judged:
        return judge.exception(await self._refusal(Other(self._host.unit, 4, b"\0\0\0\1")), 1)

    async def _refusal(self, request: Read | Other) -> str:
        try:
            if isinstance(request, Read):
                return f"registers {await self._host.exchange.read(request)}"
            await self._host.exchange.refuse(request)
        except DeviceRefused as error:
            return error.detail
        except DeviceTimeout:
            return "no answer"
        return "no refusal"

    async def _bad_crc(self) -> Judged:
        raw = bytearray(Read(self._host.unit, *IDENTITY).encode())
        raw[-1] ^= 0xFF
        return judge.answers(await self._shouted(bytes(raw)), 0)

    async def _other_unit(self) -> Judged:
        other = self._host.unit % 247 + 1
        return judge.answers(await self._shouted(Read(other, 0, 1).encode()), 0)

    async def _half_request(self) -> Judged:
        raw = Read(self._host.unit, 0, 2).encode()
        half = await self._shouted(raw[:4], 0.05)
        return judge.answers(half + await self._shouted(raw), 1)

    async def _twice(self) -> Judged:
        raw = Read(self._host.unit, 0, 2).encode()
        first = await self._shouted(raw)
        return judge.answers(first + await self._shouted(raw), 2)

    async def _shouted(self, raw: bytes, seconds: float | None = None) -> int:
        return await self._host.shout(raw, seconds or 3 * self._host.answer_s)

    # --- what a host writes ------------------------------------------------------------------------------

    async def _echo(self) -> Judged:
        host = self._host
        began, echoes = host.now(), []
        written = await host.beat()
        for _ in range(6):
            await host.look()
            echoes.append((host.now() - began, host.of("host_hb_echo")))
            await asyncio.sleep(CYCLE_S)
        return judge.echo(written, echoes)

    async def _host_alive(self) -> Judged:
        host = self._host
        self._not_running("it would suspend the belt, which runs")
        await host.live(1.0)
        await host.live(5.0, lambda: not host.shown())
        alive, last = host.sign(Sign.HOST_ALIVE), host.now()
        self._events_from = len(host.taken)
        fell = await host.silent(2.5, lambda: not host.sign(Sign.HOST_ALIVE))
        gone = host.now() - last if fell else None
        await host.silent(0.2)
        await host.beat(take=False)
        self._looks = []
        for _ in range(6):
            await asyncio.sleep(CYCLE_S)
            await host.beat(take=False)
            self._looks.append(Look(host.ack, host.of("ev_base"), host.shown()))
        return judge.host_alive(alive, gone, host.sign(Sign.HOST_ALIVE))

    async def _host_events(self) -> Judged:
        if not self._looks:
            raise NotRun("the host was not silent")
        return judge.host_events(self._looks[-1].shown)

    async def _host_alarm(self) -> Judged:
        if not self._looks:
            raise NotRun("the host was not silent")
        return judge.host_alarm(self._looks[-1].shown)

    async def _window_stays(self) -> Judged:
        return judge.window_stays(self._looks)

    async def _window_moves(self) -> Judged:
        host = self._host
        looks = list(self._looks[-1:])
        while looks and looks[-1].shown and len(looks) < 12:
            first = looks[-1].shown[0]
            host.taken.append(first)
            host.ack = first.sequence
            await host.beat(take=False)
            await asyncio.sleep(CYCLE_S)
            await host.beat(take=False)
            looks.append(Look(host.ack, host.of("ev_base"), host.shown()))
        return judge.window_moves(looks)

    async def _ack_ahead(self) -> Judged:
        host = self._host
        right = host.ack
        try:
            host.ack = (host.of("ev_head") + 5) % 65536
            for _ in range(4):
                await host.beat(take=False)
                await asyncio.sleep(CYCLE_S)
            waits, shown = host.sign(Sign.WAITING_FOR_HOST), host.shown()
        finally:
            host.ack = right
            await host.beat(take=False)
        await host.live(0.3)
        said = f"{'waits' if waits else 'does not wait'}, {len(shown)} records shown"
        return Judged(not waits and not shown, said)

    async def _unknown_command(self) -> Judged:
        return judge.answered([await self._host.tell(99)], CommandResult.UNKNOWN)

    async def _bad_argument(self) -> Judged:
        host = self._host
        results = [
            await host.tell(BeltCommand.MODE, 9),
            await host.tell(BeltCommand.ENABLE_BIN, 99, 1),
            await host.tell(BeltCommand.ACKNOWLEDGE_ALARM, 99),
        ]
        return judge.answered(results, CommandResult.BAD_ARGUMENT)

    async def _wrong_state(self) -> Judged:
        host = self._host
        await host.beat()
        before = host.pack
        codes = judge.refused(before)
        results = [await host.tell(code) for code in codes]
        judged = judge.answered(results, CommandResult.WRONG_STATE)
        if host.pack is not before:
            return Judged(False, f"{judged.seen}, and {before.name} became {host.pack.name}")
        return judged

    async def _unchecked_command(self) -> Judged:
        host = self._host
        sequence = host.of("cmd_ack") % 65535 + 1
        code = BeltCommand.ACKNOWLEDGE_ALARM
        await host.write("cmd_seq", sequence, code, 0, 0, (sequence + 7) % 65536)
        taken = await host.live(0.5, lambda: host.of("cmd_ack") == sequence)
        return Judged(not taken, "taken" if taken else "not taken")

    async def _repeated_command(self) -> Judged:
        host = self._host
        first = await host.tell(99)
        ack = host.of("cmd_ack")
        await host.write("cmd_seq", ack, BeltCommand.ACKNOWLEDGE_ALARM, 0, 0, ack)
        await host.live(0.5)
        same = (host.of("cmd_ack"), host.of("cmd_result")) == (ack, first)
        return Judged(same, f"result {first}, then {host.of('cmd_result')}")

    async def _taken_command(self) -> Judged:
        self._latched = value("latched", await self._host.read(COUNTERS), COUNTERS[0])
        return judge.answered([await self._host.tell(BeltCommand.ACKNOWLEDGE_ALARM)], CommandResult.OK)  # fmt: skip

    async def _acknowledged(self) -> Judged:
        if not self._looks:
            raise NotRun("the host was not silent")
        now = await self._host.read(COUNTERS)
        standing, latched = (value(n, now, COUNTERS[0]) for n in ("alarms", "latched"))
        return judge.acknowledged(self._latched, latched, standing)

    async def _purge(self) -> Judged:
        host = self._host
        await host.look()
        if host.of("items"):
            raise NotRun("items lie on the belt")
        before = host.pack
        judged = judge.answered([await host.tell(BeltCommand.PURGE)], CommandResult.OK)
        if host.pack is not before:
            return Judged(False, f"{judged.seen}, and {before.name} became {host.pack.name}")
        return judged

    async def _table(self) -> Judged:
        host = self._host
        first = BY_NAME["destinations"].address
        begun = len(host.taken)
        await host.look()
        if host.of("items"):
            raise NotRun("items lie on the belt")
        written: list[int] = []
        for slot in range(SLOTS):
            words = (60000 + slot, 1, 2, 60000 + slot)
            await host.exchange.write(Write(host.unit, first + slot * SLOT_WORDS, words))
            written += words
        half = SLOTS * SLOT_WORDS // 2
        read = [*await host.read((first, half)), *await host.read((first + half, half))]
        await host.live(0.3)
        about = [e.kind.name for e in host.taken[begun:] if e.item]
        wrong = sum(a != b for a, b in zip(written, read, strict=True))
        return Judged(not wrong and not about, f"{wrong} of {len(read)} registers differ" + (f", events {about}" if about else ""))  # fmt: skip

    def _not_running(self, why: str) -> None:
        if self._host.pack is Pack.EXECUTE and not self._move:
            raise NotRun(f"{why}: --move allows it")

    # --- what moves the belt ----------------------------------------------------------------------------

    async def _stopped(self) -> None:
        """Bring the belt to Stopped. Raises NotRun with what is in the way."""
        host = self._host
        await host.live(0.3)
        for sign, why in _BLOCKED.items():
            if host.sign(sign):
                raise NotRun(why)
        if not host.sign(Sign.SAFETY_CLOSED):
            raise NotRun("the safety chain is open")
        if host.pack is Pack.ABORTING:
            await self._reach(Pack.ABORTED)
        if host.pack is Pack.ABORTED:
            if await host.tell(BeltCommand.CLEAR) != CommandResult.OK:
                raise NotRun("it is aborted, and Clear needs somebody at the machine")
        elif host.pack not in {Pack.STOPPED, Pack.STOPPING, Pack.CLEARING}:
            await host.tell(BeltCommand.STOP)
        await self._reach(Pack.STOPPED)

    async def _running(self) -> None:
        """Bring the belt to Execute."""
        host = self._host
        await host.live(0.2)
        if host.pack is Pack.EXECUTE:
            return
        if host.pack is not Pack.IDLE:
            await self._stopped()
            await host.tell(BeltCommand.RESET)
            await self._reach(Pack.IDLE)
        await host.tell(BeltCommand.START)
        await self._reach(Pack.EXECUTE, 20)

    async def _reach(self, state: Pack, seconds: float = 10.0) -> None:
        if not await self._host.live(seconds, lambda: self._host.of("state") == state):
            raise NotRun(f"{state.name.capitalize()} is not reached from {self._host.pack.name.capitalize()}")  # fmt: skip

    async def _path(self, code: BeltCommand, *wanted: Pack, within: float = 10.0) -> Judged:
        """Give a command and see which states come."""
        host = self._host
        host.states = [host.of("state")]
        result = await host.tell(code)
        if result != CommandResult.OK:
            return judge.answered([result], CommandResult.OK)
        await host.live(within, lambda: host.of("state") == wanted[-1])
        return judge.path(host.states, wanted)

    async def _both(self, *steps: tuple[BeltCommand, tuple[Pack, ...]]) -> Judged:
        seen = []
        for code, wanted in steps:
            judged = await self._path(code, *wanted)
            seen.append(judged.seen)
            if not judged.ok:
                return Judged(False, "; ".join(seen))
        return Judged(True, "; ".join(seen))

    async def _reset(self) -> Judged:
        self._events_from = len(self._host.taken)
        await self._stopped()
        return await self._path(BeltCommand.RESET, Pack.STOPPED, Pack.RESETTING, Pack.IDLE)

    async def _start(self) -> Judged:
        host = self._host
        if host.pack is not Pack.IDLE:
            raise NotRun("it is not Idle")
        began = host.now()
        judged = await self._path(BeltCommand.START, Pack.IDLE, Pack.STARTING, Pack.EXECUTE, within=20)  # fmt: skip
        took = host.now() - began
        return Judged(judged.ok and took >= 4.5, f"{judged.seen} in {took:.1f} s")

    async def _runs(self) -> Judged:
        host = self._host
        await self._running()
        await host.live(1.0)
        at, from_ = host.now(), host.of("encoder")
        await host.live(2.0)
        pulses = (host.of("encoder") - from_) % (1 << 32)
        metre = value("pulses_per_m", self._words, 0)
        return judge.runs(pulses, host.now() - at, host.of("mm_s"), metre)

    async def _inlet(self) -> Judged:
        host = self._host
        await self._running()
        host.induct = False
        shut = await host.live(2.0, lambda: not host.sign(Sign.INLET_OPEN))
        host.induct = True
        opened = await host.live(2.0, lambda: host.sign(Sign.INLET_OPEN))
        host.induct = False
        again = await host.live(2.0, lambda: not host.sign(Sign.INLET_OPEN))
        said = f"{'shut' if shut else 'open'}, {'opens' if opened else 'stays shut'}, {'shuts' if again else 'stays open'}"  # fmt: skip
        return Judged(shut and opened and again, said)

    async def _hold(self) -> Judged:
        await self._running()
        return await self._both(
            (BeltCommand.HOLD, (Pack.EXECUTE, Pack.HOLDING, Pack.HELD)),
            (BeltCommand.UNHOLD, (Pack.HELD, Pack.UNHOLDING, Pack.EXECUTE)),
        )

    async def _suspend(self) -> Judged:
        await self._running()
        judged = await self._path(
            BeltCommand.SUSPEND, Pack.EXECUTE, Pack.SUSPENDING, Pack.SUSPENDED
        )
        if not judged.ok:
            return judged
        if await self._host.live(2.0, lambda: self._host.of("state") != Pack.SUSPENDED):
            return Judged(False, f"{judged.seen}; it does not stay")
        back = await self._path(
            BeltCommand.UNSUSPEND, Pack.SUSPENDED, Pack.UNSUSPENDING, Pack.EXECUTE
        )
        return Judged(back.ok, f"{judged.seen}; {back.seen}")

    async def _watchdog_patient(self) -> Judged:
        host = self._host
        await self._running()
        host.states = []
        await host.silent(0.6)
        await host.live(0.5)
        return judge.path(host.states, (Pack.EXECUTE,))

    async def _watchdog(self) -> Judged:
        host = self._host
        await self._running()
        host.states = []
        await host.silent(2.5)
        down = judge.path(host.states, (Pack.EXECUTE, Pack.SUSPENDING, Pack.SUSPENDED))
        host.states = [host.of("state")]
        await host.live(5.0, lambda: host.of("state") == Pack.EXECUTE)
        up = judge.path(host.states, (Pack.SUSPENDED, Pack.UNSUSPENDING, Pack.EXECUTE))
        return Judged(down.ok and up.ok, f"{down.seen}; {up.seen}")

    async def _destination(self) -> Judged:
        host = self._host
        await self._running()
        begun = len(host.taken)
        host.induct = True
        bins = value("n_bins", self._words, 0)
        wanted = min(2, bins)
        self._ask(f"Lay one item on the belt within {self._item_wait_s:.0f} s; it goes to bin {wanted}.")  # fmt: skip

        def tid() -> int | None:
            new = (e for e in host.taken[begun:] if e.kind is Happening.INDUCTED)
            return next((e.item for e in new), None)

        await host.live(self._item_wait_s, lambda: tid() is not None)
        host.induct = False
        mine = tid()
        if mine is not None:
            await self._route(mine, bins + 1)

            def told() -> bool:
                return any(e.kind is Happening.DEST_REJECTED for e in host.taken[begun:])

            await self._at_first_divert(told)
            await self._route(mine, wanted)
            ends = {Happening.CONFIRMED, Happening.MISSED, Happening.LOST}
            await host.live(
                60, lambda: any(e.kind in ends and e.item == mine for e in host.taken[begun:])
            )
        return judge.destination(mine, wanted, host.taken[begun:])

    async def _at_first_divert(self, told: Callable[[], bool]) -> None:
        """Wait for the rejection, which may come only when the item is at its first divert."""
        way = value("divert_mm", self._words, 0) + value("max_length_mm", self._words, 0)
        speed = value("nominal_mm_s", self._words, 0) or 1
        await self._host.live(way / speed + 2, told)

    async def _route(self, tid: int, bin: int) -> None:
        first = BY_NAME["destinations"].address + tid % SLOTS * SLOT_WORDS
        await self._host.exchange.write(Write(self._host.unit, first, (tid, bin, 0, tid)))

    async def _complete(self) -> Judged:
        await self._running()
        return await self._both(
            (BeltCommand.COMPLETE, (Pack.EXECUTE, Pack.COMPLETING, Pack.COMPLETE)),
            (BeltCommand.RESET, (Pack.COMPLETE, Pack.RESETTING, Pack.IDLE)),
        )

    async def _abort(self) -> Judged:
        host = self._host
        await host.live(0.2)
        if host.pack in {Pack.ABORTING, Pack.ABORTED}:
            raise NotRun("it is aborted already")
        down = await self._path(BeltCommand.ABORT, host.pack, Pack.ABORTING, Pack.ABORTED)
        if not down.ok:
            return down
        refused = await host.tell(BeltCommand.RESET)
        if refused != CommandResult.WRONG_STATE:
            return Judged(False, f"{down.seen}; Reset gives {refused}")
        up = await self._path(BeltCommand.CLEAR, Pack.ABORTED, Pack.CLEARING, Pack.STOPPED)
        return Judged(up.ok, f"{down.seen}; {up.seen}")

    async def _host_gone(self) -> Judged:
        host = self._host
        await self._running()
        host.states = []
        await host.silent(33, lambda: host.of("state") == Pack.STOPPED)
        states = (Pack.EXECUTE, Pack.SUSPENDING, Pack.SUSPENDED, Pack.STOPPING, Pack.STOPPED)
        return judge.path(host.states, states)

    async def _arrows(self) -> Judged:
        await self._host.live(5.0, lambda: not self._host.shown())
        return judge.arrows(self._host.taken[self._events_from :])

    async def _event_zones(self) -> Judged:
        return judge.event_zones(self._host.taken, value("n_zones", self._words, 0))

    async def _sequence(self) -> Judged:
        return judge.sequence(self._host.taken[self._events_from :])

    async def _leave(self) -> None:
        try:
            await self._stopped()
        except (NotRun, DeviceError):
            return
