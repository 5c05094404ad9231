"""Rules of a plan that look at what the tag says of parts and usage: from the tunnel's reader to the bin."""

from collections.abc import Callable, Coroutine
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from drivers.store import journal
from sorter.belt import records
from sorter.belt.items import Cause
from tests.simulation.plant import BOOK, DISCARDED, SET, STATION, Plant, play

ODENSE = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")
FIRST = '[[rules]]\nid = "no-read"'
BEFORE_PLACES = '[[rules]]\nid = "ils-bin"'
ADULTS, NONFICTION, MEDIA, OVERFLOW, EXCEPTION = 1, 2, 4, 8, 9


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


def by(
    tmp_path: Path, rule: str, story: Callable[[Plant], Coroutine[Any, Any, None]], before: str
) -> None:
    """Play by the plan of Odense with one more rule before another."""
    file = tmp_path / "plan.toml"
    file.write_text(ODENSE.replace(before, f"[[rules]]\n{rule}\n\n{before}"), encoding="utf-8")
    play(story, station=STATION.replace('plan = "odense"', f'plan = "{file}"'))


async def rules(plant: Plant) -> list[object]:
    rows = await plant.store.read(lambda txn: journal.rows(txn, kind="item.decided"))
    return [row.payload["rule"] for row in rows]


def test_a_rule_on_the_number_of_parts_takes_whole_sets(tmp_path: Path) -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(SET, BOOK)
        assert plant.world.belt.bins[MEDIA] == [SET]
        assert plant.world.belt.bins[ADULTS] == [BOOK]
        assert await rules(plant) == ["sets", "ils-bin"]
        assert [item for item, how in await plant.world.asked() if how == "done"] == [SET, BOOK]

    by(tmp_path, 'id = "sets"\nwhen = { parts = { ge = 2 } }\nto = "media"', story, BEFORE_PLACES)


def test_a_rule_on_the_usage_takes_what_is_discarded(tmp_path: Path) -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(DISCARDED, BOOK)
        assert plant.world.belt.bins[EXCEPTION] == [DISCARDED]
        assert plant.world.belt.bins[ADULTS] == [BOOK]
        assert await rules(plant) == ["discarded", "ils-bin"]
        (lying,) = await plant.store.read(records.exceptions)
        assert (lying.item, lying.cause) == (DISCARDED, Cause.PLAN)

    rule = 'id = "discarded"\nwhen = { usage = "discarded" }\nto = "exception"'
    by(tmp_path, rule, story, BEFORE_PLACES)


@pytest.mark.parametrize(("part", "bin"), [(1, EXCEPTION), (2, OVERFLOW)])
def test_a_rule_on_the_part_tells_which_part_of_a_set_came_alone(
    tmp_path: Path, part: int, bin: int
) -> None:
    """Incomplete it stays, wherever the plan puts it: it is not checked in and staff sees why."""

    async def story(plant: Plant) -> None:
        await plant.sorted(f"{SET}/{part}")
        assert plant.world.belt.bins[bin] == [f"{SET}/{part}"]
        assert await plant.world.asked() == []
        (lying,) = await plant.store.read(records.exceptions)
        assert (lying.item, lying.cause) == (SET, Cause.INCOMPLETE)

    rule = 'id = "second"\nwhen = { tags = "incomplete", part = { ge = 2 } }\nto = "overflow"'
    by(tmp_path, rule, story, FIRST)


def test_what_the_library_system_answers_does_not_hide_what_the_tag_said(tmp_path: Path) -> None:
    """Both in one rule: the answer's sort bin and the tag's number of parts."""

    async def story(plant: Plant) -> None:
        await plant.sorted(SET)
        assert plant.world.belt.bins[OVERFLOW] == [SET]

    rule = 'id = "both"\nwhen = { sort_bin = "102", parts = 2, usage = "circulation" }\nto = "overflow"'
    by(tmp_path, rule, story, BEFORE_PLACES)
