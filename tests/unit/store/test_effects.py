"""The life of an effect, as the functions allow it and as the database itself enforces it."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Secret, Txn
from drivers.store import effects, journal
from drivers.store.effects import EffectRow, EffectState
from drivers.store.engine import InlineStore

AT = datetime(2026, 11, 3, 10, 42, tzinfo=timezone(timedelta(hours=1)))
MOVES = {
    ("intent", "sent"),
    ("intent", "refused"),
    ("sent", "sent"),
    ("sent", "unknown"),
    ("sent", "confirmed"),
    ("sent", "refused"),
    ("unknown", "settling"),
    ("settling", "settling"),
    ("settling", "confirmed"),
    ("settling", "refused"),
    ("settling", "needs_staff"),
}
WAY: dict[str, tuple[str, ...]] = {
    "intent": (),
    "sent": ("sent",),
    "unknown": ("sent", "unknown"),
    "settling": ("sent", "unknown", "settling"),
    "confirmed": ("sent", "confirmed"),
    "refused": ("sent", "refused"),
    "needs_staff": ("sent", "unknown", "settling", "needs_staff"),
}
STATES = tuple(state.value for state in EffectState)
COUNTED = ("sent", "settling")


def opened(item: str = "5010000011", verb: str = "borrow", **more: Any) -> Any:
    def unit(txn: Txn) -> EffectRow:
        return effects.open_effect(
            txn,
            verb=verb,
            item=item,
            device="bh-2",
            session="5e55",
            trace="7ace",
            occurred_at=more.get("occurred_at", AT),
            nb_due=more.get("nb_due"),
            no_block=more.get("no_block", False),
            sealed=more.get("sealed"),
        )

    return unit


def raw_move(txn: Txn, id: str, state: str) -> None:
    txn.connection.exec_driver_sql(
        "UPDATE effects SET state = ?, attempts = attempts + ? WHERE id = ?",
        (state, int(state in COUNTED), id),
    )


async def brought_to(store: InlineStore, state: str, item: str = "5010000011") -> str:
    row: EffectRow = await store.write(opened(item))

    def walk(txn: Txn) -> None:
        for step in WAY[state]:
            raw_move(txn, row.id, step)

    await store.write(walk)
    return row.id


async def test_a_loan_that_goes_well(store: InlineStore) -> None:
    row: EffectRow = await store.write(opened(nb_due=date(2026, 12, 1), no_block=True))
    assert (row.state, row.attempts, row.occurred_at) == (EffectState.INTENT, 0, AT)
    assert row.nb_due == date(2026, 12, 1)
    assert row.no_block
    assert await store.read(effects.open_rows) == (row,)
    row = await store.write(lambda txn: effects.sent(txn, row.id))
    assert (row.state, row.attempts) == (EffectState.SENT, 1)
    row = await store.write(
        lambda txn: effects.finish(txn, row.id, EffectState.CONFIRMED, transaction="BK17")
    )
    assert (row.state, row.transaction) == (EffectState.CONFIRMED, "BK17")
    assert await store.read(effects.open_rows) == ()
    kinds = [(r.kind, r.entity) for r in await store.read(journal.rows)][1:]
    assert kinds == [(f"effect.{s}", row.id) for s in ("intent", "sent", "confirmed")]


async def test_a_loan_whose_answer_is_lost_is_asked_about(store: InlineStore) -> None:
    row: EffectRow = await store.write(opened())
    later = AT + timedelta(seconds=30)

    def lose(txn: Txn) -> EffectRow:
        effects.sent(txn, row.id)
        return effects.unknown(txn, row.id, next_try=later)

    assert (await store.write(lose)).next_try == later
    row = await store.write(lambda txn: effects.settling(txn, row.id))
    assert (row.state, row.attempts, row.next_try) == (EffectState.SETTLING, 2, None)
    row = await store.write(lambda txn: effects.settling(txn, row.id, next_try=later))
    assert row.attempts == 3
    row = await store.write(
        lambda txn: effects.finish(txn, row.id, EffectState.NEEDS_STAFF, answer="item.unclear")
    )
    assert (row.state, row.answer) == (EffectState.NEEDS_STAFF, "item.unclear")


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
async def test_the_database_allows_the_moves_of_the_picture_and_no_other(
    store: InlineStore, before: str, after: str
) -> None:
    id = await brought_to(store, before)
    if (before, after) in MOVES:
        await store.write(lambda txn: raw_move(txn, id, after))
        return
    with pytest.raises(LocalProtocolError) as refused:
        await store.write(lambda txn: raw_move(txn, id, after))
    assert refused.value.code is Code.STORE_REFUSED
    row = await store.read(lambda txn: effects.effect(txn, id))
    assert row.state.value == before


@pytest.mark.parametrize("state", ["confirmed", "refused", "needs_staff"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE effects SET answer = 'other'",
        "UPDATE effects SET \"transaction\" = 'other'",
        "UPDATE effects SET attempts = attempts + 1",
        "UPDATE effects SET next_try = 'soon'",
        "DELETE FROM effects",
        "INSERT OR REPLACE INTO effects SELECT id, verb, item, device, session, trace, occurred_at,"
        " nb_due, no_block, 'intent', 0, NULL, '', '' FROM effects",
    ],
)
async def test_a_final_row_never_changes(store: InlineStore, state: str, statement: str) -> None:
    id = await brought_to(store, state)
    before = await store.read(lambda txn: effects.effect(txn, id))
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: txn.connection.exec_driver_sql(statement))
    assert await store.read(lambda txn: effects.effect(txn, id)) == before


@pytest.mark.parametrize(
    "change",
    [
        "id = 'x'",
        "verb = 'renew'",
        "item = '5010000029'",
        "device = 'bh-3'",
        "session = 'other'",
        "trace = 'other'",
        "occurred_at = '2026-11-03T10:43:00+01:00'",
        "nb_due = '2026-12-24'",
        "no_block = 1",
        "attempts = 0",
        "attempts = attempts + 2",
        "state = 'lost'",
        "state = NULL",
        "attempts = 'many'",
    ],
)
async def test_what_happened_is_not_rewritten_while_it_goes_on(
    store: InlineStore, change: str
) -> None:
    id = await brought_to(store, "sent")
    statement = f"UPDATE effects SET attempts = attempts + 1, {change}"
    if change.startswith("attempts"):
        statement = f"UPDATE effects SET {change}"
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: txn.connection.exec_driver_sql(statement))
    assert (await store.read(lambda txn: effects.effect(txn, id))).attempts == 1


@pytest.mark.parametrize("state", ["intent", "sent", "unknown", "settling"])
async def test_one_open_row_a_verb_and_item(store: InlineStore, state: str) -> None:
    id = await brought_to(store, state)
    with pytest.raises(LocalProtocolError) as refused:
        await store.write(opened())
    assert refused.value.code is Code.STORE_REFUSED
    await store.write(opened(verb="renew"))
    await store.write(opened("5010000029"))
    replace = (
        "INSERT OR REPLACE INTO effects SELECT 'new', verb, item, device, session, trace,"
        " occurred_at, nb_due, no_block, 'intent', 0, NULL, '', '' FROM effects WHERE id = ?"
    )
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: txn.connection.exec_driver_sql(replace, (id,)))
    assert id in {row.id for row in await store.read(effects.open_rows)}


@pytest.mark.parametrize("state", ["confirmed", "refused", "needs_staff"])
async def test_an_ended_effect_makes_room_for_the_next(store: InlineStore, state: str) -> None:
    await brought_to(store, state)
    assert (await store.write(opened())).state is EffectState.INTENT


@pytest.mark.parametrize("state", [state for state in STATES if state != "intent"])
async def test_every_effect_begins_as_an_intent(store: InlineStore, state: str) -> None:
    insert = (
        "INSERT INTO effects VALUES ('x', 'borrow', '5010000011', 'bh-2', '', '', '', NULL, 0,"
        f" '{state}', 0, NULL, '', '')"
    )
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: txn.connection.exec_driver_sql(insert))


async def test_the_end_erases_the_envelope(store: InlineStore) -> None:
    row: EffectRow = await store.write(opened(sealed={"card": Secret("1234567890")}))
    kept = await store.read(lambda txn: effects.sealed_of(txn, row.id))
    assert kept == {"card": Secret("1234567890")}
    await store.write(lambda txn: effects.finish(txn, row.id, EffectState.REFUSED, answer="off"))
    assert await store.read(lambda txn: effects.sealed_of(txn, row.id)) is None


async def test_open_rows_are_in_the_order_in_which_things_happened(store: InlineStore) -> None:
    utc = AT.astimezone(timezone(timedelta(0)))
    await store.write(opened("5010000011", occurred_at=AT + timedelta(seconds=5)))
    await store.write(opened("5010000029", occurred_at=utc + timedelta(seconds=1)))
    await store.write(opened("5010000037", occurred_at=AT))
    found = [row.item for row in await store.read(effects.open_rows)]
    assert found == ["5010000037", "5010000029", "5010000011"]


async def test_only_a_final_state_ends_an_effect(store: InlineStore) -> None:
    row: EffectRow = await store.write(opened())
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: effects.finish(txn, row.id, EffectState.SENT))
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: effects.sent(txn, "nobody"))


async def test_an_answer_that_could_hold_a_name_is_refused_and_nothing_stands(
    store: InlineStore,
) -> None:
    id = await brought_to(store, "sent")
    with pytest.raises(LocalProtocolError):
        await store.write(
            lambda txn: effects.finish(
                txn, id, EffectState.REFUSED, answer="Reserveret til Karen Testesen"
            )
        )
    assert (await store.read(lambda txn: effects.effect(txn, id))).state is EffectState.SENT
