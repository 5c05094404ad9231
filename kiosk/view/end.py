"""The screens after a visit."""

from config.texts import text
from drivers.service.view import EndBody, Fact, Ground, Part, RowsBody, Screen, TimeClass
from kiosk.lending.rows import BORROWED
from kiosk.lending.state import Lending, ReceiptState
from kiosk.view.actions import assist, primary
from kiosk.view.rows import Words, lent_in_short

MOST_SPINES = 8


def receipt_failed(state: Lending, words: Words) -> Screen:
    borrowed = [row for row in state.failed_receipt if row.state in BORROWED]
    return Screen(
        "receipt_failed",
        text("receipt_failed.title"),
        RowsBody(rows=tuple(lent_in_short(row) for row in borrowed)),
        TimeClass.CLOSING,
        lead=text("receipt_failed.lead"),
        actions=(primary("finish.seen", "action.finish", "logout"),),
        assist=assist(state),
    )


def end(state: Lending) -> Screen:
    farewell = state.farewell
    done = farewell.done if farewell is not None else 0
    returned = farewell.returned if farewell is not None else 0
    facts: list[Fact] = []
    receipt = None
    if done:
        facts.append(Fact(text("end.borrowed"), text("end.items", n=done)))
    if returned:
        facts.append(Fact(text("end.returned"), text("end.items", n=returned)))
    if farewell is not None and farewell.renewed:
        facts.append(Fact(text("end.renewed"), text("end.items", n=farewell.renewed)))
    if farewell is not None and farewell.first_due is not None:
        facts.append(Fact(text("end.first_due"), text("end.day", day=farewell.first_due)))
    if farewell is not None and farewell.receipt is ReceiptState.PRINTED:
        receipt = Part("C", text("end.take_receipt"))
    elif farewell is not None and farewell.receipt is ReceiptState.PRINTING:
        receipt = Part("C", text("end.printing"))
    return Screen(
        "end",
        text("end.title" if done else "end.title.returned" if returned else "end.title.card"),
        EndBody(
            min(done, MOST_SPINES),
            tuple(facts),
            receipt,
            text("end.logged_out") if not returned else None,
        ),
        TimeClass.CLOSING,
        ground=Ground.GREEN,
    )
