"""Crates at the bins of the running line: lifted out, docked, scanned; judged by what lies in the world's bins."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.texts import Channel
from drivers.errors import Code, DeviceRefused
from drivers.ports import BeltCommand
from hw_sim.simloop import run
from sorter.ims import records
from sorter.ims.crates import CrateState, Said
from sorter.ims.happened import Happened, What
from sorter.ims.site import Site
from sorter.ims.speaking import spoken
from sorter.line import Sorter
from tests.simulation.plant import (
    BOOK,
    CATALOGUE,
    CHILDREN,
    CRATES,
    FILM,
    Plant,
    World,
    play,
)

ADULTS, CHILD, MEDIA, TRANSIT, OVERFLOW, EXCEPTION = 1, 3, 4, 6, 8, 9


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


async def crate(plant: Plant, label: str) -> Any:
    return await plant.store.read(lambda txn: records.crate_of(txn.connection, label))


def notice(plant: Plant) -> str:
    body: Any = plant.snapshots[-1].screen.body
    return "" if body.notice is None else CATALOGUE.say(body.notice, "en", Channel.PAPER)


async def ask(sorter: Sorter, name: str, **args: Any) -> dict[str, Any]:
    return await sorter.request(name, args)


async def swap(plant: Plant, number: int, *labels: str) -> None:
    """Lift a crate out, put another in, and scan."""
    plant.world.belt.out.add(number)
    await asyncio.sleep(1)
    plant.world.belt.out.discard(number)
    await asyncio.sleep(1)
    await plant.scan(*labels)


def test_a_bin_takes_nothing_until_its_chute_and_a_crate_are_known() -> None:
    async def story(plant: Plant) -> None:
        await asyncio.sleep(0.5)
        body: Any = plant.snapshots[-1].screen.body
        adults = next(b for b in body.bins if b.id == "adults")
        assert CATALOGUE.say(adults.state, "en", Channel.PAPER) == "Scan A-01 and the crate"
        assert adults.actions == (), "it is scanned, and not confirmed by a press"
        await plant.sorted(BOOK)
        assert plant.world.belt.bins[ADULTS] == []
        assert plant.world.belt.bins[OVERFLOW] == [BOOK]
        await plant.scan("A-03", "K-0003")
        assert notice(plant) == "K-0003 stands at A-03. The bin is in use."
        await plant.sorted(CHILDREN)
        assert plant.world.belt.bins[CHILD] == [CHILDREN]
        assert (await crate(plant, "K-0003")).items == (CHILDREN,)
        await plant.sorted(FILM)
        assert plant.world.belt.bins[MEDIA] == [FILM], "a bin without a chute needs no label"

    play(story, station=CRATES)


@pytest.mark.parametrize("pair", [("A-01", "K-0002"), ("K-0002", "A-01")])
def test_a_swap_ends_with_two_scans_in_either_order(pair: tuple[str, str]) -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        await plant.sorted(BOOK)
        assert plant.state.bins["adults"].count == 1
        plant.world.belt.out.add(ADULTS)
        await plant.until(lambda line: not line.bins["adults"].usable)
        plant.world.belt.out.discard(ADULTS)
        await asyncio.sleep(1)
        assert not plant.state.bins["adults"].usable, "docked, and not scanned yet"
        await plant.scan(pair[0])
        assert not plant.state.bins["adults"].usable, "one scan of two"
        await plant.scan(pair[1])
        use = plant.state.bins["adults"]
        assert (use.usable, use.count) == (True, 0)
        assert plant.world.belt.commands[-1] == (BeltCommand.BIN_DOCKED, (1,))
        closed = await crate(plant, "K-0001")
        assert (closed.state, closed.items) == (CrateState.CLOSED, (BOOK,))
        assert notice(plant) == "K-0002 stands at A-01. K-0001 is closed."

    play(story, station=CRATES)


def test_a_swap_scanned_at_a_chute_whose_crate_nobody_lifted_out_is_doubted() -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001", "A-03", "K-0003")
        await plant.sorted(BOOK)
        await swap(plant, CHILD, "A-01", "K-0004")
        assert notice(plant) == (
            "K-0001 was not lifted out at A-01. Scan the right chute, or scan both again."
        )
        assert (await crate(plant, "K-0001")).items == (BOOK,)
        assert plant.state.bins["adults"].count == 1
        assert "children" not in plant.state.usable
        await plant.scan("A-03", "K-0004")
        assert notice(plant) == "K-0004 stands at A-03. K-0003 is closed."
        assert plant.state.bins["children"].usable
        await plant.scan("A-01", "K-0005", "A-01", "K-0005")
        assert notice(plant) == "K-0005 stands at A-01. K-0001 is closed."

    play(story, station=CRATES)


def test_scanned_before_it_is_docked_the_bin_waits_for_the_crate() -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        plant.world.belt.out.add(ADULTS)
        await plant.until(lambda line: not line.bins["adults"].usable)
        await plant.scan("K-0002", "A-01")
        assert not plant.state.bins["adults"].usable, "scanned, and not docked yet"
        before = len(plant.world.belt.commands)
        plant.world.belt.out.discard(ADULTS)
        await plant.until(lambda line: line.bins["adults"].usable)
        await asyncio.sleep(0.5)
        assert plant.world.belt.commands[before:] == [(BeltCommand.BIN_DOCKED, (1,))], (
            "the belt is told when the crate is there: it may refuse before"
        )

    play(story, station=CRATES)


def test_the_same_crate_put_back_goes_on_counting() -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        await plant.sorted(BOOK)
        await swap(plant, ADULTS, "A-01", "K-0001")
        use = plant.state.bins["adults"]
        assert (use.usable, use.count) == (True, 1)
        assert (await crate(plant, "K-0001")).items == (BOOK,)

    play(story, station=CRATES)


def test_a_crate_for_several_branches_put_back_after_another_goes_on_counting() -> None:
    """By the kind of its bin in the plan: nobody empties such a crate beside its chute."""
    several = CRATES.replace('destination = "Dalum"\n', "")
    site = Site("line", "Borgernes Hus")
    fell = Happened(What.FELL, datetime(2026, 3, 2, tzinfo=UTC), site.branch, "K-0001", item=BOOK)

    async def story(plant: Plant) -> None:
        await plant.scan("A-06", "K-0001")
        await plant.store.write(lambda txn: records.happen(txn, site, replace(fell, at=txn.now)))
        await swap(plant, TRANSIT, "A-06", "K-0002")
        assert plant.state.bins["transit"].count == 0
        await swap(plant, TRANSIT, "A-06", "K-0001")
        assert notice(plant) == "K-0001 stands at A-06. K-0002 is closed."
        use = plant.state.bins["transit"]
        assert (use.usable, use.count) == (True, 1)
        assert (await crate(plant, "K-0001")).items == (BOOK,)
        await swap(plant, TRANSIT, "A-06", "K-0002")
        await swap(plant, ADULTS, "A-01", "K-0001")
        assert notice(plant) == (
            "K-0001 is listed with items for other libraries (1). If it is empty, scan both again."
        )
        assert (await crate(plant, "K-0001")).items == (BOOK,)

    play(story, station=several)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (("A-99",), "A-99 is no chute of this plant. Scan another chute."),
        ((BOOK,), "That was an item. Scan a chute or a crate."),
        (("nonsense",), "The plant does not know that label. Scan a chute or a crate."),
        (("0101011234",), "That was an item. Scan a chute or a crate."),
        (("A-03", "K-0001"), "K-0001 stands at A-01. Scan another crate, or put another one there first."),
        (("A-01", "K-0001"), "K-0001 stands at A-01 as before."),
        (("K-0009", "K-0009"), "That was the crate again. Scan the chute."),
    ],
)  # fmt: skip
def test_a_scan_that_does_not_fit_gets_its_answer_and_changes_no_crate(
    labels: tuple[str, ...], said: str
) -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        before = await crate(plant, "K-0001")
        await plant.scan(*labels)
        assert notice(plant) == said
        assert await crate(plant, "K-0001") == before
        assert await crate(plant, "K-0009") is None

    play(story, station=CRATES)


def test_scanned_through_the_door_it_is_the_same() -> None:
    async def story(plant: Plant) -> None:
        first = await ask(plant.sorter, "scan", label="k-0001")
        assert (first["said"], first["words"]) == ("chute_next", "K-0001. Scan afkastet nu.")
        second = await ask(plant.sorter, "scan", label="A-01")
        assert (second["said"], second["bin"], second["crate"]) == ("docked", "adults", "K-0001")
        await plant.until(lambda line: line.bins["adults"].usable)
        with pytest.raises(DeviceRefused, match="scan chute A-01 and the crate"):
            await plant.press("bin.adults")
        with pytest.raises(DeviceRefused):
            await ask(plant.sorter, "scan", label=7)

    play(story, station=CRATES)


def test_what_labels_look_like_at_the_plant_is_told_through_the_door() -> None:
    own = CRATES + '[security]\nitem_pattern = "X[0-9]{4}"\n'

    async def story(plant: Plant) -> None:
        assert await ask(plant.sorter, "labels") == {
            "item": "X[0-9]{4}",
            "crate": r"K-?\d{4}",
            "chute": r"A-?\d{2}",
            "language": "da",
        }

    play(story, station=own)


def test_where_is_it_and_why_is_answered_in_one_step() -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        await plant.sorted(BOOK)
        found = await ask(plant.sorter, "item", item=BOOK)
        where = found["where"]
        assert (where["branch"], where["bin"], where["crate"], where["crate_state"]) == (
            "Borgernes Hus",
            "adults",
            "K-0001",
            "docked",
        )
        assert where["bin_name"] == "Voksen, stuen"
        assert found["why"]["rule"] == "ils-bin"
        assert found["why"]["facts"]["sort_bin"] == "101"
        assert [one["what"] for one in found["history"]] == ["fell"]
        assert found["on_belt"] is None
        unknown = await ask(plant.sorter, "item", item="1111111111")
        assert (unknown["known"], unknown["where"], unknown["history"]) == (False, None, [])
        await plant.world.belt.feed(CHILDREN)
        await plant.until(lambda line: any(i.item == CHILDREN for i in line.items.values()))
        moving = (await ask(plant.sorter, "item", item=CHILDREN))["on_belt"]
        assert moving is not None
        await plant.empty()
        with pytest.raises(DeviceRefused) as refused:
            await ask(plant.sorter, "item", item="K-0001")
        assert refused.value.code is Code.STATION_REQUEST

    play(story, station=CRATES)


def test_what_has_not_arrived_lies_in_no_crate() -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        await plant.world.belt.feed(BOOK)
        await plant.until(lambda line: any(i.decision for i in line.items.values()))
        assert (await crate(plant, "K-0001")).items == ()
        await plant.empty()
        assert (await crate(plant, "K-0001")).items == (BOOK,)

    play(story, station=CRATES)


def test_an_item_that_missed_its_plough_lies_where_it_fell() -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001", "A-03", "K-0003")
        plant.world.belt.stuck.add(ADULTS)
        await plant.sorted(BOOK)
        assert plant.world.belt.bins[EXCEPTION] == [BOOK]
        assert (await crate(plant, "K-0001")).items == ()
        found = await ask(plant.sorter, "item", item=BOOK)
        assert (found["where"]["bin"], found["why"]["cause"]) == ("exception", "missed")

    play(story, station=CRATES)


def test_a_crate_is_shown_and_received_through_the_door() -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        await plant.sorted(BOOK)
        shown = await ask(plant.sorter, "crate", crate="K-0001")
        assert [one["item"] for one in shown["items"]] == [BOOK]
        stands = await ask(plant.sorter, "crate", crate="K-0001", do="receive")
        assert (stands["said"], stands["done"], stands["place"]) == (
            Said.STANDS_AT_CHUTE,
            False,
            "Borgernes Hus, A-01",
        )
        await swap(plant, ADULTS, "A-01", "K-0002")
        done = await ask(plant.sorter, "crate", crate="K-0001", do="receive", items=["3846646433"])
        assert (done["missing"], done["surplus"]) == ([BOOK], ["3846646433"])
        assert (await ask(plant.sorter, "crate", crate="K-0077"))["known"] is False
        for wrong in ({"crate": BOOK}, {"crate": "K-0001", "do": "eat"}, {"crate": 1}):
            with pytest.raises(DeviceRefused):
                await ask(plant.sorter, "crate", **wrong)
        with pytest.raises(DeviceRefused, match="no item number"):
            await ask(plant.sorter, "crate", crate="K-0001", do="receive", items=["K-0002"])

    play(story, station=CRATES)


def lives(database: Path, *stories: Any) -> None:
    """Several lives of the program over one world; each but the last is killed."""

    async def whole() -> None:
        world = World(database)
        world.begin()
        for n, story in enumerate(stories):
            plant = Plant(world, station=CRATES)
            await plant.start()
            await plant.ready()
            await story(plant)
            await (plant.kill() if n + 1 < len(stories) else plant.stop())
        await world.end()

    run(whole())


def test_a_crash_between_the_two_scans_leaves_the_first_remembered(tmp_path: Path) -> None:
    async def first(plant: Plant) -> None:
        await plant.scan("A-01")

    async def second(plant: Plant) -> None:
        await plant.scan("K-0001")
        assert notice(plant) == "K-0001 stands at A-01. The bin is in use."
        assert plant.state.bins["adults"].usable

    lives(tmp_path / "plant.db", first, second)


def test_a_bin_swapped_while_the_program_was_down_waits_for_its_scans(tmp_path: Path) -> None:
    async def first(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        plant.world.belt.out.add(ADULTS)
        await plant.until(lambda line: not line.bins["adults"].usable)
        await asyncio.sleep(0.5)

    async def second(plant: Plant) -> None:
        plant.world.belt.out.discard(ADULTS)
        await asyncio.sleep(1)
        assert not plant.state.bins["adults"].usable
        await plant.scan("A-01", "K-0002")
        assert plant.state.bins["adults"].usable

    lives(tmp_path / "plant.db", first, second)


def test_scanned_while_it_is_out_a_crash_before_docking_forgets_nothing(tmp_path: Path) -> None:
    async def first(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        plant.world.belt.out.add(ADULTS)
        await plant.until(lambda line: not line.bins["adults"].usable)
        await plant.scan("A-01", "K-0002")
        await asyncio.sleep(0.5)

    async def second(plant: Plant) -> None:
        assert not plant.state.bins["adults"].usable
        before = len(plant.world.belt.commands)
        plant.world.belt.out.discard(ADULTS)
        await plant.until(lambda line: line.bins["adults"].usable)
        await asyncio.sleep(0.5)
        assert (BeltCommand.BIN_DOCKED, (1,)) in plant.world.belt.commands[before:]

    lives(tmp_path / "plant.db", first, second)


def test_lifted_out_while_the_program_was_down_it_is_noticed_at_the_start(tmp_path: Path) -> None:
    async def first(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        await asyncio.sleep(0.5)
        plant.world.belt.out.add(ADULTS)

    async def second(plant: Plant) -> None:
        await asyncio.sleep(1)
        plant.world.belt.out.discard(ADULTS)
        await asyncio.sleep(1)
        assert not plant.state.bins["adults"].usable

    lives(tmp_path / "plant.db", first, second)


def test_with_the_belt_away_a_swap_stands_and_the_belt_hears_of_it_later() -> None:
    async def story(plant: Plant) -> None:
        plant.world.belt.broken = True
        await plant.until(lambda line: not line.link)
        await plant.scan("A-01", "K-0001")
        assert await crate(plant, "K-0001") is not None
        assert (BeltCommand.BIN_DOCKED, (1,)) not in plant.world.belt.commands
        plant.world.belt.broken = False
        await plant.ready()
        await asyncio.sleep(2)
        assert (BeltCommand.BIN_DOCKED, (1,)) in plant.world.belt.commands
        assert plant.state.bins["adults"].usable

    play(story, station=CRATES)


def test_a_borrowers_card_held_to_the_reader_at_the_bins_is_kept_nowhere(
    tmp_path: Path, heard: Any
) -> None:
    cards = ("0101011234", "2306900001234567", "Karen Testesen")

    async def story(plant: Plant) -> None:
        await plant.scan("A-01", *cards, "K-0001")
        assert (await crate(plant, "K-0001")).chute == "A-01"
        shown = "".join(str(snapshot) for snapshot in plant.snapshots)
        assert not [card for card in cards if card in shown]

    play(story, station=CRATES, database=tmp_path / "plant.db")
    kept = b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))
    assert not [card for card in cards if card.encode() in kept]
    assert not [card for card in cards if card in str(heard.events)]


def test_a_plant_tells_of_its_sorting_point_its_chutes_and_the_exchange() -> None:
    async def story(plant: Plant) -> None:
        (point,) = await plant.store.read(lambda txn: records.points(txn.connection))
        assert (point.name, point.branch) == ("plant-1", "Borgernes Hus")
        assert [(c.label, c.bin, c.number, c.destination) for c in point.chutes] == [
            ("A-01", "adults", 1, ""),
            ("A-03", "children", 3, ""),
            ("A-06", "transit", 6, "Dalum"),
        ]
        network = await plant.store.read(lambda txn: records.network(txn.connection))
        assert network is not None
        assert network.next_stop("Dalum", "Tarup") == "Borgernes Hus"

    play(story, station=CRATES)


def test_what_the_plant_speaks_is_kept_for_whoever_asks_while_it_does_not_run() -> None:
    async def story(plant: Plant) -> None:
        await asyncio.sleep(0.5)
        assert await plant.store.read(spoken) == "uk"

    place = 'place = "Borgernes Hus"'
    assert place in CRATES
    play(story, station=CRATES.replace(place, f'{place}\nlanguage = "uk"'))
