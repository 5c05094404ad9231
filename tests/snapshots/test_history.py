"""What a screen looks like hangs on nothing that was shown before: whatever looks came first, it is as in a fresh window."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from tests.snapshots.looks import LONG

ROOT = Path(__file__).parents[2]
EACH = (
    "visit-start@portrait",
    "visit-start-account@15-inch",
    "borrow-states@landscape",
    "visit-loans-account@15-inch",
)
LOOKS = (
    *(f"light {language}" for language in ("da", "uk", "ar", LONG)),
    *(f"high-contrast {language}" for language in ("da", "ar")),
    *(f"large-text {language}" for language in ("da", "de", "ar", LONG)),
)
"""Small and large words, short and long ones, both ways of writing; each comes once after each other."""
pytestmark = pytest.mark.timeout(600)


def every_change(looks: tuple[str, ...], chance: Random) -> Iterator[str]:
    """A walk on which each look follows each other one once."""
    left: dict[str, list[str]] = {one: [] for one in looks}
    for one, other in permutations(looks, 2):
        left[one].append(other)
    for others in left.values():
        chance.shuffle(others)
    # every look leads to as many as lead to it, so a round through all changes exists (Hierholzer)
    stack, found = [looks[0]], []
    while stack:
        here = left[stack[-1]]
        if here:
            stack.append(here.pop())
        else:
            found.append(stack.pop())
    return reversed(found)


@pytest.mark.parametrize("what", EACH)
def test_a_screen_looks_as_in_a_fresh_window_whatever_came_before(what: str) -> None:
    child = subprocess.run(
        (sys.executable, "-m", "tests.snapshots.test_history", what),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert (child.returncode, child.stdout) == (0, ""), child.stdout + child.stderr


def walk(what: str) -> Iterator[str]:
    """Where the picture is another one than in a fresh window."""
    from tests.snapshots.draw import Drawer, changed_cells, print_of
    from tests.snapshots.looks import LAYOUTS, LongWords, looking
    from tests.snapshots.screens import SCREENS as SAMPLES
    from tests.snapshots.visit import visit
    from ui.window import application

    title, _, layout = what.partition("@")
    screen = SAMPLES[title]() if title in SAMPLES else visit()[title]
    app, words = application(), LongWords.load()
    fresh = {}
    for look in LOOKS:
        drawer = Drawer(LAYOUTS[layout], app, words)
        fresh[look] = print_of(drawer.show(looking(screen, look)))
        drawer.close()
    drawer = Drawer(LAYOUTS[layout], app, words)
    before = "a fresh window"
    for look in every_change(LOOKS, Random(1)):
        changed = changed_cells(fresh[look], print_of(drawer.show(looking(screen, look))))
        if changed:
            yield f"{look} after {before}: {len(changed)} cells are another picture"
        before = look
    drawer.close()


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for difference in walk(sys.argv[1]):
        print(difference)
