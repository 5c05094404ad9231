"""The station may die at any moment of any story, and again while it recovers: nothing lost, nothing twice.

A loan at every other point, the other stories at some, and some deaths after deaths; `ims bench crash` plays them in
thousands, at all points.
"""

from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from drivers.library import given_back
from drivers.store import effects
from hw_sim.simloop import run
from kiosk.lending.settling import Settling
from tests.simulation.stories import STATIONS, STORIES, Ended, Schedule, drawn, lived

SEED = 20_261_104
SOME = 5
"""Points of a story that are tried here."""
SIP2, FBS = "first-loan", "first-loan-fbs"


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    """A station that dies drops its line."""
    heard.expect("library.line.dropped", "service.down")


def play(schedule: Schedule, folder: Path) -> Ended:
    """One schedule in a world of its own; what is wrong fails with the place where it died."""
    database = folder / "station.db"
    try:
        ended = run(lived(schedule, database))
    except AssertionError as error:
        raise AssertionError(f"{schedule}: {error}") from error
    finally:
        for file in folder.glob("station.db*"):
            file.unlink()
    assert not ended.wrong, f"{schedule} died at {ended.died}: {ended.wrong}"
    return ended


@pytest.fixture(scope="module")
def lengths(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """By story and scenario, its points and those of what comes after; each is played once, by the first who asks."""
    folder = tmp_path_factory.mktemp("uncut")

    @cache
    def of(story: str, scenario: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        ended = play(Schedule(story, scenario), folder)
        return ended.points, ended.last

    return of


def test_every_kind_of_point_is_there(lengths: Any, tmp_path: Path) -> None:
    points, _ = lengths("borrow", SIP2)
    assert points.count("library 11 before") == points.count("library 12 arrived") == 3
    assert points.count("library 09 before") == points.count("library 10 arrived") == 1
    assert points.count("pad write before") == points.count("pad written") == 6
    assert points.count("store before") == points.count("store after") >= 25
    again = play(Schedule("borrow"), tmp_path)
    assert points == again.points, "the same points in every run, or none can be named"
    assert points.count("library 09 before") == 1
    assert lengths("return", SIP2)[0].count("library 09 before") == 3
    assert lengths("renew", SIP2)[0].count("library 29 before") == 3
    assert lengths("cancel", SIP2)[0].count("library 15 before") == 2
    assert not [point for point in lengths("offline", SIP2)[0] if point.startswith("library 11")]
    assert lengths("replay", SIP2)[0].count("library 11 before") == 2


def test_loans_of_fbs_are_under_way_side_by_side(lengths: Any) -> None:
    points, _ = lengths("borrow", FBS)
    left = [n for n, point in enumerate(points) if point == "library 11 after"]
    answered = [n for n, point in enumerate(points) if point == "library 12 arrived"]
    assert len(left) == len(answered) == 3
    assert left[1] < answered[0], "the second left before the first was answered"


@pytest.mark.parametrize("group", range(4))
def test_a_loan_may_be_cut_short_at_every_other_point(
    tmp_path: Path, lengths: Any, group: int
) -> None:
    points, _ = lengths("borrow", SIP2)
    for at in range(2 * group, len(points), 8):
        assert play(Schedule("borrow", SIP2, at), tmp_path).died, "the point was not reached"


@pytest.mark.parametrize("scenario", STATIONS)
@pytest.mark.parametrize("story", STORIES)
def test_a_story_may_be_cut_short_anywhere(
    tmp_path: Path, lengths: Any, story: str, scenario: str
) -> None:
    points, _ = lengths(story, scenario)
    step = max(1, len(points) // SOME)
    for at in range(sorted(STORIES).index(story) % step, len(points), step):
        assert play(Schedule(story, scenario, at), tmp_path).died, "the point was not reached"


@pytest.mark.parametrize("group", range(4))
def test_it_may_die_again_and_again_while_it_recovers(
    tmp_path: Path, lengths: Any, group: int
) -> None:
    known = {(story, SIP2): lengths(story, SIP2) for story in STORIES}
    counted = {key: (len(points), len(last)) for key, (points, last) in known.items()}
    for number in range(group * 7, group * 7 + 7):
        play(drawn(SEED, number, counted), tmp_path)


@pytest.mark.parametrize(
    ("story", "name"), [("borrow", "library 12 arrived"), ("return", "library 10 arrived")]
)
def test_the_recovery_may_be_cut_short_anywhere(
    tmp_path: Path, lengths: Any, story: str, name: str
) -> None:
    points, _ = lengths(story, SIP2)
    at = [n for n, point in enumerate(points) if point == name][2]
    recovery = play(Schedule(story, SIP2, at), tmp_path).last
    assert len(recovery) >= 8
    for again_at in range(0, len(recovery), max(1, len(recovery) // SOME)):
        play(Schedule(story, SIP2, at, (again_at,)), tmp_path)


async def send_again(settling: Settling, known: Any, _row: str) -> None:
    """The obvious way to settle, which is wrong: what was sent and not answered is sent once more."""
    row = known.row
    await settling._store.write(partial(effects.settling, id=row.id))
    async with settling._line:
        answer = await settling._library.borrow(known.patron, row.item, occurred=row.occurred_at)
    assert answer.done
    await settling._store.write(lambda txn: settling._done(txn, known, "", True))


def test_sending_again_is_found_out(
    tmp_path: Path, lengths: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, _ = lengths("borrow", SIP2)
    monkeypatch.setattr(Settling, "_settle", send_again)
    with pytest.raises(AssertionError, match="renewed"):
        play(Schedule("borrow", SIP2, points.index("library 12 arrived")), tmp_path)


def test_telling_of_a_return_blindly_is_found_out(
    tmp_path: Path, lengths: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, _ = lengths("return, lent elsewhere", SIP2)
    monkeypatch.setattr(given_back, "again", lambda *_: given_back.Again.TELL)
    with pytest.raises(AssertionError, match="was lent at another machine, and is not"):
        play(Schedule("return, lent elsewhere", SIP2, points.index("library 10 arrived")), tmp_path)
