"""How one library system behaves on the wire, as switches; each was seen on a real server.

The defaults are the standard's. A scenario's `[library]` table sets them by name.
"""

import codecs
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from hw_sim.ils.codec import BLOCKS, Message
from hw_sim.ils.stock import Rules

COMMANDS = (
    "23",
    "11",
    "09",
    "01",
    "99",
    "97",
    "93",
    "63",
    "35",
    "37",
    "17",
    "19",
    "25",
    "15",
    "29",
    "65",
)
"""What a terminal may send, in the order of the places of BX."""

_CHOICES = {
    "unknown": ("silent", "close"),
    "sums": ("mirror", "off", "zero"),
    "alerts": ("routed", "refused", "never"),
    "bars": ("entity", "raw", "blank"),
}
_NEED_AC = frozenset({"23", "11", "09", "01"})


@dataclass(frozen=True, slots=True)
class Manner:
    """The wire manners of one library system."""

    institution: str = ""
    """AO of every answer; empty echoes the request's."""
    name: str = ""
    """Library name (AM)."""
    user: str = field(default="", repr=False)
    """Login user; empty asks for no login."""
    password: str = field(default="", repr=False)
    encoding: str = "utf-8"
    answer_ms: float = 0
    """Time from a command to its answer; the work itself is done at once."""
    jitter_ms: float = 0
    """Up to this much is added to each answer, by seeded chance."""
    answer_p99_ms: float = 0
    """One answer in a hundred takes longer than this, and half of them longer than `answer_ms` (lognormal)."""
    stall_share: float = 0
    """So many answers of all (0 to 1) wait for `stall_s` first."""
    stall_s: float = 3.0
    timeout_tenths: int = 100
    """Timeout of the status message, tenths of a second; 999 unknown."""
    retries: int = 3
    offline_ok: bool = True
    unsupported: tuple[str, ...] = ()
    """Commands that are treated as unknown and are N in BX."""
    unknown: str = "silent"
    """An unknown command is met with `silent` or `close`."""
    strict: bool = False
    """Close on a missing AC or last `|`, a blank due or return date, a blank-padded width, a leading `|`."""
    bad_logins: int = 3
    """The connection is closed at this many wrong logins."""
    busy: bool = False
    """Connections are accepted and nothing is ever answered: the only worker serves somebody else."""
    idle_close_s: float | None = None
    one_read: bool = False
    """Parse whatever one read gave, ended or not."""
    sums: str = "mirror"
    """Error detection in answers: `mirror` the request, `off`, or `zero` (AZ0000 on every message)."""
    check_sums: bool = True
    replay_guard: bool = False
    """Answer a request with the same AY and AZ by the last answer, without doing it again."""
    nfd: bool = False
    """Send accents apart from their letters."""
    bars: str = "entity"
    """A `|` in a text is sent as an `entity`, `raw`, or as a `blank`."""
    padded: bool = False
    """Pad numbers with blanks."""
    crlf: bool = False
    split_lines: bool = False
    """Add each screen text again as print lines of one letter."""
    alerts: str = "routed"
    """Alert at check-in is Y for an item that must go somewhere (`routed`), also for one that was not on
    loan (`refused`, as Koha), or `never` (as FOLIO)."""
    bare_refusals: bool = False
    """Leave out what is unknown (AE, CQ, AJ, AQ) although the standard requires it."""
    doubled_lists: bool = False
    """List each loan twice, and fill lists up with empty entries to BQ."""
    many_lists: bool = False
    """Answer every list that is asked for, not only the first."""
    hold_names: bool = False
    """Send the borrower of a hold at check-in (CY, DA)."""
    chute_field: str = "CH"
    """Field of an item status update (19) in which the place of the item stands; CH is what the standard has."""
    extra_fields: Mapping[str, str] = field(default_factory=dict)
    """Fields that are added to every answer, such as PA."""

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}")
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(f"there is no encoding {self.encoding!r}") from None

    @classmethod
    def from_scenario(cls, data: Mapping[str, Any]) -> "Manner":
        """Read the `[library]` table of a parsed scenario.

        Raises:
            ValueError: a key that neither these switches nor the library's rules know.
        """
        row = own_keys(cls, data)
        if "unsupported" in row:
            row["unsupported"] = tuple(row["unsupported"])
        return cls(**row)

    def number(self, value: int, width: int) -> str:
        """A number as wide as its place, at most all nines."""
        text = str(min(value, 10**width - 1))
        return text.rjust(width) if self.padded else text.zfill(width)

    def text(self, value: str) -> str:
        """A value fit for the wire: no control characters, at most 255 characters."""
        if self.bars != "raw":
            value = value.replace("|", "&#124;" if self.bars == "entity" else " ")
        value = unicodedata.normalize("NFD" if self.nfd else "NFC", value)
        if self.encoding == "ascii":
            apart = unicodedata.normalize("NFKD", value)
            value = "".join(c for c in apart if not unicodedata.combining(c))
        return "".join(c if c >= " " else " " for c in value)[:255]

    def breaks_off(self, frame: bytes, message: Message) -> bool:
        """Whether a strict parser closes the connection over this request."""
        body = frame[:-9] if message.sequence else frame
        after = body[2 + sum(width for _, width in BLOCKS[message.id]) :]
        return self.strict and (
            (message.id in _NEED_AC and not message.has("AC"))
            or after.startswith(b"|")
            or bool(after and not after.endswith(b"|"))
            or any(not message.block.get(k, "x").strip() for k in ("nb_due", "return_date"))
            or " " in message.block.get("print_width", "")
        )


def own_keys(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """What `[library]` says to `kind`, a dataclass; the rest must be the library's rules.

    Raises:
        ValueError: a key that neither of them knows.
    """
    table = data.get("library", {})
    mine = {f.name for f in fields(kind)}
    known = mine | {f.name for f in fields(Rules)}
    if unknown := sorted(set(table) - known):
        raise ValueError(f"[library] has {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return {name: value for name, value in table.items() if name in mine}
