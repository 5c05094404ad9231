"""kill -9 of a real station: nothing that was promised is lost, and nothing is done twice."""

import pytest

from tests.crash.killing import killed

SEED = 20_261_103


@pytest.mark.timeout(150)
async def test_kill_9_loses_nothing_and_repeats_nothing() -> None:
    found = await killed(6, SEED)
    assert found.wrong == []
    assert 0 < found.late < found.kills, (
        "all before, or all after a command: the moments prove nothing"
    )
