"""Tags, as the kiosk reads and writes them: a byte is owed on disk before it is written, and until it has read back.

What an earlier visit owes a tag is paid when the tag is seen again, as the library system says of its item then. While
nobody can say, or the tag cannot be written, it is tried again for as long as the tag lies there.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from config.station import Security
from drivers.errors import Code, DeviceError
from drivers.ports import LibrarySystem, Store, Txn, Uid
from drivers.runtime.flow import Effect, Event
from drivers.service.cases import CaseKind
from drivers.service.records import settle_case
from drivers.store import debts
from drivers.store.debts import Debt
from drivers.tags import Decoded
from kiosk.lending import acts
from kiosk.lending.line import Line


class Pad(Protocol):
    """What this module needs of kiosk.pad_work."""

    async def read(self, uid: Uid) -> Decoded: ...

    async def set_security(self, uid: Uid, afi: int) -> None: ...


class Tagging:
    """Handlers for one station. `queued` tells whether what was done offline leaves an item on loan; None: nothing was."""

    def __init__(
        self,
        *,
        pad: Pad,
        store: Store,
        library: LibrarySystem,
        line: Line,
        queued: Callable[[str], bool | None],
        security: Security,
        visit: Callable[[], str],
    ) -> None:
        self._pad = pad
        self._store = store
        self._library = library
        self._line = line
        self._queued = queued
        self._security = security
        self._visit = visit

    def handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        """By effect, who carries it out."""
        return {
            acts.ReadTag: self._read_tag,
            acts.SetSecurity: self._set_security,
            acts.PayDebt: self._pay_debt,
        }

    async def _read_tag(self, effect: acts.ReadTag) -> Event:
        uid = effect.uid
        try:
            decoded = await self._pad.read(uid)
        except DeviceError as error:
            return acts.TagUnread(uid, error.code)
        owed = await self._store.read(lambda txn: debts.debts_for(txn, (uid,)))
        visit = self._visit()
        return acts.TagRead(uid, decoded, any(debt.trace != visit for debt in owed))

    async def _set_security(self, effect: acts.SetSecurity) -> Event:
        failed = await self._secure(effect.uid, effect.afi, effect.item, effect.row, self._visit())
        if failed is not None:
            return acts.TagNotWritten(effect.row, effect.uid, effect.afi, failed)
        return acts.TagWritten(effect.row, effect.uid, effect.afi)

    async def _secure(
        self, uid: Uid, afi: int, item: str, row: str, trace: str, paying: Debt | None = None
    ) -> Code | None:
        """Owe the tag its byte, write it, and owe it no more; the code when it did not read back.

        `paying` is the earlier debt that is paid so; one that is gone or replaced meanwhile is paid no more: what
        somebody does with the item now knows better.
        """
        silent = afi == self._security.on_loan

        def owe(txn: Txn) -> bool:
            owed = debts.debts_for(txn, (uid,))
            if paying is not None and paying not in owed:
                return False
            if not any((debt.wanted, debt.trace) == (afi, trace) for debt in owed):
                debts.open_debt(txn, uid=uid, wanted=afi, why="visit", item=item, trace=trace)
            return True

        if not await self._store.write(owe):
            return None
        try:
            await self._pad.set_security(uid, afi)
        except DeviceError as error:
            return error.code

        def paid(txn: Txn) -> None:
            if not any(debt.wanted == afi for debt in debts.debts_for(txn, (uid,))):
                return  # another byte is owed since, and will be written after this one
            debts.close_debt(txn, uid)
            settle_case(txn, CaseKind.STILL_ARMED if silent else CaseKind.STILL_DISARMED, item)
            if row and not silent:
                # armed for an undo: until the loan is cancelled it stands, and the tag owes it silence
                debts.open_debt(
                    txn,
                    uid=uid,
                    wanted=self._security.on_loan,
                    why="undo",
                    item=item,
                    trace=trace,
                )

        await self._store.write(paid)
        return None

    async def _pay_debt(self, effect: acts.PayDebt) -> Event:
        """A tag in debt may be either way: it gets what the library system says of its item now."""
        uid, paid = effect.uid, True
        for debt in await self._store.read(lambda txn: debts.debts_for(txn, (uid,))):
            on_loan = await self._on_loan(debt.item)
            if on_loan is None:
                paid = False
                continue
            wanted = self._security.on_loan if on_loan else self._security.in_stock
            # under the debt's own trace: what cannot be written now is still an earlier visit's debt
            failed = await self._secure(uid, wanted, debt.item, "", debt.trace, debt)
            paid = paid and failed is None
        return acts.DebtPaid(uid) if paid else acts.DebtWaits(uid, effect.tries + 1)

    async def _on_loan(self, item: str) -> bool | None:
        """Whether an item is on loan; None: nobody can say now."""
        queued = self._queued(item)
        if queued is not None:
            return queued
        async with self._line:
            found = await self._library.item(item)
        return found.circulation.on_loan if found.done else None
