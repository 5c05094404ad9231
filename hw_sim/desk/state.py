"""What the desk shows, worked out from the answers to `hello` and `truth`. No Qt, no wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

IN_STOCK, ON_LOAN = "07", "c2"
"""AFI of an item in stock (the gates alarm) and on loan (they do not), as Danish libraries write them."""

_ALARM = {IN_STOCK: "in stock", ON_LOAN: "on loan"}

# SIP2, circulation status
_STATUS = {
    "02": "on order",
    "03": "in the library",
    "04": "lent",
    "06": "in process",
    "08": "on the hold shelf",
    "10": "in transit",
    "12": "lost",
    "13": "missing",
}

_PRINTER = {
    "paper_end": "Paper is out",
    "cover_open": "Cover is open",
    "cutter": "Cutter is stuck",
    "mechanical": "Mechanics stopped",
    "unrecoverable": "Broken",
    "auto_recoverable": "Too hot",
    "near_end": "Paper is low",
}


@dataclass(frozen=True, slots=True)
class BookState:
    """Where an item's parts are, and what library and tags say about it."""

    parts: tuple[int, ...] = ()
    """Every part there is."""
    laid: frozenset[int] = frozenset()
    """The parts on the pad."""
    library: str = ""
    tags: str = ""
    agrees: bool = True
    """False: it is lent and the gates would alarm, or the other way about."""
    borrower: str = ""
    """Who has it, if anybody."""


@dataclass(frozen=True, slots=True)
class DeviceState:
    plugged: bool = True
    word: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    """Standing faults: the verb, and its arguments in words."""


def books(truth: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, BookState]:
    """Item id -> its state. `names` are the borrowers' by card."""
    library = truth["devices"].get("library", {})
    found = {}
    for item, row in truth["world"]["items"].items():
        tags = row["tags"]
        loan = library.get("loans", {}).get(item)
        alarms = {tag["afi"] for tag in tags}
        found[item] = BookState(
            parts=tuple(dict.fromkeys(tag["part"] for tag in tags)),
            laid=frozenset(tag["part"] for tag in tags if tag["on_pad"]),
            library=_library(item, library, loan, names),
            tags=_tags(alarms),
            agrees=not alarms <= set(_ALARM) or alarms == {ON_LOAN if loan else IN_STOCK},
            borrower=names.get(loan["patron_card"], "") if loan else "",
        )
    return found


def _library(
    item: str, library: Mapping[str, Any], loan: Mapping[str, Any] | None, names: Mapping[str, str]
) -> str:
    if loan:
        card = loan["patron_card"]
        return f"{names.get(card) or card}, due {_day(loan['due'])}"
    if item not in library.get("items", {}):
        return "unknown"
    for hold in library["holds"]:
        if hold["item"] == item:
            return f"reserved for {names.get(hold['patron_card'], 'somebody else')}"
    status = library["items"][item]["status"]
    return _STATUS.get(status, f"status {status}")


def _tags(alarms: set[str]) -> str:
    if len(alarms) == 1:
        (alarm,) = alarms
        return _ALARM.get(alarm, f"AFI {alarm.upper()}")
    return "mixed" if alarms else "no tag"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso[:10])
    return f"{day.day} {day:%b}"


MOST_HEARD = 40


def heard(truth: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was said, newest first: in the room or in the headset, in which language, and whether to its end."""
    rows = truth["devices"].get("speaker", {}).get("heard", [])
    return [
        {
            "text": row["text"],
            "language": row["language"],
            "where": "headset" if row["headset"] else "room",
            "whole": row["end"] != "canceled",
        }
        for row in reversed(rows[-MOST_HEARD:])
    ]


def devices(truth: Mapping[str, Any]) -> dict[str, DeviceState]:
    """Role -> the state of the device and its cable."""
    return {
        role: DeviceState(
            plugged=row["plugged"],
            word=_word(row),
            faults=tuple((verb, arguments(args)) for verb, args in row["faults"].items()),
        )
        for role, row in truth["devices"].items()
    }


def _word(row: Mapping[str, Any]) -> str:
    if not row["plugged"]:
        return "Cable is out"
    if row.get("powered") is False:
        return "Off"
    for name, word in _PRINTER.items():
        if row.get("state", {}).get(name):
            return word
    if row["faults"]:
        return "Faulty"
    return "Printing" if row.get("printing") else "Ready"


def arguments(args: Mapping[str, Any]) -> str:
    """A fault's arguments as they are typed, those without a value left out."""
    told = (
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in args.items()
        if value not in (None, "")
    )
    return " ".join(told)


def parse_arguments(text: str) -> dict[str, object]:
    """`seconds=2 item=3846646425` as arguments: JSON where a value reads as JSON, else text.

    Item ids stay text although they read as numbers. Raises ValueError naming the word without a `=`.
    """
    args: dict[str, object] = {}
    for word in text.split():
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ValueError(f"{word!r} should be name=value")
        args[name] = value
        if name not in {"item", "cmd", "bytes"}:
            try:
                args[name] = json.loads(value)
            except json.JSONDecodeError:
                continue
    return args


def pad_order(before: tuple[str, ...], now: Mapping[str, BookState]) -> tuple[str, ...]:
    """Items on the pad in the order they came: those known keep their place, new ones come last."""
    laid = [item for item, book in now.items() if book.laid]
    stayed = [item for item in before if item in laid]
    return (*stayed, *(item for item in laid if item not in stayed))
