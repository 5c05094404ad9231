"""The stage and the machine for journeys."""

import pytest

from tests.journeys.machine import machine
from tests.journeys.stage import stage, stage_of, upright

__all__ = ["machine", "stage", "stage_of", "upright"]

PATIENCE_S = 240
"""A whole machine in real time, on a computer that has other things to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "machine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(PATIENCE_S))
