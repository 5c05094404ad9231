"""Anything may happen to the lending flow, in any order and late: it stays sound, and so does every screen.

A small model stands for the world: which byte each tag has, what the library system has lent, who asked to
sign in. It answers what the flow asks for, when and how Hypothesis likes, and judges each step.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from config.load import load_text
from config.texts import Catalogue, Text
from drivers.errors import Code
from drivers.ports import (
    Account,
    Borrowed,
    Loan,
    Online,
    Outcome,
    Patron,
    PrinterState,
    PrintOutcome,
    Returned,
    Scan,
    Secret,
    SignIn,
    Uid,
)
from drivers.runtime.flow import Effect, Event, Now, SetTimer, StopTimer, TimerFired
from drivers.service.view import (
    Screen,
    TimeClass,
    Weight,
    actions_of,
    screen_from_json,
    screen_to_json,
)
from drivers.tags import Decoded, Foreign, Format, Item
from kiosk import view
from kiosk.lending import acts, lents
from kiosk.lending.flow import IDLE, SECOND, LendingFlow
from kiosk.lending.rows import UNSETTLED, Row, RowState
from kiosk.lending.slips import Failed
from kiosk.lending.state import Lending, Over, Phase, ReceiptState, Visit
from kiosk.view.rows import Words
from tests.simulation.rig import STATION

CONFIG = load_text(STATION).station
CATALOGUE = Catalogue.load()
WORDS = Words(CATALOGUE.keys(), ("da", "en"))
BEGIN = datetime(2026, 11, 3, 9, 42, tzinfo=UTC)
ON_LOAN, IN_STOCK = CONFIG.security.on_loan, CONFIG.security.in_stock
NAMES = ("Karen", "Zenobia")
CARDS = ("1234567890", "2345678901")


def uid(n: int) -> Uid:
    return Uid(bytes((0xE0, 4, 1, 0, 0, 0, 0, n)))


def tag(item: str, part: int = 1, parts: int = 1) -> Item:
    return Item(Format.ISO_28560_3, item, "DK746100", part, parts, crc_ok=True)


TAGS: dict[Uid, Decoded] = {
    uid(1): tag("3846646425"),
    uid(2): tag("3846646433"),
    uid(3): tag("3846646466", 1, 3),
    uid(4): tag("3846646466", 2, 3),
    uid(5): tag("3846646466", 3, 3),
    uid(6): Foreign(),
    uid(7): tag("3846646433"),
}
"""Two books, a set of three, a stranger's card, and a second tag with the number of the second book."""
SCANS = (*CARDS, "3002991234", "3846646425", "3846646474", "?", "A4711")
PRESSES = (
    "borrow",
    "back",
    "close",
    "continue",
    "log_out",
    "finish.print",
    "finish.none",
    "undo.r1",
    "undo.r2",
    "skip.r1",
    "skip.r3",
    "item.yes",
    "item.no",
    "key.7",
    "key.erase",
    "key.77",
    "language.en",
    "assist.larger",
    "assist.help",
    "nothing.of.ours",
)
UNWRITTEN = (
    Code.TAG_LOST,
    Code.TAG_NONE,
    Code.TAG_LOCKED,
    Code.TAG_NOT_WRITTEN,
    Code.PORT_GONE,
    Code.WIRE_SILENT,
    Code.BUG,
)


ACCOUNTS = (
    Account(
        Outcome.DONE,
        loans=(
            Loan("3846646425", "Lykke-Per", date(2026, 12, 1)),
            Loan("3846646474", "Havets hus", None),
        ),
        owed=2050,
    ),
    Account(Outcome.DONE),
    Account(Outcome.OFFLINE, "ils.offline"),
)
RENEWALS = (
    Borrowed(Outcome.DONE, due=date(2027, 1, 1)),
    Borrowed(Outcome.REFUSED, "renew.reserved"),
    Borrowed(Outcome.UNKNOWN),
)
PRINTS = (acts.PrintSlip, acts.MailSlip)
MAIL = Secret("nn.testesen@example.org")
SOUND: set[Screen] = set()
"""Screens that have been looked at already."""


def texts(value: object) -> Iterator[Text]:
    """Every text of a screen, wherever it stands."""
    if isinstance(value, Text):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)


def _is(tag_: Decoded, item: str) -> bool:
    return isinstance(tag_, Item) and tag_.id == item


