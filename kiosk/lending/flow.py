"""The lending flow: one pure step from state and event to state and effects.

A step is a `Turn`: it holds the state while the parts of the flow change it, and collects what is to be
done. Sign-in, items and the end of a visit are in the modules beside this one; here stands who gets which
event, and the clock that runs while nothing happens.
"""

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from config.station import Lending as Rules
from config.station import Offline, Opening, Returns, Security
from config.texts import LANGUAGES
from config.week import Week
from drivers.ports import Online
from drivers.runtime.flow import Effect, Event, Now, SetTimer, StopTimer, TimerFired
from drivers.service.view import Cue
from kiosk.lending import account as account_
from kiosk.lending import (
    calling,
    cancelling,
    capable,
    dark,
    end,
    hold_slip,
    hours,
    items,
    padless,
    paying,
    renewing,
    reserving,
    returning,
    securing,
    sign_in,
    slowness,
    undoing,
    unread,
)
from kiosk.lending.acts import (
    ACTIVITY,
    AT_THE_SCREEN,
    AccountKnown,
    AccountListed,
    AloudAsked,
    Cancelled,
    CardGiven,
    CardOdd,
    DebtPaid,
    DebtWaits,
    DeviceHealth,
    GaveBack,
    HoldCancelled,
    HoldPlaced,
    HoldSlipEnded,
    LibraryChanged,
    Loaned,
    MailChanged,
    Mailed,
    MinutePassed,
    NumberKnown,
    OfflineLends,
    PadPolled,
    Pressed,
    Printed,
    PrinterChanged,
    Registered,
    Renewed,
    Scanned,
    SignedIn,
    StatusKnown,
    TagNotWritten,
    TagRead,
    TagUnread,
    TagWritten,
    TitleKnown,
    Touched,
    TriesKept,
    Waiting,
)
from kiosk.lending.pay_acts import PaidTold, PayEnded, PayStepped
from kiosk.lending.state import SIGNING_IN, Devices, Lending, Over, Phase, Wish
from kiosk.lending.turn import Turn
from kiosk.staff import flow as staff
from kiosk.staff import settings
from kiosk.staff.acts import SetApproved

IDLE = "idle"
SECOND = "second"

AT_REST = frozenset({Phase.STARTING, Phase.CLOSED, Phase.START})
"""Nobody is here."""


class LendingFlow:
    """`step` for one station's rules; holds no state of its own."""

    def __init__(
        self,
        rules: Rules,
        security: Security,
        language: str = "da",
        returns: Returns = Returns(),
        opening: Opening = Opening(),
        zone: tzinfo = UTC,
        *,
        tells_staff: bool = False,
        offline: Offline = Offline(),
        branches: frozenset[str] = frozenset(),
        lit: Week = Week(),
    ) -> None:
        self._rules = rules
        self._security = security
        self._language = language
        self._returns = returns
        self._opening = opening
        self._zone = zone
        self._tells_staff = tells_staff
        self._offline = offline
        self._branches = branches
        self._lit = lit

    def __call__(
        self, state: Lending, event: Event, now: Now
    ) -> tuple[Lending, tuple[Effect, ...]]:
        turn = Turn(
            state,
            now,
            self._rules,
            self._security,
            self._language,
            self._returns,
            tells_staff=self._tells_staff,
            offline=self._offline,
            branches=self._branches,
        )
        if state.phase in AT_REST:
            offered = hours.offered(self._opening, now.wall.astimezone(self._zone))
            if offered != state.offered:
                turn.set(offered=offered)
        if not staff.took(turn, event):
            _happen(turn, event)
        staff.after(turn, state, event)
        _open_or_close(turn)
        slowness.keep(turn)
        _keep_idle_clock(turn, state, event)
        kept_on = settings.value(turn.state.service.screen, now.wall) == settings.LIT
        planned = not self._lit.said or self._lit.holds(now.wall.astimezone(self._zone))
        dark.keep(turn, state, event, lit=kept_on or planned)
        return turn.state, tuple(turn.effects)


