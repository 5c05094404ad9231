"""The inlet's window on a real door: what the line shows stands there, what is pressed goes back, and its end changes nothing."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from config.screen import ScreenTable
from config.texts import LANGUAGES
from drivers.errors import Code, DeviceRefused
from drivers.service.link import LinkServer, serve_link
from drivers.service.view import Snapshot
from drivers.store.lock import socket_in
from sorter.inlet import acts, view
from sorter.inlet.gate import Why
from tests.unit.sorter_inlet.play import CATALOGUE, NOW, STATION, Play, book
from ui.inlet import InletRun


class Face:
    """An inlet behind the door: a flow that is stepped by what is asked."""

    def __init__(self) -> None:
        self.play = Play()
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self._told: list[Callable[[Snapshot], None]] = []
        self._serial = 0

    def snapshot(self) -> Snapshot:
        self._serial += 1
        return Snapshot(self._serial, view.screen(self.play.state, STATION, LANGUAGES, NOW, NOW))

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        self._told.append(told)
        told(self.snapshot())
        return lambda: self._told.remove(told)

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((name, args))
        if name == "press":
            self.play.put(acts.Pressed(args["action"]))
            self.tell()
        return {}

    def tell(self) -> None:
        for told in tuple(self._told):
            told(self.snapshot())


class Nothing:
    """A line whose first face nobody may see here."""

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        del told
        return lambda: None

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        raise DeviceRefused("station", Code.STATION_REQUEST, "not here")


class Door:
    """A door in a thread of its own."""

    def __init__(self, state: Path) -> None:
        self._path = socket_in(state)
        self.face = Face()
        self._loop = asyncio.new_event_loop()
        self._server: LinkServer | None = None
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def do(self, what: Callable[[], None]) -> None:
        async def in_loop() -> None:
            what()

        asyncio.run_coroutine_threadsafe(in_loop(), self._loop).result(10)

    def open(self) -> None:
        async def opened() -> None:
            self._server = await serve_link(self._path, Nothing(), faces={"inlet": self.face})

        asyncio.run_coroutine_threadsafe(opened(), self._loop).result(10)

    def shut(self) -> None:
        async def closed() -> None:
            if self._server is not None:
                await self._server.close()

        asyncio.run_coroutine_threadsafe(closed(), self._loop).result(10)

    def end(self) -> None:
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    door = Door(tmp_path)
    yield door
    door.end()


@pytest.fixture
def run(tmp_path: Path, qapp: object) -> Iterator[InletRun]:
    del qapp
    run = InletRun(
        STATION, CATALOGUE, tmp_path, screen=ScreenTable(width=1080, height=1920), still=True
    )
    yield run
    run.stop()


def stands(run: InletRun, name: str) -> Callable[[], bool]:
    return lambda: run.shown is not None and run.shown.name == name


def test_it_follows_the_face_and_sends_presses_back(
    run: InletRun, door: Door, qtbot: QtBot
) -> None:
    door.open()
    run.start()
    qtbot.waitUntil(stands(run, "inlet_start"), timeout=10_000)
    door.do(lambda: door.face.play.drop(book(1), title="Lykke-Per"))  # type: ignore[arg-type]
    door.do(door.face.tell)
    qtbot.waitUntil(stands(run, "inlet"), timeout=10_000)
    run.press("finish.none")
    qtbot.waitUntil(stands(run, "inlet_end"), timeout=10_000)


def test_what_shows_that_the_line_lives_is_no_touch(
    run: InletRun, door: Door, qtbot: QtBot
) -> None:
    door.open()
    run.start()
    qtbot.waitUntil(lambda: len(door.face.asked) >= 3, timeout=10_000)
    assert {name for name, _ in door.face.asked} == {"status"}


def test_without_a_line_it_says_where_else_and_comes_back_by_itself(
    run: InletRun, door: Door, qtbot: QtBot
) -> None:
    assert stands(run, "inlet_away")()
    assert run.shown is not None
    assert any(words.key == "closed.nearest" for words in run.shown.spoken)
    run.start()
    door.open()
    qtbot.waitUntil(stands(run, "inlet_start"), timeout=10_000)
    door.shut()
    qtbot.waitUntil(stands(run, "inlet_away"), timeout=10_000)
    door.open()
    qtbot.waitUntil(stands(run, "inlet_start"), timeout=10_000)


def test_the_end_of_the_window_changes_nothing(run: InletRun, door: Door, qtbot: QtBot) -> None:
    door.open()
    door.do(lambda: door.face.play.put(acts.GaveBack(asked=False)))
    door.do(door.face.tell)
    run.start()
    qtbot.waitUntil(stands(run, "inlet_refused"), timeout=10_000)
    before = door.face.play.state
    run.window.window.close()
    door.do(lambda: None)
    assert door.face.play.state == before
    assert before.refused is Why.UNREAD
