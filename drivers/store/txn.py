"""One transaction as a unit sees it: connection, the unit's one moment, ids and chance."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from drivers.ports import Rng, Sealer


def uuid7(now: datetime, chance: bytes) -> str:
    """A UUID version 7: 48 bits of Unix milliseconds, then 74 of the 80 bits of `chance` (RFC 9562, 5.7)."""
    milliseconds = int(now.timestamp() * 1000)
    value = milliseconds << 80 | int.from_bytes(chance[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"  # by hand: UUID costs three times as much, and each row has one
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@dataclass(frozen=True, slots=True)
class StoreTxn:
    """The store's own `ports.Txn`."""

    connection: Connection
    now: datetime
    monotonic: float
    boot_id: str
    sealer: Sealer
    rng: Rng

    def new_id(self) -> str:
        return uuid7(self.now, self.rng.bytes(10))

    def random(self, n: int) -> bytes:
        return self.rng.bytes(n)


def moment(at: datetime) -> str:
    """An aware time as the tables hold it: UTC, always 27 characters, so that text order is time order."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
