"""Items on the pad: read, asked for, disarmed, undone. Each row goes its own way and never holds another.

Order of a loan: the library system says yes, then the security byte is written and read back. Order of an
undo: the tag is armed and read back, then the library system is asked to cancel; so a tag is never silent
for an item that is not on loan.
"""

from dataclasses import replace
from typing import Any

from drivers.ports import Outcome, Patron, Uid
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.service.cases import CaseKind
from drivers.service.view import Cue
from drivers.store.kinds import Field
from drivers.tags import Item, accept
from kiosk.lending import capable, end, returning, unread
from kiosk.lending import pad as pads
from kiosk.lending.acts import (
    AskStatus,
    AskTitle,
    Borrow,
    GoOn,
    Loaned,
    OpenCase,
    PayDebt,
    ReadTag,
    StatusKnown,
    TagRead,
)
from kiosk.lending.rows import REASON_TOO_MANY, Happening, Part, Row, RowState, can
from kiosk.lending.securing import take_up, unverified, with_part, write
from kiosk.lending.state import LISTS, SIGNING_IN, Over, Phase
from kiosk.lending.turn import Turn

DEBT_S, DEBT_MOST_S = 10.0, 300.0
"""Until an earlier debt is tried again: at first, and at most."""
REASON_DUPLICATE = "tag.duplicate"
REASON_UNCLEAR = "set.unclear"

_FRESH: dict[str, Any] = {
    "reason": "",
    "due": None,
    "later": False,
    "undo_failed": False,
    "fee": None,
    "armed_again": False,
    "hers": False,
    "silenced": True,
    "approved": False,
}
"""What an item loses that is laid down once more after its row had ended."""

_UNASKED = frozenset(
    {
        RowState.SEEN,
        RowState.INCOMPLETE,
        RowState.REFUSED,
        RowState.SKIPPED,
        RowState.UNDONE,
    }
)
"""Nothing is under way for the item, and no loan of this visit stands."""

_ODD_TAGS = frozenset({REASON_DUPLICATE, REASON_UNCLEAR})
"""Refused for what its tags say: more of them make it no better, until all have left the pad."""

_TAKES_ITEMS = frozenset({Phase.START, Phase.LOOKING, *SIGNING_IN, Phase.BORROW, Phase.RETURN})


# --- the pad ----------------------------------------------------------------------------------------


def polled(turn: Turn, seen: frozenset[Uid]) -> None:
    """One inventory: what came, what went, and what is still to be read.

    While somebody who has signed in is asked whether they are still there, what is laid down may be the next one's:
    it waits until the question is answered. What lies there when the machine starts is somebody's who was here before.
    """
    if turn.state.inherited is None:
        turn.set(inherited=seen, left_behind=seen)
    state = turn.state
    if state.over is Over.IDLE and state.visit.patron is not None:
        seen &= state.pad.uids
    pad, moved = pads.polled(state.pad, seen, turn.rules.gone_after)
    turn.set(
        pad=pad,
        left_behind=state.left_behind & pad.uids,
        inherited=(state.inherited or frozenset()) & pad.uids,
        owing=state.owing & pad.uids,
    )
    if state.left_behind and not turn.state.left_behind:
        end.nothing_left(turn)
    turn.set(
        unread=tuple(entry for entry in turn.state.unread if entry[0] in pad.uids),
        named=tuple(entry for entry in turn.state.named if entry[0] in pad.uids),
    )
    for uid in moved.removed:
        _lifted(turn, uid)
        returning.lifted(turn, uid)
    if turn.state.phase in LISTS and any(_is_new(turn, uid) for uid in moved.placed):
        bring(turn)
    for uid in moved.placed:
        _placed(turn, uid)
        returning.placed(turn, uid)
    if turn.state.phase in _TAKES_ITEMS:
        _read_the_rest(turn, seen)
    _try_again(turn, seen)
    returning.try_again(turn, seen)
    end.pad_changed(turn)
    returning.pad_changed(turn)


def _is_new(turn: Turn, uid: Uid) -> bool:
    return turn.state.row_of(uid) is None and uid not in turn.state.left_behind


