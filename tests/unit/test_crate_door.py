"""`ims crate --state` against a plant behind its door: its own labels, its own language."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from typer.testing import CliRunner

import ui.cli
from config.texts import Catalogue
from drivers.runtime.clock import SeededRng
from drivers.runtime.thread import CoreThread
from drivers.service.link import LinkServer, serve_link
from drivers.service.view import Snapshot
from drivers.store.engine import InlineStore
from drivers.store.lock import StateLock
from sorter.belt.line import Line
from sorter.crating import Crating
from sorter.desk import Desk
from sorter.ims import records
from sorter.ims.crates import Chute
from sorter.ims.happened import Happened, What
from sorter.ims.labels import Patterns
from sorter.ims.site import Site
from sorter.ledger import Ledger
from sorter.plan.decide import Decider
from sorter.plan.edition import load_plan, plan_file
from tests.store_fixtures import KEY, SetClock

BOOK, OTHER = "X0001", "X0002"
SITE = Site(
    "bh",
    "Dalum",
    MappingProxyType({"A-01": Chute("A-01", "adults")}),
    Patterns(item=r"X\d{4}"),
)


class Plant:
    """The plant's desk, and a door in front of it."""

    def __init__(self) -> None:
        self.core = CoreThread("test-core")
        self.server: LinkServer | None = None

    async def _drained(self) -> bool:
        return True

    async def open(self, path: Path) -> None:
        store = InlineStore(clock=SetClock(), rng=SeededRng(1), key=KEY)
        ledger = Ledger(store, lambda error: None)
        line = Line.by(Decider(load_plan(plan_file("odense"))))
        crating = Crating(
            site=SITE,
            ledger=ledger,
            state=lambda: line,
            put=lambda event: None,
            said=lambda swap: None,
            noticed=lambda: None,
            drained=self._drained,
        )
        self.desk = Desk(
            site=SITE,
            ledger=ledger,
            crating=crating,
            state=lambda: line,
            catalogue=Catalogue.load(),
            language="da",
            told=lambda: None,
        )
        await ledger.write(
            lambda txn: records.happen(
                txn,
                SITE,
                Happened(What.DOCKED, txn.now, "Tarup", "K-0001", "A-01", "Dalum", fresh=True),
                Happened(What.FELL, txn.now, "Tarup", "K-0001", item=BOOK, destination="Dalum"),
                Happened(What.CLOSED, txn.now, "Tarup", "K-0001", "A-01"),
            )
        )
        self.server = await serve_link(path, self)

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        return await self.desk.request(name, args)

    def listen(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        return lambda: None

    async def close(self) -> None:
        if self.server is not None:
            await self.server.close()


@pytest.fixture
def state() -> Iterator[Path]:
    plant = Plant()
    plant.core.start()
    with tempfile.TemporaryDirectory(prefix="ims") as short, StateLock(Path(short)) as lock:
        plant.core.submit(plant.open(lock.socket)).result(20)
        yield Path(short)
        plant.core.submit(plant.close()).result(10)
        assert plant.core.stop()


def ims(state: Path, *words: str, scanned: str = "", code: int = 0) -> str:
    done = CliRunner().invoke(ui.cli.app, ["crate", *words, "--state", str(state)], input=scanned)
    assert done.exit_code == code, done.output
    return done.output


def test_items_are_scanned_by_the_plants_own_numbers(state: Path) -> None:
    output = ims(state, "receive", "K-0001", "--scan", scanned=f"{BOOK}\n3846646425\n{OTHER}\n\n")
    assert "linje 2: det er ikke et materialenummer. Det blev udeladt." in output
    assert "K-0001 er modtaget på Dalum. Materialer: 1." in output
    assert f"{OTHER}  FOR MEGET" in output
    assert "MANGLER" not in output


def test_nothing_scanned_is_asked_about_in_its_language(state: Path) -> None:
    output = ims(state, "receive", "K-0001", "--scan", scanned="\n", code=1)
    assert "Intet er scannet" in output
    assert "er modtaget" in ims(state, "receive", "K-0001", "--scan", scanned="\nja\n")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("receive", BOOK), "Det er ikke en kasses etiket."),
        (("show", BOOK), "Det er ikke en kasses etiket."),
        (("find", "K-0001"), "Det er ikke et materialenummer."),
    ],
)
def test_one_kind_of_label_given_for_another_is_told_as_that(
    state: Path, words: tuple[str, ...], what: str
) -> None:
    output = ims(state, *words, "--json", code=2)
    fault = json.loads(output.splitlines()[-1])["error"]
    assert (fault["code"], fault["what"]) == ("label.other", what)
