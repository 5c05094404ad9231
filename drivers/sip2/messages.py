"""The 31 messages of SIP2 as tables, and one value that holds any of them.

Source: 3M Standard Interchange Protocol 2.00, document revision 2.12 (2006-04-11), "Messages" and "Data
fields". SC is our side, ACS the library system. A message is its two digits, a fixed block in exact order,
and variable fields in any order, each two letters, a value and the delimiter.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import itemgetter

from typing_extensions import override


class Side(StrEnum):
    """Who sends a message."""

    SC = "SC"
    ACS = "ACS"


class Check(StrEnum):
    """What a frame's own checksum says of it."""

    ABSENT = "absent"
    GOOD = "good"
    ZERO = "zero"
    """`AZ0000`, which old servers write on every frame."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the message table: fixed block with widths, then the variable fields it may hold."""

    id: str
    name: str
    side: Side
    parts: tuple[str, ...]
    widths: tuple[int, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]
    size: int
    """Characters before the first variable field, the id included."""
    split: Callable[[str], tuple[str, ...]] = field(repr=False, compare=False)
    """Cuts the fixed block out of a whole message."""


def _kind(id_: str, name: str, side: Side, block: str, required: str, optional: str) -> Kind:
    named = [part.rpartition(":") for part in block.split()]
    widths = tuple(int(width) for _, _, width in named)
    ends = [2 + sum(widths[: n + 1]) for n in range(len(widths))]
    slices = [slice(end - width, end) for end, width in zip(ends, widths, strict=True)]
    return Kind(
        id_,
        name,
        side,
        tuple(part for part, _, _ in named),
        widths,
        tuple(required.split()),
        tuple(optional.split()),
        2 + sum(widths),
        _cutter(slices),
    )


def _cutter(slices: list[slice]) -> Callable[[str], tuple[str, ...]]:
    if len(slices) > 1:
        return itemgetter(*slices)
    return lambda text: tuple(text[part] for part in slices)


_STATUS = "patron_status:14 language:3 date:18"
_LOAN = "ok:1 renewal_ok:1 magnetic:1 desensitize:1 date:18"
_LOAN_OPTIONAL = "BT CI BH BV CK CH BK AF AG"

_TABLE = (
    # from the SC
    _kind("93", "login", Side.SC, "uid_algorithm:1 password_algorithm:1", "CN CO", "CP"),
    _kind("99", "SC status", Side.SC, "status:1 print_width:3 version:4", "", ""),
    _kind("23", "patron status request", Side.SC, "language:3 date:18", "AO AA AC AD", ""),
    _kind(
        "63",
        "patron information",
        Side.SC,
        "language:3 date:18 summary:10",
        "AO AA",
        "AC AD BP BQ",
    ),
    _kind(
        "11",
        "checkout",
        Side.SC,
        "renewal_policy:1 no_block:1 date:18 nb_due:18",
        "AO AA AB AC",
        "CH AD BO BI",
    ),
    _kind("09", "checkin", Side.SC, "no_block:1 date:18 return_date:18", "AP AO AB AC", "CH BI"),
    _kind(
        "29",
        "renew",
        Side.SC,
        "third_party:1 no_block:1 date:18 nb_due:18",
        "AO AA",
        "AB AJ AD AC CH BO",
    ),
    _kind("65", "renew all", Side.SC, "date:18", "AO AA", "AD AC BO"),
    _kind("17", "item information", Side.SC, "date:18", "AO AB", "AC"),
    _kind("15", "hold", Side.SC, "mode:1 date:18", "AO AA", "AB AJ BW BS BY AD AC BO"),
    _kind(
        "37",
        "fee paid",
        Side.SC,
        "date:18 fee_type:2 payment_type:2 currency:3",
        "BV AO AA",
        "AC AD CG BK",
    ),
    _kind("35", "end patron session", Side.SC, "date:18", "AO AA", "AC AD"),
    _kind("25", "patron enable", Side.SC, "date:18", "AO AA", "AC AD"),
    _kind("19", "item status update", Side.SC, "date:18", "AO AB CH", "AC"),
    _kind("01", "block patron", Side.SC, "card_retained:1 date:18", "AO AL AA AC", ""),
    _kind("97", "request ACS resend", Side.SC, "", "", ""),
    # from the ACS
    _kind("94", "login response", Side.ACS, "ok:1", "", ""),
    _kind(
        "98",
        "ACS status",
        Side.ACS,
        "online:1 checkin_ok:1 checkout_ok:1 renewal_policy:1 status_update_ok:1 offline_ok:1 "
        "timeout:3 retries:3 date:18 version:4",
        "AO BX",
        "AM AN AF AG",
    ),
    _kind("24", "patron status response", Side.ACS, _STATUS, "AO AA AE", "BL CQ BH BV AF AG"),
    _kind(
        "64",
        "patron information response",
        Side.ACS,
        f"{_STATUS} holds:4 overdue:4 charged:4 fines:4 recalls:4 unavailable_holds:4",
        "AO AA AE",
        "BZ CA CB BL CQ BH BV CC AS AT AU AV BU CD BD BE BF AF AG",
    ),
    _kind("12", "checkout response", Side.ACS, _LOAN, "AO AA AB AJ AH", _LOAN_OPTIONAL),
    _kind(
        "10",
        "checkin response",
        Side.ACS,
        "ok:1 resensitize:1 magnetic:1 alert:1 date:18",
        "AO AB AQ",
        "AJ CL AA CK CH AF AG CR CS CT CV CY DA",  # CR to DA: 3M extensions 1.20 (2005)
    ),
    _kind("30", "renew response", Side.ACS, _LOAN, "AO AA AB AJ AH", _LOAN_OPTIONAL),
    _kind(
        "66",
        "renew all response",
        Side.ACS,
        "ok:1 renewed:4 unrenewed:4 date:18",
        "AO",
        "BM BN AF AG",
    ),
    _kind(
        "18",
        "item information response",
        Side.ACS,
        "circulation:2 security:2 fee_type:2 date:18",
        "AB AJ",
        "CF AH CJ CM BG BH BV CK AQ AP CH AF AG",
    ),
    _kind(
        "16", "hold response", Side.ACS, "ok:1 available:1 date:18", "AO AA", "BW BR BS AB AJ AF AG"
    ),
    _kind("38", "fee paid response", Side.ACS, "accepted:1 date:18", "AO AA", "BK AF AG"),
    _kind("36", "end session response", Side.ACS, "ended:1 date:18", "AO AA", "AF AG"),
    _kind("26", "patron enable response", Side.ACS, _STATUS, "AO AA AE", "BL CQ AF AG"),
    _kind("20", "item status update response", Side.ACS, "stored:1 date:18", "AB", "AJ CH AF AG"),
    _kind("96", "request SC resend", Side.ACS, "", "", ""),
)

