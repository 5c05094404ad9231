"""Draws docs/reference/lending-states.md from the table that runs: `python -m kiosk.lending.draw`."""

import ast
import inspect
import sys
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import ModuleType

from kiosk.lending import rows
from kiosk.lending.rows import BORROWED, BUSY, TABLE, UNSETTLED, Happening, RowState

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "lending-states.md"

_HEAD = """\
# The life of one item

Drawn by `python -m kiosk.lending.draw` from `kiosk.lending.rows.TABLE`, the table that the kiosk runs. Do not
edit this page: change the table and draw again. Each item of a visit is a row with a life of its own; what is
not in the table cannot happen.
"""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join((_HEAD, _diagram(), "## States\n", _states(), "## Edges\n", _edges()))


def meanings(kind: type[StrEnum]) -> dict[str, str]:
    """What each member of an enum means, as the string under it says."""
    body = next(
        node
        for node in _tree(rows).body
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    ).body
    found: dict[str, str] = {}
    name = ""
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]):
                pass
            case ast.Expr(value=ast.Constant(value=str(said))) if name:
                found[kind[name].value] = " ".join(said.split())
            case _:
                pass
    return found


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> seen", "    [*] --> unread"]
    for state, edges in TABLE.items():
        joined: dict[RowState, list[str]] = {}
        for happening, after in edges.items():
            joined.setdefault(after, []).append(happening.value)
        lines += [f"    {state} --> {after}: {', '.join(why)}" for after, why in joined.items()]
    lines += [f"    {state} --> [*]" for state in RowState if not TABLE[state]]
    return "\n".join((*lines, "```", ""))


def _states() -> str:
    said = meanings(RowState)
    lines = ["| State | Meaning | Open | Holds the visit | On loan |", "|---|---|---|---|---|"]
    for state in RowState:
        marks = " | ".join("yes" if state in group else "" for group in (BUSY, UNSETTLED, BORROWED))
        lines.append(f"| `{state}` | {said.get(state.value, '')} | {marks} |")
    return "\n".join((*lines, ""))


def _edges() -> str:
    said = meanings(Happening)
    lines = ["| From | What happens | To | |", "|---|---|---|---|"]
    lines += [
        f"| `{state}` | `{happening}` | `{after}` | {said.get(happening.value, '')} |"
        for state, edges in TABLE.items()
        for happening, after in edges.items()
    ]
    return "\n".join((*lines, ""))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
