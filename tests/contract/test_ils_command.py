"""`ims ils` against the simulated library system on loopback: what it prints, and how it ends."""

import json
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.server import LibraryServer
from tests.contract.ils_command import Served
from tests.contract.library_bench import BOOK, HELD, SCENARIO, START
from ui.cli import app

KAREN = "1234567890"


@pytest.fixture(autouse=True)
def _lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped")


def _served(directory: Path, *, tls: bool = False) -> Served:
    library = {**SCENARIO["library"], "answer_ms": 0}
    device = LibraryDevice.from_scenario(
        {**SCENARIO, "library": library}, now=_now, rng=random.Random(1)
    )
    server = LibraryServer(device, random.Random(1))
    return Served(
        server,
        directory,
        tls=tls,
        scheme="sip2",
        location="HB",
        flags=("--tls",) if tls else (),
    )


def _now() -> datetime:
    return START


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Served]:
    server = _served(tmp_path)
    try:
        yield server
    finally:
        server.stop()
        structlog.reset_defaults()


def test_status_item_and_patron(running: Served) -> None:
    code, status = running.json("status")
    assert (code, status["outcome"], status["library"]) == (0, "done", "Odense")
    assert "11" in status["supported"]
    code, item = running.json("item", BOOK)
    assert (code, item["title"], item["circulation"]) == (0, "Tørst", "03")
    code, who = running.json("patron", KAREN, "--pin-file", str(running.pin))
    assert code == 0
    assert who["patron"] == {"name": "Karen Testesen", "email": "karen@example.org"}
    assert [loan["title"] for loan in who["loans"]] == ["Gammel"]
    code, words = running.ims("patron", KAREN, "--pin-file", str(running.pin))
    assert code == 0
    assert "Karen Testesen" in words
    assert "1234" not in words.replace(KAREN, "")


def test_borrow_renew_and_return(running: Served) -> None:
    whom = ["--patron", KAREN, "--item", BOOK, "--pin-file", str(running.pin)]
    code, lent = running.json("borrow", *whom)
    assert (code, lent["outcome"]) == (0, "done")
    code, renewed = running.json("renew", *whom)
    assert (code, renewed["outcome"]) == (0, "done")
    code, back = running.json("return", "--item", BOOK)
    assert (code, back["outcome"], back["permanent_location"]) == (0, "done", "Borgernes Hus")
    code, again = running.json("return", "--item", BOOK)
    assert (code, again["reason"]) == (1, "return.not_on_loan")


def test_a_refusal_says_why_in_words(running: Served) -> None:
    code, words = running.ims("borrow", "--patron", KAREN, "--item", HELD)
    assert code == 1
    assert "login" not in words
    code, words = running.ims(
        "borrow", "--patron", KAREN, "--item", HELD, "--pin-file", str(running.pin)
    )
    assert code == 1
    assert "item.reserved" in words
    assert "Reserved by someone else" in words


@pytest.mark.parametrize(
    ("fault", "code", "error"),
    [
        ("refuse_login", 1, "library.login"),
        ("silent", 3, "wire.silent"),
        ("drop_after_commit", 3, "port.gone"),
        ("other_item", 4, "library.other_item"),
        ("bad_checksum", 4, "wire.garbled"),
    ],
)
def test_what_goes_wrong_has_a_code(running: Served, fault: str, code: int, error: str) -> None:
    only: dict[str, object] = {} if fault == "refuse_login" else {"only": ["17", "97"]}
    running.do(lambda: running.server.fault(fault, **only))
    got, answer = running.json("item", BOOK, answer_s="0.4")
    assert (got, answer["error"]["code"]) == (code, error)
    assert answer["error"]["do"]


def test_wrong_use_is_told(running: Served, tmp_path: Path) -> None:
    for options in (
        {"url": "http://127.0.0.1"},
        {"dialect": "klingon"},
        {"time_zone": "Mars/Olympus"},
        {"password_file": str(tmp_path / "absent")},
    ):
        code, answer = running.json("status", **options)
        assert (code, "error" in answer) == (2, True), options
    code, answer = running.json("item", "|")
    assert code == 2


def test_nobody_listens(running: Served) -> None:
    code, answer = running.json("status", url="sip2://127.0.0.1:1")
    assert (code, answer["error"]["code"]) == (3, "port.refused")


def test_tls_with_a_trusted_authority_only(tmp_path: Path) -> None:
    server = _served(tmp_path, tls=True)
    try:
        assert server.json("status")[0] == 0
        trusted, server.server.ca_path = server.server.ca_path, None
        assert trusted is not None
        code, answer = server.json("status", answer_s="1")
        assert code == 3
        assert "error" in answer
    finally:
        server.stop()
        structlog.reset_defaults()


def test_a_verb_explains_itself_before_an_address_is_given() -> None:
    assert CliRunner().invoke(app, ["ils", "status", "--help"]).exit_code == 0


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ([], "--url"),
        (["--institution", "DK-746100"], "--url"),
        (["--url", "sip2://127.0.0.1:9"], "--institution"),
    ],
)
def test_what_is_missing_is_named(given: list[str], missing: str) -> None:
    result = CliRunner().invoke(app, ["ils", *given, "status", "--json"])
    assert result.exit_code == 2
    assert json.loads(result.stdout or result.stderr)["error"]["where"] == missing


def test_an_https_address_without_a_dialect_names_the_one_that_speaks_it() -> None:
    given = ["--url", "https://fbs.example", "--institution", "DK-746100"]
    result = CliRunner().invoke(app, ["ils", *given, "status", "--json"])
    assert result.exit_code == 2
    error = json.loads(result.stdout or result.stderr)["error"]
    assert error["where"] == "--url"
    assert "--dialect fbs" in error["do"]
