"""Every kind of journal row, and what each may say: the one place to read to know what is kept.

A field has a type that bounds its alphabet, so that a name, a title or an address does not fit in any of
them; whom a row is about stands in it only as a commitment (journal.commitment). A field may be left out
or None. A kind whose meaning changes gets the next version, old rows keep theirs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from drivers.errors import Code, LocalProtocolError

JsonScalar = str | int | bool | None
"""What a payload may hold. No fractions: two programs write them in two ways."""


class Field(Enum):
    """The type of a payload field: a pattern for words, or a Python type."""

    TOKEN = re.compile(r"(?!.*\d{10})[A-Za-z0-9_.:/+-]{0,80}")
    """A word that the program chose: a code, a role, a reason. Never ten digits in a row."""
    ITEM = re.compile(r"[A-Za-z0-9.:/_-]{1,40}")
    """An item number of the library."""
    UID = re.compile(r"[0-9a-f]{16}")
    ID = re.compile(r"[0-9a-f-]{1,36}")
    """A random id: effect, session, visit, case."""
    HASH = re.compile(r"[0-9a-f]{8,64}")
    DAY = re.compile(r"\d{4}-\d\d-\d\d")
    MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]{8,15}(Z|[+-]\d\d:\d\d)")
    REFERENCE = re.compile(r"[!-~]{0,80}")
    """A transaction number of another system."""
    NUMBER = int
    FLAG = bool


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: the version of its meaning, and its fields."""

    version: int
    fields: Mapping[str, Field]


_EFFECT = {"verb": Field.TOKEN, "item": Field.ITEM, "attempt": Field.NUMBER}
_DEBT = {"uid": Field.UID, "wanted": Field.NUMBER, "item": Field.ITEM, "effect": Field.ID}

