"""The port `Payments`, held by the ZVT driver against a terminal that misbehaves: money is taken once, or not."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import pytest

from drivers.errors import DeviceError, DeviceUnavailable
from drivers.ports import Booking, PaymentOutcome, Payments, TerminalStep
from drivers.ports.payments import settled
from drivers.transport.memory import MemoryTransport
from drivers.zvt.driver import ZvtTerminal
from hw_sim.devices import zvt
from hw_sim.ports import MemoryPort, WireEnd
from hw_sim.simloop import SimLoop
from hw_sim.wire import Line

T = TypeVar("T")
PAID, DECLINED = PaymentOutcome.PAID, PaymentOutcome.DECLINED
STOPPED = PaymentOutcome.STOPPED
CARD, PIN, WAIT = TerminalStep.CARD, TerminalStep.PIN, TerminalStep.WAIT
UNKNOWN, NOT_BEGUN = PaymentOutcome.UNKNOWN, PaymentOutcome.NOT_BEGUN


class Bench:
    """One terminal and its driver."""

    def __init__(self, first_receipt: int, by_hand: bool) -> None:
        self.device = zvt.ZvtTerminal(
            rng=random.Random(7), first_receipt=first_receipt, by_hand=by_hand
        )
        wire = MemoryTransport("terminal")
        self.line = Line(self.device, random.Random(7))
        self.port = MemoryPort(self.line, cast(WireEnd, wire.far))
        self.payments: Payments = ZvtTerminal(wire)
        self.left = 0

    def sent(self) -> None:
        self.left += 1

    @property
    def booked(self) -> list[int]:
        return [one.amount for one in self.device.booked]


def joined(
    work: Callable[[Bench], Awaitable[T]], *, first_receipt: int = 1, by_hand: bool = False
) -> T:
    async def whole() -> T:
        bench = Bench(first_receipt, by_hand)
        try:
            return await work(bench)
        finally:
            await bench.payments.close()
            await bench.port.stop()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(whole())


def test_a_card_pays_once() -> None:
    async def work(bench: Bench) -> None:
        info = await bench.payments.open()
        assert info.terminal == str(zvt.TERMINAL_ID)
        assert await bench.payments.last() is None
        paid = await bench.payments.pay(3250, sent=bench.sent)
        assert (paid.outcome, paid.booking) == (PAID, Booking(3250, 1, 1))
        assert bench.left == 1
        assert bench.device.booked == [zvt.Booked(3250, 208, 1, 1)]
        assert await bench.payments.last() == Booking(3250, 1, 1)
        again = await bench.payments.pay(100)
        assert again.booking == Booking(100, 2, 2)
        assert bench.device.asked.count("0601") == 2

    joined(work)


@pytest.mark.parametrize(
    ("fault", "outcome", "truth"),
    [
        ("declined", DECLINED, []),
        ("busy", NOT_BEGUN, []),
        ("drop_before_booking", UNKNOWN, []),
        ("drop_after_booking", UNKNOWN, [3250]),
        ("silent_after_booking", UNKNOWN, [3250]),
        ("noise", PAID, [3250]),
    ],
)
@pytest.mark.parametrize("earlier", [0, 1, 9999])
def test_an_end_that_was_not_heard_is_settled_by_asking(
    fault: str, outcome: PaymentOutcome, truth: list[int], earlier: int
) -> None:
    """Also where the amount before was the same, and where the numbers begin anew."""

    async def work(bench: Bench) -> None:
        await bench.payments.open()
        if earlier:
            assert (await bench.payments.pay(3250)).outcome is PAID
        before = await bench.payments.last()
        already = bench.booked
        bench.device.fault(fault)
        payment = await bench.payments.pay(3250, sent=bench.sent)
        assert payment.outcome is outcome
        assert bench.booked == [*already, *truth]
        found = settled(3250, before, await bench.payments.last())
        assert found is (PAID if truth else DECLINED)
        assert bench.device.asked.count("0601") == (2 if earlier else 1), "never asked twice"

    joined(work, first_receipt=earlier or 1)


def test_a_broken_connection_is_opened_and_registered_again() -> None:
    async def work(bench: Bench) -> None:
        await bench.payments.open()
        bench.device.fault("drop_before_booking")
        assert (await bench.payments.pay(100)).outcome is UNKNOWN
        assert (await bench.payments.pay(100)).outcome is PAID
        assert bench.device.asked.count("0600") == 2

    joined(work)


def test_looking_again_keeps_the_wire_that_stands_and_opens_one_that_broke(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work(bench: Bench) -> None:
        detach, ends = bench.device.detach, list[str]()

        def ended() -> None:
            ends.append("end")
            detach()

        monkeypatch.setattr(bench.device, "detach", ended)
        await bench.payments.open()
        await bench.payments.open()
        assert ends == []
        bench.line.fault("hang_up")
        await bench.payments.open()
        assert ends != []
        assert (await bench.payments.pay(100)).outcome is PAID

    joined(work)


def test_a_slow_terminal_is_waited_for_as_long_as_a_person_needs() -> None:
    async def work(bench: Bench) -> None:
        await bench.payments.open()
        bench.device.fault("slow", seconds=3, count=1)
        assert (await bench.payments.pay(100)).outcome is PAID

    joined(work)


@pytest.mark.parametrize(
    ("does", "outcome", "steps", "booked"),
    [
        (("approve",), PAID, [CARD, WAIT], [3250]),
        (("card", "approve"), PAID, [CARD, PIN, WAIT], [3250]),
        (("card", "decline"), DECLINED, [CARD, PIN, WAIT], []),
        (("card", "abort"), STOPPED, [CARD, PIN], []),
        (("time_out",), STOPPED, [CARD], []),
        ((), STOPPED, [CARD], []),
    ],
)
def test_a_person_at_the_terminal_is_told_of_step_by_step(
    does: tuple[str, ...],
    outcome: PaymentOutcome,
    steps: list[TerminalStep],
    booked: list[int],
) -> None:
    async def work(bench: Bench) -> None:
        await bench.payments.open()
        told: list[TerminalStep] = []
        paying = asyncio.create_task(bench.payments.pay(3250, told=told.append))
        for one in does:
            await asyncio.sleep(1)
            bench.device.person(one)
        assert (await paying).outcome is outcome
        assert (told, bench.booked) == (steps, booked)

    joined(work, by_hand=True)


@pytest.mark.parametrize(
    ("after", "outcome", "booked"),
    [((), STOPPED, []), (("card",), STOPPED, []), (("approve",), PAID, [10])],
)
def test_a_payment_may_be_stopped_until_the_bank_is_asked(
    after: tuple[str, ...], outcome: PaymentOutcome, booked: list[int]
) -> None:
    async def work(bench: Bench) -> None:
        await bench.payments.open()
        await bench.payments.abort()  # nothing runs: nothing happens
        paying = asyncio.create_task(bench.payments.pay(10))
        await asyncio.sleep(1)
        for one in after:
            bench.device.person(one)
        await bench.payments.abort()
        assert (await paying).outcome is outcome
        assert bench.booked == booked
        assert bench.device.asked == ["0600", "0601", "06b0"]

    joined(work, by_hand=True)


def test_a_terminal_that_is_busy_is_not_taken_for_one_that_booked_nothing() -> None:
    async def work(bench: Bench) -> None:
        await bench.payments.open()
        bench.device.fault("busy")
        with pytest.raises(DeviceError):
            await bench.payments.last()
        assert await bench.payments.last() is None

    joined(work)


def test_what_cannot_be_asked_is_not_begun() -> None:
    async def work(bench: Bench) -> None:
        await bench.payments.open()
        assert (await bench.payments.pay(10**12, sent=bench.sent)).outcome is NOT_BEGUN
        assert bench.left == 0
        assert bench.device.asked == ["0600"]

    joined(work)


def test_a_terminal_that_will_not_register_is_no_terminal() -> None:
    async def work(bench: Bench) -> None:
        bench.device.fault("busy", count=2)
        with pytest.raises(DeviceError):
            await bench.payments.open()
        assert (await bench.payments.pay(100, sent=bench.sent)).outcome is NOT_BEGUN
        assert bench.left == 0
        assert not issubclass(DeviceError, DeviceUnavailable)

    joined(work)


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        (None, None, DECLINED),
        (Booking(100, 1), Booking(100, 1), DECLINED),
        (Booking(100, 1), None, DECLINED),
        (None, Booking(3250, 1), PAID),
        (Booking(3250, 1), Booking(3250, 2), PAID),
        (Booking(3250, 9999), Booking(3250, 1), PAID),
        (Booking(100, 1), Booking(100, 2), UNKNOWN),
    ],
)
def test_what_became_of_it(
    before: Booking | None, now: Booking | None, outcome: PaymentOutcome
) -> None:
    assert settled(3250, before, now) is outcome
