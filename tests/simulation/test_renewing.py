"""My loans: seen, renewed one by one or all, each with its own answer."""

from dataclasses import replace

import pytest

from drivers.store.effects import open_rows
from hw_sim.ils.device import LibraryDevice
from kiosk.lending.lents import LentState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.outage import actions, back_again, gone
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import cases

LENT = ("3846646425", "3846646433", "3846646466")


async def look(rig: Rig) -> None:
    await rig.press("loans")
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.LOANS and not s.visit.fetching)


async def renewals(rig: Rig) -> dict[str, int]:
    return {item: loan["renewals"] for item, loan in (await rig.loans()).items()}


def test_loans_are_listed_by_due_date_and_renewed_one_by_one() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, *LENT)
        await look(rig)
        assert len(rig.state.lents) == 3
        assert "Lykke-Per" in rig.words()
        await rig.press("renew.l1")
        await rig.until(lambda s: s.lents[0].state is LentState.RENEWED)
        assert sum((await renewals(rig)).values()) == 1
        assert "1 af 1 fornyet" in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 30)
        assert not rig.state.lents

    play(story)


def test_all_are_renewed_with_a_receipt() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, *LENT)
        await look(rig)
        await rig.press("renew.all")
        await rig.until(lambda s: all(x.state is LentState.RENEWED for x in s.lents))
        assert await renewals(rig) == dict.fromkeys(LENT, 1)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 60)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        assert "3 af 3 fornyet" in job["texts"]

    play(story)


def test_what_may_not_be_renewed_says_why() -> None:
    async def story(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        device.library.rules = replace(device.library.rules, max_renewals=0)
        await lend(rig, LENT[0])
        await look(rig)
        await rig.press("renew.l1")
        await rig.until(lambda s: s.lents[0].state is LentState.REFUSED)
        assert "Ikke fornyet" in rig.words()
        assert (await renewals(rig))[LENT[0]] == 0

    play(story)


def test_what_comes_too_early_says_from_when_it_can_be_renewed() -> None:
    async def story(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        device.library.rules = replace(device.library.rules, renew_window_days=7)
        await lend(rig, LENT[0])
        await look(rig)
        await rig.press("renew.l1")
        await rig.until(lambda s: s.lents[0].state is LentState.REFUSED)
        assert "Kan først fornyes fra 24. november 2026" in rig.words()
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 60)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        assert "Kan først fornyes fra 24. november 2026" in job["texts"]

    play(story, station=STATION + "[lending]\nrenewal_opens_days = 7\n")


def test_nobody_owes_words_to_an_empty_list() -> None:
    async def story(rig: Rig) -> None:
        await look(rig)
        assert "Du har ingen lån" in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 30)

    play(story)


@pytest.mark.parametrize(
    ("fault", "done"), [("drop_after_commit", True), ("drop_before_commit", False)]
)
def test_a_renewal_without_an_answer_is_settled_by_the_dates(
    heard: Heard, fault: str, done: bool
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0], days_ago=2)  # so that a renewal moves the date
        await look(rig)
        await rig.fault("library", fault, only="29", count=1)
        await rig.press("renew.l1")
        await rig.until(lambda s: bool(s.lents) and not s.unsettled, 120)
        assert (await renewals(rig))[LENT[0]] == int(done), "never asked twice"
        assert (rig.state.lents[0].state is LentState.RENEWED) == done
        assert not await rig.store.read(open_rows)

    play(story)


def test_a_renewal_that_nobody_answers_keeps_nobody_waiting(heard: Heard) -> None:
    """The item may lie at home: nobody is asked to show it, and the end does not wait for a line that is away."""
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0], days_ago=2)
        await look(rig)
        await rig.fault("library", "silent", count=None)
        await rig.press("renew.l1")
        await rig.until(lambda s: s.lents[0].state is LentState.STAFF, 45)
        assert "Fik ikke svar" in rig.words()
        assert "Vis den til personalet" not in rig.words()
        assert await cases(rig) == [f"renewal_unknown {LENT[0]}"]
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END, 3)

    play(story)


@pytest.mark.parametrize("known", [True, False], ids=["known to be away", "just gone"])
def test_a_renewal_without_a_connection_is_refused_by_nobody_and_offered_again(
    known: bool, heard: Heard
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0], days_ago=23)
        await look(rig)
        await gone(rig)
        if known:
            await rig.until(lambda s: s.devices.away, 60)
        await rig.press("renew.all")
        await rig.until(lambda s: bool(s.lents[0].reason), 120)
        (one,) = rig.state.lents
        assert (one.state, one.reason) == (LentState.LENT, "ils.offline")
        assert "Kan ikke fornyes" not in rig.words()
        assert "Der er ingen forbindelse til biblioteket lige nu." in rig.words()
        await back_again(rig)
        for _ in range(60):
            await rig.pause(5)
            if "continue" in actions(rig):
                await rig.press("continue")
            if not rig.state.devices.away:
                break
        await rig.press(f"renew.{one.id}")
        await rig.until(lambda s: s.lents[0].state is LentState.RENEWED, 60)
        assert await renewals(rig) == {LENT[0]: 1}
        assert await cases(rig) == []

    play(story)
