"""One connection to the simulated FBS: login, envelopes, time, locks, and each fault, in virtual time."""

import asyncio
import json
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from hw_sim.ils.fbs_device import FAULTS, FbsDevice
from hw_sim.ils.fbs_manner import FbsManner
from hw_sim.simloop import run
from hw_sim.wire import Device
from tests.unit.hw_sim.fbs.terminal import (
    Answer,
    Call,
    ask,
    borrow,
    device,
    envelope,
    give_back,
    patron_status,
    post,
    read,
    send,
    status,
)
from tests.unit.hw_sim.ils.terminal import NOW, OLE, D

ITEM = "3000000002"


def answered(there: FbsDevice, request: bytes) -> Answer:
    return run(send(there, request))


def asked(there: FbsDevice, line: str) -> Answer:
    return answered(there, post(envelope(line)))


def heard(there: FbsDevice, line: str) -> bytes:
    """All bytes until the connection ended."""
    return run(Call(there.sibling()).ask(post(envelope(line))))


def lent(there: FbsDevice) -> bool:
    return ITEM in there.library.loans


def counts(there: FbsDevice) -> Mapping[str, int]:
    found = there.truth()["counts"]
    assert isinstance(found, dict)
    return found


def test_it_is_a_device_whose_truth_is_json() -> None:
    plain: Device = device()
    assert plain.role == "library"
    assert json.loads(json.dumps(plain.truth()))["counts"] == {}


# --- HTTP ---------------------------------------------------------------------------------------------


def test_the_headers_are_as_recorded() -> None:
    answer = asked(device(), status())
    assert answer.headers["Content-Type"] == "application/xml;charset=UTF-8"
    assert answer.headers["Connection"] == "close"
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert len(answer.headers["X-RequestId"].split("-")) == 5
    assert answer.headers["Set-Cookie"].startswith("f5avr")
    assert answer.headers["Set-Cookie"].endswith("; HttpOnly; secure")
    assert parsedate_to_datetime(answer.headers["Date"]) == NOW
    assert answer.body.startswith(
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        b'<ns2:sip xmlns:ns2="http://axiell.com/Schema/sip.xsd"><response>98YYYYYY600999'
    )
    assert answer.body.endswith(b"|</response></ns2:sip>")


def test_every_request_has_an_id_of_its_own() -> None:
    there = device()
    ids = {asked(there, status()).headers["X-RequestId"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        (b"HELO\r\n\r\n", 400),
        (post(b"x", path="/"), 404),
        (post(b"x", path="/rest/sip2/"), 404),
        (post(b"x", path="/rest/sip2/DK-775100"), 404),
        (post(b"x", path="/rest/sip2/DK-746100/x"), 404),
        (b"GET /rest/sip2/DK-746100 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (post(b"x").replace(b"application/xml", b"text/plain"), 415),
        (post(b"x").replace(b"Content-Length", b"Content-Size"), 411),
    ],
)
def test_what_is_not_asked_as_fbs_asks_is_answered_by_its_status(
    request_bytes: bytes, code: int
) -> None:
    there = device()
    answer = answered(there, request_bytes)
    assert answer.status == code
    assert answer.headers["Content-Type"] == "text/html;charset=UTF-8"
    assert there.library.asked == []


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_the_response_may_be_framed_otherwise(framing: str) -> None:
    assert asked(device(framing=framing), status()).line.startswith("98")


def test_the_body_may_hold_newlines() -> None:
    answer = asked(device(newlines=True), status())
    assert answer.line.startswith("\n98YYYYYY")
    assert answer.line.endswith("|\n")
    assert answer.body.count(b"\n") > 4


def test_a_request_may_come_in_pieces() -> None:
    async def main() -> None:
        there, request = device(), post(envelope(borrow(ITEM)))
        call = Call(there)
        for at in range(0, len(request), 7):
            assert not lent(there)
            there.receive(request[at : at + 7])
        await call.ended.wait()
        assert read(call.heard).line.startswith("121")

    run(main())


def test_one_request_a_connection() -> None:
    async def main() -> None:
        there = device()
        call = Call(there)
        there.receive(post(envelope(borrow(ITEM))) + post(envelope(give_back(ITEM))))
        there.receive(post(envelope(give_back(ITEM))))
        await call.ended.wait()
        assert lent(there)
        assert call.heard.count(b"HTTP/1.1") == 1
        again = Call(there)
        assert read(await again.ask(post(envelope(give_back(ITEM))))).line.startswith("101")

    run(main())


# --- login and dialect --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "password", "error"),
    [
        ("kiosk", "", "Required field: LOGIN_PASSWORD must be set!"),
        ("", "not-a-secret", "Required field: LOGIN_NAME must be set!"),
        ("kiosk", "wrong", "Login is not valid!"),
        ("other", "not-a-secret", "Login is not valid!"),
    ],
)
def test_a_login_that_is_missing_or_wrong(login: str, password: str, error: str) -> None:
    there = device()
    answer = answered(there, post(envelope(borrow(ITEM), login=login, password=password)))
    assert (answer.status, answer.error) == (200, error)
    assert not lent(there)
    assert counts(there)["refused_login"] == 1


