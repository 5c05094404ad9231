"""Tags on a pad."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from typing_extensions import override


class Capability(StrEnum):
    """What a reader can do beyond the port's core."""

    AFI_FILTER = "afi_filter"
    EAS = "eas"
    SIGNAL = "signal"
    LOCK = "lock"
    RF = "rf"
    PASS_THROUGH = "pass_through"


@dataclass(frozen=True, slots=True)
class Uid:
    """An ISO 15693 identifier: 8 bytes, most significant first (ISO/IEC 15693-3, 4.1)."""

    value: bytes

    def __post_init__(self) -> None:
        if len(self.value) != 8:
            raise ValueError(f"a UID has 8 bytes, not {len(self.value)}")

    @override
    def __str__(self) -> str:
        return self.value.hex()


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """Who answers at the other end, and what it can do."""

    model: str
    firmware: str
    capabilities: frozenset[Capability]


@dataclass(frozen=True, slots=True)
class Tag:
    """One answer to an inventory."""

    uid: Uid
    dsfid: int | None


@dataclass(frozen=True, slots=True)
class TagInfo:
    """System information of one tag. Sizes are true counts, not the wire's count minus one."""

    uid: Uid
    dsfid: int
    afi: int
    block_size: int
    blocks: int
    ic_ref: int


@dataclass(frozen=True, slots=True)
class Memory:
    """User memory in tag order, from block `first` on; `locked` names absolute block numbers."""

    first: int
    block_size: int
    data: bytes
    locked: frozenset[int]


class ItemReader(Protocol):
    """An antenna that reads and arms library items. One request at a time; calls queue."""

    async def open(self) -> ReaderInfo:
        """Probe, switch the field on, settle the reader's policies. Safe to repeat."""
        ...

    async def close(self) -> None: ...

    async def inventory(self) -> tuple[Tag, ...]:
        """Every tag in the field now. An empty field is an empty tuple, not an error."""
        ...

    async def info(self, uid: Uid) -> TagInfo: ...

    async def read(self, uid: Uid, first: int, count: int) -> Memory:
        """`count` blocks from `first`; split into as many requests as the reader needs."""
        ...

    async def write(self, uid: Uid, first: int, data: bytes) -> None:
        """Write whole blocks and return only when they read back equal. Never repeated blindly."""
        ...

    async def set_security(self, uid: Uid, afi: int) -> None:
        """Make the AFI this; return only when it reads back equal.

        Raises:
            DeviceRefused: tag.lost when the tag left, tag.not_written when it reads back wrong,
                tag.locked when the tag says so.
        """
        ...


class TagService(Protocol):
    """What staff and technicians do with a reader; `lock` cannot be undone."""

    async def lock(self, uid: Uid, first: int, count: int) -> None: ...

    async def signal(self, pattern: str) -> None: ...

    async def rf(self, on: bool) -> None: ...
