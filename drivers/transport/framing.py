"""Cutting a byte stream into frames that tell their own length and hold a check, on a wire that also brings noise. Pure.

What a frame looks like is the protocol's to say; how to find the way back after noise is the same for all of them.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

F = TypeVar("F")

Sized = Callable[[bytes, int], int | None]
"""Length of the frame that starts there in what is held; 0 when none can, None when more bytes must tell."""


class Framing(Generic[F]):
    """The frames of one stream, the same whatever the chunks. As much waits as the longest frame, and no more.

    Args:
        size: how long the frame is that starts at a place; never longer than the longest there can be.
        frame: the frame in exactly these bytes; None where the check does not hold.
    """

    def __init__(self, size: Sized, frame: Callable[[bytes], F | None]) -> None:
        self._size = size
        self._frame = frame
        self._held = b""
        self.dropped = 0
        """Bytes that belonged to no frame, since the start."""

    @property
    def waiting(self) -> bytes:
        """Bytes of a frame that is not whole yet, or noise that looks like one."""
        return self._held

    def feed(self, data: bytes) -> list[F]:
        """All frames that `data` completes, in order."""
        held = self._held + data
        frames: list[F] = []
        at, end = 0, len(held)
        while at < end:
            size = self._size(held, at)
            if size is None or (size and at + size > end):
                break
            frame = self._frame(held[at : at + size]) if size else None
            if frame is None:
                at += 1
                self.dropped += 1
            else:
                at += size
                frames.append(frame)
        self._held = held[at:]
        return frames

    def salvage(self) -> list[F]:
        """Frames further on in the waiting bytes, when what stands before them must be noise.

        For a line that fell silent inside a frame: a stray byte that reads as a start or a length hides a good frame.
        """
        held = self._held
        for at in range(1, len(held)):
            size = self._size(held, at)
            if size and at + size <= len(held) and (frame := self._frame(held[at : at + size])):
                self.dropped += at
                self._held = b""
                return [frame, *self.feed(held[at + size :])]
        return []

    def reset(self) -> None:
        """Forget what waits: a new exchange begins."""
        self.dropped += len(self._held)
        self._held = b""