def test_a_library_without_a_login_wants_one_named() -> None:
    there = device(user="", password="")
    assert answered(there, post(envelope(status(), login="x", password="y"))).status == 200
    assert "LOGIN_PASSWORD" in answered(there, post(envelope(status(), password=""))).error


@pytest.mark.parametrize(
    "line",
    [
        "",
        "9",
        "XX",
        "230",
        patron_status().replace(f"{D}|", D),
        borrow(ITEM).replace("|AO", "AO", 1),
        status() + "AY1AZFCA0",
        patron_status() + "AY1AZ0000",
        patron_status() + "\r",
        patron_status().replace("DK-746100", "DK-775100"),
    ],
)
def test_a_line_that_is_not_in_the_dialect(line: str) -> None:
    there = device()
    body = envelope(line).replace(b"\r", b"&#13;")
    assert answered(there, post(body)).error == "Message could not be understood!"
    assert there.library.asked == []


def test_the_first_bar_may_be_missing_where_that_is_accepted() -> None:
    without = patron_status().replace(f"{D}|", D)
    assert asked(device(first_bar="accepted"), without).line.startswith("24")
    assert asked(device(first_bar="accepted"), patron_status()).line.startswith("24")


@pytest.mark.parametrize(
    "line",
    [
        f"19{D}|AODK-746100|AB{ITEM}|AC|CHx|",
        f"25{D}|AODK-746100|AA{OLE}|",
        "9300|CNkiosk|COnot-a-secret|",
        "97",
        f"24{' ' * 14}009{D}|AODK-746100|",
    ],
)
def test_a_message_that_is_not_supported(line: str) -> None:
    there = device()
    assert asked(there, line).error == f"Message {line[:2]} is not supported!"
    assert counts(there)["unsupported"] == 1


def test_a_body_that_is_no_envelope_is_an_exception() -> None:
    answer = answered(device(), post(b"<sip/>"))
    assert (answer.status, answer.exception) == (400, "BAD_REQUEST")
    assert answer.headers["Content-Type"] == "application/xml;charset=UTF-8"


def test_the_statuses_of_both_envelopes_can_be_set() -> None:
    there = device(error_status=401, exception_status=409)
    assert asked(there, "XX").status == 401
    there.fault("lock_violation")
    assert asked(there, status()).status == 409


