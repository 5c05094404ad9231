"""One Modbus request and its answer: silence before it, a deadline beyond the wire's own time, no late answers.

RTU numbers nothing, so an answer that comes after its deadline looks like the answer to the next request; common
masters take it for that. Here, after a timeout or a broken answer, the line is drained: nothing is sent until it
has been silent for as long as an answer may take. Every request of this driver is idempotent, so it is sent again.
"""

from functools import partial

from drivers.errors import Code, DeviceError, DeviceRefused, DeviceTimeout, RemoteProtocolError
from drivers.modbus_belt.contract import ANSWER_MS
from drivers.modbus_belt.events import BeltDrained, BeltLost
from drivers.modbus_belt.frames import EXCEPTION, REFUSED, Answer, Framer, Other, Read, Write
from drivers.runtime.log import Label, log
from drivers.transport.asking import Asking, Counts
from drivers.transport.stream import Transport

ANSWER_S = ANSWER_MS / 1000
"""How long a PLC may think, on top of what the bytes need on the wire."""
TRIES = 2
_FIXED_SILENCE_S = 0.00175
"""Above 19200 baud the silence between frames is fixed (MODBUS over Serial Line V1.02, 2.5.1.1)."""
_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledge",
    6: "busy",
}


def silence_s(baud: int, bits: int = 11) -> float:
    """t3.5: the silence that ends a frame, in seconds."""
    return _FIXED_SILENCE_S if baud > 19200 else 3.5 * bits / baud


class Exchange:
    """The wire to one slave. The caller sees to it that one request is in flight at a time."""

    def __init__(
        self,
        transport: Transport,
        *,
        baud: int,
        bits: int = 11,
        answer_s: float = ANSWER_S,
        refused: frozenset[int] = REFUSED,
    ) -> None:
        """Nothing is opened yet.

        Args:
            transport: the wire.
            baud: symbols a second, for the time that a frame takes.
            bits: of one character, 11 with parity or two stop bits.
            answer_s: how long the slave may think.
            refused: functions of exceptions that are answers.
        """
        self._wire: Asking[Answer] = Asking(
            transport,
            partial(Framer, refused),
            lost=self._log_lost,
            silence_s=silence_s(baud, bits),
        )
        self._byte_s = bits / baud
        self._answer_s = answer_s
        self._drain_s = answer_s

    @property
    def counts(self) -> Counts:
        """What the wire did since it was opened; `late` are frames that nobody asked for."""
        return self._wire.counts

    async def open(self) -> None:
        """Open the wire and listen. Raises DeviceUnavailable."""
        await self._wire.open()

    async def close(self) -> None:
        """Let go of the wire; a request in flight ends with DeviceUnavailable. Never raises."""
        await self._wire.close()

    async def read(self, request: Read) -> tuple[int, ...]:
        """The registers asked for.

        Raises:
            DeviceUnavailable: the wire is gone.
            DeviceTimeout: no answer, asked twice.
            RemoteProtocolError: only broken answers.
            DeviceRefused: belt.exception with the slave's code in the detail.
        """
        return request.values(await self._ask(request))

    async def write(self, request: Write) -> None:
        """Write; done when the slave echoed address and count. Raises as `read`; then it may have been done."""
        await self._ask(request)

    async def refuse(self, request: Other) -> None:
        """Ask for what a slave must refuse. Raises as `read`: DeviceRefused when it does."""
        await self._ask(request)

    async def _ask(self, request: Read | Write | Other) -> Answer:
        raw = request.encode()
        within = self._byte_s * (len(raw) + request.answer_size) + self._answer_s
        tries = TRIES
        while True:
            tries -= 1
            try:
                if not self._wire.settled:
                    await self._drain()
                answer = await self._wire.once(
                    raw,
                    request.answered_by,
                    within_s=within,
                    what=f"function {request.function:02x} at {request.first}",
                )
            except (DeviceTimeout, RemoteProtocolError):
                self._drain_s = within
                if tries == 0:
                    raise
                continue
            if answer.function & EXCEPTION:
                code = answer.body[0]
                detail = f"exception {code} ({_EXCEPTIONS.get(code, 'unknown')}) at {request.first}"
                raise DeviceRefused(self._wire.device, Code.BELT_EXCEPTION, detail)
            return answer

    async def _drain(self) -> None:
        await self._wire.quiet(self._drain_s)
        counts = self.counts
        log(BeltDrained(Label(self._wire.device), counts.timeouts, counts.garbled, counts.late))

    def _log_lost(self, error: DeviceError) -> None:
        log(BeltLost(Label(self._wire.device), error.code))
