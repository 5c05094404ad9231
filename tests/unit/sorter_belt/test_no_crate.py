"""An item that an eye sees where no crate stands lies on the floor: by the order in which the belt tells, whatever its sensors say by now."""

import pytest

from drivers.ports import BeltCommand, BinChange, CommandResult, Happening
from sorter.belt import acts
from sorter.belt.flow import Rules
from sorter.belt.items import Cause, ItemState
from sorter.belt.line import BinUse
from sorter.plan.facts import Facts
from tests.unit.sorter_belt.belt import INFO, Play
from tests.unit.sorter_belt.test_behind import ended, sent

CHILDREN, EXCEPTION = 3, 9
OUT = (Happening.BIN, 0, CHILDREN, BinChange.OUT)
IN = (Happening.BIN, 0, CHILDREN, BinChange.IN)
LIES = (ItemState.CONFIRMED, CHILDREN, Cause.NONE)
FLOOR = (ItemState.MISSED, CHILDREN, Cause.NO_CRATE)


def seen(tid: int, bin: int = CHILDREN) -> tuple[Happening, int, int, int]:
    return (Happening.CONFIRMED, tid, bin, 0)


def children(play: Play) -> BinUse:
    return play.line.bins["children"]


def kept(play: Play) -> dict[int, bool | None]:
    """By number, what stands at the bins by all that was written down."""
    return {number: now for keep in play.all(acts.Keep) for number, now in keep.stands}


def test_what_comes_after_the_lift_lies_on_the_floor_and_is_told() -> None:
    play = Play()
    sent(play, 1)
    play.out = {CHILDREN}
    play.say(OUT, seen(1))
    assert ended(play) == {1: FLOOR}
    assert children(play).count == 0
    assert (play.line.counts.missed, play.line.counts.confirmed) == (1, 0)
    (told,) = play.all(acts.Except)
    assert (told.cause, told.item.bin, told.item.lies) == (Cause.NO_CRATE, CHILDREN, False)


def test_what_came_before_the_lift_lies_in_the_crate_though_that_is_out_by_now() -> None:
    play = Play()
    sent(play, 1)
    play.out = {CHILDREN}
    play.say(seen(1), OUT)
    assert ended(play) == {1: LIES}
    assert (children(play).count, play.all(acts.Except)) == (1, [])


def test_a_crate_that_stands_there_by_now_does_not_hold_what_fell_before_it() -> None:
    play = Play()
    sent(play, 1, 2, 3)
    play.say(seen(1), OUT, seen(2), IN, seen(3))
    assert ended(play) == {1: LIES, 2: FLOOR, 3: LIES}
    assert children(play).count == 2


def test_what_waits_to_be_read_is_older_than_what_the_sensors_say() -> None:
    play = Play()
    sent(play, 1, 2)
    wait = [(Happening.HOST, 0, 0, 0)] * 7
    play.out = {CHILDREN}
    play.say(seen(1), *wait, pending=10)
    assert ended(play) == {1: LIES}
    play.out = set()  # put back, and the belt has still to tell of either
    play.say(OUT, seen(2), pending=3)
    assert ended(play)[2] == FLOOR


def test_a_lift_that_only_the_sensor_tells_counts_once_nothing_waits() -> None:
    play = Play()
    sent(play, 1, 2)
    play.out = {CHILDREN}
    play.say()
    play.say(seen(1))
    play.out = set()
    play.say()
    play.say(seen(2))
    assert ended(play)[1] == FLOOR
    assert ended(play)[2][0] is ItemState.CONFIRMED


@pytest.mark.parametrize("kind", [Happening.CONFIRMED, Happening.MISSED])
def test_at_the_end_of_the_line_and_at_a_bin_that_was_not_meant_it_is_the_same(
    kind: Happening,
) -> None:
    play = Play()
    sent(play, 1)
    play.out = {EXCEPTION}
    told = seen(1, EXCEPTION) if kind is Happening.CONFIRMED else (kind, 1, CHILDREN, EXCEPTION)
    play.say((Happening.BIN, 0, EXCEPTION, BinChange.OUT), told)
    assert ended(play) == {1: (ItemState.MISSED, EXCEPTION, Cause.NO_CRATE)}
    assert play.line.bins["exception"].count == 0


