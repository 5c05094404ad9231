"""The rows of lists: one item of a visit, a return or an account, as a person reads it. Pure."""

from dataclasses import dataclass, replace

from config.station import Station
from config.texts import Money, Text, text, verbatim
from drivers.service.view import Action, Badge, Mark, Row, Segment, Weight
from kiosk.lending import reserving
from kiosk.lending import rows as lending_rows
from kiosk.lending.backs import Back, BackState
from kiosk.lending.lents import Lent, LentState
from kiosk.lending.rows import BORROWED, Reservation, RowState
from kiosk.lending.slips import Slip

RECEIPT = "C"
"""The letter on the machine where paper comes out."""
MOST_NUMBERS = 6
"""So many missing parts are named by their numbers, and the others counted."""


SHOWN_DIGITS = 4
"""By so many digits a borrower knows which of her items is meant."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the view must know of the catalogue: which keys there are, which languages are whole."""

    keys: frozenset[str]
    languages: tuple[str, ...]

    def reason(self, reason: str) -> str:
        """The key of the words for a refusal; a reason that has none is told as an unnamed one."""
        key = f"reason.{reason}"
        return key if key in self.keys else "reason.other"

    def advice(self, reason: str) -> Text | None:
        """What to do about a refusal, where there is something to say."""
        key = f"{self.reason(reason)}.advice"
        return text(key) if key in self.keys else None


def segment_of(row: lending_rows.Row) -> Segment:
    """Its part of the progress bar."""
    match row.state:
        case RowState.DONE:
            return Segment("done")
        case RowState.REFUSED | RowState.STAFF:
            return Segment("refused")
        case RowState.SEEN | RowState.INCOMPLETE | RowState.FEE:
            return Segment("waiting")
        case _:
            return Segment("running")


def _title(row: lending_rows.Row) -> Text:
    """Its title; a number is nobody's name for a book, so until the title is known it is an item."""
    if row.later and not row.title:
        return text("row.later.title", number=_number(row.item, read=bool(row.tags)))
    return verbatim(row.title) if row.title else text("row.unread.title")


def _number(item: str, *, read: bool) -> str:
    """An item's number as it is shown: whole where a tag tells it; one that was only scanned may yet be a card's."""
    return item if read else f"…{item[-SHOWN_DIGITS:]}"


def _due(row: lending_rows.Row) -> Text | None:
    """Until when; what was only written down has a date for now."""
    if row.due is None:
        return None
    return text("row.later.due" if row.later else "row.due", due=row.due)


_RUNNING = {
    RowState.ASKING: "row.asking",
    RowState.TAG_WRITE: "row.writing",
    RowState.UNDO_ARM: "row.undoing",
    RowState.UNDO_ASK: "row.undoing",
    RowState.UNDO_UNKNOWN: "row.unknown",
}


_TOLD = BORROWED | {RowState.STAFF}


def lent_in_short(row: lending_rows.Row) -> Row:
    """What was lent and until when, and nothing to press."""
    mark, words = (Mark.STAFF, text("row.staff")) if row.unsure else _lent_as(row)
    return Row(row.id, mark, _title(row), words, detail=_due(row))


def _lent_as(row: lending_rows.Row) -> tuple[Mark, Text]:
    return (Mark.LATER, text("row.later")) if row.later else (Mark.DONE, text("row.done"))


def slip_rows(slip: Slip, station: Station, words: Words) -> tuple[Row, ...]:
    """What a receipt would have said, on the screen instead: nothing to press."""
    return (
        *(lent_in_short(row) for row in slip.rows if row.state in _TOLD and not row.hers),
        *(lent_row(lent, words, changeable=False) for lent in slip.lents),
        *(
            back_row(back, station, words, changeable=False)
            for back in slip.backs
            if back.state is BackState.RETURNED or back.unsure
        ),
    )


