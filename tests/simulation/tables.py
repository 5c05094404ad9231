"""Tables of what may go wrong, each row proven by tests that are named here or stand beside it.

A row that is proven elsewhere names its tests as "path::test"; the name is looked up in the file, or in all
files of a folder, so a test that goes away takes the row's proof with it, loudly.
"""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def _tests(path: str) -> frozenset[str]:
    place = ROOT / "tests" / path
    files = place.glob("test_*.py") if place.is_dir() else (place,)
    return frozenset(
        node.name
        for file in files
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def proven(names: Iterable[str]) -> None:
    """Fails for a name that is no test."""
    for name in names:
        path, _, test = name.partition("::")
        assert test.startswith("test_"), name
        assert test in _tests(path), f"{name} is not there any more"
