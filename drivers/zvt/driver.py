"""A payment terminal that speaks ZVT over TCP. It keeps the card's secrets to itself, and we ask for none."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from config.device import Device
from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.ports import (
    Booking,
    Clock,
    Payment,
    PaymentOutcome,
    Rng,
    TerminalInfo,
    TerminalStep,
)
from drivers.transport.stream import Transport
from drivers.zvt.exchange import Dialogue
from drivers.zvt.frames import (
    ABORT,
    AMOUNT,
    AUTHORIZATION,
    CURRENCY,
    DEVICE,
    INTERMEDIATE,
    RECEIPT,
    REGISTRATION,
    REPEAT_RECEIPT,
    RESULT,
    STATUS,
    TERMINAL,
    TRACE,
    Apdu,
    decimal,
    fields,
    number,
)

PASSWORD = bytes(3)
"""What terminals are delivered with. It keeps nothing secret: it only keeps a cashier from settings."""
DANISH_KRONE = 208
"""ISO 4217, numeric."""
OURS_TO_PRINT = 0x3E
"""Config byte: the station prints, from status information, and leads; the terminal tells how far it is."""
NOTHING_BOOKED = "64"
"""Refusal of a terminal that has no payment to tell again."""
GIVEN_UP = "6c"
"""Abort: by a key, by the station, or because it has waited long enough."""
_STEPS = {
    0x01: TerminalStep.PIN,
    0x02: TerminalStep.PIN,
    0x04: TerminalStep.WAIT,
    0x0A: TerminalStep.CARD,
    0x0E: TerminalStep.WAIT,
}
"""Intermediate status -> what it waits for; others say nothing that a person must do."""
ANSWER_S = 10.0
"""Between two messages of a dialogue in which no person is waited for."""


class ZvtTerminal:
    """ports.Payments over one terminal. A connection that broke is opened again, and registered, with the next call."""

    def __init__(self, transport: Transport, *, currency: int = DANISH_KRONE) -> None:
        self._dialogue = Dialogue(transport)
        self._currency = currency
        self._turn = asyncio.Lock()
        self._paying = False

    @classmethod
    def from_config(cls, device: Device, transport: Transport, clock: Clock, rng: Rng) -> Self:
        """The driver for a station's `terminal` table."""
        del (
            device,
            clock,
            rng,
        )  # the wire is set up already, and nothing here is left to time or chance
        return cls(transport)

    async def open(self) -> TerminalInfo:
        """Register, on the wire that stands or on a new one. Raises DeviceError."""
        async with self._turn:
            if (
                self._dialogue.alive
            ):  # not hung up to look: a terminal bears one connection at a time
                with suppress(DeviceUnavailable, DeviceTimeout):
                    return await self._register()
            return await self._open()

    async def close(self) -> None:
        """Let go of the wire; a payment under way ends as unknown."""
        await self._dialogue.close()

    async def abort(self) -> None:
        """Ask the terminal to stop; too late is no error."""
        if self._paying:
            await self._dialogue.stop()

    async def pay(
        self,
        amount: int,
        *,
        sent: Callable[[], None] | None = None,
        told: Callable[[TerminalStep], None] | None = None,
    ) -> Payment:
        """Take the amount from a card, once."""
        async with self._turn:
            try:
                await self._ready()
                command = Apdu(
                    AUTHORIZATION,
                    bytes((AMOUNT,)) + decimal(amount, 6) + bytes((CURRENCY,)) + self._code,
                )
            except (DeviceError, ValueError) as error:
                code = error.code.value if isinstance(error, DeviceError) else Code.BUG.value
                return Payment(PaymentOutcome.NOT_BEGUN, code=code)

            def heard(message: Apdu) -> None:
                if told is not None and (step := _step(message)) is not None:
                    told(step)

            self._paying = True
            try:
                said = await self._dialogue.run(command, sent=sent, told=heard)
                return _ended(amount, said)
            except DeviceRefused as error:
                return Payment(PaymentOutcome.NOT_BEGUN, code=error.detail)
            except DeviceError as error:
                await self._dialogue.close()
                return Payment(PaymentOutcome.UNKNOWN, code=error.code.value)
            finally:
                self._paying = False

    async def last(self) -> Booking | None:
        """What a receipt printed now would tell: the newest payment. Raises DeviceError."""
        async with self._turn:
            await self._ready()
            command = Apdu(REPEAT_RECEIPT, PASSWORD)
            try:
                said = await self._dialogue.run(command, speak_s=ANSWER_S)
            except DeviceRefused as error:
                if error.detail != NOTHING_BOOKED:
                    raise  # busy: what it booked last may not be the last of it
                return None
            return None if said[-1].control == ABORT else _booking(said)

    @property
    def _code(self) -> bytes:
        return decimal(self._currency, 2)

    async def _ready(self) -> None:
        if not self._dialogue.alive:
            await self._open()

    async def _open(self) -> TerminalInfo:
        await self._dialogue.open()
        return await self._register()

    async def _register(self) -> TerminalInfo:
        command = Apdu(REGISTRATION, PASSWORD + bytes((OURS_TO_PRINT,)) + self._code)
        try:
            said = await self._dialogue.run(command, speak_s=ANSWER_S)
        except DeviceRefused:
            await self._dialogue.close()
            raise
        if said[-1].control == ABORT:
            await self._dialogue.close()
            raise DeviceRefused(DEVICE, Code.TERMINAL_REFUSED, said[-1].data[:1].hex())
        terminal = fields(said[-1].data).get(TERMINAL, b"")
        return TerminalInfo(str(number(terminal)) if terminal else "")


def _ended(amount: int, said: tuple[Apdu, ...]) -> Payment:
    """How a payment ended. It is paid when the terminal told the result and completed; an abort took nothing."""
    status = _status(said)
    if said[-1].control == ABORT:
        code = said[-1].data[:1].hex()
        stopped = code == GIVEN_UP
        return Payment(PaymentOutcome.STOPPED if stopped else PaymentOutcome.DECLINED, code=code)
    if status is None:
        return Payment(PaymentOutcome.UNKNOWN)
    if status.get(RESULT, b"\0") != b"\0":
        return Payment(PaymentOutcome.DECLINED, code=status[RESULT].hex())
    booking = _booking(said)
    if booking is None or booking.amount != amount:
        return Payment(PaymentOutcome.UNKNOWN, booking)
    return Payment(PaymentOutcome.PAID, booking)


def _step(message: Apdu) -> TerminalStep | None:
    if message.control != INTERMEDIATE or not message.data:
        return None
    return _STEPS.get(message.data[0])


def _status(said: tuple[Apdu, ...]) -> dict[int, bytes] | None:
    found = [message for message in said if message.control == STATUS]
    return dict(fields(found[-1].data)) if found else None


def _booking(said: tuple[Apdu, ...]) -> Booking | None:
    """The payment that a status information tells of; None where it tells of none, or of one that failed."""
    status = _status(said)
    if status is None or AMOUNT not in status or status.get(RESULT, b"\0") != b"\0":
        return None
    if RECEIPT not in status:
        raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, "a payment without its number")
    trace = number(status[TRACE]) if TRACE in status else 0
    return Booking(number(status[AMOUNT]), number(status[RECEIPT]), trace)