KINDS: Mapping[str, Kind] = {
    "station.booted": Kind(
        1,
        {
            "app": Field.TOKEN,
            "schema": Field.TOKEN,
            "sqlite": Field.TOKEN,
            "config": Field.HASH,
        },
    ),
    "station.language": Kind(1, {"language": Field.TOKEN}),
    "station.stopped": Kind(1, {"reason": Field.TOKEN}),
    "station.state": Kind(1, {"state": Field.TOKEN, "reason": Field.TOKEN, "staff": Field.ID}),
    "station.setting": Kind(
        1,
        {
            "setting": Field.TOKEN,
            "value": Field.TOKEN,
            "until": Field.MOMENT,
            "staff": Field.ID,
        },
    ),
    "device.state": Kind(1, {"role": Field.TOKEN, "state": Field.TOKEN, "code": Field.TOKEN}),
    "visit.started": Kind(1, {"patron": Field.HASH, "language": Field.TOKEN, "means": Field.TOKEN}),
    "visit.ended": Kind(
        1,
        {
            "reason": Field.TOKEN,
            "borrowed": Field.NUMBER,
            "returned": Field.NUMBER,
            "renewed": Field.NUMBER,
        },
    ),
    "sign_in.refused": Kind(1, {"reason": Field.TOKEN}),
    "effect.intent": Kind(
        1,
        {
            "verb": Field.TOKEN,
            "item": Field.ITEM,
            "session": Field.ID,
            "occurred_at": Field.MOMENT,
            "nb_due": Field.DAY,
            "no_block": Field.FLAG,
        },
    ),
    "effect.promised": Kind(
        1,
        {
            "verb": Field.TOKEN,
            "item": Field.ITEM,
            "nb_due": Field.DAY,
            "left": Field.FLAG,  # False: nothing of it went out before it was promised
        },
    ),
    "effect.sent": Kind(
        1,
        {**_EFFECT, "due": Field.DAY},  # of a return: until when the loan runs that it will end
    ),
    "effect.unknown": Kind(1, _EFFECT),
    "effect.settling": Kind(1, _EFFECT),
    "effect.confirmed": Kind(1, {**_EFFECT, "answer": Field.TOKEN, "transaction": Field.REFERENCE}),
    "effect.refused": Kind(1, {**_EFFECT, "answer": Field.TOKEN, "transaction": Field.REFERENCE}),
    "effect.needs_staff": Kind(
        1, {**_EFFECT, "answer": Field.TOKEN, "transaction": Field.REFERENCE}
    ),
    "debt.opened": Kind(1, {**_DEBT, "why": Field.TOKEN}),
    "debt.closed": Kind(1, {**_DEBT, "how": Field.TOKEN}),
    "sealed.expired": Kind(1, {"count": Field.NUMBER}),
    "receipt.asked": Kind(1, {"form": Field.TOKEN, "rows": Field.NUMBER}),
    "receipt.ended": Kind(1, {"form": Field.TOKEN, "outcome": Field.TOKEN}),
    "staff.added": Kind(1, {"staff": Field.ID, "role": Field.TOKEN, "by": Field.ID}),
    "staff.closed": Kind(1, {"staff": Field.ID, "by": Field.ID}),
    "staff.pin_set": Kind(1, {"staff": Field.ID, "by": Field.ID}),
    "staff.signed_in": Kind(1, {"staff": Field.ID, "role": Field.TOKEN}),
    "staff.signed_out": Kind(1, {"staff": Field.ID, "reason": Field.TOKEN}),
    "staff.refused": Kind(1, {"staff": Field.ID, "reason": Field.TOKEN, "tries": Field.NUMBER}),
    "staff.role_set": Kind(1, {"staff": Field.ID, "role": Field.TOKEN, "by": Field.ID}),
    "staff.acted": Kind(1, {"staff": Field.ID, "act": Field.TOKEN, "detail": Field.TOKEN}),
    "store.failed": Kind(1, {"code": Field.TOKEN}),
    "belt.linked": Kind(1, {"boot": Field.NUMBER, "taken": Field.NUMBER, "known": Field.FLAG}),
    "belt.told": Kind(1, {"command": Field.TOKEN, "a": Field.NUMBER, "b": Field.NUMBER}),
    "belt.answered": Kind(1, {"command": Field.TOKEN, "result": Field.TOKEN}),
    "plan.taken": Kind(
        1,
        {
            "plan": Field.HASH,
            "before": Field.HASH,
            "rules": Field.NUMBER,
            "bins": Field.NUMBER,
        },
    ),
    "plan.refused": Kind(
        1,
        {
            "plan": Field.HASH,
            "why": Field.TOKEN,
            "line": Field.NUMBER,
            "problems": Field.NUMBER,
        },
    ),
    "belt.happened": Kind(
        1,
        {
            "what": Field.TOKEN,
            "zone": Field.NUMBER,
            "number": Field.NUMBER,
            "state": Field.TOKEN,
            "because": Field.TOKEN,
        },
    ),
    "item.decided": Kind(
        1,
        {
            "number": Field.NUMBER,
            "bin": Field.TOKEN,
            "rule": Field.TOKEN,
            "plan": Field.HASH,
            "facts": Field.HASH,
        },
    ),
    "item.routed": Kind(
        1,
        {
            "number": Field.NUMBER,
            "tid": Field.NUMBER,
            "bin": Field.NUMBER,
            "alternate": Field.NUMBER,
        },
    ),
    "item.ended": Kind(
        1,
        {
            "number": Field.NUMBER,
            "item": Field.ITEM,
            "state": Field.TOKEN,
            "cause": Field.TOKEN,
            "bin": Field.NUMBER,
        },
    ),
    "item.answered": Kind(
        1, {"number": Field.NUMBER, "ok": Field.FLAG, "alert": Field.TOKEN, "late": Field.FLAG}
    ),
    "item.reported": Kind(1, {"number": Field.NUMBER, "told": Field.TOKEN}),
    "inlet.given_back": Kind(1, {"why": Field.TOKEN}),
    "inlet.receipt": Kind(1, {"outcome": Field.TOKEN, "items": Field.NUMBER}),
    "item.slip": Kind(1, {"number": Field.NUMBER, "form": Field.TOKEN, "outcome": Field.TOKEN}),
    "crate.happened": Kind(1, {"what": Field.TOKEN, "crate": Field.ITEM, "chute": Field.ITEM}),
    "bin.emptied": Kind(1, {"bin": Field.TOKEN, "count": Field.NUMBER}),
    "case.opened": Kind(1, {"case": Field.TOKEN, "subject": Field.ITEM, "priority": Field.NUMBER}),
    "case.taken": Kind(1, {"case": Field.TOKEN, "staff": Field.ID}),
    "case.released": Kind(1, {"case": Field.TOKEN, "staff": Field.ID}),
    "case.closed": Kind(1, {"case": Field.TOKEN, "staff": Field.ID, "reason": Field.TOKEN}),
}


def checked(kind: str, payload: Mapping[str, JsonScalar]) -> int:
    """The version of `kind`, once every field of `payload` is one of its own and fits its type.

    Raises:
        LocalProtocolError: an unknown kind, a field that is not of the kind, a value that does not fit.
            The value itself is not told: it may be what should not be kept.
    """
    known = KINDS.get(kind)
    if known is None:
        raise LocalProtocolError("store", Code.BUG, f"no journal kind {kind!r}")
    for name, value in payload.items():
        if name not in known.fields:
            raise LocalProtocolError("store", Code.BUG, f"{kind} has no field {name!r}")
        if value is not None and not _fits(known.fields[name], value):
            raise LocalProtocolError(
                "store", Code.BUG, f"{kind}: {name} is no {known.fields[name].name.lower()}"
            )
    return known.version


def checked_id(value: str) -> str:
    """An entity or trace id as it is, once it can hold nothing else. Raises LocalProtocolError."""
    if not _ID.fullmatch(value):
        raise LocalProtocolError("store", Code.BUG, "not an id")
    return value


_ID = re.compile(r"[A-Za-z0-9.:/_-]{0,64}")


def _fits(field: Field, value: str | int) -> bool:
    match field.value:
        case re.Pattern() as pattern:
            return isinstance(value, str) and pattern.fullmatch(value) is not None
        case wanted:
            return type(value) is wanted