def item_row(
    row: lending_rows.Row,
    station: Station,
    words: Words,
    *,
    changeable: bool,
    pad: bool = True,
    scanner: bool = True,
    reserves: bool = False,
) -> Row:
    """An item that is being borrowed. It offers nothing unless `changeable`, and nothing that a dead `pad` or `scanner` cannot do.

    One that may not be lent now can be reserved instead while the library system `reserves`.
    """
    title = _title(row)
    shown = Row(row.id, Mark.SEEN, title, text("row.seen"))
    if row.parts > 1 and row.tags:
        shown = replace(shown, part=text("row.parts", n=row.here, m=row.parts))
    match row.state:
        case RowState.UNREAD:
            return replace(
                shown,
                mark=Mark.PUT_BACK,
                state=text("row.unread"),
                advice=text(_unread_advice(pad=pad, scanner=scanner)),
                band="warning",
            )
        case RowState.SEEN:
            return shown
        case RowState.INCOMPLETE:
            shown = _incomplete(shown, row, pad=pad, scanner=scanner)
            return replace(shown, actions=(_skip(row), _ask_staff(row)) if changeable else ())
        case RowState.FEE:
            return _costs(row, shown, changeable=changeable)
        case RowState.UNKNOWN:
            return replace(
                shown,
                mark=Mark.RUNNING,
                state=text("row.unknown"),
                detail=text("row.unknown.detail"),
            )
        case RowState.WAIT_TAG if not pad:
            armed, there = text("row.no_pad"), text("row.no_pad.detail")
            return replace(shown, mark=Mark.PUT_BACK, state=armed, detail=there)
        case RowState.WAIT_TAG if not row.all_seen(station.security.whole_sets):
            return _incomplete(shown, row, pad=pad, scanner=scanner)
        case RowState.WAIT_TAG:
            return replace(shown, mark=Mark.PUT_BACK, state=text("row.put_back"), detail=None)
        case RowState.UNDO_PLACE:
            keep = Action(f"skip.{row.id}", text("action.back"), Weight.QUIET)
            return replace(
                shown,
                mark=Mark.PUT_BACK,
                state=text("row.undo_place" if pad else "row.undo_no_pad"),
                detail=None if pad else text("row.no_pad.detail"),
                actions=(keep,) if changeable and not row.armed_again else (),
            )
        case RowState.DONE:
            undoable = changeable and (pad or not row.tags)
            return _done(row, shown, station, changeable=undoable)
        case RowState.REFUSED:
            return _refused(row, shown, station, words, reserves=changeable and reserves)
        case RowState.SKIPPED:
            return replace(shown, mark=Mark.UNDONE, state=text("row.skipped"), part=None)
        case RowState.UNDONE:
            advice = _undone_advice(row, station)
            return replace(shown, mark=Mark.UNDONE, state=text("row.undone"), advice=advice)
        case RowState.STAFF:
            return replace(
                shown, mark=Mark.STAFF, state=text("row.staff"), detail=text("row.staff.gate")
            )
        case _:
            return replace(
                shown, mark=Mark.RUNNING, state=text(_RUNNING.get(row.state, "row.asking"))
            )


def _undone_advice(row: lending_rows.Row, station: Station) -> Text:
    """Where it goes. What was only written down may have been on loan to her before: nobody could be asked."""
    if not row.later:
        return text("row.undone.advice")
    return text("row.undone.later" if station.offline.take_back else "shelf.staff")


def _unread_advice(*, pad: bool, scanner: bool) -> str:
    if scanner:
        return "row.unread.advice" if pad else "row.unread.no_pad"
    return "row.unread.no_scanner" if pad else "row.unread.no_reader"


def _incomplete(shown: Row, thing: lending_rows.Thing, *, pad: bool, scanner: bool) -> Row:
    """Which parts are missing, the first of many by their numbers. Nothing more can be laid down without a pad."""
    here, parts, missing = thing.here, thing.parts, thing.missing
    detail = text("row.incomplete.detail", n=here, m=parts)
    if missing and here:
        more = len(missing) - MOST_NUMBERS
        named = ", ".join(map(str, missing[:MOST_NUMBERS]))
        detail = text("row.incomplete.missing", n=here, m=parts, parts=named)
        if more > 0:
            detail = text("row.incomplete.missing.more", n=here, m=parts, parts=named, k=more)
    if not pad:
        detail = text("row.incomplete.no_pad" if scanner else "row.incomplete.no_reader")
    return replace(
        shown,
        mark=Mark.PART,
        part=None,
        state=text("row.incomplete"),
        detail=detail,
        fraction=(here, parts),
    )


