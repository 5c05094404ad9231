"""A simulated mail server on loopback: one SMTP session a connection, TLS by a certificate made at the start."""

import asyncio
import shutil
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hw_sim.faults import COUNT, UNTIL_CLEARED, Arg, Faults, number
from hw_sim.ils.certificate import serve_tls
from hw_sim.mail.mailbox import Mailbox
from hw_sim.mail.session import LONGEST_LINE, Reply, Session, Then
from hw_sim.ports import LOOPBACK

MAIL_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "greylist": {"count": COUNT},
    "busy": {"count": COUNT},
    "full": {"count": COUNT},
    "no_such_address": {},
    "no_relay": {},
    "refuse_content": {"count": COUNT},
    "wrong_login": {},
    "no_starttls": {},
    "bad_certificate": {},
    "cut_before_end": {"count": COUNT},
    "cut_after_end": {"count": COUNT},
    "slow": {"seconds": Arg((int, float), 1.0), "count": UNTIL_CLEARED},
    "silent": {},
}
"""greylist, busy, full: not now (450 at RCPT, 421 at once, 452 after DATA). no_such_address, no_relay,
refuse_content: never (550 5.1.1, 554 5.7.1, 554 after DATA). cut_before_end: the line breaks while the message
comes. cut_after_end: it is kept, and the line breaks before the answer. bad_certificate: of an authority that
nobody knows. slow: each reply comes late. silent: none comes."""


_CERTIFICATES = ("mail-known", "mail-strange")
"""Folders of the certificate that is good, and of the one that nobody should trust."""


class MailServer:
    """Listens, and answers to the device verbs (fault, clear, faults, truth)."""

    role = "mail"

    def __init__(self, *, user: str = "", password: str = "") -> None:
        self.mailbox = Mailbox()
        self.ca: Path | None = None
        self._user, self._password = user, password
        self._faults = Faults(MAIL_FAULTS)
        self._directory: Path | None = None
        self._tls: ssl.SSLContext | None = None
        self._strange: ssl.SSLContext | None = None
        self._port = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    # --- the port

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self._port}"

    def keep_certificates_in(self, directory: Path) -> None:
        """Where `ca.pem` and `server.pem` are written at the start."""
        self._directory = directory

    async def start(self) -> None:
        await self.plug()

    async def stop(self) -> None:
        """Let go, and leave no certificate behind."""
        await self.unplug()
        if self._directory is not None:
            for name in _CERTIFICATES:
                shutil.rmtree(self._directory / name, ignore_errors=True)

    async def plug(self) -> None:
        if self._server is not None:
            return
        if self._tls is None and self._directory is not None:
            for name in _CERTIFICATES:
                (self._directory / name).mkdir(parents=True, exist_ok=True)
            known, strange = (serve_tls(self._directory / name) for name in _CERTIFICATES)
            (self._tls, self.ca), (self._strange, _) = known, strange
        self._server = await asyncio.start_server(
            self._connected, LOOPBACK, self._port, limit=64 * LONGEST_LINE
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await server.wait_closed()

    # --- the device

    def session(self) -> Session:
        """A new conversation."""
        return Session(self.mailbox, self._faults, self._user, self._password)

    def fault(self, verb: str, **args: object) -> None:
        """Start a fault. Raises ValueError or TypeError, naming what is known."""
        self._faults.start(verb, args)

    def clear(self, verb: str | None = None) -> None:
        """End one fault, or all."""
        self._faults.clear(verb)

    def faults(self) -> dict[str, object]:
        """Every standing fault with its arguments."""
        return self._faults.standing()

    def truth(self) -> dict[str, object]:
        """Every message that was taken over."""
        return {"letters": [kept.truth() for kept in self.mailbox.kept]}

    # --- connections

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = self.session()
        try:
            going = await self._reply(session.greeting(), session, writer)
            while going and (line := await reader.readline()):
                going = await self._reply(session.feed(line.rstrip(b"\r\n")), session, writer)
        except (OSError, ssl.SSLError, ValueError):
            pass  # gone, or it did not trust us
        finally:
            writer.close()

    async def _reply(self, reply: Reply, session: Session, writer: asyncio.StreamWriter) -> bool:
        """Send it, and whether the conversation goes on."""
        if reply.then is Then.CUT:
            writer.transport.abort()
            return False
        if reply.data and self._faults.get("silent") is None:
            if slow := self._faults.spend("slow"):
                await asyncio.sleep(number(slow["seconds"]))
            writer.write(reply.data)
            with suppress(ConnectionError):
                await writer.drain()
        if reply.then is Then.START_TLS:
            strange = self._faults.get("bad_certificate") is not None
            context = self._strange if strange else self._tls
            if context is None:
                return False
            await writer.start_tls(context)
            session.tls_started()
        return reply.then is not Then.CLOSE
