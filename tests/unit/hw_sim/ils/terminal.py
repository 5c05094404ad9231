"""A terminal's end of a simulated library system, and a small library, for tests."""

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hw_sim.ils.codec import Message, checksum, decode
from hw_sim.ils.device import LibraryDevice

NOW = datetime.fromisoformat("2026-11-03T10:42:00+01:00")
D = "20261103    104200"

KAREN, OLE = "1234567890", "2222222222"

SCENARIO: dict[str, Any] = {
    "library": {
        "institution": "DK-746100",
        "name": "Odense",
        "location": "Borgernes Hus",
        "branches": {"HB": "Borgernes Hus", "DA": "Dalum"},
        "bins": {"hold": "1", "Dalum": "701", "reject": "9"},
    },
    "items": [
        {"id": "3000000001", "title": "Tørst", "location": "Dalum", "call_number": "86"},
        {"id": "3000000002", "title": "Lykke-Per", "author": "Henrik Pontoppidan"},
        {"id": "3000000003", "title": "Salt & peber", "reserved": True},
        {"id": "3000000004", "title": "Atlas", "not_for_loan": True},
        {"id": "3000000005", "title": "Film", "fee": "25", "media": "005", "loan_days": 7},
        {"id": "3000000006", "title": "Kort", "reserved_for": OLE, "pickup": "Dalum"},
        {"id": "3000000007", "title": "Væk", "status": "12"},
        {"id": "3000000008", "title": "Gammel", "lent_to": KAREN, "due": "2026-11-01"},
        {"id": "3000000009", "title": "Alarm", "stay_armed": True},
    ],
    "patrons": [
        {
            "card": KAREN,
            "cpr": "3002991234",
            "pin": "1234",
            "name": "Karen Testesen",
            "email": "karen@example.org",
            "fees": ["12.50", "20"],
        },
        {"card": OLE, "pin": "4321", "name": "Ole Testesen"},
        {"card": "3333333333", "pin": "1111", "name": "Spærret Testesen", "blocked": True},
        {"card": "4444444444", "name": "Fuld Testesen", "charged_limit": 0, "hold_limit": 0},
    ],
}


def device(**library: object) -> LibraryDevice:
    """A library system of the scenario above, with more keys in its `[library]` table."""
    data: Mapping[str, Any] = {**SCENARIO, "library": {**SCENARIO["library"], **library}}
    return LibraryDevice.from_scenario(data, now=lambda: NOW, rng=random.Random(1))


class Terminal:
    """Sends lines, keeps the bytes that come back."""

    def __init__(self, library: LibraryDevice) -> None:
        self.library = library
        self.heard = b""
        self.open = True
        library.attach(self._hear, self._gone)

    def _hear(self, data: bytes) -> None:
        self.heard += data

    def _gone(self) -> None:
        self.open = False

    def reconnect(self) -> None:
        self.open = True
        self.library.attach(self._hear, self._gone)

    def say(self, line: str, encoding: str = "utf-8") -> bytes:
        """Send a line without CR; return what comes back at once."""
        self.heard = b""
        self.library.receive(line.encode(encoding) + b"\r")
        return self.heard

    def ask(self, line: str) -> Message:
        """Send a line and read its one answer."""
        heard = self.say(line)
        assert heard.endswith(b"\r")
        assert heard.count(b"\r") == 1
        return decode(heard[:-1])


def signed(line: str, sequence: int) -> str:
    """The line with AY and the right AZ."""
    covered = f"{line}AY{sequence}AZ"
    return covered + checksum(covered.encode())


def borrow(item: str, patron: str = KAREN, *, no_block: str = "N", more: str = "") -> str:
    return f"11N{no_block}{D}{D}AODK-746100|AA{patron}|AB{item}|AC|{more}"


def give_back(item: str, *, no_block: str = "N", place: str = "HB", more: str = "") -> str:
    return f"09{no_block}{D}{D}AP{place}|AODK-746100|AB{item}|AC|{more}"


def renew(item: str, patron: str = KAREN, *, no_block: str = "N") -> str:
    return f"29N{no_block}{D}{D}AODK-746100|AA{patron}|AB{item}|"


def information(
    patron: str = KAREN, pin: str = "1234", summary: str = "  Y", more: str = ""
) -> str:
    return f"63009{D}{summary:10}AODK-746100|AA{patron}|AC|AD{pin}|{more}"


def hold(mode: str, item: str, patron: str = OLE, more: str = "") -> str:
    return f"15{mode}{D}BSDalum|AODK-746100|AA{patron}|AB{item}|{more}"
