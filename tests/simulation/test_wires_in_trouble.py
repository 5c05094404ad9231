"""Devices and the library system fail in every way they can; a visit is never lost and nothing is done twice."""

import pytest

from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase, ReceiptState
from tests.conftest import Heard
from tests.simulation.rig import CLOSED_OFFLINE, STATION, Rig, play
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, afi, cases, owed, signed_in


@pytest.fixture(autouse=True)
def expected(heard: Heard) -> None:
    """What a technician should read of such a day."""
    heard.expect(
        "library.line.dropped",
        "reader.lost",
        "reader.resynchronised",
        "service.down",
        "printer.changed",
    )


async def checkouts(rig: Rig) -> list[str]:
    asked = (await rig.truth())["devices"]["library"]["asked"]
    return [a["item"] for a in asked if a["message"] == "11"]


@pytest.mark.parametrize(
    ("fault", "more", "lent"),
    [
        ("drop_after_commit", {}, True),
        ("drop_before_commit", {}, False),
        ("close_mid_answer", {}, True),
        ("silent", {}, True),
        ("silent", {"work": False}, False),
        ("other_item", {"item": OTHER}, True),
        ("bad_checksum", {}, True),
        ("wrong_ay", {}, True),
        ("storm_96", {}, False),
        ("answer_late", {"seconds": 20.0}, True),
    ],
)
def test_a_loan_without_a_good_answer_is_settled_by_asking(
    fault: str, more: dict[str, object], lent: bool
) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", fault, only="11", count=1, **more)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and not s.unsettled, 120)
        loans = await rig.loans()
        row = rig.state.rows[0]
        assert (BOOK in loans) == (row.state is RowState.DONE), (row.state, loans)
        assert await afi(rig, BOOK) == ({"c2"} if BOOK in loans else {"07"})
        if fault not in {"bad_checksum", "wrong_ay", "storm_96"}:
            assert (BOOK in loans) == lent
        assert loans.get(BOOK, {}).get("renewals", 0) == 0, "never asked twice"
        assert await owed(rig) == 0

    play(story)


def test_a_case_about_a_loan_goes_when_the_loan_is_settled_after_the_visit() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "drop_after_commit", only="11", count=1)
        await rig.fault("library", "silent", only="17", count=None)
        await rig.fault("library", "silent", only="63", count=None)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.STAFF, 200)
        assert await cases(rig) == [f"loan_unknown {BOOK}"]
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.stage.do("clear", {"device": "library"})
        await rig.until(lambda s: s.phase is Phase.START, 90)
        await rig.pause(60)
        assert await rig.loans()
        assert await cases(rig) == ["left_behind pad"], "it still lies there, and nobody is here"
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.pause(5)
        assert await cases(rig) == []

    play(story)


def test_one_book_in_doubt_does_not_hold_the_others() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "drop_after_commit", only="11", count=1)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.rows) == 2 and not s.unsettled, 120)
        assert sorted(await rig.loans()) == sorted([BOOK, OTHER])
        assert len(rig.state.done) == 2

    play(story)


def test_titles_in_another_encoding_are_no_reason_to_stop() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "other_encoding", count=None)
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.done) == 1, 60)

    play(story)


def test_an_item_that_the_library_does_not_know_is_refused_in_words() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.scan("8899776655")
        await rig.until(lambda s: any(r.state is RowState.REFUSED for r in s.rows))
        assert "Ikke lånt" in rig.words()

    items = '[security]\nitem_pattern = "^8\\\\d{9}$"\n[lending]\ncard_pattern = "^1\\\\d{9}$"\n'
    play(story, station=STATION.replace("[nearest]", f"{items}[nearest]", 1))


def test_a_library_that_goes_away_at_rest_closes_the_machine_and_opens_it_again() -> None:
    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.phase is Phase.CLOSED, 120)
        assert "Ude af drift" in rig.words()
        assert "library.offline" in rig.words()
        await rig.stage.do("plug", {"device": "library"})
        await rig.until(lambda s: s.phase is Phase.START, 120)

    play(story, station=STATION + CLOSED_OFFLINE)


