"""The plant's tables: what the belt was last believed to be, each item's way over it, its bins. No borrower in them.

The belt is told to forget an event only when what it made of the items stands here, so a restart goes on from here: with
the items that are on the belt, or, where the controller has started anew, without them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import Insert, insert

from drivers.ports import BeltInfo, Txn, Uid
from drivers.store import journal
from drivers.store.tables import journal as journal_rows
from drivers.store.txn import moment
from sorter.belt.items import Cause, ItemState, SeenTag, Tracked
from sorter.belt.line import BinUse
from sorter.plan.decide import Decision
from sorter.plan.explain import facts_of
from sorter.plan.facts import Facts
from sorter.plan.records import decisions, facts_to_json, tell, token

metadata = MetaData()

belt = Table(
    "sorter_belt",
    metadata,
    Column("one", Integer, primary_key=True, nullable=False),
    Column("boot_id", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("info", Text, nullable=False),
    Column("doubted", Integer, nullable=False),
    Column("purged", Integer, nullable=False, server_default=text("0")),
    sqlite_strict=True,
)

items = Table(
    "sorter_items",
    metadata,
    Column("number", Integer, primary_key=True, nullable=False),
    Column("tid", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("bin", Integer, nullable=False),
    Column("since", Text, nullable=False),
    Column("ended", Text),
    Column("live", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("reported", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Index("sorter_items_item", "item"),
    Index("sorter_items_open", "number", sqlite_where=text("reported = 0")),
    Index("sorter_items_exceptions", "number", sqlite_where=text("seen = 0 AND cause <> 'none'")),
    sqlite_strict=True,
)

bins = Table(
    "sorter_bins",
    metadata,
    Column("name", Text, primary_key=True, nullable=False),
    Column("number", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("enabled", Integer, nullable=False),
    Column("present", Integer, nullable=False, server_default=text("1")),
    Column("untold", Integer, nullable=False, server_default=text("0")),
    Column("unseen", Integer, nullable=False, server_default=text("0")),
    Column("early", Integer, nullable=False, server_default=text("0")),
    Column("before", Text, nullable=False, server_default=text("''")),
    Column("stands", Integer),
    sqlite_strict=True,
)

MOST_EXCEPTIONS = 50
_STOOD = ("enabled", "present", "early", "unseen")
_NOTHING = dict.fromkeys(("count", "untold", "unseen", "early"), 0)
_NEW_BIN: dict[str, Any] = {**_NOTHING, "enabled": 1, "present": 1, "before": "", "stands": None}


# --- values -----------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Lying:
    """An item that a person must look at, or that lies in a bin of which nobody has been told."""

    number: int
    item: str
    cause: Cause
    state: ItemState
    bin: int
    answer: Facts | None
    """What the library system said, however late; None while it has not."""
    ended: datetime | None = None


# --- what the belt said -----------------------------------------------------------------------------


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


def unseen(txn: Txn, labelled: frozenset[str]) -> None:
    """Nobody knows whether any crate still stands there: one with a label takes nothing until it is scanned, of others a person is asked, and the belt told again."""
    named = bins.c.name.in_(labelled)
    nothing = update(bins).values(stands=None)
    txn.connection.execute(nothing.where(named).values(enabled=0, untold=0, early=0))
    txn.connection.execute(nothing.where(~named).values(unseen=bins.c.count, untold=bins.c.enabled))


def looked(txn: Txn, name: str, *, emptied: bool) -> None:
    """A person has said whether what lay in a bin, before nobody saw it, lies there still."""
    this = bins.c.name == name
    if emptied:
        gone = txn.connection.execute(select(bins.c.unseen).where(this)).scalar()
        txn.connection.execute(update(bins).where(this).values(count=bins.c.count - bins.c.unseen))
        journal.append(txn, "bin.emptied", payload={"bin": name, "count": int(gone or 0)})
    txn.connection.execute(update(bins).where(this).values(unseen=0))


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
        _settle(txn, item.number)
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


def trace_of(number: int) -> str:
    """The trace of one item's way over the belt."""
    return f"item-{number}"


# --- restart ----------------------------------------------------------------------------------------


def remembered(txn: Txn) -> Remembered:
    """What an earlier run left of the belt, the items on it, and its bins."""
    row = txn.connection.execute(select(belt)).one_or_none()
    uses = _uses(txn)
    if row is None:
        return Remembered(bins=uses)
    alive = select(items.c.live).where(items.c.live != "").order_by(items.c.number)
    live = txn.connection.execute(alive)
    info = json.loads(row.info)
    return Remembered(
        info=BeltInfo(**{**info, "diverts": tuple(info["diverts"])}),
        taken=row.taken,
        number=row.number,
        doubted=bool(row.doubted),
        purged=bool(row.purged),
        items=tuple(_item_of(json.loads(one)) for one in live.scalars()),
        bins=uses,
    )


