"""The door into a running station, over a real Unix socket."""

import asyncio
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.texts import verbatim
from drivers.errors import (
    Code,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.service import link
from drivers.service.link import (
    Event,
    LinkServer,
    Message,
    Reply,
    Request,
    StationClient,
    decode,
    encode,
    serve_link,
)
from drivers.service.view import MessageBody, Screen, Snapshot, TimeClass

SCREEN = Screen(
    name="start",
    title=verbatim("Borgernes Hus"),
    body=MessageBody(lines=()),
    time_class=TimeClass.REST,
)
FIRST = Snapshot(serial=1, screen=SCREEN, devices=(("pad", "ready"),), library="online")


@dataclass
class Station:
    """Answers, and publishes what the test tells it to."""

    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    listeners: list[Callable[[Snapshot], None]] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((name, args))
        if self.gate is not None:
            await self.gate.wait()
        match name:
            case "press" if args.get("action") == "gone":
                raise DeviceRefused("station", Code.STATION_REQUEST, "no such action")
            case "press" if args.get("action") == "bug":
                raise ZeroDivisionError("3002991234")
        return {"name": name}

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        self.listeners.append(told)
        told(FIRST)
        return lambda: self.listeners.remove(told)

    def publish(self, serial: int) -> None:
        for told in self.listeners:
            told(replace(FIRST, serial=serial))


@pytest.fixture
def socket_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ims") as short:
        yield Path(short) / "station.sock"


@dataclass
class Open:
    station: Station
    server: LinkServer
    client: StationClient


@pytest.fixture
async def opened(socket_path: Path) -> Any:
    station = Station()
    server = await serve_link(socket_path, station)
    client = await StationClient.connect(socket_path)
    yield Open(station, server, client)
    await client.close()
    await server.close()
    assert station.listeners == []
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in rest if "link" in repr(task.get_coro())]


NAMES = st.text(max_size=8)
ARGS = st.dictionaries(
    NAMES, st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()), max_size=3
)
IDS = st.integers(0, 2**40)
MESSAGES = (
    st.builds(Request, IDS, NAMES, ARGS)
    | st.builds(Reply, IDS, st.booleans(), ARGS)
    | st.builds(Event, NAMES, ARGS)
)


@given(MESSAGES)
@settings(max_examples=200, deadline=None)
def test_a_message_is_one_line_and_comes_back(message: Message) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode(line) == message


def test_the_words_of_the_protocol_stand() -> None:
    assert encode(Request(1, "press", {"action": "borrow"})) == (
        b'{"v":1,"type":"request","id":1,"name":"press","args":{"action":"borrow"}}\n'
    )
    assert encode(Reply(1, True, {})) == b'{"v":1,"type":"reply","id":1,"ok":true,"result":{}}\n'
    assert encode(Reply(1, False, {"code": "bug"})) == (
        b'{"v":1,"type":"reply","id":1,"ok":false,"error":{"code":"bug"}}\n'
    )
    assert encode(Event("snapshot", {})) == b'{"v":1,"type":"event","name":"snapshot","data":{}}\n'


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello\n",
        b"[]\n",
        b"{}\n",
        b"\xff\n",
        b'{"v":1}\n',
        b'{"v":1,"type":"request","id":"1","name":"press","args":{}}\n',
        b'{"v":1,"type":"reply","id":1,"ok":1,"result":{}}\n',
        b"[" * 100_000,
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as wrong:
        decode(line)
    assert wrong.value.code is Code.WIRE_GARBLED


def test_another_version_is_refused_by_name() -> None:
    with pytest.raises(RemoteProtocolError) as wrong:
        decode(b'{"v":2,"type":"event","name":"snapshot","data":{}}\n')
    assert (wrong.value.code, wrong.value.detail) == (Code.STATION_VERSION, "version 2, this is 1")


async def test_requests_are_answered(opened: Open) -> None:
    assert await opened.client.request("press", {"action": "borrow"}) == {"name": "press"}
    assert await opened.client.request("status") == {"name": "status"}
    assert opened.station.asked == [("press", {"action": "borrow"}), ("status", {})]
    assert await opened.client.snapshot() == FIRST