def test_what_was_purged_or_had_no_tag_is_told_of_as_lying_on_the_floor() -> None:
    play = Play()
    play.through_reader(1)
    sent(play, 2)
    play.happen(acts.Told(BeltCommand.PURGE, CommandResult.OK))
    play.say((Happening.BIN, 0, EXCEPTION, BinChange.OUT), seen(1, EXCEPTION), seen(2, EXCEPTION))
    assert {cause for _, _, cause in ended(play).values()} == {Cause.NO_CRATE}


def test_no_slip_is_printed_for_what_lies_on_the_floor() -> None:
    play = Play()
    play.through_reader(1, 1)
    play.answer(1, Facts(alert="01"))
    play.routed(1)
    decision = play.item(1).decision
    assert decision is not None
    assert decision.bin is not None
    assert decision.slip, "a held item has a slip"
    number = play.line.bins[decision.bin].number
    play.say((Happening.BIN, 0, number, BinChange.OUT), seen(1, number))
    assert play.all(acts.Slip) == []


class TestScannedEarly:
    """The next crate was scanned before the belt told that the one before was lifted out."""

    def test_before_the_lift_between_and_behind(self) -> None:
        play = Play(Rules(labelled=frozenset({"children"})))
        sent(play, 1, 2, 3)
        play.happen(acts.BinSwapped("children", 0, early=True))
        play.say(seen(1), OUT, seen(2), IN, seen(3))
        assert ended(play) == {1: LIES, 2: FLOOR, 3: LIES}
        earlier = {r.item.tid: r.item.earlier for r in play.all(acts.Report)}
        assert earlier == {1: True, 2: False, 3: False}
        assert children(play).count == 1, "of the crate that was scanned"

    def test_the_lift_was_told_and_only_that_it_stands_there_is_to_come(self) -> None:
        play = Play(Rules(labelled=frozenset({"children"})))
        sent(play, 1)
        play.out = {CHILDREN}
        play.say(OUT)
        play.happen(acts.BinSwapped("children", 0, early=True))
        assert not children(play).early
        play.out = set()
        play.say(IN, seen(1))
        (report,) = play.all(acts.Report)
        assert (report.item.earlier, children(play).count) == (False, 1)


class TestRestart:
    def test_of_the_program_it_is_what_was_written_down(self) -> None:
        play = Play()
        sent(play, 1)
        play.out = {CHILDREN}
        play.say(OUT)
        assert kept(play)[CHILDREN] is False
        last = play.all(acts.Keep)[-1]
        assert last.stands == ((CHILDREN, False),), "in one transaction with its event"

    def test_of_the_controller_it_is_what_the_sensors_say_as_it_answers_again(self) -> None:
        for out in (set(), {CHILDREN}):
            play = Play()
            play.out = {CHILDREN} - out
            play.say()
            play.boot, play.sequence = 42, 0
            info = type(INFO)(**{**{n: getattr(INFO, n) for n in INFO.__slots__}, "boot_id": 42})
            play.happen(acts.LinkUp(info, 0, 0))
            assert children(play).stands is None
            assert kept(play)[CHILDREN] is None
            play.out = out
            play.say((Happening.HOST, 0, 0, 0), pending=3)
            assert children(play).stands is (CHILDREN not in out)
            assert kept(play)[CHILDREN] is (CHILDREN not in out)

    def test_what_fell_while_events_were_lost_is_no_matter_of_the_next(self) -> None:
        play = Play()
        play.say(OUT)  # and put back again in what was lost
        play.happen(acts.Heard(play.state(pending=70), play.line.durable))
        assert play.line.events_lost
        assert children(play).stands


def test_a_crate_that_is_full_stands_there() -> None:
    play = Play()
    sent(play, 1)
    play.say(
        (Happening.BIN, 0, CHILDREN, BinChange.FULL),
        seen(1),
    )
    assert ended(play) == {1: LIES}
