"""What management asks of a machine, counted without anybody in it. Pure.

Two kinds of count are kept, never joined: how much was done in an hour, and how much of each material type
(or for each cause) in a month. So no row can say that a rare item was lent at ten on Tuesday, to whoever saw
the person at the machine then; and of types that were met fewer than `FEW` times a report tells the sum only.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

FEW = 5
"""Below this a material type is not named in a report."""
OTHER, UNKNOWN, RARE = "other", "unknown", "rare"
HOURS = range(24)
LENGTHS_S = (30, 60, 120, 300)
"""Where the lengths of visits are parted."""
_TOKEN = re.compile(r"[a-z0-9_.]{1,60}")


class What(StrEnum):
    """What is counted."""

    LOAN = "loan"
    UNDO = "undo"
    """Loans taken back before the visit ended: they are taken off the loans."""
    RETURN = "return"
    RENEWAL = "renewal"
    REFUSED = "refused"
    VISIT = "visit"
    SECONDS = "seconds"
    LENGTH = "length"
    RECEIPT = "receipt"
    PAYMENT = "payment"
    PAID = "paid"
    """Hundredths of the currency, of all payments together: single sums would tell on people."""


class VisitEnd(StrEnum):
    """How a visit ended."""

    DONE = "done"
    LEFT_DONE = "left_done"
    """Something was done; nobody pressed to finish."""
    LOOKED = "looked"
    """Finished with nothing borrowed, returned or renewed."""
    ABANDONED = "abandoned"
    """Nothing was done, and nobody pressed to finish."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many more of one thing. `period` is a local hour (2026-11-03T10) or month (2026-11)."""

    period: str
    what: What
    kind: str = ""
    n: int = 1


def hour_of(at: datetime) -> str:
    """The local hour. The one that comes twice in autumn is one hour here."""
    return f"{at:%Y-%m-%dT%H}"


def month_of(at: datetime) -> str:
    """The local month."""
    return f"{at:%Y-%m}"


def of_item(what: What, at: datetime, media: str) -> tuple[Count, ...]:
    """One item lent, taken back, returned or renewed; `media` as the library system names it (SIP2 CK)."""
    kind = _token(media) if media else UNKNOWN
    return Count(hour_of(at), what), Count(month_of(at), what, kind)


def of_refusal(asked: str, at: datetime, reason: str) -> tuple[Count, ...]:
    """Something was refused, and why: `asked` is loan, return, renewal or sign_in."""
    return (Count(month_of(at), What.REFUSED, f"{asked}.{_token(reason)}"),)


def of_visit(at: datetime, end: VisitEnd, seconds: float) -> tuple[Count, ...]:
    """One visit, over now, and how long it took."""
    month = month_of(at)
    length = next((str(most) for most in LENGTHS_S if seconds < most), "longer")
    return (
        Count(hour_of(at), What.VISIT),
        Count(month, What.VISIT, end.value),
        Count(month, What.SECONDS, "", round(seconds)),
        Count(month, What.LENGTH, length),
    )


def end_of(*, done: int, timed_out: bool) -> VisitEnd:
    """How a visit ended that got `done` things done."""
    if done:
        return VisitEnd.LEFT_DONE if timed_out else VisitEnd.DONE
    return VisitEnd.ABANDONED if timed_out else VisitEnd.LOOKED


def of_receipt(at: datetime, form: str) -> tuple[Count, ...]:
    """One receipt: paper, paper_failed, email, email_failed."""
    return (Count(month_of(at), What.RECEIPT, form),)


def of_payment(at: datetime, amount: int) -> tuple[Count, ...]:
    """One payment at the terminal, of so many hundredths."""
    month = month_of(at)
    return (
        Count(hour_of(at), What.PAYMENT),
        Count(month, What.PAYMENT),
        Count(month, What.PAID, "", amount),
    )


def _token(word: str) -> str:
    """A word of another system as a kind; one of a strange alphabet is not told apart."""
    word = word.strip().lower()
    return word if _TOKEN.fullmatch(word) else OTHER


# --- a month ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of one month, of one station or of several together."""

    month: str
    by_hour: Mapping[What, tuple[int, ...]] = field(default_factory=dict)
    """Over the hours of the day, all days together; loans without those that were undone."""
    by_type: Mapping[What, Mapping[str, int]] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    visits: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)
    receipts: Mapping[str, int] = field(default_factory=dict)
    seconds: int = 0
    paid: int = 0
    """Hundredths of the currency."""

    def total(self, what: What) -> int:
        """How many in the month."""
        return sum(self.by_hour.get(what, ()))

    @property
    def mean_seconds(self) -> float | None:
        """Seconds of a visit, on the average; None without visits."""
        visits = sum(self.visits.values())
        return self.seconds / visits if visits else None


def month(of: str, counts: Iterable[Count]) -> Month:
    """The figures of month `of`; counts of other months are left out."""
    kept = [count for count in counts if count.period[:7] == of]
    hours = {what: _by_hour(kept, what) for what in (What.LOAN, What.RETURN, What.RENEWAL)}
    hours[What.VISIT] = _by_hour(kept, What.VISIT)
    hours[What.PAYMENT] = _by_hour(kept, What.PAYMENT)
    undone = _by_hour(kept, What.UNDO)
    hours[What.LOAN] = tuple(
        lent - undo for lent, undo in zip(hours[What.LOAN], undone, strict=True)
    )
    types = {what: _kinds(kept, what) for what in (What.LOAN, What.RETURN, What.RENEWAL)}
    types[What.LOAN].subtract(_kinds(kept, What.UNDO))
    return Month(
        of,
        by_hour=hours,
        by_type={what: _few_together(kinds) for what, kinds in types.items()},
        refused=dict(_kinds(kept, What.REFUSED)),
        visits=dict(_kinds(kept, What.VISIT)),
        lengths=dict(_kinds(kept, What.LENGTH)),
        receipts=dict(_kinds(kept, What.RECEIPT)),
        seconds=sum(count.n for count in kept if count.what is What.SECONDS),
        paid=sum(count.n for count in kept if count.what is What.PAID),
    )


def share(done: int, of: int) -> float | None:
    """The self-service share: what was done here, of all that the library's own figure counts."""
    return done / of if of > 0 else None


def _by_hour(counts: Iterable[Count], what: What) -> tuple[int, ...]:
    found = Counter[int]()
    for count in counts:
        if count.what is what and "T" in count.period:
            found[int(count.period[-2:])] += count.n
    return tuple(found[hour] for hour in HOURS)


def _kinds(counts: Iterable[Count], what: What) -> Counter[str]:
    found = Counter[str]()
    for count in counts:
        if count.what is what and "T" not in count.period:
            found[count.kind] += count.n
    return found


def _few_together(kinds: Mapping[str, int]) -> dict[str, int]:
    """Types that were met often by their names, the others as one; that one may still be small, and names nothing."""
    named = {kind: n for kind, n in kinds.items() if n >= FEW}
    rare = sum(n for kind, n in kinds.items() if 0 < n < FEW)
    return {**named, RARE: rare} if rare else named
