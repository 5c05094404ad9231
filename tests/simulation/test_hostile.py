"""What careless and hostile people do, and bugs of our own: nobody is trapped and nothing is kept from staff."""

from dataclasses import replace
from typing import Any

import pytest

from drivers.library.gateway import Gateway
from drivers.ports import Borrowed, Uid
from drivers.service.view import Screen
from drivers.tags import Decoded, Item
from kiosk import view
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Lending, Phase, ReceiptState
from kiosk.pad_work import PadWork
from tests.conftest import Heard
from tests.simulation.rig import Rig, play
from tests.simulation.test_tags_in_trouble import BOOK, afi, cases, signed_in


async def asked(rig: Rig, action: str) -> None:
    """Press what may not be on the screen any more, or never was."""
    await rig.kiosk.request("press", {"action": action})
    await rig.pause(0.11)


def test_a_tag_that_cannot_be_read_is_told_of_though_the_pin_was_typed_meanwhile() -> None:
    async def story(rig: Rig) -> None:
        await rig.fault("pad", "unreadable", item=BOOK)
        await rig.press("borrow")
        await rig.scan("1234567890")
        await rig.lay(BOOK)
        await rig.pause(10)
        assert rig.state.phase is Phase.PIN
        await rig.enter_pin()
        await rig.until(lambda s: any(row.state is RowState.UNREAD for row in s.rows), 5)

    play(story)


def test_presses_that_no_screen_offers_change_nothing() -> None:
    async def story(rig: Rig) -> None:
        before = rig.state
        for action in (
            "language.zz",
            "language.",
            "key",
            "key.1",
            "undo.r9",
            "finish",
            "",
            "a" * 9999,
        ):
            await asked(rig, action)
        assert rig.state == before

    play(story)


def test_a_second_tap_on_finish_and_log_out_does_not_take_the_receipt_away() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(row.state is RowState.ASKING for row in s.rows))
        for action in ("finish.print", "log_out", "finish.none"):
            await rig.kiosk.request("press", {"action": action})
        await rig.until(lambda s: s.phase is Phase.END)
        assert rig.state.farewell is not None
        assert rig.state.farewell.receipt is not ReceiptState.NONE

    play(story)


def test_what_was_left_on_the_pad_is_nobodys_until_it_is_laid_down_again() -> None:
    async def story(rig: Rig) -> None:
        await rig.lay(BOOK)
        await rig.until(lambda s: s.phase is Phase.CARD)
        await rig.press("back")
        await signed_in(rig)
        await rig.pause(3)
        assert not rig.state.rows
        assert "Løft det, og læg det på igen." in rig.words()
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert "Løft det" not in rig.words()

    play(story)


def test_who_returns_nothing_leaves_no_language_behind() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("language.en")
        await rig.press("return")
        await rig.until(lambda s: s.phase is Phase.START, 120)
        assert rig.state.language == "da"

    play(story)


def test_an_item_number_that_cannot_be_written_down_is_a_tag_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(rig: Rig) -> None:
        whole = PadWork.read

        async def strange(pad: PadWork, uid: Uid) -> Decoded:
            read = await whole(pad, uid)
            assert isinstance(read, Item)
            return replace(read, id="\u202e|AB\x07")

        monkeypatch.setattr(PadWork, "read", strange)
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(row.state is RowState.UNREAD for row in s.rows))
        assert not await rig.loans()

    play(story)


@pytest.mark.parametrize("number", ["  12 345", "Kvittering æ|" + "9" * 300])
def test_a_strange_transaction_number_does_not_undo_a_loan(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Gateway.borrow

    async def strange(*given: Any, **more: Any) -> Borrowed:
        return replace(await whole(*given, **more), transaction=number)

    monkeypatch.setattr(Gateway, "borrow", strange)

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)

    play(story)


@pytest.mark.parametrize("readable_later", [False, True])
def test_a_return_by_barcode_where_the_tag_cannot_be_read(readable_later: bool) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.fault("pad", "unreadable", item=BOOK)
        await rig.press("return")
        await rig.lay(BOOK)
        await rig.until(lambda s: any(row.state is RowState.UNREAD for row in s.rows))
        await rig.scan(BOOK)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        assert not await rig.loans()
        assert await cases(rig) == [f"still_disarmed {BOOK}"], "its tag is silent still"
        if readable_later:
            await rig.stage.do("clear", {"device": "pad"})
            await rig.pause(2)
            assert await afi(rig, BOOK) == {"07"}
            assert await cases(rig) == []
        assert len(rig.state.backs) == 1

    play(story)


def test_a_screen_that_cannot_be_drawn_traps_nobody(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.expect("core.view_failed")
    whole = view.screen

    def broken(state: Lending, *args: Any) -> Screen:
        if state.phase is Phase.CARD:
            raise ValueError("no such text")
        return whole(state, *args)

    monkeypatch.setattr(view, "screen", broken)

    async def story(rig: Rig) -> None:
        await asked(rig, "borrow")
        assert rig.state.phase is Phase.CARD
        await rig.until(lambda s: s.phase is Phase.START, 120)
        await signed_in_by_card(rig)

    async def signed_in_by_card(rig: Rig) -> None:
        await rig.scan("1234567890")
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story)
