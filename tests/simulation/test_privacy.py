"""Values planted in a visit are found nowhere afterwards: not in what the run wrote, not in its memory.

The walk goes over every object that the station can still reach. The simulated world knows its borrowers,
and so does the test: both are left out by where their types are defined.
"""

import asyncio
import gc
import json
import types
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drivers.ports import Secret
from drivers.service.view import snapshot_to_json
from drivers.store import effects
from hw_sim.ils.stock import Fee, Hold
from hw_sim.scenario import Scenario, load
from hw_sim.simloop import run
from hw_sim.stage import Stage
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.simulation.rig import STATION, Rig
from tests.simulation.test_fbs import FBS_STATION

CARD, CPR, PIN = "4455667788", "3002994321", "82460917"
NAME, MAIL = "Zenobia Kanarietest", "zenobia@kanarie.example"
TITLES = ("Kanariebogen om Xylofonen", "Kanariespillet Quadrille")
BOOK, SET = "3846646425", "3846646466"
PLANTED = (CARD, CPR, PIN, *NAME.split(), MAIL, *(title.split()[0] for title in TITLES))
WRONG_PIN = "71717171"


STATIONS = {"first-loan": STATION, "first-loan-fbs": FBS_STATION}
"""By the scenario it stands in: what the library system speaks."""


def planted(name: str = "first-loan") -> Scenario:
    scenario = load(name)
    patron: Any = scenario.patrons[0]
    patron.update({"card": CARD, "cpr": CPR, "pin": PIN, "name": NAME, "email": MAIL})
    titles = {BOOK: TITLES[0], SET: TITLES[1]}
    items = tuple(replace(i, title=titles.get(i.id, i.title)) for i in scenario.items)
    for row in scenario.data["items"]:
        row["title"] = titles.get(row["id"], row["title"])
    cards = tuple(replace(c, text=CARD) if c.name == "karen" else c for c in scenario.cards)
    return replace(scenario, items=items, cards=cards)


# --- the search -------------------------------------------------------------------------------------


def reachable(*roots: object) -> Iterator[tuple[object, str]]:
    """Every object that can be reached, with the way to it; what is ours, and not the world or the test."""
    seen: set[int] = set()
    queue: list[tuple[object, str]] = [(root, type(root).__name__) for root in roots]
    keep: list[object] = []  # so that no id is used twice
    while queue:
        it, way = queue.pop()
        if id(it) in seen or _foreign(it):
            continue
        seen.add(id(it))
        keep.append(it)
        yield it, way
        queue += [(inner, f"{way[-300:]} > {_name(inner)}") for inner in _inner(it)]


def _foreign(it: object) -> bool:
    if isinstance(it, type | types.ModuleType | types.CodeType):
        return True
    if isinstance(it, types.FunctionType | types.MethodType):
        return it.__module__.startswith(("hw_sim", "tests"))
    if isinstance(it, types.CoroutineType):
        return "/tests/" in it.cr_code.co_filename or "/hw_sim/" in it.cr_code.co_filename
    if isinstance(it, asyncio.Task):
        return _foreign(it.get_coro())
    return type(it).__module__.startswith(("hw_sim", "tests", "_pytest", "pluggy"))


def _inner(it: object) -> list[object]:
    if isinstance(it, types.FunctionType):
        return [cell.cell_contents for cell in it.__closure__ or () if _filled(cell)] + [
            it.__defaults__,
            it.__kwdefaults__,
        ]
    return gc.get_referents(it)


def _filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _name(it: object) -> str:
    name = getattr(it, "__qualname__", None) or type(it).__name__
    return f"{name}" if not isinstance(it, str) else f"str[{len(it)}]"


def _found_in(it: object, values: tuple[str, ...]) -> bool:
    match it:
        case str():
            return any(value in it for value in values)
        case bytes() | bytearray() | memoryview():
            data = bytes(it)
            return any(value.encode() in data for value in values)
        case Secret():
            return any(value in it.reveal() for value in values)
        case _:
            return False


def in_memory(rig: Rig, *values: str) -> list[str]:
    gc.collect()
    return [
        way
        for it, way in reachable(rig.kiosk, rig.store, *asyncio.all_tasks())
        if _found_in(it, values)
    ]