def _uses(txn: Txn) -> dict[str, BinUse]:
    return {
        b.name: BinUse(
            b.number,
            b.count,
            present=bool(b.present),
            stands=None if b.stands is None else bool(b.stands),
            enabled=bool(b.enabled),
            untold=bool(b.untold and b.enabled and not b.present),
            early=bool(b.early),
            unseen=b.unseen,
        )
        for b in txn.connection.execute(select(bins))
    }


def settle_bins(txn: Txn, uses: Mapping[str, int]) -> None:
    """The plan's bins by name and number. What stands at a divert keeps its count under whatever name.

    A bin that the plan has no more is kept for a plan that has its number again.
    """
    known = [dict(row) for row in txn.connection.execute(select(bins)).mappings()]
    at = {row["number"]: row for row in known}
    at |= {row["number"]: row for row in known if uses.get(row["name"]) == row["number"]}
    rows = [
        {**_NEW_BIN, **at.get(number, {}), "name": name, "number": number}
        for name, number in uses.items()
    ]
    taken = set(uses.values())
    left = (row for n, row in at.items() if n not in taken and row["name"] not in uses)
    rows += [{**row, "stands": None} for row in left]  # nobody listens to it there
    txn.connection.execute(delete(bins))
    txn.connection.execute(insert(bins), rows)


def bins_by_number(txn: Txn) -> dict[int, BinUse]:
    """What is known of each bin, also of those that the plan has no more."""
    return {use.number: use for use in _uses(txn).values()}


def keep_bins(txn: Txn, uses: Mapping[str, BinUse]) -> None:
    """Which bins stand there and may be used, and what of their count is asked about: one that was lifted out may not before its new crate is known."""
    for name, use in uses.items():
        row = {kept: int(getattr(use, kept)) for kept in _STOOD}
        txn.connection.execute(update(bins).where(bins.c.name == name).values(row))


def swap_bin(txn: Txn, name: str, count: int | None, before: str | None = None) -> None:
    """A crate stands at a bin, with so many items in it, or with as many as before. The belt is told until it has heard.

    `before`: the crate that stood there, where the belt has still to tell that it was lifted out.
    """
    held = txn.connection.execute(select(bins.c.count).where(bins.c.name == name)).scalar()
    row = {"count": held if count is None else count, "enabled": 1, "untold": 1, "unseen": 0}
    if before is not None:
        first = case((bins.c.early == 1, bins.c.before), else_=before)
        row |= {"early": 1, "before": first}
    txn.connection.execute(update(bins).where(bins.c.name == name).values(row))
    if count == 0:
        journal.append(txn, "bin.emptied", payload={"bin": name, "count": int(held or 0)})


def crate_before(txn: Txn, name: str) -> str:
    """The crate that stood at a bin before the one that was scanned early."""
    return str(
        txn.connection.execute(select(bins.c.before).where(bins.c.name == name)).scalar_one()
    )


def told_bin(txn: Txn, number: int) -> None:
    """The belt has heard that a crate stands at a bin."""
    txn.connection.execute(update(bins).where(bins.c.number == number).values(untold=0))


def untold_bins(txn: Txn) -> tuple[int, ...]:
    """Numbers of bins whose crate the belt has not heard of."""
    stands = (bins.c.untold == 1, bins.c.enabled == 1, bins.c.present == 1)
    found = select(bins.c.number).where(*stands)
    return tuple(txn.connection.execute(found.order_by(bins.c.number)).scalars())


# --- answers and reports ----------------------------------------------------------------------------


def answered(txn: Txn, number: int, facts: Facts, *, late: bool) -> None:
    """What the library system said of an item, on its story for good: it may be in a bin already."""
    told = json.dumps(facts_to_json(facts))
    txn.connection.execute(update(items).where(items.c.number == number).values(answer=told))
    journal.append(
        txn,
        "item.answered",
        trace=trace_of(number),
        payload={"number": number, "ok": facts.ok, "alert": token(facts.alert), "late": late},
    )
    if late:
        _settle(txn, number)


def _settle(txn: Txn, number: int) -> None:
    """What was taken in offline, lies where it was sent, and is checked in with nothing left to do is nobody's matter any more.

    Nor is the same item's way over the belt before or after, which waits for the same check-in.
    """
    offline = (items.c.cause == Cause.OFFLINE.value) & items.c.ended.is_not(None)
    told = select(items.c.item, items.c.answer).where(items.c.number == number, offline)
    row = txn.connection.execute(told).one_or_none()
    facts = facts_of(json.loads(row.answer)) if row is not None and row.answer else None
    if row is None or facts is None or not facts.ok or facts.alert or facts.destination:
        return
    same = (items.c.number == number) | ((items.c.item == row.item) & (items.c.answer == ""))
    txn.connection.execute(update(items).where(same, offline).values(seen=1))


