"""What a person meets: contrast, targets, names and fit over every screen in every look; touches and seconds of a visit.

Every screen that the tests draw, on every machine, judged from its pixels and its items. A stack of five is borrowed
and returned in the simulated world with devices as slow as real ones, by somebody who acts at once: what is counted
is the machine's own time and the touches that it asks for.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from config.texts import Catalogue
from config.texts.gate import faults
from drivers.service.view import screen_to_json
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, say
from tests.simulation.rig import Rig, play
from tests.simulation.test_returning import lend
from tests.snapshots.everything import all_screens
from tests.snapshots.looks import LAYOUTS

STACK = ("3846646425", "3846646433", "3846646458", "3846646474", "3846646482")
TREE = Path(__file__).parents[2]


def measure(quick: bool) -> Outcome:
    say("a stack borrowed, a stack returned")
    borrowed, returned = borrowing(), returning()
    layouts = list(LAYOUTS)[: 1 if quick else None]
    drawn = screens_judged(layouts)
    least = {
        name: min(figures[name] for figures in drawn.values())
        for name in ("text", "edge", "target_mm", "gap_mm")
    }
    total = {
        name: sum(figures[name] for figures in drawn.values())
        for name in ("unnamed", "clipped", "drawn")
    }
    findings = [fault for figures in drawn.values() for fault in figures["findings"]]
    missing = len(faults(Catalogue.load()))
    bars = (
        Bar("U1 touches, five items with a PIN", borrowed["touches"], 6, "", "lower"),
        Bar("U1 seconds from card to end screen", borrowed["seconds"], 20, "s", "lower"),
        Bar("U2 touches before all is returned", returned["touches"], 0, "", "lower"),
        Bar("U2 from laid down to its box, slowest", returned["slowest"], 2, "s", "lower"),
        Bar("U3 contrast of text, least", least["text"], 4.5, ":1", "higher"),
        Bar("U3 contrast of edges and icons, least", least["edge"], 3.0, ":1", "higher"),
        Bar("U4 smallest target", least["target_mm"], 12, "mm", "higher"),
        Bar("U4 smallest gap", least["gap_mm"], 2, "mm", "higher"),
        Bar("U5 controls without a name", total["unnamed"], 0, "", "lower"),
        Bar("U8 texts that lack a language", missing, 0, "", "lower"),
        Bar("U8 texts cut off or over another", total["clipped"], 0, "", "lower"),
        Bar("U13 from laid down to the first row", borrowed["row"], 1, "s", "lower"),
    )
    figures = {
        "pictures judged": total["drawn"],
        "machines": layouts,
        "where text has least contrast": min(drawn.values(), key=lambda f: f["text"])["text_where"],
        "where the smallest target is": min(drawn.values(), key=lambda f: f["target_mm"])[
            "target_where"
        ],
        "texts": len(Catalogue.load().keys()),
        "findings": findings[:40],
        "seconds to each box": returned["each"],
    }
    return Outcome("ux", bars, figures, {"each": returned["each"]})


def borrowing() -> dict[str, Any]:
    """Card, PIN, five items, receipt."""
    found: dict[str, Any] = {}

    async def story(rig: Rig) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.PIN)
        touches = 0
        for digit in "1234":
            await rig.press(f"key.{digit}")
            touches += 1
        await rig.until(lambda s: s.phase is Phase.BORROW)
        laid = loop.time()
        await rig.lay(*STACK)
        await rig.until(lambda s: bool(s.rows))
        found["row"] = round(loop.time() - laid, 2)
        await rig.until(
            lambda s: len(s.rows) == len(STACK) and all(r.state is RowState.DONE for r in s.rows)
        )
        await rig.press("finish.print")
        touches += 1
        await rig.until(lambda s: s.phase is Phase.END)
        found.update(touches=touches, seconds=round(loop.time() - began, 1))

    play(story)
    return found


def returning() -> dict[str, Any]:
    """Five items laid down one after another on the start screen, and nothing pressed."""
    found: dict[str, Any] = {}

    async def story(rig: Rig) -> None:
        await lend(rig, *STACK, days_ago=3)
        loop = asyncio.get_running_loop()
        each = []
        for count, item in enumerate(STACK, start=1):
            laid = loop.time()
            await rig.lay(item)
            while sum(b.state is BackState.RETURNED for b in rig.state.backs) < count:
                assert loop.time() < laid + 30, rig.words()
                await asyncio.sleep(0.01)
            each.append(round(loop.time() - laid, 2))
        found.update(touches=0, slowest=max(each), each=each)

    play(story)
    return found


def screens_judged(layouts: list[str]) -> dict[str, dict[str, Any]]:
    """By machine, what a process of its own found while it drew everything."""
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="ims-bench-") as name:
        place = Path(name)
        screens = place / "screens.json"
        say("a walk through the flow")
        data = {title: screen_to_json(screen) for title, screen in all_screens().items()}
        screens.write_text(json.dumps(data), encoding="utf-8")
        say(f"{len(data)} screens on {', '.join(layouts)}")
        command = (sys.executable, "-m", "tests.snapshots.draw", str(screens))
        subprocess.run(
            (*command, str(TREE / "tests/snapshots"), name, *layouts), cwd=TREE, check=True
        )
        reports = json.loads((place / "report.json").read_text(encoding="utf-8"))
        found.update({layout: report["figures"] for layout, report in reports.items()})
    return found


def plot(outcome: Outcome, path: Path) -> None:
    rows = {bar.name: bar.value / bar.limit for bar in outcome.bars if bar.limit}
    bars_plot(path, rows, unit="share of the bar", title="What a person meets", limit=1.0)


if __name__ == "__main__":
    main(measure, plot)
