"""FBS by script, over memory wires in virtual time. Its HTTP and XML are written by hand."""

import asyncio
from collections.abc import Callable
from typing import cast
from xml.etree import ElementTree

from drivers.fbs.dialect import FBS
from drivers.fbs.exchange import Posts
from drivers.fbs.http import Endpoint
from drivers.ports import Secret
from drivers.transport.memory import MemoryTransport

TO = Endpoint("fbs.example", 443, "/rest/sip2/DK-746100")
SCHEMA = "http://axiell.com/Schema/sip.xsd"
D = "20260303    101500"
AO = "AODK-746100|"
STATUS = f"98YYYYYY600999{D}2.00{AO}AMOdense|BXYYYYYYYYYYYNNYYY|"
KNOWN = f"24{' ' * 14}009{D}{AO}AALN:3002991234|AEKaren Testesen|BLY|CQY|"
LENT = f"121NUY{D}{AO}AA3002991234|AB1|AJ06850537|AH20260331    000000|CHTørst%A%a%xx%sk|BKk-1|"
BACK = f"101YUN{D}{AO}AB1|AQHB%Voksen%Krimi%|AJ06850537|CHTørst%A%a%xx%sk|"
ITEM = f"18030001{D}AB1|AJ06850537|CHTørst%A%a%xx%sk|"
USUAL = {"99": STATUS, "23": KNOWN, "11": LENT, "09": BACK, "17": ITEM}
CONFLICT = (
    "<restExceptionInfo><correlationId>0000-11aa</correlationId>"
    "<errorCode>OPTIMISTIC_LOCK_VIOLATION</errorCode><message>Karen Testesen</message>"
    "<errorType>OPTIMISTIC_LOCK_VIOLATION</errorType></restExceptionInfo>"
)

Script = Callable[[str], "bytes | float | None"]
"""Line of a request to a whole reply; to seconds after which the usual one comes; or None, to hang up."""


def http(body: str, status: int = 200, *more: str) -> bytes:
    """A reply as FBS sends it."""
    data = body.encode()
    head = [
        f"HTTP/1.1 {status} Words",
        "Connection: close",
        "Content-Type: application/xml;charset=UTF-8",
        f"Content-Length: {len(data)}",
        "X-RequestId: call-1",
        *more,
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def said(line: str, status: int = 200) -> bytes:
    """A line in its envelope."""
    escaped = line.replace("&", "&amp;").replace("<", "&lt;")
    xml = f'<ns2:sip xmlns:ns2="{SCHEMA}"><response>{escaped}</response></ns2:sip>'
    return http(f'<?xml version="1.0" encoding="UTF-8"?>{xml}', status)


def failed(words: str, status: int = 200) -> bytes:
    """The first kind of error envelope."""
    return http(f'<ns2:sip xmlns:ns2="{SCHEMA}"><error>{words}</error></ns2:sip>', status)


class Peer:
    """The far end of every connection. `on` scripts the next requests of an id; afterwards as usual."""

    def __init__(self, answer_s: float = 0.0) -> None:
        self.answer_s = answer_s
        self.heard: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.under_way = self.most_at_once = self.connections = 0
        self.absent = False
        self._scripts: dict[str, list[Script]] = {}

    def on(self, id_: str, *scripts: Script) -> None:
        self._scripts[id_] = list(scripts)

    def times(self, id_: str) -> int:
        return sum(line.startswith(id_) for line in self.heard)

    def wire(self) -> MemoryTransport:
        """One connection."""
        wire = MemoryTransport("library")
        connection = _Connection(self, wire)
        wire.far.received = connection.received
        wire.far.opened = connection.opened
        if self.absent:
            wire.far.hang_up()
        return wire

    def posts(self, parallel: int = 3) -> Posts:
        return Posts(
            self.wire,
            FBS,
            to=TO,
            login="kiosk",
            password=Secret("not-a-secret"),
            parallel=parallel,
        )

    def reply(self, line: str) -> "bytes | float | None":
        self.heard.append(line)
        scripts = self._scripts.get(line[:2])
        return scripts.pop(0)(line) if scripts else said(USUAL[line[:2]])


class _Connection:
    def __init__(self, peer: Peer, wire: MemoryTransport) -> None:
        self._peer = peer
        self._wire = wire
        self._data = b""

    def opened(self) -> None:
        self._peer.connections += 1

    def received(self, data: bytes) -> None:
        self._data += data
        head, _, body = self._data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        if len(body) < length:
            return
        assert head.startswith(b"POST /rest/sip2/DK-746100 HTTP/1.1\r\nHost: fbs.example\r\n")
        root = ElementTree.fromstring(body)
        self._peer.logins.append((root.attrib["login"], root.attrib["password"]))
        line = cast(str, root.findtext("request"))
        peer = self._peer
        peer.under_way += 1
        peer.most_at_once = max(peer.most_at_once, peer.under_way)
        reply = peer.reply(line)
        wait = peer.answer_s + (reply if isinstance(reply, float) else 0.0)
        whole = said(USUAL[line[:2]]) if isinstance(reply, float) else reply
        asyncio.get_running_loop().call_later(wait, self._answer, whole)

    def _answer(self, reply: bytes | None) -> None:
        self._peer.under_way -= 1
        if reply is not None:
            self._wire.far.send(reply)
        # a memory wire that is cut loses what is still on it
        asyncio.get_running_loop().call_later(0.001, self._wire.far.hang_up)
