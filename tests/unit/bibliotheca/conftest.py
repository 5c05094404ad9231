"""Broken wires are this room's subject: what a technician reads of them is expected here."""

import pytest

from tests.conftest import Heard


@pytest.fixture(autouse=True)
def trouble(heard: Heard) -> None:
    heard.expect("reader.lost", "reader.resynchronised")
