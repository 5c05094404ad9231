"""The plant's controller may die at any moment, and again while it recovers: no check-in lost, none done twice.

A point is a moment at which a process can die with a difference: before and after each write of the store, each message
to the library system and each of its answers, each tag write, each cycle that hands over an event, each destination. The
belt runs on without its host, as its controller does. The library system and the bins are the judge, not the station.
"""

from pathlib import Path
from typing import Any

import pytest

from drivers.store import effects
from sorter.checking_in import CheckingIn
from tests.simulation.plant_lives import whole

GROUPS = 8
STORE_STRIDE = 10
"""Of the points around writes of the store, every so many; `ims bench sort` dies at each."""
TWICE = ("library 09 after", "library 10 arrived", "belt events", "belt send before")
"""First deaths after which it dies again at every point of its recovery."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    """A controller that dies drops its lines."""
    heard.expect("library.line.dropped", "service.down")


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return whole(tmp_path_factory.mktemp("whole") / "whole.db")


def test_every_kind_of_point_is_there(tmp_path: Path, points: list[str]) -> None:
    assert points.count("library 09 before") == points.count("library 10 arrived") == 3
    assert points.count("pad write before") == points.count("pad written") == 3
    assert points.count("belt send before") == 3
    assert points.count("belt events") >= 12
    assert points.count("store before") == points.count("store after") >= 40
    assert points == whole(tmp_path / "b.db"), "the same points in every run"


@pytest.mark.parametrize("group", range(GROUPS))
def test_it_may_die_at_any_point(tmp_path: Path, points: list[str], group: int) -> None:
    stores = [n for n, point in enumerate(points) if point.startswith("store")][::STORE_STRIDE]
    others = [n for n, point in enumerate(points) if not point.startswith("store")][::2]
    for at in sorted((*stores, *others))[group::GROUPS]:
        try:
            whole(tmp_path / f"{at}.db", (at,))
        except AssertionError as error:
            raise AssertionError(f"died at {at} {points[at]}") from error


@pytest.mark.parametrize("name", TWICE)
def test_it_may_die_again_while_it_recovers(tmp_path: Path, points: list[str], name: str) -> None:
    at = [n for n, point in enumerate(points) if point == name][1]
    recovery = whole(tmp_path / "once.db", (at,))
    for again in range(0, len(recovery), 50):
        try:
            whole(tmp_path / f"{again}.db", (at, again))
        except AssertionError as error:
            raise AssertionError(
                f"died at {at} {name}, then at {again} {recovery[again]}"
            ) from error


async def send_blindly(self: CheckingIn, row: Any, number: int) -> Any:
    """The obvious way to settle, which is wrong: what was sent and not answered is sent once more."""
    answer = await self._library.give_back(row.item, occurred=row.occurred_at)
    await self._ledger.write(lambda txn: effects.unknown(txn, row.id))
    await self._ledger.write(lambda txn: effects.settling(txn, row.id))
    return await self._heard(row, number, answer)


def test_sending_again_is_found_out(
    tmp_path: Path, points: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = points.index("library 10 arrived")
    monkeypatch.setattr(CheckingIn, "_settle", send_blindly)
    with pytest.raises(AssertionError):
        whole(tmp_path / "again.db", (at,))
