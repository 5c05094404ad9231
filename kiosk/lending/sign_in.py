"""Sign-in by card and PIN: scanned, held to the reader, or typed. The screen never says which of the two was wrong, nor how an account stands."""

from drivers.ports import Outcome, Scan, Secret, SignIn
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.scanner.classify import Ambiguous, Card, Cpr, ItemNumber, Step, classify
from drivers.service.cases import CaseKind
from drivers.service.view import Cue
from kiosk.lending import account, capable, end, first_scan, items, scans, tries_kept
from kiosk.lending.acts import ASK_PIN, ASK_WHAT, AskSignIn, GiveCard, OpenCase
from kiosk.lending.first_scan import AT_THE_END
from kiosk.lending.state import SIGNING_IN, Over, Phase, Wish
from kiosk.lending.tries import MACHINE, right_pin, wait_s, wrong_pin
from kiosk.lending.turn import Turn

SLOW_AFTER_S = 3.0
CHARGE_DENIED = 0
"""Patron status place 0: may not borrow (SIP2 2.00, patron status)."""

_NOT_OFFLINE = frozenset({"card.offline", "card.not_believed", "card.not_typed"})
"""Why a card is not taken while the library system is away."""

_NOT_ODD = frozenset({Phase.NUMBER, Phase.PIN, Phase.RECEIPT_FAILED})
_TAKES_CARDS = frozenset({Phase.START, Phase.LOOKING, *SIGNING_IN}) | AT_THE_END


def scanned(turn: Turn, scan: Scan, mark: str) -> None:
    """A barcode, where a card is wanted; or, during a visit, an item's."""
    phase = turn.state.phase
    if phase in scans.VISITS:
        scans.scanned(turn, scan)
        return
    if not _takes_cards(turn):
        return
    if phase is Phase.PIN and turn.state.visit.mark == mark:
        return  # the same card again: the digits that stand there stay
    match classify(scan, Step.START, scans.numbers(turn)):
        case Card(number=number) | Cpr(number=number):
            _card(turn, number, mark)
        case Ambiguous(number=number) if first_scan.is_item_here(turn, number):
            first_scan.take(turn, number.reveal())
        case Ambiguous(number=number) if first_scan.may_be_item(turn) and not _away(turn):
            first_scan.ask(turn, number)
        case Ambiguous() as found:
            _card(turn, found.as_card().number, mark, doubtful=True)
        case ItemNumber(number=item):
            first_scan.take(turn, item)
        case _ if phase is Phase.RECEIPT_FAILED:
            pass  # only a card makes the list go
        case _:
            _refuse(turn, "card.unread")


def known(turn: Turn, number: Secret, is_item: bool | None) -> None:
    """Whether there is an item of a scanned number, or that nobody can say."""
    if _takes_cards(turn):
        first_scan.known(turn, number, is_item)
    else:
        scans.known(turn, number, is_item)


def said(turn: Turn, *, is_item: bool) -> None:
    """The person said whether a scanned number is an item."""
    if _takes_cards(turn):
        first_scan.said(turn, is_item=is_item)
    else:
        scans.said(turn, is_item=is_item)


def given(turn: Turn, number: Secret, mark: str) -> None:
    """A card's number, from its chip or from the keys. During a visit it signs nobody in."""
    if turn.state.phase in scans.VISITS:
        scans.card(turn)
        return
    if not _takes_cards(turn):
        return
    if turn.state.phase is Phase.NUMBER and turn.state.visit.by_hand:
        match classify(Scan("", number), Step.CARD, scans.numbers(turn)):
            case Card(number=typed) | Cpr(number=typed):
                _card(turn, typed, mark, by_hand=True)
            case Ambiguous() as found:
                _card(turn, found.as_card().number, mark, by_hand=True)
            case _:
                turn.visit(typed=Secret(""), by_hand=False, notice="number.odd")
                turn.cue(Cue.REFUSED)
        return
    _card(turn, number, mark)


def odd(turn: Turn, why: str) -> None:
    """A phone, a card of something else, two at once: said where a card is wanted, and nowhere else."""
    if _takes_cards(turn) and turn.state.phase not in _NOT_ODD:
        _refuse(turn, f"card.{why}")


def go_on(turn: Turn) -> None:
    """The items go out: whoever showed her card meanwhile need not do it again. They come back: it is forgotten."""
    card = turn.state.visit.card
    if card is None:
        return
    if turn.state.phase is Phase.CARD:
        _with_card(turn, card)
    elif turn.state.phase is Phase.RETURN:
        turn.visit(card=None, mark="")


