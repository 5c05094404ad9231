"""What happened to the belt is kept with time, is told in words, and says how the belt was left."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

from drivers.ports import BeltAlarm, Pack
from drivers.runtime.clock import SeededRng
from drivers.runtime.log import LogEvent
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey
from sorter.belt.line import Because, Noted, Reason, What
from sorter.history import records, told
from sorter.history.logged import log_event
from sorter.history.stood import Stood
from tests.unit.test_docs import SECTIONS
from ui.cli import app

JAM = Reason(Because.JAM, 5)
MORNING = (
    Noted(What.JAM, 5),
    Noted(What.RAISED, 5, BeltAlarm.JAM),
    Noted(What.RAISED, 0, 27),
    Noted(What.STATE, 5, 0, Pack.ABORTING, JAM),
    Noted(What.STATE, 5, 0, Pack.ABORTED, JAM),
    Noted(What.CLEARED, 5, BeltAlarm.JAM),
    Noted(What.EVENTS_LOST, number=6),
    Noted(What.STRAY, 5),
    Noted(What.STRAYS_SEEN, number=1),
    Noted(What.EVENTS_LOST_SEEN, number=6),
)


class SetClock:
    """Ten past nine."""

    def now(self) -> datetime:
        return datetime(2026, 11, 3, 9, 10, tzinfo=UTC)

    def monotonic(self) -> float:
        return 1.0


async def kept(directory: Path, *noted: Noted) -> InlineStore:
    database = directory / "station.db"
    key = SealKey(bytes(range(32)))
    store = InlineStore(database, clock=SetClock(), rng=SeededRng(1), key=key)
    await store.write(lambda txn: records.write(txn, noted))
    return store


async def test_it_is_read_back_as_it_was_noted_the_newest_first(tmp_path: Path) -> None:
    store = await kept(tmp_path, *MORNING)
    found = await store.read(records.latest)
    assert [one.noted for one in reversed(found)] == list(MORNING)
    assert {one.at for one in found} == {SetClock().now()}
    await store.close()


async def test_how_the_belt_was_left(tmp_path: Path) -> None:
    store = await kept(tmp_path, *MORNING)
    left = await store.read(records.left)
    assert (left.reason, dict(left.alarms), left.suspended) == (JAM, {27: 0}, False)
    waits = Noted(What.STATE, state=Pack.SUSPENDED, reason=Reason(Because.LIBRARY))
    await store.write(lambda txn: records.write(txn, (Noted(What.RESTARTED), waits)))
    left = await store.read(records.left)
    assert (left.reason.because, dict(left.alarms), left.suspended) == (Because.LIBRARY, {}, True)
    await store.close()


def stray(bin: int) -> Noted:
    return Noted(What.STRAY, bin + 2)


class Passing:
    """A minute later each time that it is asked."""

    def __init__(self) -> None:
        self.at = SetClock().now()

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def monotonic(self) -> float:
        return 1.0


async def test_strays_are_left_until_somebody_has_looked_for_them(tmp_path: Path) -> None:
    key = SealKey(bytes(range(32)))
    store = InlineStore(tmp_path / "station.db", clock=Passing(), rng=SeededRng(1), key=key)

    async def noted(*what: Noted) -> None:
        await store.write(lambda txn: records.write(txn, what))

    assert await store.read(records.strays) is None
    for one in (stray(2), stray(5), Noted(What.JAM, 9), stray(5)):
        await noted(one)
    left = await store.read(records.left)
    assert dict(left.strays) == {4: 1, 7: 2}
    found = await store.read(records.strays)
    assert found is not None
    rows = [one for one in await store.read(records.latest) if one.noted.what is What.STRAY]
    assert (found.first, found.last, found.zone) == (rows[-1].at, rows[0].at, 7)
    assert found.first < found.last
    await noted(Noted(What.STRAYS_SEEN, number=3))
    assert await store.read(records.strays) is None
    assert not (await store.read(records.left)).strays
    await noted(stray(1))
    await noted(Noted(What.STATE, state=Pack.STOPPED))
    assert dict((await store.read(records.left)).strays) == {3: 1}
    await store.close()


async def test_lost_events_are_left_until_somebody_has_looked(tmp_path: Path) -> None:
    key = SealKey(bytes(range(32)))
    store = InlineStore(tmp_path / "station.db", clock=Passing(), rng=SeededRng(1), key=key)

    async def noted(*what: Noted) -> None:
        await store.write(lambda txn: records.write(txn, what))

    async def lost() -> int:
        return (await store.read(records.left)).events_lost

    assert (await store.read(records.lost_since), await lost()) == (None, 0)
    for one in (Noted(What.EVENTS_LOST, number=6), Noted(What.RESTARTED), stray(2)):
        await noted(one)
    await noted(Noted(What.EVENTS_LOST, number=3))
    await noted(Noted(What.STRAYS_SEEN, number=1))
    rows = [one for one in await store.read(records.latest) if one.noted.what is What.EVENTS_LOST]
    assert (await store.read(records.lost_since), await lost()) == (rows[-1].at, 9)
    await noted(Noted(What.STATE, state=Pack.STOPPED))
    assert await lost() == 9
    await noted(Noted(What.EVENTS_LOST_SEEN, number=9))
    assert (await store.read(records.lost_since), await lost()) == (None, 0)
    await noted(Noted(What.EVENTS_LOST, number=4))
    assert await lost() == 4
    await store.close()


async def test_a_plant_that_was_never_on_is_left_as_it_stands(tmp_path: Path) -> None:
    store = await kept(tmp_path)
    left = await store.read(records.left)
    assert (left.reason.because, dict(left.alarms)) == (Because.BEFORE, {})
    await store.close()


async def test_when_and_where_each_alarm_stood_last(tmp_path: Path) -> None:
    again = (Noted(What.RAISED, 7, BeltAlarm.JAM), Noted(What.RAISED, 4, BeltAlarm.EYE))
    store = await kept(tmp_path, *MORNING, *again, Noted(What.CLEARED, 4, BeltAlarm.EYE))
    at = SetClock().now()
    assert await store.read(records.stood) == {
        BeltAlarm.JAM: Stood(at, 7),
        27: Stood(at),
        BeltAlarm.EYE: Stood(at, 4, at),
    }
    await store.close()


def test_what_was_noted_goes_into_the_log_by_name_and_not_by_number() -> None:
    said = {type(log_event(one)).name: log_event(one) for one in MORNING}
    belt = {"jam", "alarm", "state", "events_lost", "events_lost_seen", "stray", "strays_seen"}
    assert set(said) == {f"belt.{one}" for one in belt}
    first: LogEvent = log_event(MORNING[1])
    assert (getattr(first, "alarm", ""), getattr(first, "severity", "")) == ("jam", "now")
    assert getattr(log_event(MORNING[2]), "alarm", "") == "unknown"
    assert log_event(Noted(What.UNBALANCED)).level == "error"
    assert log_event(MORNING[6]).level == "warning"


async def test_a_technician_reads_it_also_of_a_plant_that_does_not_run(tmp_path: Path) -> None:
    store = await kept(tmp_path, *MORNING)
    rows = await store.read(told.history)
    await store.close()
    assert [told.words(row).split("  ")[1] for row in reversed(rows)] == [
        "jam at bin 3",
        "alarm raised: jam at bin 3",
        "alarm raised: number 27, in no table",
        "state aborting, because: jam at bin 3",
        "state aborted, because: jam at bin 3",
        "alarm cleared: jam at bin 3",
        "6 events of the belt lost",
        "stray at bin 3",
        "somebody has looked for strays: 1",
        "somebody has looked on the belt after events lost: 6",
    ]


def test_the_command_reads_a_copy(tmp_path: Path) -> None:

    async def make() -> None:
        store = await kept(tmp_path, *MORNING)
        await store.close()

    asyncio.run(make())
    asked = ["station", "history", "--state", str(tmp_path)]
    said = CliRunner().invoke(app, asked, prog_name="ims")
    assert said.exit_code == 0, said.output
    assert "alarm raised: jam at bin 3" in said.output
    found = json.loads(CliRunner().invoke(app, [*asked, "--json"], prog_name="ims").stdout)
    assert set(found) == SECTIONS["ims station history"].keys[0]
    assert len(found["history"]) == len(MORNING)
