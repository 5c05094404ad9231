"""Everything that can go wrong at a sorting plant, each by its name and then all together: judged by where items lie.

The flow, the plan and the geometry that ship, over the simulated controller and plant. `ims bench plant` plays a million items
of it; here each fault strikes a full belt once, at both of its speeds.
"""

from dataclasses import replace

import pytest

from drivers.ports import Uid
from drivers.runtime.flow import Effect
from hw_sim.plant_things import Thing
from hw_sim.world import Tag
from sorter.belt import acts
from sorter.belt.items import Cause, ItemState, SeenTag, Tracked
from sorter.belt.line import Line
from sorter.plan.facts import Facts
from tests.simulation.plant_flow import FAST, SILENT, USUAL, PlantFlow
from tests.simulation.plant_judge import Copy, Found, Judge
from tests.simulation.plant_trouble import BELT_FAULTS, ITEM_FAULTS
from tests.simulation.plant_truth import EXCEPTION

ITEMS = 26


def name_of(fault: tuple[str, dict[str, object], float]) -> str:
    verb, args, _ = fault
    return "-".join((verb, *(f"{key}{value}" for key, value in args.items())))


def right(found: Found) -> bool:
    """Nothing wrong unseen, and every item accounted for."""
    assert found.wrong == []
    return found.items == found.right + found.staff + found.told + found.off + found.undetectable


def struck(fault: tuple[str, dict[str, object], float], seed: int, layout: object) -> Found:
    flow = PlantFlow(seed, layout=layout, belt_every=1e9, item_every=1e9)  # type: ignore[arg-type]
    flow.agenda.after(4 if layout is FAST else 9, lambda: flow.strike(*fault))
    return flow.run(ITEMS)


@pytest.mark.parametrize("layout", [FAST, USUAL], ids=["fast", "usual"])
@pytest.mark.parametrize("fault", BELT_FAULTS, ids=name_of)
def test_a_fault_of_the_belt_puts_nothing_into_a_wrong_bin_unseen(
    fault: tuple[str, dict[str, object], float], layout: object
) -> None:
    found = struck(fault, 3, layout)
    assert found.faults == {fault[0]: 1}
    assert right(found)


@pytest.mark.parametrize("fault", ITEM_FAULTS)
def test_what_befalls_an_item_or_its_answer_puts_it_where_it_belongs_or_with_the_staff(
    fault: str,
) -> None:
    flow = PlantFlow(4, belt_every=1e9, item_every=2)
    flow.item_faults = (fault,)
    found = flow.run(ITEMS)
    assert found.faults[fault] >= 8
    assert right(found)
    assert not found.told


@pytest.mark.parametrize(
    ("seed", "layout"), [(5, FAST), (6, FAST), (7, USUAL)], ids=["5-fast", "6-fast", "7-usual"]
)
def test_anything_at_once(seed: int, layout: object) -> None:
    found = PlantFlow(seed, layout=layout, belt_every=15, item_every=8).run(250)  # type: ignore[arg-type]
    assert sum(found.faults.values()) > 25
    assert right(found)


@pytest.mark.parametrize("at", range(8))
def test_an_emergency_stop_at_any_moment(at: int) -> None:
    flow = PlantFlow(8, belt_every=1e9, item_every=1e9)
    flow.agenda.after(1 + 0.55 * at, lambda: flow.strike("e_stop", {}, 3))
    assert right(flow.run(14))
    assert not flow.line.doubted


def test_what_no_fault_touched_lies_in_its_planned_bin() -> None:
    found = PlantFlow(9, belt_every=1e9, item_every=1e9).run(150)
    assert found.untouched_right + found.late >= found.untouched - 1
    assert found.untouched > 140  # the first came while the belt was starting


# --- what is wrong would be seen


def test_an_item_sent_to_a_neighbouring_bin_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(10, belt_every=1e9, item_every=1e9)
    destine = flow.plc.destine
    monkeypatch.setattr(flow.plc, "destine", lambda tid, dest, alt: destine(tid, dest % 6 + 1, alt))
    monkeypatch.setattr(Line, "wanted_by", lambda _line, _item, number: number)
    monkeypatch.setattr(Line, "sent_to", lambda _line, _item: frozenset(range(1, 10)))
    assert flow.run(ITEMS).unseen


def test_an_item_on_a_shelf_with_a_silent_tag_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(11, belt_every=1e9, item_every=1e9)
    arm = flow._arm

    def forgets(uid: Uid, tries: int) -> None:
        arm(uid, tries)
        for tag in flow._field:
            tag.afi = SILENT

    monkeypatch.setattr(flow, "_arm", forgets)
    assert flow.run(ITEMS).silent


def test_an_item_with_the_staff_and_no_cause_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(12, belt_every=1e9, item_every=2)
    flow.item_faults = ("refused",)
    ended = flow.judge.ended
    monkeypatch.setattr(flow.judge, "ended", lambda item: ended(replace(item, cause=Cause.NONE)))
    assert flow.run(ITEMS).unexplained


def test_an_item_whose_check_in_is_lost_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(13, belt_every=1e9, item_every=1e9)
    monkeypatch.setattr(flow.library, "check_in", lambda _copy: None)
    assert flow.run(ITEMS).still_lent


def test_an_item_that_is_checked_in_twice_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(14, belt_every=1e9, item_every=1e9)
    carry_out = flow._carry_out

    def doubly(effect: Effect) -> None:
        carry_out(effect)
        if isinstance(effect, acts.CheckIn):
            carry_out(replace(effect, number=effect.number + 1000))

    monkeypatch.setattr(flow, "_carry_out", doubly)
    assert flow.run(ITEMS).doubled


def test_an_item_that_nobody_speaks_of_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(15, belt_every=1e9, item_every=1e9)
    monkeypatch.setattr(flow.judge, "ended", lambda _item: None)
    assert len(flow.run(ITEMS).wrong) == ITEMS


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

    @pytest.mark.parametrize(("other", "glued"), [(5350, True), (5900, False)])
    def test_a_dead_tag_is_beyond_telling_only_under_another_item(
        self, other: int, *, glued: bool
    ) -> None:
        judge, copy = self.judge(), self.lies(3, (0, 5000))
        neighbour = Thing("2", 400, passed=[(0, other)])
        copy.glued = judge.rests(copy.thing, [neighbour])
        judge.judge(copy, untouched=False)
        assert (judge.found.undetectable, len(judge.found.unseen)) == (int(glued), int(not glued))


def test_an_untagged_item_is_not_taken_for_its_follower_by_a_reader_that_reaches_too_far() -> None:
    flow = PlantFlow(16, belt_every=1e9, item_every=2)
    flow.item_faults = ("no_tag",)
    flow.agenda.after(1, lambda: flow.strike("neighbour_read", {"mm": 250}, 60))
    found = flow.run(120)
    assert found.faults["no_tag"] > 40
    assert right(found)
    assert not found.told