def _happen(turn: Turn, event: Event) -> None:
    if turn.state.visit.said and isinstance(event, Pressed | Scanned | CardGiven):
        turn.visit(said="")
    match event:
        case Pressed(action=action):
            _pressed(turn, action)
        case Touched() | MinutePassed():
            pass
        case AloudAsked():
            turn.set(aloud=True, large_text=True)
        case Scanned(scan=scan, mark=mark):
            sign_in.scanned(turn, scan, mark)
        case CardGiven(number=number, mark=mark):
            sign_in.given(turn, number, mark)
        case CardOdd(why=why):
            sign_in.odd(turn, why)
        case PadPolled(uids=uids):
            items.polled(turn, uids)
        case TagRead():
            items.tag_read(turn, event)
        case TagUnread(uid=uid):
            items.tag_unread(turn, uid)
        case TagWritten(row=row, uid=uid, afi=afi) if turn.state.back(row) is not None:
            returning.tag_written(turn, row, uid, afi)
        case TagWritten(row=row, uid=uid, afi=afi):
            securing.tag_written(turn, row, uid, afi)
        case TagNotWritten(row=row, uid=uid, afi=afi, code=code) if (
            turn.state.back(row) is not None
        ):
            returning.tag_not_written(turn, row, uid, afi, code)
        case TagNotWritten(row=row, uid=uid, afi=afi, code=code):
            securing.tag_not_written(turn, row, uid, afi, code)
        case DebtPaid(uid=uid):
            items.debt_paid(turn, uid)
        case DebtWaits(uid=uid, tries=tries):
            items.debt_waits(turn, uid, tries)
        case SignedIn(answer=answer):
            sign_in.signed_in(turn, answer)
        case Loaned():
            items.loaned(turn, event)
        case AccountKnown(account=account, untold=untold, of=of):
            if account_.is_hers(turn, of):
                account_.account_known(turn, account, untold)
        case AccountListed(account=account, of=of):
            if account_.is_hers(turn, of):
                account_.listed(turn, account)
        case PayStepped(row=row, step=step):
            paying.stepped(turn, row, step)
        case PayEnded(row=row, end=how, account=found):
            paying.ended(turn, row, how, found)
        case PaidTold(row=row, done=done):
            paying.told(turn, row, done=done)
        case Renewed(row=row, answer=renewal):
            renewing.renewed(turn, row, renewal)
            end.settled(turn)
        case HoldPlaced():
            reserving.placed(turn, event)
        case HoldCancelled(row=row, answer=answer_to_cancel):
            cancelling.cancelled(turn, row, answer_to_cancel)
        case StatusKnown(row="", on_loan=on_loan):
            returning.looked(turn, on_loan)
            sign_in.go_on(turn)
        case StatusKnown(row=row) if turn.state.row(row) is not None:
            items.status_known(turn, event)
        case StatusKnown(row=row, on_loan=on_loan, ours=ours):
            returning.status_known(turn, row, on_loan, ours=ours)
        case HoldSlipEnded(row=row, printed=came):
            hold_slip.ended(turn, row, printed=came)
        case GaveBack(row=row, answer=returned):
            hold_slip.gave_back(turn, row, returned)
            returning.gave_back(turn, row, returned)
        case NumberKnown(number=number, is_item=is_item):
            sign_in.known(turn, number, is_item)
        case SetApproved(row=row):
            items.approved(turn, row)
        case TitleKnown(row=row, title=title):
            items.title_known(turn, row, title)
        case Cancelled(row=row, done=done):
            undoing.cancelled(turn, row, done)
        case Printed(outcome=outcome, failed=failed):
            end.printed(turn, outcome, failed)
        case Mailed(failed=failed):
            end.mailed(turn, failed)
        case MailChanged(up=up):
            turn.set(devices=replace(turn.state.devices, mail=up))
        case DeviceHealth(role=role, ready=ready, code=code):
            worked = turn.state.devices.pad
            capable.health(turn, role, ready, code)
            if role == "pad" and ready:
                securing.pad_ready(turn)
                returning.pad_ready(turn)
            elif role == "pad" and worked:
                padless.hasten(turn)
        case PrinterChanged(state=printer):
            turn.set(devices=replace(turn.state.devices, printer=printer))
        case LibraryChanged(online=online):
            turn.set(devices=_reached(turn.state.devices, online, turn.now.wall))
            if turn.state.devices.away:
                items.went_away(turn)
                returning.went_away(turn)
                renewing.went_away(turn)
                cancelling.went_away(turn)
        case TriesKept(tries=tries):
            turn.set(tries=tries)
        case OfflineLends(lends=lends):
            turn.set(devices=replace(turn.state.devices, offline_lends=lends))
        case Registered(item=item, lent=True):
            items.registered(turn, item)
        case Registered(item=item):
            returning.registered(turn, item)
        case Waiting(rows=rows, oldest=oldest):
            turn.set(devices=replace(turn.state.devices, waiting=rows, oldest=oldest))
        case TimerFired(name=name):
            _timer(turn, name)
        case _:
            raise TypeError(f"the lending flow has no event {type(event).__name__}")


