"""The sort plan's file while the plant runs: seen by its content, judged, and taken into use between two items when it is fit.

What is not fit changes nothing: the line goes on by the last plan that was, which the store keeps, so that a start with a
broken file goes on by it too. What stands in the file then is an alarm until it is mended.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from config.station import Station
from config.texts import text, verbatim
from drivers.errors import Code, DeviceError
from drivers.ports import Store, Txn
from drivers.runtime.flow import Event
from drivers.runtime.log import Label, LogEvent, log
from drivers.service.view import Mark
from sorter.alarms import Alarm
from sorter.belt import acts
from sorter.belt import records as belt_records
from sorter.belt.line import BinUse, Line
from sorter.ims import records as ims_records
from sorter.ims.points import Point, PointChute, network_told, point_told
from sorter.ims.site import Site
from sorter.ledger import Ledger
from sorter.plan import records
from sorter.plan.edition import Edition, Judged, PlanUnfit, Wrong, beyond, judge_file, plan_file

T = TypeVar("T")

LOOK_S = 2.0
"""Between two looks at the file."""
READ_S = 60.0
"""Its content is read so often even where the file looks untouched."""
SETTLE_S = 0.5
"""A file that has changed is read until two readings so far apart are the same: an editor may still be writing."""


@dataclass(frozen=True, slots=True)
class PlanTaken(LogEvent):
    """Another edition of the sort plan decides from here on."""

    name: ClassVar = "plan.taken"
    file: Label
    plan: Label
    before: Label
    rules: int
    bins: int


@dataclass(frozen=True, slots=True)
class PlanRefused(LogEvent):
    """What stands in the plan's file is not run; the panel and `ims plan check` say it in words."""

    name: ClassVar = "plan.refused"
    level: ClassVar = "warning"
    file: Label
    line: int
    why: Label
    problems: int


@dataclass(frozen=True, slots=True)
class PlanUnwatched(LogEvent):
    """The plan's file could not be looked at, and why; it is tried again with each look. Logged once per change."""

    name: ClassVar = "plan.unwatched"
    level: ClassVar = "warning"
    file: Label
    code: Label
    error: Label


class Aside(Protocol):
    """Does a piece of work that blocks, and gives its value."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


async def on_the_loop(work: Callable[[], T]) -> T:
    """At once."""
    return work()


@dataclass(frozen=True, slots=True)
class Opened:
    """By what a plant begins to sort, and what it found in the file where that is something else."""

    edition: Edition
    refused: Judged | None = None


def judged(config: Station, bins: int | None = None, file: Path | None = None) -> Judged:
    """The plan that a station file names, or another, judged for this station. `bins`: how many its belt has, where that is known."""
    named = plan_file("" if config.sorter is None else config.sorter.plan)
    return judge_file(file or named, bins=bins, chutes=_chutes(config))


def _chutes(config: Station) -> dict[str, str]:
    """Bins of the station's chutes, by label."""
    return {} if config.ims is None else {n: t.bin for n, t in config.ims.chutes.items()}


async def opened(config: Station, store: Store) -> Opened:
    """The plan to begin with: the file's, else the last one that was fit. Raises PlanUnfit where there never was one."""
    info = (await store.read(belt_records.remembered)).info
    found = judged(config, None if info is None else len(info.diverts))
    if found.wrong is None:
        return Opened(found.usable())
    last = await store.read(records.last)
    chutes = set(_chutes(config).values())
    if last is None or last.edition is None or chutes - set(last.edition.plan.bins):
        raise PlanUnfit(found.problems)
    return Opened(last.edition, found)


def refusal(found: Judged, plan: str) -> Alarm:
    """What a planner reads of an edition that is not taken, while the plant follows `plan`."""
    first = found.problems[0]
    title = text("plan.refused", file=Path(found.file).name, n=first.place.line)
    do = first.said or text(f"plan.fault.{found.wrong or Wrong.NO_PLAN}")
    more = text("plan.refused.more", plan=plan)
    if first.said is None or found.wrong is Wrong.NO_PLAN:  # what `ims plan check` says, in English
        what = f"{first.key}: {first.what}" if first.key else first.what
        more = text("plan.refused.said", what=what, plan=plan)
    return Alarm("plan.refused", Mark.TODAY, title, do, detail=more)


