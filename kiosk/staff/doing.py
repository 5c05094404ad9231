"""Carries out what the staff screens ask for. Each deed and who did it are one transaction with its journal row.

A deed in the world (a tag's byte, a cancelled loan, a test receipt) is durable as a debt or an intent before the
wire, and the case is closed in the transaction that says it was done; so a crash between leaves the case open and
the tag in debt, never a closed case and an armed book.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from config.station import Opening, Security
from config.texts import Text, text
from drivers.errors import DeviceError
from drivers.ports import Clock, Item, PrintOutcome, Secret, Store, Txn, Uid
from drivers.runtime.flow import Effect, Event
from drivers.service import records
from drivers.service.cases import CaseKind, CaseState, CaseVerb, CloseReason
from drivers.service.roles import Act
from drivers.service.staff import SignedIn, StaffDoor
from drivers.store import debts
from drivers.tags import Decoded, accept
from drivers.tags import Item as TagItem
from kiosk.staff import acts
from kiosk.staff.records import Decided, change_setting, decided, refilled, set_service
from kiosk.staff.settings import ends


class Pad(Protocol):
    """What this module needs of kiosk.pad_work."""

    async def read(self, uid: Uid) -> Decoded: ...

    async def set_security(self, uid: Uid, afi: int) -> None: ...


class Loans(Protocol):
    """What this module needs of kiosk.lending.doing."""

    async def ask_item(self, item: str) -> Item: ...

    async def cancel_loan(self, item: str) -> bool | None: ...

    async def again(self, subject: str, sealed: Mapping[str, Secret]) -> bool | None: ...


class StaffDoing:
    """Handlers for one station.

    Args:
        store: where everything is written down.
        door: lets staff in.
        loans: the way to the library system.
        pad: the item reader's queue.
        security: bytes and rules of the tags.
        opening: when the house closes.
        zone: where today is today.
        clock: the moment.
        print_test: prints a test receipt.
        restart: starts a device again; False when there is none of that role.
        put: takes events beside the answer to a deed.
    """

    def __init__(
        self,
        *,
        store: Store,
        door: StaffDoor,
        loans: Loans,
        pad: Pad,
        security: Security,
        opening: Opening,
        zone: ZoneInfo,
        clock: Clock,
        print_test: Callable[[datetime], Awaitable[PrintOutcome]],
        restart: Callable[[str], Awaitable[bool]],
        put: Callable[[Event], None],
    ) -> None:
        self._store = store
        self._door = door
        self._loans = loans
        self._pad = pad
        self._security = security
        self._opening = opening
        self._zone = zone
        self._clock = clock
        self._print_test = print_test
        self._restart_role = restart
        self._put = put

    def handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        """By effect, who carries it out."""
        return {
            acts.AskStaff: self._ask,
            acts.LeaveStaff: self._leave,
            acts.LoadCases: self._load,
            acts.NameItem: self._name,
            acts.TakeCase: self._take,
            acts.ReleaseCase: self._release,
            acts.EndCase: self._end,
            acts.TryCase: self._try,
            acts.SetService: self._service,
            acts.ChangeSetting: self._change_setting,
            acts.Refill: self._refill,
            acts.PrintTest: self._test,
            acts.RestartDevice: self._restart,
            acts.Unblock: self._unblock,
            acts.ApproveSet: self._approve,
        }

    def failed(self, effect: Effect, _error: Exception) -> Event | None:
        """The event for an effect whose handler raised: nobody waits for ever."""
        match effect:
            case acts.AskStaff():
                return acts.StaffKnown(None)
            case acts.LeaveStaff() | acts.LoadCases() | acts.NameItem() | acts.ApproveSet():
                return None
            case _ if type(effect) in self.handlers():
                return acts.StaffActed(text("staff.said.failed"))
            case _:
                return None

    async def recall(self) -> Event:
        """What was decided before this start."""
        return _service_known(await self._store.read(decided))

    # --- who ----------------------------------------------------------------------------------------

    async def _ask(self, effect: acts.AskStaff) -> Event:
        match await self._door.sign_in(effect.card, effect.pin):
            case SignedIn(member=member):
                return acts.StaffKnown(member)
            case refused:
                return acts.StaffKnown(None, refused.locked_until)

    async def _leave(self, effect: acts.LeaveStaff) -> None:
        await self._store.write(
            lambda txn: records.sign_out(txn, effect.member, reason=effect.reason)
        )

    # --- cases --------------------------------------------------------------------------------------

    async def _load(self, _: acts.LoadCases) -> Event:
        today = self._clock.now().astimezone(self._zone).date()
        midnight = datetime.combine(today, time(), self._zone).astimezone(UTC)
        return await self._store.read(
            lambda txn: acts.CasesKnown(
                records.open_cases(txn), records.closed_cases(txn, midnight)
            )
        )

    async def _name(self, effect: acts.NameItem) -> Event | None:
        item = await self._loans.ask_item(effect.item)
        return acts.ItemNamed(effect.item, item.title) if item.done and item.title else None

    async def _take(self, effect: acts.TakeCase) -> Event:
        return await self._while_open(
            effect.case, lambda txn: records.take_case(txn, effect.case, who=effect.member), None
        )

    async def _release(self, effect: acts.ReleaseCase) -> Event:
        return await self._while_open(
            effect.case,
            lambda txn: records.release_case(txn, effect.case, who=effect.member),
            text("staff.said.released"),
        )

    async def _end(self, effect: acts.EndCase) -> Event:
        return await self._while_open(
            effect.case,
            lambda txn: records.close_case(
                txn, effect.case, reason=effect.reason, who=effect.member
            ),
            text("staff.said.closed"),
        )

    async def _while_open(
        self, case: str, deed: Callable[[Txn], object], said: Text | None
    ) -> Event:
        """Do it, unless what the case is about has mended itself meanwhile; nothing `said` where it stays on the screen."""

        def unit(txn: Txn) -> bool:
            still = records.case(txn, case).state is not CaseState.CLOSED
            if still:
                deed(txn)
            return still

        if await self._store.write(unit):
            return acts.StaffActed(said, over=said is not None)
        return acts.StaffActed(text("staff.said.closed_before"), over=True)

    async def _try(self, effect: acts.TryCase) -> Event:
        match effect.verb:
            case CaseVerb.MEND:
                return await self._mend(effect)
            case CaseVerb.CANCEL:
                return await self._cancel(effect)
            case CaseVerb.ASK:
                return acts.StaffActed(stands(await self._loans.ask_item(effect.case.subject)))
            case CaseVerb.REPLAY:
                return await self._replay(effect)
            case CaseVerb.RESTART:
                return await self._restart(acts.RestartDevice(effect.member, effect.case.subject))
            case CaseVerb.REFILL:
                return await self._refill(acts.Refill(effect.member))

    async def _replay(self, effect: acts.TryCase) -> Event:
        """Send once more what was refused; whose it was stands in the case's envelope."""
        case, who = effect.case, effect.member

        def open_it(txn: Txn) -> tuple[Mapping[str, Secret], ...]:
            records.acted(txn, who, Act.TELL_AGAIN, entity=case.subject, trace=case.trace)
            return records.sealed_of_case(txn, case.id, who=who)

        told = await self._store.write(open_it)
        for sealed in told:
            stands = await self._loans.again(case.subject, sealed)
            if not stands:
                said = "staff.said.replay_later" if stands is None else "staff.said.replay_refused"
                return acts.StaffActed(text(said))
        if not told:
            return acts.StaffActed(text("staff.said.replay_refused"))
        await self._solved(effect, Act.CLOSE_CASE)
        return acts.StaffActed(text("staff.said.replayed"), over=True)

    async def _mend(self, effect: acts.TryCase) -> Event:
        """Make the item's tags say what the library system says of the item now."""
        uids = await self._tags_of(effect)
        if isinstance(uids, Text):
            return acts.StaffActed(uids)
        item = await self._loans.ask_item(effect.case.subject)
        if not item.done:
            return acts.StaffActed(text("staff.said.library_silent"))
        on_loan = item.circulation.on_loan
        if not await self._write_all(effect, uids, on_loan=on_loan):
            return acts.StaffActed(text("staff.said.not_written"))
        await self._solved(effect, Act.WRITE_TAG)
        said = text("staff.said.silenced" if on_loan else "staff.said.armed")
        return acts.StaffActed(said, over=True)

    async def _cancel(self, effect: acts.TryCase) -> Event:
        """Arm the item, then cancel its loan; a loan that stays is silent again."""
        uids = await self._tags_of(effect)
        if isinstance(uids, Text):
            return acts.StaffActed(uids)
        if not await self._write_all(effect, uids, on_loan=False):
            return acts.StaffActed(text("staff.said.not_written"))
        cancelled = await self._loans.cancel_loan(effect.case.subject)
        if cancelled:
            await self._solved(effect, Act.CANCEL_LOAN)
            return acts.StaffActed(text("staff.said.cancelled"), over=True)
        item = await self._loans.ask_item(effect.case.subject)
        if item.done and item.circulation.on_loan:
            await self._write_all(effect, uids, on_loan=True)
        return acts.StaffActed(text("staff.said.not_cancelled"))

    async def _tags_of(self, effect: acts.TryCase) -> tuple[Uid, ...] | Text:
        """The tags on the pad that are the item's, all of them; or what to tell of what lies there."""
        found: list[tuple[Uid, TagItem]] = []
        for uid in effect.uids:
            try:
                decoded = await self._pad.read(uid)
            except DeviceError:
                continue
            item = accept(decoded, self._security.accept_unverified, self._security.item_pattern)
            if item is not None and item.id == effect.case.subject:
                found.append((uid, item))
        if not found:
            return text("staff.said.another_item")
        parts = max(item.parts for _, item in found)
        if self._security.whole_sets and len({item.part for _, item in found}) < parts:
            return text("staff.said.parts", n=len(found), m=parts)
        return tuple(uid for uid, _ in found)

    async def _write_all(
        self, effect: acts.TryCase, uids: tuple[Uid, ...], *, on_loan: bool
    ) -> bool:
        """Write and read back each tag; what is not known to be right stays owed."""
        afi = self._security.on_loan if on_loan else self._security.in_stock
        item, trace = effect.case.subject, effect.case.trace

        def owe(txn: Txn) -> None:
            records.acted(txn, effect.member, Act.WRITE_TAG, entity=item, trace=trace)
            for uid in uids:
                debts.open_debt(txn, uid=uid, wanted=afi, why="staff", item=item, trace=trace)

        await self._store.write(owe)
        for uid in uids:
            try:
                await self._pad.set_security(uid, afi)
            except DeviceError:
                return False
        await self._store.write(lambda txn: [debts.close_debt(txn, uid) for uid in uids])
        return True

    async def _solved(self, effect: acts.TryCase, act: Act) -> None:
        """The case is done with, unless something else closed it meanwhile."""
        id, who = effect.case.id, effect.member

        def solve(txn: Txn) -> None:
            if act is Act.CANCEL_LOAN:
                records.acted(txn, who, act, entity=effect.case.subject, trace=effect.case.trace)
            if records.case(txn, id).state is not CaseState.CLOSED:
                records.close_case(txn, id, reason=CloseReason.SOLVED, who=who)

        await self._store.write(solve)

    # --- the machine --------------------------------------------------------------------------------

    async def _service(self, effect: acts.SetService) -> Event:
        cause = effect.cause
        await self._store.write(lambda txn: set_service(txn, cause, who=effect.member))
        self._put(await self.recall())
        said = text("staff.said.in_service" if cause is None else "staff.said.out_of_service")
        return acts.StaffActed(said)

    async def _change_setting(self, effect: acts.ChangeSetting) -> Event:
        local = self._clock.now().astimezone(self._zone)
        until = ends(effect.value, self._opening, local)
        await self._store.write(
            lambda txn: change_setting(txn, effect.setting, effect.value, until, who=effect.member)
        )
        self._put(await self.recall())
        return acts.StaffActed(text("staff.said.set"))

    async def _refill(self, effect: acts.Refill) -> Event:
        def refill(txn: Txn) -> None:
            refilled(txn, who=effect.member)
            for case in records.open_cases(txn):
                if case.kind is CaseKind.PAPER_OUT:
                    records.close_case(txn, case.id, reason=CloseReason.SOLVED, who=effect.member)

        await self._store.write(refill)
        self._put(await self.recall())
        outcome = await self._print_test(self._clock.now().astimezone(self._zone))
        if not outcome.printed:
            return acts.StaffActed(text("staff.said.refilled_not_printed"))
        return acts.StaffActed(text("staff.said.refilled"), over=True)

    async def _test(self, effect: acts.PrintTest) -> Event:
        await self._store.write(
            lambda txn: records.acted(
                txn, effect.member, Act.REFILL, entity="printer", detail="test"
            )
        )
        outcome = await self._print_test(self._clock.now().astimezone(self._zone))
        return acts.StaffActed(
            text("staff.said.printed" if outcome.printed else "staff.said.not_printed")
        )

    async def _restart(self, effect: acts.RestartDevice) -> Event:
        role = effect.role
        await self._store.write(
            lambda txn: records.acted(txn, effect.member, Act.RESTART, entity=role)
        )
        known = await self._restart_role(role)
        return acts.StaffActed(text("staff.said.restarted" if known else "staff.said.no_device"))

    async def _unblock(self, effect: acts.Unblock) -> Event:
        await self._store.write(lambda txn: records.acted(txn, effect.member, Act.UNBLOCK))
        return acts.StaffActed(text("staff.said.unblocked"))

    async def _approve(self, effect: acts.ApproveSet) -> Event:
        """Written down first: a set that goes incomplete has somebody who let it go."""
        await self._store.write(
            lambda txn: records.acted(txn, effect.member, Act.APPROVE_SET, entity=effect.item)
        )
        return acts.SetApproved(effect.row)


def stands(item: Item) -> Text:
    """How an item stands, in words that say nothing of who has it."""
    if not item.done:
        return text("staff.said.library_silent")
    if item.circulation.on_loan and item.due is not None:
        return text("staff.said.on_loan_until", due=item.due)
    return text("staff.said.on_loan" if item.circulation.on_loan else "staff.said.not_on_loan")


def _service_known(found: Decided) -> acts.ServiceKnown:
    return acts.ServiceKnown(found.cause, found.since, found.receipts, found.sound, found.screen)
