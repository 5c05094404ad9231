"""Staff sign-in: a card or number, and a PIN; a lock-out after too many tries; every try in the journal.

The PIN is keyed with the station's seal key before it is hashed (argon2id, RFC 9106), so that a copy of
the database alone opens no four-digit PIN. An unknown card costs as much time as a wrong PIN and is
answered alike.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from drivers.errors import Code, DeviceRefused, LocalProtocolError
from drivers.ports import Secret, Store, Txn
from drivers.service import records
from drivers.service.records import Known, StaffMember
from drivers.service.roles import Role

TRIES = 5
LOCK_FOR = timedelta(minutes=15)
PIN_LENGTH = 4
"""Fewest characters of a staff PIN."""


class Hasher(Protocol):
    """Slow on purpose, so it has an async face; virtual time brings one that works in line."""

    async def hash(self, keyed: str) -> str: ...

    async def verify(self, hashed: str, keyed: str) -> bool: ...


class ThreadHasher:
    """argon2id with the parameters that RFC 9106 recommends second (64 MiB), in a thread of its own."""

    def __init__(self) -> None:
        self._argon = PasswordHasher()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hasher")

    async def hash(self, keyed: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._argon.hash, keyed
        )

    async def verify(self, hashed: str, keyed: str) -> bool:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, _matches, self._argon, hashed, keyed
        )

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown()


class InlineHasher:
    """argon2id at the least cost, on the loop: for virtual time."""

    def __init__(self) -> None:
        self._argon = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    async def hash(self, keyed: str) -> str:
        return self._argon.hash(keyed)

    async def verify(self, hashed: str, keyed: str) -> bool:
        return _matches(self._argon, hashed, keyed)


def _matches(argon: PasswordHasher, hashed: str, keyed: str) -> bool:
    try:
        return argon.verify(hashed, keyed)
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Welcome."""

    member: StaffMember


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """No. `locked_until` is set when waiting helps."""

    locked_until: datetime | None = None


class StaffDoor:
    """Lets staff in, and new staff be made."""

    def __init__(
        self,
        store: Store,
        hasher: Hasher,
        *,
        tries: int = TRIES,
        lock_for: timedelta = LOCK_FOR,
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._tries = tries
        self._lock_for = lock_for
        self._nobody: str | None = None

    async def sign_in(self, means: Secret, pin: Secret) -> SignedIn | NotSignedIn:
        """Judge one try. Raises only what the store raises."""

        def look(txn: Txn) -> tuple[Known | None, str, bool]:
            known = records.find_staff(txn, means)
            until = known.member.locked_until if known else None
            return known, _keyed(txn, pin), until is not None and until > txn.now

        known, keyed, locked = await self._store.read(look)
        if known is None:
            if self._nobody is None:
                self._nobody = await self._hasher.hash("nobody")
            await self._hasher.verify(self._nobody, keyed)
            await self._store.write(records.refuse_unknown)
            return NotSignedIn()
        id = known.member.id
        right = not locked and await self._hasher.verify(known.pin_hash, keyed)

        def judge(txn: Txn) -> tuple[StaffMember, str]:
            return records.count_try(
                txn, id, right=right, most=self._tries, lock_for=self._lock_for
            )

        member, reason = await self._store.write(judge)
        return NotSignedIn(member.locked_until) if reason else SignedIn(member)

    async def add(
        self, role: Role, means: tuple[Secret, ...], pin: Secret, *, by: str = ""
    ) -> StaffMember:
        """Make a new member; `by` is the admin who does, empty at the very first.

        Raises:
            ValueError: the PIN is too short.
            LocalProtocolError: store.refused, when a card or number is somebody's already.
        """
        hashed = await self._hashed(pin)
        return await self._store.write(
            lambda txn: records.add_staff(
                txn, id=txn.new_id(), role=role, means=means, pin_hash=hashed, by=by
            )
        )

    async def set_pin(self, id: str, pin: Secret, *, by: str) -> None:
        """A new PIN, which also ends a lock-out. Raises ValueError when it is too short."""
        hashed = await self._hashed(pin)
        await self._store.write(lambda txn: records.set_pin(txn, id, hashed, by=by))

    async def _hashed(self, pin: Secret) -> str:
        if len(pin.reveal()) < PIN_LENGTH:
            raise ValueError(f"a staff PIN has at least {PIN_LENGTH} characters")
        return await self._hasher.hash(await self._store.read(lambda txn: _keyed(txn, pin)))


async def administer(
    store: Store, door: StaffDoor, verb: str, args: Mapping[str, Any]
) -> dict[str, Any]:
    """Do `list`, `add`, `remove`, `role` or `pin`: for the command, through the door of a station or without one.

    Raises:
        DeviceRefused: station.request, for what cannot be: no such member, a card that is somebody's, a short PIN.
    """
    try:
        match verb, args:
            case "list", _:
                pass
            case "add", {"role": str(role), "card": str(card), "pin": str(pin)} if card:
                made = await door.add(Role(role), (Secret(card),), Secret(pin))
                return {"id": made.id, "role": made.role.value}
            case "remove", {"id": str(id)}:
                await store.write(lambda txn: records.close_staff(txn, id, by=""))
            case "role", {"id": str(id), "role": str(role)}:
                to = Role(role)
                await store.write(lambda txn: records.set_role(txn, id, to, by=""))
            case "pin", {"id": str(id), "pin": str(pin)}:
                await door.set_pin(id, Secret(pin), by="")
            case _:
                raise ValueError("unknown verb or arguments")
    except ValueError as error:
        raise DeviceRefused("staff", Code.STATION_REQUEST, str(error)) from None
    except LocalProtocolError as error:
        why = (
            "that card is somebody's already" if error.code is Code.STORE_REFUSED else error.detail
        )
        raise DeviceRefused("staff", Code.STATION_REQUEST, why) from None
    found = await store.read(records.all_staff)
    return {
        "staff": [
            {
                "id": one.id,
                "role": one.role.value,
                "locked_until": one.locked_until.isoformat() if one.locked_until else None,
            }
            for one in found
        ]
    }


def _keyed(txn: Txn, pin: Secret) -> str:
    return txn.sealer.index(pin, place="staff:pin_hash")
