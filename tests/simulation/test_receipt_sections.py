"""What a receipt says of a visit in which more than one thing was done: all of it, and nothing that was not."""

from config.texts import Channel
from hw_sim.ils.stock import Hold
from kiosk.lending.backs import BackState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import Reservation, RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import CATALOGUE, STATION, Rig, play
from tests.simulation.test_fbs import FBS_STATION
from tests.simulation.test_holds import library_of, owe, reserve
from tests.simulation.test_receipts import letters
from tests.simulation.test_renewing import LENT, look
from tests.simulation.test_reserving import refused
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, cases, signed_in

COSTS = "3846646466"
DUE = "Afleveres senest 1. december 2026"
KEPT_BY_STAFF = (
    STATION
    + """
[returns]
places = [{id="P", kind="staff", name="Personalet"}, {id="1", kind="box", name="Alle materialer"}]
rules = [{place="P", alert_type="01"}, {place="1"}]
"""
)


async def printed(rig: Rig) -> list[str]:
    """Finish with a receipt, and what the paper says under library, machine and time."""
    await rig.press("finish.print")
    await rig.until(lambda s: s.phase is Phase.END)
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START, 90)
    jobs = (await rig.truth())["devices"]["printer"]["jobs"]
    said = [line for line in jobs[-1]["texts"] if line]
    return said[3:-3]


def test_loans_that_were_only_looked_at_are_not_said_to_be_renewed() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, *LENT)
        await look(rig)
        said = await printed(rig)
        assert said[0] == "Dine lån"
        assert said.count(DUE) == 3
        assert "fornyet" not in " ".join(said)

    play(story)


def test_a_renewal_that_was_lost_stands_there_as_not_renewed(heard: Heard) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await lend(rig, *LENT[:2])
        await look(rig)
        await rig.fault("library", "drop_before_commit", only="29", count=1)
        await rig.press("renew.all")
        await rig.until(lambda s: all(lent.asked for lent in s.lents) and not s.unsettled, 120)
        lost = next(lent for lent in rig.state.lents if lent.reason)
        said = await printed(rig)
        assert said[0] == "1 af 2 fornyet"
        assert said[-3:] == ["1 ikke fornyet", lost.title, "Fornyelsen lykkedes ikke"]

    play(story)


def test_a_renewal_that_was_refused_says_why_once_and_the_rest_stands_apart() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, *LENT)
        library_of(rig).holds.append(Hold(LENT[0], "1234567891", pickup="Borgernes Hus"))
        await look(rig)
        of = {lent.item: lent.id for lent in rig.state.lents}
        for item in LENT[:2]:
            await rig.press(f"renew.{of[item]}")
        await rig.until(
            lambda s: (
                {lent.state for lent in s.lents}
                == {LentState.REFUSED, LentState.RENEWED, LentState.LENT}
            )
        )
        said = await printed(rig)
        assert said == [
            "1 af 2 fornyet",
            "Rødgrød på Ærø",
            DUE,
            "1 ikke fornyet",
            "Lykke-Per",
            "Kan ikke fornyes: reserveret af en anden låner",
            "Dine andre lån",
            "Skak for begyndere",
            DUE,
        ]

    play(story)


def test_renewed_and_borrowed_in_one_visit_stand_on_one_receipt() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, LENT[1], days_ago=5)
        await look(rig)
        await rig.press("renew.l1")
        await rig.until(lambda s: s.lents[0].state is LentState.RENEWED)
        await rig.press("show.borrow")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        assert "finish.print" in {action.id for action in rig.screen.actions}
        await rig.lay(LENT[0])
        await rig.until(lambda s: len(s.done) == 1 and not s.unsettled)
        assert await printed(rig) == [
            "1 af 1 lånt",
            "Lykke-Per",
            DUE,
            "1 af 1 fornyet",
            "Rødgrød på Ærø",
            DUE,
        ]

    play(story)