@pytest.mark.parametrize("role", ["pad", "scanner"])
def test_two_pulled_cables_close_the_machine_and_the_return_of_one_opens_it(role: str) -> None:
    async def story(rig: Rig) -> None:
        for each in ("pad", "scanner"):
            await rig.stage.do("unplug", {"device": each})
        await rig.until(lambda s: s.phase is Phase.CLOSED)
        assert "port." in rig.words()
        await rig.pause(30)
        await rig.stage.do("plug", {"device": role})
        await rig.until(lambda s: s.phase is Phase.START, 120)

    play(story, station=STATION + '[lending]\nwithout_readers = "closed"\n')


def test_a_reader_pulled_out_in_the_middle_of_a_visit_loses_nothing() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: any(r.state is RowState.TAG_WRITE for r in s.rows))
        await rig.stage.do("unplug", {"device": "pad"})
        await rig.until(lambda s: not s.devices.pad)
        assert "Pladen virker ikke" in rig.words()
        await rig.pause(5)
        await rig.stage.do("plug", {"device": "pad"})
        await rig.until(lambda s: len(s.done) == 2, 60)
        assert sorted(await rig.loans()) == sorted([BOOK, OTHER])
        assert await checkouts(rig) == list(dict.fromkeys(await checkouts(rig)))

    play(story)


def test_a_slow_library_system_is_reached_again_though_login_and_proof_take_their_time() -> None:
    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.phase is Phase.CLOSED, 120)
        await rig.fault("library", "delay", seconds=1.4, count=None)
        await rig.stage.do("plug", {"device": "library"})
        await rig.until(lambda s: s.phase is Phase.START, 120)
        await rig.pause(300)
        assert rig.state.phase is Phase.START, "and stays reached"

    play(story, station=STATION + CLOSED_OFFLINE)


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("corrupt", {"count": 3}),
        ("drop_reply", {"count": 2}),
        ("half_frame", {"count": 2}),
        ("garbage", {"size": 40, "count": 5}),
        ("delay", {"seconds": 2.0, "count": 2}),
        ("hang_up", {"after": 2}),
    ],
)
def test_a_bad_wire_to_the_reader_costs_time_and_nothing_else(
    fault: str, more: dict[str, object]
) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", fault, **more)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.done) == 2, 120)
        assert await afi(rig, BOOK) == {"c2"}
        assert await afi(rig, OTHER) == {"c2"}

    play(story)


def test_paper_out_before_the_end_is_said_on_the_button() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.fault("printer", "paper_end")
        await rig.until(lambda s: not s.devices.printer.usable)
        assert "Papiret er slut" in rig.words()
        await rig.press("finish.print")
        assert rig.state.phase is Phase.BORROW, "what cannot be does nothing"
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        assert sorted(await rig.loans()) == [BOOK]

    play(story)


@pytest.mark.parametrize("fault", ["paper_end", "cover", "cutter_jam"])
def test_a_receipt_that_fails_leaves_the_list_on_the_screen_and_the_loan_stands(fault: str) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.fault("printer", fault, after_mm=20.0)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.RECEIPT_FAILED, 60)
        assert "Lykke-Per" in rig.words()
        assert "Afleveres senest 1. december 2026" in rig.words()
        await rig.press("finish.seen")
        await rig.until(lambda s: s.phase is Phase.END)
        assert rig.state.farewell is not None
        assert rig.state.farewell.receipt is ReceiptState.FAILED
        assert "Lykke-Per" not in repr(rig.state)

    play(story)


def test_a_mute_printer_does_not_hold_the_borrower() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.fault("printer", "mute")
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase in {Phase.RECEIPT_FAILED, Phase.END}, 60)
        assert sorted(await rig.loans()) == [BOOK]

    play(story)


def test_no_printer_at_all_still_lends() -> None:
    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "printer"})
        await rig.until(lambda s: not s.devices.printer.usable)
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)

    play(story)
