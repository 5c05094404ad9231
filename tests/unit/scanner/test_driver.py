"""The barcode reader's driver on a memory wire, in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from config.device import Device
from drivers.errors import DeviceUnavailable
from drivers.ports import Scan
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.scanner.driver import BarcodeScanner
from drivers.transport.memory import MemoryTransport
from hw_sim.simloop import run

Story = Callable[[MemoryTransport], Coroutine[Any, Any, None]]


def heard(story: Story, seconds: float = 10) -> list[tuple[float, Scan]]:
    """What the driver reports, and when, while the story runs."""

    async def main() -> list[tuple[float, Scan]]:
        loop = asyncio.get_running_loop()
        wire = MemoryTransport("scanner")
        device = Device(driver="barcode", url="/dev/scanner")
        clock = LoopClock(datetime(2026, 11, 3, tzinfo=UTC))
        scanner = BarcodeScanner.from_config(device, wire, clock, SeededRng(1))
        await scanner.open()
        found: list[tuple[float, Scan]] = []

        async def listen() -> None:
            async for scan in scanner.scans():
                found.append((round(loop.time(), 3), scan))

        task = asyncio.create_task(listen())
        await story(wire)
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await scanner.close()
        return found

    return run(main())


def texts(found: list[tuple[float, Scan]]) -> list[str]:
    return [scan.text.reveal() for _, scan in found]


def test_a_scan_comes_with_its_identifier_and_hidden() -> None:
    async def story(wire: MemoryTransport) -> None:
        wire.far.send(b"]C03002991234\r")

    found = heard(story)
    assert texts(found) == ["3002991234"]
    assert found[0][1].aim == "C0"
    assert "3002991234" not in repr(found)


def test_without_a_suffix_50_ms_of_silence_end_it() -> None:
    async def story(wire: MemoryTransport) -> None:
        wire.far.send(b"3846")
        await asyncio.sleep(0.04)
        wire.far.send(b"646425")

    found = heard(story)
    assert texts(found) == ["3846646425"]
    assert found[0][0] == 0.09


def test_a_repeat_within_a_second_and_a_half_is_dropped() -> None:
    async def story(wire: MemoryTransport) -> None:
        for wait in (0.0, 1.0, 1.0, 1.6):
            await asyncio.sleep(wait)
            wire.far.send(b"123\r")
        wire.far.send(b"124\r123\r")

    found = heard(story)
    assert texts(found) == ["123", "123", "124", "123"]
    assert [at for at, _ in found] == [0.0, 3.6, 3.6, 3.6]


def test_a_pulled_cable_ends_the_scans() -> None:
    async def main() -> None:
        wire = MemoryTransport("scanner")
        scanner = BarcodeScanner(wire, clock=LoopClock(datetime(2026, 11, 3, tzinfo=UTC)))
        await scanner.open()
        scans = scanner.scans()
        wire.far.send(b"123\r")
        assert (await anext(scans)).text.reveal() == "123"
        asyncio.get_running_loop().call_later(1, wire.far.hang_up)
        with pytest.raises(DeviceUnavailable):
            await anext(scans)
        wire.far.plug_in()
        await scanner.open()
        wire.far.send(b"123\r")
        again = scanner.scans()
        assert (await anext(again)).text.reveal() == "123"
        await again.aclose()  # type: ignore[attr-defined]
        await scanner.close()
        with pytest.raises(DeviceUnavailable):
            await anext(scanner.scans())

    run(main())
