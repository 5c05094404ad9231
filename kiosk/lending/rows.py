"""The life of one item on the screen: a table from state and event to the next state.

The table is the documentation: docs/reference/lending-states.md is drawn from it, the stateful tests walk
it, and what is not in it cannot happen. ILS first, tag second: a tag is written only after the library
system has said that the loan stands, and a row is done only when every part has read back.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Uid

REASON_TOO_MANY = "visit.too_many"
NOT_DONE = "ils.not_done"
"""Reason of a loan that was lost on its way and refused by nobody: it may be laid down again."""


class RowState(StrEnum):
    """Where an item stands."""

    UNREAD = "unread"
    """A tag that will not be read, or is none of ours."""
    SEEN = "seen"
    """Read; waits for somebody to sign in."""
    INCOMPLETE = "incomplete"
    """A set with parts missing."""
    FEE = "fee"
    """It costs something: waits for the person's word."""
    ASKING = "asking"
    """Journal row open, the library system is being asked."""
    TAG_WRITE = "tag_write"
    """On loan; the tags are being written and read back."""
    WAIT_TAG = "wait_tag"
    """On loan; a tag is not verified and the item must come back to the pad."""
    UNKNOWN = "unknown"
    """No answer: may be on loan. Being settled by asking."""
    DONE = "done"
    """On loan and every part verified."""
    REFUSED = "refused"
    SKIPPED = "skipped"
    """A set that the person chose not to borrow."""
    UNDO_PLACE = "undo_place"
    """To be undone: the item must lie on the pad first."""
    UNDO_ARM = "undo_arm"
    """Being armed again, before the loan is taken back."""
    UNDO_ASK = "undo_ask"
    """Armed; the library system is being asked to cancel."""
    UNDO_UNKNOWN = "undo_unknown"
    """No answer to the cancel. Being settled by asking."""
    UNDONE = "undone"
    STAFF = "staff"
    """Handed to staff, with a case."""
    GONE = "gone"
    """Lifted before anything was asked: the row disappears."""


class Happening(StrEnum):
    """What can happen to a row."""

    READ = "read"
    GO = "go"
    PART_MISSING = "part_missing"
    LIFTED = "lifted"
    SKIP = "skip"
    COSTS = "costs"
    """The library system lends it for a fee that nobody has agreed to yet."""
    AGREED = "agreed"
    LOANED = "loaned"
    LOANED_ARMED = "loaned_armed"
    """On loan, and the library system says: leave the tag armed."""
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    VERIFIED = "verified"
    TAG_LOST = "tag_lost"
    TRIES_SPENT = "tries_spent"
    TAG_BACK = "tag_back"
    """All its tags lie on the pad again, or one more part of the set does."""
    TIMED_OUT = "timed_out"
    PLACED_AGAIN = "placed_again"
    UNDO = "undo"
    UNDO_AWAY = "undo_away"
    """Undo was asked while the item is not on the pad."""
    KEEP = "keep"
    """The undo was given up before anything was armed."""
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel_refused"


_S, _H = RowState, Happening

TABLE: dict[RowState, dict[Happening, RowState]] = {
    _S.UNREAD: {_H.READ: _S.SEEN, _H.LIFTED: _S.GONE},
    _S.SEEN: {
        _H.GO: _S.ASKING,
        _H.PART_MISSING: _S.INCOMPLETE,
        _H.LIFTED: _S.GONE,
        _H.REFUSED: _S.REFUSED,
    },
    _S.INCOMPLETE: {
        _H.GO: _S.ASKING,
        _H.SKIP: _S.SKIPPED,
        _H.LIFTED: _S.GONE,
        _H.REFUSED: _S.REFUSED,
    },
    _S.ASKING: {
        _H.LOANED: _S.TAG_WRITE,
        _H.LOANED_ARMED: _S.DONE,
        _H.COSTS: _S.FEE,
        _H.REFUSED: _S.REFUSED,
        _H.NO_ANSWER: _S.UNKNOWN,
    },
    _S.FEE: {
        _H.AGREED: _S.ASKING,
        _H.SKIP: _S.SKIPPED,
        _H.LIFTED: _S.GONE,
    },
    _S.UNKNOWN: {
        _H.LOANED: _S.TAG_WRITE,
        _H.LOANED_ARMED: _S.DONE,
        _H.REFUSED: _S.REFUSED,
        _H.TIMED_OUT: _S.STAFF,
    },
    _S.TAG_WRITE: {
        _H.VERIFIED: _S.DONE,
        _H.TAG_LOST: _S.WAIT_TAG,
        _H.TRIES_SPENT: _S.WAIT_TAG,
    },
    _S.WAIT_TAG: {_H.TAG_BACK: _S.TAG_WRITE, _H.TIMED_OUT: _S.STAFF},
    _S.DONE: {
        _H.UNDO: _S.UNDO_ARM,
        _H.UNDO_AWAY: _S.UNDO_PLACE,
        _H.TAG_BACK: _S.TAG_WRITE,
    },
    _S.UNDO_PLACE: {
        _H.TAG_BACK: _S.UNDO_ARM,
        _H.KEEP: _S.DONE,
        _H.TIMED_OUT: _S.STAFF,
    },
    _S.UNDO_ARM: {
        _H.VERIFIED: _S.UNDO_ASK,
        _H.TAG_LOST: _S.UNDO_PLACE,
        _H.TRIES_SPENT: _S.STAFF,
    },
    _S.UNDO_ASK: {
        _H.CANCELLED: _S.UNDONE,
        _H.CANCEL_REFUSED: _S.TAG_WRITE,
        _H.NO_ANSWER: _S.UNDO_UNKNOWN,
    },
    _S.UNDO_UNKNOWN: {
        _H.CANCELLED: _S.UNDONE,
        _H.CANCEL_REFUSED: _S.TAG_WRITE,
        _H.TIMED_OUT: _S.STAFF,
    },
    _S.REFUSED: {_H.PLACED_AGAIN: _S.SEEN},
    _S.SKIPPED: {_H.PLACED_AGAIN: _S.SEEN},
    _S.UNDONE: {_H.PLACED_AGAIN: _S.SEEN},
    _S.STAFF: {},
    _S.GONE: {},
}

