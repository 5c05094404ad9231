"""From what a visit came to, to its receipt: which items stand on it, and what became of each."""

from collections.abc import Iterable, Iterator, Mapping

from config.station import Place, Station
from drivers.ports import HoldState
from drivers.service.receipt import Kind, LineState, Receipt, ReceiptLine, Section
from kiosk.lending.backs import Back, BackState
from kiosk.lending.helds import Held, HeldState, is_here
from kiosk.lending.lents import Lent, LentState
from kiosk.lending.rows import BORROWED, Reservation, Row, RowState, Thing
from kiosk.lending.slips import Slip


def receipt_of(slip: Slip, config: Station) -> Receipt:
    """The receipt of one visit at this station, in the visit's language and the station's local time."""
    return Receipt(
        config.station.place,
        config.station.name,
        slip.occurred,
        tuple(s for s in _sections(slip, config) if s.lines or s.kind is Kind.FEES),
        language=slip.language,
        account_link=config.lending.account_url,
        large=slip.large,
        paid=_kroner(slip.paid) if slip.paid else "",
        paid_later=bool(slip.untold),
        copy=slip.copy,
    )


def _sections(slip: Slip, config: Station) -> Iterator[Section]:
    """What was done first, then what was looked at; money last."""
    if slip.backs:
        places = {place.id: place for place in config.returns.places}
        yield _section(Kind.RETURN, (_back_line(back, places, config) for back in slip.backs))
    placed = [row for row in slip.rows if row.reservation is Reservation.PLACED]
    rows = [row for row in slip.rows if row not in placed]
    if rows:
        yield _section(Kind.LOAN, (_row_line(row, config) for row in rows))
    asked = [lent for lent in slip.lents if lent.asked]
    seen = [lent for lent in slip.lents if not lent.asked]
    if asked:
        yield _section(Kind.RENEW, map(_lent_line, asked))
    if seen:
        yield _section(Kind.LOANS, map(_lent_line, seen))
    if placed:
        yield _section(Kind.PLACED, (ReceiptLine(row.title or row.item) for row in placed))
    gone = [held for held in slip.helds if held.state is HeldState.CANCELLED]
    held = [held for held in slip.helds if held.state is not HeldState.CANCELLED]
    if gone:
        yield _section(Kind.CANCELLED, (ReceiptLine(one.hold.title) for one in gone))
    if held:
        yield _section(Kind.HOLDS, (_held_line(one, config) for one in held))
    if slip.owed or slip.paid:
        fees = (ReceiptLine(fee.title, amount=_kroner(fee.amount)) for fee in slip.fees)
        yield _section(Kind.FEES, fees, _kroner(slip.owed) if slip.owed else "")


def _section(kind: Kind, lines: Iterable[ReceiptLine | None], total: str = "") -> Section:
    return Section(kind, tuple(line for line in lines if line is not None), total)


def _held_line(held: Held, config: Station) -> ReceiptLine | None:
    """A hold that stands: where it is fetched and until when, once it is ready."""
    hold = held.hold
    if hold.state is HoldState.EXPIRED:
        return None
    if hold.state is HoldState.WAITING:
        return ReceiptLine(hold.title, stands="hold.waiting")
    if not is_here(hold, config.branch_names):
        return ReceiptLine(hold.title, due=hold.until, branch=hold.branch)
    return ReceiptLine(hold.title, stands="hold.ready", due=hold.until, place=hold.shelf)


def _kroner(hundredths: int) -> str:
    return f"{hundredths // 100},{hundredths % 100:02} kr."


def _parts(thing: Thing, config: Station) -> int:
    """So many of its parts were here: what the receipt of a set proves."""
    if not thing.tags:
        return 1
    if thing.unclear or not config.security.whole_sets:
        return max(1, thing.parts)
    return len({part.number for part in thing.tags})


def _row_line(row: Row, config: Station) -> ReceiptLine | None:
    """What the receipt says of a row; None for one that came to nothing."""
    title = row.title or row.item
    if row.hers:
        return None
    if row.state is RowState.UNREAD:
        return ReceiptLine("", LineState.REFUSED, reason="tag.unread")
    if row.state is RowState.FEE:
        return ReceiptLine(title, LineState.REFUSED, reason="lend.fee")
    if row.unsure:
        return ReceiptLine(title, LineState.UNSETTLED, reason="lend.unsure")
    if row.state in BORROWED or row.state is RowState.STAFF:
        state = LineState.LATER if row.later else LineState.DONE
        return ReceiptLine(title, state, due=row.due, parts=_parts(row, config))
    if row.state is RowState.INCOMPLETE:
        return ReceiptLine(title, LineState.REFUSED, reason="set.incomplete")
    if row.state is RowState.REFUSED:
        return ReceiptLine(title, LineState.REFUSED, reason=row.reason)
    return None


def _back_line(back: Back, places: Mapping[str, Place], config: Station) -> ReceiptLine | None:
    """What the receipt says of a returned item; None for one that came to nothing."""
    title = back.title or back.item
    parts = _parts(back, config)
    if back.state is BackState.RETURNED:
        state = LineState.LATER if back.later else LineState.DONE
        place = places[back.place]
        name = place.id if place.kind == "box" else place.name
        return ReceiptLine(title, state, place=name, place_kind=place.kind, parts=parts)
    if back.state is BackState.INCOMPLETE:
        return ReceiptLine(title, LineState.REFUSED, reason="set.incomplete")
    if back.unsure:
        return ReceiptLine(title, LineState.UNSETTLED, reason="return.unsure")
    if back.state in {BackState.REFUSED, BackState.STAFF}:
        return ReceiptLine(title, LineState.REFUSED, reason=back.reason)
    return None


def _lent_line(lent: Lent) -> ReceiptLine:
    """What the receipt says of a loan of the account: its date, or why it has no new one."""
    if lent.state is LentState.RENEWED or not lent.asked:
        return ReceiptLine(lent.title, due=lent.due)
    if lent.state is LentState.LENT:
        return ReceiptLine(lent.title, LineState.REFUSED, reason="renew.lost")
    if lent.state is not LentState.REFUSED:
        return ReceiptLine(lent.title, LineState.UNSETTLED, reason="renew.unsure")
    return ReceiptLine(lent.title, LineState.REFUSED, reason=lent.reason, day=lent.opens)
