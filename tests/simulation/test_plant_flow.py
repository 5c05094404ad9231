"""Everything that can go wrong at a sorting plant, each by its name and then all together: judged by where items lie.

The flow, the plan and the geometry that ship, over the simulated controller and plant. `ims bench plant` plays a million items
of it; here each fault strikes a full belt once, at both of its speeds.
"""

from dataclasses import replace

import pytest

from drivers.ports import Uid
from drivers.runtime.flow import Effect
from sorter.belt import acts
from sorter.belt.items import Cause
from sorter.belt.line import Line
from tests.simulation.plant_flow import FAST, SILENT, USUAL, PlantFlow
from tests.simulation.plant_judge import Found
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


@pytest.mark.parametrize("bin", [2, EXCEPTION])
def test_a_crate_that_was_swapped_between_a_restart_of_the_belt_and_its_link_is_in_use(
    bin: int,
) -> None:
    flow = PlantFlow(8, belt_every=1e9, item_every=1e9)
    flow.agenda.after(4.0, lambda: flow.strike("mute", {"seconds": 2.5}, 3))
    flow.agenda.after(4.1, flow.plc.restart)
    flow.agenda.after(4.5, lambda: flow.plant.pull_bin(bin))
    flow.agenda.after(5.0, lambda: flow.plant.dock_bin(bin))
    assert right(flow.run(ITEMS))
    assert flow.plc.usable(bin)


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


def test_one_that_is_asked_for_twice_under_one_number_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flow = PlantFlow(14, belt_every=1e9, item_every=1e9)
    carry_out = flow._carry_out

    def doubly(effect: Effect) -> None:
        carry_out(effect)
        if isinstance(effect, acts.CheckIn):
            carry_out(effect)

    monkeypatch.setattr(flow, "_carry_out", doubly)
    assert flow.run(ITEMS).doubled


def test_a_promise_that_nobody_keeps_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(13, belt_every=1e9, item_every=1e9)
    back = flow.library.back

    def forgets() -> None:
        flow.library.promised.clear()
        back()

    monkeypatch.setattr(flow.library, "back", forgets)
    flow.agenda.after(4, lambda: flow.strike("away", {}, 8))
    found = flow.run(ITEMS)
    assert found.causes["offline"]
    assert len(found.still_lent) == found.causes["offline"]


def test_what_the_line_would_never_promise_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(13, belt_every=1e9, item_every=1e9)
    carry_out = flow._carry_out
    monkeypatch.setattr(
        flow,
        "_carry_out",
        lambda effect: None if isinstance(effect, acts.Queue) else carry_out(effect),
    )
    flow.agenda.after(4, lambda: flow.strike("away", {}, 8))
    assert flow.run(ITEMS).still_lent


def test_a_route_to_another_items_bin_is_found_out_though_the_line_tells_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flow = PlantFlow(10, belt_every=1e9, item_every=1e9)
    destine = flow.plc.destine
    monkeypatch.setattr(flow.plc, "destine", lambda tid, dest, alt: destine(tid, dest % 6 + 1, alt))
    found = flow.run(ITEMS)
    assert found.wronged
    assert len(found.wrong) == len(found.wronged)


def test_an_item_that_nobody_speaks_of_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = PlantFlow(15, belt_every=1e9, item_every=1e9)
    monkeypatch.setattr(flow.judge, "ended", lambda _item: None)
    assert len(flow.run(ITEMS).wrong) == ITEMS


def test_an_untagged_item_is_not_taken_for_its_follower_by_a_reader_that_reaches_too_far() -> None:
    flow = PlantFlow(16, belt_every=1e9, item_every=2)
    flow.item_faults = ("no_tag",)
    flow.agenda.after(1, lambda: flow.strike("neighbour_read", {"mm": 250}, 60))
    found = flow.run(120)
    assert found.faults["no_tag"] > 40
    assert right(found)
    assert not found.told


def begun_at(encoder: int, tid: int) -> PlantFlow:
    flow = PlantFlow(17, belt_every=30, item_every=10)
    flow.plant._at, flow.plc.tracking._tid = float(encoder), tid
    return flow


def test_the_encoder_and_the_numbers_of_items_begin_anew_with_the_belt_full() -> None:
    """The encoder turns over after two weeks of a fast belt, the controller's numbers after 65,535 items."""
    usual, turning = begun_at(1 << 20, 500), begun_at((1 << 32) - 60_000, 65_500)
    assert usual.run(120) == turning.run(120)
    assert right(turning.found)
    assert turning.plant.encoder > 1 << 32
    assert turning.plc.tracking._tid < 500
