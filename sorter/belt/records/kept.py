"""What a step made of the belt and of the items on it, written down, and what a restart takes up of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import Insert, insert

from drivers.ports import BeltInfo, Txn, Uid
from drivers.store import journal
from drivers.store.txn import moment
from sorter.belt.items import Cause, ItemState, SeenTag, Tracked
from sorter.belt.line import BinUse
from sorter.belt.records.answers import settle
from sorter.belt.records.bins import every_bin
from sorter.belt.records.tables import belt, bins, items, trace_of
from sorter.plan.decide import Decision
from sorter.plan.explain import facts_of
from sorter.plan.records import facts_to_json, tell


@dataclass(frozen=True, slots=True)
class Kept:
    """What one step made of the belt."""

    info: BeltInfo
    boot: int
    """The boot of the belt that counted `taken`."""
    taken: int
    """Sequence of the last event in it."""
    number: int
    """Of the newest item in it; 0 for none."""
    doubted: bool
    purged: bool
    items: tuple[Tracked, ...]
    decided: frozenset[int]
    """Numbers of those that were decided about anew."""
    reports: bool
    """Whether an item that has ended is still to be told to the library system."""
    stands: tuple[tuple[int, bool | None], ...] = ()
    """As the step has it: an event and what it says of a crate are taken in together, or neither is."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier run left."""

    info: BeltInfo | None = None
    taken: int = 0
    number: int = 0
    doubted: bool = False
    purged: bool = False
    items: tuple[Tracked, ...] = ()
    bins: Mapping[str, BinUse] | None = None


def _upsert(
    into: Table, key: str, *, first: frozenset[str] = frozenset(), most: str = ""
) -> Insert:
    """A row put in or changed; `first` keep what they were, `most` never falls. Built once: that costs more than it takes to run."""
    fresh = insert(into)
    later: dict[str, Any] = {
        column.name: fresh.excluded[column.name]
        for column in into.c
        if column.name not in {key, *first}
    }
    if most:
        later[most] = func.max(into.c[most], fresh.excluded[most])
    return fresh.on_conflict_do_update([into.c[key]], set_=later)


_BOOT = select(belt.c.boot_id)
_KEEP_MARK = _upsert(belt, "one", most="number")
_KEEP_ITEM = _upsert(items, "number", first=frozenset({"since", "answer", "seen"}))
_ENDED = select(items.c.ended).where(items.c.number == bindparam("of"))
_COUNT = update(bins).where(bins.c.number == bindparam("of")).values(count=bins.c.count + 1)


def keep(txn: Txn, kept: Kept) -> tuple[Tracked, ...]:
    """Write down a step: the belt's mark, its items as they are, their decisions and their ends.

    The mark stays where the belt has started anew since: what the old boot counted means nothing to the new one.
    Returns the items that ended by it: each is told of once, also when the belt tells it again.
    """
    if txn.connection.execute(_BOOT).scalar() == kept.boot:
        _mark(txn, kept)
    ended = []
    for item in kept.items:
        if item.number in kept.decided:
            _tell(txn, item)
        if _keep_item(txn, item, reports=kept.reports):
            ended.append(item)
    return tuple(ended)


def _mark(txn: Txn, kept: Kept) -> None:
    mark = {
        "one": 1,
        "boot_id": kept.boot,
        "taken": kept.taken,
        "number": kept.number,
        "info": json.dumps(asdict(kept.info)),
        "doubted": int(kept.doubted),
        "purged": int(kept.purged),
    }
    txn.connection.execute(_KEEP_MARK, mark)
    for number, stands in kept.stands:
        txn.connection.execute(update(bins).where(bins.c.number == number).values(stands=stands))


def linked(
    txn: Txn, info: BeltInfo, taken: int, *, known: bool, reports: bool
) -> tuple[Tracked, ...]:
    """The belt answers. One that has started anew, or was never met, has its mark before it may take an item in.

    What was believed to lie on it is given up in the same transaction: a restart must not take it up again. Returns that.
    """
    journal.append(
        txn, "belt.linked", payload={"boot": info.boot_id, "taken": taken, "known": known}
    )
    if known:
        return ()
    gone = tuple(
        replace(item, state=ItemState.REMOVED, cause=Cause.RESTART)
        for item in remembered(txn).items
    )
    begun = Kept(info, info.boot_id, taken, 0, False, False, gone, frozenset(), reports)
    _mark(txn, begun)
    return keep(txn, begun)


