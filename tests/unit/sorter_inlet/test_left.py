"""What is given back and not all taken out: what is left is looked at again, and nothing goes in beside it."""

from sorter.inlet import acts
from sorter.inlet.flow import LEFT_LOOKS
from sorter.inlet.gate import GateTag, Kind, Why
from sorter.inlet.state import Gate
from tests.unit.sorter_inlet.play import Play, book, other


def given_back(*tags: GateTag) -> Play:
    play = Play()
    play.look(*tags, times=8)
    play.put(acts.GaveBack(asked=True))
    assert len(play.all(acts.GiveBack)) == 1
    return play


def test_the_one_that_is_left_goes_in() -> None:
    play = given_back(book(1), book(2), book(3))
    play.look(book(1), book(2), times=LEFT_LOOKS)
    assert play.all(acts.GiveBack) == [acts.GiveBack(Why.SEVERAL)] * 2
    play.put(acts.GaveBack(asked=True))
    play.look(book(1), times=LEFT_LOOKS - 1)
    assert not play.all(acts.Open), "a hand may be taking it out"
    play.look(book(1), times=1)
    play.put(acts.Opened(True), acts.Looked(frozenset()), acts.Entered(7))
    assert [(entry.item, entry.number) for entry in play.state.entries] == [("item-1", 7)]
    assert play.screen().name == "inlet"


def test_a_card_that_is_left_is_told_as_one() -> None:
    play = given_back(book(1), other(Kind.CARD))
    play.look(other(Kind.CARD), times=LEFT_LOOKS)
    assert play.state.refused is Why.CARD


def test_the_gate_that_will_not_take_the_one_that_is_left_looks_at_it_again() -> None:
    play = given_back(book(1), book(2))
    play.look(book(1), times=LEFT_LOOKS)
    play.put(acts.Opened(False))
    play.look(book(1), times=LEFT_LOOKS)
    assert len(play.all(acts.Open)) == 2


def test_nothing_goes_in_beside_what_was_given_back() -> None:
    play = given_back(book(1), book(2))
    play.look(book(1), book(2), book(3), times=LEFT_LOOKS)
    assert not play.all(acts.Open)
    assert len(play.all(acts.GiveBack)) == 2
    play = given_back(other(Kind.CARD))
    play.look(other(Kind.CARD), book(1), times=LEFT_LOOKS)
    assert not play.all(acts.Open)


def test_a_tag_that_is_missed_for_a_moment_is_no_other_pile() -> None:
    play = given_back(book(1), book(2))
    for _ in range(5):
        play.look(book(1), times=LEFT_LOOKS - 1)
        play.look(book(1), book(2), times=1)
    assert not play.all(acts.Open)
    assert len(play.all(acts.GiveBack)) == 1


def test_while_it_lies_there_nobody_is_asked_for_a_book() -> None:
    play = given_back(book(1), book(2))
    play.fire("refused")
    play.look(book(1), book(2), times=20)
    assert len(play.all(acts.GiveBack)) == 1, "it is said, and not given back for ever"
    assert play.screen().name == "inlet_refused"
    assert "mere end én ting" in play.says()
    play.look(times=1)
    assert (play.screen().name, play.state.gate) == ("inlet_start", Gate.EMPTY)
