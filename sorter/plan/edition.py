"""A plan as its file holds it: known by the fingerprint of its content, and judged by one and the same words everywhere.

Whether a plan may run is asked by `ims plan check`, by a plant that starts, and by one whose file was edited while it
runs. All three take what is said here.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from config.load import ConfigInvalid, KeyPath, Place, Problem, place_of, placed_document
from config.texts import Text, text
from sorter.plan.faults import faults, said_of
from sorter.plan.lint import lint
from sorter.plan.plan import Plan

MOST_BYTES = 256 * 1024
MOST_RULES = 4_000
"""Of a plan: so many are judged in a moment, and a plant that starts is to have its belt within five seconds: the belt waits after one, and stops after thirty."""
MOST_PARTS = 32
"""Of a key such as `bins.holds.number`: reading one takes time by the square of its parts."""
MOST_TOLD = 100
"""Problems of one plan, and hints: whoever has mended these asks again."""
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_PART}\.[ \t]*+){{{MOST_PARTS}}}")


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
    TOO_LARGE = "too_large"
    """More bytes or rules than any plan may have."""
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
        with file.open("rb") as plan:
            content = plan.read(MOST_BYTES + 1)
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
        content: the file's bytes, or more of them than a plan may have.
        file: its name, for the places.
        bins: how many the belt has; None where nobody knows.
        chutes: bins of the station's chutes, by label.
    """
    found, places = _judged(content, file)
    if found.edition is None:
        return found
    plan = found.edition.plan

    def problem(path: KeyPath, what: str, said: Text | None = None) -> Problem:
        return Problem(place_of(path, places, file), "", what, said)

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
    hints: list[Problem] = []
    if bins is not None:
        misfits = [problem(*one) for one in beyond(plan, bins)]
        hints = [problem(("bins",), what) for what in unused(plan, bins)]
    kinds = ((found.wrong, True), (Wrong.CHUTES, lacking), (Wrong.BELT, misfits))
    return replace(
        found,
        problems=_first([*found.problems, *lacking, *misfits]),
        hints=_first([*found.hints, *hints]),
        wrong=next((kind for kind, there in kinds if kind and there), None),
    )


@lru_cache(maxsize=4)
def _judged(content: bytes, file: str) -> tuple[Judged, Mapping[KeyPath, Place]]:
    """What is to be said wherever it runs, once for each content; and where its bins stand."""
    mark = fingerprint_of(content)

    def none(wrong: Wrong, problems: Iterable[Problem]) -> tuple[Judged, Mapping[KeyPath, Place]]:
        return Judged(file, mark, None, _first(problems), wrong=wrong), {}

    if len(content) > MOST_BYTES:  # nobody has read it to its end, so it has no fingerprint
        line = content.count(b"\n", 0, MOST_BYTES) + 1
        what = f"a plan has at most {MOST_BYTES // 1024} KiB, and from here on it has more"
        why = _too_large(Problem.at_line(file, line, what))
        return Judged(file, "", None, (why,), wrong=Wrong.TOO_LARGE), {}
    try:
        toml = content.decode("utf-8-sig")  # some editors begin with a byte order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = "is not UTF-8: save it as UTF-8"
        return none(Wrong.UNREADABLE, [Problem.at_line(file, line, what)])
    if long := _LONG_KEY.search(toml):
        line = toml.count("\n", 0, long.start()) + 1
        what = (
            f"lists or tables stand too deep in one another: a key has more than {MOST_PARTS} parts"
        )
        return none(Wrong.NO_PLAN, [Problem.at_line(file, line, what)])
    try:
        plan, places = placed_document(toml, file, Plan)
    except ConfigInvalid as error:
        return none(Wrong.NO_PLAN, error.problems)

    def problem(path: KeyPath, what: str, said: Text | None = None) -> Problem:
        return Problem(place_of(path, places, file), "", what, said)

    if len(plan.rules) > MOST_RULES:
        what = f"a plan has at most {MOST_RULES:,} rules, and here begins one more"
        return none(Wrong.TOO_LARGE, [_too_large(problem(("rules", MOST_RULES), what))])
    if broken := [
        problem(path, what, said_of(plan, path))
        for path, what in islice(faults(plan), MOST_TOLD + 1)
    ]:
        return none(Wrong.NO_PLAN, broken)
    findings = lint(plan)
    unfit = [problem(f.at, f.words, f.said) for f in findings if f.severity == "error"]
    hints = [problem(f.at, f.words) for f in findings if f.severity == "warning"]
    wrong = Wrong.UNFIT if unfit else None
    edition = Edition(plan, mark, toml, file)
    of_bins = {path: place for path, place in places.items() if path[0] == "bins"}
    return Judged(file, mark, edition, _first(unfit), _first(hints), wrong), of_bins


def _too_large(problem: Problem) -> Problem:
    do = "let one rule with a list or a map stand for many that differ in a word only"
    said = text("plan.fault.too_large", rules=MOST_RULES, kib=MOST_BYTES // 1024)
    return replace(problem, what=f"{problem.what}: {do}", said=said)


def _first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """In order of their places, and no more than anybody mends at once."""
    every = ConfigInvalid(problems).problems
    if len(every) <= MOST_TOLD:
        return every
    rest = "and there is more after it: mend what is named, and check again"
    return (*every[:MOST_TOLD], replace(every[MOST_TOLD], key="", what=rest, said=None))


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
