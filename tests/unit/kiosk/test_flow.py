"""Late answers and moved items, step by step: what a random walk over the flow found, and must stay found."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from config.station import Lending as Rules
from config.station import Security
from drivers.errors import Code
from drivers.ports import Borrowed, Online, Outcome, Patron, Scan, Secret, SignIn, Uid
from drivers.runtime.flow import Effect, Event, Now, SetTimer, StopTimer, TimerFired
from drivers.tags import Format, Item
from kiosk.lending import acts
from kiosk.lending.backs import BackState
from kiosk.lending.flow import LendingFlow
from kiosk.lending.rows import RowState
from kiosk.lending.state import Lending, Phase

RULES, SECURITY = Rules(), Security()
FLOW = LendingFlow(RULES, SECURITY)
BOOK, OTHER, SET = "3846646425", "3846646433", "3846646466"


def uid(n: int) -> Uid:
    return Uid(bytes((0xE0, 4, 1, 0, 0, 0, 0, n)))


def tag(item: str, part: int = 1, parts: int = 1) -> Item:
    return Item(Format.ISO_28560_3, item, "DK746100", part, parts, crc_ok=True)


@dataclass
class Machine:
    """One flow and what it has asked for."""

    state: Lending = field(default_factory=Lending)
    asked: list[Effect] = field(default_factory=list)

    def step(self, *events: Event) -> None:
        for event in events:
            self.state, effects = FLOW(
                self.state, event, Now(datetime(2026, 11, 3, tzinfo=UTC), 0.0)
            )
            self.asked += [e for e in effects if not isinstance(e, SetTimer | StopTimer)]

    def take(self, kind: type[Effect]) -> list[Effect]:
        found = [e for e in self.asked if isinstance(e, kind)]
        self.asked = [e for e in self.asked if not isinstance(e, kind)]
        return found


def opened() -> Machine:
    one = Machine()
    one.step(
        acts.DeviceHealth("pad", True),
        acts.DeviceHealth("scanner", True),
        acts.LibraryChanged(Online.ONLINE),
        acts.PadPolled(frozenset()),
    )
    assert one.state.phase is Phase.START
    return one


def card(one: Machine, number: str) -> None:
    one.step(acts.Scanned(Scan("C0", Secret(number)), number))
    one.step(*(acts.Pressed(f"key.{n}") for n in "1234"))


def patron(number: str) -> acts.SignedIn:
    return acts.SignedIn(SignIn(Outcome.DONE, patron=Patron(Secret(number), Secret("1234"))))


def borrowing() -> Machine:
    one = opened()
    card(one, "1234567890")
    one.step(patron("1234567890"))
    assert one.state.phase is Phase.BORROW
    return one


def lay(one: Machine, **tags: Item) -> None:
    uids = {uid(int(name[1:])): item for name, item in tags.items()}
    one.step(acts.PadPolled(one.state.pad.uids | frozenset(uids)))
    one.step(*(acts.TagRead(u, item) for u, item in uids.items()))


def lent(one: Machine) -> None:
    for ask in one.take(acts.Borrow):
        assert isinstance(ask, acts.Borrow)
        one.step(acts.Loaned(ask.row, Borrowed(Outcome.DONE, item=ask.item)))


def lift_all(one: Machine) -> None:
    one.step(*(acts.PadPolled(frozenset()) for _ in range(RULES.gone_after)))


def first(one: Machine) -> RowState:
    return one.state.rows[0].state


def test_the_late_answer_of_an_earlier_visit_lends_nothing_to_the_next() -> None:
    one = borrowing()
    lay(one, t1=tag(BOOK))
    (ask,) = one.take(acts.Borrow)
    assert isinstance(ask, acts.Borrow)
    one.step(acts.Loaned(ask.row, Borrowed(Outcome.UNKNOWN, item=BOOK)))
    one.step(acts.Pressed("finish.none"), TimerFired(f"row.{ask.row}"))
    assert one.state.phase is Phase.END
    lift_all(one)
    one.step(TimerFired("end"))
    card(one, "2345678901")
    one.step(patron("2345678901"))
    lay(one, t2=tag(OTHER))
    assert first(one) is RowState.ASKING
    one.take(acts.SetSecurity)
    one.step(
        acts.Loaned(ask.row, Borrowed(Outcome.DONE, item=BOOK, title="Lykke-Per"), settled=True)
    )
    assert first(one) is RowState.ASKING
    assert one.state.rows[0].title == ""
    assert one.take(acts.SetSecurity) == []


def test_nobody_leaves_while_a_sign_in_is_asked_so_its_answer_signs_nobody_else_in() -> None:
    one = opened()
    card(one, "1234567890")
    assert one.state.visit.asking
    one.step(acts.Pressed("log_out"), acts.Pressed("back"))
    assert one.state.visit.asking
    one.step(acts.Scanned(Scan("C0", Secret("2345678901")), "2345678901"))
    assert one.state.visit.mark == "1234567890"


def test_a_part_lifted_and_laid_again_while_others_are_written_does_not_trap_the_visit() -> None:
    one = borrowing()
    lay(one, t1=tag(SET, 1, 3), t2=tag(SET, 2, 3), t3=tag(SET, 3, 3))
    lent(one)
    writes = one.take(acts.SetSecurity)
    assert len(writes) == 3
    one.step(acts.TagWritten(one.state.rows[0].id, uid(1), SECURITY.on_loan))
    one.step(*(acts.PadPolled(frozenset({uid(2), uid(3)})) for _ in range(RULES.gone_after)))
    one.step(acts.PadPolled(frozenset({uid(1), uid(2), uid(3)})))
    for n in (2, 3):
        one.step(acts.TagWritten(one.state.rows[0].id, uid(n), SECURITY.on_loan))
    assert first(one) is RowState.DONE
    assert not one.state.busy


def test_a_tag_that_is_read_after_the_machine_closed_makes_no_row() -> None:
    one = opened()
    one.step(acts.PadPolled(frozenset({uid(1)})))
    one.step(acts.DeviceHealth("store", False, Code.STORE_FULL))
    assert one.state.phase is Phase.CLOSED
    one.step(acts.TagRead(uid(1), tag(BOOK)))
    assert one.state.rows == ()


def test_a_second_tag_with_a_lent_number_is_never_made_silent() -> None:
    one = borrowing()
    lay(one, t1=tag(BOOK))
    lent(one)
    one.take(acts.SetSecurity)
    one.step(acts.TagWritten(one.state.rows[0].id, uid(1), SECURITY.on_loan))
    assert first(one) is RowState.DONE
    lay(one, t7=tag(BOOK))
    assert first(one) is RowState.DONE
    assert one.take(acts.SetSecurity) == []
    one.step(acts.TagNotWritten(one.state.rows[0].id, uid(9), SECURITY.on_loan, Code.TAG_LOST))


def test_where_one_tag_stands_for_all_a_part_that_comes_late_is_made_silent_too() -> None:
    flow = LendingFlow(RULES, SECURITY.model_copy(update={"whole_sets": False}))
    one = borrowing()
    now = Now(datetime(2026, 11, 3, tzinfo=UTC), 0.0)
    asked: list[Effect] = []

    def step(event: Event) -> None:
        one.state, effects = flow(one.state, event, now)
        asked.extend(effects)

    step(acts.PadPolled(frozenset({uid(1)})))
    step(acts.TagRead(uid(1), tag(SET, 1, 2)))
    row = one.state.rows[0].id
    step(acts.Loaned(row, Borrowed(Outcome.DONE, item=SET)))
    step(acts.TagWritten(row, uid(1), SECURITY.on_loan))
    assert first(one) is RowState.DONE
    asked.clear()
    step(acts.PadPolled(frozenset({uid(1), uid(2)})))
    step(acts.TagRead(uid(2), tag(SET, 2, 2)))
    assert first(one) is RowState.TAG_WRITE
    assert [e.uid for e in asked if isinstance(e, acts.SetSecurity)] == [uid(2)]
    step(acts.TagWritten(row, uid(2), SECURITY.on_loan))
    assert first(one) is RowState.DONE


def test_a_reader_that_was_mute_writes_what_still_lies_there_as_often_as_any_other_try() -> None:
    one = borrowing()
    lay(one, t1=tag(BOOK))
    lent(one)
    row = one.state.rows[0].id
    mute = acts.TagNotWritten(row, uid(1), SECURITY.on_loan, Code.WIRE_SILENT)
    for _ in range(RULES.write_tries):
        assert len(one.take(acts.SetSecurity)) == 1
        assert first(one) is RowState.TAG_WRITE
        one.step(mute)
        assert first(one) is RowState.WAIT_TAG
        one.step(acts.PadPolled(frozenset({uid(1)})))
    assert one.take(acts.SetSecurity) == [], "it is not tried for ever"
    lift_all(one)
    one.step(acts.PadPolled(frozenset({uid(1)})))
    assert len(one.take(acts.SetSecurity)) == 1
    one.step(acts.TagWritten(row, uid(1), SECURITY.on_loan))
    assert first(one) is RowState.DONE


def test_a_tag_that_did_not_take_its_byte_is_not_tried_by_each_poll() -> None:
    one = borrowing()
    lay(one, t1=tag(BOOK))
    lent(one)
    row = one.state.rows[0].id
    locked = acts.TagNotWritten(row, uid(1), SECURITY.on_loan, Code.TAG_LOCKED)
    one.take(acts.SetSecurity)
    one.step(locked, acts.PadPolled(frozenset({uid(1)})))
    assert first(one) is RowState.WAIT_TAG
    assert one.take(acts.SetSecurity) == []


def test_a_return_is_armed_when_a_mute_reader_answers_again() -> None:
    one = opened()
    one.step(acts.Pressed("return"), acts.PadPolled(frozenset({uid(1)})))
    one.step(acts.TagRead(uid(1), tag(BOOK)))
    (ask,) = one.take(acts.SetSecurity)
    assert isinstance(ask, acts.SetSecurity)
    one.step(acts.TagNotWritten(ask.row, uid(1), SECURITY.in_stock, Code.WIRE_SILENT))
    assert one.state.backs[0].state is BackState.WAIT_TAG
    one.step(acts.PadPolled(frozenset({uid(1)})))
    assert len(one.take(acts.SetSecurity)) == 1
    one.step(acts.TagWritten(ask.row, uid(1), SECURITY.in_stock))
    assert len(one.take(acts.GiveBack)) == 1


def test_an_undo_that_may_have_armed_an_item_fetched_back_is_not_dropped_in_silence() -> None:
    one = borrowing()
    lay(one, t1=tag(BOOK))
    lent(one)
    (write,) = one.take(acts.SetSecurity)
    assert isinstance(write, acts.SetSecurity)
    one.step(acts.TagWritten(write.row, write.uid, write.afi))
    lift_all(one)
    one.step(acts.Pressed(f"undo.{write.row}"))
    assert first(one) is RowState.UNDO_PLACE
    one.step(acts.PadPolled(frozenset({uid(1)})))
    (arm,) = one.take(acts.SetSecurity)
    assert isinstance(arm, acts.SetSecurity)
    one.step(acts.TagNotWritten(arm.row, arm.uid, arm.afi, Code.TAG_LOST))
    one.step(TimerFired(f"row.{arm.row}"))
    assert first(one) is RowState.STAFF, "it may be armed, and the loan stands"
