"""The judge of a sorting plant: the simulated plant and library system say what is true, never the station."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from drivers.ports import Txn
from sorter.belt import records

BINS = {"101": 1, "102": 2, "103": 3, "104": 4}
HOLDS, TRANSIT, ILL, OVERFLOW, EXCEPTION = 5, 6, 7, 8, 9
HOLD_SHELF, IN_TRANSIT = "08", "10"
OWN = "DK746100"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a run: items by where they lie, and everything that must not be."""

    right: int
    staff: int
    """In the staff's or the overflow bin."""
    elsewhere: int
    """Off the belt, still on it, or in a bin where a person was told that it lies wrongly."""
    strange: int
    """With the interlibrary loans, for their tag said so; never asked about under their own number."""
    unseen: int
    """With a dead tag, fed together with another item as one: nothing at the plant can tell."""
    missorted: tuple[str, ...]
    lost: tuple[str, ...]
    """On a shelf, and still on loan; or told as checked in, and on loan."""
    doubled: tuple[str, ...]

    def plus(self, other: "Verdict") -> "Verdict":
        """Both together."""
        return Verdict(*(getattr(self, n) + getattr(other, n) for n in Verdict.__slots__))


def judge(
    truth: Mapping[str, Any],
    rows: Mapping[str, Any],
    *,
    foreign: int = 0,
    dead: int = 0,
    told: Mapping[str, frozenset[int]] = MappingProxyType({}),
) -> Verdict:
    """By the truth of a stage and the scenario's rows by item.

    `told`: by item, where the list of exceptions says that it lies wrongly; 0 for one that is sought. `foreign`: how often a fault glued another library's tag onto the next item; `dead`: how often one killed its tags.
    """
    library = truth["devices"]["library"]
    where = truth["devices"]["belt"]["items"]
    done: dict[str, int] = {}
    for asked in library["asked"]:
        if asked["message"] == "09" and asked["outcome"] == "done":
            done[asked["item"]] = done.get(asked["item"], 0) + 1
    right = staff = elsewhere = strange = unseen = 0
    missorted: list[str] = []
    lost: list[str] = []
    for item, place in where.items():
        if item not in rows:
            continue  # laid on the belt by a fault
        if place["where"] != "bin":
            elsewhere += 1
            continue
        if place["bin"] in {OVERFLOW, EXCEPTION}:
            staff += 1
            continue
        if place["bin"] == ILL and item in library["loans"] and strange < foreign:
            strange += 1
            continue
        named = any(asked["item"] == item for asked in library["asked"])
        may_be_dead = unseen < dead or rows[item].get("readable") is False
        if item in library["loans"] and not named and may_be_dead:
            unseen += 1
            continue
        wanted = wanted_bin(rows[item], library["items"][item]["status"])
        if place["bin"] == wanted:
            right += 1
        elif {place["bin"], 0} & told.get(item, frozenset()):
            elsewhere += 1
            continue
        else:
            missorted.append(f"{item}: lies in {place['bin']}, belongs in {wanted}")
        if item in library["loans"]:
            lost.append(item)
    doubled = tuple(item for item, n in done.items() if n > 1)
    return Verdict(right, staff, elsewhere, strange, unseen, tuple(missorted), tuple(lost), doubled)


def wanted_bin(row: Mapping[str, Any], status: str) -> int:
    """The bin of an item, by its owner and by what the library system holds of it after its return."""
    if row.get("owner", OWN) != OWN:
        return ILL
    if status == HOLD_SHELF:
        return HOLDS
    if status == IN_TRANSIT:
        return TRANSIT
    return BINS.get(row.get("sort_bin", ""), EXCEPTION)


def told_of(txn: Txn) -> dict[str, frozenset[int]]:
    """By item, the bins in which the list of exceptions says that it lies though it should not; 0 where it is sought."""
    table = records.items.c
    strange = table.state.in_(("missed", "lost", "removed")) | (table.cause == "missed")
    found: dict[str, frozenset[int]] = {}
    for row in txn.connection.execute(records.items.select().where(strange)):
        found[row.item] = found.get(row.item, frozenset()) | {row.bin}
    return found


def believed(txn: Txn) -> dict[str, int]:
    """By item, the bin in which the station believes it to lie; of one that came twice, the last."""
    found = txn.connection.execute(
        records.items.select().where(records.items.c.ended.is_not(None)).order_by("number")
    )
    return {row.item: row.bin for row in found if row.item and row.bin}
