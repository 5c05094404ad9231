"""A running station's door for a script: one request, its answer, and so on."""

import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from drivers.service.link import Reply, Request, decode, encode
from ui.outcome import Exit, Fault

ANSWER_S = 20.0


class Door:
    """Open until it is left. Raises Fault when the station says no."""

    def __init__(self, path: Path, asks: str) -> None:
        """Knock. `asks`: the command that does, for its messages."""
        self._asks = asks
        self._last = 0
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.settimeout(ANSWER_S)
        self._line.connect(str(path))
        self._lines = self._line.makefile("rb")

    def request(self, asked: str, /, **args: Any) -> Mapping[str, Any]:
        """Ask and wait for the answer."""
        self._last += 1
        self._line.sendall(encode(Request(self._last, asked, args)))
        reply = decode(self._lines.readline())
        if not isinstance(reply, Reply) or not reply.ok:
            told = reply.result if isinstance(reply, Reply) else {}
            raise Fault(
                Exit.BUG,
                code=str(told.get("code", "station.request")),
                what=f"The station refused {asked}: {told.get('what', 'no answer of its own')}.",
                where=self._asks,
                do="Look at what it wrote to standard error.",
            )
        return reply.result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()
        self._line.close()
