"""Every flow and fault of a lending kiosk, with known cards, numbers, PINs, names and titles.

A flow of yours belongs here: write a story from the start screen to the start screen with CARD, PIN, CPR and the
titles of test_privacy, and give it a name in FLOWS. test_canary and test_canary_aloud play and judge it.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from drivers.library.gateway import Gateway
from drivers.ports import Online
from drivers.service.records import open_cases
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.stock import IN_TRANSIT, Fee, Hold
from kiosk.lending.backs import BackState
from kiosk.lending.helds import HeldState
from kiosk.lending.lents import LentState
from kiosk.lending.payment import PaymentState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Lending, Over, Phase
from tests.simulation.rig import STAFF_CARD, STAFF_PIN, STATION, Rig
from tests.simulation.test_privacy import (
    BOOK,
    CARD,
    CPR,
    NAME,
    PIN,
    PLANTED,
    SET,
    TITLES,
    WRONG_PIN,
    _found_in,
    search_files,
)

NOTICE = (
    STATION
    + '[devices.terminal]\ndriver = "zvt"\nurl = "memory://terminal"\n'
    + '[devices.card]\nurl = "memory://card"\n[lending]\npin_length = 8\n[help]\ncall = "notice"\ncounter = "Skranken i stuen"\n'
)
Story = Callable[[Rig], Awaitable[None]]


async def sign_in(rig: Rig, way: str = "") -> None:
    await rig.until(lambda s: s.phase in {Phase.START, Phase.CARD})
    if way:
        await rig.press(way)
    await rig.scan(CARD)
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.enter_pin(PIN)
    await rig.until(lambda s: s.phase in {Phase.BORROW, Phase.LOANS} and not s.busy)


async def borrow(rig: Rig, *items: str) -> None:
    await sign_in(rig)
    await rig.lay(*items)
    await rig.until(lambda s: len(s.done) == len(items) and not s.unsettled, 200)


async def leave(rig: Rig, how: str = "finish.none") -> None:
    await rig.press(how)
    await rig.until(lambda s: s.phase in {Phase.END, Phase.START}, 200)
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START and s.pad.empty, 200)


# --- flows ------------------------------------------------------------------------------------------


async def returning(rig: Rig) -> None:
    await borrow(rig, BOOK, SET)
    await leave(rig)
    await rig.press("return")
    await rig.lay(BOOK, SET)
    await rig.until(lambda s: sum(b.state is BackState.RETURNED for b in s.backs) == 2, 90)
    await leave(rig, "finish.print")


async def returning_in_doubt(rig: Rig) -> None:
    await borrow(rig, BOOK)
    await leave(rig)
    await rig.fault("library", "drop_after_commit", only="09", count=1)
    await rig.press("return")
    await rig.lay(BOOK)
    await rig.until(lambda s: bool(s.backs) and not s.unsettled, 120)
    await leave(rig)


async def renewing(rig: Rig) -> None:
    await borrow(rig, BOOK, SET)
    await leave(rig)
    await sign_in(rig, "loans")
    await rig.until(lambda s: bool(s.lents))
    await rig.press("renew.all")
    await rig.until(lambda s: not s.busy and all(x.state is not LentState.LENT for x in s.lents))
    await leave(rig, "finish.print")


async def undoing(rig: Rig) -> None:
    await borrow(rig, BOOK)
    await rig.press(f"undo.{rig.state.rows[0].id}")
    await rig.until(lambda s: s.rows[0].state is RowState.UNDONE, 60)
    await leave(rig)


async def undoing_in_doubt(rig: Rig) -> None:
    await borrow(rig, BOOK)
    await rig.fault("library", "drop_before_commit", only="09", count=1)
    await rig.press(f"undo.{rig.state.rows[0].id}")
    await rig.until(lambda s: not s.unsettled, 120)
    await leave(rig)


async def asking_staff(rig: Rig) -> None:
    await sign_in(rig)
    await rig.lay(SET, parts=[1, 3])
    await rig.until(lambda s: any(r.state is RowState.INCOMPLETE and r.title for r in s.rows))
    await rig.press(f"call.{rig.state.rows[0].id}")
    await rig.until(lambda s: s.over is Over.STAFF)
    await rig.press("close")
    await leave(rig, "finish.print")


async def timing_out(rig: Rig) -> None:
    await borrow(rig, BOOK)
    await rig.press("assist.help")
    await rig.until(lambda s: s.over is Over.IDLE, 100)
    await rig.until(lambda s: s.phase is Phase.CLEAR, 100)
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START and s.pad.empty, 60)


async def half_a_pin(rig: Rig) -> None:
    await rig.scan(CARD)
    await rig.until(lambda s: s.phase is Phase.PIN)
    for digit in PIN[:5]:
        await rig.press(f"key.{digit}")
    await rig.until(lambda s: s.phase is Phase.START, 200)


async def a_person_for_an_item(rig: Rig) -> None:
    """Her own number, held to the scanner where an item is asked for."""
    await sign_in(rig)
    for word in ("item.no", "item.yes", "item.no"):
        await rig.scan(CPR)
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        await rig.press(word)
        await rig.pause(5)
    await leave(rig)


async def a_person_for_an_item_offline(rig: Rig) -> None:
    """Nobody can say what it is, and she says that it is an item: where she borrows, returns, and signs in."""
    await sign_in(rig)
    await leave(rig)
    await library_away(rig)
    await rig.press("return")
    await rig.scan(CPR)
    await rig.press("item.yes")
    await leave(rig)
    await rig.pause(5)
    for word in ("item.yes", "item.no"):
        await rig.scan(CPR)
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        await rig.press(word)
        await rig.pause(5)
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.scan(CPR)
    await rig.pause(5)
    await leave(rig)


async def by_barcode(rig: Rig) -> None:
    await rig.stage.do("unplug", {"device": "pad"})
    await rig.until(lambda s: not s.devices.pad)
    await sign_in(rig)
    await rig.scan(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await rig.press("finish.print")
    await rig.until(lambda s: s.phase is Phase.START, 90)


async def pad_pulled(rig: Rig) -> None:
    await sign_in(rig)
    await rig.lay(BOOK, SET)
    await rig.until(lambda s: any(r.state is RowState.TAG_WRITE for r in s.rows))
    await rig.stage.do("unplug", {"device": "pad"})
    await rig.pause(5)
    await rig.stage.do("plug", {"device": "pad"})
    await rig.until(lambda s: len(s.done) == 2, 90)
    await leave(rig)


async def write_refused(rig: Rig) -> None:
    await sign_in(rig)
    await rig.fault("pad", "afi_silent", item=BOOK)
    await rig.lay(BOOK)
    await rig.until(lambda s: any(r.state is RowState.STAFF for r in s.rows), 120)
    await leave(rig, "finish.print")


async def wrong_again_and_again(rig: Rig) -> None:
    await rig.scan(CARD)
    await rig.until(lambda s: s.phase is Phase.PIN)
    for _ in range(5):
        await rig.until(lambda s: s.phase is Phase.PIN and not s.visit.asking)
        await rig.enter_pin(WRONG_PIN)
        await rig.until(lambda s: not s.visit.asking, 60)
    await rig.until(lambda s: s.phase is Phase.START, 300)


async def a_bug_that_knows_her(rig: Rig) -> None:
    """A bug of ours whose words hold what it was given."""
    whole = Gateway.borrow

    async def broken(gateway: Gateway, patron: Any, item: str, **_: Any) -> None:
        raise ValueError(f"{patron.card.reveal()} {patron.pin.reveal()} {item} {PLANTED}")

    Gateway.borrow = broken  # type: ignore[method-assign, assignment]
    try:
        await sign_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is not RowState.ASKING, 60)
    finally:
        Gateway.borrow = whole  # type: ignore[method-assign]
    await rig.until(lambda s: not s.unsettled, 200)
    await leave(rig)


async def library_away(rig: Rig) -> None:
    await rig.stage.do("unplug", {"device": "library"})
    await rig.until(lambda s: s.phase is Phase.START and s.devices.library is Online.OFFLINE, 120)


async def library_back(rig: Rig) -> None:
    await rig.stage.do("plug", {"device": "library"})
    await rig.until(lambda s: s.devices.library is Online.ONLINE, 300)


async def offline_and_told(rig: Rig) -> None:
    """Borrowed and brought back while nobody can be asked; told by itself when somebody can."""
    await library_away(rig)
    await rig.show_card(CARD)
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(BOOK, SET)
    await rig.until(lambda s: len(s.done) == 2)
    search_files(database_of(rig).parent)
    await leave(rig, "finish.print")
    await rig.press("return")
    await rig.lay(SET)
    await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
    await leave(rig)
    await library_back(rig)
    assert set(await rig.loans()) == {BOOK}
    await sign_in(rig, "loans")  # so that her name and titles stood on a screen
    await rig.until(lambda s: bool(s.lents))
    await leave(rig)


async def offline_and_refused(rig: Rig) -> None:
    """What was lent offline is refused when it is told: a case that keeps sealed whose it was, seen by staff."""
    await sign_in(rig)
    await leave(rig)
    await library_away(rig)
    await rig.show_card(CARD)
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await leave(rig)
    rig.stage.places["library"].device.library.items[BOOK].status = IN_TRANSIT  # type: ignore[attr-defined]
    await library_back(rig)
    await staff_looks(rig)


async def staff_looks(rig: Rig) -> None:
    """A case of hers, opened by staff, and left again; neither she nor the member can be read of it afterwards."""
    if not await rig.store.read(open_cases):
        await write_refused(rig)
    (case, *_) = await rig.store.read(open_cases)
    await rig.staff_in()
    await rig.until(lambda s: s.staff is not None)
    await rig.press(f"staff.take.{case.id}")
    await rig.pause(2)
    for shown in rig.snapshots[-3:]:
        assert not _found_in(repr(shown.screen), (CARD, CPR, PIN, *NAME.split()))
    search_files(database_of(rig).parent)
    assert not _found_in(database_of(rig).read_bytes(), (STAFF_CARD, STAFF_PIN))
    await rig.until(lambda s: s.staff is None, 400)


async def typed(rig: Rig) -> None:
    """Her number on the keys, and a visit with it."""
    await rig.press("borrow")
    await rig.press("type")
    for digit in CPR:
        await rig.press(f"key.{digit}")
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.enter_pin(PIN)
    await rig.until(lambda s: s.phase is Phase.BORROW and not s.busy)
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await leave(rig, "finish.email")


async def by_chip(rig: Rig) -> None:
    """A card with a chip, held to the reader, and a visit with it."""
    await rig.until(lambda s: s.devices.card)
    await rig.tap("karen")
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.enter_pin(PIN)
    await rig.until(lambda s: s.phase is Phase.BORROW and not s.busy)
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await leave(rig)


def database_of(rig: Rig) -> Path:
    assert rig.database is not None
    return rig.database


async def at_the_terminal(rig: Rig) -> None:
    device = rig.stage.places["library"].device
    assert isinstance(device, LibraryDevice)
    device.library.fees = [Fee("F1", CARD, Decimal("32.50"), BOOK)]
    await rig.until(lambda s: s.devices.terminal)
    await sign_in(rig)
    await rig.press("show.fees")
    await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
    await rig.press("pay.begin")
    await rig.until(lambda s: stands(s) is PaymentState.CARD)


def stands(state: Lending) -> PaymentState | None:
    return None if state.visit.payment is None else state.visit.payment.state


async def paying(rig: Rig) -> None:
    await at_the_terminal(rig)
    await rig.stage.do("terminal", {"does": "approve"})
    await rig.until(lambda s: stands(s) is PaymentState.TOLD)
    await rig.press("pay.back")
    await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
    await leave(rig, "finish.print")


async def paying_in_doubt(rig: Rig) -> None:
    await at_the_terminal(rig)
    await rig.fault("terminal", "drop_after_booking")
    await rig.fault("library", "drop_after_commit", only="37", count=1)
    await rig.stage.do("terminal", {"does": "approve"})
    await rig.until(lambda s: stands(s) in {PaymentState.TOLD, PaymentState.LATER}, 120)
    await rig.press("pay.back")
    await rig.until(lambda s: s.phase is Phase.FEES)
    await leave(rig)


# --- holds, fees, mail, and a card that is another's ---------------------------------------------------


def books(rig: Rig) -> Any:
    return rig.stage.places["library"].device.library  # type: ignore[attr-defined]


async def at_holds(rig: Rig) -> None:
    books(rig).holds += [Hold(SET, CARD), Hold(BOOK, CARD, title=TITLES[0])]
    await rig.press("holds")
    await rig.scan(CARD)
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.enter_pin(PIN)
    await rig.until(lambda s: s.phase is Phase.HOLDS and s.visit.fresh)


async def cancelling(rig: Rig) -> None:
    await at_holds(rig)
    await rig.press(f"cancel.{rig.state.helds[0].id}")
    await rig.press("cancel.yes")
    await rig.until(lambda s: s.helds[0].state is HeldState.CANCELLED)
    await leave(rig, "finish.print")


async def cancelling_in_doubt(rig: Rig) -> None:
    await at_holds(rig)
    await rig.fault("library", "drop_after_commit", only="15", count=1)
    await rig.press(f"cancel.{rig.state.helds[0].id}")
    await rig.press("cancel.yes")
    await rig.until(lambda s: not s.busy, 120)
    await leave(rig)


async def fees(rig: Rig) -> None:
    books(rig).fees = [Fee("F1", CARD, Decimal("83.46"), BOOK)]
    await sign_in(rig)
    await rig.press("show.fees")
    await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
    await leave(rig, "finish.print")


async def by_mail(rig: Rig) -> None:
    """The server takes it at the second try."""
    await rig.fault("mail", "greylist", count=1)
    await borrow(rig, BOOK)
    await leave(rig, "finish.email")
    await rig.pause(1200)


async def by_mail_to_nobody(rig: Rig) -> None:
    """Her address is none: staff has a case."""
    await rig.fault("mail", "no_such_address")
    await borrow(rig, BOOK)
    await leave(rig, "finish.email")
    await rig.pause(1200)


async def another_card(rig: Rig) -> None:
    """Her number again, and her health card, scanned and held to the reader in the middle of a visit and of a return."""
    await rig.until(lambda s: s.devices.card)
    await borrow(rig, BOOK)
    for number in (CARD, CPR, f"{CPR[:6]}-{CPR[6:]}"):
        await rig.pause(3)
        await rig.scan(number)
        await rig.until(lambda s: not s.busy)
        if rig.state.over is Over.ASK_SCAN:
            await rig.press("item.no")
    await rig.tap("karen")
    await rig.pause(3)
    await leave(rig)
    await rig.press("return")
    await rig.scan(CARD)
    await rig.until(lambda s: not s.busy and bool(s.visit.said))
    assert rig.state.backs == ()
    await leave(rig)


async def padless(rig: Rig) -> None:
    """The pad dies with a loan on it, and a book comes back by its barcode meanwhile."""
    await sign_in(rig)
    await rig.fault("library", "answer_late", seconds=2.0, only="11")
    await rig.lay(SET)
    await rig.until(lambda s: any(r.state is RowState.ASKING for r in s.rows))
    await rig.stage.do("unplug", {"device": "pad"})
    await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows), 60)
    await rig.scan(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await rig.press("finish.print")
    await rig.until(lambda s: s.phase is Phase.START, 120)
    await rig.press("return")
    await rig.pause(2)
    await rig.scan(BOOK)
    await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs), 60)
    await rig.press("finish.none")
    await rig.until(lambda s: s.phase is Phase.START, 60)


async def paying_refused(rig: Rig) -> None:
    """The library system will not have a payment: a case that keeps sealed whose it was, told once more by staff."""
    await at_the_terminal(rig)
    books(rig).fees = []
    await rig.stage.do("terminal", {"does": "approve"})
    await rig.until(lambda s: stands(s) is PaymentState.LATER, 60)
    await rig.press("pay.back")
    await rig.until(lambda s: s.phase is Phase.FEES)
    await leave(rig)
    search_files(database_of(rig).parent)
    (case, *_) = await rig.store.read(open_cases)
    books(rig).fees = [Fee("F1", CARD, Decimal("32.50"), BOOK)]
    await rig.staff_in()
    await rig.press(f"staff.take.{case.id}")
    await rig.press("staff.verb.replay")
    await rig.until(lambda s: s.staff is not None and not s.staff.working, 60)
    assert len((await rig.truth())["devices"]["library"]["payments"]) == 1
    await rig.press("staff.leave")


FLOWS: dict[str, Story] = {
    "offline and told": offline_and_told,
    "offline and refused": offline_and_refused,
    "staff looks": staff_looks,
    "typed": typed,
    "by chip": by_chip,
    "return": returning,
    "return in doubt": returning_in_doubt,
    "renew": renewing,
    "undo": undoing,
    "undo in doubt": undoing_in_doubt,
    "asking staff": asking_staff,
    "timing out": timing_out,
    "half a PIN": half_a_pin,
    "a person for an item": a_person_for_an_item,
    "a person for an item, offline": a_person_for_an_item_offline,
    "by barcode": by_barcode,
    "pad pulled": pad_pulled,
    "write refused": write_refused,
    "wrong PINs": wrong_again_and_again,
    "a bug": a_bug_that_knows_her,
    "paying": paying,
    "paying in doubt": paying_in_doubt,
    "cancelling a hold": cancelling,
    "cancelling in doubt": cancelling_in_doubt,
    "fees": fees,
    "by mail": by_mail,
    "by mail to nobody": by_mail_to_nobody,
    "another card": another_card,
    "padless": padless,
    "paying refused": paying_refused,
}