def test_a_hold_that_was_cancelled_and_what_is_owed_stand_beside_what_was_borrowed() -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        owe(rig)
        await rig.until(lambda s: s.devices.mail is not None)
        await rig.press("holds")
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.HOLDS and s.visit.fresh)
        skak = next(held.id for held in rig.state.helds if held.hold.title.startswith("Skak"))
        await rig.press(f"cancel.{skak}")
        await rig.press("cancel.yes")
        await rig.until(lambda s: not s.unsettled and s.account_changed)
        await rig.press("show.borrow")
        await rig.lay("3846646482")
        await rig.until(lambda s: len(s.done) == 1 and not s.unsettled)
        await rig.press("show.fees")
        await rig.until(lambda s: s.phase is Phase.FEES and not s.visit.fetching)
        await rig.press("finish.email")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.pause(20)
        (letter,) = letters(await rig.truth())
        said = [line for line in letter["text"].splitlines() if line]
        headings = ["1 af 1 lånt", "Annullerede reserveringer", "Gebyrer", "I alt 32,50 kr."]
        places = [said.index(heading) for heading in headings]
        assert places == sorted(places)
        assert "Klar til afhentning" not in said, "holds that nobody looks at now are no receipt"

    play(story)


def test_what_was_reserved_stands_as_new_and_not_as_refused() -> None:
    async def story(rig: Rig) -> None:
        await rig.press(await refused(rig))
        await rig.until(lambda s: s.rows[0].reservation is Reservation.PLACED)
        assert await printed(rig) == ["Nye reserveringer", "Lykke-Per"]

    play(story)


def test_a_shelf_is_not_called_a_box() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0], LENT[1])
        library_of(rig).holds.append(Hold(LENT[0], "1234567891", pickup="Borgernes Hus"))
        await rig.press("return")
        await rig.lay(LENT[0], LENT[1])
        await rig.until(lambda s: len(s.backs) == 2 and not s.unsettled)
        said = await printed(rig)
        assert said[said.index("Lykke-Per") + 1] == "Afleveret. Stilles på: Reserveringshylden"
        assert said[said.index("Rødgrød på Ærø") + 1] == "Afleveret. Kasse 1"

    play(story)


def test_the_receipt_of_an_english_visit_names_the_place_in_english() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0])
        library_of(rig).holds.append(Hold(LENT[0], "1234567891", pickup="Borgernes Hus"))
        await rig.press("language.en")
        await rig.press("return")
        await rig.lay(LENT[0])
        await rig.until(lambda s: len(s.backs) == 1 and not s.unsettled)
        assert "Reservation shelf" in rig.words()
        assert "Reserveringshylden" not in rig.words()
        assert (await printed(rig))[-1] == "Returned. Goes on: Reservation shelf"

    play(story)


def test_neither_is_the_staff() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0])
        library_of(rig).holds.append(Hold(LENT[0], "1234567891", pickup="Borgernes Hus"))
        await rig.press("return")
        await rig.lay(LENT[0])
        await rig.until(lambda s: len(s.backs) == 1 and not s.unsettled)
        assert (await printed(rig))[-1] == "Afleveret. Gives til: Personalet"

    play(story, station=KEPT_BY_STAFF)


def test_what_is_ready_here_is_printed_first_and_another_branch_is_named() -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        await rig.press("holds")
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.HOLDS and s.visit.fresh)
        shown = rig.words()
        said = await printed(rig)
        assert said[:13] == [
            "Reserveringer",
            "Lykke-Per",
            "Klar til afhentning",
            "Nummer 7 på hylden",
            "Hent før 10. november 2026",
            "Rødgrød på Ærø",
            "Klar til afhentning",
            "Nummer 12 på hylden",
            "Hent før 12. november 2026",
            "Nordens fugle i felten",
            "Klar på Dalum Bibliotek",
            "Hent før 9. november 2026",
            "Skak for begyndere",
        ]
        assert all(line in shown for line in said[1:13]), "screen and paper use the same words"

    play(story, scenario="first-loan-fbs", station=FBS_STATION)


