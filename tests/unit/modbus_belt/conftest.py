"""A wire that misbehaves is what these tests are about: they may say so in the log."""

import pytest

from tests.conftest import Heard


@pytest.fixture(autouse=True)
def _wire_troubles(heard: Heard) -> None:
    heard.expect("belt.drained", "belt.lost")
