"""Staff at the machine: sign-in, the screens, and what each press asks for. Pure, a part of the lending flow's step.

The way in is a press on a screen of rest, then a card and a PIN; so it never mixes with a borrower's visit. While
a member is there the phase is STAFF, in which nothing of the borrower's flow takes a card or an item. The one
thing that is laid over a visit is the approval of a set with parts missing: it shows the sign-in and nothing else.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from config.texts import text
from drivers.errors import Code
from drivers.ports import PrinterState, Secret
from drivers.runtime.flow import Event, SetTimer, StopTimer, TimerFired
from drivers.service.cases import Case, CaseKind, CaseState, CaseVerb, CloseReason, verbs
from drivers.service.roles import Act
from drivers.service.staff import PIN_LENGTH
from drivers.service.view import Cue
from kiosk.lending import end, tries_kept
from kiosk.lending import tries as wrong
from kiosk.lending.acts import (
    CardGiven,
    CardOdd,
    DeviceHealth,
    OpenCase,
    Pressed,
    Printed,
    PrinterChanged,
    Scanned,
    SettleCase,
    Touched,
)
from kiosk.lending.rows import RowState
from kiosk.lending.state import Lending, Over, Phase
from kiosk.lending.turn import Turn
from kiosk.staff.acts import (
    ApproveSet,
    AskStaff,
    CasesKnown,
    ChangeSetting,
    EndCase,
    ItemNamed,
    LeaveStaff,
    LoadCases,
    NameItem,
    PrintTest,
    Refill,
    ReleaseCase,
    RestartDevice,
    ServiceKnown,
    SetService,
    StaffActed,
    StaffKnown,
    TakeCase,
    TryCase,
    Unblock,
)
from kiosk.staff.settings import VALUES, Setting
from kiosk.staff.state import Cause, Page, Service, Staff, Tab

IDLE = "staff.idle"
IDLE_S = 120.0
DOOR_S = 30.0
"""So long nobody comes in by an open door, and the next one's card is not taken for that of staff."""
DOWN = "staff.down."
DOWN_S = 60.0
"""A device that is away for so long needs a person."""
WATCHED = frozenset({"pad", "scanner", "printer", "card", "keys", "speaker", "terminal"})
LONGEST_PIN = 6
"""Digits of a PIN that the keypad takes."""
MOST_TITLES = 20
"""Items whose titles are asked for at one sign-in."""

_ON_PAD = frozenset({CaseVerb.MEND, CaseVerb.CANCEL})
VERB_ACT = {
    CaseVerb.MEND: Act.WRITE_TAG,
    CaseVerb.CANCEL: Act.CANCEL_LOAN,
    CaseVerb.ASK: Act.TAKE_CASE,
    CaseVerb.REPLAY: Act.TELL_AGAIN,
    CaseVerb.RESTART: Act.RESTART,
    CaseVerb.REFILL: Act.REFILL,
}
"""By verb, what a member must be allowed."""


def took(turn: Turn, event: Event) -> bool:
    """Whether the event was staff's, and is done with."""
    state = turn.state
    there = state.staff is not None
    match event:
        case StaffKnown(member=member, locked_until=until):
            _known(turn, member, until)
        case CasesKnown(cases=cases, closed=closed):
            _listed(turn, cases, closed)
        case ItemNamed(item=item, title=title):
            if state.staff is not None:
                _set(turn, titles=(*state.staff.titles, (item, title)))
        case StaffActed():
            _acted(turn, event)
        case ServiceKnown():
            turn.set(service=_decided(state.service, event))
        case TimerFired(name="staff.idle"):
            if state.phase is Phase.STAFF:
                leave(turn, "timed_out")
        case TimerFired(name=name) if name.startswith(DOWN):
            turn.do(OpenCase(CaseKind.DEVICE_FAULTED, name.removeprefix(DOWN)))
        case Pressed(action="staff") if state.phase in {Phase.START, Phase.CLOSED}:
            _enter(turn)
        case Pressed(action=action) if there and action.startswith("staff."):
            _pressed(turn, action.removeprefix("staff."))
        case Pressed(action=action) if there and action.startswith("key."):
            _key(turn, action.removeprefix("key."))
        case Pressed(action=action) if _asks_approval(turn, action):
            row = action.removeprefix("approve.")
            turn.set(staff=Staff(row=row), over=Over.APPROVE)
        case Scanned(scan=scan, mark=mark) if there:
            _shown(turn, scan.text, mark)
        case CardGiven(number=card, mark=mark) if there:
            _shown(turn, card, mark)
        case CardOdd() if there:
            turn.cue(Cue.REFUSED)
        case _:
            return False
    return True