def test_what_cost_something_and_what_could_not_be_read_stand_there_as_not_borrowed() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.fault("pad", "unreadable", item=BOOK)
        await rig.lay(COSTS, BOOK)
        await rig.until(lambda s: {r.state for r in s.rows} == {RowState.FEE, RowState.UNREAD})
        said = await printed(rig)
        assert said == [
            "0 af 2 lånt",
            "2 ikke lånt",
            "Skak for begyndere",
            "Det koster et gebyr at låne det",
            "Et materiale, der ikke kunne læses",
        ]

    play(story, scenario="account")


def test_a_visit_in_which_nothing_was_lent_anew_has_no_receipt_of_nothing() -> None:
    """Her own loan that was laid down again, and one that was given up, are neither of them borrowed now."""

    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert "Lånt i forvejen" in rig.words()
        assert [a.id for a in rig.screen.actions] == ["finish.none"]
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        assert "finish.print" in [a.id for a in rig.screen.actions]
        other = next(row for row in rig.state.rows if row.item == OTHER)
        await rig.press(f"undo.{other.id}")
        await rig.until(lambda s: any(r.state is RowState.UNDONE for r in s.rows))
        assert [a.id for a in rig.screen.actions] == ["finish.none"]

    play(story)


async def seen(rig: Rig, name: str) -> str:
    """Everything that a screen of this name said, in its words."""
    said = [snapshot.screen for snapshot in rig.snapshots if snapshot.screen.name == name]
    return " | ".join(CATALOGUE.say(t, s.language, Channel.SPEECH) for s in said for t in s.spoken)


async def unanswered(rig: Rig, message: str) -> None:
    """The library system does it, says nothing, and answers no question about it."""
    await rig.fault("library", "drop_after_commit", only=message, count=1)
    await rig.fault("library", "silent", only=["17", "63"], count=None)


def test_a_loan_of_which_nobody_knows_is_said_to_be_unsettled_on_paper_and_screen(
    heard: Heard,
) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await unanswered(rig, "11")
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.STAFF, 200)
        assert "Vis den til personalet" in rig.words()
        said = await printed(rig)
        assert said == [
            "0 af 1 lånt",
            "1 uafklaret",
            BOOK,
            "Vi ved ikke, om den er lånt. Spørg personalet.",
        ]
        end = await seen(rig, "end")
        assert "Lånt" not in end
        assert "Vis til personalet" in end
        assert sorted(await rig.loans()) == [BOOK], (
            "which it is, and neither paper nor screen denies"
        )
        assert await cases(rig) == [f"loan_unknown {BOOK}"]

    play(story)


def test_a_loan_that_stands_with_its_alarm_on_is_borrowed_on_paper_and_screen() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        await rig.until(lambda s: s.rows[0].state is RowState.STAFF, 90)
        assert await printed(rig) == ["1 af 1 lånt", "Lykke-Per", DUE]
        assert "Lånt" in await seen(rig, "end")

    play(story)


def test_a_return_of_which_nobody_knows_is_said_to_be_unsettled(heard: Heard) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        await rig.press("return")
        await unanswered(rig, "09")
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.STAFF, 200)
        said = await printed(rig)
        assert said[0] == "0 af 1 afleveret"
        assert said[1] == "1 uafklaret"
        assert " ".join(said[-2:]) == "Vi ved ikke, om den er afleveret. Spørg personalet."

    play(story)


def test_a_renewal_of_which_nobody_knows_is_said_to_be_unsettled(heard: Heard) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0])
        await look(rig)
        await unanswered(rig, "29")
        await rig.press("renew.all")
        await rig.until(lambda s: s.lents[0].state is LentState.STAFF, 200)
        said = await printed(rig)
        assert said[:2] == ["0 af 1 fornyet", "1 uafklaret"]
        assert " ".join(said[-2:]) == "Vi ved ikke, om lånet er fornyet. Spørg personalet."

    play(story)


def test_the_list_that_stands_in_for_paper_tells_of_the_unsettled_too(heard: Heard) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.done) == 1)
        await unanswered(rig, "11")
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.STAFF for r in s.rows), 200)
        await rig.fault("printer", "mute")
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.RECEIPT_FAILED, 90)
        words = rig.words()
        assert "Lånt" in words
        assert "Vis den til personalet" in words

    play(story)
