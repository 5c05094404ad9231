"""The made-up day of returns: its shares, its holds, and that the same seed gives the same day."""

import random
from collections import Counter
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hw_sim import odense
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.pace import Pace, answer_after
from hw_sim.plant_layout import Layout
from hw_sim.scenario import load
from hw_sim.stage import Stage
from sorter.plan.edition import load_plan

DAY = date(2026, 11, 3)


def test_the_same_seed_gives_the_same_day_and_another_gives_another() -> None:
    assert odense.handed_in(50, 1, DAY) == odense.handed_in(50, 1, DAY)
    assert odense.handed_in(50, 1, DAY) != odense.handed_in(50, 2, DAY)


def test_a_longer_day_begins_like_a_shorter_one() -> None:
    assert odense.handed_in(80, 1, DAY)[:50] == odense.handed_in(50, 1, DAY)


def test_the_shares_are_as_they_are_said_to_be() -> None:
    rows = odense.handed_in(20_000, 3, DAY)
    share = {code: n / 200 for code, n in Counter(row["media"] for row in rows).items()}
    for code, percent in {"001": 81, "006": 12, "002": 4, "010": 2, "007": 1}.items():
        assert share[code] == pytest.approx(percent, abs=1.0)
    assert sum(row["floats"] for row in rows) / 200 == pytest.approx(35, abs=1.5)
    assert sum("reserved" in row for row in rows) / 200 == pytest.approx(12, abs=1.0)
    assert {row["location"] for row in rows} == {odense.MAIN, *odense.BRANCHES}
    assert len({row["id"] for row in rows}) == 20_000


def test_the_library_routes_a_day_to_its_branches_holds_and_shelves() -> None:
    scenario = load("plant-nine-bins")
    device = Stage(scenario).places["library"].device
    library = cast(LibraryDevice, device).library
    taken = {
        row["id"]: library.checkin(row["id"], scenario.today, place="HB")
        for row in scenario.data["items"]
    }
    assert Counter(one.reason for one in taken.values()) == {"": 300}
    by_id = {row["id"]: row for row in scenario.data["items"]}
    for name, one in taken.items():
        row = by_id[name]
        if row.get("reserved"):
            assert one.alert == ("01" if row["pickup"] == odense.MAIN else "02")
        elif row["location"] == odense.MAIN or row["floats"]:
            assert (one.alert, one.sort_bin) == ("", row["sort_bin"])
        else:
            assert (one.alert, one.destination) == ("04", row["location"])
    assert set(Counter(one.alert for one in taken.values())) == {"", "01", "02", "04"}


def pace(**more: Any) -> Pace:
    plain = {
        "answer_ms": 200.0,
        "jitter_ms": 0.0,
        "answer_p99_ms": 0.0,
        "stall_share": 0.0,
        "stall_s": 3.0,
    }
    return cast(Pace, SimpleNamespace(**{**plain, **more}))


def test_answers_take_as_long_as_a_real_systems_do() -> None:
    rng = random.Random(1)
    drawn = sorted(answer_after(pace(answer_p99_ms=800.0), rng) for _ in range(20_000))
    assert drawn[10_000] == pytest.approx(0.2, rel=0.03)
    assert drawn[19_800] == pytest.approx(0.8, rel=0.08)


def test_a_stall_comes_on_top_of_its_share() -> None:
    rng = random.Random(2)
    drawn = [answer_after(pace(stall_share=0.005), rng) for _ in range(40_000)]
    stalled = [seconds for seconds in drawn if seconds > 3]
    assert len(stalled) == pytest.approx(200, rel=0.25)
    assert set(stalled) == {3.2}


def test_what_leaves_nothing_to_chance_draws_nothing_but_the_jitter() -> None:
    one, two = random.Random(3), random.Random(3)
    assert answer_after(pace(), one) == 0.2
    two.uniform(0, 0)
    assert one.random() == two.random()


def test_the_plan_of_odense_has_a_way_to_every_branch_and_a_bin_for_every_shelf() -> None:
    plan = load_plan(Path(str(files("config").joinpath("plans/odense.toml"))))
    assert set(odense.BRANCHES) <= set(plan.maps["next_crates"])
    assert set(odense.BINS.values()) == set(plan.maps["fbs_bins"])
    assert len(plan.bins) == Layout().bins == 9