KINDS: Mapping[str, Kind] = {kind.id: kind for kind in _TABLE}
"""By message id."""

ANSWERS: Mapping[str, str] = {
    "93": "94", "99": "98", "23": "24", "63": "64", "11": "12", "09": "10", "29": "30", "65": "66",
    "17": "18", "15": "16", "37": "38", "35": "36", "25": "26", "19": "20", "01": "24",
}  # fmt: skip
"""The answer that belongs to each command; 97 is answered by the last frame again."""

SUPPORTED_PLACES = (
    "23", "11", "09", "01", "99", "97", "93", "63", "35", "37", "17", "19", "25", "15", "29", "65",
)  # fmt: skip
"""What each of the sixteen places of BX stands for."""

REPEATABLE = frozenset(["AF", "AG", "AS", "AT", "AU", "AV", "BM", "BN", "BU", "CD"])

SHOWN = frozenset(
    [
        "AB",
        "AH",
        "AM",
        "AO",
        "AP",
        "AQ",
        "BH",
        "BI",
        "BK",
        "BL",
        "BM",
        "BN",
        "BO",
        "BP",
        "BQ",
        "BR",
        "BS",
        "BT",
        "BW",
        "BX",
        "BY",
        "BZ",
        "CA",
        "CB",
        "CI",
        "CJ",
        "CK",
        "CL",
        "CM",
        "CQ",
        "CR",
        "CS",
        "CT",
        "CV",
        "CP",
    ]
)
"""Fields whose values `repr` shows. All others may hold a person, a title or a secret."""


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One message. Unknown and repeated fields stay, in the order of the wire.

    Each of `fields` is the two-letter id followed by the value, as on the wire but without delimiter.
    """

    kind: Kind
    fixed: tuple[str, ...]
    fields: tuple[str, ...] = ()
    seq: int | None = None
    check: Check = Check.ABSENT

    def part(self, name: str) -> str:
        """A part of the fixed block by its name in the table."""
        return self.fixed[self.kind.parts.index(name)]

    def get(self, id_: str) -> str:
        """The first value of this field, or an empty text."""
        for each in self.fields:
            if each.startswith(id_):
                return each[2:]
        return ""

    def has(self, id_: str) -> bool:
        """Whether the field was sent at all, be it empty."""
        return any(each.startswith(id_) for each in self.fields)

    def all(self, id_: str) -> tuple[str, ...]:
        """Every value of a repeated field that is not empty."""
        return tuple(each[2:] for each in self.fields if each.startswith(id_) and len(each) > 2)

    @override
    def __repr__(self) -> str:
        return f"<{' '.join(self._shown())}>"

    def _shown(self) -> Iterator[str]:
        yield f"{self.kind.id} {self.kind.name}"
        for name, value in zip(self.kind.parts, self.fixed, strict=False):
            yield f"{name}={value.strip()}"
        for each in self.fields:
            yield each if each[:2] in SHOWN else f"{each[:2]}…"
        if self.seq is not None:
            yield f"AY{self.seq}"


def message(id_: str, *fields: str, **fixed: str) -> Message:
    """Build a message by the names of its fixed parts; fields are id and value in one text.

    Raises KeyError for a part that the table lacks or that was left out: both are bugs.
    """
    kind = KINDS[id_]
    if unknown := fixed.keys() - set(kind.parts):
        raise KeyError(f"{id_} has no {sorted(unknown)}")
    return Message(kind, tuple(fixed[part] for part in kind.parts), fields)
