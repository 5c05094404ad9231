"""A plan as its file holds it: known by the fingerprint of its content, and judged by one and the same words everywhere.

Whether a plan may run is asked by `ims plan check`, by a plant that starts, and by one whose file was edited while it
runs. All three take what is said here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from config.load import ConfigInvalid, KeyPath, Problem, place_of, placed_document
from config.texts import Text, text
from sorter.plan.faults import faults, said_of
from sorter.plan.lint import lint
from sorter.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a plan: what stood in the file at one moment."""

    plan: Plan
    fingerprint: str
    """SHA-256 of the file's bytes, in hex: `sha256sum FILE` says the same."""
    toml: str
    file: str


class Wrong(StrEnum):
    """What kind of thing keeps a plan from running; the first that holds."""

    UNREADABLE = "unreadable"
    NO_PLAN = "no_plan"
    """It is no TOML, or does not have the form of a plan, or names what is not there."""
    UNFIT = "unfit"
    """It could put what a person must see where it is taken for good, or has rules that are never reached."""
    CHUTES = "chutes"
    """A chute of the station is no bin of it."""
    BELT = "belt"
    """It names a bin that the belt lacks."""


class PlanUnfit(ConfigInvalid):
    """No plan that a belt may run by; `problems` say why."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be said of a file's content. An edition is there where it can be read, fit or not."""

    file: str
    fingerprint: str
    edition: Edition | None
    problems: tuple[Problem, ...] = ()
    """Any one keeps it from running; in order of their places."""
    hints: tuple[Problem, ...] = ()
    wrong: Wrong | None = None
    """None where a belt may run by it."""

    def usable(self) -> Edition:
        """The edition, fit to run. Raises PlanUnfit."""
        if self.edition is None or self.wrong is not None:
            raise PlanUnfit(self.problems)
        return self.edition


def plan_file(name: str) -> Path:
    """The file of a plan: a path, or the name of a packaged one."""
    packaged = Path(str(files("config").joinpath("plans", f"{name}.toml")))
    return packaged if "/" not in name and packaged.is_file() else Path(name)


def fingerprint_of(content: bytes) -> str:
    """By which an edition is known."""
    return hashlib.sha256(content).hexdigest()


def judge_file(
    file: Path, *, bins: int | None = None, chutes: Mapping[str, str] = MappingProxyType({})
) -> Judged:
    """As `judge`; a file that cannot be read is judged too."""
    try:
        content = file.read_bytes()
    except OSError as error:
        why = Problem.at_start(str(file), f"cannot be read: {error.strerror or error}")
        return Judged(str(file), "", None, (why,), wrong=Wrong.UNREADABLE)
    return judge(content, str(file), bins=bins, chutes=chutes)


def judge(
    content: bytes,
    file: str,
    *,
    bins: int | None = None,
    chutes: Mapping[str, str] = MappingProxyType({}),
) -> Judged:
    """All that there is to say of a plan.

    Args:
        content: the file's bytes.
        file: its name, for the places.
        bins: how many the belt has; None where nobody knows.
        chutes: bins of the station's chutes, by label.
    """
    mark = fingerprint_of(content)
    try:
        toml = content.decode("utf-8-sig")  # some editors begin with a byte order mark
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        why = Problem.at_line(file, line, "is not UTF-8: save it as UTF-8")
        return Judged(file, mark, None, (why,), wrong=Wrong.UNREADABLE)
    try:
        plan, places = placed_document(toml, file, Plan)
    except ConfigInvalid as error:
        return Judged(file, mark, None, error.problems, wrong=Wrong.NO_PLAN)

    def problem(path: KeyPath, what: str, said: Text | None = None) -> Problem:
        return Problem(place_of(path, places, file), "", what, said)

    if broken := [problem(path, what, said_of(plan, path)) for path, what in faults(plan)]:
        problems = ConfigInvalid(broken).problems
        return Judged(file, mark, None, problems, wrong=Wrong.NO_PLAN)
    findings = lint(plan)
    unfit = [problem(f.at, f.words, f.said) for f in findings if f.severity == "error"]
    hints = [problem(f.at, f.words) for f in findings if f.severity == "warning"]
    lacking = [
        problem(
            ("bins",),
            f"[ims.chutes.{label}] bin: the plan has no bin {bin!r}",
            text("plan.fault.chute", chute=label, bin=bin),
        )
        for label, bin in chutes.items()
        if bin not in plan.bins
    ]
    misfits: list[Problem] = []
    if bins is not None:
        misfits = [problem(*one) for one in beyond(plan, bins)]
        hints += [problem(("bins",), what) for what in unused(plan, bins)]
    kinds = ((Wrong.UNFIT, unfit), (Wrong.CHUTES, lacking), (Wrong.BELT, misfits))
    wrong = next((kind for kind, found in kinds if found), None)
    problems = ConfigInvalid([*unfit, *lacking, *misfits]).problems
    edition = Edition(plan, mark, toml, file)
    return Judged(file, mark, edition, problems, ConfigInvalid(hints).problems, wrong)


def beyond(plan: Plan, bins: int) -> tuple[tuple[KeyPath, str, Text], ...]:
    """What keeps a plan from a belt of so many bins: each key with what is wrong and what to do, and the same by key."""
    found: list[tuple[KeyPath, str, Text]] = [
        (
            ("bins", name, "number"),
            f"bin {name} is number {bin.number}, and the belt has bins 1 to {bins}:"
            " correct the number, or take the bin out of the plan",
            text("plan.fault.beyond", n=bin.number, last=bins),
        )
        for name, bin in plan.bins.items()
        if bin.number > bins
    ]
    last = plan.bins[plan.exception].number
    if last < bins:
        what = (
            f"exception is bin {last}, and what has no destination falls into bin {bins} at the end of the belt:"
            f" give {plan.exception} the number {bins}"
        )
        said = text("plan.fault.exception", n=last, last=bins)
        found.append((("bins", plan.exception, "number"), what, said))
    return tuple(found)


def unused(plan: Plan, bins: int) -> tuple[str, ...]:
    """Bins of the belt that no rule can use, for whoever looks for room."""
    named = {bin.number for bin in plan.bins.values()}
    return tuple(
        f"bin {number} of the belt is in no use: the plan has no bin of that number"
        for number in range(1, bins + 1)
        if number not in named
    )


def load_plan(file: Path) -> Plan:
    """The plan of a file, fit to run or not. Raises ConfigInvalid with every problem, each with its place."""
    return _read(judge_file(file)).plan


def plan_of(toml: str, file: str = "plan.toml") -> Plan:
    """The same from text."""
    return _read(judge(toml.encode(), file)).plan


def _read(found: Judged) -> Edition:
    if found.edition is None:
        raise ConfigInvalid(found.problems)
    return found.edition
