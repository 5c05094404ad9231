"""Every flow of the canary read aloud into the room: nothing private leaves the loudspeaker, and none of it stays.

Somebody presses a key whenever the machine is silent, and walks over all that stands on each new screen. The world
keeps what was heard, and whether a headset was in; its word alone is asked.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from drivers.store import effects
from hw_sim.simloop import run
from hw_sim.stage import Stage
from kiosk.lending.state import Over, Phase
from tests.simulation.canaries import FLOWS, NOTICE
from tests.simulation.rig import ACCESSIBLE, Rig
from tests.simulation.test_privacy import PLANTED, WRONG_PIN, in_memory, planted

SPEAKING = NOTICE.replace(
    "[help]", "idle_s = 20\nwarning_s = 20\nwait_tag_s = 20\n[help]"
) + ACCESSIBLE.partition("[devices.keys]")[2].join(("[devices.keys]", ""))
"""Waits a third as long, for whoever listens is waited for three times as long."""
MOST_STOPS = 12
PRIVATE = (*PLANTED, WRONG_PIN)


async def listening(rig: Rig) -> None:
    """Begin, and walk over each new screen; no key presses anything."""
    walked = ""
    while True:
        await rig.pause(0.5)
        state = rig.state
        if state.over is Over.IDLE or state.phase in {Phase.CLEAR, Phase.STARTING}:
            continue
        if not state.aloud:
            await rig.key("down")
        elif rig.screen.name != walked:
            walked = rig.screen.name
            await rig.key(*["down"] * MOST_STOPS)
            await rig.pause(1)


async def heard(rig: Rig, *, headset: bool) -> str:
    """All that was heard there, also as it would be understood of digits said one by one."""
    rows = (await rig.truth())["devices"]["speaker"]["heard"]
    said = " | ".join(row["text"] for row in rows if row["headset"] is headset)
    return f"{said} || {said.replace(' ', '')}"


async def played(flow: str, folder: Path, *, headset: bool) -> tuple[str, str, list[str]]:
    """What others heard, what she heard, and what is still known."""
    stage = Stage(planted(), pace="none")
    rig = Rig(stage=stage, station=SPEAKING, database=folder / "station.db")
    stage.begin()
    await rig.start()
    await rig.until(lambda s: s.phase is Phase.START)
    if headset:
        await rig.headset(plugged=True)
    person = asyncio.get_running_loop().create_task(listening(rig))
    try:
        await FLOWS[flow](rig)
    finally:
        person.cancel()
        await asyncio.gather(person, return_exceptions=True)
    await rig.until(lambda s: not s.aloud, 200)
    while await rig.store.read(effects.open_rows):
        await rig.pause(1)
    await rig.pause(5)
    rig.snapshots[:-1] = []
    others, hers = await heard(rig, headset=False), await heard(rig, headset=True)
    known = in_memory(rig, *PRIVATE)
    await rig.stop()
    await stage.close()
    return others, hers, known


def expected(log: Any) -> None:
    log.expect("library.line.dropped", "service.down", "reader.lost", "reader.resynchronised")
    log.expect("core.effect_failed", "core.handler_failed", "printer.changed")


@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_private_is_heard_by_others(flow: str, tmp_path: Path, heard: Any) -> None:
    expected(heard)
    others, _, known = run(played(flow, tmp_path, headset=False))
    assert [word for word in PRIVATE if word in others] == []
    assert len(others) > 500, "or nothing was read aloud"
    assert known == [], "\n".join(known)


def test_in_a_headset_the_same_words_are_heard(tmp_path: Path, heard: Any) -> None:
    """Or what was not heard above would prove nothing."""
    expected(heard)
    others, hers, known = run(played("renew", tmp_path, headset=True))
    assert [word for word in PRIVATE if word in others] == []
    for word in ("Zenobia", "Kanariebogen"):
        assert word in hers
    assert known == [], "\n".join(known)
