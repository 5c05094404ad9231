"""A sort plan whose file is edited while the line runs: a fit one decides from the next item on, any other changes nothing."""

import asyncio
import os
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import pytest

from config.texts import Channel, Text
from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Store, Txn
from drivers.service.view import BeltBody
from drivers.store import journal
from hw_sim.simloop import run
from sorter import planning
from sorter.belt.items import ItemState
from sorter.belt.line import Stop
from sorter.plan import edition
from sorter.plan.edition import Judged, PlanUnfit, fingerprint_of
from sorter.plan.lint import Finding, lint
from sorter.plan.plan import Plan
from tests.simulation.plant import (
    BOOK,
    CATALOGUE,
    CHILDREN,
    CRATES,
    FILM,
    HELD,
    STATION,
    Plant,
    World,
)

T = TypeVar("T")

ODENSE = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")
BY_OTHER = ODENSE.replace('101 = "adults"', '101 = "media"')
"""Adults' fiction goes to bin 4."""
ADULTS, CHILD, MEDIA, EXCEPTION = 1, 3, 4, 9


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


class Edited:
    """A plan file and the plants that run by it, one life after the other."""

    def __init__(
        self,
        directory: Path,
        toml: str = ODENSE,
        station: str = STATION,
        through: Callable[[Store], Store] | None = None,
    ) -> None:
        self.file = directory / "plan.toml"
        self.write(toml)
        self.world = World(directory / "plant.db")
        self.station = station.replace('plan = "odense"', f'plan = "{self.file}"')
        self.plant = Plant(self.world, station=self.station, through=through)

    def write(self, toml: str) -> None:
        self.file.write_text(toml, encoding="utf-8")

    async def __aenter__(self) -> Plant:
        self.world.begin()
        await self.plant.start()
        await self.plant.ready()
        return self.plant

    async def __aexit__(self, *_: object) -> None:
        await self.plant.stop()
        await self.world.end()

    async def again(self) -> Plant:
        """Off and on."""
        await self.plant.stop()
        self.plant = Plant(self.world, station=self.station)
        await self.plant.start()
        return self.plant


def body(plant: Plant) -> BeltBody:
    shown = plant.snapshots[-1].screen.body
    assert isinstance(shown, BeltBody)
    return shown


def alarms(plant: Plant, language: str = "en") -> dict[str, str]:
    """By id, what stands there and what to do, and what a technician reads of it."""

    def said(words: Any) -> str:
        return CATALOGUE.say(words, language, Channel.PAPER)

    return {
        row.id: f"{said(row.title)} {said(row.state)} {'' if row.detail is None else said(row.detail)}"
        for row in body(plant).alarms
        if row.id.startswith("plan.")
    }


async def told(plant: Plant, kind: str) -> list[dict[str, Any]]:
    rows = await plant.store.read(lambda txn: journal.rows(txn, kind=kind))
    return [dict(row.payload) for row in rows]


def mark(toml: str) -> str:
    return fingerprint_of(toml.encode())


