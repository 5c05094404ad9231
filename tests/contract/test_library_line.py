"""The line of the SIP2 gateway: kept alive, lost and found again, shared in turn, and silent about people."""

import asyncio
from typing import Any

import pytest

from config.station import Library
from drivers.errors import Code, LocalProtocolError
from drivers.library.gateway import Gateway
from drivers.ports import (
    Online,
    Outcome,
    Secret,
)
from drivers.runtime.clock import SeededRng, SystemClock
from tests.contract.library_bench import (
    ATLAS,
    BOOK,
    FILM,
    HELD,
    KAREN,
    OLD,
    ZONE,
    Bench,
    borrow,
    joined,
)


@pytest.fixture(autouse=True)
def _lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped")


def test_the_line_is_kept_alive_and_its_loss_and_return_are_noticed() -> None:
    async def work(bench: Bench) -> None:
        heard: list[tuple[float, Online]] = []
        loop = asyncio.get_running_loop()
        bench.gateway.on_change(lambda online: heard.append((loop.time(), online)))
        serving = asyncio.create_task(bench.gateway.serve())
        await asyncio.sleep(600)
        assert bench.count("connected") == 1  # the server closes what is idle for 60 s
        await bench.port.unplug()
        gone = loop.time()
        await asyncio.sleep(60)
        assert bench.gateway.online() is Online.OFFLINE
        assert (await borrow(bench)).outcome is Outcome.OFFLINE
        await bench.port.plug()
        back = loop.time()
        await asyncio.sleep(60)
        assert bench.gateway.online() is Online.ONLINE
        assert (await borrow(bench)).outcome is Outcome.DONE
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert [online for _, online in heard] == [
            Online.ONLINE,
            Online.DEGRADED,
            Online.OFFLINE,
            Online.ONLINE,
        ]
        assert heard[2][0] - gone <= 41
        assert heard[3][0] - back <= 45

    joined(work, manners={"idle_close_s": 60})


def test_a_short_break_is_not_worth_a_word_to_the_borrower() -> None:
    async def work(bench: Bench) -> None:
        serving = asyncio.create_task(bench.gateway.serve())
        await asyncio.sleep(10)
        for _ in range(20):
            bench.fault("hang_up")
            await asyncio.sleep(7)
            assert (await bench.gateway.item(BOOK)).done
            assert bench.gateway.online() is Online.ONLINE
        serving.cancel()
        await asyncio.wait([serving])

    joined(work)


def test_verbs_that_come_together_are_answered_in_turn() -> None:
    async def work(bench: Bench) -> None:
        answers = await asyncio.gather(
            *(bench.gateway.item(item) for item in (BOOK, HELD, ATLAS, FILM, OLD))
        )
        assert [answer.item for answer in answers] == [BOOK, HELD, ATLAS, FILM, OLD]
        assert all(answer.done for answer in answers)

    joined(work)


def test_the_gateway_of_a_station_file() -> None:
    async def work() -> None:
        table = {"url": "sip2://127.0.0.1:6001", "institution": "DK-746100"}

        def make(**more: object) -> Gateway:
            return Gateway.from_config(
                Library.model_validate({**table, **more}),
                password=Secret(""),
                clock=SystemClock(),
                rng=SeededRng(1),
                zone=ZONE,
            )

        assert make().online() is Online.UNKNOWN
        assert make(tls=True, dialect="koha").online() is Online.UNKNOWN
        with pytest.raises(LocalProtocolError) as caught:
            make(dialect="klingon")
        assert caught.value.code is Code.CONFIG_INVALID

    asyncio.run(work())


def test_nothing_personal_is_logged_or_shown(heard: Any) -> None:
    hidden = (
        "1234567890",
        "1234",
        "Karen",
        "Testesen",
        "karen@example.org",
        "not-a-secret",
        "Tørst",
    )

    async def work(bench: Bench) -> list[object]:
        seen: list[object] = [
            await bench.gateway.sign_in(KAREN.card, KAREN.pin),
            await bench.gateway.sign_in(KAREN.card, Secret("1")),
        ]
        for fault in ("drop_after_commit", "close_mid_answer", "bad_checksum", "status_98"):
            bench.fault(fault, count=9, only=["11", "97"])
            seen.append(await borrow(bench))
            bench.line.clear()
        return seen

    seen = joined(work)
    written = heard.events
    assert {entry["event"] for entry in written} == {"library.line.up", "library.line.dropped"}
    everything = f"{written} {seen}"
    assert not [word for word in hidden if word in everything]