class LendingMachine(RuleBasedStateMachine):
    """The flow, driven."""

    @override
    def __init__(self) -> None:
        super().__init__()
        self.flow = LendingFlow(CONFIG.lending, CONFIG.security, "da")
        self.state = Lending()
        self.seconds = 0.0
        self.timers: dict[str, float] = {}
        self.asked: list[Effect] = []
        self.unsettled: list[Effect] = []
        """Loans and undos without an answer: one comes some day, the visit may be over by then."""
        self.bytes = dict.fromkeys(TAGS, IN_STOCK)
        self.lent: set[str] = set()
        self.left_armed: set[str] = set()
        """Rows whose tags the library system wants armed."""
        self.called_items: set[str] = set()
        """Numbers of which the person said that they are items."""
        self.signing_in: str | None = None
        """Whose card and PIN are being asked about, in the visit that asked."""

    # --- one step

    def step(self, event: Event) -> None:
        before = self.state
        if event == acts.Pressed("item.yes") and before.visit.scan is not None:
            self.called_items.add(before.visit.scan.reveal())
        now = Now(BEGIN + timedelta(seconds=self.seconds), self.seconds)
        self.state, effects = self.flow(before, event, now)
        for effect in effects:
            match effect:
                case SetTimer(name=name, seconds=seconds):
                    self.timers[name] = self.seconds + seconds
                case StopTimer(name=name):
                    self.timers.pop(name, None)
                case acts.BeginVisit() | acts.EndVisit() | acts.OpenCase() | acts.SettleCase():
                    pass
                case _:
                    self.judge_effect(effect)
                    self.asked.append(effect)
        self.judge_moves(before)

    def judge_effect(self, effect: Effect) -> None:
        match effect:
            case acts.Borrow(item=item, patron=patron):
                assert item not in CARDS or item in self.called_items, "a card is lent as an item"
                same = [e for e in self.asked if isinstance(e, acts.Borrow) and e.item == item]
                assert not same, f"{item} is asked for twice at once"
                assert patron == self.state.visit.patron
            case acts.SetSecurity(item=item, afi=afi) if afi == ON_LOAN:
                assert item in self.lent, f"{item} is made silent and is not on loan"
            case acts.TakeBack(item=item):
                row = next(row for row in self.state.rows if row.item == item)
                armed = [self.bytes[part.uid] == IN_STOCK for part in row.tags]
                assert all(armed), "an undo is asked for before its tags are armed"
            case _:
                pass

    def judge_moves(self, before: Lending) -> None:
        for row in self.state.rows:
            was = before.row(row.id)
            if row.state is RowState.DONE and (was is None or was.state is not RowState.DONE):
                assert row.item in self.lent
                if row.id not in self.left_armed:
                    silent = {p.number for p in row.tags if self.bytes[p.uid] == ON_LOAN}
                    assert silent == {p.number for p in row.tags}, f"{row} is not silent"

    def take(self, data: st.DataObject, effects: list[Effect]) -> Effect:
        return effects.pop(data.draw(st.integers(0, len(effects) - 1)))

    # --- what happens

    @initialize()
    def open(self) -> None:
        self.open_devices()
        assert self.state.phase is Phase.START

    def open_devices(self) -> None:
        for role in ("pad", "scanner", "store", "clock"):
            self.step(acts.DeviceHealth(role, True))
        self.step(acts.PrinterChanged(PrinterState.READY))
        self.step(acts.MailChanged(True))
        self.step(acts.LibraryChanged(Online.ONLINE))

    @rule(data=st.data())
    def press_what_is_shown(self, data: st.DataObject) -> None:
        there = [action.id for action in actions_of(self.screen) if action.reason is None]
        if there:
            self.step(acts.Pressed(data.draw(st.sampled_from(there))))

    @rule(action=st.sampled_from(PRESSES))
    def press_too_late(self, action: str) -> None:
        self.step(acts.Pressed(action))

    @rule(text=st.sampled_from(SCANS))
    def scan(self, text: str) -> None:
        self.step(acts.Scanned(Scan("C0", Secret(text)), mark=f"mark {text}"))

    @rule(text=st.sampled_from(SCANS))
    def hold_a_card(self, text: str) -> None:
        self.step(acts.CardGiven(Secret(text), mark=f"mark {text}"))

    @rule(why=st.sampled_from(("two", "phone", "stranger", "unread")))
    def hold_something_else(self, why: str) -> None:
        before = self.state.visit.patron
        self.step(acts.CardOdd(why))
        assert self.state.visit.patron is before

    @precondition(lambda self: self.state.phase is Phase.CARD)
    @rule(who=st.integers(0, 1))
    def type_a_number_at_once(self, who: int) -> None:
        self.step(acts.Pressed("type"))
        for digit in CARDS[who]:
            self.step(acts.Pressed(f"key.{digit}"))

    @rule(who=st.integers(0, 1))
    def sign_in_at_once(self, who: int) -> None:
        """So that most runs get further than a card."""
        self.step(acts.Scanned(Scan("C0", Secret(CARDS[who])), mark=f"mark {CARDS[who]}"))
        for _ in range(CONFIG.lending.pin_length):
            self.step(acts.Pressed("key.7"))
        asked = [e for e in self.asked if isinstance(e, acts.AskSignIn)]
        if asked:
            self.asked.remove(asked[-1])
            self.answer_sign_in(asked[-1], "done")

    @rule(
        uids=st.sets(st.sampled_from(sorted(TAGS, key=lambda u: u.value))), times=st.integers(1, 3)
    )
    def poll(self, uids: set[Uid], times: int) -> None:
        for _ in range(times):
            self.step(acts.PadPolled(frozenset(uids)))

    @rule()
    def touch(self) -> None:
        self.step(acts.Touched())

    @rule(data=st.data())
    def trouble(self, data: st.DataObject) -> None:
        """A device, the library system, the store or the clock goes, or comes back."""
        what = data.draw(
            st.sampled_from(("pad", "scanner", "store", "clock", "printer", "library"))
        )
        match what:
            case "printer":
                self.step(acts.PrinterChanged(data.draw(st.sampled_from(PrinterState))))
                self.step(acts.MailChanged(data.draw(st.booleans())))
            case "library":
                self.step(acts.LibraryChanged(data.draw(st.sampled_from(Online))))
            case _:
                ready = data.draw(st.booleans())
                self.step(acts.DeviceHealth(what, ready, None if ready else Code.PORT_GONE))

    @rule()
    def all_is_well(self) -> None:
        """Everything answers again, and holds until it is trusted."""
        self.open_devices()
        for name in [name for name in self.timers if name.startswith("steady.")]:
            self.seconds = max(self.seconds, self.timers.pop(name))
            self.step(TimerFired(name))
        assert self.state.phase is not Phase.CLOSED

    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """The process dies, and another begins: what it had asked for was done, or not, or is settled by asking."""
        before = self.state.next_row
        for effect in self.asked:
            match effect:
                case acts.Borrow(item=item) if data.draw(st.booleans()):
                    self.lent.add(item)
                case acts.TakeBack(item=item) | acts.GiveBack(item=item) if data.draw(
                    st.booleans()
                ):
                    self.lent.discard(item)
                case acts.SetSecurity(uid=tag, afi=afi) if data.draw(st.booleans()):
                    self.bytes[tag] = afi
                case _:
                    pass
        self.asked.clear()
        self.unsettled.clear()
        self.timers.clear()
        self.left_armed.clear()
        self.state = Lending(next_row=before)
        assert self.state.visit == Visit()
        self.open_devices()
        assert self.state.phase is Phase.START
        assert not any(name in repr(self.screen) for name in NAMES)

    @rule(item=st.sampled_from(("3846646425", "3846646433")), data=st.data())
    def return_at_once(self, item: str, data: st.DataObject) -> None:
        """So that many runs return something that is on loan."""
        self.step(acts.Pressed("return"))
        self.lent.add(item)
        self.step(acts.PadPolled(frozenset(u for u, tag_ in TAGS.items() if _is(tag_, item))))
        for effect in [e for e in self.asked if isinstance(e, acts.ReadTag)]:
            self.asked.remove(effect)
            self.answer_well(effect)

    @precondition(lambda self: self.state.phase is Phase.START)
    @rule(who=st.integers(0, 1))
    def look_at_loans_at_once(self, who: int) -> None:
        """So that many runs renew something."""
        self.step(acts.Pressed("loans"))
        self.sign_in_at_once(who)
        for effect in [e for e in self.asked if isinstance(e, acts.AskAccount)]:
            self.asked.remove(effect)
            self.step(acts.AccountKnown(ACCOUNTS[0]))
        if self.state.lents:
            self.step(acts.Pressed("renew.all"))

    @precondition(lambda self: any("undo." in action for action in self.screen.focus))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        there = [action for action in self.screen.focus if action.startswith("undo.")]
        self.step(acts.Pressed(data.draw(st.sampled_from(there))))

    @precondition(lambda self: self.timers)
    @rule(data=st.data())
    def time_is_up(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.timers)))
        self.seconds = max(self.seconds, self.timers.pop(name))
        self.step(TimerFired(name))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        effect = self.take(data, self.asked)
        match effect:
            case acts.ReadTag(uid=uid):
                if data.draw(st.booleans()):
                    self.step(acts.TagRead(uid, TAGS[uid], data.draw(st.booleans())))
                else:
                    self.step(acts.TagUnread(uid, Code.TAG_LOST))
            case acts.GiveCard(number=number):
                self.step(acts.CardGiven(number, mark=f"mark {number.reveal()}"))
            case acts.AskSignIn():
                how = data.draw(st.sampled_from(("done", "blocked", "refused", "offline")))
                self.answer_sign_in(effect, how)
            case acts.Borrow():
                self.answer_borrow(effect, data.draw(st.sampled_from(Outcome)), data)
            case acts.TakeBack():
                self.answer_take_back(effect, data.draw(st.sampled_from((True, False, None))))
            case acts.SetSecurity():
                self.answer_security(effect, data)
            case acts.PayDebt(uid=uid):
                self.step(acts.DebtPaid(uid))
            case acts.AskTitle(row=row):
                self.step(acts.TitleKnown(row, "Skak for begyndere"))
            case acts.AskNumber(number=number):
                self.step(
                    acts.NumberKnown(
                        number, data.draw(st.sampled_from((number.reveal() not in CARDS, None)))
                    )
                )
            case acts.AskStatus():
                self.answer_status(effect, data.draw(st.booleans()))
            case acts.GiveBack():
                self.answer_give_back(effect, data.draw(st.sampled_from(Outcome)))
            case acts.AskAccount():
                self.step(acts.AccountKnown(data.draw(st.sampled_from(ACCOUNTS))))
            case acts.Renew(row=row):
                self.step(acts.Renewed(row, data.draw(st.sampled_from(RENEWALS))))
            case acts.PrintSlip(slip=slip, to=to):
                outcome = data.draw(st.sampled_from(PrintOutcome))
                self.step(acts.Printed(outcome, None if outcome.printed else Failed(slip, to)))
            case acts.MailSlip(slip=slip, to=to):
                kept = data.draw(st.booleans())
                self.step(acts.Mailed(None if kept else Failed(slip, to, mailed=True)))
            case _:
                raise AssertionError(f"the model cannot answer {effect}")

    @precondition(lambda self: self.asked)
    @rule(times=st.integers(1, 8))
    def all_goes_well(self, times: int) -> None:
        """Good answers to the oldest questions, so that runs reach deep."""
        for _ in range(times):
            if self.asked:
                self.answer_well(self.asked.pop(0))

    def answer_well(self, effect: Effect) -> None:
        match effect:
            case acts.ReadTag(uid=uid):
                self.step(acts.TagRead(uid, TAGS[uid]))
            case acts.GiveCard(number=number):
                self.step(acts.CardGiven(number, mark=f"mark {number.reveal()}"))
            case acts.AskSignIn():
                self.answer_sign_in(effect, "done")
            case acts.Borrow():
                self.lend(effect, Borrowed(Outcome.DONE, item=effect.item, title="Lykke-Per"))
            case acts.TakeBack():
                self.answer_take_back(effect, True)
            case acts.SetSecurity(row=row, uid=uid, afi=afi):
                self.bytes[uid] = afi
                self.step(acts.TagWritten(row, uid, afi))
            case acts.PayDebt(uid=uid):
                self.step(acts.DebtPaid(uid))
            case acts.AskTitle(row=row):
                self.step(acts.TitleKnown(row, "Skak for begyndere"))
            case acts.AskNumber(number=number):
                self.step(acts.NumberKnown(number, number.reveal() not in CARDS))
            case acts.AskStatus():
                self.answer_status(effect, False)
            case acts.GiveBack():
                self.answer_give_back(effect, Outcome.DONE)
            case acts.AskAccount():
                self.step(acts.AccountKnown(ACCOUNTS[0]))
            case acts.Renew(row=row):
                self.step(acts.Renewed(row, RENEWALS[0]))
            case acts.PrintSlip():
                self.step(acts.Printed(PrintOutcome.PRINTED))
            case acts.MailSlip():
                self.step(acts.Mailed())
            case _:
                raise AssertionError(f"the model cannot answer {effect}")

    @precondition(lambda self: self.unsettled)
    @rule(data=st.data(), done=st.booleans())
    def settle(self, data: st.DataObject, done: bool) -> None:
        """What asking found, now or long after the visit."""
        effect = self.take(data, self.unsettled)
        match effect:
            case acts.Borrow(row=row, item=item):
                if done:
                    self.lent.add(item)
                outcome = Outcome.DONE if done else Outcome.REFUSED
                answer = Borrowed(outcome, "" if done else "lend.refused", item=item)
                self.step(acts.Loaned(row, answer, settled=True))
            case acts.TakeBack(row=row, item=item):
                if done:
                    self.lent.discard(item)
                self.step(acts.Cancelled(row, done))
            case acts.GiveBack():
                self.answer_give_back(effect, Outcome.DONE if done else Outcome.REFUSED)
            case _:
                raise AssertionError(f"{effect} is not settled by asking")

    # --- the model's answers

    def answer_sign_in(self, effect: acts.AskSignIn, how: str) -> None:
        who = CARDS.index(effect.card.reveal()) if effect.card.reveal() in CARDS else 0
        patron = Patron(effect.card, effect.pin, Secret(f"{NAMES[who]} Testesen"), MAIL)
        match how:
            case "refused":
                self.step(acts.SignedIn(SignIn(Outcome.REFUSED, "login.pin")))
            case "offline":
                self.step(acts.SignedIn(SignIn(Outcome.OFFLINE)))
            case _:
                flags = frozenset({0} if how == "blocked" else ())
                asking = self.state.visit.asking
                mark = self.state.visit.mark
                self.step(acts.SignedIn(SignIn(Outcome.DONE, patron=patron, flags=flags)))
                if asking and self.state.visit.patron is not None:
                    assert mark == f"mark {effect.card.reveal()}", "somebody else was signed in"

    def answer_borrow(self, effect: acts.Borrow, outcome: Outcome, data: st.DataObject) -> None:
        reason = "item.reserved" if outcome is Outcome.REFUSED else ""
        if outcome is Outcome.UNKNOWN:
            self.unsettled.append(effect)
        silence = data.draw(st.booleans())
        due = data.draw(st.sampled_from((None, date(2026, 12, 1))))
        self.lend(
            effect,
            Borrowed(
                outcome, reason, item=effect.item, title="Lykke-Per", due=due, desensitize=silence
            ),
        )

    def lend(self, effect: acts.Borrow, answer: Borrowed) -> None:
        if answer.done:
            self.lent.add(effect.item)
            if not answer.desensitize:
                self.left_armed.add(effect.row)
        self.step(acts.Loaned(effect.row, answer))

    def answer_status(self, effect: acts.AskStatus, on_loan: bool) -> None:
        if on_loan:
            self.lent.add(effect.item)
        self.step(acts.StatusKnown(effect.row, effect.item in self.lent))

    def answer_give_back(self, effect: acts.GiveBack, outcome: Outcome) -> None:
        answer = Returned(
            outcome, "return.refused" if outcome is Outcome.REFUSED else "", item=effect.item
        )
        if answer.done:
            self.lent.discard(effect.item)
        elif outcome is Outcome.UNKNOWN:
            self.unsettled.append(effect)
        self.step(acts.GaveBack(effect.row, answer))

    def answer_take_back(self, effect: acts.TakeBack, done: bool | None) -> None:
        if done:
            self.lent.discard(effect.item)
        elif done is None:
            self.unsettled.append(effect)
        self.step(acts.Cancelled(effect.row, done))

    def answer_security(self, effect: acts.SetSecurity, data: st.DataObject) -> None:
        uid, afi = effect.uid, effect.afi
        if data.draw(st.booleans()):
            self.bytes[uid] = afi
            self.step(acts.TagWritten(effect.row, uid, afi))
        else:
            if data.draw(st.booleans()):
                self.bytes[uid] = afi  # written, and only the answer was lost
            code = data.draw(st.sampled_from(UNWRITTEN))
            self.step(acts.TagNotWritten(effect.row, uid, afi, code))

    # --- what always holds

    @property
    def screen(self) -> Screen:
        now = BEGIN + timedelta(seconds=self.seconds)
        return view.screen(self.state, CONFIG, WORDS, now, self.seconds)

    @invariant()
    def nobody_is_remembered(self) -> None:
        state = self.state
        if state.phase in {Phase.STARTING, Phase.CLOSED, Phase.START, Phase.END, Phase.CLEAR}:
            assert state.visit == Visit()
            assert state.rows == ()
            assert state.failed_receipt is None
        if not state.signed_in:
            said = repr(self.screen)
            assert not any(name in said for name in NAMES)
            assert not any(card in said for card in CARDS)
        if state.phase is not Phase.PIN:
            assert not state.visit.pin

    @invariant()
    def every_row_has_something_to_wait_for(self) -> None:
        state = self.state
        for row in state.rows:
            timed = f"row.{row.id}" in self.timers
            match row.state:
                case RowState.ASKING:
                    waits = self.waits_for(acts.Borrow, row)
                case RowState.UNDO_ASK:
                    waits = self.waits_for(acts.TakeBack, row)
                case RowState.TAG_WRITE | RowState.UNDO_ARM:
                    waits = self.waits_for(acts.SetSecurity, row)
                case state_ if state_ in UNSETTLED:
                    waits = timed
                case RowState.SEEN if state.phase is Phase.BORROW and row.complete(True):
                    waits = any(part.uid in state.owing for part in row.tags)
                case _:
                    waits = True
            assert waits, f"{row} waits for nothing"
        assert all(
            any(isinstance(e, acts.PayDebt) and e.uid == u for e in self.asked) for u in state.owing
        )

    def waits_for(self, kind: type[Effect], row: Row) -> bool:
        return any(isinstance(e, kind) and getattr(e, "row", "") == row.id for e in self.asked)

    @invariant()
    def nobody_is_trapped(self) -> None:
        state, timers = self.state, self.timers
        match state.phase:
            case Phase.FINISHING:
                assert state.unsettled
            case Phase.END:
                printing = any(isinstance(e, PRINTS) for e in self.asked)
                assert "end" in timers or printing
            case Phase.LOOKING:
                assert "look" in timers
            case Phase.CLEAR:
                assert "clear" in timers
            case Phase.RECEIPT_FAILED:
                assert "receipt" in timers
            case Phase.CARD | Phase.PIN | Phase.BLOCKED | Phase.BORROW | Phase.RETURN | Phase.LOANS:
                assert IDLE in timers or (state.over is Over.IDLE and SECOND in timers)
            case _:
                pass
        if state.visit.asking:
            assert any(isinstance(e, acts.AskSignIn) for e in self.asked)
        if state.visit.fetching:
            assert any(isinstance(e, acts.AskAccount) for e in self.asked)
        for lent in state.lents:
            if lent.state in lents.BUSY:
                asked = any(isinstance(e, acts.Renew) and e.row == lent.id for e in self.asked)
                assert asked or f"row.{lent.id}" in timers
        if state.farewell is not None and state.farewell.receipt is ReceiptState.PRINTING:
            assert any(isinstance(e, PRINTS) for e in self.asked)

    @invariant()
    def the_screen_is_sound(self) -> None:
        shown = self.screen
        held = self.state.phase in {Phase.BORROW, Phase.PIN} and self.state.over is Over.NOTHING
        if held and self.state.busy:
            assert shown.time_class is TimeClass.HELD
        if shown.time_class is TimeClass.REST:
            assert self.state.visit == Visit()
        plain = replace(shown, cue=None, cue_serial=0)
        if plain in SOUND:
            return
        for said in texts(shown):
            for language in ("da", "en"):
                assert CATALOGUE.say(said, language)
        assert screen_from_json(screen_to_json(shown)) == shown
        actions = actions_of(shown)
        assert sum(action.weight is Weight.PRIMARY for action in actions) <= 1
        assert len(set(shown.focus)) == len(shown.focus)
        assert set(shown.focus) == {action.id for action in actions}
        SOUND.add(plain)


TestLending = LendingMachine.TestCase
TestLending.settings = settings(max_examples=40, stateful_step_count=50, deadline=None)
