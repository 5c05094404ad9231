"""The door into a running station: JSON lines over a Unix socket in its state directory, for its owner alone.

::

    -> {"v": 1, "type": "request", "id": 1, "name": "press", "args": {"action": "borrow"}}
    <- {"v": 1, "type": "reply", "id": 1, "ok": true, "result": {}}
    <- {"v": 1, "type": "reply", "id": 2, "ok": false, "error": {"code": "station.request", "what": "..."}}
    <- {"v": 1, "type": "event", "name": "snapshot", "data": {...}}      after the request `watch`
    <- {"v": 1, "type": "reply", "id": 0, "ok": false, "error": {...}}   why the door shuts: full, another version, no message

Each request is answered, in the order of asking. `face`, `watch` and `snapshot` are answered here, `press`, `touch`,
`status`, `counts` and `stop` by the station. A listener gets at most ten snapshots a second and always the newest;
those between are skipped, so nothing piles up behind a slow one.
"""

import asyncio
import json
import os
import select
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.service.view import Snapshot, snapshot_from_json, snapshot_to_json

VERSION = 1
REQUESTS = frozenset(
    {
        "face",
        "press",
        "touch",
        "key",
        "status",
        "snapshot",
        "watch",
        "counts",
        "deeds",
        "staff",
        "history",
        "scan",
        "labels",
        "item",
        "crate",
        "stop",
    }
)
INTERVAL_S = 0.1
"""Least time between two snapshots to one listener."""
SEND_S = 10.0
"""A listener that takes nothing for so long is let go."""
QUIET_S = 60.0
"""Who asks nothing for so long and does not listen is let go: there is room for few."""
LAST_S = 1.0
"""So long a door that shuts waits for the answers that are under way."""
LOOK_S = 1.0
"""How often it is looked whether a guest whose answer takes long is there still."""
REQUEST_LIMIT = 64 * 1024
EVENT_LIMIT = 4 * 1024 * 1024
MOST_GUESTS = 8
PATH_LIMIT = 107
"""Bytes of a socket's path (unix(7): sun_path has 108 with its end mark)."""


# --- messages ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """Do something, or tell something."""

    id: int
    name: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request. When not ok, `result` holds `code` and `what`."""

    id: int
    ok: bool
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the other side was not asked for: `snapshot`."""

    name: str
    data: Mapping[str, Any]


Message = Request | Reply | Event