def after(turn: Turn, before: Lending, event: Event) -> None:
    """What staff keeps of every step: devices and paper, the idle clock, and what lies on the pad."""
    match event:
        case DeviceHealth(role=role, ready=ready, code=code):
            _health(turn, role, ready, code)
        case PrinterChanged(state=printer) if printer is not before.devices.printer:
            if printer is PrinterState.PAPER_END:
                turn.do(OpenCase(CaseKind.PAPER_OUT, "printer"))
            elif printer.usable and not before.devices.printer.usable:
                turn.do(SettleCase(CaseKind.PAPER_OUT, "printer"))
        case Printed(outcome=outcome) if outcome.printed:
            service = turn.state.service
            turn.set(service=replace(service, receipts=service.receipts + 1))
        case _:
            pass
    state = turn.state
    if (
        state.staff is not None
        and state.phase is not Phase.STAFF
        and state.over is not Over.APPROVE
    ):
        turn.set(staff=None)
    if state.phase is not Phase.STAFF:
        return
    active = (
        isinstance(event, Pressed | Touched | Scanned | CardGiven | CardOdd)
        or before.pad.uids != state.pad.uids
    )
    within = state.staff is not None and state.staff.signed_in
    came_in = within and not (before.staff is not None and before.staff.signed_in)
    if active or came_in or before.phase is not Phase.STAFF:
        turn.do(SetTimer(IDLE, turn.patience(IDLE_S if within else DOOR_S)))
    _look_at_pad(turn)


def _decided(service: Service, known: ServiceKnown) -> Service:
    """What staff decided, as the journal has it; how the devices are is not its word."""
    return replace(
        service,
        cause=known.cause,
        since=known.since,
        receipts=known.receipts,
        sound=known.sound,
        screen=known.screen,
    )


def _health(turn: Turn, role: str, ready: bool, code: Code | None) -> None:
    """Note how a device is; one that stays away becomes a case, and its case goes when it is back."""
    service = turn.state.service
    was = next((note.ready for note in service.notes if note.role == role), None)
    turn.set(service=service.noted(role, ready, code, turn.now.wall))
    if role == "clock" and ready is not was:
        turn.do((SettleCase if ready else OpenCase)(CaseKind.CLOCK_WRONG, role))
    if ready is was or role not in WATCHED:
        return
    if ready:
        turn.do(StopTimer(f"{DOWN}{role}"), SettleCase(CaseKind.DEVICE_FAULTED, role))
    else:
        turn.do(SetTimer(f"{DOWN}{role}", DOWN_S))


# --- the way in -------------------------------------------------------------------------------------


def _enter(turn: Turn) -> None:
    turn.set(phase=Phase.STAFF, over=Over.NOTHING, staff=Staff(), language=turn.language)
    turn.do(StopTimer("idle"), StopTimer("second"))


def leave(turn: Turn, reason: str) -> None:
    """The member goes, and what lies on the pad is nobody's."""
    staff = turn.state.staff
    if staff is not None and staff.signed_in:
        turn.do(LeaveStaff(staff.member, reason))
    turn.do(StopTimer(IDLE))
    end.make_way(turn)
    turn.set(staff=None)


def _asks_approval(turn: Turn, action: str) -> bool:
    kind, _, of = action.partition(".")
    row = turn.state.row(of)
    return (
        kind == "approve"
        and turn.state.phase is Phase.BORROW
        and row is not None
        and row.state is RowState.INCOMPLETE
    )


def _shown(turn: Turn, card: Secret, mark: str) -> None:
    """A card, by whichever reader."""
    staff = turn.state.staff
    if staff is None or staff.asking:
        return
    if staff.page is Page.UNBLOCK:
        _unblock(turn, mark)
    elif not staff.signed_in:
        mark = f"staff.{mark}"
        minutes = _locked(turn, mark)
        if minutes:
            _set(turn, page=Page.CARD, notice=text("staff.locked", minutes=minutes))
            turn.cue(Cue.REFUSED)
            return
        _set(turn, page=Page.PIN, card=card, mark=mark, pin=Secret(""), notice=None)
        turn.cue(Cue.ITEM_OK)


def _key(turn: Turn, name: str) -> None:
    staff = turn.state.staff
    if staff is None or staff.page is not Page.PIN or staff.asking:
        return
    pin = staff.pin.reveal()
    if name == "erase":
        _set(turn, pin=Secret(pin[:-1]), notice=None)
    elif len(name) == 1 and name.isascii() and name.isdigit() and len(pin) < LONGEST_PIN:
        _set(turn, pin=Secret(pin + name), notice=None)
    turn.cue(Cue.KEY)


