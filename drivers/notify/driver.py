"""Letters over SMTP, always encrypted, by the standard library's smtplib on a thread of its own.

Each try is a session of its own: EHLO, STARTTLS, login, one message, QUIT (RFC 5321; RFC 3207 for
STARTTLS; RFC 8314, 3.3 for TLS from the first byte). DATA is spoken step by step, because what a broken
line means depends on whether its last byte had left: before, nothing was sent; after, it may have been.
"""

import asyncio
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

from config.station import Mail
from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.notify.message import composed, envelope
from drivers.ports import Delivery, Letter, Secret
from drivers.runtime.log import LogEvent, log
from drivers.transport.trust import tls_context

DEVICE = "mail"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LetterTried(LogEvent):
    """One try at one letter; whose it was is not told."""

    name: ClassVar = "mail.tried"
    delivery: Delivery
    reply: int
    """The server's last code; 0 when none came."""


class SmtpNotifier:
    """`ports.Notifier` over SMTP.

    Args:
        host: the mail server.
        port: 587 for STARTTLS, 465 for TLS from the first byte, as a rule.
        encryption: which of the two; there is no third.
        context: whom to trust.
        sender: the address that letters come from.
        sender_name: who that is, for people.
        user: login; empty means none.
        password: its password.
        answer_s: how long one answer may take.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        encryption: Literal["starttls", "tls"],
        context: ssl.SSLContext,
        sender: str,
        sender_name: str,
        user: str = "",
        password: Secret = Secret(""),
        answer_s: float = 30.0,
    ) -> None:
        self._host, self._port = host, port
        self._encryption = encryption
        self._context = context
        self._sender = sender
        self._sender_name = sender_name
        self._user = user
        self._password = password
        self._answer_s = answer_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=DEVICE)
        self._under_way: socket.socket | None = None

    @classmethod
    def from_config(cls, mail: Mail, *, password: Secret, sender_name: str) -> "SmtpNotifier":
        """The notifier of a station's `[mail]` table. Raises LocalProtocolError for a CA file that cannot be used."""
        at = urlsplit(mail.url)
        tls = at.scheme == "smtps"
        return cls(
            at.hostname or "",
            at.port or (465 if tls else 587),
            encryption="tls" if tls else "starttls",
            context=tls_context(mail.ca_file, DEVICE),
            sender=mail.sender,
            sender_name=sender_name,
            user=mail.user,
            password=password,
            answer_s=mail.answer_s,
        )

    async def check(self) -> None:
        def look() -> None:
            with self._session() as smtp:
                smtp.noop()

        await self._beside(look)

    async def send(self, letter: Letter) -> Delivery:
        try:
            data = composed(letter, sender=self._sender, sender_name=self._sender_name)
            to = envelope(letter.to)
        except ValueError:
            log(LetterTried(Delivery.NO_SUCH_ADDRESS, 0))
            return Delivery.NO_SUCH_ADDRESS

        def whole() -> tuple[Delivery, int]:
            with self._session() as smtp:
                return _post(smtp, self._sender, to, data)

        delivery, reply = await self._beside(whole)
        log(LetterTried(delivery, reply))
        return delivery

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
        with suppress(OSError, AttributeError):
            self._under_way.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # None is suppressed

    async def _beside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A connection, encrypted and logged in, until the work with it is done."""
        with _as_device_errors():
            if self._encryption == "tls":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    self._host,
                    self._port,
                    socket.gethostname(),
                    timeout=self._answer_s,
                    context=self._context,
                )
            else:
                smtp = smtplib.SMTP(
                    self._host, self._port, socket.gethostname(), timeout=self._answer_s
                )
            try:
                self._under_way = smtp.sock
                smtp.ehlo_or_helo_if_needed()
                if self._encryption == "starttls":
                    if not smtp.has_extn("starttls"):
                        raise DeviceRefused(DEVICE, Code.MAIL_NO_TLS, "STARTTLS is not offered")
                    smtp.starttls(context=self._context)
                    self._under_way = smtp.sock
                    smtp.ehlo()
                if self._user:
                    smtp.login(self._user, self._password.reveal())
                yield smtp
                with suppress(smtplib.SMTPException, OSError):
                    smtp.quit()
            finally:
                self._under_way = None
                smtp.close()


def _post(smtp: smtplib.SMTP, sender: str, to: str, data: bytes) -> tuple[Delivery, int]:
    """One message in an open session, and the code that decided."""
    code, words = smtp.mail(sender)
    if code >= 500:
        return Delivery.REFUSED, code
    if code >= 400:
        return Delivery.LATER, code
    code, words = smtp.rcpt(to)
    if code >= 500:
        return (Delivery.NO_SUCH_ADDRESS if _about_address(words) else Delivery.REFUSED), code
    if code >= 400:
        return Delivery.LATER, code
    code, _ = smtp.docmd("DATA")
    if code != 354:
        return (Delivery.LATER if code < 500 else Delivery.REFUSED), code
    smtp.send(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
    try:
        code, _ = smtp.getreply()
    except (smtplib.SMTPException, OSError):
        return Delivery.UNKNOWN, 0
    if code < 300:
        return Delivery.ACCEPTED, code
    return (Delivery.LATER if code < 500 else Delivery.REFUSED), code


def _about_address(words: bytes) -> bool:
    """Whether a refused recipient is wrong (RFC 3463: X.1.X), and not we who ask. Without a code it is."""
    enhanced = re.match(rb"5\.(\d{1,3})\.\d{1,3}", words)
    return enhanced is None or enhanced[1] in {b"1", b"2"}


@contextmanager
def _as_device_errors() -> Iterator[None]:
    """What smtplib raises, in the tree of drivers.errors. No text of the server: it may quote an address."""
    try:
        yield
    except DeviceError:
        raise
    except smtplib.SMTPAuthenticationError as error:
        raise DeviceRefused(DEVICE, Code.MAIL_LOGIN, f"code {error.smtp_code}") from None
    except smtplib.SMTPResponseException as error:
        raise DeviceRefused(DEVICE, Code.MAIL_REFUSED, f"code {error.smtp_code}") from None
    except smtplib.SMTPServerDisconnected as error:
        if isinstance(error.__context__, TimeoutError):
            raise DeviceTimeout(DEVICE, Code.WIRE_SILENT, "no answer in time") from None
        raise DeviceUnavailable(DEVICE, Code.PORT_GONE, "the line broke") from None
    except smtplib.SMTPException as error:
        raise RemoteProtocolError(DEVICE, Code.WIRE_UNEXPECTED, type(error).__name__) from None
    except ssl.SSLError as error:
        raise DeviceUnavailable(DEVICE, Code.PORT_TLS, error.reason or "certificate") from None
    except TimeoutError:
        raise DeviceTimeout(DEVICE, Code.WIRE_SILENT, "no answer in time") from None
    except socket.gaierror:
        raise DeviceUnavailable(DEVICE, Code.PORT_UNKNOWN_HOST) from None
    except ConnectionRefusedError:
        raise DeviceUnavailable(DEVICE, Code.PORT_REFUSED) from None
    except OSError as error:
        raise DeviceUnavailable(DEVICE, Code.PORT_GONE, error.strerror or "") from None
