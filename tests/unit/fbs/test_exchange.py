"""One command, one POST: what may be sent twice, what is unknown, and how many go at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from drivers.errors import Code
from drivers.fbs.exchange import Posts
from drivers.sip2.exchange import LinkLost
from drivers.sip2.messages import Message, message
from hw_sim.simloop import SimLoop
from tests.unit.fbs.peer import CONFLICT, LENT, STATUS, D, Peer, failed, http, said

T = TypeVar("T")

NUMBER = message("17", "AOx", "AB1", date=D)
LOAN = message(
    "11", "AOx", "AA2", "AB1", "AC", "CH", "AD1",
    renewal_policy="N", no_block="N", date=D, nb_due=D,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped")


def run(work: Callable[[], Awaitable[T]]) -> T:
    async def whole() -> T:
        result = await work()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(whole())


def _lost(peer: Peer, request: Message, within: float = 8.0) -> tuple[LinkLost, float, int]:
    async def work() -> tuple[LinkLost, float, int]:
        left = 0

        def leaving() -> None:
            nonlocal left
            left += 1

        with pytest.raises(LinkLost) as caught:
            await peer.posts().call(request, within=within, sent=leaving)
        return caught.value, asyncio.get_running_loop().time(), left

    return run(work)


def _answer(peer: Peer, request: Message) -> Message:
    return run(lambda: peer.posts().call(request, within=8.0))


def test_a_command_and_its_answer() -> None:
    peer = Peer()
    assert _answer(peer, LOAN).get("CH") == "Tørst%A%a%xx%sk"
    assert peer.logins == [("kiosk", "not-a-secret")]
    assert (peer.connections, peer.under_way) == (1, 0)


def test_each_98_is_told() -> None:
    told: list[Message] = []

    async def work() -> None:
        peer = Peer()
        posts = peer.posts()
        posts._told = told.append
        await posts.call(message("99", status="0", print_width="xxx", version="2.00"), within=2)

    run(work)
    assert [status.part("timeout") for status in told] == ["600"]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (None, Code.PORT_GONE),
        (http("<html>Bad gateway</html>", 502), Code.LIBRARY_ERROR),
        (http("", 503), Code.LIBRARY_ERROR),
        (http("", 302, "Location: https://elsewhere.example/"), Code.LIBRARY_ERROR),
        (http(CONFLICT, 500), Code.LIBRARY_CONFLICT),
        (http(CONFLICT, 200), Code.LIBRARY_CONFLICT),
        (failed("Required field: PATRON_ID must be set!", 400), Code.LIBRARY_ERROR),
        (said(LENT, 500), Code.WIRE_UNEXPECTED),
        (said(STATUS), Code.WIRE_UNEXPECTED),
        (said("12"), Code.WIRE_GARBLED),
        (said(LENT)[:-9], Code.WIRE_GARBLED),
        (b"HTTP/1.0 200 OK\r\n\r\nnot xml", Code.WIRE_GARBLED),
        (b"220 mail\r\n\r\n", Code.WIRE_GARBLED),
    ],
)
def test_a_loan_without_an_answer_is_unknown_and_sent_once(reply: bytes | None, code: Code) -> None:
    peer = Peer()
    peer.on("11", lambda _: reply)
    lost, _, left = _lost(peer, LOAN)
    assert (lost.code, lost.sent, left, peer.times("11")) == (code, True, 1, 1)


@pytest.mark.parametrize(
    "reply",
    [None, http("", 503), http(CONFLICT), said(STATUS), said("18")[:-3], 20.0],
)
def test_a_question_is_asked_twice(reply: bytes | float | None) -> None:
    peer = Peer()
    peer.on("17", lambda _: reply)
    assert _answer(peer, NUMBER).get("AB") == "1"
    assert peer.times("17") == 2


@pytest.mark.parametrize(
    "reply", [http("", 401), http("<html/>", 403), failed("Required field: LOGIN_PASSWORD must be set!")]
)  # fmt: skip
def test_a_refused_login_is_not_tried_again_and_nothing_was_done(reply: bytes) -> None:
    peer = Peer()
    for request in (NUMBER, LOAN):
        peer.on(request.kind.id, lambda _: reply)
        lost, _, _ = _lost(peer, request)
        assert (lost.code, lost.sent) == (Code.LIBRARY_LOGIN, False)
        assert peer.times(request.kind.id) == 1


def test_silence_ends_at_the_deadline() -> None:
    peer = Peer(answer_s=60.0)
    lost, at, left = _lost(peer, LOAN)
    assert (lost.code, lost.sent, at, left) == (Code.WIRE_SILENT, True, 8.0, 1)
    lost, at, left = _lost(peer, NUMBER)
    assert (lost.code, lost.sent, at, left) == (Code.WIRE_SILENT, True, 8.0, 2)


def test_nobody_there_is_not_unknown() -> None:
    peer = Peer()
    peer.absent = True
    for request in (NUMBER, LOAN):
        lost, _, left = _lost(peer, request)
        assert (lost.code, lost.sent, left) == (Code.PORT_ABSENT, False, 0)


def _together(posts: Posts, count: int, within: float = 8.0) -> Callable[[], Awaitable[float]]:
    async def work() -> float:
        await asyncio.gather(*(posts.call(NUMBER, within=within) for _ in range(count)))
        return asyncio.get_running_loop().time()

    return work


def test_three_go_at_once_and_the_rest_waits() -> None:
    peer = Peer(answer_s=0.3)

    async def work() -> float:
        return await _together(peer.posts(), 10)()

    assert run(work) == pytest.approx(1.2)
    assert (peer.most_at_once, peer.connections) == (3, 10)


def test_who_waits_too_long_never_left() -> None:
    peer = Peer(answer_s=5.0)

    async def work() -> tuple[object, object]:
        posts = peer.posts(parallel=1)
        return await asyncio.gather(
            posts.call(LOAN, within=8.0), posts.call(LOAN, within=2.0), return_exceptions=True
        )

    first, second = run(work)
    assert isinstance(first, Message)
    assert isinstance(second, LinkLost)
    assert not second.sent
    assert peer.times("11") == 1


def test_an_interrupted_call_lets_go_of_its_line_and_its_place() -> None:
    peer = Peer(answer_s=1.0)

    async def work() -> None:
        posts = peer.posts(parallel=1)
        task = asyncio.create_task(posts.call(LOAN, within=8.0))
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.wait([task])
        assert (await posts.call(NUMBER, within=8.0)).get("AB") == "1"

    run(work)


def test_trouble_is_logged_once_with_the_call_it_was(heard: Any) -> None:
    peer = Peer()
    peer.on("11", *([lambda _: http("<x>Karen</x>", 500)] * 3))

    async def work() -> None:
        posts = peer.posts()
        for _ in range(3):
            with pytest.raises(LinkLost):
                await posts.call(LOAN, within=8.0)
        await posts.call(LOAN, within=8.0)

    run(work)
    names = [event["event"] for event in heard.events]
    assert names.count("library.line.dropped") == 1
    assert names.count("library.line.up") == 1
    replies = [event for event in heard.events if event["event"] == "library.answered"]
    assert [(e["message"], e["status"], e["call"]) for e in replies] == [
        *[("11", 500, "call-1")] * 3,
        ("11", 200, "call-1"),
    ]
    written = str(heard.events)
    assert not [word for word in ("Karen", "not-a-secret", "kiosk") if word in written]