def encode(message: Message) -> bytes:
    """One line."""
    body: dict[str, Any]
    match message:
        case Request():
            body = {
                "type": "request",
                "id": message.id,
                "name": message.name,
                "args": message.args,
            }
        case Reply():
            body = {"type": "reply", "id": message.id, "ok": message.ok}
            body["result" if message.ok else "error"] = message.result
        case Event():
            body = {"type": "event", "name": message.name, "data": message.data}
    line = json.dumps({"v": VERSION, **body}, ensure_ascii=False, separators=(",", ":"))
    return line.encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of one line. Raises RemoteProtocolError for another version or shape."""
    try:
        body = json.loads(line)
        if body["v"] != VERSION:
            other = f"version {repr(body['v'])[:20]}, this is {VERSION}"
            raise RemoteProtocolError("station", Code.STATION_VERSION, other)
        match body:
            case {"type": "request", "id": int(id), "name": str(name), "args": dict(args)}:
                return Request(id, name, args)
            case {"type": "reply", "id": int(id), "ok": True, "result": dict(result)}:
                return Reply(id, True, result)
            case {"type": "reply", "id": int(id), "ok": False, "error": dict(error)}:
                return Reply(id, False, error)
            case {"type": "event", "name": str(name), "data": dict(data)}:
                return Event(name, data)
            case _:
                pass
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise RemoteProtocolError("station", Code.WIRE_GARBLED, "not a message of ours", line)


# --- the station's side -----------------------------------------------------------------------------


class LinkStation(Protocol):
    """What stands behind the door."""

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Do `press`, `touch`, `status`, `counts` or `stop`. Raises DeviceError: DeviceRefused(station.request) for wrong arguments."""
        ...

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call `told` with the present snapshot and each new one, until the returned function is called."""
        ...


def peer_uid(sock: socket.socket) -> int:
    """Whose process is at the other end (unix(7), SO_PEERCRED)."""
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return int(uid)


def hung_up(sock: socket.socket) -> bool:
    """Whether nobody is at the other end any more; who only asks nothing more hears still (poll(2), POLLHUP)."""
    if sock.fileno() < 0:
        return True
    look = select.poll()
    look.register(sock.fileno(), 0)
    return bool(look.poll(0))


async def serve_link(
    path: Path,
    station: LinkStation,
    *,
    faces: Mapping[str, LinkStation] = MappingProxyType({}),
    uid_of: Callable[[socket.socket], int] = peer_uid,
) -> "LinkServer":
    """Open the door at `path` (mode 0600). `faces`: further screens of the station by name, each with what it takes. The caller holds the state directory's lock, so a file there is stale.

    Raises:
        DeviceUnavailable: the socket cannot be made there.
    """
    sock = _door(path)
    server = LinkServer(path, {"": station, **faces}, uid_of)
    await server.start(sock)
    return server


def _door(path: Path) -> socket.socket:
    if len(os.fsencode(path)) > PATH_LIMIT:
        raise DeviceUnavailable(
            "station", Code.PORT_BAD_URL, f"the state directory's path is over {PATH_LIMIT} bytes"
        )
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(sock.fileno(), 0o600)  # Linux gives the file these rights from its first moment
        path.unlink(missing_ok=True)
        sock.bind(str(path))
    except OSError as error:
        sock.close()
        raise DeviceUnavailable("station", Code.PORT_DENIED, error.strerror or "") from None
    return sock


class LinkServer:
    """The open door, until `close`."""

    def __init__(
        self,
        path: Path,
        faces: Mapping[str, LinkStation],
        uid_of: Callable[[socket.socket], int],
    ) -> None:
        self._path = path
        self._faces = faces
        self._uid_of = uid_of
        self._guests: dict[asyncio.Task[None], _Guest] = {}
        self._newest: dict[str, Snapshot] = {}
        self._under_way: set[asyncio.Task[Reply]] = set()
        """What guests have asked for. It is done also when they have gone, and takes no place then."""
        self._server: asyncio.Server | None = None
        self._unlisten: list[Callable[[], None]] = []

    async def start(self, sock: socket.socket) -> None:
        self._unlisten = [
            station.listen(partial(self._told, name)) for name, station in self._faces.items()
        ]
        self._server = await asyncio.start_unix_server(self._enter, sock=sock, limit=REQUEST_LIMIT)

    async def close(self) -> None:
        """Close the door; guests are let go."""
        if self._server is None:
            return
        for unlisten in self._unlisten:
            unlisten()
        self._server.close()
        self._server = None
        self._path.unlink(missing_ok=True)
        with suppress(
            TimeoutError
        ):  # whoever is being answered hears the answer, also that to `stop`
            async with asyncio.timeout(LAST_S):
                await asyncio.gather(*(guest.at_rest.wait() for guest in self._guests.values()))
        left: list[asyncio.Task[Any]] = [*self._guests, *self._under_way]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _told(self, face: str, snapshot: Snapshot) -> None:
        self._newest[face] = snapshot
        for guest in self._guests.values():
            if guest.face == face:
                guest.fresh.set()

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (
            self._uid_of(writer.get_extra_info("socket")) != os.getuid()
            or len(self._guests) >= MOST_GUESTS
        ):
            error = {"code": Code.PORT_DENIED.value, "what": "another user, or too many guests"}
            writer.write(encode(Reply(0, False, error)))
            writer.close()
            return
        guest = _Guest(reader, writer, self._faces, self._newest, self._under_way)
        task = asyncio.get_running_loop().create_task(guest.serve())
        self._guests[task] = guest
        task.add_done_callback(self._guests.pop)


class _Guest:
    """One connection."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        faces: Mapping[str, LinkStation],
        newest: Mapping[str, Snapshot],
        under_way: set[asyncio.Task[Reply]],
    ) -> None:
        self._under_way = under_way
        self._reader = reader
        self._writer = writer
        self._faces = faces
        self._newest = newest
        self.face = ""
        """Which screen of the station it sees and presses."""
        self._watching: asyncio.Task[None] | None = None
        self.fresh = asyncio.Event()
        self.at_rest = asyncio.Event()
        """Nothing that it asked for is being answered."""
        self.at_rest.set()

    async def serve(self) -> None:
        """Answer requests one by one until the guest leaves or breaks the protocol, which it is told."""
        try:
            while line := await self._line():
                self.at_rest.clear()
                await self._send(await self._answered(line))
                self.at_rest.set()
        except RemoteProtocolError as error:
            with suppress(OSError, TimeoutError):
                await self._send(_refused(0, error))
        except (OSError, TimeoutError, ValueError):
            pass  # gone, stuck, or told what no line can hold: the station goes on without it
        finally:
            self.at_rest.set()
            if self._watching is not None:
                self._watching.cancel()
            self._writer.close()

    async def _line(self) -> bytes:
        async with asyncio.timeout(None if self._watching else QUIET_S):
            try:
                return await self._reader.readline()
            except ValueError:
                what = f"a line over {REQUEST_LIMIT} bytes"
                raise RemoteProtocolError("station", Code.WIRE_GARBLED, what) from None

    async def _answered(self, line: bytes) -> Reply:
        """The answer. Raises ConnectionResetError where nobody is there to hear it."""
        answer = asyncio.get_running_loop().create_task(self._answer(line))
        self._under_way.add(answer)
        answer.add_done_callback(self._under_way.discard)
        while not (await asyncio.wait([answer], timeout=LOOK_S))[0]:
            if hung_up(self._writer.get_extra_info("socket")):
                raise ConnectionResetError
        return answer.result()

    async def _answer(self, line: bytes) -> Reply:
        request = decode(line)
        if not isinstance(request, Request):
            raise RemoteProtocolError("station", Code.WIRE_UNEXPECTED, "not a request")
        try:
            return Reply(request.id, True, await self._result(request))
        except DeviceError as error:
            return _refused(request.id, error)
        except Exception as error:
            what = {"code": Code.BUG.value, "what": type(error).__name__}
            return Reply(request.id, False, what)

    async def _result(self, request: Request) -> Mapping[str, Any]:
        if request.name not in REQUESTS:
            raise DeviceRefused("station", Code.STATION_REQUEST, f"no request {request.name[:40]}")
        if request.name == "face":
            return self._turn_to(request.args.get("name"))
        if request.name == "snapshot":
            newest = self._newest.get(self.face)
            return {"snapshot": None if newest is None else snapshot_to_json(newest)}
        if request.name == "watch":
            if self._watching is None:
                self._watching = asyncio.get_running_loop().create_task(self._watch())
            return {}
        return await self._faces[self.face].request(request.name, request.args)

    def _turn_to(self, name: Any) -> Mapping[str, Any]:
        """From here on this guest sees and presses that face. What it watches changes with it."""
        if not isinstance(name, str) or name not in self._faces:
            raise DeviceRefused("station", Code.STATION_REQUEST, "no such face")
        self.face = name
        self.fresh.set()
        return {}

    async def _watch(self) -> None:
        with suppress(OSError, TimeoutError):
            while True:
                self.fresh.clear()
                newest = self._newest.get(self.face)
                if newest is not None:
                    await self._send(Event("snapshot", snapshot_to_json(newest)))
                    await asyncio.sleep(INTERVAL_S)
                await self.fresh.wait()
        self._writer.close()

    async def _send(self, message: Message) -> None:
        self._writer.write(encode(message))
        async with asyncio.timeout(SEND_S):
            await self._writer.drain()


