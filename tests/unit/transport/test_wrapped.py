"""Wires around wires: one that writes down what passes, and one that misbehaves by a seed."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from drivers.errors import Code, DeviceUnavailable
from drivers.runtime.clock import SeededRng
from drivers.transport.faulty import Faults, FaultyTransport
from drivers.transport.memory import MemoryTransport
from drivers.transport.recording import RecordingTransport
from hw_sim.simloop import run


def echoing() -> MemoryTransport:
    wire = MemoryTransport("pad")
    wire.far.received = lambda data: wire.far.send(data[::-1])
    return wire


def test_a_recording_reads_back_as_what_passed(tmp_path: Path) -> None:
    path = tmp_path / "pad.jsonl"
    ticks = iter(range(100))

    async def story() -> None:
        wire = RecordingTransport(echoing(), str(path), lambda: next(ticks) / 4)
        await wire.open()
        await wire.write(bytes.fromhex("0500ff65e5cc"))
        assert await wire.read() == bytes.fromhex("cce565ff0005")
        await wire.close()
        await wire.open()
        await wire.write(b"\x00")
        await wire.close()

    run(story())
    lines = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]
    assert lines == [
        {"t": 0.25, "dir": ">", "bytes": "0500ff65e5cc"},
        {"t": 0.5, "dir": "<", "bytes": "cce565ff0005"},
        {"t": 0.25, "dir": ">", "bytes": "00"},
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600, "a recording may hold personal data"


def heard(faults: Faults, seed: int) -> list[bytes | str]:
    """What comes back over a bad wire, for 40 questions."""

    async def story() -> list[bytes | str]:
        found: list[bytes | str] = []
        inner = MemoryTransport("pad")
        sent: list[bytes] = []
        inner.far.received = sent.append
        wire = FaultyTransport(inner, faults, SeededRng(seed))
        await wire.open()
        for n in range(40):
            try:
                await wire.write(bytes((n, n, n, n)))
            except DeviceUnavailable as error:
                found.append(error.code.value)
                await wire.open()
            await asyncio.sleep(0.01)
        return found + list(sent)

    return run(story())


@pytest.mark.parametrize(
    "faults",
    [Faults(loss=0.3), Faults(corruption=0.3), Faults(hang_up=0.2), Faults(delay=0.5, loss=0.1)],
)
def test_the_same_seed_gives_the_same_faults_and_another_seed_others(faults: Faults) -> None:
    assert heard(faults, 1) == heard(faults, 1)
    assert heard(faults, 1) != heard(faults, 2)


def test_without_faults_everything_passes() -> None:
    assert len(heard(Faults(), 1)) == 40


def test_each_fault_does_what_it_says() -> None:
    assert heard(Faults(loss=1.0), 1) == []
    assert set(heard(Faults(hang_up=1.0), 1)) == {Code.PORT_GONE.value}
    spoilt = heard(Faults(corruption=1.0), 1)
    for n, data in enumerate(spoilt):
        assert isinstance(data, bytes)
        wrong = [a ^ b for a, b in zip(data, bytes((n, n, n, n)), strict=True)]
        assert sum(byte.bit_count() for byte in wrong) == 1, "one bit, no more and no less"


def test_halves_lose_nothing() -> None:
    async def story() -> bytes:
        wire = FaultyTransport(echoing(), Faults(halves=1.0), SeededRng(1))
        await wire.open()
        await wire.write(bytes(range(64)))
        got, pieces = b"", 0
        while len(got) < 64:
            got += await wire.read()
            pieces += 1
        assert pieces > 2
        return got

    assert run(story()) == bytes(range(63, -1, -1))
