"""Returning: no card, no questions. Each item is armed, read back, checked in, and told where it belongs.

What the library system refuses and still counts as lent is made silent again, so that nobody who walks out
with her own book sets off the gate.
"""

from dataclasses import replace

from drivers.errors import Code
from drivers.ports import Outcome, Returned, Uid
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.service.cases import CaseKind
from drivers.service.view import Cue
from drivers.tags import Item
from kiosk.lending import capable, padless, unread
from kiosk.lending import pad as pads
from kiosk.lending.acts import (
    AskStatus,
    AskTitle,
    EndVisit,
    GiveBack,
    GoOn,
    OpenCase,
    PrintSlip,
    SetSecurity,
)
from kiosk.lending.backs import UNSETTLED, Back, BackEvent, BackState, can, moved
from kiosk.lending.lents import LentState
from kiosk.lending.places import place_of, place_offline
from kiosk.lending.rows import Part, RowState
from kiosk.lending.state import Farewell, Over, Phase, ReceiptChoice, ReceiptState, Visit
from kiosk.lending.turn import Turn

LOOK_S = 2.0
"""How long we look at items that were laid down first, before we ask for a card."""
_ARMED_LATE = frozenset({BackState.ARMING, BackState.ASKING, BackState.UNKNOWN, BackState.RETURNED})
"""A tag that is recognised now is still to be armed: of a set, or of an item that was scanned before."""
_BY_BARCODE = frozenset({BackState.WAIT_TAG, BackState.INCOMPLETE})
"""Waits for its tags, and while there is no pad its barcode will do."""
_WIRE = frozenset({Code.PORT_GONE, Code.PORT_ABSENT, Code.WIRE_SILENT, Code.WIRE_STALLED})


# --- the way in -------------------------------------------------------------------------------------


def begin(turn: Turn) -> None:
    """Somebody pressed Aflevér; one who may not borrow is signed out by it."""
    patron = turn.state.visit.patron
    if patron is not None:
        renewed = sum(lent.state is LentState.RENEWED for lent in turn.state.lents)
        turn.do(
            EndVisit(done=0, refused=0, staff=0, timed_out=False, patron=patron, renewed=renewed)
        )
    turn.begin(Phase.RETURN)
    _take_over(turn)


def look(turn: Turn, item: str) -> None:
    """Items first: the library system says whether the first of them is coming back or going out."""
    turn.begin(Phase.LOOKING)
    turn.do(AskStatus(item), SetTimer("look", LOOK_S))


def looked(turn: Turn, on_loan: bool | None) -> None:
    """It said so, or did not answer in time (which asks for a card)."""
    if turn.state.phase is not Phase.LOOKING:
        return
    turn.do(StopTimer("look"))
    if not on_loan or not capable.offers(turn, "return"):
        turn.set(phase=Phase.CARD)
        service = "return" if on_loan else "borrow"
        if not capable.offers(turn, service):
            turn.visit(notice=f"service.not_now.{service}")
        return
    turn.set(phase=Phase.RETURN)
    _take_over(turn)


def _take_over(turn: Turn) -> None:
    """What lies on the pad comes back."""
    rows = turn.state.rows
    turn.set(rows=tuple(r for r in rows if r.state is RowState.UNREAD))
    for row in rows:
        if row.item:
            back = Back("", row.item, row.owner, row.parts, row.tags, row.unclear, title=row.title)
            _start(turn, _add(turn, back))


# --- the pad ----------------------------------------------------------------------------------------


def recognised(turn: Turn, uid: Uid, item: Item) -> None:
    """A tag of ours."""
    part = Part(uid, item.part if item.parts > 1 else 1)
    back = next(
        (b for b in turn.state.backs if b.item == item.id and b.owner in {"", item.owner}), None
    )
    if back is None:
        parts = max(1, item.parts)
        back = Back("", item.id, item.owner, parts, (part,), title=item.title or "")
        back = replace(back, unclear=back.at_odds(item.part, item.parts))
        _start(turn, _add(turn, back))
        return
    if not back.tags:  # known by its barcode alone: now it is known how many parts it has
        back = replace(back, parts=max(1, item.parts))
    others = tuple(known for known in back.tags if known.uid != uid)
    odd = back.at_odds(item.part, item.parts)
    back = replace(back, tags=(*others, part), unclear=back.unclear or odd)
    _put(turn, back)
    if can(back, BackEvent.PLACED_AGAIN):
        _start(turn, _move(turn, back, BackEvent.PLACED_AGAIN, reason="", place=""))
    elif back.state is BackState.INCOMPLETE:
        _start(turn, back)
    elif back.state in _ARMED_LATE:
        turn.do(SetSecurity(back.id, back.item, uid, turn.security.in_stock))


