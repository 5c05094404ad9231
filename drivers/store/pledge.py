"""Whose visit it was, for thirty days: a random key a day, under which cards are committed to the journal."""

from datetime import UTC, date, timedelta

from drivers.ports import Secret, Txn
from drivers.store import journal, sealed

KEPT = timedelta(days=30)
"""How long a visit can be matched with a card that someone names. The day's key is erased then, and
nobody can any more, while the chain still verifies."""


def pledge(txn: Txn, patron_card: Secret) -> str:
    """The commitment for a visit of today, for the field `patron` of `visit.started`."""
    return journal.commitment(day_key(txn, txn.now.astimezone(UTC).date()), patron_card)


def day_key(txn: Txn, day: date) -> bytes:
    """The random key of `day` (UTC), made when first asked for."""
    place = f"journal:{day}:pledge"
    kept = sealed.unseal(txn, place)
    if kept is None:
        kept = {"key": Secret(txn.random(32).hex())}
        sealed.erase(txn, place)
        sealed.seal(txn, place, kept, expires_at=txn.now + KEPT)
    return bytes.fromhex(kept["key"].reveal())