class Planning:
    """Keeps one line to its plan's file."""

    def __init__(
        self,
        config: Station,
        begun: Opened,
        *,
        site: Site,
        ledger: Ledger,
        state: Callable[[], Line],
        put: Callable[[Event], None],
        aside: Aside,
        told: Callable[[], None],
    ) -> None:
        """`aside` reads and judges off the loop; `told` hears that there is something to show."""
        self._config = config
        self._site = site
        self._ledger = ledger
        self._state = state
        self._put = put
        self._aside = aside
        self._told = told
        self._begun = begun
        self._judged: tuple[str, int | None] | None = None
        """Of what was judged last: the content's fingerprint, and for how many bins."""
        self._seen: tuple[Any, ...] = ()
        self._read_at = 0.0
        self.refused = begun.refused
        """What stands in the file and is not run."""
        self._unwatched: Code | None = None
        """Why the last look came to nothing."""

    @property
    def begun(self) -> Edition:
        """The edition that the plant began with."""
        return self._begun.edition

    async def begin(self) -> None:
        """Write down by what is decided from here on, and what is wrong with the file."""
        edition, last = self._begun.edition, await self._ledger.read(records.last)
        if last is None or last.fingerprint != edition.fingerprint:
            before = "" if last is None else last.fingerprint
            await self._ledger.write(lambda txn: records.take(txn, edition, before))
            _log_taken(edition, before)
        await self._ledger.write(lambda txn: self._tell(txn, edition))
        if self.refused is not None:
            await self._refuse(self.refused)

    async def keep(self, effect: acts.KeepPlan) -> None:
        """The flow decides by another edition: durable before anything that it decides."""

        def taken(txn: Txn) -> None:
            records.take(txn, effect.edition, effect.before)
            belt_records.settle_bins(txn, effect.bins)
            self._tell(txn, effect.edition)

        await self._ledger.write(taken)
        _log_taken(effect.edition, effect.before)
        self._told()

    async def run(self) -> None:
        """Look at the file every now and then, until cancelled. A look that fails is told, and is not the last."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except Exception as error:
                self._watched(error)
            else:
                self._watched(None)

    async def look(self) -> None:
        """Once: what is new in the file is taken into use, or told."""
        loop, bins = asyncio.get_running_loop(), self._bins()
        seen = (await self._aside(self._stamp), bins)
        if seen == self._seen and loop.time() < self._read_at + READ_S:
            return
        read_at = loop.time()
        found = await self._settled(bins)
        key = (found.fingerprint, bins)
        if not found.fingerprint or key != self._judged:
            await self._heed(found)
        self._judged, self._seen, self._read_at = key, seen, read_at

    async def _heed(self, found: Judged) -> None:
        """What stands in the file now is taken into use, or told."""
        if found.wrong is not None:
            if self.refused != found:
                await self._refuse(found)
            if found.fingerprint == self._state().decide.fingerprint:
                self.refused = (
                    None  # it is in use: that it does not fit the belt stands there already
                )
        else:
            edition = found.usable()
            if edition.fingerprint != self._state().decide.fingerprint:
                fresh = await self._ledger.read(lambda txn: self._fresh(txn, edition))
                self._put(acts.PlanTaken(edition, fresh))
            self.refused = None
        self._told()

    def _watched(self, error: Exception | None) -> None:
        """Whether the last look came to an end."""
        code = error.code if isinstance(error, DeviceError) else None if error is None else Code.BUG
        if code is self._unwatched:
            return
        self._unwatched = code
        if error is not None:
            log(
                PlanUnwatched(
                    _label(str(self._file)), Label(code or ""), Label(type(error).__name__)
                )
            )
        self._told()

    def alarms(self) -> Iterator[Alarm]:
        """What a planner must do something about."""
        line = self._state()
        if line.misfits and line.info is not None:
            _, what, said = beyond(line.decide.plan, len(line.info.diverts))[0]
            title, do = text("plan.belt", plan=line.decide.name), text("plan.belt.do", said=said)
            yield Alarm("plan.belt", Mark.NOW, title, do, detail=verbatim(what))
        if self.refused is not None:
            yield refusal(self.refused, line.decide.name)
        if self._unwatched is not None:
            title = text("plan.unwatched")
            do = text("plan.unwatched.do", plan=line.decide.name)
            said = text(f"error.{self._unwatched.value}.what")
            yield Alarm("plan.unwatched", Mark.TODAY, title, do, detail=said)

    def status(self) -> dict[str, Any]:
        """What the station tells of its plan."""
        line, refused = self._state(), self.refused
        return {
            "profile": line.decide.plan.profile,
            "fingerprint": line.decide.fingerprint,
            "fits_belt": not line.misfits,
            "refused": None
            if refused is None
            else {
                "file": refused.file,
                "why": "" if refused.wrong is None else refused.wrong.value,
                "problems": [str(problem) for problem in refused.problems],
            },
        }

    # --- inside -------------------------------------------------------------------------------------

    def _bins(self) -> int | None:
        info = self._state().info
        return None if info is None else len(info.diverts)

    @property
    def _file(self) -> Path:
        return plan_file("" if self._config.sorter is None else self._config.sorter.plan)

    def _stamp(self) -> tuple[int, ...]:
        """By which a file that was touched is known; empty for one that is not there."""
        try:
            found = self._file.stat()
        except OSError:
            return ()
        return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    async def _settled(self, bins: int | None) -> Judged:
        """What is to be said of the file, once nobody writes to it any more."""
        found = await self._aside(partial(judged, self._config, bins))
        running = self._state().decide.fingerprint
        while found.fingerprint not in {running, self._judged and self._judged[0]}:
            await asyncio.sleep(SETTLE_S)
            again = await self._aside(partial(judged, self._config, bins))
            if again.fingerprint == found.fingerprint:
                break
            found = again
        return found

    def _fresh(self, txn: Txn, edition: Edition) -> dict[int, BinUse]:
        """What is known of bins that the line does not use; one with a label waits for its crate."""
        known = belt_records.bins_by_number(txn)
        standing = ims_records.docked(txn.connection, self._site.branch)
        for label, chute in self._site.chutes.items():
            if label not in standing:
                number = edition.plan.bins[chute.bin].number
                known[number] = replace(known.get(number, BinUse(number)), enabled=False)
        return known

    def _tell(self, txn: Txn, edition: Edition) -> None:
        """To all branches: this sorting point with its chutes, and how the plan says that branches exchange."""
        site, plan = self._site, edition.plan
        if not site.point:
            return
        chutes = tuple(
            PointChute(label, one.bin, plan.bins[one.bin].number, one.destination)
            for label, one in sorted(site.chutes.items())
        )
        told = [point_told(Point(site.station, site.branch, site.point, chutes), txn.now)]
        if plan.exchange is not None:
            told.append(network_told(plan.exchange.network, site.branch, txn.now))
        ims_records.tell(txn, site, *told)

    async def _refuse(self, found: Judged) -> None:
        self.refused = found
        await self._ledger.write(lambda txn: records.refuse(txn, found))
        line = found.problems[0].place.line if found.problems else 0
        why = "" if found.wrong is None else found.wrong.value
        log(PlanRefused(_label(found.file), line, Label(why), len(found.problems)))


def _log_taken(edition: Edition, before: str) -> None:
    plan = edition.plan
    mark, was = Label(edition.fingerprint[:8]), Label(before[:8])
    log(PlanTaken(_label(edition.file), mark, was, len(plan.rules), len(plan.bins)))


def _label(file: str) -> Label:
    """A path as a log may name it: whole, else its last part."""
    whole = Label(file)
    return whole if whole != "?" else Label(Path(file).name)
