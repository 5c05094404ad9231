"""Power cut at any moment: every disk state that one could leave is built, opened and judged.

The recorder notes all writes and syncs of a run. After each operation a disk may hold what was synced, and
of the rest any sectors of 512 bytes in any mixture. Model limits: directory entries persist in order, a
sector is whole or not there, the disk's cache does not lie. `synchronous=NORMAL` runs as the control that
must lose acknowledged rows: if it passes, the rig is broken.
"""

import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from tests.conftest import tool

HERE = Path(__file__).parent
SECTOR = 512
KEPT = (0.0, 0.0, 0.5, 0.9, 1.0)
"""Chance of each unsynced sector; one is drawn for each state."""


@dataclass(frozen=True)
class Operation:
    kind: str
    name: str
    offset: int
    data: bytes


@dataclass
class File:
    """What is surely on the disk, and what may be."""

    sure: bytearray = field(default_factory=bytearray)
    maybe: list[Operation] = field(default_factory=list)

    def settle(self) -> None:
        for operation in self.maybe:
            apply(self.sure, operation)
        self.maybe.clear()

    def after_a_cut(self, chance: random.Random) -> bytes:
        image = bytearray(self.sure)
        kept = chance.choice(KEPT)
        for operation in self.maybe:
            if operation.kind == "T":
                if chance.random() < 0.5:
                    apply(image, operation)
                continue
            for at in range(0, len(operation.data), SECTOR):
                if chance.random() < kept:
                    part = operation.data[at : at + SECTOR]
                    apply(image, Operation("W", "", operation.offset + at, part))
        return bytes(image)


def apply(image: bytearray, operation: Operation) -> None:
    if operation.kind == "T":
        del image[operation.offset :]
        image.extend(bytes(operation.offset - len(image)))
        return
    end = operation.offset + len(operation.data)
    image.extend(bytes(max(0, end - len(image))))
    image[operation.offset : end] = operation.data


def operations(record: Path) -> Iterator[Operation]:
    data = record.read_bytes()
    at = 0
    while at < len(data):
        kind, length, offset, size = struct.unpack_from("=ciqq", data, at)
        at += 21
        name = data[at : at + length].decode()
        at += length
        yield Operation(kind.decode(), Path(name).name, offset, data[at : at + size])
        at += size


@dataclass
class Verdict:
    states: int = 0
    lost: int = 0
    torn: int = 0
    unreadable: int = 0


def judge(folder: Path, acknowledged: int, verdict: Verdict) -> None:
    """Open one state as the next boot would and compare it with what was promised."""
    verdict.states += 1
    connection = sqlite.connect(folder / "station.db")
    try:
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        rows, last = connection.execute("SELECT count(*), max(seq) FROM journal").fetchone()
        (head,) = connection.execute("SELECT seq FROM journal_head").fetchone()
        done = connection.execute("SELECT item FROM tag_debts").fetchall()
        told = connection.execute(
            "SELECT json_extract(payload, '$.item') FROM journal WHERE kind = 'debt.opened'"
            " ORDER BY seq"
        ).fetchall()
    except sqlite.Error:
        verdict.unreadable += 1
        return
    finally:
        connection.close()
    if sound != "ok":
        verdict.unreadable += 1
    elif not (rows == last == head and told[-1:] == done and told == numbered(len(told))):
        verdict.torn += 1
    elif len(told) < acknowledged:
        verdict.lost += 1


def numbered(count: int) -> list[tuple[str]]:
    return [(str(number),) for number in range(1, count + 1)]


def replay(record: Path, folder: Path, chance: random.Random) -> Verdict:
    verdict = Verdict()
    files: dict[str, File] = {}
    acknowledged = 0
    for operation in operations(record):
        name = operation.name
        if name == "station.ack":
            if operation.kind == "W":
                acknowledged = int(operation.data)
            continue
        if name.endswith("-shm"):
            continue
        match operation.kind:
            case "O":
                files.setdefault(name, File())
            case "U":
                files.pop(name, None)
            case "S":
                files[name].settle()
            case _:
                assert operation.offset >= 0
                files[name].maybe.append(operation)
        if acknowledged:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for one, file in files.items():
                (folder / one).write_bytes(file.after_a_cut(chance))
            judge(folder, acknowledged, verdict)
    return verdict


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not sys.platform.startswith("linux"):
        pytest.skip("not run: needs Linux")
    compiler = tool("cc")
    made = tmp_path_factory.mktemp("recorder") / "recorder.so"
    subprocess.run(
        [
            compiler,
            "-O1",
            "-shared",
            "-fPIC",
            "-o",
            str(made),
            str(HERE / "recorder.c"),
            "-lpthread",
        ],
        check=True,
    )
    return made


@pytest.mark.timeout(180)
@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
def test_no_disk_state_loses_what_was_acknowledged(
    recorder: Path, tmp_path: Path, synchronous: str
) -> None:
    record = tmp_path / "record"
    run = tmp_path / "run"
    run.mkdir()
    root = HERE.parents[1]
    subprocess.run(
        [sys.executable, str(HERE / "recorded.py"), str(run), synchronous, "60"],
        env={
            **os.environ,
            "PYTHONPATH": str(root),
            "LD_PRELOAD": str(recorder),
            "RECORD_TO": str(record),
            "RECORD_MATCH": "station.",
        },
        check=True,
        cwd=root,
    )
    memory = Path("/dev/shm")
    scratch = (memory if memory.is_dir() else tmp_path) / f"ims-cut-{os.getpid()}"
    try:
        verdict = replay(record, scratch, random.Random(1))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    assert verdict.states > 500
    assert (verdict.unreadable, verdict.torn) == (0, 0)
    if synchronous == "FULL":
        assert verdict.lost == 0
    else:
        assert verdict.lost > 0, "the control must lose rows, else the rig sees nothing"
