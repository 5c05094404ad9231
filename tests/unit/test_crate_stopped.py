"""`ims crate --state` at a plant that does not run: what was scanned is told as by one that does, in the plant's own language."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import ui.cli
from drivers.ports import Txn
from drivers.runtime.clock import SeededRng, SystemClock
from drivers.store import journal
from drivers.store.engine import InlineStore
from drivers.store.lock import database_in
from sorter.ims import records
from sorter.ims.happened import Happened, What
from sorter.ims.speaking import KIND, speak, spoken
from tests.store_fixtures import KEY
from tests.unit.sorter_ims.depot import BOOK, SITE


@pytest.fixture
async def stopped(tmp_path: Path) -> Path:
    store = InlineStore(database_in(tmp_path), clock=SystemClock(), rng=SeededRng(1), key=KEY)

    def lived(txn: Txn) -> None:
        for language in ("da", "en", "en"):
            speak(txn, language)
        happened = (
            Happened(What.DOCKED, txn.now, SITE.branch, "K-0001", "A-01", fresh=True),
            Happened(What.FELL, txn.now, SITE.branch, "K-0001", item=BOOK, bin="adults"),
        )
        records.happen(txn, SITE, *happened)
        assert spoken(txn) == "en"
        assert len(journal.rows(txn, kind=KIND)) == 2, "written down when it changes"

    await store.write(lived)
    await store.close()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("show", "3846700000"), 2, "This is not a crate's label."),
        (("show", ""), 2, "This is not a crate's label."),
        (("show", "æøå"), 2, "This is not a crate's label."),
        (("find", "K-0001"), 2, "This is not an item number."),
        (("find", "k0009"), 2, "This is not an item number."),
        (("find", "—"), 2, "This is not an item number."),
        (("show", "k 0001"), 0, "K-0001"),
        (("find", BOOK), 0, "K-0001"),
        (("show", "BOX7"), 1, "BOX7"),
    ],
)
def test_what_was_scanned_is_told_in_its_language(
    stopped: Path, words: tuple[str, str], code: int, told: str
) -> None:
    done = CliRunner().invoke(ui.cli.app, ["crate", *words, "--state", str(stopped)])
    assert done.exit_code == code, done.output
    assert told in done.output
    assert "kasse" not in done.output