# --- the other side ---------------------------------------------------------------------------------


class StationClient:
    """Speaks to a running station."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._last = 0
        self._newest: Snapshot | None = None
        self._fresh = asyncio.Event()
        self._gone: DeviceError | None = None
        self._reading = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def connect(cls, path: Path, *, face: str = "") -> "StationClient":
        """Knock, and turn to a face of the station, its first one unless another is named.

        Raises:
            DeviceUnavailable: station.absent, no station runs there.
            DeviceRefused: it has no such face, or lets nobody in.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(path, limit=EVENT_LIMIT)
        except OSError as error:
            raise DeviceUnavailable("station", Code.STATION_ABSENT, error.strerror or "") from None
        client = cls(reader, writer)
        if face:
            try:
                await client.request("face", {"name": face})
            except BaseException:
                await client.close()
                raise
        return client

    async def request(
        self, name: str, args: Mapping[str, Any] | None = None, *, timeout_s: float = 10.0
    ) -> Mapping[str, Any]:
        """Ask, and wait for the answer.

        Raises:
            DeviceRefused: the station said no, with its code.
            DeviceTimeout: it said nothing.
            DeviceUnavailable: station.absent, it ended.
        """
        self._last += 1
        id = self._last
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[id] = answer
        try:
            async with asyncio.timeout(timeout_s):
                reply = await self._ask(Request(id, name, args or {}), answer)
        except TimeoutError:
            raise DeviceTimeout("station", Code.WIRE_SILENT, name) from None
        finally:
            del self._waiting[id]
        if not reply.ok:
            raise _refusal(reply)
        return reply.result

    async def snapshot(self) -> Snapshot | None:
        """What the station shows now; None before its first step."""
        found = (await self.request("snapshot"))["snapshot"]
        return None if found is None else _snapshot(found)

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """The present snapshot and each new one. Slow readers skip to the newest.

        Raises:
            DeviceUnavailable: station.absent, when the station ends.
        """
        await self.request("watch")
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            if self._newest is not None:
                newest, self._newest = self._newest, None
                yield newest
            elif self._gone is not None:
                raise self._gone

    async def ended(self) -> None:
        """Wait until the station has closed the door."""
        await asyncio.wait([self._reading])

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _ask(self, request: Request, answer: "asyncio.Future[Reply]") -> Reply:
        if self._gone is not None:
            raise self._gone
        try:
            self._writer.write(encode(request))
            await self._writer.drain()
        except OSError:
            pass  # the reader tells why
        return await answer

    async def _read(self) -> None:
        try:
            while line := await self._reader.readline():
                self._take(decode(line))
            self._end(DeviceUnavailable("station", Code.STATION_ABSENT, "the station ended"))
        except DeviceError as error:
            self._end(error)
        except (OSError, ValueError):
            self._end(DeviceUnavailable("station", Code.STATION_ABSENT, "the line broke"))

    def _take(self, message: Message) -> None:
        match message:
            case Reply(id=0):
                raise _refusal(message)
            case Reply():
                answer = self._waiting.get(message.id)
                if answer is not None and not answer.done():
                    answer.set_result(message)
            case Event(name="snapshot"):
                self._newest = _snapshot(message.data)
                self._fresh.set()
            case Event() | Request():
                pass

    def _end(self, why: DeviceError) -> None:
        self._gone = why
        self._fresh.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(why)


def _refused(id: int, error: DeviceError) -> Reply:
    return Reply(id, False, {"code": error.code.value, "what": error.detail})


def _refusal(reply: Reply) -> DeviceError:
    try:
        code = Code(reply.result.get("code", ""))
    except ValueError:
        code = Code.BUG
    return DeviceRefused("station", code, str(reply.result.get("what", "")))


def _snapshot(data: Mapping[str, Any]) -> Snapshot:
    try:
        return snapshot_from_json(dict(data))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise RemoteProtocolError("station", Code.WIRE_UNEXPECTED, str(error)[:80]) from None
