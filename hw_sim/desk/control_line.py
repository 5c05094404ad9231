"""The desk's end of the control socket: requests out, answers and happenings in, on Qt's own loop."""

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QIODevice, QObject, Signal
from PySide6.QtNetwork import QLocalSocket, QTcpSocket

Answered = Callable[[dict[str, Any]], None]
Refused = Callable[[str], None]

CONNECT_MS = 5_000


class ControlLine(QObject):
    """One connection. Answers come in the order of the questions, so a queue pairs them."""

    happened = Signal(dict)
    """One event of the world, after `subscribe`."""
    lost = Signal()
    """The simulator hung up; nothing comes any more."""

    def __init__(self, address: str, parent: QObject | None = None) -> None:
        """Connect to `unix:PATH` or `HOST:PORT`. Raises ConnectionError."""
        super().__init__(parent)
        self._waiting: deque[tuple[Answered, Refused]] = deque()
        self._buffer = b""
        self._socket: QLocalSocket | QTcpSocket
        if address.startswith("unix:"):
            local = self._socket = QLocalSocket(self)
            local.connectToServer(address.removeprefix("unix:"))
        else:
            host, _, port = address.rpartition(":")
            tcp = self._socket = QTcpSocket(self)
            tcp.connectToHost(host, int(port))
        if not self._socket.waitForConnected(CONNECT_MS):
            raise ConnectionError(f"{address}: {self._socket.errorString()}")
        self._socket.readyRead.connect(self._read)
        self._socket.disconnected.connect(self.lost)

    def ask(self, verb: str, answered: Answered, refused: Refused, /, **args: object) -> None:
        """Send one request; one of the two is called with what comes back."""
        self._waiting.append((answered, refused))
        line = json.dumps({"v": 1, "do": verb, **args}).encode() + b"\n"
        self._socket.write(QByteArray(line))

    def close(self) -> None:
        """Hang up without a word about it."""
        self._socket.disconnected.disconnect(self.lost)
        self._socket.close()

    def _read(self) -> None:
        device: QIODevice = self._socket
        self._buffer += device.readAll().data()
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._heard(json.loads(line))

    def _heard(self, message: dict[str, Any]) -> None:
        if "event" in message:
            self.happened.emit(message)
            return
        answered, refused = self._waiting.popleft()
        if message["ok"]:
            answered(message["result"])
        else:
            refused(message["error"])
