"""What the machine asks staff for by itself, and what staff has it tell the library system once more."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from drivers.ports import Secret
from drivers.service import records
from drivers.service.cases import Case, CaseKind, CaseState, CloseReason
from drivers.service.roles import Role
from drivers.store import effects
from hw_sim.ils.stock import Fee
from kiosk.lending.payment import PaymentState
from kiosk.lending.state import Phase
from kiosk.staff.state import Page
from tests.conftest import Heard
from tests.simulation.outage import asked, away, back_again
from tests.simulation.rig import Rig, play
from tests.simulation.test_paying import OWED, PAYING, begin, booked, paid, person
from tests.simulation.test_paying import stands as payment_stands
from tests.simulation.test_staff import BOOK, KAREN, page, stands, told


def test_paper_that_is_out_and_a_device_that_stays_away_become_cases_and_go_again(
    heard: Heard,
) -> None:
    heard.expect("service.down", "reader.lost", "reader.resynchronised")

    async def story(rig: Rig) -> None:
        async def waiting() -> set[CaseKind]:
            return {case.kind for case in await rig.store.read(records.open_cases)}

        await rig.fault("printer", "paper_end")
        await rig.stage.do("unplug", {"device": "pad"})
        await rig.until(lambda s: not s.devices.pad and not s.devices.printer.usable)
        await rig.pause(1)
        assert await waiting() == {CaseKind.PAPER_OUT}, "a cable that wobbles calls nobody"
        await rig.pause(61)
        assert await waiting() == {CaseKind.PAPER_OUT, CaseKind.DEVICE_FAULTED}
        await rig.stage.do("plug", {"device": "pad"})
        await rig.stage.do("clear", {"device": "printer", "verb": None})
        await rig.until(lambda s: s.devices.pad and s.devices.printer.usable, 120)
        await rig.pause(1)
        assert await waiting() == set()

    play(story)


@pytest.mark.parametrize("stands_now", [True, False], ids=["lent", "refused"])
def test_a_late_loan_that_was_refused_is_sent_again_and_nobody_is_shown(stands_now: bool) -> None:
    async def story(rig: Rig) -> None:
        item = BOOK if stands_now else "9999999999"
        sealed = {
            "verb": Secret("borrow"),
            "item": Secret(item),
            "occurred_at": Secret("2026-11-03T09:00:00+00:00"),
            "card": Secret(KAREN),
        }
        found = await rig.store.write(
            lambda txn: records.open_case(txn, CaseKind.REPLAY_REFUSED, item, sealed=sealed)
        )
        await rig.staff_in(Role.ADMIN)
        await rig.press(f"staff.take.{found.id}")
        await rig.press("staff.verb.replay")
        await rig.until(lambda s: s.staff is not None and not s.staff.working)
        assert (await stands(rig, found.id)).state is (
            CaseState.CLOSED if stands_now else CaseState.TAKEN
        )
        assert (BOOK in await rig.loans()) == stands_now
        assert not any(KAREN in repr(shot) for shot in rig.snapshots)

    play(story)


def test_a_loan_sent_again_while_the_library_system_is_away_waits_and_is_told_once(
    heard: Heard,
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        sealed = {
            "verb": Secret("borrow"),
            "item": Secret(BOOK),
            "occurred_at": Secret("2026-11-03T09:00:00+00:00"),
            "card": Secret(KAREN),
        }
        found = await rig.store.write(
            lambda txn: records.open_case(txn, CaseKind.REPLAY_REFUSED, BOOK, sealed=sealed)
        )
        await away(rig)
        await rig.staff_in(Role.ADMIN)
        await rig.press(f"staff.take.{found.id}")
        for _ in range(2):
            await rig.press("staff.verb.replay")
            await rig.until(lambda s: s.staff is not None and not s.staff.working)
            assert "Automaten bliver ved af sig selv." in rig.words()
            assert "siger stadig nej" not in rig.words()
        assert rig.state.devices.waiting == 1, "pressed twice, written down once"
        await back_again(rig)
        await rig.until(lambda s: s.devices.waiting == 0, 300)
        assert BOOK in await rig.loans()
        assert await rig.kiosk._doing.again(BOOK, sealed) is True, "it stands already"
        assert [line["outcome"] for line in await asked(rig, "11")] == ["done"]

    play(story)


# --- a payment that the library system would not have ---------------------------------------------------


def model(rig: Rig) -> Any:
    return rig.stage.places["library"].device.library  # type: ignore[attr-defined]


def untold(then: Callable[[Rig, Case, str], Awaitable[None]], **more: Any) -> None:
    """A payment is refused, its case taken by staff; `then` gets it and who it was."""

    async def story(rig: Rig) -> None:
        await begin(rig)
        model(rig).fees = []
        await person(rig, "approve")
        await rig.until(payment_stands(PaymentState.LATER))
        await rig.press("pay.back")
        await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START)
        (case,) = await rig.store.read(records.open_cases)
        assert case.kind is CaseKind.PAYMENT_UNTOLD
        member = await rig.staff_in(Role.STAFF)
        await rig.press(f"staff.take.{case.id}")
        await then(rig, case, member.id)
        assert await booked(rig) == [OWED], "money is taken once"
        for shot in rig.snapshots[-10:]:
            assert KAREN not in repr(shot)

    play(story, scenario="account", station=PAYING, **more)


def owes(rig: Rig) -> None:
    """What stood in the way is put right: she owes it after all."""
    model(rig).fees = [Fee("F9", KAREN, Decimal("32.50"), BOOK)]


async def again(rig: Rig) -> None:
    await rig.press("staff.verb.replay")
    await rig.until(lambda s: s.staff is not None and not s.staff.working, 90)


def test_a_payment_is_told_once_more_and_who_did_it_is_written_down() -> None:
    async def then(rig: Rig, case: Case, who: str) -> None:
        owes(rig)
        await again(rig)
        assert "Nu er det registreret." in rig.words()
        (only,) = await paid(rig)
        assert (float(only["amount"]), only["transaction"]) == (32.5, case.subject)
        closed = await stands(rig, case.id)
        assert (closed.state, closed.closed_by) == (CaseState.CLOSED, who)
        assert closed.reason is CloseReason.SOLVED
        deeds = [d for d in await told(rig, "staff.acted") if d["act"] == "tell_again"]
        assert [d["staff"] for d in deeds] == [who]
        assert not await rig.store.read(effects.open_rows)

    untold(then)


def test_a_payment_that_is_refused_again_stays_with_staff() -> None:
    async def then(rig: Rig, case: Case, who: str) -> None:
        await again(rig)
        assert "Bibliotekssystemet siger stadig nej." in rig.words()
        assert (await stands(rig, case.id)).state is CaseState.TAKEN
        assert await paid(rig) == []
        owes(rig)
        await again(rig)
        assert "Nu er det registreret." in rig.words()
        assert len(await paid(rig)) == 1
        assert (await stands(rig, case.id)).closed_by == who

    untold(then)


def test_a_payment_told_again_while_the_library_system_is_away_is_told_by_itself(
    heard: Heard,
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def then(rig: Rig, case: Case, _: str) -> None:
        owes(rig)
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.devices.away, 100)
        await again(rig)
        assert "Automaten bliver ved af sig selv." in rig.words()
        await again(rig)
        await rig.stage.do("plug", {"device": "library"})
        for _second in range(120):
            if await paid(rig):
                break
            await rig.pause(1)
        await rig.pause(5)
        assert len(await paid(rig)) == 1, "however often it was pressed"
        assert (await stands(rig, case.id)).state is CaseState.CLOSED

    untold(then)


def test_a_payment_told_again_whose_answer_is_lost_is_told_no_third_time(heard: Heard) -> None:
    heard.expect("library.line.dropped")

    async def then(rig: Rig, case: Case, _: str) -> None:
        owes(rig)
        await rig.fault("library", "drop_after_commit", only="37", count=1)
        await again(rig)
        await rig.pause(60)
        assert len(await paid(rig)) == 1
        kinds = {found.kind for found in await rig.store.read(records.open_cases)}
        assert kinds <= {CaseKind.PAYMENT_UNKNOWN}, "it stands in the books, or staff looks"
        assert (await stands(rig, case.id)).state is CaseState.CLOSED

    untold(then)


def test_a_case_that_has_mended_itself_is_told_so_and_is_no_failure(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.devices.away, 120)
        await rig.pause(320)
        await rig.staff_in()
        await rig.until(lambda s: s.staff is not None and bool(s.staff.cases))
        (case,) = await rig.store.read(records.open_cases)
        assert case.kind is CaseKind.LIBRARY_OFFLINE
        await rig.press(f"staff.take.{case.id}")
        await rig.pause(1)
        await rig.stage.do("plug", {"device": "library"})
        await rig.until(lambda s: not s.devices.away, 300)
        await rig.pause(3)
        await rig.press("staff.reason")
        await rig.press("staff.reason.solved")
        await rig.pause(1)
        assert "Sagen er allerede lukket." in rig.words()
        assert rig.state.staff is not None
        assert rig.state.staff.cases == ()
        ended = await rig.store.read(lambda txn: records.case(txn, case.id))
        assert (ended.state, ended.reason) == (CaseState.CLOSED, CloseReason.GONE)

    play(story)


def test_a_door_that_is_left_open_closes_before_the_next_one_comes() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("assist.help")
        await rig.press("staff")
        await rig.pause(29)
        assert page(rig) is Page.CARD
        await rig.until(lambda s: s.phase is Phase.START, 2)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story)
