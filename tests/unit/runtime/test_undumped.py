"""A kiosk's process leaves no core, and what it says of a bug carries no values."""

import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import ctypes, resource
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
KIOSK = """
from ui.commands import kiosk
try:
    kiosk.command(station="no/such/file.toml", as_json=True)
except SystemExit:
    pass
"""
BUG = """
from drivers.ports import Secret
from ui.outcome import run

def verb():
    card = Secret("".join(map(str, (4455, 667788))))
    number = card.reveal()
    raise ValueError
run(verb, as_json=False)
"""


def said(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-c", code),
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
    )


def test_the_kiosk_leaves_no_core() -> None:
    assert said(KIOSK + LOOK).stdout.splitlines()[-1] == "(0, 0) 0"
    assert said(LOOK).stdout.split()[-1] == "1", "and without it a process could be dumped"


@pytest.mark.parametrize("trace", ["", "1"])
def test_a_bug_is_told_without_the_values_it_met(trace: str) -> None:
    done = said(BUG, IMS_TRACEBACK=trace) if trace else said(BUG)
    assert done.returncode
    assert "ValueError" in done.stderr
    assert "4455667788" not in done.stdout + done.stderr