BUSY = frozenset({_S.ASKING, _S.TAG_WRITE, _S.UNKNOWN, _S.UNDO_ARM, _S.UNDO_ASK, _S.UNDO_UNKNOWN})
"""An exchange or a tag write is open: no idle clock runs, no visit ends."""
UNSETTLED = BUSY | {_S.WAIT_TAG, _S.UNDO_PLACE}
"""A visit does not end while a row is here."""
BORROWED = frozenset({_S.DONE, _S.TAG_WRITE, _S.WAIT_TAG, _S.UNDO_PLACE, _S.UNDO_ARM})
"""The library system holds the loan."""
UNCOUNTED = frozenset({_S.SKIPPED, _S.UNDONE, _S.GONE})
"""Not part of "n of m borrowed"."""


@dataclass(frozen=True, slots=True)
class Part:
    """One tag of an item."""

    uid: Uid
    number: int
    here: bool = True
    verified: bool = False
    """Its security byte has read back as this row wants it now."""
    tries: int = 0


class Reservation(StrEnum):
    """Whether somebody who could not borrow it has reserved it instead."""

    NONE = "none"
    ASKING = "asking"
    PLACED = "placed"
    REFUSED = "refused"
    LOST = "lost"
    """Lost on its way and refused by nobody: it may be asked for again."""
    UNKNOWN = "unknown"
    """No answer yet. Being settled by the lists of holds."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An item as it lies here: what its tags say. One known by its barcode alone has no tags."""

    id: str
    item: str
    owner: str = ""
    parts: int = 1
    tags: tuple[Part, ...] = ()
    unclear: bool = False
    """An indeterminate set: its tags do not tell which part they are, or disagree about how many there are."""
    approved: bool = False
    """Staff lets it go with parts missing."""
    unsure: bool = False
    """Handed to staff since nobody could say whether it was lent, or has come back."""

    def complete(self, whole_sets: bool) -> bool:
        """Every part lies on the pad, or one does where one stands for all, or staff has said so."""
        if self.tags and self._one_for_all(whole_sets):
            return self.here > 0
        return not self.missing

    def all_seen(self, whole_sets: bool) -> bool:
        """Every part has been seen, here or not: what is lent by its barcode may have more of them than lie here."""
        if not self.tags or self._one_for_all(whole_sets):
            return True
        return {part.number for part in self.tags} >= set(range(1, self.parts + 1))

    def _one_for_all(self, whole_sets: bool) -> bool:
        return self.parts <= 1 or self.unclear or self.approved or not whole_sets

    @property
    def here(self) -> int:
        """Parts on the pad; two tags of the same number are one part."""
        on_pad = [part.number for part in self.tags if part.here]
        return len(on_pad) if self.unclear else len(set(on_pad))

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the parts that do not lie on the pad; none where its tags cannot tell."""
        if self.parts <= 1 or self.unclear or not self.tags:
            return ()
        here = {part.number for part in self.tags if part.here}
        return tuple(number for number in range(1, self.parts + 1) if number not in here)

    def at_odds(self, part: int, parts: int) -> bool:
        """Whether a tag that says part `part` of `parts` leaves it open what this item consists of."""
        return max(1, parts) != self.parts or (parts > 1 and not 1 <= part <= parts)

    @property
    def all_verified(self) -> bool:
        return all(part.verified for part in self.tags)


@dataclass(frozen=True, slots=True)
class Row(Thing):
    """One item that somebody wants to borrow."""

    state: RowState = RowState.SEEN
    title: str = ""
    due: date | None = None
    reason: str = ""
    fee: int | None = None
    """What it costs to borrow, in hundredths."""
    duplicate: bool = False
    armed_again: bool = False
    """An undo has begun to arm it: its tags may no longer be as the loan wants them."""
    undo_failed: bool = False
    later: bool = False
    """Written down while the library system is away: registered later, and the due date is what was promised."""
    silenced: bool = True
    """Its tags are made silent; false: they stay armed, and staff lets it out."""
    reservation: Reservation = Reservation.NONE
    hers: bool = False
    """It was on loan to her before this visit: nothing to undo, nothing new on the receipt."""


def moved(row: Row, happening: Happening) -> Row:
    """The row after `happening`. Raises LocalProtocolError when the table has no such edge."""
    try:
        return replace(row, state=TABLE[row.state][happening])
    except KeyError:
        raise LocalProtocolError("kiosk", Code.BUG, f"{row.state}: {happening}") from None


def can(row: Row, happening: Happening) -> bool:
    """True when the table has this edge."""
    return happening in TABLE[row.state]
