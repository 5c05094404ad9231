"""Attention cases: one open a kind and subject, the urgent first, ended once with a reason."""

from datetime import timedelta
from functools import partial

import pytest

from config.texts import Catalogue
from drivers.errors import Code, LocalProtocolError
from drivers.ports import Secret, Txn
from drivers.service import records
from drivers.service.cases import (
    PRIORITY,
    CaseKind,
    CaseState,
    CloseReason,
    Priority,
    meaning,
    remedy,
)
from drivers.service.roles import Role
from drivers.store import journal
from drivers.store.engine import InlineStore
from tests.store_fixtures import SetClock


def member(txn: Txn, role: Role = Role.STAFF) -> str:
    id = txn.new_id()
    return records.add_staff(txn, id=id, role=role, means=(Secret(id),), pin_hash="", by="").id


def paper(txn: Txn) -> str:
    return records.open_case(txn, CaseKind.PAPER_OUT, "printer").id


async def test_the_most_urgent_and_then_the_oldest_comes_first(
    store: InlineStore, clock: SetClock
) -> None:
    for kind, subject in (
        (CaseKind.TAG_UNREADABLE, "5010000011"),
        (CaseKind.LOAN_UNKNOWN, "5010000029"),
        (CaseKind.STILL_ARMED, "5010000037"),
        (CaseKind.LOAN_UNKNOWN, "5010000011"),
    ):
        await store.write(partial(records.open_case, kind=kind, subject=subject))
        clock.move(timedelta(seconds=1))
    found = await store.read(records.open_cases)
    assert [(case.kind, case.subject) for case in found] == [
        (CaseKind.STILL_ARMED, "5010000037"),
        (CaseKind.LOAN_UNKNOWN, "5010000029"),
        (CaseKind.LOAN_UNKNOWN, "5010000011"),
        (CaseKind.TAG_UNREADABLE, "5010000011"),
    ]


async def test_the_same_again_only_counts_up(store: InlineStore) -> None:
    first = await store.write(paper)
    assert await store.write(paper) == first
    (case,) = await store.read(records.open_cases)
    assert (case.seen, case.state, case.reason) == (2, CaseState.OPEN, None)
    kinds = [row.kind for row in await store.read(journal.rows)]
    assert kinds == ["station.booted", "case.opened"]


async def test_a_case_is_taken_and_closed_by_name(store: InlineStore, clock: SetClock) -> None:
    id = await store.write(paper)
    who = await store.write(member)
    taken = await store.write(lambda txn: records.take_case(txn, id, who=who))
    assert (taken.state, taken.taken_by) == (CaseState.TAKEN, who)
    clock.move(timedelta(minutes=3))
    closed = await store.write(
        lambda txn: records.close_case(txn, id, reason=CloseReason.SOLVED, who=who)
    )
    assert (closed.state, closed.closed_by, closed.closed_at) == (
        CaseState.CLOSED,
        who,
        clock.wall,
    )
    assert await store.read(records.open_cases) == ()
    told = [(row.kind, row.payload.get("staff")) for row in await store.read(journal.rows)]
    assert told[-2:] == [("case.taken", who), ("case.closed", who)]
    assert await store.write(paper) != id


async def test_the_machine_closes_only_what_went_away(store: InlineStore) -> None:
    id = await store.write(paper)
    with pytest.raises(LocalProtocolError):
        await store.write(
            lambda txn: records.close_case(txn, id, reason=CloseReason.SOLVED, who=None)
        )
    gone = await store.write(lambda txn: records.settle_case(txn, CaseKind.PAPER_OUT, "printer"))
    assert gone is not None
    assert (gone.id, gone.reason, gone.closed_by) == (id, CloseReason.GONE, None)
    again = await store.write(lambda txn: records.settle_case(txn, CaseKind.PAPER_OUT, "printer"))
    assert again is None


async def test_a_viewer_takes_no_case(store: InlineStore) -> None:
    id = await store.write(paper)
    who = await store.write(lambda txn: member(txn, Role.VIEWER))
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: records.take_case(txn, id, who=who))
    (case,) = await store.read(records.open_cases)
    assert case.state is CaseState.OPEN


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET state = 'open', reason = ''",
        "UPDATE cases SET reason = 'not_so'",
        "UPDATE cases SET closed_by = NULL",
        "DELETE FROM cases",
        "INSERT OR REPLACE INTO cases SELECT id, kind, subject, priority, effect, trace, 'open', 1,"
        " opened_at, NULL, NULL, NULL, '' FROM cases",
    ],
)
async def test_the_database_itself_keeps_a_closed_case(store: InlineStore, statement: str) -> None:
    id = await store.write(paper)
    closed = await store.write(
        lambda txn: records.close_case(txn, id, reason=CloseReason.GONE, who=None)
    )
    with pytest.raises(LocalProtocolError) as refused:
        await store.write(lambda txn: txn.connection.exec_driver_sql(statement))
    assert refused.value.code is Code.STORE_REFUSED
    assert await store.read(lambda txn: records.case(txn, id)) == closed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET state = 'closed', closed_at = 'now'",
        "UPDATE cases SET state = 'closed', reason = 'solved'",
        "UPDATE cases SET state = 'taken'",
        "UPDATE cases SET subject = 'scanner'",
        "UPDATE cases SET opened_at = 'earlier'",
        "INSERT INTO cases SELECT 'x', kind, subject, priority, effect, trace, 'open', 1,"
        " opened_at, NULL, NULL, NULL, '' FROM cases",
        "INSERT INTO cases SELECT 'x', kind, 'pad', priority, effect, trace, 'closed', 1,"
        " opened_at, NULL, NULL, 'now', 'solved' FROM cases",
    ],
)
async def test_the_database_refuses_what_a_case_cannot_be(
    store: InlineStore, statement: str
) -> None:
    await store.write(paper)
    with pytest.raises(LocalProtocolError):
        await store.write(lambda txn: txn.connection.exec_driver_sql(statement))


async def test_a_subject_that_could_be_a_person_is_refused(store: InlineStore) -> None:
    with pytest.raises(LocalProtocolError):
        await store.write(
            lambda txn: records.open_case(txn, CaseKind.LEFT_BEHIND, "Karen Testesen")
        )
    assert await store.read(records.open_cases) == ()


def test_every_case_has_its_words_and_its_priority() -> None:
    catalogue = Catalogue.load()
    for kind in CaseKind:
        assert kind in PRIORITY
        for words in (meaning(kind), remedy(kind)):
            assert {"da", "en"} <= set(catalogue.entry(words.key).forms)
    for key in (
        *(f"case.reason.{reason.value}" for reason in CloseReason),
        *(f"case.priority.{priority.name.lower()}" for priority in Priority),
    ):
        assert {"da", "en"} <= set(catalogue.entry(key).forms)