def _keep_item(txn: Txn, item: Tracked, *, reports: bool) -> bool:
    """Whether it ended just now."""
    row = {
        "number": item.number,
        "tid": item.tid,
        "item": item.item,
        "state": item.state.value,
        "cause": item.cause.value,
        "rule": "" if item.decision is None else item.decision.rule,
        "bin": item.bin,
        "since": moment(txn.now),
        "ended": moment(txn.now) if item.ended else None,
        "live": "" if item.ended else json.dumps(_item_to_json(item)),
        "answer": "",
        "reported": int(not reports or not _tellable(item)) if item.ended else 1,
        "seen": 0,
    }
    before = None
    if item.ended:
        before = txn.connection.execute(_ENDED, {"of": item.number}).scalar_one_or_none()
    txn.connection.execute(_KEEP_ITEM, row)
    if not item.ended or before is not None:
        return False
    if item.state is ItemState.CONFIRMED and not item.earlier:
        txn.connection.execute(_COUNT, {"of": item.bin})
    if item.cause is Cause.OFFLINE:
        settle(txn, item.number)
    journal.append(
        txn,
        "item.ended",
        trace=trace_of(item.number),
        payload={
            "number": item.number,
            "item": item.item or None,
            "state": item.state.value,
            "cause": item.cause.value,
            "bin": item.bin,
        },
    )
    return True


def _tellable(item: Tracked) -> bool:
    """Whether the library system may be told where it lies: it is one item, and its bin is known."""
    return bool(item.item and item.bin and item.lies)


def _tell(txn: Txn, item: Tracked) -> None:
    if item.decision is None:
        return
    numbers = select(bins.c.number).where(bins.c.name.in_(sorted(item.reach)))
    reach = sum(1 << n for n in txn.connection.execute(numbers).scalars())
    tell(txn, item.number, trace_of(item.number), item.decision, reach, item.facts)


def remembered(txn: Txn) -> Remembered:
    """What an earlier run left of the belt, the items on it, and its bins."""
    row = txn.connection.execute(select(belt)).one_or_none()
    found = every_bin(txn)
    if row is None:
        return Remembered(bins=found)
    live = txn.connection.execute(
        select(items.c.live).where(items.c.live != "").order_by(items.c.number)
    )
    info = json.loads(row.info)
    return Remembered(
        info=BeltInfo(**{**info, "diverts": tuple(info["diverts"])}),
        taken=row.taken,
        number=row.number,
        doubted=bool(row.doubted),
        purged=bool(row.purged),
        items=tuple(_item_of(json.loads(one)) for one in live.scalars()),
        bins=found,
    )


def _item_to_json(item: Tracked) -> dict[str, Any]:
    decision = item.decision
    return {
        "number": item.number,
        "tid": item.tid,
        "length": item.length,
        "gap": item.gap,
        "at": item.at,
        "state": item.state.value,
        "cause": item.cause.value,
        "refused_route": item.refused_route,
        "facts": facts_to_json(item.facts),
        "decision": None if decision is None else asdict(decision),
        "reach": sorted(item.reach),
        "tags": [{**_plain(tag), "uid": str(tag.uid)} for tag in item.tags],
    }


def _plain(tag: SeenTag) -> dict[str, Any]:
    return {field.name: getattr(tag, field.name) for field in fields(SeenTag)}


def _item_of(data: Mapping[str, Any]) -> Tracked:
    decision = data["decision"]
    known = {**data}
    known["state"], known["cause"] = ItemState(data["state"]), Cause(data["cause"])
    known["facts"] = facts_of(data["facts"])
    known["reach"] = frozenset(data["reach"])
    known["decision"] = decision and Decision(
        **{**decision, "alternates": tuple(decision["alternates"])}
    )
    known["tags"] = tuple(
        SeenTag(**{**tag, "uid": Uid(bytes.fromhex(tag["uid"]))}) for tag in data["tags"]
    )
    return Tracked(**known)
