"""The table of flows is true: each is shown at the window and by ear, each row of what may go wrong stands, and none is left out."""

import pytest

from tests.journeys.flows import FLOWS, NOT_BUILT, OPERATORS
from tests.simulation.tables import ROOT, proven, rows_of
from tests.simulation.test_flows_by_ear import FLOWS as BY_EAR
from tests.simulation.test_paying_by_ear import PAYMENTS
from tests.simulation.test_staff_by_ear import SCREENS

WRONG = rows_of("simulation/test_what_may_go_wrong.py")


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_is_shown_at_the_window(flow: str) -> None:
    proven(FLOWS[flow].window)
    assert all(name.startswith("journeys/") for name in FLOWS[flow].window)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_is_shown_by_five_keys_and_speech_alone(flow: str) -> None:
    proven(FLOWS[flow].ear)


@pytest.mark.parametrize("flow", FLOWS)
def test_what_may_go_wrong_in_a_flow_is_proven(flow: str) -> None:
    assert set(FLOWS[flow].wrong) <= WRONG


def test_the_table_leaves_nothing_out() -> None:
    listed = {row for flow in FLOWS.values() for row in flow.wrong}
    assert WRONG - listed == set()
    named = " ".join(name for flow in FLOWS.values() for name in flow.ear)
    unnamed = [row for row in (*BY_EAR, *PAYMENTS, *SCREENS) if f"[{row}]" not in named]
    assert unnamed == []


@pytest.mark.parametrize("flow", OPERATORS)
def test_a_flow_of_an_operator_is_proven(flow: str) -> None:
    proven(OPERATORS[flow])


@pytest.mark.parametrize("flow", NOT_BUILT)
def test_what_is_not_built_is_not_there(flow: str) -> None:
    assert not (ROOT / NOT_BUILT[flow]).exists(), f"{flow}: show it, and list it in FLOWS"


def test_a_name_that_is_no_test_is_found_out() -> None:
    ear = "simulation/test_flows_by_ear.py::test_by_ear_and_five_keys"
    for wrong in (f"{ear}[no such row]", f"{ear}_either", "simulation/test_fees.py"):
        with pytest.raises((AssertionError, FileNotFoundError)):
            proven([wrong])
    with pytest.raises(AssertionError):
        proven([])