def _try_again(turn: Turn, seen: frozenset[Uid]) -> None:
    """A reader that was mute and answers again: what it could not write still lies there."""
    for row in turn.state.rows:
        left = [part for part in row.tags if not part.verified]
        if left and all(p.uid in seen and p.tries < turn.rules.write_tries for p in left):
            take_up(turn, row)


def _read_the_rest(turn: Turn, seen: frozenset[Uid]) -> None:
    """Ask for the memory of every tag that has no row yet and is not being read. Each poll tries again."""
    state = turn.state
    known = {
        part.uid for row in state.rows if row.state is not RowState.UNREAD for part in row.tags
    } | {part.uid for back in state.backs for part in back.tags}
    left = state.left_behind - (state.inherited or frozenset())
    wanted = seen - known - state.reading - left
    if not wanted:
        return
    since = dict(state.unread)
    fresh = [uid for uid in sorted(wanted, key=lambda uid: uid.value) if uid not in since]
    fresh = [uid for uid in fresh if uid not in state.left_behind]
    if fresh:
        turn.do(SetTimer("unread", unread.AFTER_S))
    turn.set(
        reading=state.reading | wanted,
        unread=(*state.unread, *((uid, turn.now.monotonic) for uid in fresh)),
    )
    turn.do(*(ReadTag(uid) for uid in sorted(wanted, key=lambda uid: uid.value)))


def _placed(turn: Turn, uid: Uid) -> None:
    """A tag came, or came back."""
    row = turn.state.row_of(uid)
    if row is None:
        return
    row = with_part(row, uid, here=True, tries=0)
    turn.put(row)
    if can(row, Happening.PLACED_AGAIN):
        ask_if_complete(turn, turn.move(unverified(row), Happening.PLACED_AGAIN, **_FRESH))
    elif row.state in {RowState.SEEN, RowState.INCOMPLETE}:
        ask_if_complete(turn, row)
    else:
        take_up(turn, row)


def _lifted(turn: Turn, uid: Uid) -> None:
    """A tag went. What that means is the row's business."""
    turn.set(reading=turn.state.reading - {uid})
    row = turn.state.row_of(uid)
    if row is None:
        return
    row = with_part(row, uid, here=False)
    if row.here == 0 and row.state is RowState.REFUSED and row.reason in _ODD_TAGS:
        row = replace(row, tags=(), duplicate=False, unclear=False)
    turn.put(row)
    if row.here == 0 and can(row, Happening.LIFTED):
        turn.move(row, Happening.LIFTED)
    elif row.state is RowState.SEEN and not row.complete(turn.security.whole_sets):
        turn.move(row, Happening.PART_MISSING)


# --- reading ----------------------------------------------------------------------------------------


def tag_read(turn: Turn, event: TagRead) -> None:
    """A tag's memory: an item of ours, or something we cannot read."""
    uid = event.uid
    turn.set(reading=turn.state.reading - {uid})
    if uid not in turn.state.pad.uids:
        return
    if turn.state.phase not in _TAKES_ITEMS:
        return  # the visit ended, or the machine closed, while the tag was being read
    if uid in turn.state.left_behind:
        turn.set(inherited=(turn.state.inherited or frozenset()) - {uid})
        if event.in_debt:
            _pay(turn, uid)
        return
    item = accept(event.decoded, turn.security.accept_unverified, turn.security.item_pattern)
    if item is None or not Field.ITEM.value.fullmatch(item.id):
        return  # nothing that can be written down, so nothing that may be asked for
    turn.set(unread=tuple(entry for entry in turn.state.unread if entry[0] != uid))
    stray = turn.state.row_of(uid)
    if stray is not None and stray.state is RowState.UNREAD:
        turn.move(stray, Happening.LIFTED)
    if event.in_debt:
        _pay(turn, uid)
    _recognised(turn, uid, item)


def _pay(turn: Turn, uid: Uid) -> None:
    """An earlier visit's debt of this tag is looked into."""
    if uid not in turn.state.owing:
        turn.set(owing=turn.state.owing | {uid})
        turn.do(PayDebt(uid))


