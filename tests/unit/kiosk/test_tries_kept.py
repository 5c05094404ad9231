"""Wrong PINs are kept over a restart as they stood, whatever the clocks do meanwhile, and only while they count."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.station import Lending as Rules
from drivers.runtime.clock import SeededRng
from drivers.runtime.flow import Now
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey, unseal
from kiosk.lending.tries import MACHINE, Tries, wait_s, wrong_pin
from kiosk.lending.tries_kept import PLACE, keep, kept, mark_key
from tests.store_fixtures import KEY, SetClock

RULES = Rules()
MARK = "f0e1"


def guessed(times: int) -> tuple[Tries, ...]:
    """So many wrong PINs of one card, a second apart, from 1,000."""
    tries: tuple[Tries, ...] = ()
    for at in range(times):
        tries = wrong_pin(tries, MARK, 1000.0 + at, RULES)
    return tries


async def after_restart(
    store: InlineStore, clock: SetClock, tries: tuple[Tries, ...], later: timedelta
) -> tuple[Tries, ...]:
    """What another run finds so much later by the wall, its monotonic time begun anew at 5."""
    await store.write(lambda txn: keep(txn, tries, Now(clock.wall, 1004.0), RULES))
    clock.wall += later
    return await store.read(lambda txn: kept(txn, Now(clock.wall, 5.0), RULES))


async def test_nothing_is_kept_of_nothing(store: InlineStore, clock: SetClock) -> None:
    assert await after_restart(store, clock, (), timedelta()) == ()
    assert await store.read(lambda txn: unseal(txn, PLACE)) is None


async def test_few_wrong_pins_go_on_counting(store: InlineStore, clock: SetClock) -> None:
    tries = await after_restart(store, clock, guessed(4), timedelta(seconds=10))
    assert wait_s(tries, MARK, 5.0) == 0
    assert wait_s(wrong_pin(tries, MARK, 5.0, RULES), MARK, 5.0) == RULES.pin_block_s


@pytest.mark.parametrize(("later", "left"), [(0, 900), (60, 840), (899, 1), (900, 0)])
async def test_what_is_left_of_the_wait_is_waited(
    store: InlineStore, clock: SetClock, later: float, left: float
) -> None:
    tries = await after_restart(store, clock, guessed(5), timedelta(seconds=later))
    assert wait_s(tries, MARK, 5.0) == left
    assert {t.mark for t in tries} == {MARK, MACHINE}


async def test_the_next_wait_is_still_the_longer_one(store: InlineStore, clock: SetClock) -> None:
    tries = await after_restart(store, clock, guessed(5), timedelta(seconds=900))
    for _ in range(5):
        tries = wrong_pin(tries, MARK, 5.0, RULES)
    assert wait_s(tries, MARK, 5.0) == 2 * RULES.pin_block_s


async def test_a_clock_that_was_put_back_makes_nobody_wait_for_days(
    store: InlineStore, clock: SetClock
) -> None:
    tries = await after_restart(store, clock, guessed(5), timedelta(days=-3))
    assert 0 < wait_s(tries, MARK, 5.0) <= RULES.pin_block_longest_s


async def test_it_is_gone_when_it_counts_no_more(store: InlineStore, clock: SetClock) -> None:
    later = timedelta(seconds=RULES.pin_block_s + RULES.pin_block_longest_s)
    assert await after_restart(store, clock, guessed(5), later) == ()


async def test_marks_are_the_same_in_every_run_and_of_no_other_station(
    store: InlineStore, clock: SetClock
) -> None:
    key = await store.read(mark_key)
    assert key == await store.read(mark_key)
    assert len(key) == 32
    other = InlineStore(clock=clock, rng=SeededRng(1), key=SealKey(bytes(32)))
    assert key != await other.read(mark_key)
    await other.close()


async def test_what_another_key_has_sealed_shuts_no_machine(clock: SetClock, file: Path) -> None:
    now = Now(clock.wall, 1004.0)
    for run, (key, found) in enumerate(((KEY, 2), (SealKey(bytes(32)), 0))):
        opened = InlineStore(file, clock=clock, rng=SeededRng(run), key=key)
        if key is KEY:
            await opened.write(lambda txn: keep(txn, guessed(5), now, RULES))
        assert len(await opened.read(lambda txn: kept(txn, now, RULES))) == found
        await opened.close()
