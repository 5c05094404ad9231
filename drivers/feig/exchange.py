"""One request to a FEIG reader and its answer: silence before it, a deadline, recovery, no stale answers.

A reader that receives a broken frame says nothing. So after a timeout or a broken answer the wire is
unsettled: before the next request, wait the silence and probe with 0x52. The reader answers in order, so
all that comes before the answer to the probe is old and is dropped; it can never be taken for the next answer.
"""

from drivers.errors import DeviceError, DeviceTimeout, RemoteProtocolError
from drivers.feig.commands import Command
from drivers.feig.frames import ANY_READER, Frame, Framer
from drivers.runtime.flow import Repeat
from drivers.runtime.log import Label, log
from drivers.runtime.reader_events import ReaderLost, ReaderResynchronised
from drivers.transport.asking import Asking, Counts
from drivers.transport.stream import Transport

SILENCE_S = 0.005
"""PSST: silence that a reader wants before a request."""
ANSWER_S = 1.5
"""A reader may take its TR-RESPONSE-TIME, 1 s by default, before it says that it failed."""
TRIES = 2
"""How often an idempotent request is sent in all."""


class Exchange:
    """The wire to one reader. The caller sees to it that one request is in flight at a time."""

    def __init__(
        self,
        transport: Transport,
        *,
        address: int = ANY_READER,
        answer_s: float = ANSWER_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._wire: Asking[Frame] = Asking(
            transport, Framer, lost=self._log_lost, silence_s=silence_s
        )
        self._address = address
        self._answer_s = answer_s
        self.advanced = False
        """Whether requests go out as advanced frames; a reader may answer either way."""

    @property
    def alive(self) -> bool:
        """The wire is open, as far as is known."""
        return self._wire.alive

    @property
    def counts(self) -> Counts:
        """What the wire did since it was opened."""
        return self._wire.counts

    async def open(self) -> None:
        """Open the wire and listen. Raises DeviceUnavailable."""
        await self._wire.open()

    async def close(self) -> None:
        """Let go of the wire; a request in flight ends with DeviceUnavailable. Never raises."""
        await self._wire.close()

    async def ask(
        self, command: Command, body: bytes = b"", *, repeat: Repeat, uid: bytes = b""
    ) -> Frame:
        """Send a request and return the reply that belongs to it, whatever its status.

        A good answer about one tag holds its `uid` from the second data byte on; empty where it holds none.

        Only an idempotent request is sent again after a timeout or a broken answer.

        Raises:
            DeviceUnavailable: the wire is gone.
            DeviceTimeout: no answer; a request that was not idempotent may have been carried out.
            RemoteProtocolError: only broken answers.
        """
        tries = TRIES if repeat is Repeat.IDEMPOTENT else 1
        while True:
            tries -= 1
            try:
                if not self._wire.settled:
                    await self._resynchronise()
                return await self._once(command, body, uid)
            except (DeviceTimeout, RemoteProtocolError):
                if tries == 0:
                    raise

    async def probe(self) -> None:
        """Ask whether a reader is there, at this speed and parity (0x52)."""
        await self._once(Command.BAUD_DETECT, b"\0", b"")
        self._wire.settled = True

    async def _resynchronise(self) -> None:
        await self.probe()
        counts = self.counts
        label = Label(self._wire.device)
        log(ReaderResynchronised(label, counts.timeouts, counts.garbled, counts.late))

    async def _once(self, command: Command, body: bytes, uid: bytes) -> Frame:
        def answers(frame: Frame) -> bool:
            if frame.command != command or not frame.body:
                return False
            return not uid or frame.status != 0 or frame.data[1:9] == uid

        request = Frame(self._address, command, body, self.advanced).encode()
        what = f"command {command:02x}"
        return await self._wire.once(request, answers, within_s=self._answer_s, what=what)

    def _log_lost(self, error: DeviceError) -> None:
        log(ReaderLost(Label(self._wire.device), error.code))
