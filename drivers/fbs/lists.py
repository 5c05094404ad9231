"""Values of FBS whose parts stand between `%`. Pure.

A title may hold `%` itself. So the parts whose number is known are counted from both ends, and what is left
in the middle is title and author. Entities such as `&amp;` are still in the parts: ids are taken as they are.

Source: recorded lists in the public code bibboxen/bibbox, test/fixtures/fbs.js; the names of the parts by
bibboxen/bibselv, engine/plugins/fbs/response.js.
"""

from dataclasses import dataclass, field

LOAN = 2
"""Parts before the title in AU, AT, BM and BU: item, due date."""
UNRENEWED = 3
"""In BN: item, reason, due date."""
READY = 5
"""In AS: record, item, pickup number, pickup date, branch."""
WAITING = 3
"""In CD: record, item, date of interest."""
FINE = 4
"""In AV: item, fine, date, amount."""
PROPERTIES = 0
"""In CH: nothing."""

_MIDDLE, _TAIL = 2, 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One value in its parts; what is missing is empty."""

    head: tuple[str, ...]
    title: str = field(repr=False)
    author: str = field(repr=False)
    general: str
    """GMB, general material designation, such as `a` for text."""
    special: str
    """SMB, special material designation, such as `xx` for a book."""
    dk5: str
    """Class in Danish decimal classification, or `sk` for fiction."""


def entry(value: str, leading: int) -> Entry:
    """Cut a value with so many parts before the title."""
    parts = value.split("%")
    parts += [""] * (leading + _MIDDLE + _TAIL - len(parts))
    *titles, author, general, special, dk5 = parts[leading:]
    return Entry(tuple(parts[:leading]), "%".join(titles), author, general, special, dk5)


def places(value: str) -> tuple[str, ...]:
    """AQ in its four parts: branch, department, location, sublocation."""
    parts = value.split("%", 3)
    return (*parts, *[""] * (4 - len(parts)))
