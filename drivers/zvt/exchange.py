"""One command to the terminal and the dialogue that it opens: each of its messages is acknowledged in turn.

Once a command has been accepted the terminal leads: it sends what it has to say and ends with completion (06 0F)
or abort (06 1E). A dialogue that breaks is given up with its connection, so that no old message can be taken for
a new one; nothing is ever sent again here.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from drivers.errors import Code, DeviceError, DeviceRefused, DeviceTimeout
from drivers.transport.stream import Transport
from drivers.zvt.frames import ABORT, ACK, COMPLETION, DEVICE, REFUSED, STOP, Apdu, Framer

ACCEPT_S = 5.0
"""Until a command is acknowledged."""
SPEAK_S = 60.0
"""Between two messages of a dialogue: longer than a person needs for a PIN, and than the terminal waits for a card."""


class Dialogue:
    """The wire to one terminal. The caller sees to it that one command is under way at a time."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._framer = Framer()
        self._ready: list[Apdu] = []
        self.alive = False

    async def open(self) -> None:
        """Connect. Raises DeviceUnavailable."""
        await self.close()
        self._framer, self._ready = Framer(), []
        await self._transport.open()
        self.alive = True

    async def close(self) -> None:
        """Let go of the wire. Never raises."""
        self.alive = False
        await self._transport.close()

    async def stop(self) -> None:
        """Ask the terminal to give up the command that runs. Its answer is heard by `run`. Never raises."""
        if self.alive:
            with suppress(DeviceError):
                await self._transport.write(Apdu(STOP).encode())

    async def run(
        self,
        command: Apdu,
        *,
        sent: Callable[[], None] | None = None,
        told: Callable[[Apdu], None] | None = None,
        speak_s: float = SPEAK_S,
    ) -> tuple[Apdu, ...]:
        """Send one command and hear the dialogue to its end; the last message is its completion or abort.

        `told` hears each message as it comes.

        Raises:
            DeviceRefused: the terminal would not begin; the connection stands.
            DeviceUnavailable, DeviceTimeout: the wire broke; what was begun may have been done.
        """
        try:
            if sent is not None:
                sent()
            await self._transport.write(command.encode())
            first = await self._next(ACCEPT_S)
            if first.control >> 8 == REFUSED:
                raise DeviceRefused(DEVICE, Code.TERMINAL_REFUSED, f"{first.control & 0xFF:02x}")
            said: list[Apdu] = []
            while not said or said[-1].control not in {COMPLETION, ABORT}:
                message = await self._next(speak_s)
                if message.control == ACK or message.control >> 8 == REFUSED:
                    continue  # the answer to being asked to stop
                said.append(message)
                await self._transport.write(Apdu(ACK).encode())
                if told is not None:
                    told(message)
        except DeviceRefused:
            raise
        except BaseException:
            await self.close()
            raise
        return tuple(said)

    async def _next(self, seconds: float) -> Apdu:
        try:
            async with asyncio.timeout(seconds):
                while not self._ready:
                    self._ready = self._framer.feed(await self._transport.read())
        except TimeoutError as error:
            if isinstance(error, DeviceTimeout):
                raise
            raise DeviceTimeout(DEVICE, Code.WIRE_SILENT, f"{seconds} s") from None
        return self._ready.pop(0)
