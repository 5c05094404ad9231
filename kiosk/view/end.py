"""The screens after a visit."""

from dataclasses import replace

from config.station import Station
from config.texts import text
from drivers.service.receipt import as_typed
from drivers.service.view import (
    Action,
    EndBody,
    Fact,
    Ground,
    Link,
    Part,
    Row,
    RowsBody,
    Screen,
    TimeClass,
    Weight,
)
from kiosk.lending.state import Lending, ReceiptState
from kiosk.view.actions import assist, secondary
from kiosk.view.fees import fee_rows
from kiosk.view.holds import held_row
from kiosk.view.rows import RECEIPT, Words, slip_rows

MOST_SPINES = 8


def receipt_failed(state: Lending, station: Station, words: Words) -> Screen:
    """No paper came, or no message could be kept: the list stays, and what can still be done is offered."""
    failed = state.failed_receipt
    rows: tuple[Row, ...] = ()
    if failed is not None:
        slip = failed.slip
        holds = (held_row(held, station, words, changeable=False) for held in slip.helds)
        rows = (*slip_rows(slip, station, words), *holds, *fee_rows(slip.fees, slip.owed))
    ways: list[Action] = []
    if failed is not None and state.devices.printer.usable:
        again = "action.print" if failed.mailed else "action.print_again"
        ways.append(secondary("finish.print", again, "print"))
    if failed is not None and failed.to and state.devices.mail:
        ways.append(secondary("finish.email", "action.email", "mail"))
    ways.append(secondary("finish.seen", "action.finish", "logout"))
    ways[0] = replace(ways[0], weight=Weight.PRIMARY)
    what = "mail" if failed is not None and failed.mailed else "receipt"
    link = as_typed(station.lending.account_url)
    code = None
    if failed is not None and failed.slip.backs:
        lead = text("receipt_failed.lead.returned")
    elif link:
        lead = text("receipt_failed.lead.account", link=link)
        code = Link(station.lending.account_url, text("receipt_failed.link"))
    else:
        lead = text("receipt_failed.lead")
    return Screen(
        "receipt_failed",
        text(f"{what}_failed.title"),
        RowsBody(rows=rows, link=code),
        TimeClass.CLOSING,
        lead=lead,
        actions=tuple(ways),
        assist=assist(state),
    )


def end(state: Lending) -> Screen:
    farewell = state.farewell
    done = farewell.done if farewell is not None else 0
    gave_back = farewell is not None and farewell.returned is not None
    returned = (farewell.returned if farewell is not None else 0) or 0
    facts: list[Fact] = []
    receipt = None
    if done:
        facts.append(Fact(text("end.borrowed"), text("end.items", n=done)))
    if returned:
        facts.append(Fact(text("end.returned"), text("end.items", n=returned)))
    if farewell is not None and farewell.renewed:
        facts.append(Fact(text("end.renewed"), text("end.items", n=farewell.renewed)))
    if farewell is not None and farewell.paid:
        facts.append(Fact(text("end.paid"), text("end.paid.words")))
    if farewell is not None and farewell.staff:
        facts.append(Fact(text("end.staff"), text("end.items", n=farewell.staff)))
    if farewell is not None and farewell.first_due is not None:
        facts.append(Fact(text("end.first_due"), text("end.day", day=farewell.first_due)))
    if farewell is not None and farewell.later:
        facts.append(Fact(text("end.later"), text("end.later.words")))
    if farewell is not None and farewell.receipt is ReceiptState.PRINTED:
        receipt = Part(RECEIPT, text("end.take_receipt"))
    elif farewell is not None and farewell.receipt is ReceiptState.PRINTING:
        receipt = Part(RECEIPT, text("end.printing"))
    footnote = None if gave_back else text("end.logged_out")
    if farewell is not None and farewell.receipt is ReceiptState.MAILED:
        footnote = text("end.mailed")
    forgotten = farewell is not None and bool(farewell.left & state.pad.uids)
    return Screen(
        "end",
        text(_title(done, returned, gave_back=gave_back)),
        EndBody(
            min(done, MOST_SPINES),
            tuple(facts),
            receipt,
            footnote,
        ),
        TimeClass.CLOSING,
        ground=Ground.GREEN,
        lead=text("clear.line") if forgotten else None,
    )


def _title(done: int, returned: int, *, gave_back: bool) -> str:
    """What to remember, or thanks; whoever brought something in vain had no card here."""
    if gave_back:
        return "end.title.returned" if returned else "end.title.not_returned"
    return "end.title" if done else "end.title.card"
