"""The gate was told to let something in, and the answer is late or never comes: what the belt then tells of is that thing."""

import pytest

from sorter.inlet import acts
from sorter.inlet.flow import TOLD_S
from sorter.inlet.gate import Why
from sorter.inlet.state import Gate, Stand
from tests.unit.sorter_inlet.play import Play, book


def unanswered(play: Play, n: int) -> None:
    play.look(book(n))
    play.put(acts.Opened(None))


def entries(play: Play) -> list[tuple[str, int, Stand]]:
    return [(entry.item, entry.number, entry.stand) for entry in play.state.entries]


def test_it_is_taken_when_the_belt_tells_of_it() -> None:
    play = Play()
    unanswered(play, 1)
    assert not entries(play), "nobody is told what is not known"
    play.look(times=1)
    play.put(acts.Entered(5))
    assert entries(play) == [("item-1", 5, Stand.TAKEN)]
    assert not play.timers.keys() & {"enters"}
    play.look(book(2))
    assert len(play.all(acts.Open)) == 2, "the next is let in at once"


def test_while_it_lies_there_the_gate_is_told_again() -> None:
    play = Play()
    unanswered(play, 1)
    play.look(book(1))
    assert len(play.all(acts.Open)) == 2
    play.put(acts.Opened(True), acts.Entered(5))
    assert entries(play) == [("item-1", 5, Stand.TAKEN)]


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_second_word_changes_nothing_for_what_the_first_let_in(answer: bool | None) -> None:
    play = Play()
    unanswered(play, 1)
    play.look(book(1))
    play.put(acts.Entered(5), acts.Opened(answer))
    assert entries(play) == [("item-1", 5, Stand.TAKEN)]
    play.look(book(1), times=9)
    assert len(play.all(acts.Open)) == 2
    play.look(times=1)
    assert (play.state.gate, play.state.unsure) == (Gate.EMPTY, "")


def test_a_refused_second_word_may_be_of_a_gate_that_is_empty_already() -> None:
    play = Play()
    unanswered(play, 1)
    play.look(book(1))
    play.put(acts.Opened(False))
    play.look(times=1)
    play.put(acts.Entered(5))
    assert entries(play) == [("item-1", 5, Stand.TAKEN)]


@pytest.mark.parametrize("answer", [True, False, None])
def test_the_belt_tells_of_it_before_the_gate_answers(answer: bool | None) -> None:
    play = Play()
    play.look(book(1))
    play.put(acts.Entered(5), acts.Entered(6))
    assert entries(play) == [("item-1", 5, Stand.TAKEN)], "and once"
    play.look(book(2), times=9)
    assert len(play.all(acts.Open)) == 1, "one word at a time"
    play.put(acts.Opened(answer))
    assert entries(play) == [("item-1", 5, Stand.TAKEN)]
    play.look(book(1), times=9)
    assert len(play.all(acts.Open)) == 1
    play.look(book(2))
    play.put(acts.Opened(True), acts.Entered(7))
    assert entries(play)[1:] == [("item-2", 7, Stand.TAKEN)]


def test_what_lies_there_still_goes_in_when_the_belt_says_so() -> None:
    play = Play()
    unanswered(play, 1)
    play.look(book(1), times=1)
    play.put(acts.Entered(5))
    play.look(book(1), times=9)
    assert entries(play) == [("item-1", 5, Stand.TAKEN)]
    assert len(play.all(acts.Open)) == 1


def test_the_next_waits_until_the_belt_would_have_told() -> None:
    play = Play()
    unanswered(play, 1)
    play.look(times=1)
    play.look(book(2), times=5)
    assert len(play.all(acts.Open)) == 1
    play.at += TOLD_S
    play.look(book(2), times=1)
    play.put(acts.Opened(True), acts.Entered(5))
    assert entries(play) == [("item-2", 5, Stand.TAKEN)]


def test_what_was_taken_out_again_is_on_no_list() -> None:
    for end in (acts.GaveBack(asked=False), None):
        play = Play()
        unanswered(play, 1)
        if end is not None:
            play.put(end)
        play.look(times=1)
        play.at += TOLD_S if end is None else 0.0
        play.put(acts.Entered(5))
        assert not entries(play)


def test_what_came_back_while_the_gate_had_not_answered_is_told() -> None:
    play = Play()
    play.look(book(1))
    play.put(acts.GaveBack(asked=False))
    assert not play.all(acts.NoteBack), "it may be the answer to a word that is on its way"
    play.put(acts.Entered(5), acts.GaveBack(asked=False))
    assert play.state.refused is Why.UNREAD
    assert play.state.gate is Gate.OPENING
    play.put(acts.Opened(None))
    assert entries(play) == [("item-1", 5, Stand.TAKEN)]


def test_a_gate_that_sticks_and_answers_no_more_is_an_alarm_still() -> None:
    play = Play()
    play.look(book(1))
    play.put(acts.Opened(True))
    play.look(book(1), times=3)
    play.fire("enters")
    assert play.state.refused is Why.STUCK
    play.press("close")
    unanswered(play, 1)
    assert play.state.sticks
    play.put(acts.Entered(5))
    assert entries(play) == [("item-1", 5, Stand.TAKEN)]
    assert not play.state.sticks
