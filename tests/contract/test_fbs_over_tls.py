"""FBS over TLS on loopback: by the gateway of a station file, and by `ims ils --dialect fbs`."""

import asyncio
import random
import ssl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from config.station import Library
from drivers.errors import Code
from drivers.library.fbs import FbsGateway
from drivers.ports import Outcome, Secret
from drivers.registry import driver_class
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.transport.trust import tls_context
from hw_sim.ils.fbs_device import FbsDevice
from hw_sim.ils.server import LibraryServer
from tests.contract.fbs_bench import FBS_SCENARIO, KAREN, STACK
from tests.contract.ils_command import Served
from tests.contract.library_bench import BOOK, HELD, START, ZONE


@pytest.fixture(autouse=True)
def _lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped")


def _server(answer_ms: int = 0) -> LibraryServer[FbsDevice]:
    library = {**FBS_SCENARIO["library"], "answer_ms": answer_ms}
    device = FbsDevice.from_scenario(
        {**FBS_SCENARIO, "library": library}, now=_now, rng=random.Random(1)
    )
    return LibraryServer(device, random.Random(1))


def _now() -> datetime:
    return START


# --- the gateway --------------------------------------------------------------------------------------


def _gateway(port: int, ca_file: object = "", password: str = "not-a-secret") -> FbsGateway:
    table = {
        "driver": "fbs",
        "url": f"https://localhost:{port}",
        "user": "kiosk",
        "institution": "DK-746100",
        "location": "hb",
        "ca_file": str(ca_file),
    }
    library: FbsGateway = driver_class("library", "fbs").from_config(
        Library.model_validate(table),
        password=Secret(password),
        clock=LoopClock(START),
        rng=SeededRng(1),
        zone=ZONE,
    )
    return library


async def test_a_stack_over_tls_three_at_a_time(tmp_path: Path) -> None:
    server = _server(answer_ms=20)
    try:
        gateway = _gateway(await server.start(tls_directory=tmp_path), server.ca_path)
        who = await gateway.sign_in(KAREN.card, KAREN.pin)
        assert who.patron is not None
        patron = who.patron
        answers = await asyncio.gather(
            *(gateway.borrow(patron, item, occurred=START) for item in STACK)
        )
        assert [answer.outcome for answer in answers] == [Outcome.DONE] * len(STACK)
        account = await gateway.account(patron)
        assert set(STACK) < {loan.item for loan in account.loans}
        assert all(loan.title and loan.due for loan in account.loans)
    finally:
        await server.close()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("drop_after_commit", Code.PORT_GONE),
        ("close_mid_answer", Code.WIRE_GARBLED),
        ("http_503", Code.LIBRARY_ERROR),
        ("http_500_xml", Code.LIBRARY_ERROR),
        ("huge_body", Code.WIRE_GARBLED),
        ("doctype", Code.WIRE_GARBLED),
    ],
)
async def test_what_goes_wrong_behind_tls_is_told_apart(
    tmp_path: Path, fault: str, code: Code
) -> None:
    server = _server()
    try:
        gateway = _gateway(await server.start(tls_directory=tmp_path), server.ca_path)
        server.fault(fault, count=1, only="11")
        lent = await gateway.borrow(KAREN, BOOK, occurred=START)
        assert (lent.outcome, lent.code) == (Outcome.UNKNOWN, code)
        assert (await gateway.item(BOOK)).done
    finally:
        await server.close()


async def test_a_server_that_nobody_vouches_for_hears_no_password(tmp_path: Path) -> None:
    server = _server()
    try:
        gateway = _gateway(await server.start(tls_directory=tmp_path))
        lent = await gateway.borrow(KAREN, BOOK, occurred=START)
        assert (lent.outcome, lent.code) == (Outcome.OFFLINE, Code.PORT_TLS)
        assert server.truth()["counts"] == {}
    finally:
        await server.close()


async def test_a_server_of_another_name_hears_no_password(tmp_path: Path) -> None:
    server = _server()
    try:
        port = await server.start(tls_directory=tmp_path)
        context = tls_context(str(server.ca_path), "library")
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, server_hostname="cicero-fbs.com"
            )
    finally:
        await server.close()


def test_certificates_are_checked_and_old_tls_is_refused() -> None:
    context = tls_context("", "library")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


# --- the command --------------------------------------------------------------------------------------


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Served]:
    server = Served(_server(), tmp_path, tls=True, scheme="https", location="hb", dialect="fbs")
    try:
        yield server
    finally:
        server.stop()
        structlog.reset_defaults()


def test_every_verb_of_the_command(running: Served) -> None:
    code, status = running.json("status")
    assert (code, status["library"]) == (0, "Odense")
    pin = ["--pin-file", str(running.pin)]
    whom = ["--patron", "3002991234", "--item", BOOK, *pin]
    code, lent = running.json("borrow", *whom)
    assert (code, lent["outcome"], lent["title"]) == (0, "done", "Tørst")
    code, again = running.json("borrow", *whom)
    assert (code, again["outcome"]) == (0, "already_done")
    code, early = running.json("renew", *whom)
    assert (code, early["reason"]) == (1, "renew.too_early")
    code, who = running.json("patron", "1234567890", *pin)
    assert (code, who["outcome"]) == (0, "done")
    assert BOOK in {loan["item"] for loan in who["loans"]}
    code, item = running.json("item", BOOK)
    assert (code, item["title"]) == (0, "Tørst")
    code, back = running.json("return", "--item", BOOK)
    assert (code, back["permanent_location"]) == (0, "Borgernes Hus")
    code, held = running.json("borrow", "--patron", "1234567890", "--item", HELD, *pin)
    assert (code, held["reason"]) == (1, "item.reserved")


@pytest.mark.parametrize(
    ("fault", "code", "error"),
    [
        ("refuse_login", 1, "library.login"),
        ("http_503", 3, "library.error"),
        ("lock_violation", 3, "library.conflict"),
        ("bad_xml", 4, "wire.garbled"),
        ("silent", 3, "wire.silent"),
    ],
)
def test_what_goes_wrong_has_a_code(running: Served, fault: str, code: int, error: str) -> None:
    running.do(lambda: running.server.fault(fault))
    got, answer = running.json("item", BOOK, answer_s="0.4")
    assert (got, answer["error"]["code"]) == (code, error)
    assert answer["error"]["do"]


def test_wrong_use_is_told(running: Served, tmp_path: Path) -> None:
    for options in (
        {"url": "http://127.0.0.1"},
        {"url": "sip2://127.0.0.1:6001"},
        {"dialect": "standard"},
        {"ca_file": str(tmp_path / "absent")},
    ):
        code, answer = running.json("status", **options)
        assert (code, "error" in answer) == (2, True), options


def test_the_wrong_authority_is_told(running: Served) -> None:
    code, answer = running.json("status", ca_file="")
    assert (code, answer["error"]["code"]) == (3, "port.tls")
