"""What a person meets: contrast, targets, names and fit over every screen in every look; touches and seconds of visits.

Every screen that the tests draw, on every machine, judged from its pixels and its items, and compared with what is kept of
it. Visits are played in the simulated world with devices as slow as real ones, by somebody who acts at once: what is
counted is the machine's own time and the touches that it asks for. What is no figure stands in CHECKED.
"""

import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, NamedTuple

from config.texts import Catalogue
from config.texts.gate import faults
from drivers.service.view import screen_to_json
from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, say
from tests.benchmarks.ux_visits import visits
from tests.journeys.flows import FLOWS
from tests.snapshots.everything import all_screens
from tests.snapshots.looks import KEPT, LAYOUTS
from tests.snapshots.test_pictures import differences

TREE = Path(__file__).parents[2]


class Limit(NamedTuple):
    """What one figure must not fall short of."""

    value: float
    unit: str = ""
    better: Literal["lower", "higher"] = "lower"


LIMITS = {
    "U1 touches, five items with a PIN": Limit(6),
    "U1 seconds from card to end screen": Limit(20, "s"),
    "U2 touches before all is returned": Limit(0),
    "U2 from laid down to its box, slowest": Limit(2, "s"),
    "U3 contrast of text, least": Limit(4.5, ":1", "higher"),
    "U3 contrast of text out of order, least": Limit(7.0, ":1", "higher"),
    "U3 contrast of edges and icons, least": Limit(3.0, ":1", "higher"),
    "U3 focus rings that are not seen": Limit(0),
    "U4 smallest target": Limit(12, "mm", "higher"),
    "U4 smallest primary target": Limit(19.7, "mm", "higher"),  # 20 mm, rounded to whole px
    "U4 smallest gap": Limit(2, "mm", "higher"),
    "U5 controls without a name": Limit(0),
    "U5 controls out of the order of focus": Limit(0),
    "U6 flows without a story by ear": Limit(0),
    "U6 private words that the room hears": Limit(0),
    "U7 seconds from warning to end": Limit(20, "s", "higher"),
    "U7 the same with large text, times": Limit(3, "", "higher"),
    "U7 private words on the screen after": Limit(0),
    "U8 texts that lack a language": Limit(0),
    "U8 texts cut off or over another": Limit(0),
    "U9 fault of the printer to its words": Limit(2, "s"),
    "U9 loans lost with the paper": Limit(0),
    "U12 items held up by others": Limit(0),
    "U12 refusals without reason and advice": Limit(0),
    "U13 from laid down to the first row": Limit(1, "s"),
    "U13 words beside the spinner": Limit(1, "s"),
    "U14 lent on a broken line": Limit(5, "s"),
    "U14 lent on a silent line": Limit(10, "s"),
    "U14 told wrong or twice": Limit(0),
    "U19 screens that are not as kept": Limit(0),
}

PRINTER, COMPOSE = "contract/test_receipt_printer.py::test_", "unit/escpos/test_compose.py::test_"
CHECKED = {
    "U3 pairs of the palette": ("unit/ui/test_theme.py::test_contrast",),
    "U5 no focus trap": (
        "journeys/test_keys.py::test_no_screen_holds_the_keys",
        "journeys/test_keys.py::test_arrows_reach_every_control",
        "journeys/test_screens.py::test_keys_walk_the_screens_own_order_and_the_ring_is_where_they_are",
    ),
    "U6 every error is told": (
        "journeys/test_flows.py::test_a_flow_is_shown_by_five_keys_and_speech_alone",
        "journeys/test_spoken.py::test_every_visible_text_and_every_icon_is_heard",
        "simulation/test_canary_aloud.py::test_nothing_private_is_heard_by_others",
    ),
    "U7 without limit, and nothing stays": (
        "simulation/test_time.py::test_the_warning_can_be_answered_as_often_as_wanted",
        "simulation/test_privacy.py::test_nothing_of_a_visit_is_left",
        "journeys/test_screens.py::test_nothing_of_a_visit_stays_after_the_end",
    ),
    "U8 dates isolated": (
        "unit/config/test_texts.py::test_every_language_has_every_text_placeholder_and_plural",
        "unit/config/test_texts.py::test_what_comes_from_outside_stands_between_isolates_on_a_screen",
    ),
    "U10 status bytes": (
        "unit/escpos/test_sensors.py::test_automatic_status_tells_the_state",
        "unit/escpos/test_sensors.py::test_four_answers_tell_the_same_state",
        "unit/escpos/test_sensors.py::test_all_states_of_the_table_have_vectors",
    ),
    "U11 what is printed": (
        f"{PRINTER}a_receipt_prints_and_reads_back_exactly",
        f"{PRINTER}dots_arrive_as_they_were_drawn",
        f"{PRINTER}the_qr_is_the_same_in_letters_and_in_dots",
        f"{COMPOSE}no_control_or_format_character_of_a_title_reaches_the_port",
    ),
    "U12 others go on": (
        "simulation/test_what_may_go_wrong.py::test_row[borrow: one refused]",
        "simulation/test_tags_in_trouble.py::test_tags_that_cannot_be_read_never_hold_the_others",
    ),
    "U14 exactly once": (
        "simulation/test_crash_schedules.py::test_a_story_may_be_cut_short_anywhere",
        "simulation/test_replaying.py::test_an_answer_that_is_lost_while_replaying_is_asked_for",
    ),
    "U19 pictures": ("snapshots/test_pictures.py::test_every_screen_in_every_look",),
}
"""What is proven by tests and is no figure here."""