def _wait(_value: str, _txn: object) -> None:
    """A unit that holds a value while it waits its turn."""


def test_the_search_finds_what_is_there() -> None:
    """A walk that finds nothing proves nothing, unless it can find."""

    async def whole() -> None:
        one = Rig(planted())
        one.stage.begin()
        await one.start()
        await one.until(lambda s: s.phase is Phase.START)
        assert in_memory(one, *PLANTED) == []
        doing = one.kiosk._doing
        for held in (Secret(CARD), CARD.encode(), {"x": [f"<{NAME}>"]}, partial(print, PIN)):
            doing.planted = held  # type: ignore[attr-defined]
            assert in_memory(one, *PLANTED), held
            del doing.planted  # type: ignore[attr-defined]
        one.wires["pad"]._inbox += CARD.encode()
        assert in_memory(one, *PLANTED)
        one.wires["pad"]._inbox.clear()
        waiting = asyncio.create_task(one.store.read(partial(_wait, MAIL)))
        doing._settling._behind["x"] = waiting
        assert in_memory(one, *PLANTED)
        del doing._settling._behind["x"]
        await waiting
        await one.stop()
        await one.stage.close()

    run(whole())


# --- visits -----------------------------------------------------------------------------------------


async def plain(rig: Rig) -> None:
    """Nothing goes wrong."""


async def wrong_pin(rig: Rig) -> None:
    await rig.until(lambda s: s.phase is Phase.START)
    await rig.scan(CPR)
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.enter_pin(WRONG_PIN)
    await rig.until(lambda s: s.visit.notice != "" and not s.visit.asking)
    await rig.press("back")
    await rig.until(lambda s: s.phase is Phase.CARD)
    await rig.press("back")


async def typed(rig: Rig) -> None:
    await rig.until(lambda s: s.phase is Phase.START)
    await rig.press("borrow")
    await rig.press("type")
    for digit in CPR:
        await rig.press(f"key.{digit}")
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.press("back")
    await rig.press("type")
    for digit in CPR[:7]:
        await rig.press(f"key.{digit}")
    await rig.press("back")
    await rig.press("back")


async def tapped(rig: Rig) -> None:
    """A card is held to the reader, and taken away; then somebody else's comes."""
    await rig.until(lambda s: s.phase is Phase.START and s.devices.card)
    await rig.tap("karen")
    await rig.until(lambda s: s.phase is Phase.PIN)
    card = rig.state.visit.card
    assert card is not None
    assert card.reveal() == CARD
    await rig.press("back")
    await rig.press("back")
    await rig.pause(3)


async def lost_answer(rig: Rig) -> None:
    await rig.fault("library", "drop_after_commit", only="11", count=1)


async def paper_end(rig: Rig) -> None:
    await rig.fault("printer", "paper_end", after_mm=20)


async def greylisted(rig: Rig) -> None:
    await rig.fault("mail", "greylist", count=1)


async def no_such_address(rig: Rig) -> None:
    await rig.fault("mail", "no_such_address")


async def account(rig: Rig) -> None:
    """Somebody looks at holds and fees of her own, and one hold goes."""
    await rig.until(lambda s: s.phase is Phase.START)
    library = rig.stage.places["library"].device.library  # type: ignore[attr-defined]
    library.holds += [Hold(SET, CARD), Hold(BOOK, CARD)]
    library.fees.append(Fee("F1", CARD, Decimal("83.46"), SET))
    await rig.press("holds")
    await rig.scan(CARD)
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.enter_pin(PIN)
    await rig.until(lambda s: s.phase is Phase.HOLDS and s.visit.fresh)
    await rig.press(f"cancel.{rig.state.helds[0].id}")
    await rig.press("cancel.yes")
    await rig.until(lambda s: not s.busy)
    await rig.press("show.fees")
    assert TITLES[1] in repr(rig.screen), "or nothing was planted"
    assert "8346" in repr(rig.screen)
    await rig.press("finish.none")
    await rig.until(lambda s: s.phase is Phase.START, 60)
    shown = json.dumps(snapshot_to_json(rig.snapshots[-1]), ensure_ascii=False)
    assert not _found_in(shown, (*PLANTED, "8346"))
    ended = [s for s in rig.snapshots if s.screen.name == "end"]
    assert ended
    assert not _found_in(repr(ended), (*PLANTED, "8346"))