def _timer(turn: Turn, name: str) -> None:
    kind, _, of = name.partition(".")
    match kind:
        case "idle":
            _idle(turn)
        case "second":
            _second(turn)
        case "row" if turn.state.back(of) is not None:
            returning.timed_out(turn, of)
        case "row" if turn.state.lent(of) is not None:
            renewing.timed_out(turn, of)
            end.settled(turn)
        case "row" if turn.state.held(of) is not None:
            cancelling.timed_out(turn, of)
        case "row" if of.startswith("p"):
            paying.timed_out(turn, of)
        case "waits":
            paying.waited(turn, of)
        case "row":
            securing.row_timed_out(turn, of)
        case "look":
            returning.looked(turn, on_loan=False)
            sign_in.go_on(turn)
        case "empty":
            if turn.state.over is Over.NOTHING:
                _idle(turn)
        case "steady":
            capable.held(turn, of)
        case "said":
            turn.visit(said="")
        case "reporting":
            pass  # what has not been heard of by now is not waited for
        case "dark":
            pass  # looked at after the step
        case "debt":
            uid, _, tries = of.partition(".")
            items.pay_again(turn, uid, int(tries))
        case "unread":
            unread.show(turn)
        case slowness.TIMER:
            slowness.late(turn)
        case "slow":
            sign_in.slow(turn)
        case "end" | "clear" | "chime" | "receipt":
            end.timer(turn, kind)
        case _:
            raise ValueError(f"the lending flow has no timer {name}")


def _pressed(turn: Turn, action: str) -> None:
    kind, _, of = action.partition(".")
    state = turn.state
    match kind:
        case "language" if of in LANGUAGES:
            turn.set(language=of)
            turn.uncover()
        case "assist":
            _assist(turn, of)
        case "close":
            turn.uncover()
        case "continue" if state.over is Over.IDLE:
            turn.uncover()
        case "log_out" if state.paying:
            pass  # first it must be known what became of the money
        case "pay":
            paying.pressed(turn, of)
        case "log_out" if state.visit.patron is not None or state.phase in {
            *SIGNING_IN,
            Phase.RETURN,
        }:
            turn.set(over=Over.NOTHING)
            # the answer must find the person who asked, and an end that has begun keeps its receipt
            if not state.visit.asking and state.phase is not Phase.FINISHING:
                end.finish(turn, None)
        case "call" if state.phase is not Phase.CLOSED:
            calling.pressed(turn, of)
        case "borrow" | "loans" | "holds" | "return" if not capable.offers(turn, kind):
            pass  # its button says why
        case "borrow" if state.phase is Phase.START:
            turn.begin(Phase.CARD)
        case "loans" | "holds" if state.phase is Phase.START:
            turn.begin(Phase.CARD)
            turn.visit(wish=Wish(kind))
        case "show":
            account_.pressed(turn, of)
        case "cancel" if state.over is Over.ASK_CANCEL:
            cancelling.said(turn, yes=of == "yes")
        case "cancel":
            cancelling.pressed(turn, of)
        case "renew":
            renewing.pressed(turn, of)
        case "return" if state.phase in {Phase.START, Phase.CARD, Phase.BLOCKED}:
            returning.begin(turn)
        case "type" if state.phase is Phase.CARD:
            sign_in.begin_typing(turn)
        case "key" if state.phase in {Phase.NUMBER, Phase.PIN}:
            sign_in.key(turn, of)
        case "back" if state.phase in SIGNING_IN:
            sign_in.back(turn)
        case "item" if state.over is Over.ASK_SCAN:
            sign_in.said(turn, is_item=of == "yes")
        case "undo" if state.phase is Phase.BORROW:
            undoing.undo(turn, of)
        case "agree" if state.phase is Phase.BORROW:
            items.agree(turn, of)
        case "reserve" if state.phase is Phase.BORROW:
            reserving.pressed(turn, of)
        case "skip" if state.phase is Phase.BORROW:
            undoing.skip(turn, of)
        case "finish":
            end.pressed(turn, of)
            padless.hasten(turn)
        case _:
            pass  # a press that came as its screen went: nothing to do, nothing to say


