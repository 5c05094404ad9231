"""FBS's end of one connection: an HTTP request in, a response out, then the connection ends.

Source: public code bibboxen/bibbox, test/fixtures/fbs.js; 3M Standard Interchange Protocol 2.00 for the line
inside. TLS is the server's affair, so the same bytes run over a memory wire. Texts of errors beyond the one
that was recorded are made up. Not modelled: limits to the number of calls.
"""

import asyncio
import codecs
import copy
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from hw_sim.faults import UNTIL_CLEARED, Arg, Faults, number
from hw_sim.ils import fbs_envelope as envelope
from hw_sim.ils.codec import BLOCKS, Malformed, Message, decode, encode
from hw_sim.ils.fbs_answers import UNSUPPORTED, FbsAnswers
from hw_sim.ils.fbs_http import HttpRefused, HttpRequest, RequestReader, response
from hw_sim.ils.fbs_manner import RULES, FbsManner
from hw_sim.ils.manner import COMMANDS
from hw_sim.ils.model import Library
from hw_sim.ils.pace import answer_after
from hw_sim.ils.truth import truth

PATH = "/rest/sip2/"
"""What stands in the path before the ISIL."""

_HITS = {"count": UNTIL_CLEARED, "only": Arg((str, list, tuple), "")}
_FAILS = {**_HITS, "work": Arg(bool, False)}

FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "silent": {**_HITS, "work": Arg(bool, True)},
    "drop_before_commit": _HITS,
    "drop_after_commit": _HITS,
    "close_mid_answer": _HITS,
    "slow_trickle": {**_HITS, "ms": Arg((int, float), 50)},
    "answer_late": {**_HITS, "seconds": Arg((int, float), 10)},
    "refuse_login": _HITS,
    "offline_98": _HITS,
    "lock_violation": _HITS,
    "error_envelope": {**_FAILS, "text": Arg(str, "Service is not available!")},
    "http_500_xml": _FAILS,
    "http_500_text": _FAILS,
    "http_503": _FAILS,
    "other_item": {**_HITS, "item": Arg(str, "")},
    "other_encoding": {**_HITS, "encoding": Arg(str, "latin-1")},
    "doctype": _HITS,
    "huge_body": {**_HITS, "size": Arg(int, 4_194_304)},
    "bad_xml": _HITS,
}
"""What can be wrong with FBS; `only` names the commands that are hit, by message id.

silent: no answer, though the work is done unless `work` is false. drop_before_commit, drop_after_commit: the
connection closes without an answer, the work not done or done. close_mid_answer: it closes inside the answer.
slow_trickle: a byte every `ms`. answer_late: the answer comes so much later. refuse_login: the login is
wrong. offline_98: the status says offline. lock_violation: OPTIMISTIC_LOCK_VIOLATION, the work not done.
error_envelope, http_500_xml, http_500_text, http_503: an `error`, a `restExceptionInfo`, or no XML at all, the
work not done unless `work` is true. other_item: the answer names another item than was asked. other_encoding:
its bytes are not UTF-8. doctype, bad_xml: its XML has a DOCTYPE, or is cut short. huge_body: it has `size` bytes.
"""

_FAILING = ("silent", "error_envelope", "http_500_xml", "http_500_text", "http_503")
"""Faults that take the place of the answer."""
_CLOSING_S = 0.001
"""The end of the connection travels behind the answer."""
_XML, _TEXT = "application/xml;charset=UTF-8", "text/html;charset=UTF-8"
_XML_IN = frozenset({"application/xml", "text/xml"})
_CHANGES = frozenset({"01", "11", "15", "29", "37", "65"})
_OK = HTTPStatus.OK