FAULTS = {
    "plain": plain,
    "mail_greylisted": greylisted,
    "mail_no_such_address": no_such_address,
    "account": account,
    "wrong_pin": wrong_pin,
    "typed": typed,
    "lost_answer": lost_answer,
    "paper_end": paper_end,
}


async def visit(rig: Rig) -> None:
    await rig.until(lambda s: s.phase is Phase.START)
    await rig.scan(CARD)
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.enter_pin(PIN)
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(BOOK, SET)
    await rig.until(lambda s: len(s.done) == 2 and not s.unsettled, 200)
    assert any(NAME.split(maxsplit=1)[0] in repr(s.screen) for s in rig.snapshots), (
        "or nothing was planted"
    )
    assert any(TITLES[0] in repr(s.screen) for s in rig.snapshots)


async def goes(rig: Rig, how: str) -> None:
    await rig.press(how)
    await rig.until(lambda s: s.phase in {Phase.END, Phase.RECEIPT_FAILED} and _ended(s), 120)
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START and s.pad.empty, 120)


def _ended(state: Any) -> bool:
    return state.farewell is not None and state.farewell.receipt != "printing"


def search_files(folder: Path) -> None:
    files = sorted(folder.iterdir())
    assert files
    for file in files:
        assert not _found_in(file.name, PLANTED)
        assert not _found_in(file.read_bytes(), (*PLANTED, WRONG_PIN)), file.name


def live(
    folder: Path,
    before: Callable[[Rig], Awaitable[None]],
    *,
    crash: bool = False,
    scenario: str = "first-loan",
    how: str = "finish.print",
    devices: str = "",
) -> tuple[list[str], str]:
    """One visit, if asked cut short by a crash. What memory still holds at the end, and the last snapshot."""

    async def whole() -> tuple[list[str], str]:
        stage = Stage(planted(scenario), pace="none")
        station = STATIONS[scenario] + devices + "[lending]\npin_length = 8\n"
        first = Rig(stage=stage, station=station, database=folder / "station.db")
        stage.begin()
        await first.start()
        await before(first)
        await visit(first)
        if crash:
            await stage.do("fault", {"device": "library", "verb": "silent", "args": {"only": "11"}})
            await first.lay("3846646433")
            await first.until(lambda s: any(r.state is RowState.ASKING for r in s.rows))
            await first.pause(1)
            await first.kill()
            await stage.do("clear", {"device": "library", "verb": None})
            await stage.do("lift", {"items": None})
            last = Rig(stage=stage, station=station, database=folder / "station.db", seed=8)
            await last.start()
            await last.until(lambda s: s.phase is Phase.START)
        else:
            await goes(first, how)
            last = first
        while await last.store.read(effects.open_rows):
            await last.pause(1)
        await last.pause(5)
        last.snapshots[:-1] = []
        held = in_memory(last, *PLANTED, WRONG_PIN)
        shown = json.dumps(snapshot_to_json(last.snapshots[-1]), ensure_ascii=False)
        search_files(folder)  # while it runs, with the write-ahead log as it stands
        await last.stop()
        await stage.close()
        return held, shown

    return run(whole())


@pytest.mark.parametrize("scenario", STATIONS)
@pytest.mark.parametrize("name", [*FAULTS, "crash"])
def test_nothing_of_a_visit_is_left(name: str, scenario: str, tmp_path: Path, heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")
    held, shown = live(
        tmp_path,
        FAULTS.get(name, plain),
        crash=name == "crash",
        scenario=scenario,
        how="finish.email" if name.startswith("mail_") else "finish.print",
    )
    assert not held, "\n".join(held)
    assert not _found_in(shown, PLANTED)
    search_files(tmp_path)
    assert heard.events
    assert not _found_in(repr(heard.events), (*PLANTED, WRONG_PIN))


def test_nothing_of_a_card_with_a_chip_is_left(tmp_path: Path, heard: Any) -> None:
    reader = '[devices.card]\nurl = "memory://card"\n'
    held, shown = live(tmp_path, tapped, devices=reader)
    assert not held, "\n".join(held)
    assert not _found_in(shown, PLANTED)
    search_files(tmp_path)
    assert not _found_in(repr(heard.events), PLANTED)
