"""Tables of what may go wrong, each row proven by tests that are named here or stand beside it.

A row that is proven elsewhere names its tests as "path::test"; the name is looked up in the file, or in all
files of a folder, so a test that goes away takes the row's proof with it, loudly. "path::test[row]" names one row of a
test that stands on a table: the row must be a key of a table in that file.
"""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def _trees(path: str) -> tuple[ast.Module, ...]:
    place = ROOT / "tests" / path
    files = place.glob("test_*.py") if place.is_dir() else (place,)
    return tuple(ast.parse(file.read_text(encoding="utf-8")) for file in files)


@cache
def _tests(path: str) -> frozenset[str]:
    return frozenset(
        node.name
        for tree in _trees(path)
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@cache
def rows_of(path: str) -> frozenset[str]:
    """Keys of every table that stands at the top of a file."""
    return frozenset(
        key.value
        for tree in _trees(path)
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )


def proven(names: Iterable[str]) -> None:
    """Fails for a name that is no test, and for a row that is in no table."""
    names = list(names)
    assert names, "nothing proves it"
    for name in names:
        path, _, test = name.partition("::")
        test, _, row = test.partition("[")
        assert test.startswith("test_"), name
        assert test in _tests(path), f"{name} is not there any more"
        assert not row or row.removesuffix("]") in rows_of(path), f"{name}: no such row"