def scanned(turn: Turn, number: str) -> None:
    """An item by its barcode: for one whose tag cannot be read, or that has none. Its tag stays as it is."""
    known = next((back for back in turn.state.backs if back.item == number), None)
    if known is not None and known.state in _BY_BARCODE and not turn.state.devices.pad:
        _without_tags(turn, known)
    elif known is None:
        if unread.named(turn, number) or not turn.state.devices.pad:
            turn.do(OpenCase(CaseKind.STILL_DISARMED, number))
        _start(turn, _add(turn, Back("", number)))
    elif not known.tags and can(known, BackEvent.PLACED_AGAIN):
        _start(turn, _move(turn, known, BackEvent.PLACED_AGAIN, reason="", place=""))
    else:
        turn.say("again", Cue.ATTENTION)


def _without_tags(turn: Turn, back: Back) -> None:
    """Nothing writes tags now: it is checked in, and staff sees to the alarm unless the pad is back first."""
    turn.do(StopTimer(f"row.{back.id}"), OpenCase(CaseKind.STILL_DISARMED, back.item))
    back = replace(back, tags=(), parts=1, unclear=False)
    if back.state is BackState.INCOMPLETE:
        _put(turn, back)
        _start(turn, back)
    else:
        _arm(turn, _move(turn, back, BackEvent.TAG_BACK))


def placed(turn: Turn, uid: Uid) -> None:
    """A tag came back to the pad."""
    back = turn.state.back_of(uid)
    if back is None:
        return
    back = _with_part(back, uid, here=True, tries=0)
    _put(turn, back)
    turn.do(StopTimer("empty"))
    if back.state is BackState.WAIT_TAG and all(p.here for p in back.tags if not p.verified):
        _arm(turn, _move(turn, back, BackEvent.TAG_BACK))
    elif back.state is BackState.INCOMPLETE:
        _start(turn, back)
    elif can(back, BackEvent.PLACED_AGAIN):
        _start(turn, _move(turn, back, BackEvent.PLACED_AGAIN, reason="", place=""))


def lifted(turn: Turn, uid: Uid) -> None:
    """A tag went: on its way to its place, or too early."""
    back = turn.state.back_of(uid)
    if back is None:
        return
    back = _with_part(back, uid, here=False)
    _put(turn, back)
    if back.here == 0 and can(back, BackEvent.LIFTED):
        _move(turn, back, BackEvent.LIFTED)


def pad_changed(turn: Turn) -> None:
    """An empty pad after the last return ends the visit by itself, after a while."""
    state = turn.state
    if state.phase is not Phase.RETURN:
        return
    settled = state.backs and not any(b.state in UNSETTLED for b in state.backs)
    if state.pad.empty and settled and not state.emptied:
        turn.set(emptied=True)
        stays(turn)
    elif state.emptied and not (state.pad.empty and settled):
        turn.set(emptied=False)
        turn.do(StopTimer("empty"))


def stays(turn: Turn) -> None:
    """Somebody stands before the empty pad: their time begins afresh."""
    turn.do(SetTimer("empty", turn.patience(turn.returns.empty_end_s)))


def pad_ready(turn: Turn) -> None:
    """The reader is back: what it could not finish is taken up where the items still lie."""
    for back in turn.state.backs:
        if back.state is BackState.WAIT_TAG and back.tags and all(p.here for p in back.tags):
            _take_up(turn, back)


def try_again(turn: Turn, seen: frozenset[Uid]) -> None:
    """A reader that was mute and answers again: what it could not write still lies there."""
    for back in turn.state.backs:
        left = [part for part in back.tags if not part.verified]
        fresh = all(p.uid in seen and p.tries < turn.rules.write_tries for p in left)
        if back.state is BackState.WAIT_TAG and left and fresh:
            _take_up(turn, back)


def _take_up(turn: Turn, back: Back) -> None:
    turn.do(StopTimer(f"row.{back.id}"))
    _arm(turn, _move(turn, back, BackEvent.TAG_BACK))


# --- arm, then check in -----------------------------------------------------------------------------


def _start(turn: Turn, back: Back) -> None:
    if not back.complete(turn.security.whole_sets):
        fresh = back.state is not BackState.INCOMPLETE
        _put(turn, replace(back, state=BackState.INCOMPLETE))
        if fresh and not back.title:
            turn.do(AskTitle(back.id, back.item))
        return
    if back.state is BackState.INCOMPLETE:
        back = _move(turn, back, BackEvent.GO)
    if not turn.takes_back:
        _move(turn, back, BackEvent.TURNED_AWAY, reason="ils.offline")
        turn.cue(Cue.REFUSED)
        return
    _arm(turn, back)


def title_known(turn: Turn, back_id: str, title: str) -> None:
    """A set that waits for its parts may be called by its name."""
    back = turn.state.back(back_id)
    if back is not None and not back.title:
        _put(turn, replace(back, title=title))


