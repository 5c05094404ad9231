"""Every flow and fault is played with known cards, numbers, PINs, names and titles; none of them is found afterwards.

Each is judged by memory, the last snapshot, every file and file name of the state directory, the log, what the station
answers to whoever asks it for figures, and what the process printed. The flows stand in `canaries`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from drivers.service.view import snapshot_to_json
from drivers.store import effects
from hw_sim.simloop import run
from hw_sim.stage import Stage
from kiosk.lending.state import Phase
from tests.simulation.canaries import FLOWS, NOTICE
from tests.simulation.rig import Rig
from tests.simulation.test_privacy import (
    PLANTED,
    WRONG_PIN,
    _found_in,
    in_memory,
    planted,
    search_files,
)

ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("status", {}),
    ("counts", {"month": "2026-11"}),
    ("deeds", {"since": "2026-11-01T00:00:00+00:00", "until": "2026-12-01T00:00:00+00:00"}),
)
"""Figures and deeds, as they are exported."""


@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_planted_is_found_after(
    flow: str, tmp_path: Path, heard: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    heard.expect(
        "library.line.dropped",
        "service.down",
        "reader.lost",
        "reader.resynchronised",
        "core.effect_failed",
        "core.handler_failed",
    )

    async def whole() -> tuple[list[str], str]:
        stage = Stage(planted(), pace="none")
        rig = Rig(stage=stage, station=NOTICE, database=tmp_path / "station.db")
        stage.begin()
        await rig.start()
        await rig.until(lambda s: s.phase is Phase.START)
        await FLOWS[flow](rig)
        assert any(_found_in(repr(seen.screen), PLANTED) for seen in rig.snapshots) or flow in {
            "half a PIN",
            "wrong PINs",
        }, "or nothing was planted"
        while await rig.store.read(effects.open_rows):
            await rig.pause(1)
        await rig.pause(5)
        rig.snapshots[:-1] = []
        for name, args in ASKED:
            answer = json.dumps(await rig.kiosk.request(name, args), ensure_ascii=False)
            assert not _found_in(answer, (*PLANTED, WRONG_PIN)), name
        held = in_memory(rig, *PLANTED, WRONG_PIN)
        shown = json.dumps(snapshot_to_json(rig.snapshots[-1]), ensure_ascii=False)
        search_files(tmp_path)
        await rig.stop()
        await stage.close()
        return held, shown

    held, shown = run(whole())
    assert not held, "\n".join(held)
    assert not _found_in(shown, PLANTED)
    search_files(tmp_path)
    assert heard.events
    assert not _found_in(repr(heard.events), (*PLANTED, WRONG_PIN))
    printed = capfd.readouterr()
    assert not _found_in(printed.out + printed.err, (*PLANTED, WRONG_PIN))
