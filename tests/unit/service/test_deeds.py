"""What staff did, told by time, kind and id, through the command on a machine that does not run."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drivers.errors import DeviceRefused
from drivers.ports import Secret, Txn
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.service import deeds, records
from drivers.service.cases import CaseKind, CloseReason
from drivers.service.roles import Act, Role
from drivers.service.staff import InlineHasher, StaffDoor
from drivers.store.engine import open_store
from drivers.store.lock import StateLock
from drivers.store.sealed import SealKey
from ui.cli import app

CARD, PIN = "8877665544", "739146"


@pytest.fixture
def filled(tmp_path: Path) -> tuple[Path, str, str]:
    """A state directory, and the ids of a member and of one who did nothing."""
    folder = tmp_path / "bh-2"
    folder.mkdir()
    ids: list[str] = []

    async def fill() -> None:
        with StateLock(folder) as lock:
            store = open_store(
                lock.database, clock=SystemClock(), rng=SystemRng(), key=SealKey(bytes(32))
            )
            door = StaffDoor(store, InlineHasher())
            for card in (CARD, "1122334455"):
                ids.append((await door.add(Role.STAFF, (Secret(card),), Secret(PIN))).id)
            await door.sign_in(Secret(CARD), Secret(PIN))
            await door.sign_in(Secret("9999999999"), Secret("0000"))

            def work(txn: Txn) -> None:
                case = records.open_case(txn, CaseKind.STILL_ARMED, "3846646433")
                records.take_case(txn, case.id, who=ids[0])
                records.acted(txn, ids[0], Act.WRITE_TAG, entity="3846646433")
                records.close_case(txn, case.id, reason=CloseReason.SOLVED, who=ids[0])
                alone = records.open_case(txn, CaseKind.PAPER_OUT, "printer")
                records.close_case(txn, alone.id, reason=CloseReason.GONE, who=None)
                records.acted(txn, ids[0], Act.SETTINGS, entity="sound", detail="silent")

            await store.write(work)
            await store.close()

    asyncio.run(fill())
    return folder, ids[0], ids[1]


def told(folder: Path, *more: str) -> list[dict[str, str]]:
    found = CliRunner().invoke(
        app, ["journal", "staff", "--state", str(folder), *more, "--json"], catch_exceptions=False
    )
    assert found.exit_code == 0, found.output
    said: list[dict[str, str]] = json.loads(found.stdout)["deeds"]
    return said


def test_each_deed_has_its_time_its_kind_and_whose_it_was(filled: tuple[Path, str, str]) -> None:
    folder, member, _ = filled
    mine = [d for d in told(folder, "--member", member) if d["kind"] != "staff.added"]
    assert {d["staff"] for d in mine} == {member}
    assert [(d["kind"], d["detail"]) for d in mine] == [
        ("staff.signed_in", "staff"),
        ("case.taken", "still_armed"),
        ("staff.acted", "write_tag"),
        ("case.closed", "still_armed solved"),
        ("staff.acted", "settings silent"),
    ]
    assert [d["about"] for d in mine if d["kind"] == "staff.acted"] == ["3846646433", "sound"]


def test_a_stranger_s_card_is_told_as_nobody_s_and_the_machine_s_own_deeds_are_not(
    filled: tuple[Path, str, str],
) -> None:
    folder = filled[0]
    refused = told(folder, "--kind", "staff.refused")
    assert [(d["staff"], d["detail"]) for d in refused] == [("", "unknown")]
    assert len(told(folder, "--kind", "case.")) == 2


def test_one_who_did_nothing_has_no_deeds_and_other_days_are_empty(
    filled: tuple[Path, str, str],
) -> None:
    folder, _, idle = filled
    assert {d["kind"] for d in told(folder, "--member", idle)} <= {"staff.added"}
    assert told(folder, "--since", "2020-01-01", "--until", "2020-12-31") == []


def test_in_words_no_number_of_a_card_stands(filled: tuple[Path, str, str]) -> None:
    found = CliRunner().invoke(app, ["journal", "staff", "--state", str(filled[0])])
    assert "staff.acted  settings silent  sound" in found.stdout
    assert filled[1] in found.stdout
    assert CARD not in found.stdout
    assert "9999999999" not in found.stdout


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_said_so(filled: tuple[Path, str, str], day: str) -> None:
    found = CliRunner().invoke(
        app, ["journal", "staff", "--state", str(filled[0]), "--since", day, "--json"]
    )
    assert found.exit_code == 2
    assert json.loads(found.stdout)["error"]["where"] == "--since"


def test_the_door_refuses_moments_that_are_none() -> None:
    with pytest.raises(DeviceRefused):
        deeds.answer(None, {"since": "x"})  # type: ignore[arg-type]
