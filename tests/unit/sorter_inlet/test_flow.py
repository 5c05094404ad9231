"""The inlet: what its gate takes and gives back, a visit from its first thing to its thanks, and what is left: nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.ports import PrinterState
from drivers.runtime.flow import TimerFired
from drivers.service.view import Cue, EndBody, RowsBody, StartBody
from sorter.inlet import acts
from sorter.inlet.flow import DOUBTED_LOOKS
from sorter.inlet.gate import GateTag, Kind, Why, verdict
from sorter.inlet.state import Gate, Over, Paper, Phase, Stand, Way
from tests.unit.sorter_inlet.play import Play, book, other, words


class TestVerdict:
    @pytest.mark.parametrize(
        ("tags", "item", "why"),
        [
            ([book(1)], "item-1", None),
            ([book(1, 1, 2), book(1, 2, 2)], "item-1", None),
            ([book(1, 1, 3), book(1, 3, 3)], "", Why.INCOMPLETE),
            ([book(1), book(2)], "", Why.SEVERAL),
            ([book(1), other(Kind.CARD)], "", Why.SEVERAL),
            ([book(1), other(Kind.STRANGE)], "", Why.SEVERAL),
            ([other(Kind.CARD)], "", Why.CARD),
            ([other(Kind.STRANGE)], "", Why.STRANGE),
            ([other(Kind.SILENT)], "", Why.UNREAD),
        ],
    )
    def test_of_what_lies_there(self, tags: list[GateTag], item: str, why: Why | None) -> None:
        found = verdict(tags)
        assert found is not None
        assert (found.item, found.why) == (item, why)

    def test_nothing_there_is_no_verdict(self) -> None:
        assert verdict([]) is None

    @given(
        st.lists(
            st.builds(
                lambda n, part, kind: book(n, part, 2) if kind is Kind.ITEM else other(kind, n),
                st.integers(1, 3),
                st.integers(1, 2),
                st.sampled_from(Kind),
            ),
            max_size=4,
        )
    )
    def test_never_lets_two_things_in(self, tags: list[GateTag]) -> None:
        found = verdict(tags)
        if found is not None and found.why is None:
            assert {(tag.kind, tag.item) for tag in tags} == {(Kind.ITEM, found.item)}


class TestGate:
    def test_an_item_is_let_in_after_two_looks_and_once(self) -> None:
        play = Play()
        play.look(book(1), times=1)
        assert not play.all(acts.Open)
        play.look(book(1), times=5)
        assert len(play.all(acts.Open)) == 1
        play.put(acts.Opened(True))
        play.look(book(1), times=5)
        assert len(play.all(acts.Open)) == 1
        assert play.state.gate is Gate.DONE

    def test_the_next_is_looked_at_by_itself_while_the_last_one_still_answers(self) -> None:
        play = Play()
        play.look(book(1))
        play.put(acts.Opened(True), acts.Entered(1))
        play.look(book(1), book(2), times=3)
        assert len(play.all(acts.Open)) == 2
        assert not play.all(acts.GiveBack)

    def test_a_second_thing_that_answers_late_keeps_both_out(self) -> None:
        play = Play()
        play.look(book(1), times=1)
        play.look(book(1), book(2))
        assert not play.all(acts.Open)
        assert play.all(acts.GiveBack) == [acts.GiveBack(Why.SEVERAL)]

    def test_a_part_that_may_still_answer_is_waited_for(self) -> None:
        play = Play()
        play.look(book(1, 1, 2), times=DOUBTED_LOOKS - 1)
        assert not play.all(acts.GiveBack)
        play.look(book(1, 1, 2), book(1, 2, 2))
        assert len(play.all(acts.Open)) == 1

    def test_nothing_is_let_in_while_the_line_takes_nothing_and_then_it_is(self) -> None:
        play = Play()
        play.way(Way.PAUSED, "queue")
        play.look(book(1), times=5)
        assert not play.all(acts.Open)
        play.way(Way.OPEN)
        play.look(book(1), times=1)
        assert len(play.all(acts.Open)) == 1

    def test_a_gate_that_did_not_open_is_asked_again(self) -> None:
        play = Play()
        play.look(book(1))
        play.put(acts.Opened(False))
        assert not play.state.entries
        play.look(book(1))
        assert len(play.all(acts.Open)) == 2

    def test_what_the_gate_gave_back_by_itself_could_not_be_read(self) -> None:
        play = Play()
        play.put(acts.GaveBack(asked=False))
        assert play.all(acts.NoteBack) == [acts.NoteBack(Why.UNREAD)]
        assert play.state.refused is Why.UNREAD
        assert play.state.cue is Cue.REFUSED

    def test_our_own_giving_back_is_told_once(self) -> None:
        play = Play()
        play.look(other(Kind.CARD), times=6)
        play.put(acts.GaveBack(asked=True))
        play.look(other(Kind.CARD), times=6)
        assert play.all(acts.GiveBack) == [acts.GiveBack(Why.CARD)]
        assert not play.all(acts.NoteBack)


class TestVisit:
    def test_things_are_counted_when_the_belt_has_them(self) -> None:
        play = Play()
        play.look(book(1))
        play.put(acts.Opened(True))
        assert words(play.screen().title) == "Et øjeblik …"
        play.put(acts.Entered(7))
        assert words(play.screen().title) == "1 materiale er taget imod"
        play.put(acts.Came(7, Stand.RETURNED, "Lykke-Per"))
        assert "Lykke-Per" in play.says()

    def test_the_newest_stands_first(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.drop(book(2), title="To")
        body = play.screen().body
        assert isinstance(body, RowsBody)
        assert [words(row.title) for row in body.rows] == ["To", "Et"]

    def test_an_item_that_staff_must_look_at_is_taken_all_the_same(self) -> None:
        play = Play()
        play.drop(book(1), title="Et", stand=Stand.STAFF)
        assert play.state.taken == 1
        assert "Personalet ser på det" in play.says()

    def test_a_return_that_stands_is_not_doubted_by_what_comes_later(self) -> None:
        play = Play()
        number = play.drop(book(1), title="Et")
        play.put(acts.Came(number, Stand.STAFF))
        assert play.state.entries[0].stand is Stand.RETURNED

    def test_what_was_let_in_and_never_came_is_not_counted(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.look(book(2))
        play.put(acts.Opened(True))
        play.fire("enters")
        assert [entry.item for entry in play.state.entries] == ["item-1"]

    def test_items_that_others_fed_are_nobodys_here(self) -> None:
        play = Play()
        play.put(acts.Entered(3), acts.Came(3, Stand.RETURNED, "Ukendt"))
        assert play.screen().name == "inlet_start"

    def test_refused_says_why_and_what_to_do_and_goes_by_itself(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.look(book(2), book(3))
        assert play.screen().name == "inlet_refused"
        assert "mere end én ting" in play.says()
        assert "én ad gangen" in play.says()
        assert "Et" not in play.says().split(" | ")
        play.fire("refused")
        assert play.screen().name == "inlet"

    def test_the_next_thing_takes_the_refusal_away(self) -> None:
        play = Play()
        play.put(acts.GaveBack(asked=False))
        play.drop(book(1))
        assert play.screen().name == "inlet"


class TestEnd:
    def test_without_a_printer_there_is_one_way_to_finish(self) -> None:
        play = Play(printer=None)
        play.drop(book(1), title="Et")
        play.press("finish.none")
        shown = play.screen()
        assert isinstance(shown.body, EndBody)
        assert shown.body.receipt is None
        play.fire("end")
        assert play.screen().name == "inlet_start"

    def test_a_receipt_lists_what_was_taken_and_is_forgotten(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.drop(book(2), title="To")
        play.press("finish.print")
        (job,) = play.all(acts.PrintReceipt)
        assert isinstance(job, acts.PrintReceipt)
        assert [entry.title for entry in job.entries] == ["Et", "To"]
        assert play.state.paper is Paper.PRINTING
        play.put(acts.Printed(job.visit, True))
        assert not play.state.entries
        assert "Tag din kvittering" in play.says()
        play.fire("end")
        assert play.state.phase is Phase.REST

    def test_a_receipt_waits_for_the_last_answer_and_not_for_ever(self) -> None:
        play = Play()
        number = play.drop(book(1))
        play.press("finish.print")
        assert not play.all(acts.PrintReceipt)
        play.put(acts.Came(number, Stand.RETURNED, "Et"))
        assert len(play.all(acts.PrintReceipt)) == 1
        later = Play()
        later.drop(book(1))
        later.press("finish.print")
        later.fire("answers")
        assert len(later.all(acts.PrintReceipt)) == 1

    def test_a_receipt_that_did_not_come_leaves_the_list_and_can_be_asked_for_again(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.press("finish.print")
        play.put(acts.Printed(play.state.visit, False))
        assert play.screen().name == "inlet_receipt_failed"
        assert "Et" in play.says()
        play.press("finish.print")
        assert len(play.all(acts.PrintReceipt)) == 2
        play.put(acts.Printed(play.state.visit, False))
        play.fire("receipt")
        assert play.screen().name == "inlet_start"

    def test_a_late_word_of_the_printer_is_not_told_to_the_next(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.press("finish.print")
        play.drop(book(2))
        play.put(acts.Printed(1, False))
        assert play.screen().name == "inlet"
        assert "Et" not in play.says().split(" | ")

    @pytest.mark.parametrize(
        "printer", [PrinterState.PAPER_END, PrinterState.COVER_OPEN, PrinterState.GONE]
    )
    def test_no_paper_says_why_and_something_else_is_the_way(self, printer: PrinterState) -> None:
        play = Play(printer=printer)
        play.drop(book(1), title="Et")
        first, second = play.screen().actions
        assert (first.id, second.id) == ("finish.none", "finish.print")
        assert second.reason is not None
        play.put(acts.Pressed("finish.print"))
        assert play.state.phase is Phase.END
        assert not play.all(acts.PrintReceipt)

    def test_it_ends_by_itself_after_asking(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.fire("idle")
        assert play.screen().name == "inlet_idle"
        assert "Et" not in play.says().split(" | ")
        for _ in range(play.state.idle_left):
            play.fire("tick")
        assert play.screen().name == "inlet_start"
        assert not play.state.entries

    def test_somebody_who_is_still_there_goes_on(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.fire("idle")
        play.press("continue")
        assert "Et" in play.says()
        assert "tick" not in play.timers

    def test_a_thing_that_comes_while_it_is_asked_is_somebody_elses(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.press("assist.contrast")
        play.fire("idle")
        play.drop(book(2), title="To")
        assert "Et" not in play.says().split(" | ")
        assert play.state.visit == 2
        assert not play.state.high_contrast


class TestScreen:
    def test_the_language_is_the_stations_again_at_the_end(self) -> None:
        play = Play()
        play.press("language.uk")
        play.drop(book(1), title="Et")
        assert play.screen().language == "uk"
        play.press("finish.none")
        play.fire("end")
        assert play.screen().language == "da"

    def test_what_was_set_on_the_empty_screen_goes_when_nobody_comes(self) -> None:
        play = Play()
        play.press("assist.larger")
        play.press("language.ar")
        assert play.timers["idle"] == 90
        play.fire("idle")
        assert (play.state.large_text, play.state.language) == (False, "da")

    @pytest.mark.parametrize("over", ["help", "language"])
    def test_the_bar_opens_and_shuts(self, over: str) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.press(f"assist.{over}")
        assert play.state.over is Over(over)
        play.press(f"assist.{over}")
        assert play.screen().name == "inlet"

    def test_a_stop_of_a_moment_is_not_told(self) -> None:
        play = Play()
        play.way(Way.PAUSED, "queue")
        assert play.screen().name == "inlet_start"
        play.way(Way.OPEN)
        assert "way" not in play.timers

    def test_a_closed_inlet_shows_where_else(self) -> None:
        play = Play()
        play.way(Way.CLOSED, "belt")
        play.fire("way")
        assert play.screen().name == "inlet_closed"
        assert "Automat 3" in play.says()
        assert "inlet.belt" in play.says()

    def test_who_is_in_the_middle_keeps_the_list_when_it_closes(self) -> None:
        play = Play()
        play.drop(book(1), title="Et")
        play.way(Way.CLOSED, "belt")
        play.fire("way")
        assert "Et" in play.says()
        assert "Lågen er lukket" in play.says()
        play.press("finish.print")
        assert len(play.all(acts.PrintReceipt)) == 1

    def test_the_start_asks_for_no_card_and_offers_five_languages(self) -> None:
        body = Play().screen().body
        assert isinstance(body, StartBody)
        assert [action.id.removeprefix("language.") for action in body.languages] == [
            "da",
            "en",
            "de",
            "uk",
            "ar",
        ]


_EVENTS = st.one_of(
    st.builds(lambda n: acts.Looked(frozenset({book(n)})), st.integers(1, 4)),
    st.just(acts.Looked(frozenset())),
    st.just(acts.Looked(frozenset({book(1), book(2)}))),
    st.builds(acts.Opened, st.booleans()),
    st.builds(acts.GaveBack, st.booleans()),
    st.builds(acts.Entered, st.integers(1, 6)),
    st.builds(acts.Came, st.integers(1, 6), st.sampled_from(Stand), st.just("Hemmelig titel")),
    st.builds(acts.WayChanged, st.sampled_from(Way), st.just("belt")),
    st.builds(acts.Printed, st.integers(0, 3), st.booleans()),
    st.builds(
        acts.Pressed, st.sampled_from(["finish.print", "finish.none", "assist.help", "close"])
    ),
    st.builds(
        TimerFired,
        st.sampled_from(["idle", "tick", "refused", "enters", "answers", "end", "receipt", "way"]),
    ),
)


@settings(max_examples=300)
@given(st.lists(_EVENTS, max_size=40))
def test_whatever_happens_rest_holds_nobodys_title(events: list[object]) -> None:
    play = Play()
    for event in events:
        play.put(event)  # type: ignore[arg-type]
        if play.state.phase is Phase.REST:
            assert not play.state.entries
        if play.screen().name in {"inlet_start", "inlet_idle", "inlet_closed", "inlet_end"}:
            assert "Hemmelig titel" not in play.says()
        assert len({entry.id for entry in play.state.entries}) == len(play.state.entries)