async def test_a_refusal_keeps_its_code_and_a_bug_tells_only_its_kind(opened: Open) -> None:
    with pytest.raises(DeviceRefused) as refused:
        await opened.client.request("press", {"action": "gone"})
    assert (refused.value.code, refused.value.detail) == (Code.STATION_REQUEST, "no such action")
    with pytest.raises(DeviceRefused) as bug:
        await opened.client.request("press", {"action": "bug"})
    assert (bug.value.code, bug.value.detail) == (Code.BUG, "ZeroDivisionError")
    with pytest.raises(DeviceRefused) as unknown:
        await opened.client.request("dance")
    assert unknown.value.code is Code.STATION_REQUEST
    assert await opened.client.request("status") == {"name": "status"}


async def test_a_listener_gets_the_present_snapshot_then_only_the_newest(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "INTERVAL_S", 0.02)
    seen: list[int] = []
    async for snapshot in opened.client.snapshots():
        seen.append(snapshot.serial)
        if snapshot.serial == 1:
            for serial in range(2, 500):
                opened.station.publish(serial)
        if snapshot.serial == 499:
            break
    assert seen == [1, 499]


async def test_at_most_ten_a_second(opened: Open) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    seen = 0
    async for snapshot in opened.client.snapshots():
        seen += 1
        opened.station.publish(snapshot.serial + 1)
        if seen == 4:
            break
    assert loop.time() - began >= 3 * link.INTERVAL_S * 0.9
    assert link.INTERVAL_S == 0.1


async def test_two_guests_are_served_apart(opened: Open, socket_path: Path) -> None:
    other = await StationClient.connect(socket_path)
    opened.station.gate = asyncio.Event()
    slow = asyncio.create_task(opened.client.request("status"))
    assert await other.snapshot() == FIRST
    opened.station.gate.set()
    assert await slow == {"name": "status"}
    await other.close()


async def test_a_station_that_is_silent_or_ends_is_told(opened: Open) -> None:
    opened.station.gate = asyncio.Event()
    with pytest.raises(DeviceTimeout):
        await opened.client.request("status", timeout_s=0.01)
    waiting = asyncio.create_task(opened.client.request("status"))
    await asyncio.sleep(0)
    await opened.server.close()
    with pytest.raises(DeviceUnavailable) as gone:
        await waiting
    assert gone.value.code is Code.STATION_ABSENT
    await opened.client.ended()
    with pytest.raises(DeviceUnavailable):
        await opened.client.request("status")
    with pytest.raises(DeviceUnavailable):
        async for _ in opened.client.snapshots():
            pass


async def test_the_socket_is_its_owners_alone_and_goes_with_the_station(
    opened: Open, socket_path: Path
) -> None:
    assert mode(socket_path) == 0o600
    await opened.server.close()
    with pytest.raises(DeviceUnavailable) as absent:
        await StationClient.connect(socket_path)
    assert absent.value.code is Code.STATION_ABSENT


async def test_another_user_is_turned_away(socket_path: Path) -> None:
    station = Station()
    server = await serve_link(socket_path, station, uid_of=lambda _: os.getuid() + 1)
    client = await StationClient.connect(socket_path)
    with pytest.raises((DeviceRefused, DeviceUnavailable)) as refused:
        await client.request("status")
    assert refused.value.code in {Code.PORT_DENIED, Code.STATION_ABSENT}
    assert station.asked == []
    await client.ended()
    await client.close()
    await server.close()


