"""The line: what it does about every doubt."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Secret
from drivers.sip2.dialect import STANDARD, Dialect, ErrorDetection
from drivers.sip2.exchange import Link, LinkLost
from drivers.sip2.frames import MOST
from drivers.sip2.messages import Message, message
from tests.unit.sip2.peer import (
    BACK,
    DATE,
    HANG_UP,
    ITEM,
    LENT,
    STATUS,
    Peer,
    closed,
    link,
    simulated,
)

OFF = replace(STANDARD, error_detection=ErrorDetection.OFF)
WARN = replace(STANDARD, error_detection=ErrorDetection.WARN)
ASK = message("17", "AOx", "AB1", "AC", date=DATE)
LEND = message(
    "11", "AOx", "AA2", "AB1", "AC", renewal_policy="N", no_block="N", date=DATE, nb_due=DATE
)
TAKE = message("09", "APHB", "AOx", "AB1", "AC", no_block="N", date=DATE, return_date=DATE)


@pytest.fixture(autouse=True)
def _lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped")


def _call(
    peer: Peer,
    request: Message = ASK,
    *,
    dialect: Dialect = STANDARD,
    before: Callable[[Link], None] = lambda _link: None,
) -> tuple[Message | LinkLost, int, Link]:
    """One call of 8 s: its answer or its failure, how often `sent` was called, and the link."""

    async def work() -> tuple[Message | LinkLost, int, Link]:
        line = link(peer, dialect)
        before(line)
        sent = 0

        def leaving() -> None:
            nonlocal sent
            sent += 1

        try:
            outcome: Message | LinkLost = await line.call(request, within=8, sent=leaving)
        except LinkLost as lost:
            outcome = lost
        was_up = line.up
        await line.drop()
        assert not line.up
        assert isinstance(outcome, LinkLost) is not was_up
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return outcome, sent, line

    return simulated(work)


def _answered(peer: Peer, request: Message = ASK, dialect: Dialect = STANDARD) -> Message:
    outcome, _, _ = _call(peer, request, dialect=dialect)
    assert isinstance(outcome, Message), outcome
    return outcome


def _lost(peer: Peer, request: Message = ASK, dialect: Dialect = STANDARD) -> LinkLost:
    outcome, sent, _ = _call(peer, request, dialect=dialect)
    assert isinstance(outcome, LinkLost), outcome
    assert outcome.sent is (sent > 0)
    return outcome


def test_login_then_status_then_work() -> None:
    peer = Peer()
    assert _answered(peer).get("AJ") == "Name"
    assert [text[:2] for text in peer.heard] == ["93", "99", "17"]
    assert peer.heard[0] == "9300CNkiosk|COpass|CPHB|"
    assert [raw[-7:-6] for raw in peer.raw] == [b"0", b"1", b"2"]
    assert all(len(raw) < 1024 for raw in peer.raw)


def test_without_a_user_no_login_is_sent() -> None:
    peer = Peer()

    async def work() -> None:
        line = link(peer, user="")
        await line.call(ASK, within=8)
        await line.drop()

    simulated(work)
    assert [text[:2] for text in peer.heard] == ["99", "17"]


def test_sequence_numbers_go_round_and_one_line_serves_all_calls() -> None:
    peer = Peer()

    async def work() -> None:
        line = link(peer)
        answers = await asyncio.gather(*(line.call(ASK, within=8) for _ in range(12)))
        assert len(answers) == 12
        await line.drop()

    simulated(work)
    assert [int(raw[-7:-6]) for raw in peer.raw] == [n % 10 for n in range(14)]
    assert peer.opened == 1


def test_a_refused_login_never_sends_the_command() -> None:
    peer = Peer()
    peer.on("93", lambda _t, ay: [closed("940", ay)])
    lost = _lost(peer, LEND)
    assert (lost.code, lost.sent) == (Code.LIBRARY_LOGIN, False)
    assert peer.times("11") == 0


def test_nobody_listens() -> None:
    peer = Peer()
    peer.wire.far.hang_up()
    lost = _lost(peer, LEND)
    assert (lost.code, lost.sent) == (Code.PORT_ABSENT, False)


def test_connected_is_not_alive() -> None:
    peer = Peer()
    peer.on("93", lambda _t, _ay: [])
    lost = _lost(peer, LEND)
    assert (lost.code, lost.sent) == (Code.WIRE_SILENT, False)


def test_an_answer_in_pieces_and_with_noise_between() -> None:
    peer = Peer()
    peer.on("17", lambda _t, ay: [b"\r\n", *([bytes([b]) for b in closed(ITEM, ay)]), b"\n\0 "])
    assert _answered(peer).get("AJ") == "Name"


def test_two_answers_merged_into_one_segment_leave_the_second_unheard() -> None:
    peer = Peer()
    peer.on("17", lambda _t, ay: [closed(ITEM, ay) + closed(BACK, "9")])

    async def work() -> None:
        line = link(peer, OFF)
        assert (await line.call(ASK, within=8)).kind.id == "18"
        assert (await line.call(ASK, within=8)).kind.id == "18"
        assert line.counts.strays == 1
        await line.drop()

    simulated(work)


def test_a_bad_sum_is_asked_for_again() -> None:
    peer = Peer()
    peer.on("11", lambda _t, ay: [closed(LENT, ay).replace(b"Name", b"Nome")])
    peer.on("97", lambda _t, _ay: [closed(LENT, "2")])
    assert _answered(peer, LEND).get("AJ") == "Name"
    assert peer.times("11") == 1
    assert b"97AZFEF5" in peer.raw


def test_bad_sums_without_end_drop_the_line() -> None:
    peer = Peer()
    bad = [lambda _t, _ay: [b"18xxAY2AZ1234\r"]] * 9
    peer.on("11", *bad)
    peer.on("97", *bad)
    lost = _lost(peer, LEND)
    assert (lost.code, lost.sent) == (Code.WIRE_GARBLED, True)
    assert peer.times("97") == 3


def test_96_asks_for_the_same_frame_again() -> None:
    peer = Peer()
    peer.on("11", lambda _t, _ay: [b"96AZFEF6\r"], lambda _t, _ay: [b"96AZFEF6\r"])
    assert _answered(peer, LEND).kind.id == "12"
    assert len({raw for raw in peer.raw if raw.startswith(b"11")}) == 1
    assert peer.times("11") == 3


def test_a_storm_of_96_drops_the_line() -> None:
    peer = Peer()
    peer.on("11", *([lambda _t, _ay: [b"96AZFEF6\r"]] * 50))
    assert _lost(peer, LEND).code is Code.WIRE_GARBLED
    assert peer.times("11") == 4


def test_96_after_our_97_drops_the_line() -> None:
    peer = Peer()
    peer.on("11", lambda _t, _ay: [b"18xxAY2AZ1234\r"])
    peer.on("97", lambda _t, _ay: [b"96AZFEF6\r"])
    assert _lost(peer, LEND).code is Code.WIRE_GARBLED
    assert peer.times("11") == 1


def test_another_sequence_number_is_discarded_once_and_doubted_twice() -> None:
    peer = Peer()
    peer.on("11", lambda _t, ay: [closed(LENT, "7"), closed(LENT, ay)])
    assert _answered(peer, LEND).seq == 2
    peer = Peer()
    peer.on("11", lambda _t, _ay: [closed(LENT, "7"), closed(LENT, "8")])
    assert _lost(peer, LEND).code is Code.WIRE_UNEXPECTED


def test_98_in_place_of_an_answer_is_heard_and_the_command_sent_again() -> None:
    peer = Peer()
    peer.on("11", lambda _t, ay: [closed(STATUS, ay)])
    told: list[str] = []

    async def work() -> None:
        line = Link(peer.wire, STANDARD, user="", password=Secret("pass"),
                    told=lambda status: told.append(status.part("online")))  # fmt: skip
        assert (await line.call(LEND, within=8)).kind.id == "12"
        await line.drop()

    simulated(work)
    assert told == ["Y", "Y"]
    assert peer.times("11") == 2
    sent = [raw[-7:-6] for raw in peer.raw if raw.startswith(b"11")]
    assert sent[0] != sent[1]  # a new number: the same one may be answered by the 98 again


def test_98_twice_is_no_answer() -> None:
    peer = Peer()
    peer.on("11", *([lambda _t, ay: [closed(STATUS, ay)]] * 2))
    assert _lost(peer, LEND).code is Code.WIRE_UNEXPECTED


def test_an_answer_to_something_else_drops_the_line() -> None:
    peer = Peer()
    peer.on("11", lambda _t, ay: [closed(BACK, ay)])
    assert _lost(peer, LEND).code is Code.WIRE_UNEXPECTED


def test_a_message_nobody_knows_is_ignored() -> None:
    for dialect in (STANDARD, OFF):
        peer = Peer()
        peer.on("11", lambda _t, ay: [closed("XYhello", ay), closed(LENT, ay)])
        outcome, _, line = _call(peer, LEND, dialect=dialect)
        assert isinstance(outcome, Message)
        assert line.counts.unknown_messages == 1


def test_end_of_file_after_a_loan_was_sent_is_unknown_and_not_repeated() -> None:
    peer = Peer()
    peer.on("11", lambda _t, _ay: [HANG_UP])
    lost = _lost(peer, LEND)
    assert (lost.code, lost.sent) == (Code.PORT_GONE, True)
    assert peer.times("11") == 1


def test_end_of_file_after_a_return_was_sent_repeats_it_on_a_new_line() -> None:
    peer = Peer()
    peer.on("09", lambda _t, ay: [closed(BACK, ay)[:9], HANG_UP])
    outcome, sent, _ = _call(peer, TAKE)
    assert isinstance(outcome, Message)
    assert (sent, peer.opened, peer.times("09")) == (2, 2, 2)
    returns = [text for text in peer.heard if text.startswith("09")]
    assert returns[0] == returns[1]


def test_a_line_closed_while_idle_is_made_anew_before_anything_leaves() -> None:
    peer = Peer()

    async def work() -> None:
        line = link(peer)
        await line.call(ASK, within=8)
        peer.hang_up()
        await asyncio.sleep(60)
        assert not line.up
        assert (await line.call(LEND, within=8)).kind.id == "12"
        await line.drop()

    simulated(work)
    assert (peer.opened, peer.times("11")) == (2, 1)


def test_silence_ends_a_loan_at_its_deadline_and_a_question_in_two_tries() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        for request, tries in ((LEND, 1), (ASK, 2)):
            peer = Peer()
            peer.on(request.kind.id, *([lambda _t, _ay: []] * 9))
            line, start = link(peer), loop.time()
            with pytest.raises(LinkLost) as caught:
                await line.call(request, within=8)
            assert (caught.value.code, caught.value.sent) == (Code.WIRE_SILENT, True)
            assert loop.time() - start == pytest.approx(8)
            assert peer.times(request.kind.id) == tries
            assert not line.up

    simulated(work)


def test_a_slow_trickle_is_late_too() -> None:
    async def work() -> None:
        peer = Peer()

        def trickle(_text: str, ay: str) -> list[bytes]:
            for n, byte in enumerate(closed(LENT, ay)):
                asyncio.get_running_loop().call_later(n, peer.wire.far.send, bytes([byte]))
            return []

        peer.on("11", trickle)
        with pytest.raises(LinkLost) as caught:
            await link(peer).call(LEND, within=8)
        assert (caught.value.code, caught.value.sent) == (Code.WIRE_SILENT, True)

    simulated(work)


def test_a_late_answer_never_meets_the_next_question() -> None:
    async def work() -> None:
        peer = Peer()

        def late(_text: str, ay: str) -> list[bytes]:
            asyncio.get_running_loop().call_later(9, peer.wire.far.send, closed(LENT, ay))
            return []

        peer.on("11", late)
        line = link(peer, OFF)
        with pytest.raises(LinkLost):
            await line.call(LEND, within=8)
        await asyncio.sleep(0.9)
        assert (await line.call(ASK, within=8)).kind.id == "18"
        await asyncio.sleep(5)
        assert (await line.call(ASK, within=8)).kind.id == "18"
        await line.drop()

    simulated(work)


def test_a_frame_without_end_drops_the_line() -> None:
    peer = Peer()
    peer.on("11", lambda _t, _ay: [b"x" * (MOST + 1)])
    assert _lost(peer, LEND).code is Code.WIRE_GARBLED


def test_a_server_without_error_detection_is_met_without() -> None:
    peer = Peer()
    for id_, text in (("93", "941"), ("99", STATUS), ("17", ITEM)):
        peer.on(id_, lambda _t, _ay, text=text: [text.encode() + b"\r"])  # type: ignore[misc]
    assert _answered(peer).get("AJ") == "Name"
    assert b"AY" in peer.raw[0]
    assert not any(b"AZ" in raw for raw in peer.raw[1:])


def test_sums_that_vanish_later_are_asked_for() -> None:
    peer = Peer()
    peer.on("11", lambda _t, _ay: [LENT.encode() + b"\r"])
    peer.on("97", lambda _t, _ay: [closed(LENT, "2")])
    assert _answered(peer, LEND).kind.id == "12"


def test_a_warned_dialect_takes_zero_sums_and_counts_them() -> None:
    peer = Peer()
    for id_, text in (("93", "941"), ("99", STATUS), ("17", ITEM)):
        peer.on(id_, lambda _t, ay, text=text: [f"{text}AY{ay}AZ0000\r".encode()])  # type: ignore[misc]
    outcome, _, line = _call(peer, dialect=WARN)
    assert isinstance(outcome, Message)
    assert line.counts.bad_sums == 3


def test_what_cannot_be_sent_does_not_cost_the_line() -> None:
    peer = Peer()

    async def work() -> None:
        line = link(peer, replace(STANDARD, encoding="ascii"))
        await line.call(ASK, within=8)
        with pytest.raises(LocalProtocolError) as caught:
            await line.call(message("17", "ABT\u00f8rst", date=DATE), within=8)
        assert caught.value.code is Code.LIBRARY_ENCODING
        assert line.up
        assert (await line.call(ASK, within=8)).kind.id == "18"
        await line.drop()

    simulated(work)
    assert peer.opened == 1


def test_a_call_that_is_cancelled_leaves_no_answer_behind() -> None:
    async def work() -> None:
        peer = Peer()
        peer.on("11", lambda _t, _ay: [])
        line = link(peer, OFF)
        call = asyncio.create_task(line.call(LEND, within=8))
        await asyncio.sleep(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert not line.up
        assert (await line.call(ASK, within=8)).kind.id == "18"
        await line.drop()

    simulated(work)


def test_a_status_that_made_the_line_is_not_asked_for_twice() -> None:
    peer = Peer()
    assert (
        _answered(peer, message("99", status="0", print_width="080", version="2.00")).kind.id
        == "98"
    )
    assert peer.times("99") == 1


def test_the_servers_own_timeout_is_clamped() -> None:
    for tenths, first in (("005", 2.0), ("035", 3.5), ("600", 4.0), ("999", 4.0)):

        async def work(tenths: str = tenths, first: float = first) -> None:
            peer = Peer()
            moments: list[float] = []

            def silent(_t: str, _ay: str) -> list[bytes]:
                moments.append(asyncio.get_running_loop().time())
                return []

            slow = STATUS.replace("100003", f"{tenths}003")
            peer.on("99", lambda _t, ay: [closed(slow, ay)])
            peer.on("17", silent, silent)
            line = link(peer)
            await line.call(message("99", status="0", print_width="080", version="2.00"), within=2)
            with pytest.raises(LinkLost):
                await line.call(ASK, within=8)
            assert moments[1] - moments[0] == pytest.approx(first)

        simulated(work)


def test_a_line_that_stays_down_is_spoken_of_once(heard: Any) -> None:
    async def work() -> None:
        peer = Peer()
        peer.wire.far.hang_up()
        line = link(peer)
        for _ in range(5):
            with pytest.raises(LinkLost):
                await line.call(ASK, within=8)
        peer.wire.far.plug_in()
        await line.call(ASK, within=8)
        await line.drop()

    simulated(work)
    assert [event["event"] for event in heard.events] == [
        "library.line.dropped",
        "library.line.up",
    ]
