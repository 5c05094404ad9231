"""The station's own memory fails: a full disk, a clock that is wrong. Nobody is lent what cannot be written down."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Store, Txn
from drivers.store import effects
from drivers.store.sealed import SealKey
from hw_sim.simloop import run
from kiosk.lending.backs import BackState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation import rig as rig_module
from tests.simulation.rig import Rig, play
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, afi, cases, owed, signed_in

T = TypeVar("T")


class Disk:
    """A store whose disk can fill up."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self.full = False

    async def write(self, unit: Callable[[Txn], T]) -> T:
        if self.full:
            raise DeviceUnavailable("store", Code.STORE_FULL)
        return await self._inner.write(unit)

    async def read(self, unit: Callable[[Txn], T]) -> T:
        return await self._inner.read(unit)

    async def close(self) -> None:
        await self._inner.close()


def test_a_full_disk_lends_nothing_and_closes_the_machine(heard: Heard) -> None:
    heard.expect("core.effect_failed")
    disks: list[Disk] = []

    def through(inner: Store) -> Store:
        disks.append(Disk(inner))
        return disks[-1]

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        disks[0].full = True
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.rows) == 2 and not s.unsettled)
        assert sorted(await rig.loans()) == [BOOK], "what cannot be written down is not asked for"
        assert await afi(rig, OTHER) == {"07"}
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.CLOSED, 60)
        assert "store.full" in rig.words()
        disks[0].full = False
        await rig.until(lambda s: s.phase is Phase.START, 30)

    play(story, through=through)


def test_a_disk_that_is_full_from_the_start_closes_the_machine_until_there_is_room() -> None:
    async def whole() -> None:
        disks: list[Disk] = []

        def through(inner: Store) -> Store:
            disks.append(Disk(inner))
            disks[-1].full = True
            return disks[-1]

        rig = Rig(through=through)
        rig.stage.begin()
        await rig.start()
        await rig.until(lambda s: s.phase is Phase.CLOSED)
        assert "store.full" in rig.words()
        disks[0].full = False
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.stop()

        again = Rig(through=through, stage=rig.stage)
        await again.start()
        await again.until(lambda s: s.phase is Phase.CLOSED)
        await again.stop()  # it can be ended while it waits
        await rig.stage.close()

    run(whole())


