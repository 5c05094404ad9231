"""What a person meets while the library system is away: who may borrow, how much, how soon it goes on."""

import pytest

from drivers.ports import Online
from drivers.service.roles import Role
from drivers.store import debts
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.outage import (
    BO,
    BOOK,
    CARD,
    OTHER,
    Way,
    actions,
    afi,
    asked,
    away,
    back_again,
    borrow,
    cases,
    give_back,
    gone,
    leave,
    lent,
    now,
    told,
    with_card,
)
from tests.simulation.rig import STATION, Rig, play


@pytest.fixture(autouse=True)
def lines_may_drop(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")


@pytest.fixture(params=["sip2", "fbs"])
def way(request: pytest.FixtureRequest) -> Way:
    return Way(request.param)


def test_a_broken_line_holds_nobody_for_more_than_five_seconds(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await gone(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.ASKING)
        began = now()
        await rig.until(lambda s: len(s.done) == 1)
        assert now() - began <= 5
        assert rig.state.rows[0].later
        await back_again(rig)
        await told(rig)
        assert set(await rig.loans()) == {BOOK}

    way.play(story)


def test_who_is_still_there_sees_that_it_is_registered_once_it_is(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await gone(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert "Registreres senere" in rig.words()
        await back_again(rig)
        await told(rig)
        await rig.until(lambda s: not s.rows[0].later and bool(s.rows[0].title))
        assert "Lykke-Per | Lånt | Afleveres senest" in rig.words()
        await rig.press("finish.none")
        assert "registreres senere" not in rig.words()
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 90)
        await rig.press("return")
        await gone(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        assert "Afleveret, registreres senere" in rig.words()
        await back_again(rig)
        await told(rig)
        await rig.until(lambda s: not s.backs[0].later and bool(s.backs[0].title))
        assert "Lykke-Per | Afleveret" in rig.words()
        assert "registreres senere" not in rig.words()
        assert not await rig.loans()

    way.play(story)


@pytest.mark.parametrize("work", [False, True])
def test_a_silent_line_holds_nobody_for_more_than_ten_seconds(way: Way, work: bool) -> None:
    """Whether the library system did what it was asked, or not: nothing is done twice."""

    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.fault("library", "silent", count=None, work=work)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.ASKING)
        began = now()
        await rig.until(lambda s: len(s.done) == 1)
        assert now() - began <= 10
        assert rig.state.rows[0].later
        assert await afi(rig, BOOK) == {"c2"}
        await rig.pause(60)
        await rig.stage.do("clear", {"device": "library"})
        await told(rig)
        loans = await rig.loans()
        assert set(loans) == {BOOK}
        assert loans[BOOK]["renewals"] == 0
        done = [line for line in await asked(rig, "11") if line["outcome"] == "done"]
        assert len(done) == 1
        assert await cases(rig) == []

    way.play(story)


def test_a_return_goes_on_over_a_silent_line_too(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await lent(rig, BOOK)
        await rig.press("return")
        await rig.fault("library", "silent", count=None, work=False)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.ASKING)
        began = now()
        await rig.until(lambda s: s.backs[0].state is BackState.RETURNED)
        assert now() - began <= 10
        assert "Afleveret, registreres senere" in rig.words()
        assert await afi(rig, BOOK) == {"07"}
        await rig.stage.do("clear", {"device": "library"})
        await told(rig)
        assert await rig.loans() == {}
        assert await cases(rig) == []

    way.play(story)


def test_signing_in_goes_on_over_a_silent_line(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await rig.fault("library", "silent", count=None)
        await rig.sign_in()
        began = now()
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        assert now() - began <= 10
        await rig.press("item.no")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        assert not rig.state.tries

    way.play(story)


def test_a_slow_library_system_that_loses_an_answer_is_not_taken_for_a_silent_one(way: Way) -> None:
    async def story(rig: Rig) -> None:
        seen: set[Online] = set()
        rig.kiosk._parts.library.on_change(seen.add)
        await rig.fault("library", "answer_late", seconds=2.5, count=None)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.fault("library", "silent", only="11", count=1)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and not s.unsettled, 120)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 60)
        await rig.pause(300)
        assert Online.OFFLINE not in seen
        assert (await rig.loans()).get(BOOK, {}).get("renewals", 0) == 0

    way.play(story)


def test_an_item_that_another_borrower_has_taken_along_is_not_lent_twice(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)
        await with_card(rig, BO)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.REFUSED)
        assert "Står som udlånt til en anden" in rig.words()
        await leave(rig)
        await borrow(rig, BOOK)  # hers, laid down again
        assert rig.kiosk._doing.queue().rows == 1

    way.play(story)


def test_a_loan_of_this_visit_is_undone_before_anybody_was_told(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await with_card(rig)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        row = next(row for row in rig.state.rows if row.item == OTHER)
        await rig.press(f"undo.{row.id}")
        await rig.until(lambda s: any(r.state is RowState.UNDONE for r in s.rows))
        assert await afi(rig, OTHER) == {"07"}
        await leave(rig)
        await back_again(rig)
        await told(rig)
        assert set(await rig.loans()) == {BOOK}
        assert {a["item"] for a in await asked(rig, "11", "09")} == {BOOK}
        assert await rig.store.read(debts.open_debts) == ()

    way.play(story)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("most_items = 1", "offline.too_many"),
        ("most_per_borrower = 1", "offline.too_many_waiting"),
        ("most_per_day = 1", "offline.too_many_today"),
    ],
)
def test_limits_hold_and_say_why(rules: str, reason: str) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await with_card(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.lay(OTHER)
        await rig.until(lambda s: any(r.state is RowState.REFUSED for r in s.rows))
        assert {r.reason for r in rig.state.rows if r.state is RowState.REFUSED} == {reason}
        assert await afi(rig, OTHER) == {"07"}

    play(story, station=STATION + f"\n[offline]\n{rules}\n")


def test_after_too_long_nothing_more_is_lent_and_returning_goes_on() -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await rig.pause(3601)
        assert not rig.state.devices.offline_lends
        assert "Du kan aflevere, men ikke låne." in rig.words()
        assert actions(rig)["borrow"] is not None
        assert actions(rig)["return"] is None
        await rig.scan(CARD)
        await rig.until(lambda s: s.visit.notice == "card.offline")

    play(story, station=STATION + "\n[lending]\npoll_s = 0.5\n[offline]\nmost_hours = 1\n")


def test_where_nothing_is_taken_back_offline_no_tag_is_armed() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig, BOOK)
        await rig.press("return")
        await away(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.REFUSED)
        assert await afi(rig, BOOK) == {"c2"}, "she may carry it out again"
        assert await cases(rig) == []

    play(story, station=STATION + "\n[offline]\ntake_back = false\n")


