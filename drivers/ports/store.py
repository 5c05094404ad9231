"""The database: one writer, and what is sealed in it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from drivers.ports.secret import Secret

T = TypeVar("T")


class Sealer(Protocol):
    """Seals what is personal under a key that does not lie in the database."""

    @property
    def key_id(self) -> str:
        """Names the key without telling it."""
        ...

    def seal(self, clear: bytes, *, place: str, nonce: bytes) -> bytes:
        """Encrypt for `place` ("table:row:column"): the box opens nowhere else."""
        ...

    def unseal(self, box: bytes, *, place: str, nonce: bytes) -> bytes: ...

    def index(self, clear: Secret, *, place: str) -> str:
        """A keyed hash (hex) by which a secret is found again in a column without standing in it."""
        ...


class Txn(Protocol):
    """One open transaction, as a unit of the store sees it. All ids and times of a unit come from here."""

    @property
    def connection(self) -> Any:
        """The SQLAlchemy connection; only drivers/store and records.py know its type."""
        ...

    @property
    def now(self) -> datetime:
        """Wall time of the unit, aware, in UTC."""
        ...

    @property
    def monotonic(self) -> float: ...

    @property
    def boot_id(self) -> str: ...

    @property
    def sealer(self) -> Sealer: ...

    def new_id(self) -> str:
        """A UUID version 7 (RFC 9562, 5.7) from Clock and Rng."""
        ...

    def random(self, n: int) -> bytes: ...


class Store(Protocol):
    """One database, one writer. A unit writes its rows and its journal rows in one transaction.

    A unit is a plain function of the transaction: it may run twice (a neighbour in the same group commit
    failed), so it changes nothing outside the database.
    """

    async def write(self, unit: Callable[[Txn], T]) -> T:
        """Run `unit` in a transaction and return its value once that is durable.

        Raises:
            DeviceUnavailable: store.full, store.broken, store.locked; nothing of the unit stands.
            LocalProtocolError: store.refused when a rule of the tables says no, or a bug.
        """
        ...

    async def read(self, unit: Callable[[Txn], T]) -> T:
        """Run `unit` without the right to write; it sees every write asked for before it."""
        ...

    async def close(self) -> None:
        """Finish what was asked, fold the write-ahead log into the file, let go."""
        ...
