"""Sign-in by card and PIN. The screen never says which of the two was wrong, nor how an account stands."""

from dataclasses import replace

from drivers.ports import Outcome, Scan, Secret, SignIn
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.scanner.classify import Ambiguous, Card, Cpr, ItemNumber, Rules, Step, classify
from drivers.service.view import Cue
from kiosk.lending import capable, end, items, renewing, returning
from kiosk.lending.acts import AskSignIn
from kiosk.lending.state import Over, Phase, Tries, Wish
from kiosk.lending.turn import Turn

SLOW_AFTER_S = 3.0
CHARGE_DENIED = 0
"""Patron status place 0: may not borrow (SIP2 2.00, patron status)."""

_TAKES_CARDS = frozenset({Phase.START, Phase.CARD, Phase.PIN, Phase.END, Phase.CLEAR})


def scanned(turn: Turn, scan: Scan, mark: str) -> None:
    """A barcode: a card where a card is wanted, an item while borrowing, and a question where it could be both."""
    phase = turn.state.phase
    if phase is Phase.BORROW:
        _scanned_while_borrowing(turn, scan)
        return
    if phase is Phase.RETURN:
        _scanned_while_returning(turn, scan)
        return
    if phase not in _TAKES_CARDS or turn.state.visit.asking:
        return
    if (
        turn.state.farewell is not None
        and phase is Phase.END
        and turn.state.farewell.receipt == "printing"
    ):
        return
    step = Step.START if phase is Phase.START else Step.CARD
    match classify(scan, step, _numbers(turn)):
        case Card(number=number) | Cpr(number=number):
            _card(turn, number, mark)
        case Ambiguous() as found:
            _card(turn, found.as_card().number, mark)
        case ItemNumber(number=item):
            turn.begin(Phase.CARD)
            items.scanned(turn, item)
        case _:
            if phase in {Phase.START, Phase.END, Phase.CLEAR}:
                end.make_way(turn)
                turn.begin(Phase.CARD)
            turn.visit(notice="card.unread")
            turn.cue(Cue.REFUSED)


def _numbers(turn: Turn) -> Rules:
    return Rules(turn.security.item_pattern, turn.rules.card_pattern)


def _card(turn: Turn, card: Secret, mark: str) -> None:
    if turn.state.phase in {Phase.END, Phase.CLEAR}:
        end.make_way(turn)
    if turn.state.phase is Phase.START:
        turn.begin(Phase.CARD)
    turn.set(over=Over.NOTHING)
    if _blocked_for(turn, mark) > 0:
        turn.visit(notice="pin.blocked", mark=mark, card=None, pin=Secret(""))
        turn.set(phase=Phase.CARD)
        turn.cue(Cue.REFUSED)
        return
    if not capable.offers(turn, turn.state.visit.wish):
        if not capable.offers(turn, Wish.LOANS):
            turn.visit(notice=f"service.not_now.{turn.state.visit.wish}", card=None)
            turn.cue(Cue.REFUSED)
            return
        turn.visit(wish=Wish.LOANS)
    turn.visit(card=card, mark=mark, pin=Secret(""), notice="")
    turn.set(phase=Phase.PIN)
    turn.cue(Cue.ITEM_OK)


