"""How one FBS behaves on the wire, as switches. The defaults are what was recorded.

A scenario's `[library]` table with `kind = "fbs"` sets them by name.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Any

from hw_sim.ils.manner import own_keys

_CHOICES = {
    "first_bar": ("required", "accepted"),
    "framing": ("length", "chunked", "close"),
    "wrong_pin": ("cq", "unknown"),
}

RULES: Mapping[str, object] = {"repeat_loan": "refuse", "renew_window_days": 7}
"""The library's rules where a scenario says nothing: a loan again is refused, renewal opens late."""


@dataclass(frozen=True, slots=True)
class FbsManner:
    """The wire manners of one FBS."""

    institution: str = ""
    """ISIL in the path and AO of every answer; empty takes any and echoes it."""
    name: str = ""
    """Library name (AM)."""
    user: str = field(default="", repr=False)
    """Login attribute; empty lets everybody in who names one."""
    password: str = field(default="", repr=False)
    answer_ms: float = 0
    """Time from a request to its answer; the work itself is done at once."""
    jitter_ms: float = 0
    """Up to this much is added to each answer, by seeded chance."""
    answer_p99_ms: float = 0
    """One answer in a hundred takes longer than this, and half of them longer than `answer_ms` (lognormal)."""
    stall_share: float = 0
    """So many answers of all (0 to 1) wait for `stall_s` first."""
    stall_s: float = 3.0
    first_bar: str = "required"
    """The `|` between fixed block and first field of a request is `required` or only `accepted`."""
    escaped_twice: bool = False
    """Titles, authors, addresses and screen texts hold HTML entities inside the XML."""
    newlines: bool = False
    """The body holds line ends, also around the SIP2 line."""
    bare_codes: bool = False
    """Codes in AF stand without their brackets."""
    nfd: bool = False
    """Send accents apart from their letters."""
    wrong_pin: str = "cq"
    """A wrong PIN is told by `cq` alone (BLY, CQN), or as if the borrower were `unknown` (BLN, CQN)."""
    framing: str = "length"
    """The response is framed by its `length` (as recorded), `chunked`, or by the `close`."""
    error_status: int = 200
    """HTTP status of an `error` envelope; assumed."""
    exception_status: int = 500
    """HTTP status of a `restExceptionInfo`; assumed."""
    lock_borrowers: bool = False
    """A change for a borrower while another is being answered is an OPTIMISTIC_LOCK_VIOLATION."""

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}")
        for status in (self.error_status, self.exception_status):
            HTTPStatus(status)

    @classmethod
    def from_scenario(cls, data: Mapping[str, Any]) -> "FbsManner":
        """Read the `[library]` table of a parsed scenario.

        Raises:
            ValueError: a key that neither these switches nor the library's rules know.
        """
        return cls(**own_keys(cls, data))

    def text(self, value: str) -> str:
        """A title, author, address or screen text: in entities when escaped twice, a `|` in one always."""
        if self.escaped_twice:
            value = escape(value, quote=False)
        return value.replace("|", "&#124;")

    def value(self, value: str) -> str:
        """Any value fit for the wire: no `|` and no control characters."""
        value = unicodedata.normalize("NFD" if self.nfd else "NFC", value)
        return "".join(" " if c < " " or c == "|" else c for c in value)

    def code(self, code: str) -> str:
        """A reason code as it stands in AF."""
        return code if self.bare_codes else f"[{code}]"
