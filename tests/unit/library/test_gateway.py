"""The gateway against answers that no well-meaning library system gives."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from drivers.library.gateway import Gateway
from drivers.ports import Outcome, Patron, Returned, Secret
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.sip2.dialect import STANDARD
from tests.unit.sip2.peer import BACK, DATE, HANG_UP, ITEM, Peer, closed, simulated

NOW = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
NOT_ON_LOAN = BACK.replace("101", "100", 1)


@pytest.fixture(autouse=True)
def _lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped")


def _gateway(peer: Peer) -> Gateway:
    return Gateway(
        peer.wire,
        STANDARD,
        user="kiosk",
        password=Secret("pass"),
        institution="x",
        location="HB",
        clock=LoopClock(NOW),
        rng=SeededRng(1),
        zone=ZoneInfo("Europe/Copenhagen"),
    )


def _back(peer: Peer) -> Returned:
    async def work() -> Returned:
        library = _gateway(peer)
        back = await library.give_back("1", occurred=NOW)
        await library.close()
        return back

    return simulated(work)


@pytest.mark.parametrize(
    ("circulation", "outcome", "reason"),
    [
        ("03", Outcome.ALREADY_DONE, ""),
        ("08", Outcome.ALREADY_DONE, ""),
        ("10", Outcome.ALREADY_DONE, ""),
        ("04", Outcome.REFUSED, "return.not_on_loan"),
        ("12", Outcome.REFUSED, "return.not_on_loan"),
    ],
)
def test_a_second_try_that_is_refused_asks_where_the_item_is(
    circulation: str, outcome: Outcome, reason: str
) -> None:
    peer = Peer()
    peer.on("09", lambda _t, _ay: [HANG_UP], lambda _t, ay: [closed(NOT_ON_LOAN, ay)])
    peer.on("17", lambda _t, ay: [closed(ITEM.replace("1803", f"18{circulation}"), ay)])
    back = _back(peer)
    assert (back.outcome, back.reason, back.permanent_location) == (outcome, reason, "HB")


def test_a_first_try_that_is_refused_is_refused() -> None:
    peer = Peer()
    peer.on("09", lambda _t, ay: [closed(NOT_ON_LOAN, ay)])
    assert _back(peer).outcome is Outcome.REFUSED
    assert peer.times("17") == 0


def test_a_server_that_knows_no_pages_is_not_asked_for_ever() -> None:
    peer = Peer()
    loans = "".join(f"AU{n}|" for n in range(1, 51))
    whole = f"64{' ' * 14}009{DATE}000000000050000000000000AOx|AA2|AET|BLY|CQY|{loans}"
    peer.on("63", *([lambda _t, ay: [closed(whole, ay)]] * 9))

    async def work() -> None:
        library = _gateway(peer)
        account = await library.account(Patron(Secret("2"), Secret("1")))
        assert [loan.item for loan in account.loans] == [str(n) for n in range(1, 51)]
        # the peer answers about item 1 whatever it is asked: that ends the asking, not the account
        assert [loan.title for loan in account.loans] == ["Name"] + [""] * 49
        await library.close()

    simulated(work)
    assert (peer.times("63"), peer.times("17")) == (2, 2)
