"""How often a PIN may be wrong: for one card, and for this machine whatever the card. Pure.

Each limit that is reached makes card or machine wait, and each further one twice as long, up to a longest
wait. A right PIN clears the card; it does not clear the machine, or whoever guesses would show a card of
their own now and then.
"""

from dataclasses import dataclass, replace

from config.station import Lending as Rules

MACHINE = ""
"""The mark under which the machine's own tries stand."""
MOST_CARDS = 200
"""Cards remembered; the machine's own entry is never forgotten for them."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong PINs of one card, or of the machine. Times are monotonic seconds."""

    mark: str
    wrong: tuple[float, ...] = ()
    """When, as far as they count."""
    waits: int = 0
    """How many waits there have been in a row."""
    until: float = 0.0
    """No try before."""


def wait_s(tries: tuple[Tries, ...], mark: str, now: float) -> float:
    """Seconds until this card may try again, 0 when it may now."""
    left = (t.until - now for t in tries if t.mark == mark and t.until > now)
    return round(max(left, default=0.0), 6)  # a sum and a difference of floats may be a hair more


def minutes(seconds: float) -> int:
    """Whole minutes, rounded up."""
    return int(-(-seconds // 60))


def wrong_pin(tries: tuple[Tries, ...], mark: str, now: float, rules: Rules) -> tuple[Tries, ...]:
    """The same after a wrong PIN of this card."""
    card = _after(_of(tries, mark), now, rules, rules.pin_tries, rules.pin_block_s)
    machine = _after(_of(tries, MACHINE), now, rules, rules.machine_tries, rules.machine_block_s)
    others = tuple(t for t in tries if t.mark not in {mark, MACHINE} and _counts(t, now, rules))
    return (machine, *others[-(MOST_CARDS - 1) :], card)


def right_pin(tries: tuple[Tries, ...], mark: str) -> tuple[Tries, ...]:
    """The same after this card signed in."""
    return tuple(t for t in tries if t.mark != mark)


def _of(tries: tuple[Tries, ...], mark: str) -> Tries:
    return next((t for t in tries if t.mark == mark), Tries(mark))


def _after(entry: Tries, now: float, rules: Rules, most: int, block_s: float) -> Tries:
    if not _counts(entry, now, rules):
        entry = Tries(entry.mark)
    wrong = (*(at for at in entry.wrong if now - at < rules.pin_block_s), now)
    if len(wrong) < most:
        return replace(entry, wrong=wrong)
    wait = min(max(block_s, rules.pin_block_longest_s), block_s * 2.0 ** min(entry.waits, 20))
    return replace(entry, wrong=(), waits=entry.waits + 1, until=now + wait)


def ends(entry: Tries, rules: Rules) -> float:
    """When it means nothing any more."""
    waited = entry.until + rules.pin_block_longest_s if entry.waits else 0.0
    return max(waited, *(at + rules.pin_block_s for at in entry.wrong), 0.0)


def _counts(entry: Tries, now: float, rules: Rules) -> bool:
    """Whether the entry still means something."""
    return now < ends(entry, rules)