def _takes_cards(turn: Turn) -> bool:
    state = turn.state
    if state.phase not in _TAKES_CARDS or state.visit.asking:
        return False
    printing = state.farewell is not None and state.farewell.receipt == "printing"
    return not (state.phase is Phase.END and printing)


def _refuse(turn: Turn, notice: str) -> None:
    if turn.state.phase in {Phase.START, *AT_THE_END}:
        end.make_way(turn)
        turn.begin(Phase.CARD)
    turn.visit(notice=notice)
    turn.cue(Cue.REFUSED)


def _away(turn: Turn) -> bool:
    return turn.state.devices.away


def _card(
    turn: Turn, card: Secret, mark: str, *, by_hand: bool = False, doubtful: bool = False
) -> None:
    state = turn.state
    if state.phase is Phase.PIN and state.visit.mark == mark:
        return  # the same card again: the digits that stand there stay
    if state.phase in AT_THE_END:
        end.make_way(turn)
    if turn.state.phase is Phase.START:
        turn.begin(Phase.CARD)
    turn.set(over=Over.NOTHING)
    turn.visit(pin=Secret(""), typed=Secret(""), by_hand=by_hand, doubtful=doubtful, mark=mark)
    turn.visit(scan=None)
    if _must_wait(turn):
        return
    if not capable.offers(turn, turn.state.visit.wish):
        if not capable.offers(turn, Wish.LOANS):
            away, wish = turn.state.devices.away, turn.state.visit.wish
            service = capable.SERVICE_OF.get(wish, wish)
            notice = "card.offline" if away else f"service.not_now.{service}"
            turn.visit(notice=notice, card=None)
            turn.cue(Cue.REFUSED)
            return
        turn.visit(wish=Wish.LOANS)
    turn.visit(card=card, notice="")
    if turn.state.phase is Phase.LOOKING:
        turn.cue(Cue.ITEM_OK)
    else:
        _with_card(turn, card)


def _with_card(turn: Turn, card: Secret) -> None:
    """The card is known: its PIN is asked for. Nobody can check it while the library system is away."""
    if not turn.state.devices.away:
        turn.set(phase=Phase.PIN)
        turn.cue(Cue.ITEM_OK)
        return
    by_hand = turn.state.visit.by_hand and not turn.offline.typed_cards
    if not turn.lends or turn.state.visit.wish is Wish.LOANS or by_hand:
        notice = "card.not_typed" if by_hand else "card.offline"
        turn.visit(card=None, typed=Secret(""), by_hand=False, notice=notice)
        turn.set(phase=Phase.CARD)
        turn.cue(Cue.REFUSED)
    elif turn.state.visit.doubtful:
        _ask_what(turn, card)
    elif turn.offline.pin == "kept":
        turn.set(phase=Phase.PIN)
        turn.cue(Cue.ITEM_OK)
    else:
        turn.set(phase=Phase.CARD)
        turn.visit(asking=True, slow=False)
        ask = AskSignIn(card, Secret(""), offline=True, by_hand=turn.state.visit.by_hand)
        turn.do(ask, SetTimer("slow", SLOW_AFTER_S))
        turn.cue(Cue.ITEM_OK)


def _ask_what(turn: Turn, number: Secret) -> None:
    """Nobody can check a card: what an item could be too signs nobody in by its looks."""
    turn.visit(card=None, mark="", doubtful=False)
    turn.set(phase=Phase.CARD)
    scans.ask_her(turn, number)


def _nothing_takes_items(turn: Turn) -> bool:
    """What does has died since she began, and her account can be shown instead."""
    return not capable.takes_items(turn.state, turn.rules) and capable.offers(turn, "loans")


def _must_wait(turn: Turn) -> bool:
    """This card, or the machine, has had too many wrong PINs: say so, and ask nobody."""
    now = turn.now.monotonic
    if wait_s(turn.state.tries, turn.state.visit.mark, now) > 0:
        notice = "pin.blocked"
    elif wait_s(turn.state.tries, MACHINE, now) > 0:
        notice = "pin.machine_waits"
    else:
        return False
    turn.visit(notice=notice, card=None, pin=Secret(""))
    turn.set(phase=Phase.CARD)
    turn.cue(Cue.REFUSED)
    return True


def begin_typing(turn: Turn) -> None:
    """The number of the card is typed instead. Where it would not be believed, its button says so."""
    if turn.state.devices.away and not turn.offline.typed_cards:
        return
    turn.visit(typed=Secret(""), by_hand=False, notice="")
    turn.set(phase=Phase.NUMBER)


