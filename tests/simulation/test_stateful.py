"""Anything may happen to the lending flow, in any order and late: it stays sound, and so does every screen.

`lending_world` is the world; here stands what may happen, and what always holds. Hypothesis chooses.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from config.texts import Catalogue, Text
from drivers.errors import Code
from drivers.ports import (
    Borrowed,
    Online,
    Outcome,
    PrinterState,
    PrintOutcome,
    Scan,
    Secret,
    Uid,
)
from drivers.runtime.flow import Effect, TimerFired
from drivers.service.view import (
    Screen,
    TimeClass,
    Weight,
    actions_of,
    screen_from_json,
    screen_to_json,
)
from drivers.tags import Decoded, Item
from kiosk import view
from kiosk.lending import acts, helds, lents
from kiosk.lending.flow import IDLE, SECOND
from kiosk.lending.rows import UNSETTLED, Row, RowState
from kiosk.lending.slips import Failed
from kiosk.lending.state import Lending, Over, Phase, ReceiptState, Visit
from kiosk.view.rows import Words
from tests.simulation.lending_world import (
    ACCOUNTS,
    BEGIN,
    CARDS,
    CONFIG,
    NAMES,
    RENEWALS,
    SCANS,
    TAGS,
    UNWRITTEN,
    LendingWorld,
)

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
    "cancel.yes",
    "cancel.no",
    "holds",
    "show.holds",
    "show.loans",
    "show.borrow",
    "key.7",
    "key.erase",
    "key.77",
    "language.en",
    "assist.larger",
    "assist.help",
    "nothing.of.ours",
)
CATALOGUE = Catalogue.load()
WORDS = Words(CATALOGUE.keys(), ("da", "en"))
PRINTS = (acts.PrintSlip, acts.MailSlip)
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


def borrowings(item: str) -> st.SearchStrategy[Borrowed]:
    """Every answer to a checkout."""
    return st.builds(
        lambda outcome, due, silence: Borrowed(
            outcome,
            "item.reserved" if outcome is Outcome.REFUSED else "",
            item=item,
            title="Lykke-Per",
            due=due,
            desensitize=silence,
        ),
        st.sampled_from(Outcome),
        st.sampled_from((None, date(2026, 12, 1))),
        st.booleans(),
    )


def _is(tag_: Decoded, item: str) -> bool:
    return isinstance(tag_, Item) and tag_.id == item


class LendingMachine(LendingWorld, RuleBasedStateMachine):
    """The flow, driven."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        LendingWorld.__init__(self)

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

    @precondition(lambda self: not self.well)
    @rule()
    def all_is_well(self) -> None:
        """Everything answers again, and holds until it is trusted."""
        self.open_devices()
        self.step(acts.OfflineLends(True))
        for name in [name for name in self.timers if name.startswith("steady.")]:
            self.seconds = max(self.seconds, self.timers.pop(name))
            self.step(TimerFired(name))
        assert self.state.phase is not Phase.CLOSED

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """The process dies, and another begins: what it had asked for was done, or not, or is settled by asking."""
        before = self.state.next_row
        for effect in self.asked:
            if data.draw(st.booleans()):
                self.dies(effect)
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
            self.answer_account(effect, ACCOUNTS[0])
        if self.state.lents:
            self.step(acts.Pressed("renew.all"))

    @precondition(lambda self: self.state.phase is Phase.START)
    @rule(who=st.integers(0, 1), which=st.integers(0, 2), sure=st.booleans())
    def cancel_a_hold_at_once(self, who: int, which: int, sure: bool) -> None:
        """So that many runs cancel something."""
        self.step(acts.Pressed("holds"))
        self.sign_in_at_once(who)
        for effect in [e for e in self.asked if isinstance(e, acts.AskAccount)]:
            self.asked.remove(effect)
            self.answer_account(effect, ACCOUNTS[0])
        if which < len(self.state.helds):
            self.step(acts.Pressed(f"cancel.{self.state.helds[which].id}"))
            self.step(acts.Pressed("cancel.yes" if sure else "cancel.no"))

    @precondition(lambda self: not self.away)
    @rule(lends=st.booleans())
    def library_goes(self, lends: bool) -> None:
        """It is away, and perhaps for so long that nothing is lent any more."""
        self.step(acts.LibraryChanged(Online.OFFLINE))
        self.step(acts.OfflineLends(lends))

    @precondition(lambda self: self.away and self.state.phase is Phase.START)
    @rule(who=st.integers(0, 1), item=st.sampled_from(("3846646425", "3846646433")))
    def borrow_offline_at_once(self, who: int, item: str) -> None:
        """So that many runs lend something that is told later."""
        self.step(acts.Scanned(Scan("C0", Secret(CARDS[who])), mark=f"mark {CARDS[who]}"))
        for effect in [e for e in self.asked if isinstance(e, acts.AskSignIn)]:
            self.asked.remove(effect)
            self.believe(effect, allowed=True)
        self.step(acts.PadPolled(frozenset(u for u, tag_ in TAGS.items() if _is(tag_, item))))

    @precondition(lambda self: self.untold)
    @rule(data=st.data())
    def library_comes_back_and_is_told(self, data: st.DataObject) -> None:
        """What was done meanwhile is told in its order, before anything new; some of it may be refused."""
        self.step(acts.LibraryChanged(Online.REPLAYING))
        for _ in range(data.draw(st.integers(0, len(self.untold)))):
            self.untold.pop(0)
        if not self.untold:
            self.step(acts.LibraryChanged(Online.ONLINE))
            self.step(acts.OfflineLends(True))

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
                self.answer_borrow(effect, data.draw(borrowings(effect.item)))
            case acts.TakeBack():
                self.answer_take_back(effect, data.draw(st.sampled_from((True, False, None))))
            case acts.SetSecurity():
                code = data.draw(st.sampled_from((None, None, *UNWRITTEN)))
                self.answer_security(effect, code, took=data.draw(st.booleans()))
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
                self.answer_account(effect, data.draw(st.sampled_from(ACCOUNTS)))
            case acts.CancelHold():
                self.answer_cancel(effect, data.draw(st.sampled_from(Outcome)))
            case acts.GoOn():
                self.go_on(effect, allowed=data.draw(st.booleans()))
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

    @precondition(lambda self: self.asked)
    @rule()
    def all_goes_well_to_its_end(self) -> None:
        """Whatever is asked, and what is asked because of it."""
        for _ in range(40):
            if self.asked:
                self.answer_well(self.asked.pop(0))

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
            case acts.CancelHold():
                self.answer_cancel(effect, Outcome.DONE if done else Outcome.REFUSED)
            case _:
                raise AssertionError(f"{effect} is not settled by asking")

    # --- the model's answers

    # --- what always holds

    @property
    def well(self) -> bool:
        """Every device answers and is trusted, and so does the library system."""
        devices = self.state.devices
        answers = devices.pad and devices.scanner and devices.store and devices.clock
        return answers and devices.library is Online.ONLINE and not self.state.unsteady

    @property
    def under_way(self) -> bool:
        """There is something that a death would interrupt."""
        state = self.state
        return bool(state.rows or state.backs or state.lents or state.helds or state.signed_in)

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
    def whom_nobody_has_checked_sees_no_account(self) -> None:
        state = self.state
        if state.visit.patron is not None and state.visit.patron.unchecked:
            assert (state.lents, state.helds, state.visit.fees) == ((), (), ())

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
        for held in state.helds:
            if held.state in helds.BUSY:
                asked = any(isinstance(e, acts.CancelHold) and e.row == held.id for e in self.asked)
                assert asked or f"row.{held.id}" in timers
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