def _recognised(turn: Turn, uid: Uid, item: Item) -> None:
    if turn.state.phase is Phase.RETURN:
        returning.recognised(turn, uid, item)
        return
    if turn.state.phase is Phase.START:
        returning.look(turn, item.id)
    row = _row_for(turn, item)
    part = Part(uid, item.part if item.parts > 1 else 1)
    if row is None:
        row = Row("", item.id, item.owner, max(1, item.parts), (part,), title=item.title or "")
        row = turn.add(replace(row, unclear=row.at_odds(item.part, item.parts)))
    elif row.state in _UNASKED:
        row = _joined(turn, _as_told(row, item), part)
    else:
        _came_late(turn, _as_told(row, item), part)
        return
    if row.state in {RowState.SEEN, RowState.INCOMPLETE}:
        ask_if_complete(turn, row)


def _as_told(row: Row, item: Item) -> Row:
    """One more tag of it: what is known by its barcode alone learns how many parts it has."""
    if not row.tags:
        row = replace(row, parts=max(1, item.parts))
    return replace(row, unclear=row.unclear or row.at_odds(item.part, item.parts))


def _joined(turn: Turn, row: Row, part: Part) -> Row:
    """A tag of an item that nothing has been asked about yet, or not again."""
    refused = row.state is RowState.REFUSED and row.reason in _ODD_TAGS and bool(row.tags)
    if row.unclear:
        row = replace(row, tags=(*row.tags, part))
    elif any(known.number == part.number and known.here for known in row.tags):
        row = replace(row, tags=(*row.tags, part), duplicate=True)
    else:
        others = tuple(known for known in row.tags if known.number != part.number)
        row = replace(row, tags=(*others, part))
    turn.put(row)
    if can(row, Happening.PLACED_AGAIN) and not refused:
        row = turn.move(unverified(row), Happening.PLACED_AGAIN, **_FRESH)
    return row


def _came_late(turn: Turn, row: Row, part: Part) -> None:
    """A tag of an item that is being lent, or is: one more part is written too, a second number never."""
    if not row.unclear and any(known.number == part.number for known in row.tags):
        turn.put(replace(row, tags=(*row.tags, replace(part, verified=True)), duplicate=True))
        return
    row = replace(row, tags=(*row.tags, part))
    turn.put(row)
    if row.state is RowState.DONE and row.silenced:
        row = turn.move(row, Happening.TAG_BACK)
    if row.state in {RowState.TAG_WRITE, RowState.UNDO_ARM}:
        write(turn, row)


def _row_for(turn: Turn, item: Item) -> Row | None:
    return next(
        (
            row
            for row in turn.state.rows
            if row.item == item.id and (not row.owner or row.owner == item.owner)
        ),
        None,
    )


def tag_unread(turn: Turn, uid: Uid) -> None:
    """Not read this time; the next poll tries again."""
    turn.set(reading=turn.state.reading - {uid})


# --- asking -----------------------------------------------------------------------------------------


def to_the_pad(turn: Turn) -> bool:
    """Somebody who has signed in is to borrow; whether she may."""
    visit, phase = turn.state.visit, turn.state.phase
    if visit.patron is None or visit.choice is not None:
        return False
    if not visit.may_borrow:
        turn.set(phase=Phase.BLOCKED)
        return False
    if phase is not Phase.BORROW:
        if phase in LISTS and not capable.offers(turn, "borrow"):
            return False
        turn.set(phase=Phase.BORROW)
        _signed_in(turn)
    return True


def bring(turn: Turn) -> bool:
    """Something was laid down or scanned to be borrowed; where nothing is lent now, that is said."""
    there = to_the_pad(turn)
    if not there and turn.state.phase in LISTS and turn.state.visit.choice is None:
        turn.say("no_lending", Cue.REFUSED)
    return there


def _signed_in(turn: Turn) -> None:
    """Ask for all that lies on the pad, and tell what cannot be read."""
    for row in turn.state.rows:
        if row.state in {RowState.SEEN, RowState.INCOMPLETE}:
            ask_if_complete(turn, row)
    unread.show(turn)


def scanned(turn: Turn, item: str) -> None:
    """An item by its barcode: for one whose tag cannot be read, or that has none, or while nothing reads tags."""
    if all(row.item != item for row in turn.state.rows):
        unread.named(turn, item)
    known = next((row for row in turn.state.rows if row.item == item), None)
    if known is not None and known.state in _UNASKED and not turn.state.devices.pad:
        known = replace(known, tags=(), parts=1, duplicate=False, unclear=False)
        turn.put(known)
    if known is None:
        ask_if_complete(turn, turn.add(Row("", item)))
    elif not known.tags and known.state in {RowState.SEEN, RowState.INCOMPLETE}:
        ask_if_complete(turn, known)
    elif not known.tags and can(known, Happening.PLACED_AGAIN):
        ask_if_complete(turn, turn.move(known, Happening.PLACED_AGAIN, **_FRESH))
    elif turn.state.phase is Phase.BORROW:
        turn.say("again", Cue.ATTENTION)


