"""What is let in and does not come onto the belt: taken back, or held by a gate that sticks. And who may see a list again."""

from sorter.inlet import acts
from sorter.inlet.flow import TOLD_S
from sorter.inlet.gate import Why
from sorter.inlet.state import Over, Stand
from tests.unit.sorter_inlet.play import Play, book


def let_in(play: Play, n: int) -> None:
    play.look(book(n))
    play.put(acts.Opened(True))


def test_what_was_taken_back_gives_its_number_to_nobody() -> None:
    play = Play()
    let_in(play, 1)
    play.look(times=1)
    play.at += TOLD_S
    let_in(play, 2)
    play.put(acts.Entered(77), acts.Came(77, Stand.RETURNED, "To"))
    play.press("finish.print")
    (receipt,) = play.all(acts.PrintReceipt)
    assert isinstance(receipt, acts.PrintReceipt)
    assert [(e.item, e.number) for e in receipt.entries] == [("item-2", 77)]


def test_the_next_waits_until_the_belt_has_told_of_the_last() -> None:
    play = Play()
    let_in(play, 1)
    play.look(times=1)
    play.look(book(2), times=5)
    assert len(play.all(acts.Open)) == 1
    play.put(acts.Entered(1))
    play.look(book(2), times=1)
    assert len(play.all(acts.Open)) == 2


def test_a_gate_that_sticks_is_said_and_the_thing_is_let_in_when_it_does_not() -> None:
    play = Play()
    let_in(play, 1)
    play.look(book(1), times=9)
    play.fire("enters")
    assert (play.state.over, play.state.refused) == (Over.REFUSED, Why.STUCK)
    assert play.screen().name == "inlet_refused"
    assert play.state.stuck
    assert not play.state.entries
    assert play.all(acts.NoteBack) == [acts.NoteBack(Why.STUCK)]
    play.look(book(1), times=5)
    assert len(play.all(acts.Open)) == 1, "while it is read the gate stays as it is"
    play.press("close")
    let_in(play, 1)
    assert len(play.all(acts.Open)) == 2
    play.put(acts.Entered(5))
    assert (play.state.taken, play.state.stuck) == (1, "")


def test_what_goes_in_after_all_is_counted() -> None:
    play = Play()
    let_in(play, 1)
    play.fire("enters")
    play.look(times=1)
    play.look(book(2), times=3)
    assert len(play.all(acts.Open)) == 1, "the belt may be about to tell of the first"
    play.put(acts.Entered(5), acts.Looked(frozenset()))
    assert [(e.item, e.number) for e in play.state.entries] == [("item-1", 5)]
    assert (play.screen().name, play.state.stuck) == ("inlet", "")


def test_the_alarm_goes_with_the_thing() -> None:
    play = Play()
    let_in(play, 1)
    play.fire("enters")
    assert play.state.sticks
    play.look(times=1)
    assert not play.state.sticks


def test_what_was_taken_back_is_said_too_and_is_no_alarm() -> None:
    play = Play()
    play.drop(book(1), title="Et")
    let_in(play, 2)
    play.look(times=1)
    play.fire("enters")
    assert (play.state.refused, play.state.stuck, play.state.taken) == (Why.STUCK, "", 1)


def test_a_gate_that_sticks_is_said_after_the_visit_too() -> None:
    play = Play()
    play.drop(book(1), title="Et")
    let_in(play, 2)
    play.press("finish.none")
    play.fire("enters")
    assert play.screen().name == "inlet_refused"
    assert "Et" not in play.says().split(" | ")


def test_only_she_who_says_that_she_is_there_sees_the_list_again() -> None:
    for action in ("assist.language", "assist.help", "assist.larger", "assist.contrast"):
        play = Play()
        play.drop(book(1), title="Et")
        play.fire("idle")
        play.put(acts.Touched())
        play.press(action)
        assert "Et" not in play.says().split(" | "), action
        if play.state.over is not Over.IDLE:
            play.press("close")
        assert play.screen().name == "inlet_idle", action
        play.press("continue")
        assert "Et" in play.says()


def test_a_question_in_another_language_still_ends_by_itself() -> None:
    play = Play()
    play.drop(book(1), title="Et")
    play.fire("idle")
    play.press("assist.language")
    play.press("language.uk")
    assert (play.screen().name, play.screen().language) == ("inlet_idle", "uk")
    play.press("assist.language")
    for _ in range(play.state.idle_left):
        play.fire("tick")
    assert play.screen().name == "inlet_start"
    assert not play.state.entries
