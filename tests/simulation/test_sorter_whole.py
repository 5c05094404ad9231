"""The whole plant, each wire with its shipping driver, on mornings when things go wrong: judged by the world's own state."""

from pathlib import Path
from typing import Any

import pytest

from tests.simulation.mornings import run_morning


@pytest.fixture(autouse=True)
def trouble(heard: Any) -> None:
    """What a bad morning may leave in the log."""
    heard.expect(
        "library.line.dropped",
        "service.down",
        "belt.lost",
        "belt.drained",
        "reader.lost",
        "reader.resynchronised",
    )


def test_on_a_good_morning_everything_comes_where_it_belongs() -> None:
    found = run_morning(6, 1, faults=0.0)
    assert (found.missorted, found.lost, found.doubled, found.elsewhere) == ((), (), (), 0)
    assert found.right >= 5


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_on_a_bad_morning_nothing_is_lost_doubled_or_in_a_wrong_bin(seed: int) -> None:
    found = run_morning(5, seed, faults=0.6)
    assert (found.missorted, found.lost, found.doubled) == ((), (), ())


@pytest.mark.parametrize("seed", [5, 6])
def test_nor_when_the_program_dies_in_between(tmp_path: Path, seed: int) -> None:
    found = run_morning(5, seed, faults=0.5, kills=2, database=tmp_path / "plant.db")
    assert (found.missorted, found.lost, found.doubled) == ((), (), ())