def _type(turn: Turn, key_name: str) -> None:
    """A key, while the number of the card is typed. The last digit sends."""
    visit, most = turn.state.visit, turn.rules.card_digits
    if visit.by_hand:
        return
    typed = _after_key(visit.typed, key_name, most)
    turn.visit(typed=typed, notice=visit.notice if typed == visit.typed else "")
    if len(typed.reveal()) == most:
        turn.visit(by_hand=True)
        turn.do(GiveCard(typed))
    turn.cue(Cue.KEY)


def _after_key(so_far: Secret, key_name: str, most: int) -> Secret:
    digits = so_far.reveal()
    if key_name == "erase":
        return Secret(digits[:-1])
    is_digit = len(key_name) == 1 and key_name.isascii() and key_name.isdigit()
    return Secret(digits + key_name) if is_digit and len(digits) < most else so_far


def key(turn: Turn, key_name: str) -> None:
    """A key of the keypad. The last digit sends; there is no OK key."""
    if turn.state.phase is Phase.NUMBER:
        _type(turn, key_name)
        return
    visit = turn.state.visit
    if visit.asking or visit.card is None or visit.finding:
        return  # of another card that was scanned just now her digits would go out with the first
    pin = _after_key(visit.pin, key_name, turn.rules.pin_length)
    turn.visit(pin=pin)
    if pin != visit.pin and len(pin.reveal()) == turn.rules.pin_length:
        turn.visit(
            asking=True, slow=False, notice=""
        )  # not before: the keys would move under the finger
        ask = AskSignIn(visit.card, pin, by_hand=visit.by_hand, doubtful=visit.doubtful)
        turn.do(ask, SetTimer("slow", SLOW_AFTER_S))
    turn.cue(Cue.KEY)


def slow(turn: Turn) -> None:
    """The answer takes long: say so."""
    if turn.state.visit.asking:
        turn.visit(slow=True)


def back(turn: Turn) -> None:
    """One step back. A running sign-in is not waited for: its answer finds nobody."""
    if turn.state.visit.asking:
        return
    if turn.state.phase in {Phase.NUMBER, Phase.PIN}:
        turn.visit(card=None, mark="", pin=Secret(""), typed=Secret(""), by_hand=False, notice="")
        turn.set(phase=Phase.CARD)
    else:
        end.finish(turn, None)


def _has_laid(turn: Turn) -> bool:
    """Items were laid down before the card and are to be lent, whatever was pressed: that takes no choice."""
    laid = any(row.item for row in turn.state.rows)
    return laid and turn.state.visit.may_borrow and capable.offers(turn, Wish.BORROW)


def signed_in(turn: Turn, answer: SignIn) -> None:
    """The library system's word on card and PIN."""
    visit = turn.state.visit
    if not visit.asking:
        return
    turn.do(StopTimer("slow"))
    turn.visit(asking=False, slow=False, pin=Secret(""))
    patron = answer.patron
    if answer.done and patron is not None:
        tries_kept.put(turn, right_pin(turn.state.tries, visit.mark))
        turn.visit(
            patron=patron,
            loans=answer.loans,
            notice="",
            card=None,
            may_borrow=CHARGE_DENIED not in answer.flags,
        )
        turn.cue(Cue.ITEM_OK)
        wish = turn.state.visit.wish
        if _has_laid(turn):
            wish = Wish.BORROW
        match wish:
            case Wish.LOANS:
                account.show(turn, Phase.LOANS)
            case Wish.HOLDS:
                account.show(turn, Phase.HOLDS)
            case Wish.BORROW if _nothing_takes_items(turn):
                account.show(turn, Phase.LOANS)
            case Wish.BORROW:
                items.to_the_pad(turn)
        return
    if answer.reason == ASK_PIN:
        turn.set(phase=Phase.PIN)
        return
    if answer.reason == ASK_WHAT and visit.card is not None:
        _ask_what(turn, visit.card)
        return
    turn.cue(Cue.REFUSED)
    if answer.outcome is not Outcome.REFUSED and answer.reason in _NOT_OFFLINE:
        turn.visit(notice=answer.reason, card=None, typed=Secret(""), by_hand=False)
        turn.set(phase=Phase.CARD)
        return
    if answer.outcome is not Outcome.REFUSED:
        turn.visit(notice="pin.offline")
        return
    after = wrong_pin(turn.state.tries, visit.mark, turn.now.monotonic, turn.rules)
    tries_kept.put(turn, after)
    if wait_s(turn.state.tries, MACHINE, turn.now.monotonic) > 0:
        turn.do(OpenCase(CaseKind.PIN_GUESSED, "kiosk"))
    if not _must_wait(turn):
        turn.visit(notice="pin.wrong")
