"""Draws docs/reference/library-states.md from the tables that run: `python -m drivers.library.draw`."""

import sys
from pathlib import Path

from drivers.library import online
from drivers.library.online import DOUBT, TABLE, WEIGHT, Heard
from drivers.ports import Online

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "library-states.md"

_MEANS = {
    Online.UNKNOWN: "not heard of yet",
    Online.ONLINE: "calls are sent",
    Online.DEGRADED: "in doubt: a probe is on its way, and all calls wait for it",
    Online.OFFLINE: "away: what can be done is written down",
    Online.REPLAYING: "online, and what was written down is being told",
}


def page() -> str:
    """The whole page, in Markdown."""
    lines = [
        "# How the library system is reached",
        "",
        "Drawn by `python -m drivers.library.draw` from `drivers.library.online.TABLE`, the table that runs. Do not",
        "edit this page: change the table and draw again.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> unknown",
    ]
    for (state, heard), rule in TABLE.items():
        if rule.to is not state:
            lines.append(f"    {state} --> {rule.to}: {heard}{_after(heard, rule.after)}")
    lines += ["```", "", "| State | Meaning | Next probe | It waits |", "|---|---|---|---|"]
    lines += [f"| `{state}` | {_MEANS[state]} | {_probe(state)} |" for state in Online]
    lines += [
        "",
        f"Each failure adds {WEIGHT[Heard.FAILED]} to the doubt, each silence {WEIGHT[Heard.SILENT]}; a good answer",
        f"takes all of it away, and {DOUBT} of it is an outage. While rows wait to be told, `online` is `replaying`.",
        "How long answers take of late counts: a slow library system is given more time, and is not taken for a",
        "silent one.",
        "",
    ]
    return "\n".join(lines)


def _after(heard: Heard, after: int) -> str:
    if after == 1:
        return ""
    return f", {after} in a row" if heard is Heard.GOOD else f", doubt {after}"


def _probe(state: Online) -> str:
    match state:
        case Online.ONLINE | Online.REPLAYING:
            return "after `keep_alive_s` of quiet | `answer_s`"
        case Online.DEGRADED:
            more = f"{online.TIMES_USUAL:g} times the slowest answer of late"
            return f"at once, then every {online.DOUBT_PROBE_S:g} s | {more}, at least {online.QUICK_S:g} s"
        case Online.OFFLINE:
            return (
                f"{online.PROBE_S:g} s, doubling to {online.MOST_BACK_OFF_S:g} s | twice `answer_s`"
            )
        case _:
            return f"{online.PROBE_S:g} s | `answer_s`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
