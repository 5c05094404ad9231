"""A host that speaks to simulated devices directly, with a FEIG frame builder of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from hw_sim.wire import HangUp, Send


class Attachable(Protocol):
    def attach(self, send: Send, hang_up: HangUp) -> None: ...

    def receive(self, data: bytes) -> None: ...


def feig_crc(data: bytes) -> bytes:
    """Bit by bit, so that it shares nothing with either side's table."""
    crc = 0xFFFF
    for byte in data:
        for bit in range(8):
            low = (crc ^ (byte >> bit)) & 1
            crc = (crc >> 1) ^ (0x8408 * low)
    return crc.to_bytes(2, "little")


def feig_request(
    command: int, data: bytes = b"", *, address: int = 0xFF, advanced: bool = False
) -> bytes:
    body = bytes((address, command)) + data
    head = b"\x02" + (len(body) + 5).to_bytes(2, "big") if advanced else bytes((len(body) + 3,))
    return head + body + feig_crc(head + body)


@dataclass
class FeigHost:
    """Sends requests to a reader, keeps what comes back."""

    device: Attachable
    heard: bytearray = field(default_factory=bytearray)
    hung_up: bool = False

    def __post_init__(self) -> None:
        self.device.attach(self.heard.extend, self._end)

    def _end(self) -> None:
        self.hung_up = True

    def ask(
        self, command: int, data: bytes = b"", *, advanced: bool = False
    ) -> tuple[int, bytes] | None:
        """Status and data of the reply; None when the reader stays silent."""
        self.heard.clear()
        self.device.receive(feig_request(command, data, advanced=advanced))
        return self.reply()

    def reply(self) -> tuple[int, bytes] | None:
        if not self.heard:
            return None
        frame = bytes(self.heard)
        assert feig_crc(frame[:-2]) == frame[-2:]
        head = 3 if frame[0] == 2 else 1
        length = int.from_bytes(frame[1:3], "big") if head == 3 else frame[0]
        assert length == len(frame)
        assert frame[head] == 0, "the reply carries the reader's own address"
        return frame[head + 2], frame[head + 3 : -2]

    def tags(self, mode: int = 0, *, advanced: bool = False) -> tuple[int, list[bytes]]:
        """Status and UIDs of one inventory."""
        reply = self.ask(0xB0, bytes((0x01, mode)), advanced=advanced)
        assert reply is not None
        status, data = reply
        uids = [data[1 + 10 * n + 2 : 11 + 10 * n] for n in range(data[0])] if data else []
        return status, uids


@pytest.fixture
def feig_host() -> Callable[[Attachable], FeigHost]:
    return FeigHost


@pytest.fixture
def feig_frame() -> Callable[..., bytes]:
    return feig_request
