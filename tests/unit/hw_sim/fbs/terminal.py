"""A terminal's end of the simulated FBS: HTTP read by http.client, XML by ElementTree."""

import asyncio
import io
import random
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from hw_sim.ils.fbs_device import FbsDevice
from hw_sim.wire import HangUp, Send
from tests.unit.hw_sim.ils.terminal import KAREN, NOW, OLE, SCENARIO, D

BLOCKED = "3333333333"
ISIL = "DK-746100"
SIP = "{http://axiell.com/Schema/sip.xsd}sip"

LIBRARY: Mapping[str, object] = {
    "institution": ISIL,
    "name": "Odense Biblioteker",
    "user": "kiosk",
    "password": "not-a-secret",
    "location": "Borgernes Hus",
    "branches": {"hb": "Borgernes Hus", "dal": "Dalum"},
}

PLACES: Mapping[str, Mapping[str, object]] = {
    "3000000001": {"author": "Nesbø, Jo", "faust": "53045650", "call_number": "sk"},
    "3000000002": {"collection": "Voksen%Krimi%", "call_number": "61.36"},
    "3000000005": {"faust": "06850537"},
}


def device(**library: object) -> FbsDevice:
    """FBS before the library of the SIP2 tests, with more keys in its `[library]` table."""
    items = [{**row, **PLACES.get(row["id"], {})} for row in SCENARIO["items"]]
    karen, *others = SCENARIO["patrons"]
    karen = {**karen, "address": "Prøvevej 1%5000%Odense C%DK", "born": "19990101"}
    data: Mapping[str, Any] = {
        "library": {**LIBRARY, **library},
        "items": items,
        "patrons": [karen, *others],
    }
    return FbsDevice.from_scenario(data, now=lambda: NOW, rng=random.Random(1))


def envelope(line: str, *, login: str = "kiosk", password: str = "not-a-secret") -> bytes:
    """The body of a request; an empty login or password is left out."""
    named = (("password", password), ("login", login))
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in named if value)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ns1:sip{attributes}'
        ' xsi:schemaLocation="http://axiell.com/Schema/sip.xsd"'
        ' xmlns:ns1="http://axiell.com/Schema/sip.xsd"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"  <request>{escape(line)}</request></ns1:sip>"
    ).encode()


def post(body: bytes, *, path: str = f"/rest/sip2/{ISIL}") -> bytes:
    """The body as an HTTP request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True)
class Answer:
    """One response, read by the standard library."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.body)

    @property
    def line(self) -> str:
        """The SIP2 line; fails for anything but a good answer."""
        assert self.status == 200
        root = self.xml
        assert (root.tag, [child.tag for child in root]) == (SIP, ["response"])
        return root[0].text or ""

    @property
    def error(self) -> str:
        root = self.xml
        assert (root.tag, [child.tag for child in root]) == (SIP, ["error"])
        return root[0].text or ""

    @property
    def exception(self) -> str:
        root = self.xml
        assert root.tag == "restExceptionInfo"
        names = ["correlationId", "errorCode", "message", "className", "info", "errorType"]
        assert [child.tag for child in root] == names
        assert root.findtext("errorCode") == root.findtext("errorType")
        return root.findtext("errorCode") or ""


class _Bytes:
    """What HTTPResponse wants of a socket."""

    def __init__(self, heard: bytes) -> None:
        self._heard = heard

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._heard)


def read(heard: bytes) -> Answer:
    """Read a whole response."""
    found = HTTPResponse(_Bytes(heard))  # type: ignore[arg-type]  # only makefile is used
    found.begin()
    return Answer(found.status, found.headers, found.read())


class Call:
    """One connection: what came, and when it ended."""

    def __init__(self, there: FbsDevice) -> None:
        self.heard = b""
        self.ended = asyncio.Event()
        self.ended_at = 0.0
        self.there = there
        send: Send = self._hear
        hang_up: HangUp = self._gone
        there.attach(send, hang_up)

    def _hear(self, data: bytes) -> None:
        self.heard += data

    def _gone(self) -> None:
        self.ended_at = asyncio.get_running_loop().time()
        self.ended.set()

    async def ask(self, request: bytes) -> bytes:
        """Send it; everything that came until the connection ended."""
        self.there.receive(request)
        await self.ended.wait()
        return self.heard


async def send(there: FbsDevice, request: bytes) -> Answer:
    """One request on a connection of its own."""
    return read(await Call(there.sibling()).ask(request))


async def ask(there: FbsDevice, line: str) -> str:
    """One SIP2 line, and the line that answers it."""
    return (await send(there, post(envelope(line)))).line


def fields(line: str, block: int) -> list[tuple[str, str]]:
    """The fields behind a fixed block that ends at `block`."""
    assert line.endswith("|")
    return [(part[:2], part[2:]) for part in line[block:-1].split("|")]


# the lines that a kiosk sends to FBS


def status() -> str:
    return "990xxx2.00"


def patron_status(patron: str = KAREN, pin: str = "1234") -> str:
    return f"23009{D}|AO{ISIL}|AA{patron}|AC|AD{pin}|"


def information(patron: str = KAREN, pin: str = "1234") -> str:
    return f"63009{D}YYYYYYYYY|AO{ISIL}|AA{patron}|AC|AD{pin}|"


def borrow(item: str, patron: str = KAREN, pin: str = "1234", *, no_block: str = "N") -> str:
    return f"11N{no_block}{D}{D}|AO{ISIL}|AA{patron}|AB{item}|AC|CH|AD{pin}|"


def give_back(item: str, *, place: str = "hb", no_block: str = "N") -> str:
    return f"09{no_block}{D}{D}|AP{place}|AO{ISIL}|AB{item}|AC|CH|"


def renew(item: str, patron: str = KAREN, pin: str = "1234") -> str:
    return f"29NN{D}{D}|AO{ISIL}|AA{patron}|AD{pin}|AB{item}|"


def renew_all(patron: str = KAREN, pin: str = "1234") -> str:
    return f"65{D}|AO{ISIL}|AA{patron}|AD{pin}|"


def item_information(item: str) -> str:
    return f"17{D}|AO{ISIL}|AB{item}|AC|"


def hold(mode: str, item: str, patron: str = OLE) -> str:
    return f"15{mode}{D}|BSdal|AO{ISIL}|AA{patron}|AB{item}|"


def pay(amount: str, patron: str = KAREN) -> str:
    return f"37{D}0102DKK|BV{amount}|AO{ISIL}|AA{patron}|BKk1-000042|"


def end(patron: str = KAREN) -> str:
    return f"35{D}|AO{ISIL}|AA{patron}|AC|AD1234|"


def block(patron: str = KAREN) -> str:
    return f"01N{D}|AO{ISIL}|ALKORT SPÆRRET|AA{patron}|"
