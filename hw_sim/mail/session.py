"""One SMTP conversation from the server's side: lines in, replies out. Pure.

Source: RFC 5321 (commands, replies, 4.5.2 dot stuffing), RFC 3207 (STARTTLS), RFC 4954 with RFC 4616 (AUTH
PLAIN) and the de-facto AUTH LOGIN. Not modelled: pipelining, 8BITMIME, relaying, more than one recipient's
own answer after DATA.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from hw_sim.faults import Faults
from hw_sim.mail.mailbox import Mailbox

_PATH = re.compile(r"<([^<>\s]*)>(?:\s.*)?")
LONGEST_LINE = 1000
"""Bytes with CRLF (RFC 5321, 4.5.3.1.6)."""


class Then(StrEnum):
    """What the connection does after a reply."""

    GO_ON = "go_on"
    START_TLS = "start_tls"
    CLOSE = "close"
    CUT = "cut"
    """Broken off in the middle: nothing is said."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes for the client, empty for none, and what follows."""

    data: bytes = b""
    then: Then = Then.GO_ON


def _say(*lines: str, then: Then = Then.GO_ON) -> Reply:
    """One reply; of several lines all but the last have a hyphen after the code."""
    code, last = lines[0][:3], len(lines) - 1
    said = [
        f"{code}{'-' if n < last else ' '}{line.removeprefix(code).strip()}\r\n"
        for n, line in enumerate(lines)
    ]
    return Reply("".join(said).encode("ascii"), then)


@dataclass(slots=True)
class Session:
    """The state of one connection. `user` and `password` empty mean that nobody needs to log in."""

    mailbox: Mailbox
    faults: Faults
    user: str = ""
    password: str = field(default="", repr=False)
    encrypted: bool = False
    _greeted: bool = False
    _known: bool = False
    _sender: str | None = None
    _recipients: list[str] = field(default_factory=list)
    _data: list[bytes] | None = None
    _expects: Callable[[bytes], Reply] | None = None

    def greeting(self) -> Reply:
        """What the server says first."""
        if self.faults.spend("busy"):
            return _say("421 4.3.2 too busy", then=Then.CLOSE)
        return _say("220 mail.example.org ESMTP")

    def feed(self, line: bytes) -> Reply:
        """One line without its CRLF."""
        if self._data is not None:
            return self._take(line)
        if self._expects is not None:
            expects, self._expects = self._expects, None
            return expects(line)
        verb, _, rest = line.decode("ascii", "replace").partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                return self._ehlo(verb.upper())
            case "STARTTLS" if self._offers_tls:
                self._greeted = False
                return _say("220 2.0.0 go ahead", then=Then.START_TLS)
            case "AUTH":
                return self._auth(rest)
            case "MAIL":
                return self._mail(rest)
            case "RCPT":
                return self._rcpt(rest)
            case "DATA":
                if self._sender is None or not self._recipients:
                    return _say("503 5.5.1 no recipient")
                self._data = []
                return _say("354 end with a dot")
            case "RSET":
                self._reset()
                return _say("250 2.0.0 forgotten")
            case "NOOP":
                return _say("250 2.0.0 still here")
            case "QUIT":
                return _say("221 2.0.0 bye", then=Then.CLOSE)
            case _:
                return _say("502 5.5.2 not understood")

    def tls_started(self) -> None:
        """What was known before is forgotten (RFC 3207, 4.2)."""
        self.encrypted = True
        self._greeted = self._known = False
        self._reset()

    # --- commands

    @property
    def _offers_tls(self) -> bool:
        return not self.encrypted and self.faults.get("no_starttls") is None

    def _ehlo(self, verb: str) -> Reply:
        self._greeted = True
        self._reset()
        lines = ["250 mail.example.org"]
        if verb == "EHLO":
            lines += ["250 STARTTLS"] * self._offers_tls
            lines += ["250 AUTH PLAIN LOGIN"] * bool(self.user and self.encrypted)
            lines.append("250 SIZE 10485760")
        return _say(*lines)

    def _auth(self, rest: str) -> Reply:
        mechanism, _, given = rest.partition(" ")
        if not self.encrypted:
            return _say("530 5.7.0 STARTTLS first")
        match mechanism.upper():
            case "PLAIN" if given:
                return self._plain(given.encode())
            case "PLAIN":
                self._expects = self._plain
                return _say("334 ")
            case "LOGIN":
                self._expects = self._login_name
                return _say("334 VXNlcm5hbWU6")
            case _:
                return _say("504 5.5.4 no such mechanism")

    def _plain(self, given: bytes) -> Reply:
        _, user, password = [*_text(given).split("\0"), "", "", ""][:3]
        return self._logged_in(user, password)

    def _login_name(self, given: bytes) -> Reply:
        user = _text(given)
        self._expects = lambda password: self._logged_in(user, _text(password))
        return _say("334 UGFzc3dvcmQ6")

    def _logged_in(self, user: str, password: str) -> Reply:
        refused = self.faults.get("wrong_login") is not None
        if refused or (user, password) != (self.user, self.password):
            return _say("535 5.7.8 no such login")
        self._known = True
        return _say("235 2.7.0 welcome")

    def _mail(self, rest: str) -> Reply:
        if not self._greeted:
            return _say("503 5.5.1 EHLO first")
        if self.user and not self._known:
            return _say("530 5.7.0 log in first")
        path = _path(rest, "FROM:")
        if path is None:
            return _say("501 5.5.4 no path")
        self._reset()
        self._sender = path
        return _say("250 2.1.0 ok")

    def _rcpt(self, rest: str) -> Reply:
        path = _path(rest, "TO:")
        if self._sender is None or path is None:
            return _say("503 5.5.1 no sender" if self._sender is None else "501 5.5.4 no path")
        if self.faults.spend("greylist"):
            return _say("450 4.2.0 greylisted, come again")
        if self.faults.get("no_such_address") is not None:
            return _say("550 5.1.1 nobody of that name")
        if self.faults.get("no_relay") is not None:
            return _say("554 5.7.1 relay access denied")
        self._recipients.append(path)
        return _say("250 2.1.5 ok")

    def _take(self, line: bytes) -> Reply:
        data = self._data if self._data is not None else []
        if line != b".":
            data.append(line[1:] if line.startswith(b".") else line)
            return Reply(then=Then.CUT) if self.faults.spend("cut_before_end") else Reply()
        sender, recipients = self._sender or "", tuple(self._recipients)
        self._reset()
        if self.faults.spend("full"):
            return _say("452 4.3.1 no room")
        if self.faults.spend("refuse_content"):
            return _say("554 5.6.0 not wanted here")
        self.mailbox.take(sender, recipients, b"\r\n".join(data) + b"\r\n", self.encrypted)
        if self.faults.spend("cut_after_end"):
            return Reply(then=Then.CUT)
        return _say("250 2.0.0 kept")

    def _reset(self) -> None:
        self._sender, self._data = None, None
        self._recipients.clear()


def _path(rest: str, word: str) -> str | None:
    if rest[: len(word)].upper() != word:
        return None
    found = _PATH.fullmatch(rest[len(word) :].strip())
    return found[1] if found else None


def _text(given: bytes) -> str:
    try:
        return base64.b64decode(given, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