def _send_pin(turn: Turn) -> None:
    staff = turn.state.staff
    if staff is None or staff.card is None or staff.asking:
        return
    if len(staff.pin.reveal()) >= PIN_LENGTH:
        _set(turn, asking=True, notice=None)
        turn.do(AskStaff(staff.card, staff.pin))


def _known(turn: Turn, member: Any, until: datetime | None) -> None:
    """The word on card and PIN. One that comes too late finds nobody."""
    staff = turn.state.staff
    if staff is None or not staff.asking:
        if member is not None:
            turn.do(LeaveStaff(member.id, "gone"))
        return
    mark = staff.mark
    _set(turn, asking=False, pin=Secret(""))
    if member is None:
        turn.cue(Cue.REFUSED)
        after = wrong.wrong_pin(turn.state.tries, mark, turn.now.monotonic, turn.rules)
        tries_kept.put(turn, after)
        left = 0 if until is None else int(-((turn.now.wall - until).total_seconds() // 60))
        minutes = max(_locked(turn, mark), left)
        if minutes:
            words = text("staff.locked", minutes=minutes)
            _set(turn, page=Page.CARD, card=None, mark="", notice=words)
        else:
            _set(turn, notice=text("staff.no_access"))
        return
    tries_kept.put(turn, wrong.right_pin(turn.state.tries, mark))
    turn.cue(Cue.ITEM_OK)
    _set(turn, member=member.id, role=member.role, page=Page.CASES, card=None, mark="")
    if turn.state.over is Over.APPROVE:
        _approve(turn)
    else:
        _load(turn)


def _locked(turn: Turn, mark: str) -> int:
    return wrong.minutes(wrong.wait_s(turn.state.tries, mark, turn.now.monotonic))


def _approve(turn: Turn) -> None:
    """The member signed in over a visit, to let one set go with parts missing, and is gone again."""
    staff = turn.state.staff
    if staff is None:
        return
    row = turn.state.row(staff.row)
    if not staff.may(Act.APPROVE_SET):
        turn.do(LeaveStaff(staff.member, "not_allowed"))
        turn.set(staff=Staff(row=staff.row, notice=text("staff.not_allowed")))
        return
    turn.do(LeaveStaff(staff.member, "approved"))
    if row is not None and row.state is RowState.INCOMPLETE:
        turn.do(ApproveSet(staff.member, row.id, row.item))
    turn.set(over=Over.NOTHING, staff=None)


# --- the screens ------------------------------------------------------------------------------------


def _pressed(turn: Turn, action: str) -> None:
    staff = turn.state.staff
    if staff is None:
        return
    kind, _, of = action.partition(".")
    if not staff.signed_in:
        match kind:
            case "enter":
                _send_pin(turn)
            case "leave" if not staff.asking:
                if turn.state.over is Over.APPROVE:
                    turn.set(over=Over.NOTHING, staff=None)
                else:
                    state = turn.state
                    leave(turn, "")
                    turn.reads_as(state)
            case _:
                pass
        return
    match kind:
        case "leave":
            leave(turn, "pressed")
        case "cases":
            _go(turn, Page.CASES, chosen="", verb=None)
            _load(turn)
        case "tab" if of in set(Tab):
            _set(turn, tab=Tab(of), said=None)
        case "back":
            _go(turn, Page.DEVICES)
        case "devices" | "help":
            _go(turn, Page(kind))
        case "unblock" if staff.may(Act.UNBLOCK):
            _go(turn, Page.UNBLOCK)
        case "sound" | "screen" if staff.may(Act.SETTINGS) and not of:
            _go(turn, Page(kind))
        case "cause" if staff.may(Act.CLOSE_MACHINE) and not of:
            _go(turn, Page.CAUSE)
        case _ if not staff.working:
            _deed(turn, staff, kind, of)
        case _:
            pass


def _deed(turn: Turn, staff: Staff, kind: str, of: str) -> None:
    """What changes something: one at a time, and only what the role allows."""
    match kind:
        case "take" if staff.may(Act.TAKE_CASE) and _of(staff, of, CaseState.OPEN):
            _do(turn, TakeCase(staff.member, of), page=Page.CASE, chosen=of)
        case "look" if _of(staff, of, CaseState.TAKEN):
            _go(turn, Page.CASE, chosen=of)
        case "release" if staff.may(Act.TAKE_CASE) and staff.case is not None:
            _do(turn, ReleaseCase(staff.member, staff.chosen))
        case "reason" if staff.may(Act.CLOSE_CASE) and staff.case is not None:
            if of in set(CloseReason):
                _do(turn, EndCase(staff.member, staff.chosen, CloseReason(of)))
            else:
                _go(turn, Page.REASON)
        case "case" if staff.case is not None:
            _go(turn, Page.CASE, verb=None)
        case "verb" if staff.case is not None and of in set(CaseVerb):
            _verb(turn, staff, staff.case, CaseVerb(of))
        case "cause" if staff.may(Act.CLOSE_MACHINE) and of in set(Cause):
            _do(turn, SetService(staff.member, Cause(of)), page=Page.DEVICES)
        case "sound" | "screen" if staff.may(Act.SETTINGS) and of in VALUES[Setting(kind)]:
            change = ChangeSetting(staff.member, Setting(kind), of)
            _do(turn, change, page=Page.DEVICES)
        case "open" if staff.may(Act.OPEN_MACHINE):
            _do(turn, SetService(staff.member, None))
        case "refill" if staff.may(Act.REFILL):
            _do(turn, Refill(staff.member))
        case "test" if staff.may(Act.REFILL):
            _do(turn, PrintTest(staff.member))
        case "restart" if staff.may(Act.RESTART):
            _do(turn, RestartDevice(staff.member, of))
        case _:
            pass


def _verb(turn: Turn, staff: Staff, case: Case, verb: CaseVerb) -> None:
    if verb not in verbs(case.kind) or not staff.may(VERB_ACT[verb]):
        return
    if verb in _ON_PAD:
        _go(turn, Page.PAD, verb=verb, tried=frozenset())
    else:
        _do(turn, TryCase(staff.member, case, verb, (), turn.now.wall))


def _look_at_pad(turn: Turn) -> None:
    """The item of a case was laid down: do what it was asked for, once for each set of tags that lies there."""
    staff = turn.state.staff
    if staff is None or staff.page is not Page.PAD or staff.working or staff.verb is None:
        return
    seen = turn.state.pad.uids
    if not seen or seen == staff.tried or staff.case is None:
        if not seen and staff.tried:
            _set(turn, tried=frozenset())
        return
    uids = tuple(sorted(seen, key=lambda uid: uid.value))
    _do(turn, TryCase(staff.member, staff.case, staff.verb, uids, turn.now.wall), tried=seen)


def _unblock(turn: Turn, mark: str) -> None:
    staff = turn.state.staff
    if staff is None:
        return
    now, tries = turn.now.monotonic, turn.state.tries
    known = any(wrong.wait_s(tries, of, now) > 0 for of in (mark, wrong.MACHINE))
    tries_kept.put(turn, wrong.right_pin(wrong.right_pin(tries, mark), wrong.MACHINE))
    if known:
        _do(turn, Unblock(staff.member))
    else:
        _set(turn, said=text("staff.said.not_blocked"))


def _listed(turn: Turn, cases: tuple[Case, ...], closed: tuple[Case, ...]) -> None:
    staff = turn.state.staff
    if staff is None or not staff.signed_in:
        return
    _set(turn, cases=cases, closed=closed)
    known = {item for item, _ in staff.titles}
    items = {case.subject for case in (*staff.cases, *staff.closed)} | known
    fresh = [
        c.subject
        for c in (*cases, *closed)
        if c.subject not in items and is_item(c.subject) and c.kind not in OF_PAYMENTS
    ]
    turn.do(*map(NameItem, list(dict.fromkeys(fresh))[:MOST_TITLES]))


OF_PAYMENTS = frozenset({CaseKind.PAYMENT_UNKNOWN, CaseKind.PAYMENT_UNTOLD})
"""Their subject is the number of a payment."""


def is_item(subject: str) -> bool:
    """Whether a case is about an item, not a device: devices are words."""
    return any(sign.isdigit() for sign in subject)


def _acted(turn: Turn, event: StaffActed) -> None:
    staff = turn.state.staff
    if staff is None or not staff.working:
        return
    _set(turn, working=False, said=event.said)
    if event.over and staff.page in {Page.CASE, Page.REASON, Page.PAD}:
        _set(turn, page=Page.CASES, chosen="", verb=None)
    turn.cue(Cue.DONE if event.over else Cue.ATTENTION)
    _load(turn)


# --- pieces -----------------------------------------------------------------------------------------


def _set(turn: Turn, **changes: Any) -> None:
    staff = turn.state.staff
    if staff is not None:
        turn.set(staff=replace(staff, **changes))


def _go(turn: Turn, page: Page, **changes: Any) -> None:
    _set(turn, page=page, said=None, **changes)


def _do(turn: Turn, effect: Any, **changes: Any) -> None:
    _set(turn, working=True, said=None, **changes)
    turn.do(effect)


def _load(turn: Turn) -> None:
    turn.do(LoadCases())


def _of(staff: Staff, id: str, state: CaseState) -> bool:
    return any(case.id == id and case.state is state for case in staff.cases)
