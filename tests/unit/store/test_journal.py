"""The chain finds every change behind the database's back; the database refuses every change in front of it."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Secret, Txn
from drivers.runtime.clock import SeededRng
from drivers.store import journal, pledge
from drivers.store.engine import InlineStore
from drivers.store.kinds import KINDS, Field, JsonScalar, checked
from drivers.store.migrations import NEWEST
from drivers.store.sealed import SealKey
from tests.store_fixtures import SetClock


def three_rows(txn: Txn) -> None:
    for role in ("pad", "printer", "scanner"):
        journal.append(txn, "device.state", entity=role, payload={"role": role, "state": "ready"})


def sql(statement: str) -> Any:
    return lambda txn: txn.connection.exec_driver_sql(statement).rowcount


def behind_its_back(*statements: str) -> Any:
    """Change rows as somebody with the file and no scruples would: the triggers dropped first."""

    def tamper(txn: Txn) -> None:
        names = txn.connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'journal%'"
        )
        for (name,) in names.all():
            txn.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            txn.connection.exec_driver_sql(statement)

    return tamper


async def test_rows_are_numbered_and_chained_from_the_boot_row(store: InlineStore) -> None:
    await store.write(three_rows)
    rows = await store.read(journal.rows)
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert [row.kind for row in rows] == ["station.booted", *["device.state"] * 3]
    assert rows[0].payload["schema"] == NEWEST
    chain = await store.read(journal.verify)
    assert chain == journal.Chain(4, 4)
    assert chain.whole


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE journal SET wall = '2026-11-03T09:42:00.000001Z' WHERE seq = 3", 3),
        ("UPDATE journal SET id = 'x' WHERE seq = 3", 3),
        ("UPDATE journal SET mono_us = 1 WHERE seq = 3", 3),
        ("UPDATE journal SET boot_id = 'boot-2' WHERE seq = 3", 3),
        ("UPDATE journal SET kind = 'device.stats' WHERE seq = 3", 3),
        ("UPDATE journal SET version = 2 WHERE seq = 3", 3),
        ("UPDATE journal SET entity = 'pad', trace = '' WHERE seq = 3", 3),
        ("UPDATE journal SET trace = 't' WHERE seq = 3", 3),
        ("UPDATE journal SET payload = replace(payload, 'ready', 'reacy') WHERE seq = 3", 3),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE journal SET prev_hash = zeroblob(32) WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 4", 4),
        ("UPDATE journal_head SET seq = 3", 5),
        ("UPDATE journal_head SET hash = zeroblob(32)", 5),
    ],
)
async def test_a_change_behind_the_databases_back_is_found(
    store: InlineStore, change: str, broken_at: int
) -> None:
    await store.write(three_rows)
    await store.write(behind_its_back(change))
    chain = await store.read(journal.verify)
    assert not chain.whole
    assert chain.broken_at == broken_at


async def test_rows_that_change_places_are_found(store: InlineStore) -> None:
    await store.write(three_rows)
    swap = "UPDATE journal SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3)"
    await store.write(behind_its_back(swap, "UPDATE journal SET seq = -seq WHERE seq < 0"))
    assert (await store.read(journal.verify)).broken_at == 2


async def test_a_forged_row_with_its_own_right_hash_breaks_the_next(store: InlineStore) -> None:
    await store.write(three_rows)

    def forge(txn: Txn) -> None:
        behind_its_back()(txn)
        row = dict(
            txn.connection.exec_driver_sql("SELECT * FROM journal WHERE seq = 3").mappings().one()
        )
        row["payload"] = row["payload"].replace("ready", "gone")
        txn.connection.exec_driver_sql(
            "UPDATE journal SET payload = ?, hash = ? WHERE seq = 3",
            (row["payload"], journal._hash([row[name] for name in journal.HASHED])),
        )

    await store.write(forge)
    chain = await store.read(journal.verify)
    assert (chain.broken_at, chain.why) == (4, "does not follow the row before")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET payload = '{}' WHERE seq = 2",
        "UPDATE journal SET seq = 9 WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 1",
        "DELETE FROM journal",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 2",
        "INSERT OR REPLACE INTO journal SELECT 5, id, wall, mono_us, boot_id, kind, version, entity,"
        " trace, payload, (SELECT hash FROM journal_head), hash FROM journal WHERE seq = 2",
        "INSERT INTO journal SELECT 9, 'new', wall, mono_us, boot_id, kind, version, entity,"
        " trace, payload, (SELECT hash FROM journal_head), hash FROM journal WHERE seq = 2",
        "INSERT INTO journal SELECT 5, 'new', wall, mono_us, boot_id, kind, version, entity,"
        " trace, payload, zeroblob(32), hash FROM journal WHERE seq = 2",
        "UPDATE journal_head SET seq = 2",
        "UPDATE journal_head SET hash = zeroblob(32)",
        "UPDATE journal_head SET stream = 'another'",
        "DELETE FROM journal_head",
        "INSERT OR REPLACE INTO journal_head VALUES (1, 's', 0, zeroblob(32), 0)",
        "INSERT INTO journal_head VALUES (2, 's', 0, zeroblob(32), 0)",
    ],
)
async def test_the_database_itself_keeps_the_journal(store: InlineStore, statement: str) -> None:
    await store.write(three_rows)
    with pytest.raises(LocalProtocolError) as refused:
        await store.write(sql(statement))
    assert refused.value.code is Code.STORE_REFUSED
    assert (await store.read(journal.verify)) == journal.Chain(4, 4)


async def test_the_latest_wall_time_of_earlier_runs_is_known(
    store: InlineStore, clock: SetClock, file: Path
) -> None:
    await store.write(three_rows)
    assert await store.read(journal.newest_of_earlier_runs) is None
    before = clock.wall
    await store.close()
    clock.wall -= timedelta(hours=1)
    again = InlineStore(file, clock=clock, rng=SeededRng(2), key=SealKey(b"k" * 32))
    await again.write(three_rows)
    assert await again.read(journal.newest_of_earlier_runs) == before
    await again.close()


async def test_a_check_goes_on_from_the_last_row_found_right(store: InlineStore) -> None:
    await store.write(three_rows)
    await store.write(lambda txn: journal.mark_verified(txn, journal.verify(txn)))
    assert await store.read(journal.verified) == 4
    await store.write(three_rows)
    assert await store.read(lambda txn: journal.verify(txn, 4)) == journal.Chain(3, 7)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("loan.made", {}),
        ("device.state", {"name": "Karen"}),
        ("device.state", {"role": "Karen Testesen"}),
        ("device.state", {"role": "3002991234"}),
        ("device.state", {"role": 7}),
        ("visit.ended", {"borrowed": True}),
        ("visit.ended", {"borrowed": "2"}),
        ("visit.started", {"patron": "Karen"}),
        ("effect.intent", {"no_block": 1}),
        ("debt.opened", {"uid": "E00401"}),
        ("case.opened", {"subject": "Lykke-Per, 1. bind"}),
    ],
)
async def test_what_the_table_of_kinds_does_not_allow_is_not_written(
    store: InlineStore, kind: str, payload: dict[str, JsonScalar]
) -> None:
    with pytest.raises(LocalProtocolError) as refused:
        await store.write(lambda txn: journal.append(txn, kind, payload=payload))
    for value in payload.values():
        if isinstance(value, str):
            assert value not in str(refused.value)
    assert len(await store.read(journal.rows)) == 1


@pytest.mark.parametrize(
    "unit",
    [
        partial(journal.append, kind="station.state", entity="Karen Testesen"),
        partial(journal.append, kind="station.state", trace="Karen Testesen"),
    ],
)
async def test_an_id_is_an_id(store: InlineStore, unit: Callable[[Txn], int]) -> None:
    with pytest.raises(LocalProtocolError) as refused:
        await store.write(unit)
    assert "Karen" not in str(refused.value)


def test_no_field_type_holds_a_name_or_a_sentence() -> None:
    for field in Field:
        if isinstance(field.value, type):
            continue
        for words in ("Karen Testesen", "Æbleø 7", "a b", "to\nlines"):
            assert field.value.fullmatch(words) is None, field


def test_every_kind_takes_nothing_and_none() -> None:
    for name, kind in KINDS.items():
        assert checked(name, {}) == kind.version
        assert checked(name, dict.fromkeys(kind.fields)) == kind.version


WORDS = st.text("ab1:", max_size=4)
NUMBERS = st.integers(0, 10**9)
ROWS = st.tuples(
    st.binary(min_size=32, max_size=32),
    NUMBERS,
    WORDS,
    WORDS,
    NUMBERS,
    *[WORDS] * 2,
    NUMBERS,
    *[WORDS] * 3,
)


@given(ROWS, ROWS)
@settings(max_examples=200, deadline=None)
def test_no_two_rows_have_one_canonical_form(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert len(one) == len(journal.HASHED)
    assert (journal.canonical(one) == journal.canonical(other)) == (one == other)


@given(ROWS, st.sampled_from([(2, 3), (3, 5), (5, 6), (8, 9), (9, 10)]))
@settings(max_examples=200, deadline=None)
def test_moving_a_letter_to_the_next_field_changes_the_form(
    row: tuple[Any, ...], pair: tuple[int, int]
) -> None:
    first, second = pair
    before, after = list(row), list(row)
    before[first] += "x"
    after[second] = "x" + after[second]
    assert journal.canonical(before) != journal.canonical(after)


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@given(st.dictionaries(st.text("abc", max_size=2), SCALARS, max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_payload_is_kept_as_it_was_whatever_the_order(payload: dict[str, JsonScalar]) -> None:
    turned = dict(reversed(payload.items()))
    assert journal._payload(payload) == journal._payload(turned)
    assert json.loads(journal._payload(payload)) == payload


async def test_a_visit_is_matched_with_a_card_only_by_the_days_key(store: InlineStore) -> None:
    card = Secret("1234567890")
    first = await store.write(lambda txn: pledge.pledge(txn, card))
    again = await store.write(lambda txn: pledge.pledge(txn, card))
    other = await store.write(lambda txn: pledge.pledge(txn, Secret("1234567891")))
    assert first == again != other
    assert first == journal.commitment(
        await store.write(lambda txn: pledge.day_key(txn, txn.now.date())), card
    )


async def test_the_rows_of_one_item_are_found_between_two_moments(
    store: InlineStore, clock: SetClock
) -> None:
    """Rows of a hundred items, a minute apart: those of one, and of no other, and none from outside the time."""
    began = clock.now()
    for number in range(100):
        clock.move(timedelta(minutes=1))

        def told(txn: Txn, number: int = number) -> None:
            for told in ("done", "late"):
                payload: dict[str, JsonScalar] = {"number": number, "told": told}
                journal.append(txn, "item.reported", trace=f"item-{number}", payload=payload)

        await store.write(told)
    at = began + timedelta(minutes=41)
    read = partial(journal.rows_of, trace="item-40")
    around = partial(read, since=at - timedelta(minutes=2), until=at + timedelta(minutes=2))
    rows = await store.read(around)
    assert [row.payload["told"] for row in rows] == ["done", "late"]
    assert {row.trace for row in rows} == {"item-40"}
    for since, until in ((at + timedelta(seconds=1), at), (began, at - timedelta(seconds=1))):
        assert await store.read(partial(read, since=since, until=until)) == ()
    assert await store.read(partial(read, since=at, until=at, most=1)) == rows[:1]