def ask_if_complete(turn: Turn, row: Row) -> None:
    """Ask the library system for a whole item once somebody has signed in."""
    state = turn.state
    patron = state.visit.patron
    odd = _odd(turn, row)
    if odd:
        if can(row, Happening.REFUSED):
            turn.move(row, Happening.REFUSED, reason=odd)
            turn.cue(Cue.REFUSED)
            turn.do(OpenCase(CaseKind.TAG_UNREADABLE, row.item))
        return
    if not row.complete(turn.security.whole_sets):
        if can(row, Happening.PART_MISSING):
            row = turn.move(row, Happening.PART_MISSING)
        if row.state is RowState.INCOMPLETE and patron is not None and not row.title:
            turn.do(AskTitle(row.id, row.item))
        return
    if (
        patron is None
        or state.phase is not Phase.BORROW
        or any(p.uid in state.owing for p in row.tags)
    ):
        return
    if len([r for r in state.counted if r.state is not RowState.REFUSED]) > turn.rules.most_items:
        turn.move(row, Happening.REFUSED, reason=REASON_TOO_MANY)
        turn.cue(Cue.REFUSED)
        if not row.title:
            turn.do(AskTitle(row.id, row.item))
        return
    hers = row.item in state.visit.loans
    row = turn.move(row, Happening.GO, hers=hers)
    if hers:
        turn.do(AskStatus(row.item, row.id))
    else:
        _borrow(turn, row, patron)


def _borrow(turn: Turn, row: Row, patron: Patron) -> None:
    uids = tuple(part.uid for part in row.tags)
    turn.do(Borrow(row.id, patron, row.item, uids, turn.now.wall))


def _odd(turn: Turn, row: Row) -> str:
    """Why what the tags say keeps an item from being lent; empty when nothing does."""
    if row.unclear:
        return REASON_UNCLEAR if turn.security.unclear_sets == "reject" else ""
    return REASON_DUPLICATE if row.duplicate else ""


def status_known(turn: Turn, event: StatusKnown) -> None:
    """Her own loan, laid down again: while it stands its alarm is made sure to be off.

    The list of her loans is as old as her visit. One that has ended elsewhere since is borrowed as any other item,
    and where nobody can say its tags stay as they are: none is ever silent for an item that is not on loan.
    """
    row, patron = turn.state.row(event.row), turn.state.visit.patron
    if row is None or patron is None or row.state is not RowState.ASKING or not row.hers:
        return
    row = replace(row, title=row.title or event.title, due=event.due or row.due)
    if event.on_loan is False:
        row = replace(row, hers=False)
        turn.put(row)
        turn.visit(loans=turn.state.visit.loans - {row.item})
        _borrow(turn, row, patron)
        return
    if event.on_loan and row.tags:
        write(turn, turn.move(row, Happening.LOANED))
    else:
        turn.move(row, Happening.LOANED_ARMED, silenced=bool(event.on_loan))
        turn.cue(Cue.ITEM_OK if event.on_loan else Cue.ATTENTION)
    end.settled(turn)


def approved(turn: Turn, row_id: str) -> None:
    """Staff lets a set go with parts missing: it is asked for as it lies here, and no part that lay here is waited for."""
    row = turn.state.row(row_id)
    if row is not None and row.state is RowState.INCOMPLETE:
        row = replace(row, approved=True, tags=tuple(part for part in row.tags if part.here))
        turn.put(row)
        ask_if_complete(turn, row)


def title_known(turn: Turn, row_id: str, title: str) -> None:
    """A row that waits may be called by its name."""
    row = turn.state.row(row_id)
    if row is not None and not row.title:
        turn.put(replace(row, title=title))
    returning.title_known(turn, row_id, title)