def test_a_return_that_was_armed_when_the_line_broke_is_left_to_staff_where_none_is_taken() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig, BOOK)
        await rig.press("return")
        await gone(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.STAFF, 60)
        assert await cases(rig) == [f"return_unknown {BOOK}"]

    play(story, station=STATION + "\n[offline]\ntake_back = false\n")


def test_a_tag_stays_armed_where_the_library_wants_it_so() -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await with_card(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, BOOK) == {"07"}
        assert "De slår alarmen fra" in rig.words()

    play(story, station=STATION + "\n[offline]\ndisarm = false\n")


def test_a_pin_is_asked_for_and_kept_sealed_where_the_library_wants_it() -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await leave(rig)
        await rig.sign_in(pin="9999")  # nobody can say that it is wrong
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.done) == 1)
        await leave(rig)
        await back_again(rig)
        await told(rig)
        assert set(await rig.loans()) == {BOOK}
        assert await cases(rig) == [f"replay_refused {OTHER}"]

    play(story, station=STATION + '\n[offline]\npin = "kept"\n')


def test_what_cannot_be_done_says_why_and_the_state_of_the_library_is_told() -> None:
    async def story(rig: Rig) -> None:
        status = await rig.kiosk.request("status", {})
        assert status["devices"]["library"] == {"health": "ready", "code": ""}
        await away(rig)
        assert actions(rig)["loans"] == "service.offline"
        assert actions(rig)["borrow"] is None
        await rig.press("loans")
        assert rig.state.phase is Phase.START
        await borrow(rig, BOOK)
        status = await rig.kiosk.request("status", {})
        assert status["devices"]["library"] == {"health": "down", "code": "library.offline"}
        assert dict(rig.snapshots[-1].devices)["library"] == "down"
        assert status["offline"]["waiting"] == 1
        assert status["offline"]["oldest"]
        await rig.pause(330)
        assert await cases(rig) == ["library_offline library"]
        await back_again(rig)
        await told(rig)
        await rig.pause(1)
        assert await cases(rig) == []

    play(story)


def test_staff_sees_how_much_waits_and_since_when() -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await with_card(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await leave(rig)
        await rig.staff_in(Role.TECHNICIAN)
        await rig.press("staff.devices")
        assert "Sidste kontakt" in rig.words()
        assert "1 hændelse venter på at blive registreret" in rig.words()
        await back_again(rig)
        await told(rig)
        assert (rig.state.devices.waiting, rig.state.devices.away_since) == (0, None)
        assert "hændelse" not in rig.words()

    play(story)


@pytest.mark.parametrize("believed", [False, True])
def test_nobody_types_a_number_that_will_not_be_believed(believed: bool) -> None:
    async def story(rig: Rig) -> None:
        await rig.press("borrow")
        assert actions(rig)["type"] is None
        await away(rig)
        await rig.until(lambda s: s.devices.away)
        assert actions(rig)["type"] == (None if believed else "service.offline")
        await rig.press("type")
        assert rig.state.phase is (Phase.NUMBER if believed else Phase.CARD)
        if not believed:
            await rig.scan("xx")
            assert "Kortet kan ikke læses. Vend det, eller spørg personalet." in rig.words()

    play(story, station=STATION + f"\n[offline]\ntyped_cards = {str(believed).lower()}\n")


def test_what_was_borrowed_offline_and_is_laid_down_again_is_not_taken_back_unasked(
    way: Way,
) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: s.phase is Phase.CARD, 30)
        await rig.pause(5)
        assert rig.state.phase is Phase.CARD
        assert not rig.state.backs
        assert await afi(rig, BOOK) == {"c2"}
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 300)
        await give_back(rig, BOOK)
        assert await afi(rig, BOOK) == {"07"}, "whoever asks for it returns it"
        await borrow(rig, BOOK)
        await back_again(rig)
        await told(rig)
        assert set(await rig.loans()) == {BOOK}
        assert await cases(rig) == []

    way.play(story)
