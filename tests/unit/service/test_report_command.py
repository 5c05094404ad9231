"""`ims report` of a machine that does not run, as an office reads it: words, JSON, spreadsheet, picture."""

import asyncio
import csv
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from typer.testing import CliRunner

from config.texts import Catalogue
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.service.records import count
from drivers.service.statistics import (
    VisitEnd,
    What,
    of_item,
    of_payment,
    of_receipt,
    of_refusal,
    of_visit,
)
from drivers.store.engine import open_store
from drivers.store.lock import StateLock
from drivers.store.sealed import SealKey
from ui.cli import app

AT = datetime(2026, 11, 3, 10, 44, tzinfo=ZoneInfo("Europe/Copenhagen"))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "bh-2"
    folder.mkdir()

    async def fill() -> None:
        with StateLock(folder) as lock:
            store = open_store(
                lock.database, clock=SystemClock(), rng=SystemRng(), key=SealKey(bytes(32))
            )
            books = [c for _ in range(6) for c in of_item(What.LOAN, AT, "001")]
            rare = of_item(What.LOAN, AT.replace(hour=18), "005")
            others = (
                *of_visit(AT, VisitEnd.DONE, 71),
                *of_refusal("loan", AT, "item.reserved"),
                *of_receipt(AT, "email"),
                *of_payment(AT, 1250),
                *of_payment(AT, 2000),
            )
            await store.write(lambda txn: count(txn, *books, *rare, *others))
            await store.close()

    asyncio.run(fill())
    return folder


def ims(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["report", *words], prog_name="ims")
    return done.exit_code, done.stdout


def test_it_says_what_the_month_came_to(state: Path) -> None:
    code, out = ims("--month", "2026-11", "--state", str(state), "--library-loans", "8", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["loans"], found["visits"], found["mean_seconds"]) == (7, 1, 71)
    assert found["by_type"]["loan"] == {"001": 6, "rare": 1}
    assert (found["payments"], found["paid"]) == (2, 32.5)
    assert found["shares"] == {"loan": 0.875}
    page = (Path(__file__).parents[3] / "docs/reference/cli.md").read_text("utf-8")
    assert all(f"`{key}`" in page for key in found)


def test_a_danish_spreadsheet_reads_the_table_by_itself(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "november.csv"
    code, _ = ims(
        "--month", "2026-11", "--state", str(state), "--csv", str(file), "--library-loans", "8"
    )
    assert code == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=";"))
    assert rows[0] == ["Måned", "Automater", "Hvad", "Opdelt efter", "Værdi", "Antal"]
    assert ["2026-11", "bh-2", "Lån", "Materialetype", "Bog", "6"] in rows
    assert ["2026-11", "bh-2", "Afvist", "Årsag", "Lån: Reserveret af en anden låner", "1"] in rows
    assert any(row[2].startswith("Selvbetjeningsandel") and row[5] == "87,5" for row in rows)
    assert not any("Video" in cell for row in rows for cell in row), "met once: not named"


def test_two_machines_add_up_and_a_picture_is_drawn(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "november.png"
    twice = ("--state", str(state), "--state", str(state))
    code, out = ims("--month", "2026-11", *twice, "--plot", str(file), "--json")
    assert (code, json.loads(out)["loans"]) == (0, 14)
    with Image.open(file) as picture:
        assert picture.size == (1287, 913)


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("--month", "2026-13"), "--month"),
        (("--month", "2026-11", "--plot", "x.doc"), "--plot"),
    ],
)
def test_wrong_use_names_what_and_where(state: Path, words: tuple[str, ...], where: str) -> None:
    code, out = ims(*words, "--state", str(state), "--json")
    assert code == 2
    assert json.loads(out)["error"]["where"] == where


def test_no_machine_there(tmp_path: Path) -> None:
    code, out = ims("--month", "2026-11", "--state", str(tmp_path / "x"), "--json")
    assert code == 3
    assert json.loads(out)["error"]["code"] == "station.absent"


def test_a_directory_that_is_no_stations_is_left_as_it_was(tmp_path: Path) -> None:
    code, out = ims("--month", "2026-11", "--state", str(tmp_path), "--json")
    assert (code, json.loads(out)["error"]["where"]) == (3, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_cannot_be_written_is_named(state: Path) -> None:
    file = str(state / "no" / "november.csv")
    code, out = ims("--month", "2026-11", "--state", str(state), "--csv", file, "--json")
    error = json.loads(out)["error"]
    assert (code, error["where"], error["code"]) == (2, file, "input.invalid")


def test_every_kind_that_is_counted_has_a_label() -> None:
    catalogue = Catalogue.load()
    for end in VisitEnd:
        assert f"report.end.{end.value}" in catalogue
    for what in (What.LOAN, What.RETURN, What.RENEWAL, What.VISIT, What.REFUSED, What.RECEIPT):
        assert f"report.what.{what.value}" in catalogue
    for asked in ("loan", "undo", "return", "renewal", "sign_in"):
        assert f"report.asked.{asked}" in catalogue
