"""One request to a 3M 210 or 810 reader and its answer: a deadline, recovery, no stale answers.

A reader that is busy ignores what it is sent, and one that receives a broken frame says nothing. So after a timeout
or a broken answer the wire is unsettled: before the next request its version is asked, which every firmware tells.
What comes before that answer is old and is dropped; it can never be taken for the next answer.
"""

from drivers.bibliotheca.commands import WAKE_UP, WAKE_UP_BODY, Command
from drivers.bibliotheca.frames import WAKE, Frame, Framer
from drivers.errors import DeviceError, DeviceTimeout, RemoteProtocolError
from drivers.runtime.flow import Repeat
from drivers.runtime.log import Label, log
from drivers.runtime.reader_events import ReaderLost, ReaderResynchronised
from drivers.transport.asking import Asking, Counts
from drivers.transport.stream import Transport

ANSWER_S = 2.0
"""An inventory of a hundred tags takes a second in the field and half of one on the wire at 19200 baud."""
PROBE_S = 1.0
"""A reader that is not busy tells its version at once; slow lines and networks need the rest."""
TRIES = 2
"""How often an idempotent request, or a probe, is sent in all."""


class Exchange:
    """The wire to one reader. The caller sees to it that one request is in flight at a time."""

    def __init__(self, transport: Transport, *, answer_s: float = ANSWER_S) -> None:
        self._wire: Asking[Frame] = Asking(transport, Framer, lost=self._log_lost)
        self._answer_s = answer_s

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

    async def wake_up(self) -> Frame | None:
        """Wake the reader up; None when it does not answer to that, as one may that is awake.

        Raises:
            DeviceUnavailable: the wire is gone.
        """
        try:
            return await self._once(Frame(WAKE_UP, WAKE_UP_BODY, WAKE), b"", PROBE_S)
        except (DeviceTimeout, RemoteProtocolError):
            return None

    async def ask(
        self, command: Command, body: bytes = b"", *, repeat: Repeat, uid: bytes = b""
    ) -> Frame:
        """Send a request, about one tag where `uid` is given, and return the reply to it, whatever its error byte.

        Only an idempotent request is sent again after a timeout or a broken answer.

        Raises:
            DeviceUnavailable: the wire is gone.
            DeviceTimeout: no answer; a request that was not idempotent may have been carried out.
            RemoteProtocolError: only broken answers.
        """
        request = Frame(command, uid + body)
        tries = TRIES if repeat is Repeat.IDEMPOTENT else 1
        while True:
            tries -= 1
            try:
                if not self._wire.settled:
                    await self._resynchronise()
                return await self._once(request, uid, self._answer_s)
            except (DeviceTimeout, RemoteProtocolError):
                if tries == 0:
                    raise

    async def probe(self) -> Frame:
        """The version; a second try where the reader was busy with an old request and ignored the first.

        Raises:
            DeviceUnavailable, DeviceTimeout, RemoteProtocolError: as `ask`.
        """
        request = Frame(Command.VERSION)
        try:
            found = await self._once(request, b"", PROBE_S)
        except (DeviceTimeout, RemoteProtocolError):
            found = await self._once(request, b"", PROBE_S)
        self._wire.settled = True
        return found

    async def _resynchronise(self) -> None:
        await self.probe()
        counts = self.counts
        label = Label(self._wire.device)
        log(ReaderResynchronised(label, counts.timeouts, counts.garbled, counts.late))

    async def _once(self, request: Frame, uid: bytes, seconds: float) -> Frame:
        def answers(frame: Frame) -> bool:
            if (frame.start, frame.command) != (request.start, request.command) or not frame.body:
                return False
            # a refusal may hold no UID
            return frame.data.startswith(uid) or (frame.error != 0 and len(frame.data) < len(uid))

        what = f"command {request.command:02x}"
        return await self._wire.once(request.encode(), answers, within_s=seconds, what=what)

    def _log_lost(self, error: DeviceError) -> None:
        log(ReaderLost(Label(self._wire.device), error.code))
