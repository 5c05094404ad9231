"""A station file that names what cannot be is answered in a line, with a window as without."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner

import ui.cli
from config.load import load_text
from drivers.errors import Code, DeviceUnavailable
from drivers.store import engine, space
from drivers.store.sealed import SealKey
from hw_sim.simloop import run
from kiosk.station import Kiosk
from tests.simulation.rig import CATALOGUE, STATION
from ui import running as running_module
from ui.running import Running

KEY = "00" * 32


def started(
    text: str, directory: Path, monkeypatch: pytest.MonkeyPatch, *options: str
) -> tuple[int, str]:
    monkeypatch.setenv("IMS_TEST_KEY", KEY)
    monkeypatch.setenv("IMS_TEST_LIBRARY_PASSWORD", "not-a-secret")
    file = directory / "station.toml"
    keyed = text.replace(
        'kind = "kiosk"', 'kind = "kiosk"\nseal_key = { environment = "IMS_TEST_KEY" }'
    )
    file.write_text(keyed, encoding="utf-8")
    words = ["kiosk", "--station", str(file), "--state", str(directory / "state"), *options]
    done = CliRunner().invoke(ui.cli.app, words, prog_name="ims")
    return done.exit_code, done.output


@pytest.mark.parametrize("options", [(), ("--no-window",)])
@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('driver = "feig"', 'driver = "nosuch"', "nosuch"),
        ("IMS_TEST_LIBRARY_PASSWORD", "IMS_TEST_NOWHERE", "IMS_TEST_NOWHERE"),
        ('name = "Automat 2"', 'name = "Automat 2"\ntime_zone = "Mars/Olympus"', "time_zone"),
        ("[nearest]", '[security]\nitem_pattern = "[0-9"\n[nearest]', "item_pattern"),
        ("[nearest]", '[lending]\ncard_pattern = "(("\n[nearest]', "card_pattern"),
        ("[nearest]", '[lending]\nhold_advice = "up"\n[nearest]', "hold_advice"),
    ],
)
def test_what_cannot_be_is_named(
    right: str,
    wrong: str,
    named: str,
    options: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, said = started(STATION.replace(right, wrong), tmp_path, monkeypatch, *options)
    assert code == 2, said
    assert named in said
    assert "Traceback" not in said


def test_a_disk_that_takes_nothing_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = [space.Room.OUT, space.Room.OUT, space.Room.ENOUGH]
    told: list[Code | None] = []

    async def write(_: Any) -> None:
        if len(rooms) == 2:
            raise DeviceUnavailable("store", Code.STORE_FULL)

    async def whole() -> None:
        running = object.__new__(Running)
        running._lock = cast(Any, SimpleNamespace(directory=tmp_path))
        running._store = cast(Any, SimpleNamespace(write=write, boot=None))
        house = asyncio.create_task(
            running._keep_house(cast(Kiosk, SimpleNamespace(store_health=told.append)))
        )
        await asyncio.sleep(150)
        house.cancel()
        await asyncio.gather(house, return_exceptions=True)

    monkeypatch.setattr(space, "lay_ballast", lambda _: True)
    monkeypatch.setattr(space, "room", lambda _: rooms.pop(0))
    run(whole())
    assert told == [Code.STORE_FULL, Code.STORE_FULL, None]


def test_a_full_disk_gives_up_its_ballast_so_that_the_station_can_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ballast").write_bytes(b"")
    opened: list[bool] = []
    whole = engine.open_store

    def open_store(*args: Any, **more: Any) -> Any:
        opened.append((tmp_path / "ballast").exists())
        if opened[-1]:
            raise DeviceUnavailable("store", Code.STORE_BROKEN, "SQLITE_IOERR")
        return whole(*args, **more)

    monkeypatch.setattr(running_module, "open_store", open_store)
    monkeypatch.setattr(space, "room", lambda _: space.Room.OUT)
    running = Running(
        load_text(STATION).station, catalogue=CATALOGUE, state=tmp_path, key=SealKey(bytes(32))
    )
    asyncio.run(running._store.close())
    running.stop()
    assert opened == [True, False]