def blocked_minutes(
    turn_now: float, tries: tuple[Tries, ...], mark: str, block_s: float, most: int
) -> int:
    """Whole minutes, rounded up, until this card may try again; 0 when it may now."""
    for entry in tries:
        if entry.mark == mark and entry.count >= most:
            left = entry.since + block_s - turn_now
            return max(0, -int(-left // 60))
    return 0


def _blocked_for(turn: Turn, mark: str) -> int:
    rules = turn.rules
    return blocked_minutes(
        turn.now.monotonic, turn.state.tries, mark, rules.pin_block_s, rules.pin_tries
    )


def key(turn: Turn, key_name: str) -> None:
    """A key of the keypad. The last digit sends; there is no OK key."""
    visit = turn.state.visit
    if visit.asking or visit.card is None:
        return
    pin = visit.pin.reveal()
    if key_name == "erase":
        turn.visit(pin=Secret(pin[:-1]))
    elif (
        len(key_name) == 1
        and key_name.isascii()
        and key_name.isdigit()
        and len(pin) < turn.rules.pin_length
    ):
        pin += key_name
        turn.visit(pin=Secret(pin))
        if len(pin) == turn.rules.pin_length:
            turn.visit(
                asking=True, slow=False, notice=""
            )  # not before: the keys would move under the finger
            turn.do(AskSignIn(visit.card, Secret(pin)), SetTimer("slow", SLOW_AFTER_S))
    turn.cue(Cue.KEY)


def slow(turn: Turn) -> None:
    """The answer takes long: say so."""
    if turn.state.visit.asking:
        turn.visit(slow=True)


def back(turn: Turn) -> None:
    """One step back. A running sign-in is not waited for: its answer finds nobody."""
    if turn.state.visit.asking:
        return
    if turn.state.phase is Phase.PIN:
        turn.visit(card=None, mark="", pin=Secret(""), notice="")
        turn.set(phase=Phase.CARD)
    else:
        end.finish(turn, None)


def signed_in(turn: Turn, answer: SignIn) -> None:
    """The library system's word on card and PIN."""
    visit = turn.state.visit
    if not visit.asking:
        return
    turn.do(StopTimer("slow"))
    turn.visit(asking=False, slow=False, pin=Secret(""))
    patron = answer.patron
    if answer.done and patron is not None:
        _forget_tries(turn, visit.mark)
        turn.visit(patron=patron, loans=answer.loans, notice="", card=None)
        turn.cue(Cue.ITEM_OK)
        if turn.state.visit.wish is Wish.LOANS:
            renewing.signed_in(turn)
        elif CHARGE_DENIED in answer.flags:
            turn.set(phase=Phase.BLOCKED)
        else:
            turn.set(phase=Phase.BORROW)
            items.signed_in(turn)
        return
    turn.cue(Cue.REFUSED)
    if answer.outcome is not Outcome.REFUSED:
        turn.visit(notice="pin.offline")
        return
    _count_try(turn, visit.mark)
    if _blocked_for(turn, visit.mark) > 0:
        turn.visit(notice="pin.blocked", card=None)
        turn.set(phase=Phase.CARD)
    else:
        turn.visit(notice="pin.wrong")


def _count_try(turn: Turn, mark: str) -> None:
    now, rules = turn.now.monotonic, turn.rules
    kept = tuple(t for t in turn.state.tries if now - t.since < rules.pin_block_s)
    known = next((t for t in kept if t.mark == mark), None)
    entry = (
        Tries(mark, 1, now) if known is None else replace(known, count=known.count + 1, since=now)
    )
    turn.set(tries=(*(t for t in kept if t.mark != mark), entry)[-200:])


def _forget_tries(turn: Turn, mark: str) -> None:
    turn.set(tries=tuple(t for t in turn.state.tries if t.mark != mark))


# --- a number scanned while borrowing ---------------------------------------------------------------


def _scanned_while_borrowing(turn: Turn, scan: Scan) -> None:
    """An item's barcode. A number that could be a person's is used only when tag or person has said it is one."""
    match classify(scan, Step.ITEM, _numbers(turn)):
        case ItemNumber(number=number):
            items.scanned(turn, number)
        case Ambiguous(number=number):
            on_pad = any(row.item == number.reveal() and row.tags for row in turn.state.rows)
            if not on_pad:
                turn.visit(scan=number)
                turn.set(over=Over.ASK_SCAN)
        case _:
            turn.cue(Cue.REFUSED)


def _scanned_while_returning(turn: Turn, scan: Scan) -> None:
    """An item's barcode. Nobody is asked about a number that could be a person's: staff takes that item."""
    match classify(scan, Step.ITEM, _numbers(turn)):
        case ItemNumber(number=number):
            returning.scanned(turn, number)
        case _:
            turn.cue(Cue.REFUSED)


def said(turn: Turn, *, is_item: bool) -> None:
    """The person said whether the scanned number is an item."""
    scan = turn.state.visit.scan
    turn.visit(scan=None)
    turn.set(over=Over.NOTHING)
    if is_item and scan is not None:
        items.scanned(turn, scan.reveal())
