"""`ims staff` on the database of a station that does not run: PIN typed twice or from a file, nothing on the line."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import ui.cli
from drivers.ports import Secret
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.service.staff import InlineHasher, SignedIn, StaffDoor, ThreadHasher
from drivers.store.engine import InlineStore
from drivers.store.lock import StateLock
from drivers.store.sealed import load_key, make_key_file
from ui.commands import staff

CARD, PIN = "8877665544", "739146"
STATION = """
schema_version = 1
[station]
id = "test-1"
kind = "kiosk"
place = "Borgernes Hus"
name = "Automat 2"
seal_key = {{ file = "{key}" }}
[library]
url = "sip2://127.0.0.1:6001"
institution = "DK-746100"
"""


class Machine:
    """A station file, its key and its state directory; and what is typed."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.key = folder / "seal.key"
        make_key_file(self.key, SystemRng())
        self.file = folder / "station.toml"
        self.file.write_text(STATION.format(key=self.key))
        self.card, self.pin = folder / "card", folder / "pin"
        self.card.write_text(CARD + "\n")
        self.pin.write_text(PIN + "\n")

    def ims(self, *words: str) -> tuple[int, Any]:
        where = ("--station", str(self.file), "--state", str(self.state), "--json")
        done = CliRunner().invoke(ui.cli.app, ["staff", *words, *where], prog_name="ims")
        return done.exit_code, json.loads(done.stdout)

    def add(self, role: str = "staff") -> str:
        files = ("--card-file", str(self.card), "--pin-file", str(self.pin))
        code, made = self.ims("add", "--role", role, *files)
        assert code == 0, made
        return str(made["id"])

    async def lets_in(self, card: str, pin: str) -> bool:
        store = InlineStore(
            self.state / "station.db",
            clock=SystemClock(),
            rng=SystemRng(),
            key=load_key(file=self.key),
        )
        try:
            door = StaffDoor(store, ThreadHasher())
            return isinstance(await door.sign_in(Secret(card), Secret(pin)), SignedIn)
        finally:
            await store.close()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_member_is_added_listed_changed_and_removed(machine: Machine) -> None:
    id = machine.add()
    assert machine.ims("list") == (
        0,
        {"staff": [{"id": id, "role": "staff", "locked_until": None}]},
    )
    code, found = machine.ims("role", id, "technician")
    assert (code, found["staff"][0]["role"]) == (0, "technician")
    machine.pin.write_text("555555\n")
    assert machine.ims("pin", id, "--pin-file", str(machine.pin))[0] == 0
    assert machine.ims("remove", id) == (0, {"staff": []})


def test_the_first_member_signs_in_with_what_the_command_made(machine: Machine) -> None:
    machine.add("admin")
    assert asyncio.run(machine.lets_in(CARD, PIN))
    assert not asyncio.run(machine.lets_in(CARD, "000000"))


def test_neither_card_nor_pin_can_stand_on_the_command_line(machine: Machine) -> None:
    for option in ("--pin", "--card"):
        done = CliRunner().invoke(
            ui.cli.app, ["staff", "add", "--station", str(machine.file), option, "1234"]
        )
        assert done.exit_code == 2
        assert "No such option" in done.output


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ((CARD, "1234", "1235"), "the two are not the same."),
        ((CARD, "12", "12"), "a PIN has 4 to 6 digits."),
        (("", "1234", "1234"), "no card was given."),
    ],
)
def test_what_is_typed_is_typed_twice_and_judged(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...], what: str
) -> None:
    left = list(typed)
    monkeypatch.setattr(staff, "_typed", lambda _prompt: left.pop(0))
    code, found = machine.ims("add")
    assert (code, found["error"]["what"]) == (2, what)
    assert not machine.state.exists(), "nothing was made"


def test_without_a_terminal_nothing_is_waited_for(machine: Machine) -> None:
    code, found = machine.ims("add")
    assert (code, found["error"]["what"]) == (2, "there is no terminal to type at.")


def test_what_cannot_be_is_said(machine: Machine) -> None:
    machine.add()
    files = ("--card-file", str(machine.card), "--pin-file", str(machine.pin))
    code, found = machine.ims("add", *files)
    assert code == 1
    assert "somebody's already" in found["error"]["what"]
    code, found = machine.ims("remove", "nobody")
    assert code == 1
    assert found["error"]["what"] == "no staff of this id."
    assert found["error"]["do"] == "See who is staff with: ims staff list."


def test_a_station_that_runs_but_has_no_door_yet_is_left_alone(machine: Machine) -> None:
    with StateLock(machine.state):
        code, found = machine.ims("list")
    assert (code, found["error"]["code"]) == (3, "station.running")


def test_the_hashers_know_each_others_work() -> None:
    async def both() -> bool:
        hashed = await InlineHasher().hash("secret")
        hasher = ThreadHasher()
        try:
            return await hasher.verify(hashed, "secret")
        finally:
            hasher.close()

    assert asyncio.run(both())
