"""All screens that are drawn and judged: samples, those of named visits, and whatever a walk meets."""

import ast
from collections.abc import Iterator
from pathlib import Path

from drivers.service.view import Screen
from tests.snapshots.plant import PLANT_SCREENS
from tests.snapshots.screens import SCREENS
from tests.snapshots.staff import staff
from tests.snapshots.visit import visit
from tests.snapshots.walk import walk

VIEW = Path(__file__).parents[2] / "kiosk"


def all_screens() -> dict[str, Screen]:
    """By name. What only the walk met begins with "walk "."""
    samples = {**SCREENS, **PLANT_SCREENS}
    return {**{name: make() for name, make in samples.items()}, **visit(), **staff(), **walk()}


def names_in_the_view() -> Iterator[tuple[str, str]]:
    """Every name that the kiosk gives a Screen, with the file and line."""
    for path in sorted(VIEW.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node, inside in _calls(tree, ""):
            if ast.unparse(node.func) != "Screen":
                continue
            given = [k.value for k in node.keywords if k.arg == "name"] or node.args[:1]
            place = f"{path.relative_to(VIEW.parent)}:{node.lineno}"
            for value in given:
                if isinstance(value, ast.JoinedStr):
                    yield from ((name, place) for name in _filled(value, tree, inside))
                    continue
                for part in ast.walk(value):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value, place


def _calls(node: ast.AST, inside: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call, with the function that it stands in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, inside
        yield from _calls(child, child.name if isinstance(child, ast.FunctionDef) else inside)


def _filled(value: ast.JoinedStr, tree: ast.AST, function: str) -> Iterator[str]:
    """What a name may be that is made of a parameter: from every call of that function in the file."""
    fixed = [str(part.value) for part in value.values if isinstance(part, ast.Constant)]
    for node, _ in _calls(tree, ""):
        if ast.unparse(node.func) == function:
            words = [a.value for a in node.args if isinstance(a, ast.Constant)]
            yield from (f"{fixed[0]}{word}" for word in words if isinstance(word, str))
