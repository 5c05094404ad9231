"""The panel's way to the line, over real sockets: it finds it, loses it, finds it again, and believes nothing strange."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.texts import Catalogue, text, verbatim
from drivers.errors import Code, DeviceRefused
from drivers.service import link
from drivers.service.link import MOST_GUESTS, StationClient, serve_link
from drivers.service.view import Snapshot, screen_from_json, screen_to_json, snapshot_to_json
from tests.snapshots import plant
from ui import following
from ui.panel import face, screens
from ui.panel.face import Contact
from ui.panel.following import Answered, Following, Heard, Lost, Told
from ui.panel.vetted import Vetting

CATALOGUE = Catalogue.load()
PICTURE = plant.line(plant.PLANT, plant.RUNNING)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AGAIN_S", 0.02)
    monkeypatch.setattr(following, "BEAT_S", 0.02)


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ims") as short:
        yield Path(short) / "station.sock"


@dataclass
class Line:
    """A line that answers, and that can be made to hang."""

    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    hangs: bool = False

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        if self.hangs:
            await asyncio.Event().wait()
        if name != "touch":
            self.asked.append((name, args))
        if args.get("action") == "no":
            raise DeviceRefused("station", Code.STATION_REQUEST, "no")
        return {"done": name}

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        told(Snapshot(1, PICTURE))
        return lambda: None


@dataclass
class Hostile:
    """An open door of another's making."""

    server: asyncio.Server
    writers: list[asyncio.StreamWriter]

    async def close(self) -> None:
        self.server.close()
        for writer in self.writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@dataclass
