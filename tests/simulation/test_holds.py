"""My holds and my fees: seen, fetched, cancelled; one sign-in for all of the account."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drivers.ports import HoldState
from drivers.store.effects import EffectState, newest_of, open_rows
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.model import Library
from hw_sim.ils.stock import HOLD_SHELF, Fee, Hold
from hw_sim.scenario import load
from hw_sim.simloop import run
from hw_sim.stage import Stage
from kiosk.lending.helds import HeldState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_fbs import FBS_STATION
from tests.simulation.test_returning import lend

KAREN = "1234567890"
LYKKE, ROED, FUGLE, SKAK, HUS, FROST = (
    "3846646425",
    "3846646433",
    "3846646458",
    "3846646466",
    "3846646474",
    "3846646482",
)
SPEAKS: dict[str, dict[str, Any]] = {
    "sip2": {"scenario": "first-loan"},
    "fbs": {"scenario": "first-loan-fbs", "station": FBS_STATION},
}
both = pytest.mark.parametrize("speaks", SPEAKS)


def library_of(rig: Rig) -> Library:
    device = rig.stage.places["library"].device
    library: Library = device.library  # type: ignore[attr-defined]
    return library


def reserve(rig: Rig) -> None:
    """Two stand ready by their numbers, one at another library, one waits, one is too late."""
    library = library_of(rig)
    here, elsewhere = "Borgernes Hus", "Dalum Bibliotek"
    library.holds[:] = [
        Hold(ROED, KAREN, here, expires=date(2026, 11, 12), shelf="12"),
        Hold(LYKKE, KAREN, here, expires=date(2026, 11, 10), shelf="7"),
        Hold(FUGLE, KAREN, elsewhere, expires=date(2026, 11, 9), shelf="3"),
        Hold(SKAK, KAREN, here, title="Skak for begyndere", expires=date(2027, 5, 1)),
        Hold(HUS, KAREN, here, expires=date(2026, 11, 1), shelf="2"),
    ]
    for item in (ROED, LYKKE, FUGLE, HUS):
        library.items[item].status = HOLD_SHELF
    library.items[FUGLE].current = elsewhere


def owe(rig: Rig) -> None:
    library_of(rig).fees[:] = [
        Fee("F1", KAREN, Decimal("12.50"), LYKKE),
        Fee("F2", KAREN, Decimal(20)),
    ]


async def look(rig: Rig, what: str = "holds") -> None:
    await rig.press("holds")
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.HOLDS and s.visit.fresh)
    if what != "holds":
        await rig.press(f"show.{what}")


def titles(rig: Rig) -> list[str]:
    return [held.hold.title for held in rig.state.helds]


# --- the list -------------------------------------------------------------------------------------------


@both
def test_ready_ones_stand_first_by_their_number(speaks: str) -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig)
        assert [held.hold.state for held in rig.state.helds] == [
            HoldState.READY,
            HoldState.READY,
            HoldState.READY,
            HoldState.WAITING,
            HoldState.EXPIRED,
        ]
        first = {"sip2": "Rødgrød på Ærø", "fbs": "Lykke-Per"}  # SIP2 tells no number
        assert set(titles(rig)[:2]) == {"Lykke-Per", "Rødgrød på Ærø"}
        if speaks == "fbs":
            assert titles(rig)[0] == first[speaks]
        said = rig.words()
        assert "2 klar til dig" in said
        assert "Hent før 10. november 2026" in said
        assert "Klar på Dalum Bibliotek" in said
        assert "Reserveringen er udløbet" in said
        assert ("Nummer 7 på hylden" in said) == (speaks == "fbs")
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 30)
        assert not rig.state.helds

    play(story, **SPEAKS[speaks])


def test_a_shelf_may_be_named_in_words() -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        library_of(rig).holds[1].shelf = "Hylde 7, B"
        await look(rig)
        assert "Den står her: Hylde 7, B" in rig.words()

    play(story, **SPEAKS["fbs"])


def test_nobody_owes_words_to_an_empty_list() -> None:
    async def story(rig: Rig) -> None:
        await look(rig)
        assert "Du har ingen reserveringer" in rig.words()
        await rig.press("show.fees")
        assert "Du har ingen gebyrer" in rig.words()
        await rig.press("show.loans")
        assert "Du har ingen lån" in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 30)

    play(story)


# --- fetched ----------------------------------------------------------------------------------------------


@both
def test_one_that_is_laid_on_the_pad_is_lent_and_a_hold_no_more(speaks: str) -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig)
        await rig.lay(LYKKE)
        await rig.until(lambda s: s.phase is Phase.BORROW and len(s.done) == 1)
        assert (await rig.loans())[LYKKE]["patron_card"] == KAREN
        await rig.press("show.holds")
        await rig.until(lambda s: s.visit.fresh)
        assert "Lykke-Per" not in titles(rig)
        assert all(hold.item != LYKKE for hold in library_of(rig).holds)
        await rig.press("show.loans")
        assert "Lykke-Per" in rig.words()
        await rig.press("show.borrow")
        assert "1 af 1 lånt" in rig.words()
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 60)

    play(story, **SPEAKS[speaks])


def test_an_item_that_must_come_back_is_said_where_it_is_said() -> None:
    """A loan whose tag is not silent yet takes the screen, whatever she looks at."""

    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig, "borrow")
        await rig.fault("pad", "afi_silent", count=99)
        await rig.lay(LYKKE)
        await rig.until(lambda s: any(r.state is RowState.TAG_WRITE for r in s.rows))
        await rig.kiosk.request("press", {"action": "show.holds"})
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        assert rig.state.phase is Phase.BORROW

    play(story)


def test_who_may_not_borrow_still_sees_her_account() -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        library = library_of(rig)
        library.patrons[KAREN].status_flags = frozenset({0, 1, 2, 3})
        await look(rig)
        assert len(rig.state.helds) == 5
        await rig.lay(LYKKE)
        await rig.until(lambda s: s.phase is Phase.BLOCKED)
        await rig.press("show.fees")
        assert rig.state.phase is Phase.FEES

    play(story)


# --- cancelled --------------------------------------------------------------------------------------------


async def cancel(rig: Rig, title: str) -> str:
    held = next(held for held in rig.state.helds if held.hold.title == title)
    await rig.press(f"cancel.{held.id}")
    assert rig.state.over is Over.ASK_CANCEL
    assert title in rig.words()
    await rig.press("cancel.yes")
    return held.id


def state_of(rig: Rig, held_id: str) -> HeldState:
    held = rig.state.held(held_id)
    assert held is not None
    return held.state


@both
@pytest.mark.parametrize("title", ["Lykke-Per", "Skak for begyndere"])
def test_a_hold_is_cancelled_after_a_question(speaks: str, title: str) -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig)
        first = next(held for held in rig.state.helds if held.hold.title == title)
        await rig.press(f"cancel.{first.id}")
        await rig.press("cancel.no")
        assert rig.state.over is Over.NOTHING
        assert len(library_of(rig).holds) == 5
        held = await cancel(rig, title)
        await rig.until(lambda _: state_of(rig, held) is HeldState.CANCELLED)
        assert "Annulleret" in rig.words()
        assert len(library_of(rig).holds) == 4
        assert not await rig.store.read(open_rows)

    play(story, **SPEAKS[speaks])


def test_what_the_library_keeps_stays_and_may_be_asked_for_again() -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        library = library_of(rig)
        library.rules = replace(library.rules, cancel_ready=False)
        await look(rig)
        held = await cancel(rig, "Lykke-Per")
        await rig.until(lambda _: state_of(rig, held) is HeldState.REFUSED)
        assert "Ikke annulleret" in rig.words()
        library.rules = replace(library.rules, cancel_ready=True)
        await cancel(rig, "Lykke-Per")
        await rig.until(lambda _: state_of(rig, held) is HeldState.CANCELLED)

    play(story)


@both
@pytest.mark.parametrize(
    ("fault", "args", "done"),
    [
        ("silent", {"work": True}, True),
        ("silent", {"work": False}, False),
        ("drop_after_commit", {}, True),
        ("drop_before_commit", {}, False),
    ],
)
def test_without_an_answer_the_lists_tell(
    heard: Heard, speaks: str, fault: str, args: dict[str, object], done: bool
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig)
        await rig.fault("library", fault, only="15", count=1, **args)
        held = await cancel(rig, "Lykke-Per")
        await rig.until(lambda s: not s.unsettled, 200)
        wanted = HeldState.CANCELLED if done else HeldState.REFUSED
        assert state_of(rig, held) is wanted
        assert len(library_of(rig).holds) == (4 if done else 5)
        assert not await rig.store.read(open_rows)

    play(story, **SPEAKS[speaks])


def test_a_cancelling_that_nobody_answers_keeps_nobody_waiting(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig)
        await rig.fault("library", "silent", count=None)
        held = await cancel(rig, "Lykke-Per")
        await rig.until(lambda s: state_of(rig, held) is HeldState.STAFF, 45)
        assert "Fik ikke svar" in rig.words()
        assert "Vis den til personalet" not in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END, 3)

    play(story)


@both
@pytest.mark.parametrize("fault", ["silent", "drop_after_commit", "drop_before_commit", None])
def test_a_crash_while_a_hold_goes_leaves_no_doubt(
    heard: Heard, speaks: str, fault: str | None, tmp_path: Path
) -> None:
    """The station dies with the request under way, or just answered; the next one asks what became of it."""
    heard.expect("library.line.dropped", "service.down")
    kind = SPEAKS[speaks]

    async def whole() -> None:
        stage = Stage(load(kind["scenario"]), pace="none")
        database = tmp_path / "station.db"
        station = kind.get("station", STATION)
        first = Rig(stage=stage, station=station, database=database)
        stage.begin()
        await first.start()
        await first.until(lambda s: s.phase is Phase.START)
        reserve(first)
        await look(first)
        if fault is not None:
            await first.fault("library", fault, only="15", count=1)
        await first.press(f"cancel.{first.state.helds[0].id}")
        await first.kiosk.request("press", {"action": "cancel.yes"})
        await first.pause(0.05 if fault is None else 1)
        await first.kill()
        last = Rig(stage=stage, station=station, database=database, seed=8)
        await last.start()
        await last.until(lambda s: s.phase is Phase.START)
        for _ in range(120):
            if not await last.store.read(open_rows):
                break
            await last.pause(1)
        assert not await last.store.read(open_rows)
        truth = await last.truth()
        asked = [one for one in truth["devices"]["library"]["asked"] if one["message"] == "15"]
        assert len(asked) <= 1, "never asked twice"
        newest = await last.store.read(lambda txn: newest_of(txn, "cancel_hold", LYKKE))
        other = await last.store.read(lambda txn: newest_of(txn, "cancel_hold", ROED))
        row = newest or other
        assert row is not None
        gone = len(library_of(last).holds) == 4
        assert row.state is (EffectState.CONFIRMED if gone else EffectState.REFUSED)
        await last.stop()
        await stage.close()

    run(whole())


# --- fees -------------------------------------------------------------------------------------------------


@both
def test_fees_are_told_to_the_oere_with_the_way_to_pay(speaks: str) -> None:
    async def story(rig: Rig) -> None:
        owe(rig)
        await look(rig, "fees")
        said = rig.words()
        assert "Du skylder 32,50 kr." in said
        assert "12,50 kr." in said
        assert "20,00 kr." in said
        assert "Lykke-Per" in said
        assert "Du kan betale på odensebib.dk. Betaling kan tage op til 72 timer." in said
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 60)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        assert any("32,50 kr." in line for line in job["texts"])

    play(story, **SPEAKS[speaks])


def test_ready_holds_are_printed_with_where_they_stand() -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 60)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        assert "Lykke-Per" in job["texts"]
        assert any("7" in line for line in job["texts"])

    play(story, **SPEAKS["fbs"])


@both
def test_a_fee_on_a_loan_is_agreed_to_first(speaks: str) -> None:
    async def story(rig: Rig) -> None:
        library = library_of(rig)
        owed = sum(fee.amount for fee in library.fees)
        for item in (LYKKE, ROED):
            library.items[item].fee = Decimal(25)
        await rig.press("borrow")
        await rig.sign_in()
        await rig.lay(LYKKE, ROED)
        await rig.until(lambda s: sum(r.state is RowState.FEE for r in s.rows) == 2)
        assert await rig.loans() == {}
        assert "Det koster 25,00 kr. at låne den" in rig.words()
        yes, no = (row.id for row in rig.state.rows)
        await rig.press(f"agree.{yes}")
        await rig.press(f"skip.{no}")
        await rig.until(lambda s: len(s.done) == 1 and not s.unsettled)
        assert len(await rig.loans()) == 1
        assert sum(fee.amount for fee in library.fees) == owed + 25

    play(story, **SPEAKS[speaks])


def test_a_device_of_either_kind_was_asked() -> None:
    async def story(rig: Rig) -> None:
        assert isinstance(rig.stage.places["library"].device, LibraryDevice)
        await lend(rig, LYKKE)
        await look(rig, "loans")
        assert "Lykke-Per" in rig.words()

    play(story)