async def test_our_own_uid_is_what_the_kernel_says(socket_path: Path) -> None:
    seen: list[int] = []

    def look(sock: Any) -> int:
        seen.append(link.peer_uid(sock))
        return seen[-1]

    server = await serve_link(socket_path, Station(), uid_of=look)
    client = await StationClient.connect(socket_path)
    await client.request("status")
    assert seen == [os.getuid()]
    await client.close()
    await server.close()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"hello\n", Code.WIRE_GARBLED),
        (b'{"v":2}\n', Code.STATION_VERSION),
        (b'{"v":"' + b"x" * 1000 + b'"}\n', Code.STATION_VERSION),
        (b"x" * (link.REQUEST_LIMIT * 2), Code.WIRE_GARBLED),
        (encode(Event("e", {})), Code.WIRE_UNEXPECTED),
    ],
)
async def test_a_guest_that_breaks_the_protocol_is_told_and_let_go_and_the_rest_go_on(
    opened: Open, socket_path: Path, line: bytes, code: Code
) -> None:
    reader, writer = await asyncio.open_unix_connection(socket_path)
    writer.write(line)
    said = decode(await reader.readline())
    assert isinstance(said, Reply)
    assert (said.id, said.ok, said.result["code"]) == (0, False, code.value)
    assert len(said.result["what"]) < 100
    assert await reader.read() == b""
    writer.close()
    assert await opened.client.request("status") == {"name": "status"}


async def test_no_more_guests_than_there_is_room_for(opened: Open, socket_path: Path) -> None:
    guests = [await StationClient.connect(socket_path) for _ in range(link.MOST_GUESTS)]
    for guest in guests[:-1]:
        await guest.request("status")
    with pytest.raises((DeviceRefused, DeviceUnavailable)):
        await guests[-1].request("status")
    for guest in guests:
        await guest.close()


async def test_who_only_holds_a_place_is_let_go(
    opened: Open, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "QUIET_S", 0.05)
    listener = await StationClient.connect(socket_path)
    shown = listener.snapshots()
    assert (await anext(shown)).serial == 1
    silent = [await StationClient.connect(socket_path) for _ in range(link.MOST_GUESTS - 2)]
    for guest in silent:
        await guest.ended()
        await guest.close()
    monkeypatch.setattr(link, "QUIET_S", 60.0)
    late = await StationClient.connect(socket_path)
    assert await late.request("status")
    await late.close()
    opened.station.publish(2)
    assert (await anext(shown)).serial == 2
    await listener.close()


async def test_who_has_gone_keeps_no_place_while_what_was_asked_for_is_done(
    socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "LOOK_S", 0.01)
    station = Station()
    server = await serve_link(socket_path, station)
    stuck = station.gate = asyncio.Event()
    for _ in range(3 * link.MOST_GUESTS):
        client = await StationClient.connect(socket_path)
        with pytest.raises(DeviceTimeout):
            await client.request("press", {"action": "borrow"}, timeout_s=0.05)
        await client.close()
        await asyncio.gather(*server._guests)
    assert len(server._under_way) == 3 * link.MOST_GUESTS
    stuck.set()
    await asyncio.gather(*server._under_way)
    assert len(station.asked) == 3 * link.MOST_GUESTS
    await server.close()


async def test_who_only_asks_nothing_more_is_answered(
    opened: Open, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "LOOK_S", 0.001)
    opened.station.gate = asyncio.Event()
    reader, writer = await asyncio.open_unix_connection(socket_path)
    writer.write(encode(Request(1, "status", {})))
    writer.write_eof()
    await asyncio.sleep(0.05)
    opened.station.gate.set()
    assert decode(await reader.readline()) == Reply(1, True, {"name": "status"})
    writer.close()


async def test_a_path_that_no_socket_can_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailable) as wrong:
        await serve_link(tmp_path / ("x" * 120), Station())
    assert wrong.value.code is Code.PORT_BAD_URL
    with pytest.raises(DeviceUnavailable):
        await serve_link(tmp_path / "none" / "s", Station())


async def test_a_socket_that_a_killed_station_left_is_replaced(socket_path: Path) -> None:
    left = await serve_link(socket_path, Station())
    assert left._server is not None
    left._server.close()
    server = await serve_link(socket_path, Station())
    client = await StationClient.connect(socket_path)
    assert await client.request("status") == {"name": "status"}
    await client.close()
    await server.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
