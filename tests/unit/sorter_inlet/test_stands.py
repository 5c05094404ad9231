"""The machine stands while a thing is between its gate and the belt: it is awaited, said, listed when it is in, and never another's."""

import pytest

from sorter.inlet import acts
from sorter.inlet.flow import TOLD_S
from sorter.inlet.gate import Why
from sorter.inlet.state import Phase, Stand, Way
from sorter.inlet_work import _line
from tests.unit.sorter_inlet.play import Play, book, words

HOUR_S = 3600.0
STOPS = pytest.mark.parametrize("way", [Way.PAUSED, Way.CLOSED])


def let_in(play: Play, n: int, *, lies: bool = False) -> None:
    play.look(book(n))
    play.put(acts.Opened(True))
    play.look(*((book(n),) if lies else ()), times=1)


def stand(play: Play, way: Way, seconds: float = HOUR_S) -> None:
    """It stands for so long, and that has been said."""
    play.way(way, "belt")
    play.fire("way")
    assert "enters" not in play.timers, "no clock runs while the machine stands"
    play.at += seconds


def listed(play: Play) -> list[tuple[str, int, Stand]]:
    return [(entry.item, entry.number, entry.stand) for entry in play.state.entries]


@STOPS
def test_it_is_awaited_said_and_on_the_list_when_it_is_in(way: Way) -> None:
    play = Play()
    let_in(play, 1)
    stand(play, way)
    assert "er inde i maskinen" in play.says()
    assert "Venter, til maskinen kører igen" in play.says()
    play.look(times=3)
    assert play.state.refused is None
    play.way(Way.OPEN)
    assert "enters" in play.timers
    play.look(book(2), times=5)
    assert len(play.all(acts.Open)) == 1, "what stood behind the gate is told of first"
    play.put(acts.Entered(7), acts.Came(7, Stand.RETURNED, "Et"))
    assert listed(play) == [("item-1", 7, Stand.RETURNED)]
    assert "står stille" not in play.says()
    play.look(book(2), times=1)
    assert len(play.all(acts.Open)) == 2


@STOPS
def test_what_the_belt_tells_of_while_the_inlet_is_shut_still_is_hers(way: Way) -> None:
    play = Play()
    let_in(play, 1)
    stand(play, way)
    play.put(acts.Entered(7), acts.Came(7, Stand.STAFF))
    assert listed(play) == [("item-1", 7, Stand.STAFF)]


@STOPS
def test_what_lies_in_the_gate_goes_in_or_is_said_to_stick(way: Way) -> None:
    for sticks in (False, True):
        play = Play()
        let_in(play, 1, lies=True)
        stand(play, way)
        assert "ligger i lågen" in play.says()
        play.look(book(1), times=3)
        play.way(Way.OPEN)
        if sticks:
            play.look(book(1), times=3)
            play.fire("enters")
            assert (play.state.refused, play.state.stuck) == (Why.STUCK, "item-1")
        else:
            play.put(acts.Entered(7))
            assert listed(play) == [("item-1", 7, Stand.TAKEN)]


def test_what_the_gate_gives_back_meanwhile_is_said_at_once() -> None:
    play = Play()
    let_in(play, 1, lies=True)
    stand(play, Way.PAUSED)
    play.put(acts.GaveBack(asked=False))
    assert (play.state.refused, listed(play)) == (Why.STUCK, [])
    play.look(times=1)
    play.way(Way.OPEN)
    play.put(acts.Entered(7))
    assert not listed(play)


@STOPS
def test_what_staff_took_off_is_asked_for_when_it_runs(way: Way) -> None:
    play = Play()
    let_in(play, 1)
    stand(play, way)
    play.way(Way.OPEN)
    play.fire("enters")
    assert (play.state.refused, listed(play)) == (Why.STUCK, [])
    play.press("close")
    let_in(play, 2)
    play.put(acts.Entered(7))
    assert listed(play) == [("item-2", 7, Stand.TAKEN)]


@STOPS
def test_a_receipt_names_it_as_not_registered_yet(way: Way) -> None:
    for before in (False, True):
        play = Play()
        if before:
            play.drop(book(9), title="Ni")
        let_in(play, 1)
        stand(play, way)
        play.press("finish.print")
        play.fire("answers")
        (receipt,) = play.all(acts.PrintReceipt)
        assert isinstance(receipt, acts.PrintReceipt)
        line = _line(receipt.entries[-1])
        assert (line.title, line.reason) == ("item-1", "inlet.waiting")
        assert len(receipt.entries) == 1 + before
        assert "Når maskinen kører igen" in play.says()


