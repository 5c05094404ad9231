"""From what a visit came to, to its receipt: which items stand on it, and what became of each."""

from collections.abc import Mapping

from config.station import Station
from drivers.ports import HoldState
from drivers.service.receipt import Kind, LineState, Receipt, ReceiptLine, receipt
from kiosk.lending.backs import Back, BackState
from kiosk.lending.helds import Held, HeldState
from kiosk.lending.lents import Lent, LentState
from kiosk.lending.rows import BORROWED, Row, RowState
from kiosk.lending.slips import Slip


def receipt_of(slip: Slip, config: Station) -> Receipt:
    """The receipt of one visit at this station, in the visit's language and the station's local time."""
    kind, lines = _lines(slip, config)
    return receipt(
        kind,
        config.station.place,
        config.station.name,
        slip.occurred,
        tuple(line for line in lines if line is not None),
        language=slip.language,
        account_link=config.lending.account_url,
        large=slip.large,
        total=_kroner(slip.owed) if slip.owed else "",
        paid=_kroner(slip.paid) if slip.paid else "",
        paid_later=bool(slip.untold),
        copy=slip.copy,
    )


def _lines(slip: Slip, config: Station) -> tuple[Kind, tuple[ReceiptLine | None, ...]]:
    if slip.backs:
        boxes = {p.id: p.id if p.kind == "box" else p.name for p in config.returns.places}
        return Kind.RETURN, tuple(_back_line(back, boxes) for back in slip.backs)
    if slip.helds:
        return Kind.HOLDS, tuple(map(_held_line, slip.helds))
    if not slip.rows and (slip.owed or slip.paid):
        return Kind.FEES, tuple(ReceiptLine(f.title, amount=_kroner(f.amount)) for f in slip.fees)
    if slip.lents:
        return Kind.RENEW, tuple(map(_lent_line, slip.lents))
    return Kind.LOAN, tuple(map(_row_line, slip.rows))


def _held_line(held: Held) -> ReceiptLine | None:
    """A hold that stands: where it is fetched and until when, once it is ready."""
    hold = held.hold
    if held.state is HeldState.CANCELLED or hold.state is HoldState.EXPIRED:
        return None
    if hold.state is HoldState.WAITING:
        return ReceiptLine(hold.title)
    return ReceiptLine(hold.title, due=hold.until, place=hold.shelf)


def _kroner(hundredths: int) -> str:
    return f"{hundredths // 100},{hundredths % 100:02} kr."


def _row_line(row: Row) -> ReceiptLine | None:
    """What the receipt says of a row; None for one that came to nothing."""
    title = row.title or row.item
    if row.hers:
        return None
    if row.state in BORROWED or (row.state is RowState.STAFF and row.due is not None):
        state = LineState.LATER if row.later else LineState.DONE
        parts = max(1, row.parts if row.tags else 1)
        return ReceiptLine(title, state, due=row.due, parts=parts)
    if row.state is RowState.INCOMPLETE:
        return ReceiptLine(title, LineState.REFUSED, reason="set.incomplete")
    if row.state in {RowState.REFUSED, RowState.STAFF}:
        return ReceiptLine(title, LineState.REFUSED, reason=row.reason)
    return None


def _back_line(back: Back, boxes: Mapping[str, str]) -> ReceiptLine | None:
    """What the receipt says of a returned item; None for one that came to nothing."""
    title = back.title or back.item
    parts = max(1, back.parts if back.tags else 1)
    if back.state is BackState.RETURNED:
        state = LineState.LATER if back.later else LineState.DONE
        return ReceiptLine(title, state, place=boxes[back.place], parts=parts)
    if back.state is BackState.INCOMPLETE:
        return ReceiptLine(title, LineState.REFUSED, reason="set.incomplete")
    if back.state in {BackState.REFUSED, BackState.STAFF}:
        return ReceiptLine(title, LineState.REFUSED, reason=back.reason)
    return None


def _lent_line(lent: Lent) -> ReceiptLine:
    """What the receipt says of a loan on the list: its date, or why it has no new one."""
    if lent.state in {LentState.REFUSED, LentState.STAFF}:
        return ReceiptLine(lent.title, LineState.REFUSED, reason=lent.reason)
    return ReceiptLine(lent.title, due=lent.due)
