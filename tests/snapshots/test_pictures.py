"""Pictures byte by byte, and the accessibility tree as text. `--update-snapshots` writes them anew."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.snapshots.draw import PICTURES

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By turn, the folder that a child process drew into."""
    folders = {}
    for turn in PICTURES:
        folder = tmp_path_factory.mktemp(turn)
        child = subprocess.run(
            [sys.executable, "-m", "tests.snapshots.draw", turn, str(folder)],
            cwd=HERE.parents[1],
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        assert child.returncode == 0, child.stderr
        assert child.stderr == ""
        folders[turn] = folder
    return folders


@pytest.mark.parametrize("kind", ["png", "txt"])
@pytest.mark.parametrize(
    ("turn", "name"), [(turn, name) for turn, names in PICTURES.items() for name in names]
)
def test_drawn_as_kept(
    turn: str, name: str, kind: str, drawn: dict[str, Path], request: pytest.FixtureRequest
) -> None:
    new = drawn[turn] / f"{name}.{kind}"
    kept = HERE / turn / new.name
    if request.config.getoption("--update-snapshots"):
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(new, kept)
    assert kept.exists(), f"no {turn}/{kept.name}; --update-snapshots writes it"
    same = kept.read_bytes() == new.read_bytes()  # a diff of two pictures would take minutes
    assert same, f"{turn}/{kept.name} differs from {new}"