def test_a_fit_plan_decides_from_the_next_item_on_and_each_decision_names_its_plan(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            await plant.sorted(BOOK)
            await plant.world.belt.feed(HELD)
            edited.write(BY_OTHER)
            await plant.until(lambda line: line.decide.fingerprint == mark(BY_OTHER), 10)
            await plant.empty()
            edited.write(BY_OTHER.replace('103 = "children"', '103 = "adults"'))
            await asyncio.sleep(5)
            await plant.sorted(CHILDREN)
            assert plant.world.belt.bins[ADULTS] == [BOOK, CHILDREN]
            shown = body(plant).plan
            assert isinstance(shown, Text)
            named = f"Plan odense {plant.state.decide.fingerprint[:8]}"
            assert CATALOGUE.say(shown, "da", Channel.PAPER) == named
            taken = await told(plant, "plan.taken")
            assert [(t["plan"], t["before"]) for t in taken[:2]] == [
                (mark(ODENSE), None),
                (mark(BY_OTHER), mark(ODENSE)),
            ]
            by = [d["plan"] for d in await told(plant, "item.decided")]
            assert by == [taken[0]["plan"], by[1], taken[2]["plan"]]
            assert by[1] in {taken[0]["plan"], taken[1]["plan"]}
            status = await plant.sorter.request("status", {})
            assert status["plan"]["fingerprint"] == taken[2]["plan"]
            assert status["plan"]["refused"] is None

    run(story())


@pytest.mark.parametrize(
    ("broken", "at", "says", "danish"),
    [
        (ODENSE[: len(ODENSE) // 2], "", "", "Planen hænger ikke sammen."),
        (
            ODENSE.replace('to = "holds"', 'to = "hold"'),
            'to = "hold"\n',
            "rule hold-here: no bin 'hold', did you mean 'holds'?",
            "Reglen hold-here bruger hold, som planen ikke har.",
        ),
        (
            ODENSE.replace("when = { armed = false }", "when = { armed = true }"),
            "",
            "can put an item whose alarm is not on into",
            "lægger noget uden alarm i ",
        ),
        (
            ODENSE.replace("number = 9", "number = 12"),
            "number = 12",
            "the belt has 1 to 9 only",
            "Planen bruger kasse 12, og båndet har kun 1 til 9.",
        ),
        (
            ODENSE.replace('to = "children"', 'to = "børn"')
            .replace('103 = "children"', '103 = "børn"')
            .replace("\nchildren =", '\n"børn" ='),
            '"børn" = { number',
            "bin 'børn': a name is of a to z",
            "Kassen børn har et ugyldigt navn",
        ),
        ("", "", "profile: is required and missing", ""),
        (
            f"{ODENSE}\nx = {'[' * 3000}{']' * 3000}\n",
            "x = [",
            "lists or tables stand too deep in one another",
            "Planen hænger ikke sammen.",
        ),
        (f"{ODENSE}\nx = {'9' * 6000}\n", "x = 9", "a number has more digits than any", ""),
    ],
)
def test_a_file_that_is_no_fit_plan_changes_nothing_and_is_an_alarm(
    tmp_path: Path, heard: Any, broken: str, at: str, says: str, danish: str
) -> None:
    heard.expect("plan.refused")

    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            edited.write(broken)
            await plant.until(lambda _: "plan.refused" in alarms(plant), 10)
            words = alarms(plant)["plan.refused"]
            assert "Error in new plan plan.toml line " in words
            assert "Correct the file. " in words
            assert f"still follows odense {mark(ODENSE)[:8]}" in words
            assert says in words
            assert not danish or danish in alarms(plant, "da")["plan.refused"]
            line = broken[: broken.index(at)].count("\n") + 1
            assert not at or f"Error in new plan plan.toml line {line} " in words
            (refused,) = await told(plant, "plan.refused")
            assert refused["plan"] == mark(broken)
            problems = (await plant.sorter.request("status", {}))["plan"]["refused"]["problems"]
            assert problems
            assert problems[0].startswith(f"{edited.file}:")
            await plant.sorted(BOOK)
            assert plant.world.belt.bins[ADULTS] == [BOOK]
            edited.write(BY_OTHER)
            await plant.until(lambda line: line.decide.fingerprint == mark(BY_OTHER), 10)
            await asyncio.sleep(0.2)
            assert alarms(plant) == {}
            assert len(await told(plant, "plan.refused")) == 1

    run(story())


def test_a_file_that_is_gone_is_an_alarm_and_one_that_comes_back_ends_it(
    tmp_path: Path, heard: Any
) -> None:
    heard.expect("plan.refused")

    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            edited.file.unlink()
            await plant.until(lambda _: "plan.refused" in alarms(plant), 10)
            assert "cannot be read" in alarms(plant)["plan.refused"]
            edited.write(ODENSE)
            await plant.until(lambda _: not alarms(plant), 10)
            assert len(await told(plant, "plan.taken")) == 1

    run(story())


def test_a_change_is_seen_by_its_content_also_where_the_file_looks_untouched(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            await asyncio.sleep(5)
            before = edited.file.stat()
            with edited.file.open("r+", encoding="utf-8") as file:
                file.write(ODENSE.replace('101 = "adults"', '101 = "media" '))
            os.utime(edited.file, ns=(before.st_atime_ns, before.st_mtime_ns))
            await plant.until(lambda line: line.decide.fingerprint != mark(ODENSE), 70)
            await plant.sorted(BOOK)
            assert plant.world.belt.bins[MEDIA] == [BOOK]

    run(story())


def test_a_half_written_file_is_not_judged_while_somebody_writes(tmp_path: Path) -> None:
    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            for end in range(0, len(BY_OTHER), len(BY_OTHER) // 40):
                edited.write(BY_OTHER[:end])
                await asyncio.sleep(0.3)
            edited.write(BY_OTHER)
            await plant.until(lambda line: line.decide.fingerprint == mark(BY_OTHER), 10)
            assert await told(plant, "plan.refused") == []

    run(story())


class Disk:
    """A store that cannot be read while `broken`."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self.broken = False

    async def write(self, unit: Callable[[Txn], T]) -> T:
        return await self._inner.write(unit)

    async def read(self, unit: Callable[[Txn], T]) -> T:
        if self.broken:
            raise DeviceUnavailable("store", Code.STORE_BROKEN)
        return await self._inner.read(unit)

    async def close(self) -> None:
        await self._inner.close()


def test_a_disk_that_cannot_be_read_for_a_while_does_not_end_the_watch_on_the_file(
    tmp_path: Path, heard: Any
) -> None:
    heard.expect("plan.unwatched")
    disks: list[Disk] = []

    def through(inner: Store) -> Store:
        disks.append(Disk(inner))
        return disks[-1]

    async def story() -> None:
        edited = Edited(tmp_path, through=through)
        async with edited as plant:
            disks[0].broken = True
            edited.write(BY_OTHER)
            await plant.until(lambda _: "plan.unwatched" in alarms(plant), 10)
            await asyncio.sleep(300)
            (words,) = alarms(plant).values()
            assert (
                f"Changes to the sort plan wait The plant follows odense {mark(ODENSE)[:8]}"
                in words
            )
            disks[0].broken = False
            await plant.until(lambda line: line.decide.fingerprint == mark(BY_OTHER), 10)
            await asyncio.sleep(1)
            assert alarms(plant) == {}
            await plant.sorted(BOOK)
            assert plant.world.belt.bins[MEDIA] == [BOOK]

    run(story())


def test_what_nobody_thought_of_does_not_end_the_watch_on_the_file(
    tmp_path: Path, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.expect("plan.unwatched")

    def judged(*_: object) -> Judged:
        raise MemoryError

    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            with monkeypatch.context() as patched:
                patched.setattr(planning, "judged", judged)
                edited.write(BY_OTHER)
                await plant.until(lambda _: "plan.unwatched" in alarms(plant), 10)
            await plant.until(lambda line: line.decide.fingerprint == mark(BY_OTHER), 10)

    run(story())


@pytest.mark.parametrize(
    "broken", ["half a pla", f"x = {'[' * 3000}{']' * 3000}", f"x = {'9' * 6000}"]
)
def test_a_start_with_a_broken_file_goes_on_by_the_last_good_plan_and_says_so(
    tmp_path: Path, heard: Any, broken: str
) -> None:
    heard.expect("plan.refused")

    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            edited.write(BY_OTHER)
            await plant.until(lambda line: line.decide.fingerprint == mark(BY_OTHER), 10)
            edited.write(broken)
            plant = await edited.again()
            await plant.ready()
            assert "plan.refused" in alarms(plant)
            assert plant.state.decide.fingerprint == mark(BY_OTHER)
            await plant.sorted(BOOK)
            assert plant.world.belt.bins[MEDIA] == [BOOK]
            edited.write(ODENSE)
            await plant.until(lambda line: line.decide.fingerprint == mark(ODENSE), 10)

    run(story())


def test_an_edition_is_judged_once_however_often_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: Any
) -> None:
    """A start asks four times, and the file is read again every minute: a long plan would hold up the belt each time."""
    heard.expect("plan.refused")
    judged: list[int] = []

    def counted(plan: Plan) -> tuple[Finding, ...]:
        judged.append(len(plan.rules))
        return lint(plan)

    monkeypatch.setattr(edition, "lint", counted)
    one_more = ODENSE.replace(
        "\n[[rules]]", '\n[[rules]]\nid = "dead"\nto = "exception"\n\n[[rules]]', 1
    )

    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            await asyncio.sleep(3 * planning.READ_S)
            edited.file.touch()
            await asyncio.sleep(2 * planning.LOOK_S)
            assert judged == [18], "that of the file"
            edited.write(one_more)
            await plant.until(lambda _: "plan.refused" in alarms(plant), 10)
            await asyncio.sleep(2 * planning.READ_S)
            assert judged == [18, 19]
            await edited.again()
            await edited.plant.ready()
            assert judged == [18, 19]

    run(story())


def test_a_plan_beyond_its_bounds_changes_nothing_and_says_how_large_one_may_be(
    tmp_path: Path, heard: Any
) -> None:
    heard.expect("plan.refused")

    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            edited.write(ODENSE + "#" * edition.MOST_BYTES)
            await plant.until(lambda _: "plan.refused" in alarms(plant), 10)
            assert "It may have 256 KiB and 4000 rules" in alarms(plant)["plan.refused"]
            await asyncio.sleep(2 * planning.READ_S)
            assert len(await told(plant, "plan.refused")) == 1
            plant = await edited.again()
            await plant.ready()
            assert plant.state.decide.fingerprint == mark(ODENSE)
            edited.write(ODENSE)
            await plant.until(lambda _: alarms(plant) == {}, 10)

    run(story())


def test_a_first_start_with_a_broken_file_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        edited = Edited(tmp_path, "half a pla")
        with pytest.raises(PlanUnfit, match=r"plan\.toml:1:"):
            await edited.plant.start()
        await edited.plant.store.close()

    run(story())


def test_a_plan_that_calls_a_bin_otherwise_keeps_what_stands_there_and_what_is_on_its_way(
    tmp_path: Path,
) -> None:
    """The number at the belt is the bin: crate, count and the item that is bound for it stay with it."""
    renamed = ODENSE.replace('"children"', '"boern"').replace("\nchildren =", "\nboern =")

    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            await plant.sorted(CHILDREN)
            await plant.world.belt.feed(FILM)
            await plant.until(
                lambda line: any(i.state is ItemState.SENT for i in line.items.values())
            )
            edited.write(renamed.replace('"media"', '"film"').replace("\nmedia =", "\nfilm ="))
            await plant.until(lambda line: "boern" in line.bins, 10)
            assert plant.state.bins["boern"].count == 1
            await plant.empty()
            assert plant.world.belt.bins[MEDIA] == [FILM]
            assert plant.state.bins["film"].count == 1
            plant = await edited.again()
            await plant.ready()
            assert {n: b.count for n, b in plant.state.bins.items() if b.count} == {
                "boern": 1,
                "film": 1,
            }

    run(story())


def test_an_item_whose_bin_is_taken_out_of_the_plan_is_decided_about_anew(tmp_path: Path) -> None:
    without = ODENSE.replace(
        'media = { number = 4, name = "Musik, film og spil", capacity = 60 }\n', ""
    ).replace('"media"', '"overflow"')
    without = without.replace('id = "overflow"', 'id = "media"')

    async def story() -> None:
        edited = Edited(tmp_path)
        async with edited as plant:
            await plant.world.belt.feed(FILM)
            await plant.until(
                lambda line: any(i.state is ItemState.SENT for i in line.items.values())
            )
            plant.world.belt.state = plant.world.belt.state.HELD
            edited.write(without)
            await plant.until(lambda line: "media" not in line.bins, 10)
            await asyncio.sleep(0.5)
            await plant.press("belt.unhold")
            await plant.empty()
            assert plant.world.belt.bins[8] == [FILM]
            by = [d["plan"] for d in await told(plant, "item.decided")]
            assert by == [mark(ODENSE), mark(without)]

    run(story())


def test_a_plan_without_the_bin_of_a_chute_is_not_taken(tmp_path: Path, heard: Any) -> None:
    heard.expect("plan.refused")

    async def story() -> None:
        edited = Edited(tmp_path, station=CRATES)
        async with edited as plant:
            edited.write(
                ODENSE.replace('"children"', '"boern"').replace("\nchildren =", "\nboern =")
            )
            await plant.until(lambda _: "plan.refused" in alarms(plant), 10)
            assert (
                "The chute A-03 belongs to the bin children, which the plan lacks."
                in alarms(plant)["plan.refused"]
            )

    run(story())


def test_a_plan_for_another_belt_shuts_the_inlet_and_says_what_to_do(
    tmp_path: Path, heard: Any
) -> None:
    """Never met before, so nobody could have known: the belt tells its bins when the link comes up."""
    heard.expect("plan.refused")
    ten = ODENSE.replace("number = 9", "number = 10")

    async def story() -> None:
        edited = Edited(tmp_path, ten)
        edited.world.begin()
        plant = edited.plant
        await plant.start()
        await plant.until(lambda line: line.link and Stop.PLAN in line.stops, 20)
        await asyncio.sleep(5)
        assert plant.state.stops == {Stop.PLAN}
        ((id, words),) = alarms(plant).items()
        assert id == "plan.belt"
        assert "bin exception is number 10, and the belt has bins 1 to 9" in words
        edited.write(ODENSE)
        await plant.ready()
        await asyncio.sleep(0.3)
        assert alarms(plant) == {}
        await plant.sorted(BOOK)
        assert plant.world.belt.bins[ADULTS] == [BOOK]
        await plant.stop()
        await edited.world.end()

    run(story())