def _ask_staff(row: lending_rows.Row | Back) -> Action:
    spoken = text("action.ask_staff.spoken", title=row.title or row.item)
    return Action(f"call.{row.id}", text("action.ask_staff"), Weight.QUIET, spoken=spoken)


def _costs(row: lending_rows.Row, shown: Row, *, changeable: bool) -> Row:
    sum_ = Money(row.fee or 0)
    agree = Action(
        f"agree.{row.id}",
        text("action.agree"),
        Weight.QUIET,
        spoken=text("action.agree.spoken", title=row.title or row.item, sum=sum_),
    )
    return replace(
        shown,
        mark=Mark.PUT_BACK,
        state=text("row.fee", sum=sum_),
        detail=text("row.fee.detail"),
        actions=(agree, _skip(row)) if changeable else (),
    )


def _skip(row: lending_rows.Row) -> Action:
    spoken = text("action.skip.spoken", title=row.title or row.item)
    return Action(f"skip.{row.id}", text("action.skip"), Weight.QUIET, spoken=spoken)


def _done(row: lending_rows.Row, shown: Row, station: Station, *, changeable: bool) -> Row:
    undo = Action(
        f"undo.{row.id}",
        text("action.undo"),
        Weight.QUIET,
        spoken=text("action.undo.spoken", title=row.title or row.item),
    )
    if row.hers:
        alarm = text("row.hers.detail" if row.silenced else "row.hers.unasked")
        alarm_known = row.tags or not row.silenced
        return replace(
            shown, mark=Mark.DONE, state=text("row.hers"), detail=alarm if alarm_known else None
        )
    advice = text("row.undo_failed") if row.undo_failed else None
    if row.unclear and station.security.unclear_sets == "accept_with_message":
        advice = advice or text("row.unclear")
    if not row.tags or not row.silenced:
        disarms = station.lending.without_pad == "staff_disarms" or not row.silenced
        what = "staff_disarms" if disarms else "gate_may_sound"
        advice = advice or text(f"barcode.{what}")
    mark, words = _lent_as(row)
    return replace(
        shown,
        mark=mark,
        state=words,
        detail=_due(row),
        advice=advice,
        actions=(undo,) if changeable else (),
    )


def _refused(
    row: lending_rows.Row, shown: Row, station: Station, words: Words, *, reserves: bool
) -> Row:
    advice, icon = words.advice(row.reason), ""
    if row.reason == "item.reserved":
        advice, icon = text(f"shelf.{station.lending.hold_advice}"), "shelves"
    reserve = Action(
        f"reserve.{row.id}",
        text("action.reserve"),
        Weight.QUIET,
        spoken=text("action.reserve.spoken", title=row.title),
    )
    after = row.reservation
    return replace(
        shown,
        mark=Mark.REFUSED if after is not Reservation.ASKING else Mark.RUNNING,
        state=text("row.refused" if after is Reservation.NONE else f"reserve.{after.value}"),
        detail=text(words.reason(row.reason)),
        advice=advice,
        advice_icon=icon,
        band="error",
        part=None,
        actions=(reserve,) if reserves and row.title and reserving.possible(row) else (),
    )


def back_row(
    back: Back,
    station: Station,
    words: Words,
    *,
    changeable: bool,
    pad: bool = True,
    scanner: bool = True,
) -> Row:
    """An item that comes back, and where it belongs. It offers nothing unless `changeable`; nor what a dead `pad` or `scanner` cannot do."""
    title = verbatim(back.title) if back.title else text("row.unread.title")
    if back.later and not back.title:
        title = text("row.later.title", number=_number(back.item, read=bool(back.tags)))
    shown = Row(back.id, Mark.RUNNING, title, text("return.arming"))
    if back.parts > 1 and back.tags:
        shown = replace(shown, part=text("row.parts", n=back.here, m=back.parts))
    match back.state:
        case BackState.INCOMPLETE:
            advice = text("return.incomplete") if pad else None
            shown = replace(_incomplete(shown, back, pad=pad, scanner=scanner), advice=advice)
            return replace(shown, actions=(_ask_staff(back),) if changeable else ())
        case BackState.ASKING:
            return replace(shown, state=text("return.asking"))
        case BackState.UNKNOWN | BackState.CHECKING | BackState.SILENCING:
            return replace(shown, state=text("return.unknown"), detail=text("row.unknown.detail"))
        case BackState.WAIT_TAG if not pad:
            barcode = text("return.no_pad.detail" if scanner else "shelf.staff")
            waits = text("return.no_pad")
            return replace(shown, mark=Mark.PUT_BACK, state=waits, detail=barcode)
        case BackState.WAIT_TAG:
            return replace(shown, mark=Mark.PUT_BACK, state=text("row.put_back"))
        case BackState.RETURNED if not back.all_seen(station.security.whole_sets) and pad:
            shown = _incomplete(shown, back, pad=pad, scanner=scanner)
            return replace(shown, advice=text("return.incomplete"))
        case BackState.RETURNED:
            return _back_done(back, shown, station, pad=pad)
        case BackState.REFUSED:
            return replace(
                shown,
                mark=Mark.REFUSED,
                state=text("return.refused"),
                detail=text(words.reason(back.reason)),
                advice=words.advice(back.reason) or text("shelf.staff"),
                band="error",
            )
        case BackState.STAFF:
            return replace(shown, mark=Mark.STAFF, state=text("row.staff"))
        case _:
            return shown


