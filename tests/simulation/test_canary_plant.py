"""A plant and its inlet are played with known cards, names and titles; none of them is found afterwards.

The library system names the borrower of a hold at check-in (SIP2 DA, CY). Names and cards stand nowhere: no log, file or file
name, memory, status, panel, inlet or paper. A title stands on the inlet's screen during its own visit and on the receipt
that was asked for, and nowhere else.
"""

import asyncio
import gc
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from drivers.service.view import snapshot_to_json
from hw_sim.ils.answers import Answers
from hw_sim.scenario import Scenario, parse
from hw_sim.simloop import run
from sorter.inlet.state import Phase
from tests.simulation.test_inlet import BOOK, CARD, HELD, INLET, SHOP, AtInlet
from tests.simulation.test_privacy import _found_in, reachable
from tests.simulation.whole_plant import WholePlant

PERSON_CARD, PERSON_CPR, PERSON = "2998811773", "0102037654", "Quirinia Zwölfender"
TITLE = "Kanariefuglens hemmelige dagbog"
PEOPLE = (PERSON_CARD, PERSON_CPR, PERSON, "Quirinia", "Zwölfender")


def planted() -> Scenario:
    """The inlet's plant with a hold of a known person, whom the library system names, and her card as a tag."""
    text = files("hw_sim").joinpath("scenarios", "plant-inlet.toml").read_text("utf-8")
    text = text.replace("[library]\n", "[library]\nhold_names = true\n", 1)
    text = text.replace('title = "Det forsømte forår"', f'title = "{TITLE}"')
    text = text.replace("reserved = true\n", f'reserved_for = "{PERSON_CARD}"\n', 1)
    text = text.replace("1900000000", PERSON_CARD).replace(
        f'id = "{CARD}"', f'id = "{PERSON_CARD}"'
    )
    text += f"""
[[patrons]]
card = "{PERSON_CARD}"
cpr = "{PERSON_CPR}"
pin = "4711"
name = "{PERSON}"
"""
    return parse(text, "planted")


def search(folder: Path) -> None:
    """Every file of the plant, its name and its bytes."""
    found = sorted(folder.iterdir())
    assert found
    for file in found:
        assert not _found_in(file.name, (*PEOPLE, TITLE))
        assert not _found_in(file.read_bytes(), (*PEOPLE, TITLE)), file.name


def held(plant: WholePlant, *values: str) -> list[str]:
    """Ways in memory to what is planted."""
    gc.collect()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    roots = (plant.sorter, plant.store, *others)
    return [way for it, way in reachable(*roots) if _found_in(it, values)]


def shown(snapshots: list[Any]) -> str:
    return json.dumps([snapshot_to_json(s) for s in snapshots], ensure_ascii=False)


def test_nothing_of_a_person_is_found_after_a_morning_at_the_inlet(
    tmp_path: Path,
    heard: Any,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named: list[tuple[str, str]] = []
    sorting = Answers._sorting

    def sent(self: Answers, taken: Any) -> list[tuple[str, str]]:
        named.extend(sorting(self, taken))
        return sorting(self, taken)

    monkeypatch.setattr(Answers, "_sorting", sent)
    heard.expect("library.line.dropped", "service.down", "library.offline")

    async def whole() -> None:
        plant = WholePlant(planted(), database=tmp_path / "plant.db", station=INLET)
        plant.stage.begin()
        await plant.start()
        await plant.run_up()
        here = AtInlet(plant)
        await here.screens("inlet_start")
        for drop in ({"items": [PERSON_CARD]}, {"items": [SHOP]}, {"what": "passport"}):
            await plant.stage.do("drop", drop)
            await here.screens("inlet_refused")
            await here.press("close")
        await here.drop(HELD)
        await here.taken(1)
        assert TITLE in here.says(), "or nothing was planted"
        await here.drop(BOOK)
        await here.taken(2)
        await here.press("finish.print")
        await here.until(lambda state: state.phase is Phase.REST)
        await plant.at_rest()
        await asyncio.sleep(5)
        assert {("CY", PERSON_CARD), ("DA", PERSON)} <= set(named), "or nobody was named"
        assert not _found_in(shown(plant.snapshots), (*PEOPLE, TITLE)), "the panel"
        assert not _found_in(shown(here.shown), PEOPLE), "the inlet"
        assert not _found_in(shown(here.shown[-1:]), (TITLE,)), "the next person's screen"
        told = [await plant.sorter.request("status", {}), await here.work.request("status", {})]
        told.append(await plant.sorter.request("item", {"item": HELD}))
        assert not _found_in(json.dumps(told, ensure_ascii=False), (*PEOPLE, TITLE))
        (slip,) = await here.printed("printer")
        (receipt,) = await here.printed()
        assert not _found_in(" ".join((*slip, *receipt)), PEOPLE)
        assert not _found_in(" ".join(slip), (TITLE,))
        assert _found_in(" ".join(receipt), (TITLE,))
        plant.snapshots.clear()
        here.shown.clear()
        ways = held(plant, *PEOPLE, TITLE)
        assert not ways, "\n".join(ways)
        search(tmp_path)
        await plant.stop()
        await plant.stage.close()

    run(whole())
    search(tmp_path)
    assert heard.events
    assert not _found_in(repr(heard.events), (*PEOPLE, TITLE))
    printed = capfd.readouterr()
    assert not _found_in(printed.out + printed.err, (*PEOPLE, TITLE))
