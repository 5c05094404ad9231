"""Crates at a whole plant: shipping drivers, simulated controller; the simulated plant says in which crate each item lies."""

import asyncio
from functools import partial
from typing import Any

import pytest

from drivers.ports import Txn
from sorter.belt.line import Line
from sorter.ims.records.tables import places
from tests.simulation.whole_plant import STATION, WholePlant, play

BINS = ("adults", "nonfiction", "children", "media", "holds", "transit", "ill", "overflow", "exception")  # fmt: skip
LABELLED = STATION.replace(
    "[library]",
    """[devices.scanner]
driver = "barcode"
url = "memory://scanner"
[library]""",
) + '[ims]\nbranch = "Borgernes Hus"\n' + "".join(
    f'[ims.chutes.A-0{n}]\nbin = "{name}"\n' for n, name in enumerate(BINS, 1)
)  # fmt: skip


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


async def scan(plant: WholePlant, bin: int, label: str) -> None:
    for text in (f"A-0{bin}", label):
        await plant.stage.do("scan", {"text": text})
        await asyncio.sleep(1.6)


async def believed(plant: WholePlant) -> dict[str, str]:
    """By item, the label of the crate in which the station believes it to lie."""

    def read(txn: Txn) -> dict[str, str]:
        rows = txn.connection.execute(places.select()).all()
        return {row.item: row.crate for row in rows if row.crate}

    return await plant.store.read(read)


def out_of_use(name: str, line: Line) -> bool:
    return not line.bins[name].usable


def in_use(name: str, line: Line) -> bool:
    return line.bins[name].usable


def test_every_item_lies_in_the_crate_that_the_station_names_through_swaps_by_scan() -> None:
    async def story(plant: WholePlant) -> None:
        await plant.run_up()
        assert not plant.state.usable, "no crate is known yet"
        labels: dict[tuple[int, int], str] = {}
        crates = dict.fromkeys(range(1, 10), 0)
        for bin in crates:
            await scan(plant, bin, f"K-{bin:04}")
        assert plant.state.usable == set(BINS)
        await plant.stage.do("feed", {"count": 12, "every": 1.0})
        await plant.at_rest()
        first = (await plant.truth())["devices"]["belt"]["items"]
        for n, bin in enumerate((1, 2, 3, 4, 6, 9)):
            await plant.stage.do("pull_bin", {"bin": bin})
            name = BINS[bin - 1]
            await plant.until(partial(out_of_use, name))
            if n % 2:  # scanned while it is out, as well as after it was docked
                await scan(plant, bin, f"K-1{bin:03}")
                await plant.stage.do("dock_bin", {"bin": bin})
            else:
                await plant.stage.do("dock_bin", {"bin": bin})
                await asyncio.sleep(1)
                assert out_of_use(name, plant.state)
                await scan(plant, bin, f"K-1{bin:03}")
            await plant.until(partial(in_use, name))
        await plant.run_up()
        await plant.stage.do("feed", {"count": 20, "every": 1.0})
        await plant.at_rest()
        truth = (await plant.truth())["devices"]["belt"]["items"]
        in_crates = {item: place for item, place in truth.items() if place["where"] == "bin"}
        found = await believed(plant)
        named = {item: place for item, place in in_crates.items() if item in found}
        assert len(named) >= 20
        assert set(found) == set(named), "no item is believed to lie where none is"
        for item, place in named.items():
            key = (place["bin"], place["crate"])
            assert labels.setdefault(key, found[item]) == found[item], (item, place)
        assert len(set(labels.values())) == len(labels), "one label, one crate"
        swapped = {k for k in labels if labels[k].startswith("K-1")}
        assert swapped, "something fell into a crate that was swapped in"
        assert not {i for i in first if found.get(i, "").startswith("K-1")}

    play(story, station=LABELLED)