def _arm(turn: Turn, back: Back) -> None:
    if not back.tags:
        _tell(turn, back)
    for part in back.tags:
        if not part.verified:
            turn.do(SetSecurity(back.id, back.item, part.uid, turn.security.in_stock))


def _tell(turn: Turn, back: Back) -> None:
    """All its tags are armed: tell the library system."""
    _move(turn, back, BackEvent.VERIFIED)
    turn.do(GiveBack(back.id, back.item, turn.now.wall))


def tag_written(turn: Turn, back_id: str, uid: Uid, afi: int) -> None:
    """A part reads back right."""
    back = turn.state.back(back_id)
    if back is None or back.state not in {BackState.ARMING, BackState.SILENCING}:
        return
    if afi != _wanted(turn, back):
        return
    back = _with_part(back, uid, verified=True)
    _put(turn, back)
    if not back.all_verified:
        return
    if back.state is BackState.SILENCING:
        _move(turn, back, BackEvent.VERIFIED)
        _settled(turn)
    else:
        _tell(turn, back)


def tag_not_written(turn: Turn, back_id: str, uid: Uid, afi: int, code: Code) -> None:
    """A part is not known to be right: try again while it lies there, else ask for it."""
    back = turn.state.back(back_id)
    if back is None or back.state not in {BackState.ARMING, BackState.SILENCING}:
        return
    if afi != _wanted(turn, back):
        return
    tries = next((part.tries for part in back.tags if part.uid == uid), 0) + 1
    lost = code in {Code.TAG_LOST, Code.TAG_NONE}
    if not lost and code not in _WIRE and tries < turn.rules.write_tries:
        _put(turn, _with_part(back, uid, tries=tries))
        turn.do(SetSecurity(back.id, back.item, uid, afi))
        return
    back = _with_part(back, uid, tries=tries)
    if lost:
        turn.set(pad=pads.lifted(turn.state.pad, uid))
        back = _with_part(back, uid, here=False)
    back = _move(turn, back, BackEvent.TAG_LOST)
    turn.show()
    turn.cue(Cue.ATTENTION)
    if back.state is BackState.STAFF:
        turn.do(OpenCase(CaseKind.STILL_ARMED, back.item))
        _settled(turn)
    else:
        turn.do(SetTimer(f"row.{back.id}", padless.wait_s(turn)))


def gave_back(turn: Turn, back_id: str, answer: Returned) -> None:
    """The library system's answer to a check-in, or what settling found."""
    back = turn.state.back(back_id)
    if back is None or back.state not in {BackState.ASKING, BackState.UNKNOWN}:
        return
    turn.do(StopTimer(f"row.{back.id}"))
    back = replace(back, title=answer.title or back.title, reason=answer.reason, later=answer.later)
    if answer.done:
        place = (
            place_offline(turn.returns, turn.offline)
            if answer.later
            else place_of(answer, turn.returns)
        )
        back = replace(back, place=place.id, held=answer.held, elsewhere=bool(answer.destination))
        _move(turn, back, BackEvent.TAKEN)
        turn.show()
        turn.cue(Cue.HOLD if back.held else Cue.ATTENTION if place.kind == "staff" else Cue.ITEM_OK)
    elif answer.outcome is Outcome.UNKNOWN and back.state is BackState.ASKING:
        _move(turn, back, BackEvent.NO_ANSWER)
        turn.do(SetTimer(f"row.{back.id}", turn.rules.wait_tag_s))
        if turn.state.devices.away:
            turn.do(GoOn(back.id))
        return
    else:
        back = _move(turn, back, BackEvent.REFUSED)
        turn.do(AskStatus(back.item, back.id), SetTimer(f"row.{back.id}", turn.rules.wait_tag_s))
        return
    _settled(turn)


def registered(turn: Turn, item: str) -> None:
    """A return that was only written down stands in the books now. It stays where it was put."""
    for back in turn.state.backs:
        if back.item == item and back.later:
            _put(turn, replace(back, later=False))
            if not back.title:
                turn.do(AskTitle(back.id, item))


def went_away(turn: Turn) -> None:
    """The library system is away: what it has not answered need not be waited for."""
    for back in turn.state.backs:
        if back.state is BackState.UNKNOWN:
            turn.do(GoOn(back.id))


