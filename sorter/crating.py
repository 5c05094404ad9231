"""Crates at the bins of the running line: two scans and a bin may be used again; what falls in lies in that crate.

Each scan is one transaction: what it came to, what is remembered of it, and the crate that it docks. The belt is told
after that, and after a restart once more, so a scan that was answered is never lost.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from config.texts import text, verbatim
from drivers.errors import DeviceUnavailable
from drivers.ports import Scanner, Txn
from drivers.runtime.flow import Event
from drivers.service.view import Action, Mark, Weight
from sorter.alarms import Alarm
from sorter.belt import acts
from sorter.belt import records as belt_records
from sorter.belt.items import Tracked
from sorter.belt.line import Line, Stop
from sorter.ims import records
from sorter.ims.crates import Chute, CrateState, Said, Swap
from sorter.ims.happened import Happened, What
from sorter.ims.labels import Label
from sorter.ims.site import Site
from sorter.ledger import Ledger
from sorter.plan.records import facts_to_json


@dataclass(frozen=True, slots=True)
class Gone:
    """A crate that stood at a chute, and where it was scanned: another branch, or another chute of this one."""

    chute: str
    crate: str
    place: str


_ONWARD = frozenset({"transit", "ill"})
"""Kinds of bins whose items go to other branches and libraries."""


class Crating:
    """The crates of one plant."""

    def __init__(
        self,
        *,
        site: Site,
        ledger: Ledger,
        state: Callable[[], Line],
        put: Callable[[Event], None],
        said: Callable[[Swap | None], None],
        noticed: Callable[[], None],
        drained: Callable[[], Awaitable[bool]],
        unsaved: Callable[[], None] = lambda: None,
    ) -> None:
        """`drained` waits for what the belt has to tell by now; `put` takes events; `said` hears what a scan came to; `noticed`, that there is something to show; `unsaved`, that nothing came of a scan."""
        self._state = state
        self._site = site
        self._ledger = ledger
        self._put = put
        self._said = said
        self._noticed = noticed
        self._unsaved = unsaved
        self._drained = drained
        self._gone: dict[str, Gone] = {}
        """By bin, the crate that stood there and that was scanned elsewhere."""
        self.contested: Mapping[str, records.Owner] = {}
        """By label of a chute, the other sorting point of the branch that has it too, and had it first."""

    async def scan(self, text: str) -> Swap:
        """One scan at the bins, from a reader or through the door; durable when it returns. Raises DeviceUnavailable(store)."""
        label = self._site.label(text)
        all_heard = await self._all_heard()
        swap, early = await self._ledger.soon(lambda txn: self._scanned(txn, label, all_heard))
        self._said(swap)
        if swap.bin:
            self._gone.pop(swap.bin, None)
            count = None if swap.said is Said.ALREADY else swap.count
            self._put(acts.BinSwapped(swap.bin, count, early))
        self._noticed()
        return swap

    async def _all_heard(self) -> bool:
        """What fell before the scan lies in the crate that stood there then. While the disk takes nothing, nothing comes of a scan either."""
        return Stop.STORE not in self._state().stops and await self._drained()

    async def swapped(self, bin: str) -> None:
        """A bin without a chute's label has a new crate when somebody says so. Raises DeviceUnavailable(store)."""
        await self._all_heard()
        await self._ledger.soon(lambda txn: belt_records.swap_bin(txn, bin, 0))
        self._put(acts.BinSwapped(bin))

    async def looked(self, said: str) -> None:
        """A person has looked into a bin that may have been emptied unseen: `same.BIN` or `emptied.BIN`. Raises DeviceUnavailable(store)."""
        answer, _, bin = said.partition(".")
        emptied = answer == "emptied"
        await self._ledger.soon(lambda txn: belt_records.looked(txn, bin, emptied=emptied))
        self._put(acts.BinLooked(bin, emptied))

    async def forget(self) -> None:
        """Take the first scan of a pair back; nothing else has come of it."""
        await self._ledger.soon(records.forget_scan)
        self._said(None)
        self._noticed()

    def _scanned(self, txn: Txn, label: Label, all_heard: bool) -> tuple[Swap, bool]:
        """What it came to, and whether the belt has still to tell that the crate before was lifted out."""
        line = self._state()
        swap = records.scan_label(txn, self._site, label, self._untouched(), self._onward())
        early = False
        if swap.bin:
            docked = swap.said is Said.DOCKED
            in_use = line.bins[swap.bin].enabled or (line.link and line.behind)
            to_come = line.bins[swap.bin].stands is not False
            early = docked and in_use and to_come and not all_heard
            before = swap.closed if early else None
            belt_records.swap_bin(txn, swap.bin, swap.count if docked else None, before)
        return swap, early

    async def look(self) -> None:
        """Others told of crates: a bin whose crate was scanned elsewhere takes nothing more."""
        await self.recall()
        contested = {self._site.chutes[label].bin for label in self.contested}
        for bin in self._gone.keys() | contested:
            if self._state().bins[bin].enabled:
                self._put(acts.CrateGone(bin))
        self._noticed()

    async def recall(self) -> None:
        """What is written down of crates that were scanned elsewhere while they stood here, and of labels that others have too."""
        self.contested, self._gone = await self._ledger.read(self._known)

    def _known(self, txn: Txn) -> tuple[dict[str, records.Owner], dict[str, Gone]]:
        contested = records.contested(txn.connection, self._site)
        gone = self._gone_now(txn)
        return contested, {bin: one for bin, one in gone.items() if one.chute not in contested}

    async def point_gone(self, station: str) -> None:
        """A person says that another sorting point is no longer in use. Raises DeviceUnavailable(store)."""
        await self._ledger.soon(lambda txn: records.gone_point(txn, self._site, station))
        await self.look()

    def _gone_now(self, txn: Txn) -> dict[str, Gone]:
        branch = self._site.branch
        standing = records.docked_labels(txn.connection, branch)
        gone = {}
        for chute in self._site.chutes.values():
            if chute.label not in standing:
                taken = records.taken_from(txn.connection, branch, chute.label)
                if taken is not None:
                    gone[chute.bin] = Gone(chute.label, *taken)
        return gone

    def alarms(self) -> tuple[Alarm, ...]:
        """Of bins whose crate was scanned elsewhere, and of chutes that two sorting points have."""
        return (*map(self._two_points, sorted(self.contested)), *self._scanned_elsewhere())

    def _two_points(self, label: str) -> Alarm:
        other, site = self.contested[label], self._site
        action = Action(
            f"point_gone.{other.station}",
            text("crates.two_points.gone"),
            Weight.SECONDARY,
        )
        detail = (
            f"[ims.chutes.{label}] of station {site.station} and of {other.station}, both at "
            f"{site.branch}: give one of them another label"
        )
        return Alarm(
            f"bin.{site.chutes[label].bin}.two_points",
            Mark.NOW,
            text("crates.two_points", chute=label, point=other.point),
            text("crates.two_points.do"),
            (action,),
            detail=verbatim(detail),
        )

    def _scanned_elsewhere(self) -> tuple[Alarm, ...]:
        return tuple(
            Alarm(
                f"bin.{bin}.gone",
                Mark.NOW,
                text("crates.gone", chute=one.chute, crate=one.crate, place=one.place),
                text("crates.gone.do", chute=one.chute),
            )
            for bin, one in sorted(self._gone.items())
        )

    def _untouched(self) -> frozenset[str]:
        """Chutes whose crate stands there as it was docked: the belt would have told of one that was lifted out."""
        line = self._state()
        if not line.link or line.belt is None:
            return frozenset()
        used = {name for name, use in line.bins.items() if use.present and use.enabled}
        return frozenset(one.label for one in self._site.chutes.values() if one.bin in used)

    def _onward(self) -> frozenset[str]:
        """Chutes whose crates the plan in use sends out of the house."""
        bins = self._state().decide.plan.bins
        kinds = {name: bin.kind for name, bin in bins.items()}
        chutes = self._site.chutes.values()
        return frozenset(one.label for one in chutes if kinds.get(one.bin) in _ONWARD)

    async def serve(self, scanner: Scanner, ready: Callable[[], None]) -> None:
        """Take scans from a reader at the bins until its wire fails. Raises DeviceUnavailable."""
        try:
            await scanner.open()
            ready()
            async for scan in scanner.scans():
                try:
                    await self.scan(scan.text.reveal())
                except DeviceUnavailable:
                    self._unsaved()
        finally:
            await scanner.close()

    def told(self) -> None:
        """Items ended: what lies in crates is another."""
        self._noticed()

    def ended(self, txn: Txn, items: Iterable[Tracked], names: Mapping[int, str]) -> None:
        """Items that ended just now, into the crates that stand there now. `names`: bins by number."""
        for item in items:
            if item.item:
                records.happen(txn, self._site, self._happened(txn, item, names))

    def _happened(self, txn: Txn, item: Tracked, names: Mapping[int, str]) -> Happened:
        facts = facts_to_json(item.facts)
        bin = names.get(item.bin, "")
        lies = item.lies and bool(bin)
        chute = self._site.chute_of(bin)
        return Happened(
            What.FELL if lies else What.GONE,
            txn.now,
            self._site.branch,
            crate="" if chute is None or not lies else self._crate_of(txn, chute, item),
            chute="" if chute is None else chute.label,
            destination=str(facts["destination"]),
            item=item.item,
            number=item.number,
            bin=bin,
            rule="" if item.decision is None else item.decision.rule,
            cause=item.cause.value,
            why=json.dumps(facts, ensure_ascii=False, sort_keys=True),
        )

    def _crate_of(self, txn: Txn, chute: Chute, item: Tracked) -> str:
        """The crate that an item fell into: the one that stands there, or, told late, the one before, where it still holds what it held."""
        if chute.label in self.contested:
            return ""
        if not item.earlier:
            return records.docked_at(txn.connection, self._site.branch, chute.label)
        before = records.crate_of(txn.connection, belt_records.crate_before(txn, chute.bin))
        held = before is not None and before.state in {CrateState.CLOSED, CrateState.SENT}
        return before.label if before is not None and held else ""
