"""Every screen in every look on every machine: as kept, and nothing wrong with any of them.

Kept are one picture a screen in Danish, light, in both orientations, half as large; what assistive technology is told, in five
languages; and a print of every other look, short, which also says where a picture changed. `--update-snapshots`
writes them anew. What differs is drawn side by side into out/snapshots.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from drivers.service.view import screen_to_json
from tests.snapshots.compare import shrink, side_by_side
from tests.snapshots.draw import changed_cells, read_prints, read_screens
from tests.snapshots.everything import all_screens, names_in_the_view
from tests.snapshots.looks import KEPT, LAYOUTS, PLAIN, walked

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out" / "snapshots"
TURNS = 8
MOST_BYTES = 10_000_000
pytestmark = pytest.mark.timeout(600)
"""Whichever test comes first plays all screens, and the others wait for it; a machine may be busy."""


@contextmanager
def alone(name: Path) -> Iterator[None]:
    """One worker at a time."""
    name.parent.mkdir(parents=True, exist_ok=True)
    with name.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All screens as a file. The walk takes long, so all workers of a run share it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    file = shared / "all-screens.json"
    with alone(file.with_suffix(".lock")):
        if not file.exists():
            data = {title: screen_to_json(screen) for title, screen in all_screens().items()}
            file.write_text(json.dumps(data), encoding="utf-8")
    return file


@pytest.mark.parametrize("turn", range(TURNS))
def test_every_screen_in_every_look(
    turn: int, screens: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A share of the screens each time."""
    mine = tmp_path / "screens.json"
    everything = json.loads(screens.read_text(encoding="utf-8"))
    mine.write_text(json.dumps(dict(list(everything.items())[turn::TURNS])), encoding="utf-8")
    child = subprocess.run(
        (
            sys.executable, "-m", "tests.snapshots.draw",
            str(mine), str(HERE), str(tmp_path), *LAYOUTS,
        ),
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    assert child.stderr == ""
    reports = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    problems = []
    for layout, report in reports.items():
        if request.config.getoption("--update-snapshots"):
            keep(layout, report, tmp_path)
        wrong = [*report["figures"]["findings"], *differences(layout, report, tmp_path)]
        problems += [f"{layout}: {line}" for line in wrong]
    assert not problems, f"{len(problems)}:\n" + "\n".join(problems[:60])


def keep(layout: str, report: Mapping[str, Any], drawn: Path) -> None:
    for title, prints in report["prints"].items():
        with alone(OUT / "update.lock"):
            every = read_prints(HERE, title) | {layout: prints}
            lines = [
                f' "{where}": {{\n'
                + ",\n".join(f'  "{look}": "{mark}"' for look, mark in marks.items())
                + "\n }"
                for where, marks in sorted(every.items())
            ]
            file = HERE / "prints" / f"{title}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
        picture = drawn / f"{layout} {title}@{PLAIN}.png"
        (HERE / layout).mkdir(exist_ok=True)
        (HERE / layout / f"{title}.txt").write_text(
            tree_file(report["trees"][title], layout), encoding="utf-8"
        )
        if picture.exists():
            shrink(picture, HERE / layout / f"{title}.png")


def tree_file(trees: Mapping[str, str], layout: str) -> str:
    """What is told of a screen, language by language; in landscape in Danish alone."""
    chosen = trees if layout == "portrait" else {"da": trees["da"]}
    return "\n".join(f"# {language}\n{tree}" for language, tree in chosen.items())


def differences(layout: str, report: Mapping[str, Any], drawn: Path) -> list[str]:
    """One line for each screen that is not as kept, and a picture of it in out/snapshots."""
    found = []
    for title, prints in report["prints"].items():
        old = read_prints(HERE, title).get(layout)
        if old is None:
            found.append(f"{title}: nothing is kept; --update-snapshots keeps it")
            continue
        changed = [
            look
            for look in {**old, **prints}
            if changed_cells(old.get(look, ""), prints.get(look, ""))
        ]
        for look in changed[:2]:
            new = drawn / f"{layout} {title}@{look}.png"
            if new.exists():
                was = HERE / layout / f"{title}.png"
                OUT.mkdir(parents=True, exist_ok=True)
                side_by_side(
                    was if was.exists() else None,
                    new,
                    OUT / f"{layout}-{title}-{look}.png",
                    marks=(old.get(look, ""), prints.get(look, "")),
                    same=look == PLAIN,
                )
        if changed:
            where = f"out/snapshots/{layout}-{title}-{changed[0]}.png"
            found.append(f"{title}: {len(changed)} looks are not as kept ({where}): {changed[:4]}")
        tree = HERE / layout / f"{title}.txt"
        told = tree.read_text(encoding="utf-8") if tree.exists() else ""
        if told != tree_file(report["trees"][title], layout):
            found.append(f"{title}: what assistive technology is told differs from {tree.name}")
        if not (HERE / layout / f"{title}.png").exists():
            found.append(f"{title}: no picture is kept")
    return found


def test_every_screen_of_the_view_is_drawn(screens: Path) -> None:
    drawn = {screen.name for screen in read_screens(screens).values()}
    lacking = {}
    for name, place in names_in_the_view():
        if name not in drawn:
            lacking[name] = place
    assert not lacking, f"give each a sample in tests/snapshots/screens.py: {lacking}"


def test_nothing_is_kept_of_a_screen_that_is_gone(screens: Path) -> None:
    there = {title for title in read_screens(screens) if not walked(title)}
    kept = {file.stem for folder in ("prints", *KEPT) for file in (HERE / folder).iterdir()}
    assert kept == there


def test_what_is_kept_is_small() -> None:
    files = [file for folder in ("prints", *KEPT) for file in (HERE / folder).iterdir()]
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


def test_no_two_pictures_of_one_machine_are_the_same(screens: Path) -> None:
    """A sample that looks as another tells nothing more."""
    for layout in KEPT:
        marks = sorted(
            (read_prints(HERE, title)[layout][PLAIN], title)
            for title in read_screens(screens)
            if not walked(title)
        )
        for _, same in groupby(marks, key=lambda pair: pair[0]):
            assert len(list(same)) == 1, layout