IN_UI = {
    "U9 how long Qt's thread is held": "longest stall during the stack, above idle",
    "U13 touch to feedback": "touch to feedback, p99",
}
"""What `ims bench ui` measures, in real time, by the name of its bar."""


def measure(quick: bool) -> Outcome:
    say("visits")
    met = visits()
    layouts = list(LAYOUTS)[: 1 if quick else None]
    drawn, changed = screens_judged(layouts)

    def least(name: str) -> float:
        return min(float(figures[name]) for figures in drawn.values())

    def total(name: str) -> int:
        return sum(int(figures[name]) for figures in drawn.values())

    values = {
        "U1 touches, five items with a PIN": met["touches"],
        "U1 seconds from card to end screen": met["seconds"],
        "U2 touches before all is returned": met["return_touches"],
        "U2 from laid down to its box, slowest": met["slowest"],
        "U3 contrast of text, least": least("text"),
        "U3 contrast of text out of order, least": least("closed_text"),
        "U3 contrast of edges and icons, least": least("edge"),
        "U3 focus rings that are not seen": total("unringed"),
        "U4 smallest target": least("target_mm"),
        "U4 smallest primary target": least("primary_mm"),
        "U4 smallest gap": least("gap_mm"),
        "U5 controls without a name": total("unnamed"),
        "U5 controls out of the order of focus": total("unordered"),
        "U6 flows without a story by ear": sum(not flow.ear for flow in FLOWS.values()),
        "U6 private words that the room hears": met["overheard"],
        "U7 seconds from warning to end": met["warning"],
        "U7 the same with large text, times": met["warning_patient"] / met["warning"],
        "U7 private words on the screen after": met["left_behind"],
        "U8 texts that lack a language": len(faults(Catalogue.load())),
        "U8 texts cut off or over another": total("clipped"),
        "U9 fault of the printer to its words": met["print_fault"],
        "U9 loans lost with the paper": met["loans_lost"],
        "U12 items held up by others": met["held_up"],
        "U12 refusals without reason and advice": met["without_advice"],
        "U13 from laid down to the first row": met["row"],
        "U13 words beside the spinner": met["spinner_words"],
        "U14 lent on a broken line": met["on_broken"],
        "U14 lent on a silent line": met["on_silent"],
        "U14 told wrong or twice": met["told_wrong"] + met["told_twice"],
        "U19 screens that are not as kept": len(changed),
    }
    bars = [
        Bar(name, values[name], limit, unit, better)
        for name, (limit, unit, better) in LIMITS.items()
    ]
    figures = {
        "pictures judged": total("drawn"),
        "machines": layouts,
        "where text has least contrast": _where(drawn, "text"),
        "where the smallest target is": _where(drawn, "target_mm", "target_where"),
        "texts": len(Catalogue.load().keys()),
        "flows, each at the window and by ear": len(FLOWS),
        "findings": [fault for figures in drawn.values() for fault in figures["findings"]][:40],
        "not as kept": changed[:40],
        "seconds to each box": met["each"],
        "seconds until a slow library system is said to be slow": met["said_slow"],
        "measured by ims bench ui": IN_UI,
        "proven by tests": {name: list(tests) for name, tests in CHECKED.items()},
    }
    return Outcome("ux", bars, figures, {"each": met["each"]})


def _where(drawn: dict[str, dict[str, Any]], figure: str, where: str = "") -> str:
    found = min(drawn.values(), key=lambda figures: float(figures[figure]))
    return str(found[where or f"{figure}_where"])


def screens_judged(layouts: list[str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """By machine, what a process of its own found while it drew everything; and which screens are not as kept."""
    with tempfile.TemporaryDirectory(prefix="ims-bench-") as name:
        place = Path(name)
        screens = place / "screens.json"
        say("a walk through the flow")
        data = {title: screen_to_json(screen) for title, screen in all_screens().items()}
        screens.write_text(json.dumps(data), encoding="utf-8")
        say(f"{len(data)} screens on {', '.join(layouts)}")
        with ThreadPoolExecutor(2) as two:  # the largest first, and each a process of its own
            reports = dict(
                zip(layouts, two.map(lambda one: _drawn(place, one), layouts), strict=True)
            )
        changed = [
            f"{layout}: {line}"
            for layout, report in reports.items()
            if layout in KEPT
            for line in differences(layout, report, place / layout)
        ]
        return {layout: report["figures"] for layout, report in reports.items()}, changed


def _drawn(place: Path, layout: str) -> dict[str, Any]:
    """Everything on one machine."""
    folder = place / layout
    folder.mkdir()
    command = (sys.executable, "-m", "tests.snapshots.draw", str(place / "screens.json"))
    subprocess.run(
        (*command, str(TREE / "tests/snapshots"), str(folder), layout), cwd=TREE, check=True
    )
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))[
        layout
    ]
    return report


def plot(outcome: Outcome, path: Path) -> None:
    rows = {bar.name: bar.value / bar.limit for bar in outcome.bars if bar.limit}
    bars_plot(path, rows, unit="share of the bar", title="What a person meets", limit=1.0)


if __name__ == "__main__":
    main(measure, plot)
