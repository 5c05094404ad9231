"""Screens that only their phase decides: built for every phase and overlay, with nothing personal at rest."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from config.load import load_text
from config.texts import Catalogue, Text, text
from drivers.errors import Code
from drivers.ports import Online, Patron, PrinterState, Secret, Uid
from drivers.service.view import Mark, Row, RowsBody, Screen, Weight, actions_of
from kiosk import view
from kiosk.lending import rows
from kiosk.lending.payment import BUSY, TAKEN, Payment, PaymentState
from kiosk.lending.rows import Part, RowState
from kiosk.lending.state import Devices, Farewell, Lending, Over, Phase, ReceiptState, Visit
from kiosk.view.rows import Words
from tests.simulation.rig import STATION

CONFIG = load_text(STATION).station
CATALOGUE = Catalogue.load()
WORDS = Words(CATALOGUE.keys(), ("da", "en", "ar"))
NOW = datetime(2026, 11, 3, 9, 42, 17, tzinfo=UTC)
KAREN = Patron(Secret("1234567890"), Secret("1234"), Secret("Karen Testesen"))
WELL = Devices(pad=True, scanner=True, printer=PrinterState.READY, library=Online.ONLINE)


def screen(state: Lending) -> Screen:
    return view.screen(state, CONFIG, WORDS, NOW, 0.0)


def state(phase: Phase, over: Over = Over.NOTHING) -> Lending:
    farewell = Farewell(2, date(2026, 12, 1), ReceiptState.PRINTED)
    return Lending(
        phase=phase,
        over=over,
        devices=WELL,
        farewell=farewell,
        closed_since=NOW,
        idle_left=30,
        visit=Visit(payment=Payment("p1", 3250)) if phase is Phase.PAYING else Visit(),
    )


@pytest.mark.parametrize("over", Over)
@pytest.mark.parametrize("phase", Phase)
def test_a_screen_for_every_phase_and_overlay(phase: Phase, over: Over) -> None:
    shown = screen(state(phase, over))
    assert shown.spoken
    assert shown.focus == tuple(action.id for action in actions_of(shown))
    assert len(set(shown.focus)) == len(shown.focus)
    assert sum(action.weight is Weight.PRIMARY for action in actions_of(shown)) <= 1
    for said in shown.spoken:
        assert CATALOGUE.say(said, "da")
    assert shown == screen(state(phase, over)), "equal arguments, equal screens"


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("waited", [0, 1, 2])
@pytest.mark.parametrize("stands", PaymentState)
def test_a_screen_for_every_way_a_payment_stands(
    stands: PaymentState, waited: int, terminal: bool
) -> None:
    visit = Visit(patron=KAREN, payment=Payment("p1", 3250, stands, waited))
    devices = replace(WELL, terminal=terminal)
    paying = replace(state(Phase.PAYING), visit=visit, devices=devices)
    shown = screen(paying)
    filled = [a.id for a in actions_of(shown) if a.weight is Weight.PRIMARY]
    assert len(filled) == (0 if stands in BUSY else 1), "while it runs it can at most be stopped"
    for language in ("da", "en", "de", "uk", "ar"):
        words = " ".join(CATALOGUE.say(said, language) for said in shown.spoken)
        assert ("32" in words) is (stands in BUSY | TAKEN)
    assert paying.busy is (stands in BUSY)
    if waited and stands in BUSY - {PaymentState.CARD, PaymentState.PIN}:
        calm = replace(paying, visit=replace(visit, payment=Payment("p1", 3250, stands)))
        assert stands is PaymentState.PAID or len(shown.spoken) > len(screen(calm).spoken)


@pytest.mark.parametrize("name", ["Karen Testesen", "", "   ", "K" * 80])
def test_only_the_first_name_is_shown(name: str) -> None:
    patron = replace(KAREN, name=Secret(name))
    shown = repr(screen(replace(state(Phase.BORROW), visit=Visit(patron=patron))))
    assert "Testesen" not in shown
    assert "1234567890" not in shown
    assert "K" * 25 not in shown


def row(state_: RowState, **more: object) -> rows.Row:
    one = rows.Row("r1", "3846646425", title="Lykke-Per", state=state_, reason="item.reserved")
    return replace(one, **more)  # type: ignore[arg-type]


def shown_row(one: rows.Row) -> Row:
    shown = screen(replace(state(Phase.BORROW), visit=Visit(patron=KAREN), rows=(one,)))
    assert isinstance(shown.body, RowsBody)
    return shown.body.rows[0]


@pytest.mark.parametrize("state_", [s for s in RowState if s is not RowState.GONE])
def test_every_row_says_its_state_in_words(state_: RowState) -> None:
    found = shown_row(row(state_))
    assert CATALOGUE.say(found.state, "da")
    assert CATALOGUE.say(found.state, "en")
    assert found.mark is not Mark.NONE


def test_a_reason_nobody_knows_is_said_as_any_other() -> None:
    found = shown_row(row(RowState.REFUSED, reason="nobody.knows"))
    assert found.detail is not None
    assert found.detail.key == "reason.other"


def test_a_set_says_how_many_of_its_parts_lie_there() -> None:
    uid = Uid(bytes(8))
    found = shown_row(
        row(RowState.INCOMPLETE, parts=3, tags=(Part(uid, 1), Part(uid, 2, here=False)))
    )
    assert found.fraction == (1, 3)
    assert [action.id for action in found.actions] == ["skip.r1", "call.r1"]
    assert found.detail == text("row.incomplete.missing", n=1, m=3, parts="2, 3")


@pytest.mark.parametrize(
    ("parts", "detail"),
    [
        (7, text("row.incomplete.missing", n=1, m=7, parts="2, 3, 4, 5, 6, 7")),
        (9, text("row.incomplete.missing.more", n=1, m=9, parts="2, 3, 4, 5, 6, 7", k=2)),
    ],
)
def test_of_many_missing_parts_the_first_are_named_and_the_others_counted(
    parts: int, detail: Text
) -> None:
    found = shown_row(row(RowState.INCOMPLETE, parts=parts, tags=(Part(Uid(bytes(8)), 1),)))
    assert found.detail == detail


def test_the_printer_is_told_of_before_anybody_signs_in_and_takes_the_receipt_away() -> None:
    out = replace(WELL, printer=PrinterState.PAPER_END)
    assert screen(replace(state(Phase.START), devices=out)).banner is not None
    visiting = replace(
        state(Phase.BORROW), devices=out, visit=Visit(patron=KAREN), rows=(row(RowState.DONE),)
    )
    receipt = [a for a in actions_of(screen(visiting)) if a.id == "finish.print"]
    assert all(action.reason is not None for action in receipt)


def test_the_out_of_order_screen_says_a_code_and_where_to_go() -> None:
    faults = (("pad", Code.PORT_GONE),)
    closed = replace(state(Phase.CLOSED), devices=replace(WELL, pad=False, faults=faults))
    said = " ".join(CATALOGUE.say(t, "da") for t in screen(closed).spoken)
    assert "Automat 3" in said


def test_seconds_do_not_redraw_the_start_screen() -> None:
    later = view.screen(state(Phase.START), CONFIG, WORDS, NOW.replace(second=59), 40.0)
    assert later == screen(state(Phase.START))
