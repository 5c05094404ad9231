"""`ims plan replay` and `check --station` on what a plant has kept: while it runs, when it stands, and with no library system."""

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import ui.cli
from drivers.store.lock import StateLock
from hw_sim.simloop import run
from tests.simulation.plant import BOOK, CHILDREN, STATION, UNLENT, Plant, World

ODENSE = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")
BY_OTHER = ODENSE.replace('101 = "adults"', '101 = "media"')
DAY = "2026-11-03"
"""The day of the scenario."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


@pytest.fixture(scope="module")
def sorted_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory of a plant that took three items; its write-ahead log still stands beside it."""
    state = tmp_path_factory.mktemp("state")

    async def story() -> None:
        world = World(state / "station.db")
        world.begin()
        plant = Plant(world)
        await plant.start()
        await plant.ready()
        await plant.sorted(BOOK, CHILDREN, UNLENT)
        await plant.stop()
        await world.end()

    run(story())
    return state


def ims(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(ui.cli.app, ["plan", *words], prog_name="ims")
    return done.exit_code, done.output


def plan(directory: Path, toml: str) -> str:
    file = directory / "new.toml"
    file.write_text(toml, encoding="utf-8")
    return str(file)


def replayed(file: str, state: Path, *more: str) -> dict[str, Any]:
    code, said = ims("replay", file, "--journal", str(state), *more, "--json")
    assert code == 0, said
    found = json.loads(said)
    assert isinstance(found, dict)
    return found


def test_which_items_would_have_gone_elsewhere_is_said_by_bin_with_examples_and_rules(
    sorted_day: Path, tmp_path: Path
) -> None:
    code, said = ims("replay", plan(tmp_path, BY_OTHER), "--journal", str(sorted_day), "--day", DAY)
    assert code == 0
    assert "3 items were decided about, by 9e8c5b10" in said
    assert "1 would have gone elsewhere, 0 to the same bin by another rule" in said
    assert "1  adults -> media" in said
    assert f"{BOOK}: rule ils-bin, now ils-bin" in said


def test_the_same_for_a_program(sorted_day: Path, tmp_path: Path) -> None:
    found = replayed(plan(tmp_path, BY_OTHER), sorted_day, "--day", DAY)
    assert (found["items"], found["elsewhere"]) == (3, 1)
    assert found["moves"] == [{"bin": "adults", "now": "media", "n": 1}]
    assert found["rules"] == [{"rule": "ils-bin", "now": "ils-bin", "n": 1}]
    (change,) = found["changes"]
    assert (change["item"], change["bin"], change["now"]) == (BOOK, "adults", "media")
    assert change["plan"] == found["plans"][0] != found["plan"]


@pytest.mark.parametrize(
    ("period", "items"),
    [
        (("--day", "all"), 3),
        (("--day", "2026-11-02"), 0),
        (("--from", DAY), 3),
        (("--from", DAY, "--to", DAY), 3),
        (("--from", "2026-11-04", "--to", "2026-11-05"), 0),
        (("--to", "2026-11-02"), 0),
        (("--from", "1970-01-02", "--to", "9998-12-31"), 3),
        (("--from", f"{DAY}T00:00", "--to", f"{DAY}T00:01"), 0),
    ],
)
def test_a_period_holds_what_was_decided_in_it(
    sorted_day: Path, tmp_path: Path, period: tuple[str, ...], items: int
) -> None:
    assert replayed(plan(tmp_path, ODENSE), sorted_day, *period)["items"] == items


def test_without_a_period_it_is_yesterday(sorted_day: Path, tmp_path: Path) -> None:
    found = replayed(plan(tmp_path, ODENSE), sorted_day)
    assert found == replayed(plan(tmp_path, ODENSE), sorted_day, "--day", "yesterday")
    assert found["items"] == 0
    assert ims("replay", plan(tmp_path, ODENSE), "--journal", str(sorted_day))[1].endswith(
        "nothing was decided.\n"
    )


def test_a_plant_that_runs_is_read_and_not_touched(tmp_path: Path) -> None:
    """Its lock is held and its connection open, with rows that stand in the write-ahead log alone."""

    async def story() -> None:
        state = tmp_path / "state"
        with StateLock(state):
            world = World(state / "station.db")
            world.begin()
            plant = Plant(world)
            await plant.start()
            await plant.ready()
            await plant.sorted(BOOK)
            assert (state / "station.db-wal").stat().st_size > 0
            before = os.listdir(state)
            found = replayed(plan(tmp_path, BY_OTHER), state, "--day", "all")
            assert (found["items"], found["elsewhere"]) == (1, 1)
            assert sorted(os.listdir(state)) == sorted(before)
            await plant.sorted(CHILDREN)
            assert replayed(plan(tmp_path, BY_OTHER), state, "--day", "all")["items"] == 2
            await plant.stop()
            await world.end()

    run(story())


def test_no_library_system_is_needed_and_no_wire_is_opened(
    sorted_day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def none(*_: object) -> None:
        raise AssertionError("a wire was opened")

    monkeypatch.setattr(socket.socket, "connect", none)
    assert replayed(plan(tmp_path, BY_OTHER), sorted_day, "--day", DAY)["elsewhere"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--day", "monday"), "'monday' is no day"),
        (("--from", "soon"), "'soon' is no day and no moment"),
        (("--from", DAY, "--day", DAY), "A day and a period were given"),
        (("--from", DAY, "--to", "2026-11-01"), "before it begins"),
        (("--day", "9999-12-31"), "--day: Nothing was written down on 9999-12-31."),
        (("--day", "1969-12-31"), "Give a day from 1970-01-02 to 9998-12-31."),
        (("--from", "0001-01-01"), "--from: Nothing was written down on 0001-01-01."),
        (("--from", "0001-01-01T00:00+23:00"), "Nothing was written down on 0001-01-01."),
        (("--to", "9999-12-31"), "--to: Nothing was written down on 9999-12-31."),
        (("--to", "9999-12-31T23:59-23:00"), "Nothing was written down on 9999-12-31."),
    ],
)
def test_a_period_that_cannot_be_is_named(
    sorted_day: Path, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    file = plan(tmp_path, ODENSE)
    code, said = ims("replay", file, "--journal", str(sorted_day), *words)
    assert code == 2
    assert says in said


def test_what_is_no_journal_and_what_is_no_plan_end_with_two(
    sorted_day: Path, tmp_path: Path
) -> None:
    code, said = ims("replay", plan(tmp_path, ODENSE), "--journal", str(tmp_path / "no"))
    assert code == 2
    assert "There is no journal" in said
    code, said = ims("replay", plan(tmp_path, "half a pla"), "--journal", str(sorted_day), "--json")
    assert code == 2
    assert json.loads(said)["problems"][0]["line"] == 1


def test_a_database_of_a_later_program_is_unreachable(sorted_day: Path, tmp_path: Path) -> None:
    import shutil
    import sqlite3

    state = tmp_path / "state"
    shutil.copytree(sorted_day, state)
    with sqlite3.connect(state / "station.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    code, _ = ims("replay", plan(tmp_path, ODENSE), "--journal", str(state), "--day", "all")
    assert code == 3


def station(directory: Path, toml: str) -> str:
    file = directory / "plant.toml"
    text = STATION.replace('plan = "odense"', f'plan = "{plan(directory, toml)}"')
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_check_for_a_station_compares_with_the_belt_that_it_met_last(
    sorted_day: Path, tmp_path: Path
) -> None:
    given = ("--state", str(sorted_day))
    code, said = ims("check", "--station", station(tmp_path, ODENSE), *given)
    assert code == 0
    assert "the belt has bins 1 to 9" in said
    beyond = ODENSE.replace("number = 9", "number = 12")
    code, said = ims("check", "--station", station(tmp_path, beyond), *given)
    assert code == 1
    assert "bin exception is number 12, and the belt has bins 1 to 9: correct the number" in said
    fewer = ODENSE.replace(
        'media = { number = 4, name = "Musik, film og spil", capacity = 60 }\n', ""
    )
    fewer = fewer.replace('"media"', '"adults"').replace('id = "adults"', 'id = "media"')
    code, said = ims("check", "--station", station(tmp_path, fewer), *given)
    assert code == 0
    assert "hint: " in said
    assert "bin 4 of the belt is in no use" in said


def test_a_check_for_a_station_whose_belt_nobody_has_met_says_so(tmp_path: Path) -> None:
    file = station(tmp_path, ODENSE)
    code, said = ims("check", "--station", file, "--state", str(tmp_path / "none"))
    assert code == 0
    assert "its belt was never linked" in said
    assert ims("check")[0] == 2


def test_an_exception_bin_that_is_not_at_the_end_does_not_fit(
    sorted_day: Path, tmp_path: Path
) -> None:
    turned = ODENSE.replace("number = 9", "number = 99").replace("number = 8", "number = 9")
    turned = turned.replace("number = 99", "number = 8")
    file = station(tmp_path, turned)
    code, said = ims("check", "--station", file, "--state", str(sorted_day))
    assert code == 1
    assert "what has no destination falls into bin 9 at the end of the belt" in said
