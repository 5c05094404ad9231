"""What holds for a notifier over SMTP, against the simulated mail server over TLS on loopback."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.secret_ref import SecretRef
from config.station import Mail
from drivers.errors import Code, DeviceError, DeviceTimeout
from drivers.notify.driver import SmtpNotifier
from drivers.ports import Delivery, Letter, Secret
from hw_sim.mail.server import MailServer

AT = datetime(2026, 11, 3, 10, 44, tzinfo=ZoneInfo("Europe/Copenhagen"))
LETTER = Letter(
    "0198-a",
    Secret("karen.testesen@example.org"),
    Secret("Kvittering fra Borgernes Hus, 3. november 2026"),
    Secret("Borgernes Hus\n.\n.. Rødgrød på Ærø\n\u0634\u043c → 2\n"),
    "da",
    AT,
)


@asynccontextmanager
async def post_office(
    folder: Path, *, password: str = "not-a-secret", answer_s: float = 10.0
) -> AsyncIterator[tuple[MailServer, SmtpNotifier]]:
    server = MailServer(user="kiosk", password="not-a-secret")
    server.keep_certificates_in(folder)
    await server.start()
    notifier = SmtpNotifier.from_config(
        Mail(
            url=server.url,
            sender="kvittering@odense.example",
            user="kiosk",
            password=SecretRef(environment="UNUSED"),
            ca_file=str(server.ca),
            answer_s=answer_s,
        ),
        password=Secret(password),
        sender_name="Borgernes Hus",
    )
    try:
        yield server, notifier
    finally:
        await notifier.close()
        await server.stop()


async def test_a_letter_arrives_as_it_was_written(tmp_path: Path) -> None:
    async with post_office(tmp_path) as (server, notifier):
        await notifier.check()
        assert server.mailbox.kept == []
        assert await notifier.send(LETTER) is Delivery.ACCEPTED
        (kept,) = server.mailbox.kept
        assert kept.encrypted
        assert (kept.sender, kept.recipients) == (
            "kvittering@odense.example",
            ("karen.testesen@example.org",),
        )
        assert kept.data.isascii()
        assert max(map(len, kept.data.split(b"\r\n"))) <= 78
        message = kept.parsed
        assert message["From"] == "Borgernes Hus <kvittering@odense.example>"
        assert message["To"] == "karen.testesen@example.org"
        assert message["Subject"] == LETTER.subject.reveal()
        assert message["Date"].datetime == AT
        assert message["Message-ID"] == "<0198-a@odense.example>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Content-Language"] == "da"
        assert message.get_content_type() == "text/plain"
        assert kept.truth()["text"] == LETTER.body.reveal()


@pytest.mark.parametrize(
    ("fault", "delivery", "kept"),
    [
        ("greylist", Delivery.LATER, 0),
        ("full", Delivery.LATER, 0),
        ("no_such_address", Delivery.NO_SUCH_ADDRESS, 0),
        ("no_relay", Delivery.REFUSED, 0),
        ("refuse_content", Delivery.REFUSED, 0),
        ("cut_before_end", Delivery.UNKNOWN, 0),
        ("cut_after_end", Delivery.UNKNOWN, 1),
    ],
)
async def test_what_the_server_says_to_a_letter(
    tmp_path: Path, fault: str, delivery: Delivery, kept: int
) -> None:
    async with post_office(tmp_path) as (server, notifier):
        server.fault(fault)
        assert await notifier.send(LETTER) is delivery
        assert len(server.mailbox.kept) == kept
        server.clear()
        assert await notifier.send(LETTER) is Delivery.ACCEPTED
        assert {k.parsed["Message-ID"] for k in server.mailbox.kept} == {"<0198-a@odense.example>"}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("busy", Code.MAIL_REFUSED),
        ("no_starttls", Code.MAIL_NO_TLS),
        ("bad_certificate", Code.PORT_TLS),
        ("wrong_login", Code.MAIL_LOGIN),
    ],
)
async def test_why_nothing_was_sent(tmp_path: Path, fault: str, code: Code) -> None:
    async with post_office(tmp_path) as (server, notifier):
        server.fault(fault)
        with pytest.raises(DeviceError) as caught:
            await notifier.send(LETTER)
        assert caught.value.code is code
        assert server.mailbox.kept == []
        assert "karen" not in str(caught.value)


async def test_a_silent_server_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    async with post_office(tmp_path, answer_s=0.3) as (server, notifier):
        server.fault("silent")
        with pytest.raises(DeviceTimeout):
            await notifier.check()


async def test_a_slow_server_is_waited_for(tmp_path: Path) -> None:
    async with post_office(tmp_path) as (server, notifier):
        server.fault("slow", seconds=0.02)
        assert await notifier.send(LETTER) is Delivery.ACCEPTED


async def test_a_wrong_password_is_a_refused_login_and_is_not_told(tmp_path: Path) -> None:
    async with post_office(tmp_path, password="another-one") as (_, notifier):
        with pytest.raises(DeviceError) as caught:
            await notifier.check()
        assert caught.value.code is Code.MAIL_LOGIN
        assert "another-one" not in str(caught.value)


async def test_nobody_there(tmp_path: Path) -> None:
    async with post_office(tmp_path) as (server, notifier):
        await server.unplug()
        with pytest.raises(DeviceError) as caught:
            await notifier.check()
        assert caught.value.code is Code.PORT_REFUSED
        await server.plug()
        await notifier.check()


@pytest.mark.parametrize("to", ["no address", "a@b", "x@exa mple.org", "a@b.dk\r\nBcc: c@d.dk", ""])
async def test_what_is_no_address_is_never_written_to(tmp_path: Path, to: str) -> None:
    async with post_office(tmp_path) as (server, notifier):
        letter = Letter("1", Secret(to), LETTER.subject, LETTER.body, "da", AT)
        assert await notifier.send(letter) is Delivery.NO_SUCH_ADDRESS
        assert server.mailbox.kept == []


def test_the_system_s_authorities_are_asked_where_no_file_is_named() -> None:
    notifier = SmtpNotifier.from_config(
        Mail(url="smtps://mail.example.org", sender="a@b.dk"),
        password=Secret(""),
        sender_name="x",
    )
    assert notifier._context.verify_mode is ssl.CERT_REQUIRED
    assert notifier._context.check_hostname
    assert (notifier._port, notifier._encryption) == (465, "tls")
