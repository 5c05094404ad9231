"""The demos as anybody starts them: scripted, without a display, whole, and gone when they have ended."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

ROOT = Path(__file__).parents[2]
WITHIN_S = 280
"""The sorting demo lets a belt run at its own pace; a busy machine needs longer."""
DEMOS = {
    "kiosk": {"01-start.png", "05-borrow-done.png", "07-end.png", "receipt.png"},
    "sorter": {
        "01-panel-open-the-inlet.png",
        "04-inlet-put-a-passport-in.png",
        "09-panel-jam-the-belt.png",
        "12-panel-hand-in-the-last.png",
    },
}
"""By what is shown, some of the pictures it leaves."""
SHADES = 16
"""So many colours has any screen; one that nothing was drawn on has one."""


def shades(picture: Path) -> int:
    image = QImage(str(picture))
    assert not image.isNull(), picture
    across = range(0, image.width(), max(1, image.width() // 97))
    down = range(0, image.height(), max(1, image.height() // 97))
    return len({image.pixel(x, y) for x in across for y in down})


@pytest.fixture
def place() -> Iterator[Path]:
    """A place of its own with a short name: a socket's path holds 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="ims-") as place:
        yield Path(place)


@pytest.mark.timeout(WITHIN_S + 20)
@pytest.mark.parametrize("what", DEMOS)
def test_a_scripted_demo_comes_out_right_and_ends_all_that_it_started(
    what: str, place: Path
) -> None:
    out = place / "out"
    child = subprocess.Popen(
        (sys.executable, "-m", "ui.cli", "demo", what, "--headless", "--out", str(out), "--json"),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that whoever is left of it can be found
    )
    try:
        said, complained = child.communicate(timeout=WITHIN_S)
        with pytest.raises(ProcessLookupError):  # nobody is left in its group
            os.killpg(child.pid, 0)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    assert child.returncode == 0, complained
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert json.loads(said)["ok"] is summary["ok"] is True
    assert summary["failures"] == []
    assert summary["steps"]
    pictures = {file.name for file in out.glob("*.png")}
    assert pictures >= DEMOS[what]
    assert pictures >= set(summary["pictures"])
    for name in pictures - {"receipt.png"}:
        assert shades(out / name) > SHADES, f"{name} is empty"
    assert [file.name for file in place.iterdir()] == ["out"], "it leaves files behind"
