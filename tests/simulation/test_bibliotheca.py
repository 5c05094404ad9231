"""A whole visit at a pad of 3M, in virtual time at 19200 baud, judged by the simulated world."""

from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_first_loan import ALL, LENT, RESERVED, borrow_all

AT_3M = {
    "scenario": "first-loan-bibliotheca",
    "station": STATION.replace('driver = "feig"', 'driver = "bibliotheca"'),
}


def test_a_borrower_walks_out_with_her_books() -> None:
    async def story(rig: Rig) -> None:
        await borrow_all(rig)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        truth = await rig.truth()
        assert truth["devices"]["pad"]["model"] == "810"
        assert sorted(truth["devices"]["library"]["loans"]) == sorted(LENT)
        for tag in truth["devices"]["pad"]["tags"]:
            assert tag["afi"] == ("07" if tag["item"] == RESERVED else "c2"), tag

    play(story, **AT_3M)


def test_tags_that_take_their_byte_by_chance_hold_nobody_up() -> None:
    async def story(rig: Rig) -> None:
        await rig.fault("pad", "afi_flaky", chance=0.5)
        await borrow_all(rig)
        assert sum(row.state is RowState.DONE for row in rig.state.rows) == len(ALL) - 1
        for tag in (await rig.truth())["devices"]["pad"]["tags"]:
            assert tag["afi"] == ("07" if tag["item"] == RESERVED else "c2"), tag

    play(story, **AT_3M)


def test_a_pad_that_falls_silent_for_a_while_holds_up_and_loses_nothing(heard: Heard) -> None:
    heard.expect("reader.lost", "reader.resynchronised", "device.down")

    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(*ALL[:2])
        await rig.until(lambda s: len(s.rows) == 2)
        await rig.fault("pad", "mute")
        await rig.pause(8)
        await rig.stage.do("clear", {"device": "pad", "verb": "mute"})
        # nobody has to lay down again what never left
        await rig.until(lambda s: len(s.done) == 2)
        assert sorted(await rig.loans()) == sorted(ALL[:2])
        for tag in (await rig.truth())["devices"]["pad"]["tags"]:
            assert tag["afi"] == ("c2" if tag["item"] in ALL[:2] else "07"), tag

    play(story, **AT_3M)
