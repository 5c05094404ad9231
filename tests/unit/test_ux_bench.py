"""`ims bench ux`: every requirement of what a person meets is measured there or points at what proves it."""

import inspect

import pytest

from tests.benchmarks import ui
from tests.benchmarks.ux import CHECKED, IN_UI, LIMITS
from tests.benchmarks.ux_visits import visits
from tests.conftest import Heard
from tests.simulation.tables import proven

REQUIRED = [*range(1, 15), 19]


@pytest.mark.parametrize("number", REQUIRED)
def test_each_requirement_is_measured_or_proven(number: int) -> None:
    assert any(name.startswith(f"U{number} ") for name in (*LIMITS, *CHECKED, *IN_UI))


@pytest.mark.parametrize("name", CHECKED)
def test_what_it_points_at_is_there(name: str) -> None:
    proven(CHECKED[name])


@pytest.mark.parametrize("bar", IN_UI.values())
def test_what_the_other_measures_it_measures(bar: str) -> None:
    assert f'"{bar}"' in inspect.getsource(ui.measure)


def test_every_visit_can_be_played(heard: Heard) -> None:
    """Each figure is there; how large it is, is for the benchmark to judge."""
    heard.expect("library.line.dropped", "service.down", "printer.changed")
    met = visits()
    assert met["touches"] == 5
    assert met["return_touches"] == met["overheard"] == met["left_behind"] == met["loans_lost"] == 0
    assert met["held_up"] == met["without_advice"] == met["told_wrong"] == met["told_twice"] == 0
    assert {"row", "slowest", "spinner_words", "warning", "print_fault", "on_silent"} <= set(met)
