"""Carries out what the belt's flow asks for: durable first, then the wire, then what came of it as an event.

A command that sets the belt going goes out soon or never: who pressed it has gone when a full disk has room again. One that
makes it stand waits for no disk.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from config.station import Security
from drivers.errors import Code, DeviceError, DeviceUnavailable
from drivers.ports import BeltCommand, CommandResult, LibrarySystem, Online, Txn, Uid
from drivers.runtime.flow import Effect, Event
from drivers.runtime.log import log
from drivers.service.cases import CaseKind
from drivers.service.records import open_case, settle_case
from drivers.store import debts, journal
from sorter.belt import acts, records
from sorter.belt.items import ItemState, Tracked
from sorter.belt.line import Line
from sorter.belt.records import Kept, Lying
from sorter.belt_work import BeltWork
from sorter.checking_in import CheckingIn
from sorter.crating import Crating
from sorter.history import records as history
from sorter.history.logged import log_event
from sorter.ledger import SOON_S, Ledger
from sorter.noticing import Answer
from sorter.slips.printing import Slips
from sorter.tunnel_work import TunnelWork

ROUTE_AGAIN_S = 0.05
"""Wait until a destination that did not reach the belt is decided about again."""
LINK_AGAIN_S = 1.0
TELL_TRIES = 3
"""How often a command goes out that the line itself needs, such as Hold."""
_NEEDED = frozenset(
    {BeltCommand.HOLD, BeltCommand.BIN_DOCKED, BeltCommand.SUSPEND, BeltCommand.UNSUSPEND}
)
_AT_ONCE = frozenset(
    {
        BeltCommand.STOP,
        BeltCommand.HOLD,
        BeltCommand.SUSPEND,
        BeltCommand.ABORT,
        BeltCommand.BIN_DOCKED,
    }
)
"""What makes the belt stand, or moves nothing and is already so: written down after it."""
REPORT_AGAIN_S = 10.0
TUNNEL_S = 1.0
"""How long a tag of the last run waits for the reader."""


class Doing:
    """Handlers for one line."""

    def __init__(
        self,
        *,
        state: Callable[[], Line],
        ledger: Ledger,
        belt: BeltWork,
        tunnel: TunnelWork,
        checking_in: CheckingIn,
        crating: Crating,
        library: LibrarySystem,
        security: Security,
        reports: bool,
        report_field: str,
        place: Callable[[Line, int], str],
        slips: Slips,
        put: Callable[[Event], None],
        told: Callable[[BeltCommand, Answer], None],
        noticed: Callable[[], None],
    ) -> None:
        """`reports`: the library system is told where an item lies, in that field, `place` saying what of a bin by its number.

        `put` takes events that must not wait until their row stands; `told` hears what became of a command that a person gave; `noticed`, that there is something to show.
        """
        self._state = state
        self._ledger = ledger
        self._belt = belt
        self._tunnel = tunnel
        self._checking_in = checking_in
        self._crating = crating
        self._library = library
        self._security = security
        self._reports = reports
        self._report_field = report_field
        self._place = place
        self._slips = slips
        self._put = put
        self._told = told
        self._noticed = noticed
        self._decided: dict[int, Any] = {}
        """By number, the decision that was written down last."""
        self._to_report = asyncio.Event()

    def handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        """By effect, who carries it out."""
        return {
            acts.Keep: self.keep,
            acts.Arm: self._arm,
            acts.CheckIn: self._check_in,
            acts.Queue: self._queue,
            acts.Route: self._route,
            acts.Tell: self._tell,
            acts.Report: self._report,
            acts.Slip: self._print,
            acts.Except: self._except,
            acts.Refuse: self._refuse,
        }

    def failed(self, effect: Effect, error: Exception) -> Event | None:
        """The event for an effect whose handler raised: the line must never wait for ever."""
        del error
        match effect:
            case acts.Arm(uid=uid):
                return acts.TagArmed(uid, False)
            case acts.Route(number=number):
                return acts.Routed(number, False)
            case _:
                return None

    async def recover(self, live: tuple[Tracked, ...]) -> None:
        """Take up the check-ins that the last run did not see the end of, of items on the belt and of others."""
        for item in live:
            self._decided[item.number] = (item.decision, item.reach)
        asked = {item.number: item.item for item in live if item.state is ItemState.ASKED}
        await self._checking_in.recover(asked)

    async def revive(self, live: tuple[Tracked, ...]) -> tuple[Event, ...]:
        """What became of tags whose byte was being written when the last run ended, now that the reader may answer."""
        await self._tunnel.opened(TUNNEL_S)
        return tuple(
            [
                acts.TagArmed(tag.uid, await self._armed(tag.uid))
                for item in live
                for tag in item.tags
                if tag.armed is None and tag.item
            ]
        )

    def renamed(self, plan: str) -> None:
        """Another edition of the plan decides: what items were told by an earlier one is no new decision."""
        for item in self._state().items.values():
            if item.decision is not None and item.decision.plan != plan:
                self._decided[item.number] = (item.decision, item.reach)

    # --- the belt -----------------------------------------------------------------------------------

    async def keep(self, effect: acts.Keep) -> Event | None:
        """Write down what the belt said; `Durable` when it stands."""
        line = self._state()
        info = line.info
        if info is None:
            return None
        fresh = {
            item.number: (item.decision, item.reach)
            for item in effect.items
            if item.decision is not None
            and self._decided.get(item.number) != (item.decision, item.reach)
        }
        kept = Kept(
            info=info,
            boot=effect.boot,
            taken=effect.sequence,
            number=max((item.number for item in effect.items), default=0),
            doubted=line.doubted,
            purged=line.purged,
            items=effect.items,
            decided=frozenset(fresh),
            reports=self._reports,
            stands=effect.stands,
        )
        self._decided |= fresh
        for item in effect.items:
            if item.ended:
                self._decided.pop(item.number, None)
        names = {use.number: name for name, use in line.bins.items()}

        def keep(txn: Txn) -> None:
            ended = records.keep(txn, kept)
            self._crating.ended(txn, ended, names)
            self._slips.owe(txn, ended)
            history.write(txn, effect.noted)

        await self._ledger.write(keep)
        for one in effect.noted:
            log(log_event(one))
        if effect.noted:
            self._noticed()
        if any(item.ended for item in effect.items):
            self._to_report.set()
            self._crating.told()
            self._noticed()
        return acts.Durable(effect.sequence, effect.boot)

    async def _route(self, effect: acts.Route) -> Event:
        payload = {
            "number": effect.number,
            "tid": effect.tid,
            "bin": effect.bin,
            "alternate": effect.alternate,
        }
        trace = records.trace_of(effect.number)
        await self._ledger.write(
            lambda txn: journal.append(txn, "item.routed", trace=trace, payload=payload)
        )
        try:
            await self._belt.send(effect.tid, effect.bin, effect.alternate)
        except DeviceError:
            await asyncio.sleep(ROUTE_AGAIN_S)
            await self._belt.linked(LINK_AGAIN_S)
            return acts.Routed(effect.number, False)
        return acts.Routed(effect.number, True)

    async def _tell(self, effect: acts.Tell) -> None:
        a, b = (int(one) for one in (*effect.arguments, 0, 0)[:2])
        command, name = effect.command, effect.command.name.lower()
        at_once = command in _AT_ONCE

        def asked(txn: Txn) -> None:
            journal.append(txn, "belt.told", payload={"command": name, "a": a, "b": b})

        why = None if at_once else await self._unwritten(asked)
        result = why or await self._said(command, effect.arguments)
        if effect.asked:
            self._told(command, result)
        if isinstance(result, CommandResult):
            word = result.name.lower()
            self._put(acts.Told(command, result))
        else:
            word = result.value
            self._put(acts.Untold(command))

        def answered(txn: Txn) -> None:
            if at_once:
                asked(txn)
            journal.append(txn, "belt.answered", payload={"command": name, "result": word})
            if command is BeltCommand.BIN_DOCKED and result is CommandResult.OK:
                records.told_bin(txn, a)

        await self._ledger.write(answered)

    async def _unwritten(self, asked: Callable[[Txn], None]) -> Code | None:
        """Why a command that sets the belt going is not given: it could not be written down while its person was there."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self._ledger.soon(asked)
        except DeviceUnavailable as error:
            return error.code
        return None if loop.time() <= began + SOON_S else Code.STORE_FULL

    async def _said(self, command: BeltCommand, arguments: tuple[int, ...]) -> CommandResult | Code:
        """What the belt answers. What a person asked for is asked for again by that person, what the line needs by itself: it moves nothing."""
        found: CommandResult | Code = Code.WIRE_SILENT
        for _ in range(TELL_TRIES if command in _NEEDED else 1):
            try:
                return await self._belt.command(command, arguments)
            except DeviceError as error:
                found = error.code
        return found

    async def tell_docked(self) -> None:
        """Tell the belt of crates that it has not heard of, once it is linked again."""
        await self._belt.linked(LINK_AGAIN_S)
        for number in await self._ledger.read(records.untold_bins):
            await self._tell(acts.Tell(BeltCommand.BIN_DOCKED, (number,)))

    async def _refuse(self, effect: acts.Refuse) -> None:
        self._told(effect.command, effect.why)

    # --- tags ---------------------------------------------------------------------------------------

    async def _arm(self, effect: acts.Arm) -> Event:
        return acts.TagArmed(effect.uid, await self._armed(effect.uid))

    async def _armed(self, uid: Uid) -> bool:
        """Owe the tag its byte, write it, and owe it no more once it reads back."""
        found = next(
            (
                (one.number, tag.item)
                for one in self._state().items.values()
                for tag in one.tags
                if tag.uid == uid
            ),
            None,
        )
        number, item = found or (0, "")
        in_stock, trace = self._security.in_stock, records.trace_of(number)

        def owe(txn: Txn) -> None:
            if not any(debt.wanted == in_stock for debt in debts.debts_for(txn, (uid,))):
                debts.open_debt(txn, uid=uid, wanted=in_stock, why="tunnel", item=item, trace=trace)

        await self._ledger.write(owe)
        try:
            await self._tunnel.set_security(uid, in_stock)
        except DeviceError:
            if item:
                await self._ledger.write(
                    lambda txn: open_case(txn, CaseKind.STILL_DISARMED, item, trace=trace)
                )
            return False

        def paid(txn: Txn) -> None:
            debts.close_debt(txn, uid)
            if item:
                settle_case(txn, CaseKind.STILL_DISARMED, item)

        await self._ledger.write(paid)
        return True

    # --- the library system -------------------------------------------------------------------------

    async def _check_in(self, effect: acts.CheckIn) -> Event:
        return await self._checking_in.check_in(effect.number, effect.item)

    async def _queue(self, effect: acts.Queue) -> None:
        await self._checking_in.queue(effect.number, effect.item)

    async def _report(self, effect: acts.Report) -> None:
        """What an item came to stands in its row already (Keep); who reports to the library system reads it there."""
        del effect
        self._to_report.set()

    async def report(self, ready: Callable[[], None]) -> None:
        """Tell the library system, for each item that has ended, the bin that it really lies in; until cancelled."""
        ready()
        while self._reports:
            self._to_report.clear()
            waiting = await self._ledger.read(records.unreported)
            if not waiting:
                await self._to_report.wait()
            for lying in waiting:
                if not await self._tell_place(lying):
                    await asyncio.sleep(REPORT_AGAIN_S)
                    break
        await asyncio.get_running_loop().create_future()

    async def _tell_place(self, lying: Lying) -> bool:
        """Whether this one is done with."""
        if self._library.online() is Online.OFFLINE:
            return False
        place = self._place(self._state(), lying.bin)
        answer = await self._library.placed(lying.item, place, self._report_field)
        if not answer.done and not answer.reason:
            return False
        told = "told" if answer.done else "refused"
        await self._ledger.write(lambda txn: records.reported(txn, lying.number, told))
        return True

    # --- people -------------------------------------------------------------------------------------

    async def _print(self, effect: acts.Slip) -> None:
        await self._slips(effect.item, effect.kind)
        self._noticed()

    async def _except(self, effect: acts.Except) -> None:
        del effect
        self._noticed()