class FbsDevice:
    """One connection to a simulated FBS. `sibling` makes another to the same library."""

    role = "library"

    def __init__(
        self,
        library: Library,
        *,
        now: Callable[[], datetime],
        rng: random.Random,
        manner: FbsManner | None = None,
    ) -> None:
        """`now` is the library's own clock: aware, in local time. `rng` makes ids and jitters delays."""
        self.library = library
        self.manner = manner or FbsManner()
        self._now = now
        self._rng = rng
        self._answers = FbsAnswers(library, self.manner, now, rng)
        self._faults = Faults(FAULTS)
        self._counts: Counter[str] = Counter()
        self._locked: set[str] = set()
        self.forget()

    @classmethod
    def from_scenario(
        cls, data: Mapping[str, Any], *, now: Callable[[], datetime], rng: random.Random
    ) -> "FbsDevice":
        """Library and manners of a parsed scenario. Raises ValueError as they do."""
        manner = FbsManner.from_scenario(data)
        table = {**RULES, **data.get("library", {})}
        library = Library.from_scenario({**data, "library": table})
        return cls(library, now=now, rng=rng, manner=manner)

    def sibling(self) -> "FbsDevice":
        """A further connection: same library, faults and counts; its own request and delays."""
        other = copy.copy(self)
        other.forget()
        return other

    def forget(self) -> None:
        """Be as before any connection."""
        self._send: Callable[[bytes], None] = lambda _data: None
        self._hang_up: Callable[[], None] = lambda: None
        self._reader: RequestReader | None = None
        self._lock = ""
        self._pending: asyncio.TimerHandle | None = None

    # --- the device interface -------------------------------------------------------------------------

    def attach(self, send: Callable[[bytes], None], hang_up: Callable[[], None]) -> None:
        """A terminal has connected."""
        self.detach()
        self._send, self._hang_up = send, hang_up
        self._reader = RequestReader()
        self._count("connected")

    def detach(self) -> None:
        """The terminal has gone; an answer that was still to come is lost, its work is not."""
        if self._pending:
            self._pending.cancel()
        self._unlock()
        self.forget()

    def receive(self, data: bytes) -> None:
        """Bytes from the terminal, in any chunking. Bytes after the request are passed over."""
        if self._reader is None:
            return
        try:
            request = self._reader.feed(data)
            if request is not None:
                self._reader = None
                self._take(request)
        except HttpRefused as refused:
            self._reader = None
            self._count("refused_http")
            self._fail(refused.status)

    def fault(self, verb: str, **args: object) -> None:
        """Start a fault on all connections. Raises ValueError listing the known, TypeError for arguments."""
        if verb == "other_encoding" and "encoding" in args:
            try:
                codecs.lookup(str(args["encoding"]))
            except LookupError:
                raise TypeError(f"{verb}: there is no encoding {args['encoding']!r}") from None
        self._faults.start(verb, args)

    def clear(self, verb: str | None = None) -> None:
        """End one fault or all."""
        self._faults.clear(verb)

    def faults(self) -> dict[str, object]:
        return self._faults.standing()

    def truth(self) -> dict[str, object]:
        """What the library holds and was asked, and what went over all its wires."""
        return {**truth(self.library), "counts": dict(sorted(self._counts.items()))}

    # --- one request ----------------------------------------------------------------------------------

    def _take(self, request: HttpRequest) -> None:
        isil = request.path.removeprefix(PATH)
        if not request.path.startswith(PATH) or not isil or "/" in isil:
            raise HttpRefused(HTTPStatus.NOT_FOUND)
        if self.manner.institution not in {"", isil}:
            raise HttpRefused(HTTPStatus.NOT_FOUND)
        if request.method != "POST":
            raise HttpRefused(HTTPStatus.METHOD_NOT_ALLOWED)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _XML_IN:
            raise HttpRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            opened = envelope.open_envelope(request.body)
        except envelope.BadEnvelope:
            self._count("bad_envelope")
            self._exception("BAD_REQUEST", HTTPStatus.BAD_REQUEST)
            return
        message_id = opened.line[:2]
        if complaint := self._login(opened, message_id):
            self._count("refused_login")
            self._error(complaint)
            return
        asked = self._read(opened.line, isil)
        if asked is None:
            self._count("malformed")
            self._error("Message could not be understood!")
        elif asked.id not in COMMANDS or asked.id in UNSUPPORTED:
            self._count("unsupported")
            self._error(f"Message {asked.id} is not supported!")
        else:
            self._count(asked.id)
            self._work(asked)

    def _login(self, opened: envelope.Envelope, message_id: str) -> str:
        """What is wrong with the login; nothing when it is right."""
        for name, value in (("NAME", opened.login), ("PASSWORD", opened.password)):
            if not value:
                return f"Required field: LOGIN_{name} must be set!"
        right = (opened.login, opened.password) == (self.manner.user, self.manner.password)
        if self._fault("refuse_login", message_id) or (self.manner.user and not right):
            return "Login is not valid!"
        return ""

    def _read(self, line: str, isil: str) -> Message | None:
        """The command; None when it is none in FBS's own dialect."""
        try:
            asked = decode(line.encode())
        except Malformed:
            return None
        other = asked.get("AO") not in {"", isil}
        if asked.sum_right is not None or other or not line.isprintable():
            return None
        if self.manner.first_bar == "required" and not _first_bar(line):
            return None
        return asked

    def _work(self, asked: Message) -> None:
        """Do what is asked, unless a fault forbids it, and answer."""
        if self._fault("drop_before_commit", asked.id):
            self._close()
            return
        if self._fault("lock_violation", asked.id) or not self._take_lock(asked):
            self._exception("OPTIMISTIC_LOCK_VIOLATION", message_id=asked.id)
            return
        hits = ((verb, self._fault(verb, asked.id)) for verb in _FAILING)
        failure, hit = next(((verb, args) for verb, args in hits if args), ("", None))
        if hit is not None:
            if hit["work"]:
                self._do(asked)
            self._failed(failure, hit, asked.id)
            return
        answer = self._do(asked)
        if self._fault("drop_after_commit", asked.id):
            self._close()
        else:
            self._answer(answer, asked)

    def _do(self, asked: Message) -> Message:
        if asked.id == "99" and self._fault("offline_98", "99"):
            return self._answers.status(online=False)
        return self._answers.answer(asked)

    def _failed(self, failure: str, hit: Mapping[str, object], message_id: str) -> None:
        match failure:
            case "silent":
                self._count("unanswered")
            case "error_envelope":
                self._error(str(hit["text"]), message_id)
            case "http_500_xml":
                self._exception("INTERNAL_SERVER_ERROR", message_id=message_id)
            case "http_500_text":
                self._fail(HTTPStatus.INTERNAL_SERVER_ERROR, message_id)
            case _:
                self._fail(HTTPStatus.SERVICE_UNAVAILABLE, message_id)

    # --- bodies ---------------------------------------------------------------------------------------

    def _answer(self, answer: Message, asked: Message) -> None:
        """The answer in its envelope, with those faults in it that leave a response."""
        if other := self._fault("other_item", asked.id):
            wrong = str(other["item"]) or self._another_item(answer.get("AB"))
            fields = ((n, wrong if n == "AB" else v) for n, v in answer.fields)
            answer = replace(answer, fields=tuple(fields))
        line = encode(answer).decode().removesuffix("\r")
        text = envelope.response(line, newlines=self.manner.newlines)
        if self._fault("doctype", asked.id):
            text = envelope.with_doctype(text)
        if self._fault("bad_xml", asked.id):
            text = text[: text.rindex("</response>")]
        if huge := self._fault("huge_body", asked.id):
            text = text.ljust(int(number(huge["size"])))
        strange = self._fault("other_encoding", asked.id)
        encoding = str(strange["encoding"]) if strange else "utf-8"
        self._respond(_OK, _XML, text.encode(encoding, "replace"), asked.id)

    def _another_item(self, item_id: str) -> str:
        return next((other for other in self.library.items if other != item_id), f"{item_id}0")

    def _error(self, text: str, message_id: str = "") -> None:
        body = envelope.error(text).encode()
        self._respond(HTTPStatus(self.manner.error_status), _XML, body, message_id)

    def _exception(
        self, code: str, status: HTTPStatus | None = None, *, message_id: str = ""
    ) -> None:
        body = envelope.exception(code, self._uuid()).encode()
        found = status or HTTPStatus(self.manner.exception_status)
        self._respond(found, _XML, body, message_id)

    def _fail(self, status: HTTPStatus, message_id: str = "") -> None:
        page = f"<html><body><h1>{status.value} {status.phrase}</h1></body></html>"
        self._respond(status, _TEXT, page.encode(), message_id)

    # --- bytes ----------------------------------------------------------------------------------------

    def _respond(self, status: HTTPStatus, kind: str, body: bytes, message_id: str) -> None:
        """Put a response on the wire when its time has come, whole, in part or letter by letter."""
        manner = self.manner
        cookie = "".join(self._rng.choices("ABCDEFGHIJKLMNOP", k=128))
        headers = (
            ("Server", "fbs-1"),
            ("Content-Type", kind),
            ("X-RequestId", self._uuid()),
            ("Date", format_datetime(self._now().astimezone(UTC), usegmt=True)),
            ("Strict-Transport-Security", "max-age=15552000;"),
            ("Set-Cookie", f"f5avrbbbbbbbbbbbbbbbb={cookie}; HttpOnly; secure"),
        )
        wire = response(status, headers, body, manner.framing)
        after = answer_after(manner, self._rng)
        if late := self._fault("answer_late", message_id):
            after += number(late["seconds"])
        if self._fault("close_mid_answer", message_id):
            self._later(after, self._part, wire[: len(wire) // 2])
        elif trickle := self._fault("slow_trickle", message_id):
            self._later(after, self._letter, wire, max(number(trickle["ms"]), 1) / 1000)
        else:
            self._later(after, self._whole, wire)

    def _later(self, after: float, action: Callable[..., None], *args: object) -> None:
        loop = asyncio.get_running_loop()
        self._pending = loop.call_later(after, action, *args)

    def _whole(self, wire: bytes) -> None:
        self._count("answered")
        self._part(wire)

    def _part(self, wire: bytes) -> None:
        self._unlock()
        self._send(wire)
        self._later(_CLOSING_S, self._close)

    def _letter(self, wire: bytes, pause: float) -> None:
        if len(wire) == 1:
            self._whole(wire)
        else:
            self._send(wire[:1])
            self._later(pause, self._letter, wire[1:], pause)

    # --- small things ---------------------------------------------------------------------------------

    def _take_lock(self, asked: Message) -> bool:
        """Hold the borrower until the answer; False when another call holds them."""
        patron = self.library.patron(asked.get("AA"))
        if not self.manner.lock_borrowers or asked.id not in _CHANGES or patron is None:
            return True
        if patron.card in self._locked:
            return False
        self._lock = patron.card
        self._locked.add(self._lock)
        return True

    def _unlock(self) -> None:
        self._locked.discard(self._lock)
        self._lock = ""

    def _fault(self, verb: str, message_id: str) -> dict[str, object] | None:
        """Use a fault once, if it stands and hits that command; its arguments."""
        only = (self._faults.get(verb) or {}).get("only") or ()
        hits = (only,) if isinstance(only, str) else only
        if hits and isinstance(hits, list | tuple) and message_id not in hits:
            return None
        return self._faults.spend(verb)

    def _uuid(self) -> str:
        return str(UUID(int=self._rng.getrandbits(128), version=4))

    def _count(self, what: str) -> None:
        self._counts[what] += 1

    def _close(self) -> None:
        self._count("hung_up")
        hang_up = self._hang_up
        self.detach()
        hang_up()


def _first_bar(line: str) -> bool:
    """Whether a `|` stands between the fixed block and the first field; in 63 it fills the last place."""
    end = 2 + sum(width for _, width in BLOCKS[line[:2]])
    return len(line) <= end or line[end] == "|" or (line[:2] == "63" and line[end - 1] == "|")
