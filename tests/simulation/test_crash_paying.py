"""The station may die at any moment of a payment, and again while it recovers: money once, and in the books once."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drivers.library.settle import Settled
from drivers.service.records import open_cases
from drivers.store import effects, journal
from hw_sim.simloop import run
from kiosk.lending.payment import PaymentState
from kiosk.lending.state import Phase
from tests.simulation.lives import World
from tests.simulation.rig import Rig
from tests.simulation.test_paying import OWED, PAYING, at_fees, person, stands

GROUPS = 12
LOOKING_ON = ("library 17", "library 18")
"""What each line of an account is called: nothing hangs on it."""
TWICE = (("terminal 040f arrived", 0), ("library 37 after", 0), ("library 38 arrived", 0))
"""First deaths after which the station dies again at every point of its recovery."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    """A station that dies drops its lines."""
    heard.expect("library.line.dropped", "service.down")


def a_world(database: Path) -> World:
    return World(database, scenario="account", station=PAYING)


async def payment(rig: Rig) -> None:
    """Sign in, look at the fees, pay them, and log out."""
    await at_fees(rig)
    await rig.press("pay.begin")
    await rig.until(stands(PaymentState.CARD))
    await person(rig, "card")
    await rig.until(stands(PaymentState.PIN))
    await person(rig, "approve")
    await rig.until(stands(PaymentState.TOLD))
    await rig.press("pay.back")
    await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
    await rig.press("finish.none")
    await rig.until(lambda s: s.phase is Phase.START)


async def recovered(rig: Rig) -> None:
    """Nobody comes: what was left open is settled by the station alone."""
    await rig.until(lambda s: s.phase is Phase.START)
    for _ in range(600):
        if not await rig.store.read(effects.open_rows):
            break
        await rig.pause(0.2)
    assert not await rig.store.read(effects.open_rows)
    assert not await rig.store.read(open_cases)
    assert (await rig.store.read(journal.verify)).whole


async def judge(world: World) -> int:
    """The terminal's and the library's own books agree. How much was taken."""
    devices = (await world.truth())["devices"]
    booked = [amount for amount, _ in devices["terminal"]["booked"]]
    paid = [int(Decimal(row["amount"]) * 100) for row in devices["library"]["payments"]]
    assert booked == paid, "what was taken stands in the books, and once"
    assert booked in ([], [OWED])
    return sum(booked)


def whole(database: Path) -> list[str]:
    async def lives() -> list[str]:
        world = a_world(database)
        fuse = await world.live(payment)
        assert await judge(world) == OWED
        await world.stage.close()
        return fuse.points

    return run(lives())


def crashed(database: Path, at: int, again_at: int | None = None) -> list[str]:
    """Die at a point of the payment, if asked also at a point of the recovery; then recover, and pay what is left."""

    async def lives() -> list[str]:
        world = a_world(database)
        first = await world.live(payment, crash_at=at)
        assert first.blown.is_set(), "the point was not reached"
        if again_at is not None:
            await world.live(recovered, crash_at=again_at)
        last = await world.live(recovered)
        if await judge(world) == 0:
            await world.live(payment)
            assert await judge(world) == OWED
        await world.stage.close()
        return last.points

    return run(lives())


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return whole(tmp_path_factory.mktemp("whole") / "whole.db")


def test_every_kind_of_point_is_there(points: list[str]) -> None:
    for name in ("terminal 0601 before", "terminal 0601 after", "terminal 040f arrived"):
        assert points.count(name) == 1, points
    for name in ("library 37 before", "library 37 after", "library 38 arrived"):
        assert points.count(name) == 1, points


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_payment_may_be_cut_short_at_every_point(
    tmp_path: Path, points: list[str], group: int
) -> None:
    begun = points.index("terminal 0620 before")  # what comes before is any visit's
    for at in range(begun + group, len(points), GROUPS):
        if points[at].startswith(LOOKING_ON):
            continue
        try:
            crashed(tmp_path / f"{at}.db", at)
        except AssertionError as error:
            raise AssertionError(f"died at {at} {points[at]}: {error}") from error


@pytest.mark.parametrize("group", range(GROUPS // 3))
@pytest.mark.parametrize(("name", "nth"), TWICE)
def test_the_recovery_may_be_cut_short_at_every_point(
    tmp_path: Path, points: list[str], name: str, nth: int, group: int
) -> None:
    at = [n for n, point in enumerate(points) if point == name][nth]
    recovery = crashed(tmp_path / "once.db", at)
    for again_at in range(group, len(recovery), GROUPS // 3):
        if recovery[again_at].startswith(LOOKING_ON):
            continue
        try:
            crashed(tmp_path / f"{again_at}.db", at, again_at)
        except AssertionError as error:
            raise AssertionError(
                f"died at {at} {name}, then at {again_at} {recovery[again_at]}: {error}"
            ) from error


def test_telling_again_is_found_out(
    tmp_path: Path, points: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judgement does not hang on what the station says of itself."""
    at = points.index("library 38 arrived")
    monkeypatch.setattr("kiosk.lending.till.told_by_account", lambda *_: Settled.REFUSED)
    with pytest.raises(AssertionError):
        crashed(tmp_path / "again.db", at)
