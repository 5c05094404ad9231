"""All screens that are drawn and judged: samples, those of named visits, and whatever a walk meets."""

import ast
from collections.abc import Iterator
from pathlib import Path

from drivers.service.view import Screen
from tests.snapshots.screens import SCREENS
from tests.snapshots.staff import staff
from tests.snapshots.visit import visit
from tests.snapshots.walk import walk

VIEW = Path(__file__).parents[2] / "kiosk"


def all_screens() -> dict[str, Screen]:
    """By name. What only the walk met begins with "walk "."""
    return {**{name: make() for name, make in SCREENS.items()}, **visit(), **staff(), **walk()}


def names_in_the_view() -> Iterator[tuple[str, str]]:
    """Every name that the kiosk gives a Screen, with the file and line."""
    for path in sorted(VIEW.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "Screen":
                continue
            given = [k.value for k in node.keywords if k.arg == "name"] or node.args[:1]
            for value in given:
                place = f"{path.relative_to(VIEW.parent)}:{node.lineno}"
                for part in ast.walk(value):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value, place
