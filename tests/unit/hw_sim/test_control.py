"""The control socket: every request answered, in order, and what happens told to whoever subscribed."""

import asyncio
import contextlib
import json
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from hw_sim.control import LONGEST_LINE, MOST_UNREAD, Control
from hw_sim.scenario import load
from hw_sim.stage import Stage


class Hand:
    """A client of the control socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, **request: object) -> dict[str, Any]:
        await self.say(json.dumps({"v": 1, "id": 1, **request}).encode() + b"\n")
        return await self.hear()

    async def say(self, line: bytes) -> None:
        self.writer.write(line)
        await self.writer.drain()

    async def hear(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(await self.reader.readline())
        assert answer["v"] == 1
        return answer


@asynccontextmanager
async def _hand(directory: Path | None, hands: int = 1) -> AsyncIterator[list[Hand]]:
    stage = Stage(load("first-loan"))
    control = Control(stage)
    await control.start(directory / "control.sock" if directory else None)
    try:
        async with asyncio.timeout(20):
            found = []
            for _ in range(hands):
                if control.address.startswith("unix:"):
                    streams = await asyncio.open_unix_connection(control.address[5:])
                else:
                    host, port = control.address.split(":")
                    streams = await asyncio.open_connection(host, int(port))
                found.append(Hand(*streams))
            yield found
            for hand in found:
                hand.writer.close()
                await hand.writer.wait_closed()
    finally:
        await control.close()
        await stage.close()


async def test_requests_are_answered_in_order(tmp_path: Path) -> None:
    async with _hand(tmp_path) as (hand,):
        await hand.say(
            b'{"v":1,"id":1,"do":"lay","items":["3846646425"]}\n'
            b'{"v":1,"id":"two","do":"dance"}\n\n'
            b'{"v":1,"id":3,"do":"lift"}\n'
        )
        first, second, third = [await hand.hear() for _ in range(3)]
        assert (first["id"], first["ok"]) == (1, True)
        assert len(first["result"]["uids"]) == 1
        assert (second["id"], second["ok"]) == ("two", False)
        assert "subscribe" in second["error"]
        assert (third["id"], third["ok"]) == (3, True)


async def test_nonsense_is_answered_too(tmp_path: Path) -> None:
    async with _hand(tmp_path) as (hand,):
        for line in (b"{\n", b"[1]\n", b'{"v":2,"id":9,"do":"hello"}\n', b'{"v":1}\n', b"\xff\n"):
            await hand.say(line)
            answer = await hand.hear()
            assert answer["ok"] is False
            assert answer["error"]
        assert (await hand.ask(do="hello"))["ok"] is True


async def test_a_line_without_end_is_hung_up_on(tmp_path: Path) -> None:
    async with _hand(tmp_path) as (hand,):
        await hand.say(b"x" * (LONGEST_LINE + 1))
        assert await hand.reader.read() == b""


async def test_an_answer_may_be_longer_than_what_may_stand_unread(tmp_path: Path) -> None:
    stage = Stage(load("first-loan"))
    control = Control(stage)
    long = "x" * (2 * MOST_UNREAD)

    async def tell_much() -> dict[str, object]:
        return {"much": long}

    stage.verbs = {**stage.verbs, "much": tell_much}
    await control.start(tmp_path / "control.sock")
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_unix_connection(
            control.address.removeprefix("unix:"), limit=4 * MOST_UNREAD
        )
        hand = Hand(reader, writer)
        assert (await hand.ask(do="much"))["result"] == {"much": long}
        assert (await hand.ask(do="hello"))["ok"] is True
        writer.close()
        await writer.wait_closed()
    await control.close()
    await stage.close()


async def test_who_does_not_read_what_happens_is_hung_up_on(tmp_path: Path) -> None:
    stage = Stage(load("first-loan"))
    control = Control(stage)
    await control.start(tmp_path / "control.sock")
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_unix_connection(control.address.removeprefix("unix:"))
        hand = Hand(reader, writer)
        assert (await hand.ask(do="subscribe"))["ok"] is True
        told = 40
        for _ in range(told):
            stage.world.tell("torn", mm="x" * (MOST_UNREAD // 10))
        with contextlib.suppress(ConnectionError):
            assert len(await reader.read(-1)) < told * MOST_UNREAD // 10
        writer.close()
    await control.close()
    await stage.close()


async def test_the_truth_of_one_device_is_asked_for_alone(tmp_path: Path) -> None:
    async with _hand(tmp_path) as (hand,):
        whole = (await hand.ask(do="truth"))["result"]
        assert (await hand.ask(do="truth", device="pad"))["result"] == whole["devices"]["pad"]
        assert "no device" in (await hand.ask(do="truth", device="belt"))["error"]


async def test_subscribers_hear_what_others_do(tmp_path: Path) -> None:
    async with _hand(tmp_path, hands=2) as (watcher, hand):
        assert (await watcher.ask(do="subscribe"))["ok"] is True
        await hand.ask(do="lay", items=["3846646425"])
        event = await watcher.hear()
        assert (event["event"], event["items"]) == ("laid", ["3846646425"])
        await hand.ask(do="fault", device="pad", verb="mute")
        assert (await watcher.hear())["event"] == "fault"


async def test_without_a_path_it_listens_on_loopback() -> None:
    async with _hand(None) as (hand,):
        assert (await hand.ask(do="truth"))["result"]["world"]["items"]


async def test_only_the_owner_may_open_the_socket(tmp_path: Path) -> None:
    async with _hand(tmp_path) as (hand,):
        assert (await hand.ask(do="hello"))["ok"] is True
        mode = os.stat(tmp_path / "control.sock").st_mode
        assert stat.S_IMODE(mode) == 0o600
    assert os.listdir(tmp_path) == []
