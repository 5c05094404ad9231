"""The one who judges a run of the plant: which word excuses which item, and what is wrong whatever was told."""

from dataclasses import replace

import pytest

from drivers.ports import Uid
from hw_sim.plant_things import Thing
from hw_sim.world import Tag
from sorter.belt.items import Cause, ItemState, SeenTag, Tracked
from sorter.plan.facts import Facts
from tests.simulation.plant_judge import Copy, Judge
from tests.simulation.plant_truth import EXCEPTION

NAMED = SeenTag(Uid(bytes(8)), "1")


class TestAWordExcusesOneItemAtOnePlace:
    """What was told of a thing without a name, at bin 3 when the belt stood at 9000."""

    BINS = 9

    def judge(self) -> Judge:
        return Judge(bins=self.BINS, pulses_a_mm=2, run="by hand")

    def lies(self, bin: int, *passed: tuple[int, int], name: str = "1", dead: bool = True) -> Copy:
        thing = Thing(name, 400, where="bin", bin=bin, passed=list(passed))
        return Copy(thing, Facts(), EXCEPTION, foreign=False, bin=bin, dead=dead)

    def stray(self, bin: int, encoder: int) -> Tracked:
        return Tracked(0, 0, 0, 0, encoder, ItemState.LOST, cause=Cause.LOST, bin=bin)

    @pytest.mark.parametrize(
        ("bin", "passed", "told"),
        [
            (3, (3, 8900), True),  # it was before the eye of bin 3 when that saw something
            (3, (12, 8950), True),  # in its chute
            (3, (3, 7000), False),  # it was there long before
            (3, (3, 12_000), False),  # and long after
            (4, (3, 8900), False),  # it passed there, and lies where nobody was told to look
            (9, (3, 8900), True),  # what the belt does not know rides to the last bin
        ],
    )
    def test_a_stray(self, bin: int, passed: tuple[int, int], *, told: bool) -> None:
        judge = self.judge()
        judge.stray(self.stray(3, 9000))
        judge.judge(self.lies(bin, passed), untouched=False)
        assert bool(judge.found.wrong) is not told

    def test_it_is_used_up(self) -> None:
        judge = self.judge()
        judge.stray(self.stray(3, 9000))
        for name in ("1", "2"):
            judge.judge(self.lies(3, (3, 8900), name=name), untouched=False)
        assert (judge.found.told, len(judge.found.unseen)) == (1, 1)

    @pytest.mark.parametrize(("other", "told"), [(8950, True), (9700, False)])
    def test_it_stands_for_two_that_the_eye_saw_as_one_and_that_lie_with_the_staff(
        self, other: int, *, told: bool
    ) -> None:
        judge = self.judge()
        judge.stray(self.stray(EXCEPTION, 9000))
        judge.judge(self.lies(EXCEPTION, (EXCEPTION, 8900)), untouched=False)
        judge.judge(self.lies(EXCEPTION, (EXCEPTION, other), name="2"), untouched=False)
        assert bool(judge.found.unexplained) is not told

    @pytest.mark.parametrize(("passed", "told"), [((0, 5000), True), ((0, 6200), False)])
    def test_an_item_without_a_name(self, passed: tuple[int, int], *, told: bool) -> None:
        judge = self.judge()
        ended = Tracked(7, 7, 200, 180, 5000, ItemState.MISSED, cause=Cause.MISSED, bin=3)
        judge.ended(ended)
        judge.judge(self.lies(3, passed), untouched=False)
        assert bool(judge.found.unseen) is not told

    def test_what_two_names_are_doubted_of_is_told_of_once_by_where_it_was(self) -> None:
        judge = self.judge()
        tags = (SeenTag(Uid(bytes(8)), "1", doubtful=True), SeenTag(Uid(bytes([1] * 8)), "2"))
        told = Tracked(7, 7, 200, 180, 5000, ItemState.CONFIRMED, tags, bin=EXCEPTION)
        judge.ended(replace(told, cause=Cause.CONFLICT))
        judge.judge(self.lies(EXCEPTION, (0, 5000)), untouched=False)
        assert not judge.found.unexplained
        judge.judge(self.lies(EXCEPTION, (0, 5700), name="2"), untouched=False)
        assert judge.found.unexplained, "its word was about the one before"

    def test_a_word_about_two_that_came_as_one_is_about_each_by_its_own_tag(self) -> None:
        judge, strange = self.judge(), bytes([1] * 8)
        tags = (SeenTag(Uid(bytes(8)), "1"), SeenTag(Uid(strange), ""))
        told = Tracked(7, 7, 200, 180, 5000, ItemState.CONFIRMED, tags, bin=EXCEPTION)
        judge.ended(replace(told, cause=Cause.CONFLICT))
        foreign = self.lies(EXCEPTION, (0, 5000), name="2")
        foreign.thing.tags.append(Tag(strange, bytearray()))
        judge.judge(foreign, untouched=False)
        judge.judge(self.lies(EXCEPTION, (0, 5000)), untouched=False)
        assert not judge.found.unexplained

    def test_one_that_is_told_of_in_another_bin_than_it_lies_in(self) -> None:
        judge = self.judge()
        judge.ended(Tracked(7, 7, 200, 180, 5000, ItemState.MISSED, cause=Cause.MISSED, bin=4))
        judge.judge(self.lies(3, (0, 5000)), untouched=False)
        assert judge.found.unseen

    @pytest.mark.parametrize(("other", "glued"), [(5350, True), (5490, False), (5900, False)])
    def test_a_dead_tag_is_beyond_telling_only_under_another_item(
        self, other: int, *, glued: bool
    ) -> None:
        judge, copy = self.judge(), self.lies(3, (0, 5000))
        neighbour = Thing("2", 400, passed=[(0, other)])
        copy.glued = judge.rests(copy.thing, [neighbour])
        judge.judge(copy, untouched=False)
        assert (judge.found.undetectable, len(judge.found.unseen)) == (int(glued), int(not glued))

    def test_one_that_an_eye_saw_as_one_with_what_is_known_by_its_name(self) -> None:
        judge = self.judge()
        judge.stray(self.stray(EXCEPTION, 9000))
        judge.ended(Tracked(7, 7, 200, 180, 5000, ItemState.LOST, (NAMED,), cause=Cause.LOST))
        known = self.lies(EXCEPTION, (0, 5000), (EXCEPTION, 9000), dead=False)
        judge.judge(known, untouched=False)
        judge.judge(self.lies(EXCEPTION, (0, 6000), (EXCEPTION, 9240), name="2"), untouched=False)
        assert not judge.found.wrong

    def test_two_that_an_eye_saw_as_one_and_that_lie_apart(self) -> None:
        judge = self.judge()
        judge.stray(self.stray(8, 9000))
        judge.judge(self.lies(8, (8, 8900)), untouched=False)
        judge.judge(self.lies(EXCEPTION, (8, 8950), name="2"), untouched=False)
        assert len(judge.found.unexplained) == 1

    def test_what_is_sought_without_a_name_is_nothing_that_lies_on_a_shelf(self) -> None:
        judge = self.judge()
        judge.ended(Tracked(7, 7, 200, 180, 5000, ItemState.LOST, cause=Cause.LOST))
        judge.judge(self.lies(2, (0, 5000)), untouched=False)
        assert judge.found.unseen

    def test_what_is_sought_by_its_name_may_lie_on_a_shelf_but_not_with_a_silent_tag(self) -> None:
        judge = self.judge()
        for number, silent in ((1, False), (2, True)):
            tag = replace(NAMED, item=str(number))
            judge.ended(Tracked(7, 7, 200, 180, 5000, ItemState.LOST, (tag,), cause=Cause.LOST))
            copy = self.lies(2, (0, 5000), name=str(number), dead=False)
            copy.silent = silent
            judge.judge(copy, untouched=False)
        assert (judge.found.told, len(judge.found.wrong)) == (2, len(judge.found.silent)) == (2, 1)

    def test_a_silent_tag_on_a_shelf_was_seen_there(self) -> None:
        judge = self.judge()
        judge.ended(Tracked(7, 7, 200, 180, 5000, ItemState.LOST, (NAMED,), cause=Cause.LOST))
        judge.stray(self.stray(2, 9000))
        copy = self.lies(2, (0, 5000), (11, 9000), dead=False)
        copy.silent = True
        judge.judge(copy, untouched=False)
        assert not judge.found.wrong

    def test_of_two_strays_the_nearest_is_about_it(self) -> None:
        judge = self.judge()
        for encoder in (9050, 8900):
            judge.stray(self.stray(3, encoder))
        judge.judge(self.lies(3, (3, 8900)), untouched=False)
        judge.judge(self.lies(3, (3, 9040), name="2"), untouched=False)
        assert not judge.found.wrong


