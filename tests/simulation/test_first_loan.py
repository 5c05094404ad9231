"""The first loan, whole: from a card to a receipt, judged by the simulated world and not by the kiosk."""

from hashlib import sha256

from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.simulation.rig import Rig, play

ALL = (
    "3846646425",
    "3846646433",
    "3846646441",
    "3846646458",
    "3846646466",
    "3846646474",
    "3846646482",
)
RESERVED = "3846646441"
LENT = tuple(item for item in ALL if item != RESERVED)


async def borrow_all(rig: Rig) -> None:
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(*ALL)
    await rig.until(lambda s: len(s.rows) == 7 and not s.unsettled)


def test_a_borrower_walks_out_with_her_books() -> None:
    async def story(rig: Rig) -> None:
        await borrow_all(rig)
        assert "6 af 7 lånt" in rig.words()
        assert "Reserveret af en anden låner" in rig.words()
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        assert rig.screen.name == "end"
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)

        truth = await rig.truth()
        assert sorted(truth["devices"]["library"]["loans"]) == sorted(LENT)
        for tag in truth["devices"]["pad"]["tags"]:
            assert tag["afi"] == ("07" if tag["item"] == RESERVED else "c2"), tag
        (job,) = truth["devices"]["printer"]["jobs"]
        assert job["texts"][0] == "Borgernes Hus"
        assert "6 af 7 lånt" in job["texts"]
        assert "Skak for begyndere, 3 dele" in job["texts"]
        assert job["texts"].count("Afleveres senest 1. december 2026") == 5
        assert job["texts"].count("Afleveres senest 10. november 2026") == 1
        assert job["cut"] == "full"
        assert not any("Karen" in line or "1234567890" in line for line in job["texts"])

    play(story)


def test_each_item_is_asked_for_once_and_in_one_language() -> None:
    async def story(rig: Rig) -> None:
        await borrow_all(rig)
        asked = (await rig.truth())["devices"]["library"]["asked"]
        assert sorted(a["item"] for a in asked if a["message"] == "11") == sorted(ALL)

    play(story)


def test_items_laid_down_before_signing_in_are_borrowed_too() -> None:
    async def story(rig: Rig) -> None:
        await rig.lay("3846646425", "3846646433")
        await rig.until(lambda s: s.phase is Phase.CARD and len(s.rows) == 2)
        assert "2 materialer ligger på pladen" in rig.words()
        assert all(row.state is RowState.SEEN for row in rig.state.rows)
        await rig.sign_in()
        await rig.until(lambda s: len(s.done) == 2)
        assert sorted(await rig.loans()) == ["3846646425", "3846646433"]

    play(story)


def test_items_lifted_before_signing_in_are_forgotten() -> None:
    async def story(rig: Rig) -> None:
        await rig.lay("3846646425")
        await rig.until(lambda s: len(s.rows) == 1)
        await rig.lift()
        await rig.until(lambda s: not s.rows)
        assert not await rig.loans()

    play(story)


def test_the_same_seed_gives_the_same_run() -> None:
    def trace() -> str:
        async def story(rig: Rig) -> None:
            await borrow_all(rig)
            await rig.press("finish.print")
            await rig.until(lambda s: s.phase is Phase.END)
            await rig.lift()
            await rig.until(lambda s: s.phase is Phase.START)

        rig = play(story)
        return sha256(repr(rig.snapshots).encode()).hexdigest()

    assert trace() == trace()