def registered(turn: Turn, item: str) -> None:
    """A loan that was only written down stands in the books now; its title can be asked for."""
    for row in turn.state.rows:
        if row.item == item and row.later:
            turn.put(replace(row, later=False))
            if not row.title:
                turn.do(AskTitle(row.id, item))


def loaned(turn: Turn, event: Loaned) -> None:
    """The library system answered, or settling found out."""
    row = turn.state.row(event.row)
    if row is None or row.state not in {RowState.ASKING, RowState.UNKNOWN}:
        return
    answer = event.answer
    row = replace(
        row,
        title=answer.title or row.title,
        due=answer.due,
        reason=answer.reason,
        later=answer.later,
        silenced=answer.desensitize or not answer.later,
    )
    turn.do(StopTimer(f"row.{row.id}"))
    if answer.done and not row.tags and _staff_disarms(turn, row.item):
        turn.do(OpenCase(CaseKind.STILL_ARMED, row.item))
    if answer.done:
        _lent_of_account(turn, row.item)
    if (answer.done and not row.tags) or (answer.done and not answer.desensitize):
        turn.move(row, Happening.LOANED_ARMED)
        turn.cue(Cue.ITEM_OK)
    elif answer.done:
        write(turn, turn.move(row, Happening.LOANED))
    elif answer.outcome is Outcome.REFUSED and answer.reason == "lend.fee" and answer.fee:
        turn.move(row, Happening.COSTS, fee=answer.fee)
        turn.show()
        turn.cue(Cue.ATTENTION)
    elif answer.outcome is Outcome.REFUSED or (
        answer.outcome is Outcome.OFFLINE and row.state is RowState.ASKING
    ):
        turn.move(row, Happening.REFUSED, reason=answer.reason or "ils.offline")
        turn.cue(Cue.REFUSED)
    elif row.state is RowState.ASKING:
        turn.move(row, Happening.NO_ANSWER)
        turn.do(SetTimer(f"row.{row.id}", turn.rules.wait_tag_s))
        if turn.state.devices.away:
            turn.do(GoOn(row.id))
    end.settled(turn)


def _staff_disarms(turn: Turn, item: str) -> bool:
    """Its tag is there and cannot be read; or there is no pad, and the library wants its staff to see to the alarm."""
    lies_there = any(item == named for _, named in turn.state.named)
    return lies_there or (not turn.state.devices.pad and turn.rules.without_pad == "staff_disarms")


def went_away(turn: Turn) -> None:
    """The library system is away: what it has not answered need not be waited for."""
    for row in turn.state.rows:
        if row.state is RowState.UNKNOWN:
            turn.do(GoOn(row.id))


def _lent_of_account(turn: Turn, item: str) -> None:
    """A hold that is lent is one no more, and what was fetched of the account is old."""
    turn.visit(fresh=False)
    turn.set(helds=tuple(held for held in turn.state.helds if held.hold.item != item))


def agree(turn: Turn, row_id: str) -> None:
    """The person agrees to what an item costs: it is asked for again, and the agreement is said."""
    row, patron = turn.state.row(row_id), turn.state.visit.patron
    if row is None or patron is None or row.state is not RowState.FEE:
        return
    row = turn.move(row, Happening.AGREED)
    uids = tuple(part.uid for part in row.tags)
    turn.do(Borrow(row.id, patron, row.item, uids, turn.now.wall, fee_ok=True))


def debt_waits(turn: Turn, uid: Uid, tries: int) -> None:
    """An earlier debt could not be paid now: nobody waits for it, and it is tried again while the tag lies here."""
    after = min(DEBT_MOST_S, DEBT_S * 2 ** (tries - 1))
    turn.do(SetTimer(f"debt.{uid}.{tries}", after))
    debt_paid(turn, uid)


def pay_again(turn: Turn, uid: str, tries: int) -> None:
    """It is time to try once more."""
    here = next((known for known in turn.state.pad.uids if str(known) == uid), None)
    if here is not None:
        turn.do(PayDebt(here, tries))


def debt_paid(turn: Turn, uid: Uid) -> None:
    """An earlier debt is out of the way: the item may be asked for."""
    turn.set(owing=turn.state.owing - {uid})
    row = turn.state.row_of(uid)
    if row is not None and row.state in {RowState.SEEN, RowState.INCOMPLETE}:
        ask_if_complete(turn, row)
