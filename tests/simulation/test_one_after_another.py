"""One person after another: nobody gets what another has laid down, and nobody sees what another has looked at."""

import asyncio
from pathlib import Path

from drivers.ports import Online
from hw_sim.simloop import run
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Lending, Over, Phase
from tests.conftest import Heard
from tests.simulation.lives import World
from tests.simulation.outage import BO, welcome
from tests.simulation.rig import ACCESSIBLE, Rig, play
from tests.simulation.test_holds import library_of
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, afi

KAREN, CPR = "1234567890", "3002991234"
THIRD = "3846646482"


async def printed(rig: Rig) -> str:
    jobs = (await rig.truth())["devices"]["printer"]["jobs"]
    return " ".join(line for job in jobs for line in job["texts"])


async def signed_in(rig: Rig, card: str = KAREN, pin: str = "1234") -> None:
    await rig.sign_in(card, pin)
    await rig.until(lambda s: s.phase is Phase.BORROW)


async def blocked_looks_and_returns(rig: Rig) -> None:
    """Bo may not borrow; he looks at his loans, wants them renewed in vain, and turns to returning."""
    bo = library_of(rig).patrons[BO]
    flags = bo.status_flags
    welcome(rig)
    for item in (BOOK, OTHER):
        library_of(rig).checkout(BO, item, rig.stage.world.now())
    bo.status_flags, bo.blocked = flags, True
    await rig.press("loans")
    await rig.sign_in(BO, "4321")
    await rig.until(lambda s: s.phase is Phase.LOANS and s.visit.fresh)
    await rig.press("renew.all")
    await rig.until(lambda s: not s.busy)
    assert "Lykke-Per" in rig.words()
    await rig.press("show.borrow")
    await rig.press("return")
    await rig.until(lambda s: s.phase is Phase.RETURN)


def test_the_loans_of_who_may_not_borrow_are_not_shown_to_the_next() -> None:
    async def story(rig: Rig) -> None:
        await blocked_looks_and_returns(rig)
        assert not rig.state.lents
        await rig.press("finish.none")
        await rig.press("loans")
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.LOANS and s.visit.fresh)
        assert "Lykke-Per" not in rig.words()

    play(story)


def test_nor_printed_on_the_receipt_of_a_return() -> None:
    async def story(rig: Rig) -> None:
        await blocked_looks_and_returns(rig)
        await rig.lay(THIRD)
        await rig.until(lambda s: bool(s.backs) and not s.unsettled)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.pause(5)
        assert "Spørgsmål" in await printed(rig)
        assert "Lykke-Per" not in await printed(rig)

    play(story)


def test_what_is_laid_before_the_card_is_lent_whatever_was_pressed() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("loans")
        await rig.lay(BOOK, OTHER)
        await rig.sign_in()
        await rig.until(lambda s: len(s.done) == 2)
        await rig.press("show.loans")
        await rig.until(lambda s: s.phase is Phase.LOANS and s.visit.fresh)

    play(story)


def test_who_may_not_borrow_still_comes_to_her_loans_with_items_down() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("loans")
        await rig.lay(BOOK)
        await rig.sign_in(BO, "4321")
        await rig.until(lambda s: s.phase is Phase.LOANS and s.visit.fresh)

    play(story)


def test_a_book_laid_at_the_last_ones_end_is_asked_about_until_it_is_lifted() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        assert rig.state.phase is Phase.END
        await rig.lay(OTHER)
        await rig.pause(1)
        await rig.scan(CPR)
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(THIRD)
        await rig.until(lambda s: len(s.done) == 1 and not s.busy)
        assert "Er det dit, der ligger her?" in rig.words()
        await rig.lift(OTHER)
        await rig.until(lambda s: not s.left_behind)
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        assert "Er det dit, der ligger her?" not in rig.words()

    play(story)


def test_under_the_warning_nothing_is_lent_until_it_is_answered() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK, THIRD)
        await rig.until(lambda s: len(s.done) == 2)
        await rig.lift(BOOK)
        await rig.until(lambda s: s.over is Over.IDLE, 100)
        await rig.lay(OTHER)
        await rig.pause(6)
        assert rig.state.over is Over.IDLE, "it may be the next one's, so it answers nothing"
        assert OTHER not in await rig.loans()
        await rig.press("continue")
        await rig.until(lambda s: len(s.done) == 3)

    play(story)


def test_a_card_makes_a_list_without_a_receipt_go_and_nothing_else_keeps_it() -> None:
    async def failed(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.fault("printer", "mute")
        await rig.press("finish.print")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.RECEIPT_FAILED, 60)

    async def card(rig: Rig) -> None:
        await failed(rig)
        await rig.scan(BO)
        await rig.until(lambda s: s.phase is Phase.PIN)
        assert "Lykke-Per" not in rig.words()

    async def item(rig: Rig) -> None:
        await failed(rig)
        for _ in range(2):
            await rig.pause(14)
            await rig.scan("ABC-42")
        assert rig.state.phase is Phase.RECEIPT_FAILED
        await rig.pause(3)
        assert rig.state.phase is not Phase.RECEIPT_FAILED, (
            "thirty seconds, however much is scanned"
        )

    play(card)
    play(item)


