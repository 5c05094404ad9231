"""The belt's flow: the ordinary way of an item, each hard case with its decision, and the laws."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.ports import BeltCommand, Happening, Mode, Online, Pack, Sign
from sorter.alarms import asking
from sorter.belt import acts
from sorter.belt.flow import Rules
from sorter.belt.items import Cause, ItemState
from sorter.belt.line import Stop
from sorter.belt.pack import Why
from sorter.plan.facts import Facts, Tags
from tests.unit.sorter_belt.belt import INFO, RUNNING, Play, uid

ADULTS, CHILDREN, HOLDS, OVERFLOW, EXCEPTION = 1, 3, 5, 8, 9
TO_ADULTS = Facts(sort_bin="101")
TO_CHILDREN = Facts(sort_bin="103")


def ended(play: Play) -> list[tuple[ItemState, int, Cause]]:
    return [(r.item.state, r.item.bin, r.item.cause) for r in play.all(acts.Report)]


def routes(play: Play) -> list[tuple[int, int, int]]:
    return [(r.tid, r.bin, r.alternate) for r in play.all(acts.Route)]


class TestOneItem:
    def test_from_the_induct_eye_to_its_bin(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        assert [a.uid for a in play.all(acts.Arm)] == [uid(1)]
        assert [(c.number, c.item) for c in play.all(acts.CheckIn)] == [(1, "item-1")]
        play.answer(1, TO_CHILDREN)
        assert routes(play) == [(7, CHILDREN, OVERFLOW)]
        play.routed(1)
        assert play.item(7).state is ItemState.SENT
        play.move(2000)
        play.say((Happening.DIVERT_FIRED, 7, CHILDREN, 0), (Happening.CONFIRMED, 7, CHILDREN, 0))
        assert ended(play) == [(ItemState.CONFIRMED, CHILDREN, Cause.NONE)]
        assert play.line.bins["children"].count == 1
        assert not play.line.items

    def test_it_is_asked_about_only_when_it_has_left_the_reader(self) -> None:
        play = Play()
        play.induct(7)
        play.move(400)
        play.tag(1)
        play.arm(1)
        assert play.all(acts.CheckIn) == []

    def test_it_is_asked_about_only_when_each_part_reads_back_armed(self) -> None:
        play = Play()
        play.induct(7)
        play.move(400)
        play.tag(1, "set", part=1, parts=2)
        play.tag(2, "set", part=2, parts=2)
        play.arm(1)
        play.move(450)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        assert play.all(acts.CheckIn) == []
        play.arm(2)
        assert [c.item for c in play.all(acts.CheckIn)] == ["set"]
        assert play.item(7).verdict() is Tags.SET

    def test_a_slip_is_printed_when_it_lies_in_the_bin(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.answer(1, Facts(alert="01"))
        play.routed(1)
        assert play.all(acts.Slip) == []
        play.say((Happening.CONFIRMED, 7, HOLDS, 0))
        assert [s.kind for s in play.all(acts.Slip)] == ["hold"]

    def test_what_the_belt_said_is_kept_before_it_may_forget(self) -> None:
        play = Play()
        effects = play.say((Happening.INDUCTED, 1, 210, 400), (Happening.INDUCTED, 2, 210, 400))
        (keep,) = [e for e in effects if isinstance(e, acts.Keep)]
        assert (keep.sequence, len(keep.items)) == (2, 2)
        assert play.line.durable == 2

    def test_an_event_told_again_is_taken_in_once(self) -> None:
        play = Play()
        play.induct(1)
        play.sequence -= 1
        play.induct(1)
        assert play.line.counts.inducted == 1


class TestHardCases:
    def test_no_tag(self) -> None:
        play = Play()
        play.through_reader(7)
        assert (play.item(7).cause, routes(play)) == (Cause.NO_READ, [(7, EXCEPTION, 0)])
        assert play.all(acts.CheckIn) == []

    def test_two_items_on_one_another_are_both_left_alone(self) -> None:
        play = Play()
        play.through_reader(7, 1, 2)
        assert (play.item(7).cause, routes(play)) == (Cause.CONFLICT, [(7, EXCEPTION, 0)])
        assert play.all(acts.CheckIn) == []

    def test_part_of_a_set(self) -> None:
        play = Play()
        play.induct(7)
        play.move(400)
        play.tag(1, "set", part=1, parts=3)
        play.arm(1)
        play.move(450)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        assert play.item(7).cause is Cause.INCOMPLETE
        assert routes(play) == [(7, EXCEPTION, 0)]

    def test_the_same_part_twice_is_no_set(self) -> None:
        play = Play()
        play.induct(7)
        play.move(400)
        play.tag(1, "set", part=1, parts=2)
        play.tag(2, "set", part=1, parts=2)
        play.move(450)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        assert play.item(7).cause is Cause.CONFLICT

    def test_a_tag_that_does_not_arm_goes_to_staff_unasked(self) -> None:
        play = Play()
        play.induct(7)
        play.move(400)
        play.tag(1)
        play.arm(1, armed=False)
        play.move(450)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        assert (play.item(7).cause, routes(play)) == (Cause.NOT_ARMED, [(7, EXCEPTION, 0)])
        assert play.all(acts.CheckIn) == []

    def test_the_library_system_says_no(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.answer(1, replace(TO_CHILDREN, ok=False))
        assert (play.item(7).cause, routes(play)) == (Cause.REFUSED, [(7, EXCEPTION, 0)])

    def test_two_glued_items(self) -> None:
        play = Play()
        play.induct(7)
        play.say((Happening.GAP_FAULT, 7, 0, 0))
        play.move(400)
        play.tag(1)
        play.arm(1)
        play.move(450)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        assert (play.item(7).cause, play.all(acts.CheckIn)) == (Cause.GAP, [])
        assert routes(play) == [(7, EXCEPTION, 0)]

    def test_an_answer_that_comes_too_late_for_its_bin_uses_one_that_is_still_ahead(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.move(1150)  # at the first divert
        play.say()
        play.answer(1, TO_ADULTS)
        assert routes(play) == [(7, OVERFLOW, EXCEPTION)]
        assert play.item(7).cause is Cause.LATE

    def test_an_answer_after_the_last_divert_leaves_it_to_the_default_bin(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.move(4400)
        play.say((Happening.LATE, 7, 0, 0))
        play.answer(1, TO_ADULTS)
        assert routes(play) == []
        play.say((Happening.CONFIRMED, 7, EXCEPTION, 0))
        assert ended(play) == [(ItemState.CONFIRMED, EXCEPTION, Cause.LATE)]

    def test_an_answer_for_an_item_in_its_bin_changes_nothing(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.say((Happening.LATE, 7, 0, 0), (Happening.CONFIRMED, 7, EXCEPTION, 0))
        before = play.line
        play.answer(1, TO_ADULTS)
        assert play.line == before

    def test_a_missed_divert_is_seen(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.answer(1, TO_CHILDREN)
        play.routed(1)
        play.say((Happening.MISSED, 7, CHILDREN, EXCEPTION))
        assert ended(play) == [(ItemState.MISSED, EXCEPTION, Cause.MISSED)]
        assert play.line.bins["exception"].count == 0

    def test_a_bin_that_was_not_meant_is_an_exception_though_it_confirms(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.answer(1, TO_CHILDREN)
        play.routed(1)
        play.say((Happening.CONFIRMED, 7, ADULTS, 0))
        assert ended(play) == [(ItemState.CONFIRMED, ADULTS, Cause.MISSED)]

    def test_the_belts_alternate_is_listed_with_its_cause(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.answer(1, TO_CHILDREN)
        play.routed(1)
        play.say((Happening.CONFIRMED, 7, OVERFLOW, 0))
        assert ended(play) == [(ItemState.CONFIRMED, OVERFLOW, Cause.FULL)]

    def test_a_stray_is_shown_and_is_no_item(self) -> None:
        play = Play()
        play.say((Happening.STRAY, 0, 0, 0))
        assert (play.line.counts.strays, play.line.counts.inducted) == (1, 0)
        assert [e.cause for e in play.all(acts.Except)] == [Cause.LOST]

    def test_an_account_that_does_not_balance_is_an_alarm(self) -> None:
        line = Play().line
        assert "unbalanced" not in {one.id for one in asking(line, {}, None, 0)}
        line = replace(line, counts=replace(line.counts, inducted=line.counts.inducted + 1))
        assert "unbalanced" in {one.id for one in asking(line, {}, None, 0)}

    def test_an_item_of_which_nothing_is_heard_is_lost_by_its_pulses(self) -> None:
        play = Play()
        play.induct(7)
        play.move(7300)
        play.say()
        assert ended(play) == [(ItemState.LOST, 0, Cause.LOST)]

    def test_a_belt_that_stands_still_loses_nothing(self) -> None:
        play = Play()
        play.induct(7)
        for _ in range(500):
            play.say()
        assert play.item(7).state is ItemState.INDUCTED


class TestNeighbours:
    def two(self) -> Play:
        """Items 7 and 8 close behind one another: 8 enters the field while 7 leaves it."""
        play = Play()
        play.induct(7)
        play.move(290)
        play.induct(8, gap=80)
        return play

    def test_a_tag_that_spills_over_stays_with_the_one_that_held_it_longer(self) -> None:
        play = self.two()
        play.move(160)
        play.tag(1, times=6)
        play.arm(1)
        play.move(200)
        play.tag(1, times=1)  # 8 is in the field too
        play.tag(2, times=5)
        play.arm(2)
        play.move(250)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        play.move(240)
        play.say((Happening.LEFT_READER, 8, 0, 0))
        assert play.item(7).cause in {Cause.NONE, Cause.CONFLICT}
        assert [c.item for c in play.all(acts.CheckIn)].count("item-1") <= 1

    def test_a_tag_that_two_held_alike_is_nobodys(self) -> None:
        play = self.two()
        play.move(330)
        play.tag(1, times=4)
        play.arm(1)
        play.move(250)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        play.move(290)
        play.say((Happening.LEFT_READER, 8, 0, 0))
        assert [play.item(7).cause, play.item(8).cause] == [Cause.CONFLICT] * 2
        assert play.all(acts.CheckIn) == []

    def test_a_tag_outside_any_items_stretch_is_nobodys(self) -> None:
        play = Play()
        play.induct(7)
        play.tag(1)
        assert (play.item(7).tags, play.all(acts.Arm)) == ((), [])

    def test_a_tag_that_is_read_again_and_again_while_the_belt_stands_is_not_read_longer(
        self,
    ) -> None:
        play = self.two()
        play.move(160)
        play.tag(1, times=4)
        play.arm(1)
        for _ in range(40):
            play.tag(2, times=1)  # 8's tag reaches into 7's stretch, and the belt stands
        play.arm(2)
        play.move(390)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        for _ in range(4):
            play.move(25)
            play.tag(2, times=1)
        play.move(150)
        play.say((Happening.LEFT_READER, 8, 0, 0))
        assert [tag.item for tag in play.item(8).tags] == ["item-2"]
        assert play.item(8).state is ItemState.ASKED

    def test_after_a_jam_nobody_knows_what_lies_in_the_reader_and_nothing_there_is_checked_in(
        self,
    ) -> None:
        play = self.two()
        play.say((Happening.JAM, 0, 2, 0))
        play.move(160)
        play.tag(1)
        play.arm(1)
        play.move(500)
        play.say((Happening.LEFT_READER, 7, 0, 0))
        assert play.all(acts.CheckIn) == []
        assert (play.item(7).cause, routes(play)) == (Cause.CONFLICT, [(7, EXCEPTION, 0)])


class TestBins:
    def test_a_full_bin_gives_way_on_the_way_to_it(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.answer(1, TO_CHILDREN)
        play.routed(1)
        play.full = {CHILDREN}
        play.say()
        assert routes(play) == [(7, CHILDREN, OVERFLOW), (7, OVERFLOW, EXCEPTION)]

    def test_a_crate_lifted_out_is_not_used_before_the_new_one_is_scanned(self) -> None:
        play = Play()
        play.out = {CHILDREN}
        play.say()
        play.out = set()
        play.say()
        assert "children" not in play.line.usable
        play.happen(acts.BinSwapped("children"))
        assert "children" in play.line.usable
        assert [(t.command, t.arguments) for t in play.all(acts.Tell)] == [
            (BeltCommand.BIN_DOCKED, (CHILDREN,))
        ]

    def test_a_new_crate_counts_from_nothing(self) -> None:
        play = Play()
        play.through_reader(7, 1)
        play.answer(1, TO_CHILDREN)
        play.routed(1)
        play.say((Happening.CONFIRMED, 7, CHILDREN, 0))
        assert play.line.bins["children"].count == 1
        play.happen(acts.BinSwapped("children"))
        assert play.line.bins["children"].count == 0

    def test_exception_full_shuts_the_inlet_and_holds_what_has_nowhere_to_go(self) -> None:
        play = Play()
        play.full = {EXCEPTION}
        play.say()
        assert Stop.BINS in play.line.stops
        play.through_reader(7)
        assert [t.command for t in play.all(acts.Tell)] == [BeltCommand.HOLD]
        play.full = set()
        play.say()
        assert routes(play) == [(7, EXCEPTION, 0)]
        play.routed(1)
        play.say()
        assert play.line.induct


class TestLibraryAway:
    def test_a_plant_that_stops_shuts_its_inlet(self) -> None:
        play = Play()
        assert play.line.induct
        play.happen(acts.LibraryChanged(Online.OFFLINE))
        assert play.line.stops == {Stop.LIBRARY}
        play.happen(acts.LibraryChanged(Online.ONLINE))
        assert play.line.induct

    def test_a_plant_that_goes_on_queues_and_puts_aside(self) -> None:
        play = Play(Rules(accept_offline=True), online=Online.OFFLINE)
        assert play.line.induct
        play.through_reader(7, 1)
        assert [q.item for q in play.all(acts.Queue)] == ["item-1"]
        assert play.all(acts.CheckIn) == []
        assert (play.item(7).cause, routes(play)) == (Cause.OFFLINE, [(7, OVERFLOW, EXCEPTION)])

    def test_a_library_system_that_nobody_has_heard_of_yet_is_asked_and_not_taken_for_away(
        self,
    ) -> None:
        play = Play(online=Online.UNKNOWN)
        assert play.line.stops == {Stop.LIBRARY}
        play.through_reader(7, 1)
        assert [c.item for c in play.all(acts.CheckIn)] == ["item-1"]
        assert play.item(7).state is ItemState.ASKED
        play.answer(1, TO_ADULTS)
        assert routes(play) == [(7, ADULTS, OVERFLOW)]

    def test_too_many_waiting_shut_the_inlet(self) -> None:
        play = Play(Rules(most_asked=2))
        for n in (1, 2):
            play.through_reader(n, n)
        assert Stop.QUEUE in play.line.stops
        play.answer(1, TO_ADULTS)
        assert play.line.induct


class TestTheBelt:
    @pytest.mark.parametrize("pack", [p for p in Pack if p is not Pack.EXECUTE])
    def test_nothing_is_inducted_unless_it_executes(self, pack: Pack) -> None:
        play = Play()
        play.pack = pack
        play.say()
        assert play.line.stops == {Stop.BELT}

    def test_a_lost_link_shuts_the_inlet(self) -> None:
        play = Play()
        play.happen(acts.LinkDown())
        assert Stop.LINK in play.line.stops
        play.happen(acts.LinkUp(INFO, play.line.durable, play.line.number))
        assert play.line.induct

    @pytest.mark.parametrize(
        ("told", "stop"), [(acts.GateReads, Stop.GATE), (acts.StoreTakes, Stop.STORE)]
    )
    def test_what_cannot_be_read_or_written_shuts_the_inlet_until_it_can(
        self, told: type[acts.GateReads | acts.StoreTakes], stop: Stop
    ) -> None:
        play = Play()
        play.happen(told(False))
        play.say()
        assert play.line.stops == {stop}
        play.happen(told(True))
        assert play.line.induct

    def test_events_that_wait_shut_the_inlet(self) -> None:
        play = Play()
        play.say(pending=17)
        assert Stop.EVENTS in play.line.stops

    def test_a_restart_of_the_plc_voids_what_was_on_the_belt(self) -> None:
        play = Play()
        play.induct(7)
        play.boot = 42
        play.say()
        assert ended(play) == [(ItemState.REMOVED, 0, Cause.RESTART)]
        assert play.line.info is not None
        assert play.line.info.boot_id == 42

    def test_after_a_restart_events_go_on_from_its_own_head(self) -> None:
        play = Play()
        play.induct(7)
        play.boot, play.sequence = 42, 65530
        play.say(pending=65529)
        play.happen(acts.Durable(65530, play.boot))
        play.induct(1)
        assert play.item(1).number == 2

    def test_lost_events_leave_no_item_for_ever(self) -> None:
        play = Play()
        play.induct(7)
        play.say(pending=70)
        play.move(8000)
        play.say()
        assert ended(play) == [(ItemState.LOST, 0, Cause.LOST)]

    def test_an_id_used_again_ends_the_item_before(self) -> None:
        play = Play()
        play.induct(7)
        play.induct(7)
        assert ended(play) == [(ItemState.LOST, 0, Cause.LOST)]
        assert play.item(7).number == 2

    def test_after_an_emergency_stop_a_person_says_that_the_belt_is_empty(self) -> None:
        play = Play()
        play.induct(7)
        play.signs, play.pack = RUNNING | {Sign.E_STOP}, Pack.ABORTED
        play.say()
        play.signs = RUNNING
        play.say()
        play.happen(acts.Wanted(BeltCommand.CLEAR))
        assert [(r.command, r.why) for r in play.all(acts.Refuse)] == [
            (BeltCommand.CLEAR, Why.DOUBTED)
        ]
        play.happen(acts.Emptied())
        play.happen(acts.Wanted(BeltCommand.CLEAR))
        assert [t.command for t in play.all(acts.Tell)] == [BeltCommand.CLEAR]
        assert ended(play) == [(ItemState.REMOVED, 0, Cause.REMOVED)]

    @pytest.mark.parametrize(
        ("signs", "mode", "why"),
        [
            (RUNNING | {Sign.E_STOP}, Mode.PRODUCTION, Why.E_STOP),
            (RUNNING | {Sign.GUARD_OPEN}, Mode.PRODUCTION, Why.GUARD),
            (RUNNING - {Sign.SAFETY_CLOSED}, Mode.PRODUCTION, Why.SAFETY),
            (RUNNING, Mode.MANUAL, Why.MODE),
        ],
    )
    def test_start_is_refused_in_words(self, signs: frozenset[Sign], mode: Mode, why: Why) -> None:
        play = Play()
        play.signs, play.pack, play.mode = signs, Pack.IDLE, mode
        play.say()
        play.happen(acts.Wanted(BeltCommand.START))
        assert [r.why for r in play.all(acts.Refuse)] == [why]
        assert play.all(acts.Tell) == []

    @pytest.mark.parametrize(
        ("pack", "command", "given"),
        [
            (Pack.IDLE, BeltCommand.START, True),
            (Pack.EXECUTE, BeltCommand.START, False),
            (Pack.EXECUTE, BeltCommand.HOLD, True),
            (Pack.HELD, BeltCommand.UNHOLD, True),
            (Pack.STOPPED, BeltCommand.RESET, True),
            (Pack.STOPPED, BeltCommand.STOP, False),
            (Pack.ABORTED, BeltCommand.CLEAR, True),
            (Pack.EXECUTE, BeltCommand.CLEAR, False),
            (Pack.EXECUTE, BeltCommand.ABORT, True),
            (Pack.ABORTED, BeltCommand.ABORT, False),
            (Pack.EXECUTE, BeltCommand.DROP_TRACKING, False),
        ],
    )
    def test_commands_by_state(self, pack: Pack, command: BeltCommand, given: bool) -> None:
        play = Play()
        play.pack = pack
        play.say()
        play.happen(acts.Wanted(command))
        assert bool(play.all(acts.Tell)) is given
        assert bool(play.all(acts.Refuse)) is not given


KINDS = st.sampled_from([k for k in Happening if k is not Happening.UNKNOWN])
STEPS = st.one_of(
    st.tuples(st.just("event"), KINDS, st.integers(1, 4), st.integers(0, 9)),
    st.tuples(st.just("tag"), st.integers(1, 5), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.just("arm"), st.integers(1, 5), st.booleans(), st.just(0)),
    st.tuples(st.just("answer"), st.integers(1, 12), st.sampled_from(["101", "103", "x"]), st.booleans()),
    st.tuples(st.just("routed"), st.integers(1, 12), st.booleans(), st.just(0)),
    st.tuples(st.just("move"), st.integers(0, 900), st.just(0), st.just(0)),
    st.tuples(st.just("bins"), st.sets(st.integers(1, 9), max_size=3), st.sets(st.integers(1, 9), max_size=2), st.just(0)),
    st.tuples(st.just("boot"), st.integers(41, 43), st.just(0), st.just(0)),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=60))
def test_whatever_happens_nothing_vanishes_and_nothing_is_asked_twice(
    steps: list[tuple[str, ...]],
) -> None:
    """`Play.happen` holds the conservation law after every event."""
    play = Play()
    for what, a, b, c in steps:
        match what:
            case "event":
                play.say((a, b, c, c))  # type: ignore[arg-type]
            case "tag":
                play.tag(a, f"item-{b}", times=c)  # type: ignore[arg-type]
            case "arm":
                play.arm(a, b)  # type: ignore[arg-type]
            case "answer":
                play.answer(a, Facts(sort_bin=b, ok=bool(c)))  # type: ignore[arg-type]
            case "routed":
                play.happen(acts.Routed(a, bool(b)))  # type: ignore[arg-type]
            case "move":
                play.move(a)  # type: ignore[arg-type]
            case "bins":
                play.full, play.out = a, b  # type: ignore[assignment]
                play.say()
            case _:
                play.boot = a  # type: ignore[assignment]
                play.say()
    asked = [c.number for c in play.all(acts.CheckIn)]
    assert len(asked) == len(set(asked))
    numbers = [r.item.number for r in play.all(acts.Report)]
    assert len(numbers) == len(set(numbers))
    for route in play.all(acts.Route):
        assert 1 <= route.bin <= 9


def test_what_an_older_boot_made_durable_is_not_taken_for_the_new_one() -> None:
    play = Play()
    play.say((Happening.INDUCTED, 1, 210, 400))
    old = play.boot
    play.boot = 42
    play.happen(acts.LinkUp(replace(INFO, boot_id=42), 3, 1))
    play.happen(acts.Durable(60_000, old))
    assert (play.line.durable, play.line.heard) == (3, 3)


def test_an_overrun_is_told_as_durable_until_the_belt_knows_it() -> None:
    play = Play()
    play.line = replace(play.line, durable=60_000, heard=4)
    play.happen(acts.Heard(play.state(pending=5540), 60_000))
    assert play.line.durable == play.line.heard == 4
