"""A small world for the lending flow, without wires: it answers what the flow asks for, and judges each step.

It knows which byte each tag has, what the library system has lent, which holds it keeps, who asked to sign in, and
what was done while the library system was away and is not told yet. Answers come when and how a test likes.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from config.load import load_text
from drivers.errors import Code
from drivers.ports import (
    Account,
    Answer,
    Borrowed,
    Hold,
    HoldState,
    Loan,
    Outcome,
    Patron,
    PrintOutcome,
    Returned,
    Secret,
    SignIn,
    Uid,
)
from drivers.runtime.flow import Effect, Event, Now, SetTimer, StopTimer
from drivers.tags import Decoded, Foreign, Format, Item
from kiosk.lending import acts
from kiosk.lending.flow import LendingFlow
from kiosk.lending.helds import HeldState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Lending
from tests.simulation.rig import STATION

CONFIG = load_text(STATION).station
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
HOLDS = (
    Hold("3846646433", "Rødgrød på Ærø", HoldState.READY, shelf="7", until=date(2026, 12, 1)),
    Hold("", "Skak for begyndere", HoldState.WAITING, record="r42"),
    Hold("3846646474", "Havets hus", HoldState.EXPIRED),
)
"""One to fetch, one that is known by its record alone, one too late."""
LATER = date(2026, 12, 4)
"""What is promised while the library system is away."""
MAIL = Secret("nn.testesen@example.org")
RENEWALS = (
    Borrowed(Outcome.DONE, due=date(2027, 1, 1)),
    Borrowed(Outcome.REFUSED, "renew.reserved"),
    Borrowed(Outcome.UNKNOWN),
)


class LendingWorld:
    """The flow and the world it stands in."""

    def __init__(self) -> None:
        self.flow = LendingFlow(CONFIG.lending, CONFIG.security, "da")
        self.state = Lending(inherited=frozenset())  # the pad was seen before
        self.seconds = 0.0
        self.timers: dict[str, float] = {}
        self.asked: list[Effect] = []
        self.unsettled: list[Effect] = []
        """Loans and undos without an answer: one comes some day, the visit may be over by then."""
        self.bytes = dict.fromkeys(TAGS, IN_STOCK)
        self.lent: set[str] = set()
        self.left_armed: set[str] = set()
        """Rows whose tags the library system wants armed."""
        self.holds = {hold.key for hold in HOLDS}
        """What the library system keeps for her."""
        self.untold: list[tuple[str, str]] = []
        """Verbs and items that were done while the library system was away, in their order."""
        self.last: Event | None = None
        self.called_items: set[str] = set()
        """Numbers of which the person said that they are items."""

    # --- one step

    def step(self, event: Event) -> None:
        before, self.last = self.state, event
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
            case acts.CancelHold(hold=hold):
                twice = [e for e in self.asked if isinstance(e, acts.CancelHold) and e.hold == hold]
                assert not twice, f"{hold.key} is cancelled twice at once"
                assert self.last == acts.Pressed("cancel.yes"), "nobody said that it shall go"
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
        for held in self.state.helds:
            if held.state is HeldState.CANCELLED:
                assert held.hold.key not in self.holds, f"{held.hold.key} is kept all the same"

    # --- answers

    @property
    def away(self) -> bool:
        return self.state.devices.away

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
                self.answer_account(effect, ACCOUNTS[0])
            case acts.CancelHold():
                self.answer_cancel(effect, Outcome.DONE)
            case acts.GoOn():
                self.go_on(effect, allowed=True)
            case acts.Renew(row=row):
                self.step(acts.Renewed(row, RENEWALS[0]))
            case acts.PrintSlip():
                self.step(acts.Printed(PrintOutcome.PRINTED))
            case acts.MailSlip():
                self.step(acts.Mailed())
            case _:
                raise AssertionError(f"the model cannot answer {effect}")

    def answer_sign_in(self, effect: acts.AskSignIn, how: str) -> None:
        if effect.offline:
            self.believe(effect, allowed=how == "done")
            return
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

    def believe(self, effect: acts.AskSignIn, *, allowed: bool) -> None:
        """Nobody can check a card; or the library system is back, and her PIN must be asked for."""
        if not self.away:
            self.step(acts.SignedIn(SignIn(Outcome.OFFLINE, acts.ASK_PIN)))
        elif allowed:
            self.step(acts.SignedIn(SignIn(Outcome.DONE, patron=Patron(effect.card, Secret("")))))
        else:
            self.step(acts.SignedIn(SignIn(Outcome.OFFLINE, "card.not_believed")))

    def answer_borrow(self, effect: acts.Borrow, answer: Borrowed) -> None:
        """As the library system says, or as may be promised while it is away."""
        if self.away or effect.patron.unchecked:
            self.promise(effect, allowed=answer.done)
            return
        if answer.outcome is Outcome.UNKNOWN:
            self.unsettled.append(effect)
        self.lend(effect, answer)

    def promise(self, effect: acts.Borrow, *, allowed: bool, settled: bool = False) -> None:
        if not allowed:
            refused = Borrowed(Outcome.REFUSED, "offline.most_items", item=effect.item)
            self.step(acts.Loaned(effect.row, refused, settled))
            return
        self.untold.append(("borrow", effect.item))
        self.lent.add(effect.item)
        kept = Borrowed(Outcome.DONE, item=effect.item, due=LATER, later=True)
        self.step(acts.Loaned(effect.row, kept, settled))

    def go_on(self, effect: acts.GoOn, *, allowed: bool) -> None:
        """A row without an answer goes on as promised, where it may; else it waits as before."""
        found = [e for e in self.unsettled if getattr(e, "row", "") == effect.row]
        if not found or not allowed:
            return
        match found[0]:
            case acts.Borrow() as borrow:
                self.unsettled.remove(borrow)
                self.promise(borrow, allowed=True, settled=True)
            case acts.GiveBack() as back:
                self.unsettled.remove(back)
                self.take_back_later(back)
            case _:
                pass

    def take_back_later(self, effect: acts.GiveBack) -> None:
        self.untold.append(("give_back", effect.item))
        self.lent.discard(effect.item)
        self.step(acts.GaveBack(effect.row, Returned(Outcome.DONE, item=effect.item, later=True)))

    def answer_account(self, effect: acts.AskAccount, account: Account) -> None:
        holds = tuple(hold for hold in HOLDS if hold.key in self.holds) if account.done else ()
        waiting = self.state.visit.fetching
        self.step(acts.AccountKnown(replace(account, holds=holds), of=effect.patron.card))
        if waiting and not self.state.visit.fetching:
            assert self.state.visit.patron is not None
            assert self.state.visit.patron.card == effect.patron.card, "another's account"

    def answer_cancel(self, effect: acts.CancelHold, outcome: Outcome) -> None:
        if outcome in {Outcome.DONE, Outcome.ALREADY_DONE}:
            self.holds.discard(effect.hold.key)
        elif outcome is Outcome.UNKNOWN:
            self.unsettled.append(effect)
        reason = "" if outcome is not Outcome.REFUSED else "hold.refused"
        self.step(acts.HoldCancelled(effect.row, Answer(outcome, reason)))

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
        if self.away:
            self.take_back_later(effect)
            return
        answer = Returned(
            outcome, "return.refused" if outcome is Outcome.REFUSED else "", item=effect.item
        )
        if answer.done:
            self.lent.discard(effect.item)
        elif outcome is Outcome.UNKNOWN:
            self.unsettled.append(effect)
        self.step(acts.GaveBack(effect.row, answer))

    def answer_take_back(self, effect: acts.TakeBack, done: bool | None) -> None:
        """What is not told yet is simply not told; what is told can be cancelled only where it is reached."""
        mine = [verb for verb, item in self.untold if item == effect.item]
        if mine and mine[-1] == "borrow":
            self.untold.remove(("borrow", effect.item))
            done = True
        elif self.away:
            done = False
        if done:
            self.lent.discard(effect.item)
        elif done is None:
            self.unsettled.append(effect)
        self.step(acts.Cancelled(effect.row, done))

    def answer_security(
        self, effect: acts.SetSecurity, code: Code | None, *, took: bool = False
    ) -> None:
        """It reads back, or `code`; then `took` says that it was written and only the answer was lost."""
        if code is None or took:
            self.bytes[effect.uid] = effect.afi
        if code is None:
            self.step(acts.TagWritten(effect.row, effect.uid, effect.afi))
        else:
            self.step(acts.TagNotWritten(effect.row, effect.uid, effect.afi, code))

    def dies(self, effect: Effect) -> None:
        """What was asked for was done before the station died; its answer is lost."""
        match effect:
            case acts.Borrow(item=item) if self.away:
                self.untold.append(("borrow", item))
                self.lent.add(item)
            case acts.Borrow(item=item):
                self.lent.add(item)
            case acts.TakeBack(item=item) | acts.GiveBack(item=item):
                self.lent.discard(item)
            case acts.SetSecurity(uid=tag_, afi=afi):
                self.bytes[tag_] = afi
            case acts.CancelHold(hold=hold):
                self.holds.discard(hold.key)
            case _:
                pass