def test_a_loan_in_flight_under_a_key_that_is_lost_goes_to_staff(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.expect("effect.sealed_unread")

    async def whole() -> None:
        first = Rig(database=tmp_path / "station.db")
        first.stage.begin()
        await first.start()
        await signed_in(first)
        await first.fault("library", "silent", only="11", count=1)
        await first.lay(BOOK)
        await first.until(lambda s: any(row.state is RowState.ASKING for row in s.rows))
        await first.pause(1)
        await first.kill()
        await first.lift()

        monkeypatch.setattr(rig_module, "KEY", SealKey(bytes(range(1, 33))))
        second = Rig(database=tmp_path / "station.db", stage=first.stage)
        await second.start()
        await second.until(lambda s: s.phase is Phase.START)
        await second.pause(20)
        assert await cases(second) == [f"loan_unknown {BOOK}"]
        assert not await second.store.read(effects.open_rows)
        await second.stop()
        await first.stage.close()

    run(whole())


async def _comes_true(so: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    async with asyncio.timeout(30):
        while not await so():  # noqa: ASYNC110 - the world has no event for it
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("undone", [False, True])
def test_an_answer_that_cannot_be_written_down_is_in_doubt_until_the_disk_works_again(
    heard: Heard, undone: bool
) -> None:
    heard.expect("core.effect_failed")
    disks: list[Disk] = []

    def through(inner: Store) -> Store:
        disks.append(Disk(inner))
        return disks[-1]

    async def story(rig: Rig) -> None:
        async def answered() -> bool:
            return bool(await rig.loans()) is not undone

        await signed_in(rig)
        await rig.lay(BOOK)
        if undone:
            await rig.until(lambda s: len(s.done) == 1)
            await rig.press(f"undo.{rig.state.rows[0].id}")
        await _comes_true(answered)
        disks[0].full = True
        doubt = RowState.UNDO_UNKNOWN if undone else RowState.UNKNOWN
        await rig.until(lambda s: s.rows[0].state is doubt)
        await rig.pause(20)
        assert rig.state.rows[0].state is doubt, "nobody is told what is not so"
        disks[0].full = False
        await rig.until(lambda s: not s.unsettled)
        assert rig.state.rows[0].state is (RowState.UNDONE if undone else RowState.DONE)
        assert await afi(rig, BOOK) == {"07" if undone else "c2"}
        assert not await rig.store.read(effects.open_rows)
        assert await owed(rig) == 0

    play(story, through=through)


def test_a_return_that_cannot_be_written_down_is_in_doubt_until_the_disk_works_again(
    heard: Heard,
) -> None:
    heard.expect("core.effect_failed")
    disks: list[Disk] = []

    def through(inner: Store) -> Store:
        disks.append(Disk(inner))
        return disks[-1]

    async def story(rig: Rig) -> None:
        async def given_back() -> bool:
            return not await rig.loans()

        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.press("return")
        await rig.lay(BOOK)
        await _comes_true(given_back)
        disks[0].full = True
        await rig.until(lambda s: s.backs[0].state is BackState.UNKNOWN)
        disks[0].full = False
        await rig.until(lambda s: s.backs[0].state is BackState.RETURNED)
        assert await afi(rig, BOOK) == {"07"}
        assert not await rig.store.read(effects.open_rows)

    play(story, through=through)


def test_a_renewal_that_cannot_be_written_down_is_in_doubt_until_the_disk_works_again(
    heard: Heard,
) -> None:
    heard.expect("core.effect_failed")
    disks: list[Disk] = []

    def through(inner: Store) -> Store:
        disks.append(Disk(inner))
        return disks[-1]

    async def story(rig: Rig) -> None:
        async def renewed() -> bool:
            return bool((await rig.loans())[BOOK]["renewals"])

        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.press("loans")
        await rig.sign_in()
        await rig.until(lambda s: bool(s.lents))
        await rig.press(f"renew.{rig.state.lents[0].id}")
        await _comes_true(renewed)
        disks[0].full = True
        await rig.until(lambda s: s.lents[0].state is LentState.UNKNOWN)
        disks[0].full = False
        await rig.until(lambda s: s.lents[0].state not in {LentState.UNKNOWN, LentState.ASKING})
        # renewed on the day of the loan, its due date stays: nothing can tell the two apart, and nothing differs
        assert str(rig.state.lents[0].due) == (await rig.loans())[BOOK]["due"]
        assert not await rig.store.read(effects.open_rows)

    play(story, through=through)


def test_settling_outlasts_a_full_disk(heard: Heard) -> None:
    heard.expect("library.line.dropped")
    disks: list[Disk] = []

    def through(inner: Store) -> Store:
        disks.append(Disk(inner))
        return disks[-1]

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "drop_after_commit", only="11", count=1)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.UNKNOWN for r in s.rows))
        disks[0].full = True
        await rig.pause(30)
        disks[0].full = False
        await rig.until(lambda s: len(s.done) == 1)
        assert sorted(await rig.loans()) == [BOOK]
        assert await afi(rig, BOOK) == {"c2"}

    play(story, through=through)


def test_a_clock_behind_the_last_run_closes_the_machine_until_it_is_right(tmp_path: Path) -> None:
    database = tmp_path / "station.db"

    async def whole() -> None:
        first = Rig(database=database)
        first.stage.begin()
        await first.start()
        await first.until(lambda s: s.phase is Phase.START)
        await first.stop()

        second = Rig(database=database, stage=first.stage, behind=timedelta(minutes=40))
        await second.start()
        await second.until(lambda s: s.phase is Phase.CLOSED)
        assert "clock.wrong" in second.words()
        await second.until(lambda s: s.phase is Phase.START, 45 * 60)
        await second.stop()
        await first.stage.close()

    run(whole())
