"""`ims plan replay`: a day of a plant by another plan, also while the plant runs, and what would have changed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from drivers.ports import Txn
from sorter.belt.records import Decided, decided
from sorter.plan.edition import Edition
from sorter.plan.records import edition_of
from sorter.plan.replay import Replayed, replay
from ui.days import FIRST, day_of, in_calendar, midnight
from ui.outcome import bad_input
from ui.stored import read_stored

EXAMPLES = 3
"""Items that are named of each move."""
WORDS = ("yesterday", "today", "all")


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to before another, in the time zone in which this command runs."""

    since: datetime
    until: datetime

    @property
    def words(self) -> str:
        """As a person reads it."""
        form = "%Y-%m-%d %H:%M"
        return f"{self.since.strftime(form)} to {self.until.strftime(form)}"


def span_of(day: str, since: str, until: str, now: datetime) -> Span:
    """The period that was asked for. Raises Fault for one that cannot be."""
    if since or until:
        if day:
            raise bad_input("A day and a period were given.", where="--day", do="Give one of them.")
        first = _moment(since, "--from", late=False) if since else midnight(FIRST)
        last = _moment(until, "--to", late=True) if until else now
        if last <= first:
            raise bad_input(
                f"The period ends at {last:%Y-%m-%d %H:%M}, before it begins.",
                where="--to",
                do="Give an end after the beginning.",
            )
        return Span(first, last)
    today = datetime(now.year, now.month, now.day).astimezone()
    match day or "yesterday":
        case "all":
            return Span(midnight(FIRST), now)
        case "today":
            return Span(today, now)
        case "yesterday":
            return _of_day(today.date() - timedelta(days=1))
        case other:
            return _of_day(
                day_of(other, "--day", do=f"Write 2026-11-01, or one of {', '.join(WORDS)}.")
            )


def _of_day(day: date) -> Span:
    return Span(midnight(day), midnight(day + timedelta(days=1)))


def _moment(words: str, option: str, *, late: bool) -> datetime:
    """A day, which counts whole, or a moment of one."""
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise bad_input(
            f"{words!r} is no day and no moment.",
            where=option,
            do="Write 2026-11-01 or 2026-11-01T14:30.",
        ) from None
    day = in_calendar(moment.date(), option)
    if len(words) > len("2026-11-01"):  # no day alone is longer
        return moment.astimezone()
    return _of_day(day).until if late else _of_day(day).since


def replayed(edition: Edition, directory: Path, span: Span) -> Replayed:
    """Decide again about what a state directory holds of a period. Raises Fault."""

    def unit(txn: Txn) -> tuple[tuple[Decided, ...], dict[str, Edition | None]]:
        made = decided(txn, span.since, span.until)
        marks = {one.plan for one in made if one.plan}
        return made, {mark: edition_of(txn, mark) for mark in marks}

    found = read_stored(directory, unit, running=True)
    if found is None:
        raise bad_input(
            "There is no journal.",
            where=str(directory),
            do="Give the state directory of a plant: [station] state_dir, else ~/.local/state/ims/ID.",
        )
    made, editions = found

    def earlier(mark: str) -> Any:
        then = editions.get(mark)
        return None if then is None else then.plan

    return replay(edition.plan, made, earlier)


def in_words(found: Replayed, edition: Edition, span: Span) -> str:
    """For a person: how many, from where to where, the first of each, by which rules."""
    return "\n".join(_lines(found, edition, span))


def _lines(found: Replayed, edition: Edition, span: Span) -> Iterator[str]:
    if not found.items:
        yield f"{span.words}: nothing was decided."
        return
    by = ", ".join(mark[:8] for mark in found.plans) or "a plan that was not kept"
    yield f"{span.words}: {_many(found.items, 'item was', 'items were')} decided about, by {by}."
    yield (
        f"By {edition.file} ({edition.fingerprint[:8]}) {len(found.changes)} would have gone elsewhere,"
        f" {found.same_bin} to the same bin by another rule."
    )
    for old, new, n in found.moves:
        yield ""
        yield f"{n:6}  {old} -> {new}"
        of = [change for change in found.changes if change.move == (old, new)]
        for change in of[:EXAMPLES]:
            at = "" if change.at is None else change.at.astimezone().strftime("%Y-%m-%d %H:%M:%S  ")
            item = change.item or "an item that did not say what it is"
            yield f"        {at}{item}: rule {change.rule}, now {change.now_rule}"
        if len(of) > EXAMPLES:
            yield f"        and {len(of) - EXAMPLES} more"
    for rule in found.blind:
        yield f"rule {rule} looks at words that are not kept: it found none"


def _many(n: int, one: str, more: str) -> str:
    return f"{n} {one if n == 1 else more}"


def as_json(found: Replayed, edition: Edition, span: Span) -> dict[str, Any]:
    """The same for a program."""
    return {
        "from": span.since.isoformat(),
        "to": span.until.isoformat(),
        "plan": edition.fingerprint,
        "items": found.items,
        "elsewhere": len(found.changes),
        "same_bin": found.same_bin,
        "moves": [{"bin": old, "now": new, "n": n} for old, new, n in found.moves],
        "rules": [{"rule": old, "now": new, "n": n} for old, new, n in found.rules],
        "changes": [
            {**asdict(change), "at": None if change.at is None else change.at.isoformat()}
            for change in found.changes
        ],
        "plans": list(found.plans),
        "blind": list(found.blind),
    }
