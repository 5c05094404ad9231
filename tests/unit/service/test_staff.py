"""Staff sign-in: by card or number, locked out after too many tries, all of it journaled without a name."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from typing_extensions import override

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Secret
from drivers.runtime.clock import SeededRng
from drivers.service import records
from drivers.service.records import StaffMember
from drivers.service.roles import ALLOWED, Act, Role, allowed
from drivers.service.staff import InlineHasher, NotSignedIn, SignedIn, StaffDoor, ThreadHasher
from drivers.store import journal
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey
from tests.store_fixtures import SetClock

CARD, NUMBER, PIN, WRONG = Secret("04A1B2C3D4"), Secret("8841"), Secret("7391"), Secret("0000")


@pytest.fixture
def door(store: InlineStore) -> StaffDoor:
    return StaffDoor(store, InlineHasher(), tries=3, lock_for=timedelta(minutes=15))


@pytest.fixture
async def anna(door: StaffDoor) -> StaffMember:
    return await door.add(Role.TECHNICIAN, (CARD, NUMBER), PIN)


async def told(store: InlineStore) -> list[str]:
    rows = await store.read(journal.rows)
    return [
        f"{row.kind} {row.payload.get('reason') or ''}".strip()
        for row in rows
        if row.kind.startswith("staff.")
    ]


async def test_card_and_number_lead_to_the_same_member(door: StaffDoor, anna: StaffMember) -> None:
    assert await door.sign_in(CARD, PIN) == SignedIn(anna)
    assert await door.sign_in(NUMBER, PIN) == SignedIn(anna)
    assert await door.sign_in(CARD, WRONG) == NotSignedIn()


async def test_nobody_and_a_wrong_pin_are_answered_alike(
    store: InlineStore, door: StaffDoor, anna: StaffMember
) -> None:
    assert await door.sign_in(Secret("0000"), PIN) == await door.sign_in(CARD, WRONG)
    assert await told(store) == ["staff.added", "staff.refused unknown", "staff.refused wrong"]


async def test_too_many_tries_lock_out_even_the_right_pin_until_the_time_is_over(
    store: InlineStore, door: StaffDoor, anna: StaffMember, clock: SetClock
) -> None:
    until = clock.wall + timedelta(minutes=15)
    assert await door.sign_in(CARD, WRONG) == NotSignedIn()
    assert await door.sign_in(NUMBER, WRONG) == NotSignedIn()
    assert await door.sign_in(CARD, WRONG) == NotSignedIn(until)
    assert await door.sign_in(CARD, PIN) == NotSignedIn(until)
    clock.move(timedelta(minutes=14, seconds=59))
    assert await door.sign_in(CARD, PIN) == NotSignedIn(until)
    clock.move(timedelta(seconds=1))
    assert await door.sign_in(CARD, PIN) == SignedIn(anna)
    assert await told(store) == [
        "staff.added",
        *["staff.refused wrong"] * 3,
        *["staff.refused locked"] * 2,
        "staff.signed_in",
    ]


async def test_after_a_lock_out_the_count_begins_anew(
    door: StaffDoor, anna: StaffMember, clock: SetClock
) -> None:
    for _ in range(3):
        await door.sign_in(CARD, WRONG)
    clock.move(timedelta(minutes=15))
    assert await door.sign_in(CARD, WRONG) == NotSignedIn()
    assert await door.sign_in(CARD, PIN) == SignedIn(anna)


async def test_a_right_pin_forgets_the_wrong_ones(door: StaffDoor, anna: StaffMember) -> None:
    for pin in (WRONG, WRONG, PIN, WRONG, WRONG):
        await door.sign_in(CARD, pin)
    assert await door.sign_in(CARD, PIN) == SignedIn(anna)


async def test_tries_at_the_same_moment_do_not_slip_through(
    store: InlineStore, anna: StaffMember, clock: SetClock
) -> None:
    class Slow(InlineHasher):
        @override
        async def verify(self, hashed: str, keyed: str) -> bool:
            right = await super().verify(hashed, keyed)
            await asyncio.sleep(0)
            return right

    door = StaffDoor(store, Slow(), tries=3)
    pins = [*[WRONG] * 6, PIN]
    got = await asyncio.gather(*(door.sign_in(CARD, pin) for pin in pins))
    assert got[-1] == NotSignedIn(clock.wall + timedelta(minutes=15))


async def test_a_new_pin_ends_a_lock_out_and_a_closed_member_stays_out(
    store: InlineStore, door: StaffDoor, anna: StaffMember
) -> None:
    for _ in range(3):
        await door.sign_in(CARD, WRONG)
    await door.set_pin(anna.id, Secret("55555"), by=anna.id)
    assert isinstance(await door.sign_in(CARD, Secret("55555")), SignedIn)
    await store.write(lambda txn: records.close_staff(txn, anna.id, by=anna.id))
    assert await door.sign_in(CARD, Secret("55555")) == NotSignedIn()
    assert await store.read(records.all_staff) == ()


async def test_a_card_belongs_to_one_and_a_pin_has_a_length(
    door: StaffDoor, anna: StaffMember
) -> None:
    with pytest.raises(LocalProtocolError) as taken:
        await door.add(Role.STAFF, (CARD,), PIN, by=anna.id)
    assert taken.value.code is Code.STORE_REFUSED
    with pytest.raises(ValueError, match="at least 4"):
        await door.add(Role.STAFF, (Secret("1"),), Secret("123"))


async def test_acts_are_journaled_with_who_and_only_where_the_role_allows(
    store: InlineStore, anna: StaffMember
) -> None:
    await store.write(lambda txn: records.acted(txn, anna.id, Act.RESTART, entity="pad"))
    row = await store.read(lambda txn: journal.last(txn, "staff.acted"))
    assert row is not None
    assert (row.payload, row.entity) == ({"staff": anna.id, "act": "restart"}, "pad")
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: records.acted(txn, anna.id, Act.MANAGE_STAFF))
    await store.write(lambda txn: records.sign_out(txn, anna.id, reason="pressed"))
    assert (await told(store))[-1] == "staff.signed_out pressed"


def test_each_role_may_all_that_the_one_below_it_may() -> None:
    order = (Role.VIEWER, Role.STAFF, Role.TECHNICIAN, Role.ADMIN)
    for below, above in pairwise(order):
        assert ALLOWED[below] < ALLOWED[above]
    assert allowed(Role.ADMIN, Act.MANAGE_STAFF)
    assert ALLOWED[Role.ADMIN] == set(Act)


async def test_neither_card_nor_number_nor_pin_stands_in_the_file(
    store: InlineStore, door: StaffDoor, anna: StaffMember, file: Path
) -> None:
    await door.sign_in(CARD, PIN)
    await store.close()
    raw = contents(file)
    for secret in (CARD, NUMBER, PIN):
        assert secret.reveal().encode() not in raw.replace(anna.id.encode(), b"")


async def test_a_copied_database_opens_no_pin_without_the_key(
    store: InlineStore, door: StaffDoor, anna: StaffMember, file: Path, clock: SetClock
) -> None:
    await store.close()
    thief = InlineStore(file, clock=clock, rng=SeededRng(3), key=SealKey(b"t" * 32))
    assert await StaffDoor(thief, InlineHasher()).sign_in(CARD, PIN) == NotSignedIn()
    await thief.close()


async def test_the_thread_hashes_and_knows_again() -> None:
    hasher = ThreadHasher()
    hashed = await hasher.hash("secret")
    assert hashed.startswith("$argon2id$")
    assert await hasher.verify(hashed, "secret")
    assert not await hasher.verify(hashed, "other")
    assert not await hasher.verify("no hash", "secret")
    hasher.close()


def contents(file: Path) -> bytes:
    return file.read_bytes()