def answer_of(txn: Txn, number: int) -> Facts | None:
    """What the library system said of an item; None while it has not."""
    told = select(items.c.answer).where(items.c.number == number)
    found = txn.connection.execute(told).scalar_one_or_none()
    return facts_of(json.loads(found)) if found else None


def unreported(txn: Txn, most: int = 200) -> tuple[Lying, ...]:
    """Items that have ended and whose bin the library system has not been told, the oldest first: at most so many at once."""
    first = select(items).where(items.c.reported == 0).order_by(items.c.number).limit(most)
    return tuple(map(_lying, txn.connection.execute(first).all()))


@dataclass(frozen=True, slots=True)
class Decided:
    """Where an item was sent, as it was decided about last."""

    number: int
    bin: str | None
    rule: str
    reach: int
    """Bins that it could still go into: bit n for bin n."""
    facts: Facts
    item: str = ""
    at: datetime | None = None
    plan: str = ""
    """Fingerprint of the plan that it was decided by; empty where it is older than they are kept."""


def decided(txn: Txn, since: datetime, until: datetime) -> tuple[Decided, ...]:
    """Every item that was decided about from one moment (UTC) to before another, in order."""
    span = journal.numbers_between(txn, since, until)
    seq = decisions.c.seq
    last = (
        select(func.max(seq)).where(seq >= span.start, seq < span.stop).group_by(decisions.c.number)
    )
    rows = txn.connection.execute(
        select(decisions, items.c.item, journal_rows.c.wall)
        .join(journal_rows, journal_rows.c.seq == seq)
        .outerjoin(items, items.c.number == decisions.c.number)
        .where(seq.in_(last))
        .order_by(seq)
    )
    return tuple(
        Decided(
            row.number,
            row.bin,
            row.rule,
            row.reach,
            facts_of(json.loads(row.facts)),
            row.item or "",
            _when(row.wall),
            row.plan,
        )
        for row in rows
    )


def stay(txn: Txn, number: int) -> tuple[datetime, datetime | None] | None:
    """When an item came onto the belt and when it left it; None for a number that there was not."""
    found = select(items.c.since, items.c.ended).where(items.c.number == number)
    row = txn.connection.execute(found).one_or_none()
    if row is None:
        return None
    return _when(row.since), _when(row.ended) if row.ended else None


def _when(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def reported(txn: Txn, number: int, told: str) -> None:
    """The library system knows where it lies, or never will."""
    txn.connection.execute(update(items).where(items.c.number == number).values(reported=1))
    journal.append(
        txn, "item.reported", trace=trace_of(number), payload={"number": number, "told": told}
    )


_WAITS = (items.c.seen == 0, items.c.cause != Cause.NONE.value, items.c.ended.is_not(None))
_FIRST, _LAST = (Cause.MISSED, Cause.NO_CRATE, Cause.LOST), (Cause.LATE, Cause.OFFLINE)
_GRAVITY = case(
    {one.value: 0 for one in _FIRST} | {one.value: 2 for one in _LAST},
    value=items.c.cause,
    else_=1,
)
"""What lies where nobody would look, before what lies where the belt said, and comes by the dozen."""


def exceptions(txn: Txn) -> tuple[Lying, ...]:
    """Items that a person has not dealt with yet: the gravest first, then the newest. No more than a panel can show."""
    rows = txn.connection.execute(
        select(items)
        .where(*_WAITS)
        .order_by(_GRAVITY, items.c.number.desc())
        .limit(MOST_EXCEPTIONS)
    )
    return tuple(map(_lying, rows.all()))


def waiting(txn: Txn) -> int:
    """How many items a person has not dealt with yet."""
    return int(txn.connection.execute(select(func.count()).where(*_WAITS)).scalar_one())


def see(txn: Txn, number: int) -> None:
    """A person has dealt with it."""
    txn.connection.execute(update(items).where(items.c.number == number).values(seen=1))


def _lying(row: Any) -> Lying:
    answer = facts_of(json.loads(row.answer)) if row.answer else None
    ended = datetime.fromisoformat(row.ended) if row.ended else None
    return Lying(
        row.number, row.item, Cause(row.cause), ItemState(row.state), row.bin, answer, ended
    )


# --- JSON -------------------------------------------------------------------------------------------


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
