"""speech-dispatcher over its own protocol: the sound goes where that service is set up to send it."""

import asyncio
from collections.abc import Callable
from typing import Self

from config.access import Sound, Speech
from config.texts import LANGUAGES
from drivers.errors import Code, DeviceError, DeviceTimeout, DeviceUnavailable, RemoteProtocolError
from drivers.ports import Clock, Rng
from drivers.speech import ssip
from drivers.speech.speaking import Speaking, plain
from drivers.transport.stream import Transport

ANSWER_S = 3.0
SLOWEST_CHARACTERS_A_SECOND = 4.0
"""Below this a voice is taken to have lost the end of what it says."""
USUAL_WORDS_A_MINUTE = 150


class SpeechdVoice:
    """One connection. Commands go one by one; a message's end comes as an event."""

    def __init__(self, transport: Transport, speech: Speech) -> None:
        self._transport = transport
        self._speech = speech
        self._reading: asyncio.Task[None] | None = None
        self._asked: asyncio.Future[ssip.Reply] | None = None
        self._asking = asyncio.Lock()
        self._ended: dict[str, asyncio.Future[bool]] = {}
        """By message id, whether it was said to its end."""
        self._early: dict[str, bool] = {}
        """Ends that came before the answer that gave the message its id was taken."""
        self._language = ""
        self._volume, self._volume_there = 100, 100
        self._hushes = 0

    async def open(self) -> frozenset[str]:
        """Connect, name ourselves, ask for events and voices. Raises DeviceUnavailable."""
        await self.close()
        await self._transport.open()
        self._language, self._volume_there = "", 100
        self._reading = asyncio.get_running_loop().create_task(self._read())
        rate = max(-100, min(100, self._speech.words_a_minute - USUAL_WORDS_A_MINUTE))
        for words in (
            "SET SELF CLIENT_NAME kiosk:ims:main",
            "SET SELF NOTIFICATION ALL on",
            f"SET SELF RATE {rate}",
        ):
            await self._ask(ssip.command(words))
        voices = await self._ask(ssip.command("LIST SYNTHESIS_VOICES"))
        there = {row.split("\t")[1].partition("-")[0].lower() for row in voices.data if "\t" in row}
        return frozenset(LANGUAGES) & there

    async def close(self) -> None:
        """Hang up."""
        reading, self._reading = self._reading, None
        await self._transport.close()
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        self._lose(DeviceUnavailable(self._transport.device, Code.PORT_GONE, "closed"))

    async def serve(self) -> None:
        """Until the service hangs up."""
        if self._reading is None:
            raise DeviceUnavailable(self._transport.device, Code.PORT_GONE, "not open")
        await asyncio.shield(self._reading)

    def route(self, *, privately: bool) -> None:
        """The service has one output; where it leads is set up there."""

    def loud(self, share: float) -> None:
        """SSIP's volume goes from -100 to 100; its modules take the middle for half the amplitude."""
        self._volume = round(200 * share) - 100

    async def utter(self, words: str, language: str) -> bool:
        """Say it and wait for the event that ends it. Raises DeviceUnavailable, DeviceTimeout."""
        hushes = self._hushes
        if language != self._language:
            await self._ask(ssip.command(f"SET SELF LANGUAGE {language}"))
            self._language = language
        if self._volume != self._volume_there:
            await self._ask(ssip.command(f"SET SELF VOLUME {self._volume}"))
            self._volume_there = self._volume
        if hushes != self._hushes:
            return False
        said = plain(words)
        answer = await self._ask(ssip.command("SPEAK"), ssip.message(said))
        if not answer.data:
            raise RemoteProtocolError(
                self._transport.device, Code.WIRE_UNEXPECTED, "a message without its id"
            )
        number = answer.data[0]
        if number in self._early:
            return self._early.pop(number)
        ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._ended[number] = ended
        if hushes != self._hushes:  # silence was asked for before there was anything to end
            await self._ask(ssip.command("CANCEL SELF"))
        try:
            async with asyncio.timeout(ANSWER_S + len(said) / SLOWEST_CHARACTERS_A_SECOND):
                return await ended
        except TimeoutError:
            return True
        finally:
            self._ended.pop(number, None)

    async def hush(self) -> None:
        """End everything of ours."""
        self._hushes += 1
        if self._ended:
            try:
                await self._ask(ssip.command("CANCEL SELF"))
            except DeviceError:
                return  # a voice that is gone is silent

    async def _ask(self, *lines: bytes) -> ssip.Reply:
        """Send each part when the one before is answered; the last answer."""
        async with self._asking:
            replies = [await self._one(line) for line in lines]
        return replies[-1]

    async def _one(self, line: bytes) -> ssip.Reply:
        asked: asyncio.Future[ssip.Reply] = asyncio.get_running_loop().create_future()
        self._asked = asked
        try:
            await self._transport.write(line)
            async with asyncio.timeout(ANSWER_S):
                reply = await asked
        except TimeoutError as cause:
            raise DeviceTimeout(self._transport.device, Code.WIRE_SILENT) from cause
        finally:
            self._asked = None
        if not reply.done:
            raise RemoteProtocolError(
                self._transport.device, Code.WIRE_UNEXPECTED, f"answer {reply.code}"
            )
        return reply

    async def _read(self) -> None:
        replies = ssip.Replies()
        try:
            while True:
                for reply in replies.feed(await self._transport.read()):
                    self._take(reply)
        except DeviceError as error:
            self._lose(error)
            raise

    def _take(self, reply: ssip.Reply) -> None:
        if not reply.event:
            if self._asked is not None and not self._asked.done():
                self._asked.set_result(reply)
            return
        if reply.code not in {ssip.END, ssip.CANCELED} or not reply.data:
            return
        number, whole = reply.data[0], reply.code == ssip.END
        ended = self._ended.get(number)
        if ended is None:
            self._early = {number: whole}
        elif not ended.done():
            ended.set_result(whole)

    def _lose(self, error: DeviceError) -> None:
        for waiting in (self._asked, *self._ended.values()):
            if waiting is not None and not waiting.done():
                waiting.set_exception(error)


class SpeechdSpeaker(Speaking):
    """The Speaker port over speech-dispatcher."""

    @classmethod
    def from_config(
        cls, speech: Speech, sound: Sound, *, clock: Clock, rng: Rng, wire: Callable[..., Transport]
    ) -> Self:
        """The driver for a station's `speech` table. Raises LocalProtocolError for a url that cannot be."""
        del sound, clock, rng
        return cls(SpeechdVoice(wire(speech.url, device="speaker"), speech))