class Panel:
    """What a panel heard."""

    way: Following
    told: list[Told]
    task: "asyncio.Task[None]"

    async def leave(self) -> None:
        """Before the door shuts: nobody knocks at one that is closing."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        for _ in range(5):
            await asyncio.sleep(0)

    async def until(self, what: Callable[[Told], bool]) -> Told:
        async with asyncio.timeout(20):
            while True:
                for one in self.told:
                    if what(one):
                        return one
                await asyncio.sleep(0.01)


@pytest.fixture
async def panel(path: Path) -> AsyncIterator[Panel]:
    told: list[Told] = []
    way = Following(path, CATALOGUE, told.append)
    task = asyncio.get_running_loop().create_task(way.run())
    panel = Panel(way, told, task)
    yield panel
    await panel.leave()


def picture(told: Told) -> bool:
    return isinstance(told, Heard) and told.screen is not None


def lost(why: Contact) -> Callable[[Told], bool]:
    return lambda told: told == Lost(why)


async def test_it_waits_for_a_line_shows_it_and_says_when_it_has_gone(
    path: Path, panel: Panel
) -> None:
    await panel.until(lost(Contact.GONE))
    server = await serve_link(path, Line())
    heard = await panel.until(picture)
    assert isinstance(heard, Heard)
    assert heard.screen == PICTURE
    await panel.until(lambda told: told == Heard())  # a sign of life, though nothing changed
    await server.close()
    panel.told.clear()
    await panel.until(lost(Contact.GONE))
    server = await serve_link(path, Line())
    await panel.until(picture)
    await panel.leave()
    await server.close()


async def test_a_line_that_hangs_gives_no_sign_of_life(path: Path, panel: Panel) -> None:
    line = Line()
    server = await serve_link(path, line)
    await panel.until(lambda told: told == Heard())
    line.hangs = True
    await asyncio.sleep(0.2)  # what was under way has arrived
    before = len(panel.told)
    await asyncio.sleep(0.2)
    assert len(panel.told) == before
    await panel.leave()
    await server.close()


async def test_requests_are_answered_refused_or_silent(
    path: Path, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.way.ask("press", {"action": "belt.stop"})
    refused = Answered("press", {}, Code.STATION_ABSENT.value)
    assert await panel.until(lambda told: isinstance(told, Answered)) == refused
    panel.told.clear()
    line = Line()
    server = await serve_link(path, line)
    await panel.until(picture)
    panel.way.ask("press", {"action": "belt.stop"})
    assert await panel.until(lambda told: isinstance(told, Answered)) == Answered(
        "press", {"done": "press"}
    )
    assert line.asked == [("press", {"action": "belt.stop"})]
    panel.told.clear()
    panel.way.ask("press", {"action": "no"})
    assert await panel.until(lambda told: isinstance(told, Answered)) == Answered(
        "press", {}, Code.STATION_REQUEST.value
    )
    panel.told.clear()
    monkeypatch.setattr(following, "ANSWER_S", 0.05)
    line.hangs = True
    panel.way.ask("press", {"action": "belt.stop"})
    silent = await panel.until(lambda told: isinstance(told, Answered))
    assert isinstance(silent, Answered)
    assert silent.silent
    await panel.leave()
    await server.close()


async def test_too_many_guests_is_said(path: Path, panel: Panel) -> None:
    server = await serve_link(path, Line())
    await panel.until(picture)
    guests = [await StationClient.connect(path) for _ in range(MOST_GUESTS - 1)]
    late = Following(path, CATALOGUE, panel.told.append)
    task = asyncio.get_running_loop().create_task(late.run())
    await panel.until(lost(Contact.FULL))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for guest in guests:
        await guest.close()
    await panel.leave()
    await server.close()


# --- a hostile picture ------------------------------------------------------------------------------

Damage = Callable[[dict[str, Any]], object]
DAMAGES: dict[str, Damage] = {
    "another version": lambda s: s.update(version=99),
    "no screen": lambda s: s.pop("screen"),
    "a screen of another shape": lambda s: s["screen"].update(body={"kind": "belt"}),
    "a kiosk's screen": lambda s: s.update(
        screen=screen_to_json(replace(PICTURE, body=plant.away().body))
    ),
    "words that nobody knows": lambda s: s["screen"]["body"]["state"].update(key="no.such"),
    "words without a key": lambda s: s["screen"]["body"].update(state={}),
    "words that are none": lambda s: s["screen"]["body"].update(state=7),
    "wrong arguments": lambda s: s["screen"]["body"].update(
        state=text("sorter.lies", n=verbatim("x")).to_json()
    ),
    "endless words": lambda s: s["screen"]["body"].update(state=verbatim("x" * 5000).to_json()),
    "two bins of one name": lambda s: s["screen"]["body"]["bins"].append(
        s["screen"]["body"]["bins"][0]
    ),
    "two items of one name": lambda s: s["screen"]["body"]["items"].append(
        s["screen"]["body"]["items"][0]
    ),
    "an action twice": lambda s: s["screen"]["actions"].append(s["screen"]["actions"][0]),
    "a belt to the moon": lambda s: s["screen"]["body"].update(length_mm=10**12),
    "an item nowhere": lambda s: s["screen"]["body"]["items"][0].update(front_mm=-(10**9)),
    "a thousand bins": lambda s: s["screen"]["body"].update(
        bins=[{**s["screen"]["body"]["bins"][0], "id": str(n)} for n in range(1000)]
    ),
    "a mark that there is not": lambda s: s["screen"]["body"]["items"][0].update(mark="boom"),
}


def nested(deep: int) -> Any:
    data: Any = {"key": "verbatim", "args": {"value": {"type": "str", "value": "x"}}}
    for _ in range(deep):
        data = {"key": "assist.on", "args": {"what": {"type": "text", **data}}}
    return data


DAMAGES["words in words in words"] = lambda s: s["screen"]["body"].update(state=nested(400))


async def hostile(path: Path, data: dict[str, Any]) -> Hostile:
    """A line that speaks the protocol of the door, and sends what it likes."""
    writers: list[asyncio.StreamWriter] = []

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while line := await reader.readline():
            asked = json.loads(line)
            reply = {"v": 1, "type": "reply", "id": asked["id"], "ok": True, "result": {}}
            writer.write(json.dumps(reply).encode() + b"\n")
            if asked["name"] == "watch":
                event = {"v": 1, "type": "event", "name": "snapshot", "data": data}
                writer.write(json.dumps(event).encode() + b"\n")

    return Hostile(await asyncio.start_unix_server(enter, path), writers)


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_picture_that_is_not_understood_is_said_and_not_shown(
    damage: str, path: Path, panel: Panel
) -> None:
    data = snapshot_to_json(Snapshot(1, PICTURE))
    DAMAGES[damage](data)
    line = await hostile(path, data)
    await panel.until(lost(Contact.STRANGE))
    assert not any(picture(told) for told in panel.told)
    await line.close()
    panel.told.clear()
    honest = await serve_link(path, Line())
    await panel.until(picture)
    await panel.leave()
    await honest.close()


@pytest.mark.parametrize("name", ["", "inlet"])
async def test_a_line_of_another_version_is_not_called_absent(
    name: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = link.encode
    newer = b'"v":%d' % (link.VERSION + 1)
    monkeypatch.setattr(link, "encode", lambda message: encode(message).replace(b'"v":1', newer, 1))
    line = await serve_link(path, Line(), faces={"inlet": Line()})
    told: asyncio.Queue[following.Told] = asyncio.Queue()
    way = following.Following(path, told.put_nowait, face=name)
    task = asyncio.get_running_loop().create_task(way.run())
    async with asyncio.timeout(20):
        first = [await told.get() for _ in range(3)]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert first == [following.Lost(following.Gone.STRANGE)] * 3
    await line.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_takes_the_place_of_one_value_is_refused_or_can_be_shown(
    data: st.DataObject,
) -> None:
    """One value of a true picture is exchanged. What the vetting lets through has words for all of it."""
    picture = screen_to_json(PICTURE)
    at: Any = picture
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            break
        at = at[key]
    at[key] = data.draw(JSON)
    try:
        screen = screen_from_json(picture)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return  # the client of the door says so
    if Vetting(CATALOGUE).objection(screen):
        return
    for action in screen.actions:
        CATALOGUE.say(action.label, "ar")
    screens.screen(face.heard(plant.on(), screen, plant.MORNING), "x", "y")
