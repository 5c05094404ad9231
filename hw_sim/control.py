"""The control socket: one JSON object a line in, one out; the hands of tests, demos and the desk.

`{"v":1,"id":1,"do":"lay","items":["3846646425"]}` is answered by `{"v":1,"id":1,"ok":true,"result":{..}}` or
`{"v":1,"id":1,"ok":false,"error":".."}`. After `subscribe` the connection also carries `{"v":1,"event":..}`
for all that happens. Every request is answered, in order. See docs/decisions/0008.
"""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

from typing_extensions import override

from hw_sim.ports import LOOPBACK
from hw_sim.stage import Stage
from hw_sim.world import Happening

VERSION = 1
LONGEST_LINE = 65_536
"""Bytes; a longer line ends the connection."""
MOST_UNREAD = 1_048_576
"""Bytes a subscriber may leave unread before it is hung up on; one answer may be longer."""
LONGEST_SOCKET_PATH = 100
"""Bytes that a Unix socket's path may have on every system."""


class Control:
    """Listens for requests to one stage. `address` is `unix:PATH` or `HOST:PORT` once started."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.address = ""
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._clients: set[_Client] = set()

    async def start(self, path: Path | None) -> None:
        """Listen on a Unix socket that only its owner may open, or without a (short) path on loopback."""
        loop = asyncio.get_running_loop()
        if path is not None and len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            self._path = path
            _remove(path)
            mask = os.umask(0o177)
            try:
                self._server = await loop.create_unix_server(self._client, str(path))
            finally:
                os.umask(mask)
            self.address = f"unix:{path}"
        else:
            self._server = await loop.create_server(self._client, LOOPBACK, 0)
            port = self._server.sockets[0].getsockname()[1]
            self.address = f"{LOOPBACK}:{port}"

    async def close(self) -> None:
        """Stop listening and hang up on everybody; safe to repeat."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        answering = [client.answering for client in self._clients if client.answering]
        for client in tuple(self._clients):
            client.end(at_once=True)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
        await server.wait_closed()
        if self._path is not None:
            _remove(self._path)

    def _client(self) -> "_Client":
        return _Client(self.stage, self._clients, lambda: self._server is not None)


class _Client(asyncio.Protocol):
    """One connection: requests wait their turn, so answers come in the order of the questions."""

    def __init__(self, stage: Stage, clients: set["_Client"], welcome: Callable[[], bool]) -> None:
        self._stage = stage
        self._clients = clients
        self._welcome = welcome
        self._buffer = bytearray()
        self._transport: asyncio.WriteTransport | None = None
        self._asked: asyncio.Queue[bytes] = asyncio.Queue()
        self.answering: asyncio.Task[None] | None = None
        self._unlisten: Callable[[], None] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.WriteTransport) or not self._welcome():
            transport.close()  # it was being accepted while we closed
            return
        self._transport = transport
        self._clients.add(self)
        self.answering = asyncio.get_running_loop().create_task(self._answer_all())

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            if line.strip():
                self._asked.put_nowait(bytes(line))
        if len(self._buffer) > LONGEST_LINE:
            self.end()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._clients.discard(self)
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if self.answering is not None:
            self.answering.cancel()

    def end(self, *, at_once: bool = False) -> None:
        """Hang up, once what was written has left or at once: one who never reads must not hold us up."""
        if self._transport is not None:
            (self._transport.abort if at_once else self._transport.close)()

    async def _answer_all(self) -> None:
        while True:
            self._write(await self._answer(await self._asked.get()))

    async def _answer(self, line: bytes) -> dict[str, object]:
        number: object = None
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise TypeError("a request is one JSON object")
            number = request.pop("id", None)
            version, verb = request.pop("v", VERSION), request.pop("do", None)
            if version != VERSION:
                raise ValueError(f"this speaks version {VERSION}, not {version!r}")
            if not isinstance(verb, str):
                raise TypeError("a request needs do, a verb")
            result = (
                self._subscribe() if verb == "subscribe" else await self._stage.do(verb, request)
            )
        except (ValueError, TypeError, OSError) as error:
            return {"v": VERSION, "id": number, "ok": False, "error": str(error)}
        except Exception as error:  # our bug; the one who asked must still hear something
            text = f"{type(error).__name__} in the simulator: {error}"
            return {"v": VERSION, "id": number, "ok": False, "error": text}
        return {"v": VERSION, "id": number, "ok": True, "result": result}

    def _subscribe(self) -> dict[str, object]:
        if self._unlisten is None:
            self._unlisten = self._stage.world.listen(self._tell)
        return {}

    def _tell(self, happening: Happening) -> None:
        self._write({"v": VERSION, **happening.as_json()})

    def _write(self, message: dict[str, object]) -> None:
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size() > MOST_UNREAD:
            self._transport.abort()
            return
        self._transport.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
