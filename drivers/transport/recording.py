"""A wire that writes down what passes, so that a capture can become a vector.

The file holds one JSON object a line: {"t": seconds since open, "dir": ">" to the device or "<" from it,
"bytes": hex}. It may hold personal data, so it is made readable by its owner alone and only on request.
"""

import json
import os
from collections.abc import Callable
from typing import IO

from drivers.transport.stream import Transport


class RecordingTransport:
    """Wraps any transport; `monotonic` gives seconds."""

    def __init__(self, inner: Transport, path: str, monotonic: Callable[[], float]) -> None:
        self.device = inner.device
        self._inner = inner
        self._path = path
        self._monotonic = monotonic
        self._file: IO[str] | None = None
        self._start = 0.0

    async def open(self) -> None:
        await self._inner.open()
        if self._file is None:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = os.fdopen(descriptor, "a", encoding="ascii")
            self._start = self._monotonic()

    async def read(self) -> bytes:
        data = await self._inner.read()
        self._note("<", data)
        return data

    async def write(self, data: bytes) -> None:
        self._note(">", data)
        await self._inner.write(data)

    async def close(self) -> None:
        await self._inner.close()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _note(self, direction: str, data: bytes) -> None:
        if self._file is not None:
            passed = round(self._monotonic() - self._start, 6)
            self._file.write(
                json.dumps({"t": passed, "dir": direction, "bytes": data.hex()}) + "\n"
            )
            self._file.flush()