def status_known(turn: Turn, back_id: str, on_loan: bool | None, *, ours: bool) -> None:
    """A refused item: silent again if it is still on loan or not ours, else it stays armed; staff's, if nobody can say."""
    back = turn.state.back(back_id)
    if back is None or back.state is not BackState.CHECKING:
        return
    turn.do(StopTimer(f"row.{back.id}"))
    turn.cue(Cue.REFUSED)
    if on_loan is None:
        _move(turn, back, BackEvent.TIMED_OUT)
        turn.do(OpenCase(CaseKind.RETURN_UNKNOWN, back.item))
        _settled(turn)
        return
    if (on_loan or not ours) and back.tags:
        tags = tuple(replace(part, verified=False, tries=0) for part in back.tags)
        back = _move(turn, back, BackEvent.STILL_LENT, tags=tags)
        for part in back.tags:
            turn.do(SetSecurity(back.id, back.item, part.uid, turn.security.on_loan))
        return
    _move(turn, back, BackEvent.NOT_LENT)
    _settled(turn)


def timed_out(turn: Turn, back_id: str) -> None:
    """Nothing came in time: the matter goes to staff."""
    back = turn.state.back(back_id)
    if back is None or not can(back, BackEvent.TIMED_OUT):
        return
    kind = CaseKind.STILL_DISARMED if back.state is BackState.WAIT_TAG else CaseKind.RETURN_UNKNOWN
    _move(turn, back, BackEvent.TIMED_OUT, unsure=back.state is BackState.UNKNOWN)
    turn.do(OpenCase(kind, back.item))
    _settled(turn)


# --- the way out ------------------------------------------------------------------------------------


def finish(turn: Turn, choice: ReceiptChoice | None, *, timed_out: bool = False) -> None:
    """End the visit now, or as soon as the last item is settled."""
    turn.visit(choice=turn.state.visit.choice or choice or ReceiptChoice.NONE)
    if any(back.state in UNSETTLED for back in turn.state.backs):
        return
    _leave(turn, timed_out=timed_out)


def _settled(turn: Turn) -> None:
    if turn.state.phase is not Phase.RETURN:
        return
    if turn.state.visit.choice is not None and not turn.state.returning_unsettled:
        _leave(turn, timed_out=False)
    else:
        pad_changed(turn)


def _leave(turn: Turn, *, timed_out: bool) -> None:
    state = turn.state
    backs = state.backs
    done = sum(back.state is BackState.RETURNED for back in backs)
    receipt = ReceiptState.NONE
    slip = state.slip(turn.now.wall)
    if state.visit.choice is ReceiptChoice.PRINT and slip is not None:
        receipt = ReceiptState.PRINTING
        turn.do(PrintSlip(slip, state.address))
    turn.do(
        *(
            OpenCase(CaseKind.SET_INCOMPLETE, b.item)
            for b in backs
            if b.state is BackState.INCOMPLETE or not b.all_seen(turn.security.whole_sets)
        ),
        *(
            OpenCase(CaseKind.STILL_DISARMED, b.item)
            for b in backs
            if b.state is BackState.RETURNED and not b.tags
        ),
    )
    turn.do(
        EndVisit(done=0, refused=0, staff=0, timed_out=timed_out, patron=None, returned=done),
        StopTimer("empty"),
        *(StopTimer(f"row.{back.id}") for back in backs),
    )
    if not backs:
        turn.start_afresh(state.pad.uids)
        if not timed_out:
            turn.reads_as(state)
        return
    turn.set(
        visit=Visit(),
        backs=(),
        rows=(),
        unread=(),
        named=(),
        emptied=False,
        over=Over.NOTHING,
    )
    turn.set(
        phase=Phase.END,
        farewell=Farewell(
            0,
            None,
            receipt,
            state.pad.uids,
            returned=done,
            staff=sum(back.state is BackState.STAFF for back in backs),
            later=any(back.later for back in backs),
        ),
    )
    turn.cue(Cue.DONE)
    if receipt is not ReceiptState.PRINTING:
        turn.do(SetTimer("end", turn.patience(turn.rules.end_s)))


# --- small parts ------------------------------------------------------------------------------------


def _wanted(turn: Turn, back: Back) -> int:
    silent = back.state is BackState.SILENCING
    return turn.security.on_loan if silent else turn.security.in_stock


def _add(turn: Turn, back: Back) -> Back:
    turn.show()
    back = replace(back, id=f"b{turn.state.next_row}")
    turn.set(backs=(*turn.state.backs, back), next_row=turn.state.next_row + 1)
    return back


def _put(turn: Turn, back: Back) -> None:
    backs = tuple(back if old.id == back.id else old for old in turn.state.backs)
    turn.set(backs=tuple(b for b in backs if b.state is not BackState.GONE))


def _move(turn: Turn, back: Back, event: BackEvent, **changes: object) -> Back:
    after = moved(replace(back, **changes), event)  # type: ignore[arg-type]
    _put(turn, after)
    return after


def _with_part(back: Back, uid: Uid, **changes: bool | int) -> Back:
    tags = tuple(
        replace(part, **changes) if part.uid == uid else part  # type: ignore[arg-type]
        for part in back.tags
    )
    return replace(back, tags=tags)