class TestWhatNoWordExcuses:
    def judge(self) -> Judge:
        return Judge(bins=9, pulses_a_mm=2, run="by hand")

    def copy(self, bin: int, wanted: int, fault: str = "") -> Copy:
        thing = Thing("1", 400, where="bin" if bin else "floor", bin=bin or 3, passed=[(0, 5000)])
        return Copy(thing, Facts(), wanted, foreign=False, bin=bin, fault=fault, on_loan=False)

    def ended(self, bin: int, cause: Cause = Cause.NONE) -> Tracked:
        return Tracked(7, 7, 200, 180, 5000, ItemState.CONFIRMED, (NAMED,), cause=cause, bin=bin)

    def test_what_lies_on_the_floor_is_in_no_bin(self) -> None:
        judge = self.judge()
        judge.ended(self.ended(3))
        judge.judge(self.copy(0, 3), untouched=False)
        assert judge.found.believed

    @pytest.mark.parametrize("cause", [Cause.MISSED, Cause.NO_CRATE])
    def test_what_fell_beside_its_way_and_is_known_to_have_is_looked_for(
        self, cause: Cause
    ) -> None:
        judge = self.judge()
        judge.ended(self.ended(3, cause))
        judge.judge(self.copy(0, 4), untouched=False)
        assert not judge.found.wrong

    @pytest.mark.parametrize("untouched", [True, False])
    def test_nothing_is_told_of_in_a_wrong_bin_that_no_fault_touched(
        self, *, untouched: bool
    ) -> None:
        judge = self.judge()
        judge.ended(self.ended(3, Cause.MISSED))
        judge.judge(self.copy(3, 4), untouched=untouched)
        assert bool(judge.found.wronged) is untouched

    @pytest.mark.parametrize(
        ("fault", "cause", "right"),
        [
            ("refused", Cause.REFUSED, True),
            ("refused", Cause.LATE, False),
            ("no_tag", Cause.NO_READ, True),
            ("no_tag", Cause.CONFLICT, False),
            ("garbage", Cause.LATE, True),
            ("garbage", Cause.REFUSED, False),
        ],
    )
    def test_a_person_is_told_why(self, fault: str, cause: Cause, *, right: bool) -> None:
        judge = self.judge()
        judge.ended(self.ended(EXCEPTION, cause))
        judge.judge(self.copy(EXCEPTION, EXCEPTION, fault), untouched=False, calm=True)
        assert bool(judge.found.unexplained) is not right

    def test_one_whose_neighbours_tag_may_be_its_own_is_in_conflict(self) -> None:
        judge = self.judge()
        torn = replace(NAMED, uid=Uid(bytes([1] * 8)), item="", doubtful=True)
        judge.ended(replace(self.ended(EXCEPTION, Cause.CONFLICT), tags=(NAMED, torn)))
        judge.judge(self.copy(EXCEPTION, EXCEPTION, "refused"), untouched=False, calm=True)
        assert not judge.found.wrong

    @pytest.mark.parametrize("silent", [True, False])
    def test_one_whose_tag_took_no_alarm_is_told_as_not_armed(self, *, silent: bool) -> None:
        judge = self.judge()
        judge.ended(self.ended(EXCEPTION, Cause.NOT_ARMED))
        copy = self.copy(EXCEPTION, EXCEPTION, "lost")
        copy.silent = silent
        judge.judge(copy, untouched=False, calm=True)
        assert bool(judge.found.wrong) is not silent

    @pytest.mark.parametrize(("fault", "owed"), [("", True), ("foreign_tag", False)])
    def test_what_was_told_as_offline_is_owed_under_the_number_that_was_read(
        self, fault: str, *, owed: bool
    ) -> None:
        judge = self.judge()
        judge.ended(self.ended(EXCEPTION, Cause.OFFLINE))
        copy = self.copy(EXCEPTION, EXCEPTION, fault)
        judge.judge(copy, untouched=False)
        assert copy.owed is owed

    @pytest.mark.parametrize(("on_loan", "fault"), [(True, ""), (False, ""), (True, "refused")])
    def test_what_was_asked_for_is_checked_in_at_the_end_wherever_it_lies(
        self, fault: str, *, on_loan: bool
    ) -> None:
        judge = self.judge()
        copy = self.copy(EXCEPTION, EXCEPTION, fault)
        copy.on_loan = on_loan
        judge.lent(copy)
        assert bool(judge.found.still_lent) is (on_loan and fault != "refused")