def test_a_receipt_waits_for_it_when_the_machine_runs_in_time() -> None:
    play = Play()
    let_in(play, 1)
    stand(play, Way.PAUSED)
    play.press("finish.print")
    del play.timers["answers"]
    play.way(Way.OPEN)
    assert "answers" in play.timers, "it is on its way"
    play.put(acts.Entered(7), acts.Came(7, Stand.RETURNED, "Et"))
    (receipt,) = play.all(acts.PrintReceipt)
    assert isinstance(receipt, acts.PrintReceipt)
    assert [entry.title for entry in receipt.entries] == ["Et"]


def test_a_receipt_that_failed_lists_what_has_come_in_since() -> None:
    play = Play()
    let_in(play, 1)
    stand(play, Way.PAUSED)
    play.press("finish.print")
    play.fire("answers")
    play.way(Way.OPEN)
    play.put(acts.Entered(7), acts.Came(7, Stand.RETURNED, "Et"))
    play.put(acts.Printed(play.state.visit, False))
    assert "Et" in play.says().split(" | ")


def leaves_by_itself(play: Play) -> None:
    play.fire("idle")
    assert "registreres, når maskinen kører igen" in play.says()
    for _ in range(play.state.idle_left):
        play.fire("tick")


def leaves_without_a_receipt(play: Play) -> None:
    play.press("finish.none")
    assert "Når maskinen kører igen" in play.says()
    play.fire("end")


def leaves_with_a_receipt(play: Play) -> None:
    play.press("finish.print")
    play.fire("answers")
    play.put(acts.Printed(play.state.visit, True))
    play.fire("end")


def crashes(play: Play) -> None:
    """The program begins anew, and knows of nothing."""
    fresh = Play()
    play.flow, play.state = fresh.flow, type(play.state)("da", printer=play.state.printer)
    play.timers.clear()


@STOPS
@pytest.mark.parametrize(
    "leaves", [leaves_by_itself, leaves_without_a_receipt, leaves_with_a_receipt, crashes]
)
def test_whoever_comes_next_gets_nothing_of_it(way: Way, leaves: object) -> None:
    for comes in (True, False):
        play = Play()
        let_in(play, 1)
        stand(play, way)
        assert callable(leaves)
        leaves(play)
        assert play.state.phase is Phase.REST
        play.look(book(2), times=3)
        play.at += HOUR_S
        play.way(Way.OPEN)
        play.look(book(2), times=3)
        opened = len(play.all(acts.Open))
        assert opened == 1, "the one before may come first"
        if comes:
            play.put(acts.Entered(7), acts.Came(7, Stand.RETURNED, "Et"))
            assert "Et" not in play.says().split(" | ")
            assert play.state.phase is Phase.REST
        else:
            play.at += TOLD_S
        play.look(book(2), times=1)
        play.put(acts.Opened(True), acts.Entered(8), acts.Came(8, Stand.RETURNED, "To"))
        assert listed(play) == [("item-2", 8, Stand.RETURNED)]


def test_what_nobody_answered_for_is_nobodys_when_its_borrower_has_long_left() -> None:
    play = Play()
    play.look(book(1))
    play.put(acts.Opened(None), acts.Looked(frozenset()))
    play.way(Way.CLOSED, "link")
    play.fire("unsure")
    play.at += HOUR_S
    play.way(Way.OPEN)
    play.put(acts.Entered(7), acts.Came(7, Stand.RETURNED, "Et"))
    assert not listed(play)
    assert "Et" not in play.says().split(" | ")


def test_the_inlet_that_shuts_before_the_gate_has_answered_starts_no_clock() -> None:
    play = Play()
    play.look(book(1))
    play.way(Way.PAUSED, "belt")
    play.put(acts.Opened(True))
    assert "enters" not in play.timers
    play.way(Way.OPEN)
    play.put(acts.Entered(7))
    assert listed(play) == [("item-1", 7, Stand.TAKEN)]
    assert "enters" not in play.timers
    assert words(play.screen().title) == "1 materiale er taget imod"
