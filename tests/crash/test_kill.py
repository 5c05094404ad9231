"""kill -9 at any moment: what was acknowledged is there, the chain is whole, and open work is open.

This shows that the process may die, not that the disk may lose power: in write-ahead mode without full
synchronisation it passes as well (docs/decisions/0002-journal-and-tables.md).
"""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store import effects, journal
from drivers.store.effects import EffectState
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey

ROOT = Path(__file__).parents[2]
ORDER = ("intent", "sent", "confirmed")


def killed_after(file: Path, first: int, lines: int) -> dict[str, str]:
    """Let the writer acknowledge `lines` times, kill it, and return the last word on each effect."""
    said: dict[str, str] = {}
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("writer.py")), str(file), str(first)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        for _ in range(lines):
            state, id = process.stdout.readline().decode().split()
            said[id] = state
        process.send_signal(signal.SIGKILL)
        for line in process.stdout.read().decode().splitlines():
            state, _, id = line.partition(" ")
            if len(id) == 36:
                said[id] = state
    assert process.returncode == -signal.SIGKILL
    return said


@pytest.mark.timeout(120)
async def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    file = tmp_path / "station.db"
    told: dict[str, str] = {}
    for turn, lines in enumerate((1, 17, 60, 200)):
        told |= killed_after(file, turn * 100_000, lines)
        store = InlineStore(file, clock=SystemClock(), rng=SystemRng(), key=SealKey(b"k" * 32))
        assert store.boot.chain.whole
        chain = await store.read(journal.verify)
        assert chain.whole
        for id, state in told.items():
            row = await store.read(partial(effects.effect, id=id))
            assert ORDER.index(row.state.value) >= ORDER.index(state)
            kept = await store.read(partial(effects.sealed_of, id=id))
            assert (kept is None) == row.state.final
        for row in await store.read(effects.open_rows):
            if row.state is EffectState.SENT:
                await store.write(partial(effects.unknown, id=row.id))
                told[row.id] = "intent"
        for row in await store.read(effects.open_rows):
            if row.state is EffectState.UNKNOWN:
                await store.write(partial(effects.settling, id=row.id))
                await store.write(partial(effects.finish, id=row.id, state=EffectState.CONFIRMED))
        await store.close()
    assert len(told) > 20
