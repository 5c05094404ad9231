"""The station may die at any moment of a visit, and again while it recovers: nothing lost, nothing twice."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drivers.store import effects
from hw_sim.simloop import run
from kiosk.lending.settling import Settling
from tests.simulation.lives import World, judge_lending, seen_again, signed_in_again, visit

GROUPS = 4
TWICE = (
    ("library 11 after", 0),
    ("library 12 arrived", 2),
    ("pad write after", 1),
    ("library 09 after", 0),
    ("library 10 arrived", 0),
)
"""First deaths after which the station dies again at every point of its recovery."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    """A station that dies drops its line."""
    heard.expect("library.line.dropped", "service.down")


def points_of(database: Path) -> list[str]:
    """A visit that nothing cuts short, and the same judgement."""

    async def whole() -> list[str]:
        world = World(database)
        fuse = await world.live(visit)
        await world.live(seen_again)
        await judge_lending(world)
        await world.stage.close()
        return fuse.points

    return run(whole())


def crashed(database: Path, at: int, again_at: int | None = None) -> list[str]:
    """Die at a point of the visit, if asked also at a point of the recovery, and recover. Its points."""

    async def whole() -> list[str]:
        world = World(database)
        first = await world.live(visit, crash_at=at)
        assert first.blown.is_set(), "the point was not reached"
        if again_at is not None:
            await world.live(seen_again, crash_at=again_at)
        last = await world.live(seen_again)
        await judge_lending(world)
        await world.stage.close()
        return last.points

    return run(whole())


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return points_of(tmp_path_factory.mktemp("whole") / "whole.db")


def place(points: list[str], name: str, nth: int) -> int:
    return [n for n, point in enumerate(points) if point == name][nth]


def test_every_kind_of_point_is_there(tmp_path: Path, points: list[str]) -> None:
    assert points.count("library 11 before") == points.count("library 12 arrived") == 3
    assert points.count("library 09 before") == points.count("library 10 arrived") == 1
    assert points.count("pad write before") == points.count("pad written") == 6
    assert points.count("store before") == points.count("store after") >= 25
    assert points == points_of(tmp_path / "b.db"), (
        "the same points in every run, or none can be named"
    )


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_visit_may_be_cut_short_at_every_point(
    tmp_path: Path, points: list[str], group: int
) -> None:
    for at in range(group, len(points), GROUPS):
        try:
            crashed(tmp_path / f"{at}.db", at)
        except AssertionError as error:
            raise AssertionError(f"died at {at} {points[at]}") from error


@pytest.mark.parametrize(("name", "nth"), TWICE)
def test_the_recovery_may_be_cut_short_at_every_point(
    tmp_path: Path, points: list[str], name: str, nth: int
) -> None:
    at = place(points, name, nth)
    recovery = crashed(tmp_path / "once.db", at)
    assert len(recovery) >= 8
    for again_at in range(len(recovery)):
        try:
            crashed(tmp_path / f"{again_at}.db", at, again_at)
        except AssertionError as error:
            raise AssertionError(
                f"died at {at} {name}, then at {again_at} {recovery[again_at]}"
            ) from error


def test_the_borrower_may_begin_anew_after_any_crash(tmp_path: Path, points: list[str]) -> None:

    async def anew(at: int) -> None:
        world = World(tmp_path / f"{at}.db", repeat_loan="refuse")
        await world.live(visit, crash_at=at)
        await world.live(signed_in_again)
        await judge_lending(world, again=True)
        await world.stage.close()

    for at in range(1, len(points), 5):
        run(anew(at))


async def send_again(settling: Settling, known: Any, _row: str) -> None:
    """The obvious way to settle, which is wrong: what was sent and not answered is sent once more."""
    row = known.row
    await settling._store.write(partial(effects.settling, id=row.id))
    async with settling._line:
        answer = await settling._library.borrow(known.patron, row.item, occurred=row.occurred_at)
    assert answer.done
    await settling._store.write(lambda txn: settling._done(txn, known, "", True))


def test_sending_again_is_found_out(
    tmp_path: Path, points: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = place(points, "library 12 arrived", 0)
    monkeypatch.setattr(Settling, "_settle", send_again)
    with pytest.raises(AssertionError, match="renewals"):
        crashed(tmp_path / "again.db", at)