def test_after_a_power_cut_the_next_one_does_not_get_what_lies_there(tmp_path: Path) -> None:
    world = World(tmp_path / "station.db")

    async def cut(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "silent", only="11", count=1, work=False)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(row.state is RowState.ASKING for row in s.rows))

    async def next_one(rig: Rig) -> None:
        await rig.until(lambda s: s.phase in {Phase.START, Phase.CARD})
        await rig.pause(5)
        assert rig.state.phase is Phase.START, "nobody has begun"
        welcome(rig)
        await signed_in(rig, BO, "4321")
        await rig.pause(15)
        assert BOOK not in await rig.loans()
        assert "Er det dit, der ligger her?" in rig.words()
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)

    async def whole() -> None:
        await world.live(cut)
        await asyncio.sleep(20)
        await world.live(next_one)
        await world.stage.close()

    run(whole())


def test_after_a_power_cut_a_tag_that_is_owed_silence_gets_it_where_it_lies(
    tmp_path: Path,
) -> None:
    """She stands there still, her book is lent, and its tag was about to be written."""
    world = World(tmp_path / "station.db")

    async def cut(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)

    async def again(rig: Rig) -> None:
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.pause(10)
        assert BOOK in await rig.loans()
        assert await afi(rig, BOOK) == {"c2"}
        assert rig.state.phase is Phase.START
        assert not rig.state.owing

    async def whole() -> None:
        points = (await World(tmp_path / "uncut.db").live(cut)).points
        at = next(n for n, point in enumerate(points) if point == "pad write before")
        await world.live(cut, crash_at=at)
        await asyncio.sleep(20)
        await world.live(again)
        await world.stage.close()

    run(whole())


async def returned(rig: Rig) -> None:
    """One book comes back, and the pad is empty again."""
    library_of(rig).checkout(KAREN, BOOK, rig.stage.world.now())
    await rig.press("return")
    await rig.lay(BOOK)
    await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.RETURNED)
    await rig.lift()
    await rig.until(lambda s: s.emptied)


def test_whoever_touches_the_screen_after_returning_is_not_hurried() -> None:
    async def story(rig: Rig) -> None:
        await returned(rig)
        for _ in range(20):
            await rig.kiosk.request("touch", {})
            await rig.pause(4)
            assert (rig.state.phase, rig.state.over) == (Phase.RETURN, Over.NOTHING)
        await rig.until(lambda s: s.over is Over.IDLE, 21)
        assert "Skærmen går tilbage til start om" in rig.words()
        await rig.press("continue")
        await rig.until(lambda s: s.over is Over.IDLE, 21)
        await rig.until(lambda s: s.phase is Phase.END, 31)

    play(story)


def test_nor_is_who_is_led_by_five_keys() -> None:
    async def story(rig: Rig) -> None:
        await rig.headset(plugged=True)
        await returned(rig)
        for _ in range(25):
            await rig.key("down")
            await rig.pause(4)
            assert rig.state.phase is Phase.RETURN

    play(story, station=ACCESSIBLE)


def test_the_warning_over_returning_ends_it_when_told_to() -> None:
    async def story(rig: Rig) -> None:
        await returned(rig)
        await rig.until(lambda s: s.over is Over.IDLE, 30)
        assert "Log ud" not in rig.words(), "nobody is logged in"
        await rig.press("log_out")
        await rig.until(lambda s: s.phase is Phase.END)

    play(story)


def plain(state: Lending) -> bool:
    return not state.aloud and not state.large_text and state.language == "da"


def test_reading_aloud_ends_also_where_nothing_was_returned() -> None:
    async def story(rig: Rig) -> None:
        await rig.headset(plugged=True)
        await rig.headset(plugged=False)
        await rig.press("return")
        await rig.until(lambda s: s.phase is Phase.START, 900)
        assert plain(rig.state)

    play(story, station=ACCESSIBLE)


def test_who_goes_back_from_returning_reads_as_before_and_the_next_does_not() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("language.ar")
        await rig.press("assist.larger")
        await rig.press("return")
        await rig.press("finish.none")
        assert (rig.state.language, rig.state.large_text) == ("ar", True)
        await rig.until(plain, 300)

    play(story)


def test_a_card_that_was_called_an_item_offline_is_not_written_out_on_the_screen(
    heard: Heard,
) -> None:
    """Nobody can say what the number is, so the person's word is believed; whoever looks on reads four digits."""
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await rig.until(lambda s: s.devices.library is Online.ONLINE)
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.devices.away, 120)
        await rig.press("return")
        await rig.scan(KAREN)
        await rig.pause(3)
        if rig.state.over is Over.ASK_SCAN:
            await rig.press("item.yes")
        await rig.until(lambda s: any(back.item == KAREN for back in s.backs))
        await rig.pause(3)
        assert "Materiale …7890" in rig.words()
        assert KAREN not in repr(rig.screen)

    play(story)