def _assist(turn: Turn, what: str) -> None:
    state = turn.state
    match what:
        case "help" | "language" if state.over is Over(what):
            turn.uncover()
        case "help" | "language":
            turn.set(over=Over(what))
        case "contrast":
            turn.set(high_contrast=not state.high_contrast)
        case "larger":
            turn.set(large_text=not state.large_text)
        case "aloud":
            turn.set(aloud=not state.aloud, large_text=state.large_text or not state.aloud)
        case _:
            pass


# --- while nothing happens --------------------------------------------------------------------------


def _open_or_close(turn: Turn) -> None:
    """At rest, be open for whatever still works."""
    state = turn.state
    devices = state.devices
    if state.phase not in AT_REST:
        return
    left = capable.left(turn)
    if left and state.phase is not Phase.START:
        if state.phase is Phase.CLOSED or capable.all_reported(turn):
            turn.set(phase=Phase.START, closed_since=None, over=Over.NOTHING)
    elif not left and state.phase is Phase.START:
        turn.set(phase=Phase.CLOSED, closed_since=turn.now.wall, over=Over.NOTHING)
    elif state.phase is Phase.STARTING and (
        devices.faults or devices.library is Online.OFFLINE or state.service.cause is not None
    ):
        turn.set(phase=Phase.CLOSED, closed_since=turn.now.wall)


def _keep_idle_clock(turn: Turn, before: Lending, event: Event) -> None:
    """A visit has an idle clock; a person, or an item that comes or goes, starts it afresh."""
    state = turn.state
    if state.phase is Phase.STAFF:  # it has an idle clock of its own
        return
    if state.phase is before.phase is Phase.RECEIPT_FAILED and isinstance(event, AT_THE_SCREEN):
        end.list_stays(turn)
    if state.emptied and before.emptied and isinstance(event, AT_THE_SCREEN):
        returning.stays(turn)
    here = state.phase not in AT_REST and state.phase not in {
        Phase.END,
        Phase.CLEAR,
        Phase.RECEIPT_FAILED,
    }
    began = here and before.phase is not state.phase
    active = isinstance(event, ACTIVITY) or before.pad.uids != state.pad.uids
    resting_overlay = state.phase in AT_REST and state.over is not Over.NOTHING
    restyled = state.phase in AT_REST and (
        state.language != turn.language or state.high_contrast or state.patient
    )
    if not here and not resting_overlay and not restyled:
        if before.phase is not state.phase or before.over is not state.over:
            turn.do(StopTimer(IDLE), StopTimer(SECOND))
            if state.over is Over.IDLE:
                turn.set(over=Over.NOTHING)
        return
    # what has just come out must be read before anybody is asked whether they are still here
    settled = before.busy != state.busy or before.unsettled != state.unsettled
    if not (began or active or settled):
        return
    if state.over is Over.IDLE and (active or began):
        turn.uncover()
    if turn.state.over is not Over.IDLE:
        quiet = turn.rules.lifted_s if _taken_up(turn, event) else turn.rules.idle_s
        turn.do(StopTimer(SECOND), SetTimer(IDLE, turn.patience(quiet)))


def _reached(devices: Devices, online: Online, now: datetime) -> Devices:
    away = online is Online.OFFLINE
    since = (devices.away_since or now) if away else None
    return replace(devices, library=online, away_since=since)


def _taken_up(turn: Turn, event: Event) -> bool:
    """All that was lent is in somebody's arms, who may have left; nobody has touched anything since."""
    state = turn.state
    lent = state.phase is Phase.BORROW and state.done and not state.unsettled
    return bool(lent and state.pad.empty and not isinstance(event, ACTIVITY))


def _idle(turn: Turn) -> None:
    state = turn.state
    if state.phase in AT_REST:
        turn.plain()
    elif state.busy or state.unsettled:
        turn.do(SetTimer(IDLE, turn.patience(turn.rules.idle_s)))
    else:
        left = int(turn.patience(turn.rules.warning_s))
        turn.set(over=Over.IDLE, idle_left=left)
        turn.cue(Cue.ATTENTION)
        turn.do(SetTimer(SECOND, 1.0))


def _second(turn: Turn) -> None:
    state = turn.state
    if state.over is not Over.IDLE:
        return
    left = state.idle_left - 1
    if left <= 0:
        turn.set(over=Over.NOTHING, idle_left=0)
        # whoever takes nothing more from an empty pad has said goodbye
        end.finish(turn, None, timed_out=not state.emptied)
        return
    turn.set(idle_left=left)
    if left == 10:
        turn.cue(Cue.ATTENTION)
    turn.do(SetTimer(SECOND, 1.0))
