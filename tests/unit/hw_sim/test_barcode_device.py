"""The simulated barcode reader: one line a code, and the ways a line goes wrong."""

import asyncio
import random

import pytest

from hw_sim.devices.barcode import BarcodeScanner
from hw_sim.simloop import run
from hw_sim.world import World


def _scanner(suffix: str = "\r") -> tuple[BarcodeScanner, list[bytes]]:
    scanner = BarcodeScanner(World(1), suffix=suffix, rng=random.Random(1))
    lines: list[bytes] = []
    scanner.attach(lines.append, lambda: None)
    return scanner, lines


@pytest.mark.parametrize("suffix", ["\r", "\n", "\r\n", "\t", ""])
def test_a_line_is_aim_text_suffix(suffix: str) -> None:
    async def main() -> list[bytes]:
        scanner, lines = _scanner(suffix)
        scanner.scan("3002991234")
        scanner.scan("1234567890", aim="A0")
        scanner.scan("plain", aim="")
        return lines

    end = suffix.encode()
    assert run(main()) == [b"]C03002991234" + end, b"]A01234567890" + end, b"plain" + end]


def test_faults_of_a_line() -> None:
    async def main() -> None:
        scanner, lines = _scanner()
        scanner.fault("split", gap=0.03)
        scanner.scan("1234567890")
        assert lines == [b"]C01234"]
        await asyncio.sleep(0.031)
        assert b"".join(lines) == b"]C01234567890\r"
        lines.clear()
        scanner.fault("doubled")
        scanner.scan("1")
        assert lines == [b"]C01\r", b"]C01\r"]
        lines.clear()
        scanner.fault("no_suffix")
        scanner.scan("1")
        assert lines == [b"]C01"]
        lines.clear()
        scanner.fault("noise", size=4)
        scanner.scan("1")
        assert len(lines[0]) == 9
        assert lines[0].endswith(b"]C01\r")
        assert scanner.faults() == {}

    run(main())


def test_nobody_listens_and_nothing_is_kept() -> None:
    async def main() -> None:
        scanner, lines = _scanner()
        scanner.fault("split", gap=1)
        scanner.detach()
        scanner.scan("1")
        scanner.attach(lines.append, lambda: None)
        scanner.scan("2")
        assert lines == [b"]C02\r"]

    run(main())


def test_the_software_trigger_is_seen_in_any_pieces() -> None:
    scanner, _ = _scanner()
    scanner.receive(b"xx\x16")
    scanner.receive(b"T\r")
    assert scanner.truth()["trigger"] is True
    scanner.receive(b"\x16U\r")
    assert scanner.truth()["trigger"] is False