def _back_done(back: Back, shown: Row, station: Station, *, pad: bool) -> Row:
    place = next(p for p in station.returns.places if p.id == back.place)
    number = place.id if place.kind == "box" else ""
    badge = Badge(place.kind, number, text(f"return.badge.{place.kind}"))
    shown = replace(shown, mark=Mark.DONE, state=text("return.done"), badge=badge)
    if back.later:
        return replace(shown, mark=Mark.LATER, state=text("return.later"))
    advice = {
        "shelf": text("return.held.advice"),
        "box": text("return.held.box", number=number),
        "staff": text("shelf.staff"),
    }[place.kind]
    if back.held:
        reserved = text("reason.item.reserved")
        if back.slip:
            advice = text("return.held.slip", letter=RECEIPT, put=advice)
        return replace(shown, mark=Mark.HOLD, detail=reserved, advice=advice, band="warning")
    if place.kind == "staff":
        return replace(
            shown, mark=Mark.STAFF, detail=text("return.staff"), advice=advice, band="warning"
        )
    if not back.tags and pad:
        return replace(shown, mark=Mark.PUT_BACK, advice=text("return.lay_down"))
    return replace(shown, detail=text("return.elsewhere")) if back.elsewhere else shown


def lent_row(lent: Lent, words: Words, *, changeable: bool) -> Row:
    """A loan of the account. It offers nothing unless `changeable`."""
    renew = Action(
        f"renew.{lent.id}",
        text("action.renew"),
        Weight.QUIET,
        spoken=text("action.renew.spoken", title=lent.title),
    )
    due = text("row.due", due=lent.due) if lent.due is not None else None
    title = verbatim(lent.title) if lent.title else text("row.unread.title")
    shown = Row(lent.id, Mark.NONE, title, text("row.done"), detail=due)
    match lent.state:
        case LentState.LENT:
            shown = replace(shown, actions=(renew,) if changeable else ())
            if lent.reason:
                lost = text(words.reason(lent.reason))
                not_renewed = text("loans.refused")
                return replace(shown, mark=Mark.REFUSED, state=not_renewed, detail=lost, advice=due)
            if lent.overdue:
                return replace(shown, mark=Mark.LATER, state=text("loans.overdue"), band="warning")
            return shown
        case LentState.ASKING:
            return replace(shown, mark=Mark.RUNNING, state=text("loans.asking"), detail=None)
        case LentState.UNKNOWN:
            return replace(shown, mark=Mark.RUNNING, state=text("loans.unsure"), detail=None)
        case LentState.RENEWED:
            return replace(shown, mark=Mark.DONE, state=text("loans.done"))
        case LentState.REFUSED:
            why = text(words.reason(lent.reason))
            if lent.opens is not None:
                why = text("reason.renew.too_early.from", day=lent.opens)
            return replace(
                shown, mark=Mark.REFUSED, state=text("loans.refused"), detail=why, advice=due
            )
        case LentState.STAFF:
            return replace(
                shown,
                mark=Mark.STAFF,
                state=text("row.unanswered"),
                detail=text("row.unanswered.detail"),
            )
