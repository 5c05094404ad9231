"""Defects read in the code of other kiosks: each is a test that bears its name, so that ours never has it."""

from dataclasses import replace
from typing import Any

import pytest

import config.secrets
from drivers.transport.stream import Transport
from hw_sim.scenario import load
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.simulation.lives import WRITE_AFI
from tests.simulation.rig import Rig, play
from tests.simulation.tables import proven
from tests.simulation.test_sets import with_item
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, SET, afi, signed_in
from tests.simulation.test_wires_in_trouble import checkouts

SIM = "simulation/test_"
ODD_TITLE = "100 % sand\t| \x1b[31mdel\x07 1, {n} af {m} \u202e"

ELSEWHERE = {
    "1 a rejected replay that counts as done": [
        "simulation::test_an_item_that_somebody_else_has_since_is_left_to_staff_with_all_that_is_known",
        "simulation::test_a_card_that_the_library_does_not_know_is_left_to_staff",
        "simulation::test_an_item_on_its_way_to_another_library_is_not_lent_afterwards",
    ],
    "10 a reason that is told under one name and read under another": [
        "unit/library/test_commands.py::test_every_command_bears_all_that_its_message_requires",
        "unit/library/test_commands.py::test_why_a_card_is_blocked_is_told_in_the_field_that_is_read_for_it",
    ],
    "2 two ends for one command": [
        "unit/store/test_effects.py::test_the_database_allows_the_moves_of_the_picture_and_no_other",
        "unit/store/test_effects.py::test_a_final_row_never_changes",
    ],
    "3 answers that cross": [
        f"{SIM}wires_in_trouble.py::test_a_loan_without_a_good_answer_is_settled_by_asking",
        "contract/test_item_reader.py::test_an_answer_that_comes_late_is_never_the_next_ones",
    ],
    "4 personal data in clear after a retry": [f"{SIM}privacy.py::test_nothing_of_a_visit_is_left"],
    "9 a state without a way out": [
        "unit/kiosk/test_rows.py::test_every_state_that_waits_has_a_way_out_in_time"
    ],
    "11 a call without a deadline": [
        "contract/test_library_system.py::test_an_account_that_takes_too_long_ends_at_its_deadline",
        "unit/fbs/test_exchange.py::test_silence_ends_at_the_deadline",
    ],
    "12 a line break in an answer": [
        "unit/fbs/test_envelope.py::test_a_line_break_inside_is_a_blank"
    ],
    "12 a title that holds what divides": [
        "unit/fbs/test_lists.py::test_a_title_may_hold_what_divides"
    ],
    "15 dates that are rewritten at a replay": [
        "simulation::test_what_is_borrowed_offline_is_told_by_itself_as_it_happened"
    ],
    "13 PINs in a log": [
        "contract/test_library_line.py::test_nothing_personal_is_logged_or_shown",
        "unit/sip2/test_frames.py::test_repr_shows_no_person_no_secret_and_no_title",
    ],
}


@pytest.mark.parametrize("defect", ELSEWHERE)
def test_defect_is_answered(defect: str) -> None:
    proven(ELSEWHERE[defect])


class CountingWire:
    """A wire that counts the writes of a security byte."""

    def __init__(self, wire: Transport, written: list[str]) -> None:
        self.device = wire.device
        self._wire = wire
        self._written = written

    async def open(self) -> None:
        await self._wire.open()

    async def read(self) -> bytes:
        return await self._wire.read()

    async def write(self, data: bytes) -> None:
        if self.device == "pad" and WRITE_AFI in data:
            self._written.append(self.device)
        await self._wire.write(data)

    async def close(self) -> None:
        await self._wire.close()


def test_2_exactly_one_end_for_each_loan() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK, "3846646441")
        await rig.until(lambda s: len(s.rows) == 2 and not s.unsettled and len(s.done) == 1)
        ended = await rig.store.read(
            lambda txn: txn.connection.exec_driver_sql(
                "select item, count(*) from effects where verb = 'borrow' group by item"
            ).all()
        )
        assert sorted(tuple(row) for row in ended) == [(BOOK, 1), ("3846646441", 1)]

    play(story)


def test_5_secrets_are_read_at_the_start_and_never_in_a_visit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(rig: Rig) -> None:
        def asked(*_: Any) -> str:
            raise AssertionError("a secret was fetched in a visit")

        monkeypatch.setattr(config.secrets, "resolve", asked)
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)

    play(story)


def test_6_a_write_that_fails_is_tried_again_on_the_wire() -> None:
    written: list[str] = []

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "afi_silent", item=BOOK, count=1)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, BOOK) == {"c2"}

    play(story, wrap=lambda wire: CountingWire(wire, written))
    assert len(written) >= 2


def test_7_two_tags_that_fail_in_one_round_are_both_tried_again() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "afi_silent", count=2)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        assert await afi(rig, BOOK) == {"c2"}
        assert await afi(rig, OTHER) == {"c2"}

    play(story)


def test_8_a_refused_item_that_is_laid_down_again_is_a_new_try() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay("3846646441")
        await rig.until(lambda s: any(r.state is RowState.REFUSED for r in s.rows))
        await rig.pause(3)
        assert len(await checkouts(rig)) == 1, "not while it lies there"
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.lay("3846646441")
        await rig.until(lambda s: not s.pad.empty and not s.busy)
        await rig.pause(2)
        assert len(await checkouts(rig)) == 2

    play(story)


def test_12_a_set_of_twelve_parts_is_counted_in_twelves() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, parts=[*range(1, 10), 11, 12])
        await rig.until(lambda s: any(r.here == 11 for r in s.rows), 90)
        assert "11 af 12, del 10 mangler" in rig.words()
        await rig.lay(SET, parts=[10])
        await rig.until(lambda s: len(s.done) == 1, 90)
        assert await afi(rig, SET) == {"c2"}

    play(story, scenario=with_item(SET, parts=12))


def test_12_a_title_of_strange_letters_is_words_and_nothing_else() -> None:
    scenario = load("first-loan")
    for row in scenario.data["items"]:
        if row["id"] == OTHER:
            row["title"] = ODD_TITLE
            row["title_block"] = False
    items = tuple(
        replace(i, title=ODD_TITLE, title_block=False) if i.id == OTHER else i
        for i in scenario.items
    )

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.done) == 1)
        said = rig.words()
        assert "100 % sand" in said
        assert "{n} af {m}" in said
        assert not any(ord(letter) < 32 or letter == "\u202e" for letter in said)

    play(story, scenario=replace(scenario, items=items))


def test_14_a_tag_stays_armed_until_the_library_system_has_answered() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "answer_late", only="11", seconds=3.0, count=1)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.ASKING for r in s.rows))
        await rig.pause(1.5)
        assert await afi(rig, BOOK) == {"07"}
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, BOOK) == {"c2"}
        assert rig.state.phase is Phase.BORROW

    play(story)
