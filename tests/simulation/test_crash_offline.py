"""The station may die at any moment of a visit while the library system is away, and again while it tells of it.

Judged by what the library system holds and was asked, and by the tags: nothing is lost that a borrower was told of,
nothing is told twice, and everything with the moment at which it happened.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from drivers.ports import Online
from drivers.service.records import open_cases
from drivers.store import debts, effects, journal
from hw_sim.simloop import run
from kiosk.lending.backs import BackState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.lives import IN_STOCK, ON_LOAN, World
from tests.simulation.outage import BOOK, CARD, FBS_STATION, OTHER, with_card
from tests.simulation.rig import STATION, Rig

GROUPS = 3
TWICE = (
    ("store after", -4),
    ("pad write after", 0),
    ("pad written", 1),
)
"""First deaths after which the station dies again at every point of its telling."""
SCENARIOS = {"first-loan": STATION, "first-loan-fbs": FBS_STATION}


@pytest.fixture(autouse=True)
def dropped(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")


@dataclass
class Promised:
    """What people were told before the station died, and when they were there."""

    lent: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    began: datetime | None = None
    ended: datetime | None = None


async def visits(rig: Rig, promised: Promised) -> None:
    """While the library system is away: two books are borrowed, and one of them comes back."""
    await rig.until(lambda s: s.devices.library is Online.ONLINE)
    await rig.stage.do("unplug", {"device": "library"})
    await rig.until(lambda s: s.phase is Phase.START and s.devices.library is Online.OFFLINE)
    promised.began = promised.ended = rig.stage.world.now()
    try:
        await with_card(rig)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        promised.lent |= {BOOK, OTHER}
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.press("return")
        await rig.lay(OTHER)
        await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.RETURNED)
        promised.back.add(OTHER)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
    finally:
        promised.ended = rig.stage.world.now()


async def telling(rig: Rig) -> None:
    """The library system is back: all is told, and the items are laid down where nobody signs in."""
    library = rig.stage.places["library"]
    if not library.plugged:
        await rig.stage.do("plug", {"device": "library"})
    await rig.lift()
    await rig.until(lambda s: s.devices.library is Online.ONLINE and s.phase is Phase.START, 120)
    for _ in range(300):
        if not await rig.store.read(effects.open_rows):
            break
        await rig.pause(0.2)
    await rig.lay(BOOK, OTHER)
    await rig.until(lambda s: len(s.rows) + len(s.backs) == 2 and not s.owing)
    await rig.pause(1)
    for row in (*rig.state.rows, *rig.state.backs):
        assert row.tags


async def judge(world: World, rig: Rig, promised: Promised) -> None:
    truth = await world.truth()
    held = truth["devices"]["library"]
    for item in promised.lent - promised.back:
        if item == BOOK:
            assert item in held["loans"], f"{item} was lent, and is not"
    for item in promised.back:
        assert item not in held["loans"], f"{item} came back, and stands as lent"
    assert all(loan["renewals"] == 0 for loan in held["loans"].values())
    assert all(loan["patron_card"] == CARD for loan in held["loans"].values())
    for item in (BOOK, OTHER):
        for message in ("11", "09"):
            done = [
                line
                for line in held["asked"]
                if (line["message"], line["item"], line["outcome"]) == (message, item, "done")
            ]
            assert len(done) <= 1, f"{item} was told twice in {message}"
            for line in done:
                assert line["no_block"]
                assert promised.began is not None
                assert promised.ended is not None
                occurred = datetime.fromisoformat(line["occurred"])
                assert promised.began - timedelta(seconds=1) <= occurred <= promised.ended
        tags = {tag["afi"] for tag in truth["world"]["items"][item]["tags"]}
        assert tags == {ON_LOAN if item in held["loans"] else IN_STOCK}, item
    assert await rig.store.read(effects.open_rows) == ()
    assert await rig.store.read(debts.open_debts) == ()
    assert await rig.store.read(open_cases) == ()
    assert (await rig.store.read(journal.verify)).whole


def lived(
    scenario: str, database: Path, at: int | None = None, again_at: int | None = None
) -> tuple[list[str], list[str]]:
    """The points of the visits and of the telling; cut short where asked, and told to the end in any case."""

    async def whole() -> tuple[list[str], list[str]]:
        world = World(database, scenario=scenario, station=SCENARIOS[scenario])
        promised = Promised()
        first = await world.live(partial(visits, promised=promised), crash_at=at)
        assert at is None or first.blown.is_set(), "the point was not reached"
        if again_at is not None:
            await world.live(telling, crash_at=again_at)

        async def to_the_end(rig: Rig) -> None:
            await telling(rig)
            await judge(world, rig, promised)

        last = await world.live(to_the_end)
        await world.stage.close()
        return first.points, last.points

    return run(whole())


@pytest.fixture(scope="module", params=sorted(SCENARIOS))
def scenario(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def points(scenario: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return lived(scenario, tmp_path_factory.mktemp("whole") / "whole.db")[0]


def test_every_kind_of_point_is_there(scenario: str, points: list[str]) -> None:
    assert points.count("pad write before") == points.count("pad written") == 3
    assert points.count("store before") == points.count("store after") >= 10
    assert not [point for point in points if point.startswith("library 11")]


@pytest.mark.parametrize("group", range(GROUPS))
def test_visits_while_it_is_away_may_be_cut_short_at_every_point(
    tmp_path: Path, scenario: str, points: list[str], group: int
) -> None:
    for at in range(group, len(points), GROUPS):
        try:
            lived(scenario, tmp_path / f"{at}.db", at)
        except AssertionError as error:
            raise AssertionError(f"died at {at} {points[at]}") from error


@pytest.mark.parametrize("group", range(GROUPS))
def test_the_telling_may_be_cut_short_at_every_point(
    tmp_path: Path, scenario: str, points: list[str], group: int
) -> None:
    whole = len(points) - 1
    _, told = lived(scenario, tmp_path / "told.db", whole)
    assert {"library 11 after", "library 12 arrived", "library 09 after"} <= set(told)
    for again_at in range(group, len(told), GROUPS):
        try:
            lived(scenario, tmp_path / f"{again_at}.db", whole, again_at)
        except AssertionError as error:
            raise AssertionError(f"died while telling, at {again_at} {told[again_at]}") from error


@pytest.mark.parametrize(("name", "nth"), TWICE)
def test_both_may_be_cut_short(
    tmp_path: Path, scenario: str, points: list[str], name: str, nth: int
) -> None:
    at = [n for n, point in enumerate(points) if point == name][nth]
    _, told = lived(scenario, tmp_path / "once.db", at)
    for again_at in range(0, len(told), 3):
        try:
            lived(scenario, tmp_path / f"{again_at}.db", at, again_at)
        except AssertionError as error:
            raise AssertionError(
                f"died at {at} {name}, then at {again_at} {told[again_at]}"
            ) from error
