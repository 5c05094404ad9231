"""The bin that an item really lies in, as the library system is told it: which message, which field, which words."""

import asyncio
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from config.load import ConfigInvalid, load_text
from drivers.ports import Txn
from hw_sim.simloop import run
from sorter.belt import records
from tests.simulation.plant import (
    BOOK,
    CHILDREN,
    CRATES,
    HELD,
    SCENARIO,
    STATION,
    Plant,
    World,
    play,
)

ODENSE = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


FIELD = 'report_field = "ZB"'


def with_report(station: str, *more: str) -> str:
    return station.replace('report = "item_status"', "\n".join(('report = "item_status"', *more)))


def told(
    tmp_path: Path, station: str, *items: str, plan: str = ODENSE, field: str = "ZB"
) -> list[str]:
    """Sort the items at a library system that looks for the place in that field, and see what it has of each."""
    file, scenario = tmp_path / "plan.toml", tmp_path / "sorting.toml"
    file.write_text(plan, encoding="utf-8")
    whole = SCENARIO.read_text(encoding="utf-8")
    scenario.write_text(
        whole.replace("[library]\n", f'[library]\nchute_field = "{field}"\n'), encoding="utf-8"
    )
    seen: list[str] = []

    async def story() -> None:
        world = World(None, scenario)
        world.begin()
        plant = Plant(world, station=station.replace('plan = "odense"', f'plan = "{file}"'))
        await plant.start()
        await plant.ready()
        for label in ("A-01", "A-03") if "[ims.chutes" in station else ():
            for scanned in (label, f"K-00{label[2:]}"):
                await plant.sorter.request("scan", {"label": scanned})
        await plant.sorted(*items)
        await asyncio.sleep(1)
        known = (await world.truth())["devices"]["library"]["items"]
        seen.extend(known[item]["properties"] for item in items)
        await plant.stop()
        await world.end()

    run(story())
    return seen


def test_the_standard_says_the_bins_name_in_the_items_properties(tmp_path: Path) -> None:
    assert told(tmp_path, STATION, BOOK, HELD, field="CH") == ["adults", "holds"]


def test_another_field_carries_it_where_the_library_system_looks_there(tmp_path: Path) -> None:
    assert told(tmp_path, with_report(STATION, FIELD), BOOK) == ["adults"]
    assert told(tmp_path, with_report(STATION), BOOK) == [""]


def test_what_stands_there_is_the_stations_words_and_the_plans_before_them(tmp_path: Path) -> None:
    plan = ODENSE.replace("holds = { number = 5,", 'holds = { number = 5, told_as = "RES-HB",')
    words = 'report_text = "Afkast {number}: {name}"'
    station = with_report(STATION, FIELD, words)
    assert told(tmp_path, station, BOOK, HELD, plan=plan) == ["Afkast 1: Voksen, stuen", "RES-HB"]


def test_a_chute_is_told_by_its_label_and_a_bin_without_one_by_its_name(tmp_path: Path) -> None:
    station = with_report(CRATES, FIELD, 'report_text = "{chute}"')
    assert told(tmp_path, station, BOOK, CHILDREN, HELD) == ["A-01", "A-03", "holds"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('report_field = "AB"', "AB says something else in this message"),
        ('report_field = "chute"', "must have the form"),
        ('report_text = "{bni}"', "there is no {bni}; there are {bin}, {chute}, {name}, {number}"),
        ('report_text = "{}"', "there is no {}"),
        ('report_text = "{bin"', "write a brace that is meant as one twice"),
        ('report_text = "{bin:d}"', "cannot be written so"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(more: str, says: str) -> None:
    with pytest.raises(ConfigInvalid) as wrong:
        load_text(with_report(STATION, more))
    (problem,) = wrong.value.problems
    assert says in problem.what
    assert problem.key.startswith("sorter.report_")
    assert problem.place.line > 1


def test_a_backlog_of_any_length_is_told_to_its_end_and_waits_for_no_further_item() -> None:
    ended = "2026-01-01T00:00:00.000000+00:00"
    done = {"state": "confirmed", "cause": "none", "rule": "", "bin": 1, "tid": 1, "item": HELD}
    rest = {"since": ended, "ended": ended, "live": "", "answer": "", "reported": 0, "seen": 0}
    backlog = [{"number": 1001 + n, **done, **rest} for n in range(450)]

    def left(txn: Txn) -> None:
        txn.connection.execute(insert(records.items), backlog)

    async def story(plant: Plant) -> None:
        await plant.store.write(left)
        await plant.sorted(BOOK)
        await asyncio.sleep(600)
        assert not await plant.store.read(records.unreported)
        told = await plant.world.asked("19")
        assert len(told) == 451
        assert (told.count((HELD, "done")), told.count((BOOK, "done"))) == (450, 1)

    play(story)
