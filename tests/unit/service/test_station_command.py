"""`ims station` against a station behind its door, and against a state directory where none runs."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.texts import verbatim
from drivers.ports import Txn, Uid
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.runtime.thread import CoreThread
from drivers.service.cases import CaseKind
from drivers.service.link import LinkServer, serve_link
from drivers.service.records import open_case
from drivers.service.summary import summary, summary_to_json
from drivers.service.view import MessageBody, Screen, Snapshot, TimeClass, snapshot_from_json
from drivers.store import debts, effects
from drivers.store.engine import InlineStore
from drivers.store.lock import StateLock
from drivers.store.sealed import SealKey
from ui.cli import main

SCREEN = Screen(
    name="start",
    title=verbatim("Velkommen"),
    body=MessageBody(lines=()),
    time_class=TimeClass.REST,
)
SHOWN = Snapshot(serial=7, screen=SCREEN, devices=(("pad", "ready"),), library="online")


class Station:
    """Answers `status`, shows one screen, and closes its door when asked to stop."""

    def __init__(self) -> None:
        self.server: LinkServer | None = None
        self.core = CoreThread("test-core")

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        if name == "stop" and self.server is not None:
            self.closing = self.core.submit(self.server.close())
        return {"library": "online", "devices": {"pad": "ready"}, "effects": []}

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        told(SHOWN)
        return lambda: None

    async def open(self, path: Path) -> None:
        self.server = await serve_link(path, self)

    async def close(self) -> None:
        if self.server is not None:
            await self.server.close()


@pytest.fixture
def state() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ims") as short:
        yield Path(short)


@pytest.fixture
def running(state: Path) -> Iterator[Path]:
    station = Station()
    station.core.start()
    with StateLock(state) as lock:
        station.core.submit(station.open(lock.socket)).result(10)
        yield state
        station.core.submit(station.close()).result(10)
        assert station.core.stop()


@pytest.fixture
def broken(state: Path) -> Path:
    (state / "station.db").write_text("no database")
    return state


Ims = Callable[..., tuple[int, str]]


@pytest.fixture
def ims(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ims:
    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["ims", "station", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out or err

    return run


def test_status_of_a_running_station(ims: Ims, running: Path) -> None:
    code, out = ims("status", "--state", str(running), "--json")
    assert code == 0
    assert json.loads(out)["library"] == "online"
    code, out = ims("status", "--state", str(running))
    assert out == "library: online\ndevices:\n  pad: ready\neffects: none\n"


def test_the_screen_that_stands(ims: Ims, running: Path) -> None:
    code, out = ims("snapshot", "--state", str(running), "--json")
    assert code == 0
    assert snapshot_from_json(json.loads(out)) == SHOWN
    code, out = ims("snapshot", "--state", str(running))
    assert out == "7 start (Velkommen) rest library=online pad=ready\n"


def test_stop_waits_until_the_station_has_gone(ims: Ims, running: Path) -> None:
    code, out = ims("stop", "--state", str(running), "--json")
    assert (code, json.loads(out)) == (0, {"ended": True})
    code, out = ims("stop", "--state", str(running), "--json")
    assert (code, json.loads(out)["error"]["code"]) == (3, "station.absent")


@pytest.mark.parametrize("verb", ["snapshot", "watch", "stop"])
def test_where_none_runs_every_verb_says_so(ims: Ims, state: Path, verb: str) -> None:
    code, out = ims(verb, "--state", str(state), "--json")
    assert code == 3
    error = json.loads(out)["error"]
    assert error["code"] == "station.absent"
    assert error["what"]
    assert error["do"]


def worked(txn: Txn) -> None:
    row = effects.open_effect(
        txn,
        verb="borrow",
        item="5010000011",
        device="bh-2",
        session="5e55",
        trace="7ace",
        occurred_at=datetime(2026, 11, 3, tzinfo=UTC),
    )
    uid = Uid(bytes.fromhex("e004010000000001"))
    debts.open_debt(
        txn, uid=uid, wanted=0xC2, why="borrow", item=row.item, trace="7ace", effect=row.id
    )
    open_case(txn, CaseKind.STILL_ARMED, row.item)


def test_status_of_a_stopped_station(ims: Ims, state: Path) -> None:
    async def fill() -> dict[str, Any]:
        store = InlineStore(
            state / "station.db", clock=SystemClock(), rng=SystemRng(), key=SealKey(b"k" * 32)
        )
        await store.write(worked)
        found = summary_to_json(await store.read(summary))
        await store.close()
        return found

    code, out = ims("status", "--state", str(state), "--json")
    assert (code, json.loads(out)["stored"]) == (3, None)
    want = asyncio.run(fill())
    code, out = ims("status", "--state", str(state), "--json")
    found = json.loads(out)
    assert (code, found["error"]["code"]) == (3, "station.absent")
    assert found["stored"] == want
    assert [row["state"] for row in want["effects"]] == ["intent"]
    assert [debt["wanted"] for debt in want["debts"]] == ["c2"]
    assert [case["kind"] for case in want["cases"]] == ["still_armed"]
    code, out = ims("status", "--state", str(state))
    assert "\ncases: 1\n" in out
    assert "5010000011" in out


def test_the_only_station_of_the_user_needs_no_name(
    ims: Ims, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    code, out = ims("status", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "state.unclear")
    StateLock(state / "ims" / "bh-2").release()
    code, out = ims("status", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (3, "station.absent")
    StateLock(state / "ims" / "bh-3").release()
    code, out = ims("status", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "state.unclear")


def test_a_path_that_is_too_long_is_a_station_that_does_not_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["ims", "station", "status", "--state", "x" * 400, "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "station.absent"


def test_a_reader_that_has_read_enough_is_no_fault() -> None:
    command = "import sys; from ui.cli import main; sys.argv = ['ims', 'config', 'schema']; main()"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        (sys.executable, "-c", command), stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert done.returncode == 128 + signal.SIGPIPE
    assert done.stderr == b""


@pytest.mark.parametrize("verb", ["status", "history"])
def test_a_database_that_cannot_be_read_is_named_by_its_directory(
    broken: Path, ims: Ims, verb: str
) -> None:
    code, said = ims(verb, "--state", str(broken), "--json")
    assert code == 3
    error = json.loads(said)["error"]
    assert (error["code"], error["where"]) == ("store.broken", str(broken))
