"""What a station does for its own store: at boot, once a day, and when the disk fills up."""

from drivers.ports import Txn
from drivers.service.cases import CaseKind
from drivers.service.records import open_case, settle_case
from drivers.store import journal, sealed
from drivers.store.database import Boot
from drivers.store.journal import Chain
from drivers.store.space import Room

JOURNAL, DISK, SQLITE = "journal", "disk", "sqlite"
"""Subjects of the cases."""


def at_boot(txn: Txn, boot: Boot) -> None:
    """Erase what has expired, and ask for a person where opening found something."""
    sealed.expire(txn)
    _tell(txn, CaseKind.JOURNAL_BROKEN, JOURNAL, not boot.chain.whole)
    _tell(txn, CaseKind.SQLITE_OLD, SQLITE, boot.old_sqlite)


def daily(txn: Txn) -> Chain:
    """Erase what has expired, and walk the whole chain: a bit may have turned in an old row."""
    sealed.expire(txn)
    chain = journal.verify(txn)
    if chain.whole:
        journal.mark_verified(txn, chain)
    _tell(txn, CaseKind.JOURNAL_BROKEN, JOURNAL, not chain.whole)
    return chain


def about_room(txn: Txn, room: Room) -> None:
    """Ask for a person while the disk is short of room."""
    _tell(txn, CaseKind.DISK_LOW, DISK, room is not Room.ENOUGH)


def _tell(txn: Txn, kind: CaseKind, subject: str, wrong: bool) -> None:
    if wrong:
        open_case(txn, kind, subject)
    else:
        settle_case(txn, kind, subject)
