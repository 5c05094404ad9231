"""Her own loan, laid down again: as the library system says now, not as it stood when she signed in."""

import pytest

from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.outage import (
    BOOK,
    CARD,
    Way,
    afi,
    asked,
    away,
    back_again,
    leave,
    library,
    with_card,
)
from tests.simulation.rig import Rig

RESERVED = "3846646441"


@pytest.fixture(params=["sip2", "fbs"])
def way(request: pytest.FixtureRequest) -> Way:
    return Way(request.param)


async def hers(rig: Rig, item: str = BOOK) -> None:
    """She has it since before, and its tag is silent; and she signs in."""
    library(rig).checkout(CARD, item, rig.stage.world.now())
    for tag in rig.stage.world.items[item].tags:
        tag.afi = 0xC2
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)


def brought_back(rig: Rig, item: str = BOOK) -> None:
    """Somebody returns it for her, at another machine."""
    library(rig).checkin(item, rig.stage.world.now())
    for tag in rig.stage.world.items[item].tags:
        tag.afi = 0x07


def test_a_loan_that_was_ended_elsewhere_meanwhile_is_lent_anew_before_its_alarm_is_off(
    way: Way,
) -> None:
    async def story(rig: Rig) -> None:
        await hers(rig)
        brought_back(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert BOOK in await rig.loans()
        assert await afi(rig, BOOK) == {"c2"}
        assert "Lånt i forvejen" not in rig.words()
        assert "1 af 1 lånt" in rig.words(), "it is one of what she borrowed now"

    way.play(story)


def test_and_where_it_may_not_be_lent_anew_its_alarm_stays_on(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await hers(rig, RESERVED)
        brought_back(rig, RESERVED)
        await rig.lay(RESERVED)
        await rig.until(lambda s: any(r.state is RowState.REFUSED for r in s.rows))
        assert RESERVED not in await rig.loans()
        assert await afi(rig, RESERVED) == {"07"}

    way.play(story)


def test_while_nobody_can_be_asked_its_alarm_stays_as_it_is_and_that_is_said(heard: Heard) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await hers(rig)
        brought_back(rig)
        await rig.fault("library", "silent", only="17", count=3)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1, 120)
        assert await afi(rig, BOOK) == {"07"}
        assert "Alarmen er, som den var" in rig.words()
        assert "Alarmen er slået fra" not in rig.words()

    Way("sip2").play(story)


def test_what_was_lent_offline_is_hers_when_it_is_told_while_she_stands_there(
    way: Way, heard: Heard
) -> None:
    """Reserved by another, it went out all the same; nobody may tell her now that it did not."""
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await away(rig)
        await with_card(rig)
        await rig.lay(BOOK, RESERVED)
        await rig.until(lambda s: len(s.done) == 2)
        await leave(rig)
        await back_again(rig)
        await rig.until(lambda s: not s.devices.away, 300)
        await rig.sign_in()
        await rig.lay(BOOK, RESERVED)
        await rig.until(lambda s: s.phase is Phase.BORROW and len(s.done) == 2, 120)
        assert {BOOK, RESERVED} <= set(await rig.loans())
        assert "Ikke lånt" not in rig.words()
        told = [a["item"] for a in await asked(rig, "11")]
        assert sorted(told) == [BOOK, RESERVED], "each was told once"

    way.play(story)