@pytest.mark.parametrize(
    "table",
    [
        {"framing": "none"},
        {"first_bar": "x"},
        {"wrong_pin": "x"},
        {"error_status": 99},
        {"encoding": "utf-8"},
    ],
)
def test_a_manner_that_does_not_exist(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        FbsManner.from_scenario({"library": table})


def test_a_manner_does_not_show_its_password() -> None:
    assert "not-a-secret" not in repr(device().manner)


# --- time ---------------------------------------------------------------------------------------------


def test_each_call_takes_its_time_and_many_go_at_once() -> None:
    async def main() -> None:
        there, loop = device(answer_ms=300), asyncio.get_running_loop()
        calls = [Call(there.sibling()) for _ in range(3)]
        items = ("3000000001", "3000000002", "3000000009")
        lines = [borrow(item) for item in items]
        await asyncio.gather(
            *(call.ask(post(envelope(line))) for call, line in zip(calls, lines, strict=True))
        )
        assert 0.3 <= loop.time() < 0.31
        assert [read(call.heard).line[:3] for call in calls] == ["121", "121", "121"]
        assert set(items) <= set(there.library.loans)

    run(main())


def test_the_end_comes_behind_the_answer() -> None:
    async def main() -> None:
        there, loop = device(answer_ms=100), asyncio.get_running_loop()
        call = Call(there)
        there.receive(post(envelope(status())))
        await asyncio.sleep(0.1)
        assert read(call.heard).line.startswith("98")
        assert not call.ended.is_set()
        await call.ended.wait()
        assert 0.1 < loop.time() < 0.11

    run(main())


def test_work_is_done_though_the_terminal_is_gone_before_the_answer() -> None:
    async def main() -> None:
        there = device(answer_ms=300)
        call = Call(there)
        there.receive(post(envelope(borrow(ITEM))))
        there.detach()
        await asyncio.sleep(1)
        assert call.heard == b""
        assert lent(there)

    run(main())


def test_two_changes_for_one_borrower_at_once_can_collide() -> None:
    async def main() -> None:
        there = device(answer_ms=300, lock_borrowers=True)
        first, second, other, look = await asyncio.gather(
            send(there, post(envelope(borrow("3000000001")))),
            send(there, post(envelope(borrow(ITEM)))),
            send(there, post(envelope(borrow("3000000009", OLE, "4321")))),
            send(there, post(envelope(patron_status()))),
        )
        assert first.line.startswith("121")
        assert (second.status, second.exception) == (500, "OPTIMISTIC_LOCK_VIOLATION")
        assert not lent(there)
        assert other.line.startswith("121")
        assert look.line.startswith("24")
        assert (await ask(there, borrow(ITEM))).startswith("121")

    run(main())


def test_a_borrower_is_let_go_when_the_terminal_is_gone() -> None:
    async def main() -> None:
        there = device(answer_ms=300, lock_borrowers=True)
        Call(there)
        there.receive(post(envelope(borrow(ITEM))))
        there.detach()
        assert (await ask(there, borrow("3000000001"))).startswith("121")

    run(main())


# --- faults -------------------------------------------------------------------------------------------


def _unanswered(there: FbsDevice) -> None:
    async def main() -> None:
        call = Call(there.sibling())
        call.there.receive(post(envelope(borrow(ITEM))))
        await asyncio.sleep(3600)
        assert (call.heard, call.ended.is_set()) == (b"", False)

    run(main())


def test_silent_does_the_work_or_not() -> None:
    there = device()
    there.fault("silent", count=1)
    _unanswered(there)
    assert lent(there)
    there = device()
    there.fault("silent", work=False)
    _unanswered(there)
    assert not lent(there)


@pytest.mark.parametrize(
    ("verb", "done"), [("drop_before_commit", False), ("drop_after_commit", True)]
)
def test_the_connection_drops_before_or_after_the_work(verb: str, done: bool) -> None:
    there = device()
    there.fault(verb, count=1)
    assert heard(there, borrow(ITEM)) == b""
    assert lent(there) is done
    assert there.faults() == {}


def test_it_closes_inside_the_answer() -> None:
    there = device()
    there.fault("close_mid_answer")
    whole = len(heard(device(), borrow(ITEM)))
    half = heard(there, borrow(ITEM))
    assert len(half) == whole // 2
    assert half.startswith(b"HTTP/1.1 200 OK\r\n")
    assert lent(there)


def test_the_answer_trickles() -> None:
    async def main() -> None:
        there, loop = device(), asyncio.get_running_loop()
        there.fault("slow_trickle", ms=10)
        answer = await Call(there).ask(post(envelope(status())))
        assert read(answer).line.startswith("98")
        assert loop.time() == pytest.approx(0.01 * (len(answer) - 1), abs=0.01)

    run(main())


def test_the_answer_is_late() -> None:
    async def main() -> None:
        there, loop = device(answer_ms=300), asyncio.get_running_loop()
        there.fault("answer_late", seconds=7.5, only="11")
        await ask(there, status())
        assert loop.time() < 0.4
        await ask(there, borrow(ITEM))
        assert 8 < loop.time() < 8.2

    run(main())


def test_the_login_is_refused_for_a_while() -> None:
    there = device()
    there.fault("refuse_login", count=1)
    assert asked(there, status()).error == "Login is not valid!"
    assert asked(there, status()).line.startswith("98")


def test_the_status_says_offline() -> None:
    there = device()
    there.fault("offline_98")
    assert asked(there, status()).line.startswith("98NNNNNY000999")
    assert asked(there, patron_status()).line.startswith("24")


def test_a_lock_violation_does_nothing() -> None:
    there = device()
    there.fault("lock_violation", count=1, only=["11"])
    answer = asked(there, borrow(ITEM))
    assert (answer.status, answer.exception) == (500, "OPTIMISTIC_LOCK_VIOLATION")
    assert not lent(there)
    assert asked(there, borrow(ITEM)).line.startswith("121")


FAILURES: Mapping[str, Callable[[Answer], object]] = {
    "error_envelope": lambda answer: (answer.status, answer.error),
    "http_500_xml": lambda answer: (answer.status, answer.exception),
    "http_500_text": lambda answer: (answer.status, answer.body),
    "http_503": lambda answer: (answer.status, answer.body),
}
SAID: Mapping[str, object] = {
    "error_envelope": (200, "Service is not available!"),
    "http_500_xml": (500, "INTERNAL_SERVER_ERROR"),
    "http_500_text": (500, b"<html><body><h1>500 Internal Server Error</h1></body></html>"),
    "http_503": (503, b"<html><body><h1>503 Service Unavailable</h1></body></html>"),
}


@pytest.mark.parametrize("verb", FAILURES)
@pytest.mark.parametrize("work", [False, True])
def test_a_failure_leaves_the_work_undone_or_done(verb: str, work: bool) -> None:
    there = device()
    there.fault(verb, work=work, count=1)
    assert FAILURES[verb](asked(there, borrow(ITEM))) == SAID[verb]
    assert lent(there) is work
    assert asked(there, status()).line.startswith("98")


def test_an_error_says_what_it_was_told_to() -> None:
    there = device()
    there.fault("error_envelope", text="Ånden & <flasken>")
    assert asked(there, status()).error == "Ånden & <flasken>"


def test_the_answer_names_another_item() -> None:
    there = device()
    there.fault("other_item", count=1)
    assert "|AB3000000001|" in asked(there, borrow(ITEM)).line
    there.fault("other_item", item="77")
    assert "|AB77|" in asked(there, give_back(ITEM)).line


def test_the_answer_is_not_in_utf_8() -> None:
    there = device()
    there.fault("other_encoding")
    body = asked(there, borrow("3000000001")).body
    assert "Tørst%Nesbø".encode("latin-1") in body
    with pytest.raises(UnicodeDecodeError):
        body.decode()


def test_the_answer_has_a_doctype() -> None:
    there = device()
    there.fault("doctype")
    answer = asked(there, status())
    assert b"<!DOCTYPE sip" in answer.body
    assert answer.line.startswith("98")


def test_the_answer_is_cut_short_though_its_length_is_right() -> None:
    there = device()
    there.fault("bad_xml")
    body = asked(there, status()).body
    assert body.endswith(b"BXYYYYYYYYYYYNNYYY|")


def test_the_answer_is_huge() -> None:
    there = device()
    there.fault("huge_body")
    answer = asked(there, status())
    assert len(answer.body) == 4_194_304
    assert answer.line.startswith("98")


def test_faults_are_shared_counted_and_cleared_by_name() -> None:
    there = device()
    with pytest.raises(ValueError, match="lock_violation"):
        there.fault("melt")
    with pytest.raises(TypeError, match="encoding"):
        there.fault("other_encoding", encoding="klingon")
    there.sibling().fault("http_503", count=2)
    assert there.faults() == {"http_503": {"count": 2, "only": "", "work": False}}
    there.clear("http_503")
    for verb in FAULTS:
        there.fault(verb)
    there.clear()
    assert there.faults() == {}
    assert asked(there, status()).line.startswith("98")
