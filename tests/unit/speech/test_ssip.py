"""SSIP: replies and events in any pieces, text as the protocol wants it, and the driver on a simulated service."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.access import Speech
from drivers.errors import DeviceError, DeviceUnavailable
from drivers.ports import Said
from drivers.speech.speaking import Speaking
from drivers.speech.speechd import SpeechdVoice
from drivers.speech.ssip import Replies, Reply, message
from drivers.transport.memory import MemoryTransport
from hw_sim.devices.ssip import SpeechService
from hw_sim.ports import MemoryPort
from hw_sim.simloop import run
from hw_sim.wire import Line
from hw_sim.world import World

# Brailcom, "SSIP: Speech Synthesis Interface Protocol": answers to SPEAK and LIST, and an event's three lines
QUEUED = b"225-21\r\n225 OK MESSAGE QUEUED\r\n"
BEGIN = b"701-21\r\n701-test\r\n701 BEGIN\r\n"


def test_an_answer_and_an_event_of_the_document() -> None:
    assert Replies().feed(QUEUED + BEGIN) == (Reply(225, ("21",)), Reply(701, ("21", "test")))
    assert Replies().feed(b"300 ERR INTERNAL\r\n")[0].done is False
    assert Replies().feed(BEGIN)[0].event


@given(st.lists(st.integers(1, 7), max_size=40))
def test_any_pieces_give_the_same_replies(sizes: list[int]) -> None:
    whole = QUEUED + BEGIN + b"213 OK CANCELED\r\n"
    replies, at = Replies(), 0
    found: list[Reply] = []
    for size in [*sizes, len(whole)]:
        found += replies.feed(whole[at : at + size])
        at += size
    assert tuple(found) == Replies().feed(whole)


@given(st.binary(max_size=2000))
def test_noise_is_survived(noise: bytes) -> None:
    replies = Replies()
    replies.feed(noise)
    replies.feed(b"\r\n")
    assert replies.feed(b"210 OK STOPPED\r\n")[-1] == Reply(210, ())


def test_a_dot_at_the_start_of_a_line_is_doubled() -> None:
    assert message("Goddag\n.. og farvel") == b"Goddag\r\n... og farvel\r\n.\r\n"


class Bench:
    """The driver on a service in virtual time."""

    def __init__(self) -> None:
        self.world = World(1)
        self.service = SpeechService(self.world)
        wire = MemoryTransport("speaker")
        self.line = Line(self.service, self.world.chance("wire"))
        self.port = MemoryPort(self.line, wire.far, "speaker")  # type: ignore[arg-type]
        self.speaker = Speaking(SpeechdVoice(wire, Speech(driver="speechd")))


def test_the_service_hears_the_words_in_their_language() -> None:
    async def story() -> None:
        bench = Bench()
        assert await bench.speaker.open() == {"da", "en", "de", "uk", "ar"}
        assert await bench.speaker.say(".Rødgrød\nmed fløde", "da") is Said.SAID
        assert await bench.speaker.say("Дякуємо", "uk") is Said.SAID
        heard = [(m.language, m.text, m.end) for m in bench.service.heard]
        assert heard == [("da", ".Rødgrød med fløde", "said"), ("uk", "Дякуємо", "said")]
        await bench.speaker.close()

    run(story())


def test_stop_is_heard_within_a_step() -> None:
    async def story() -> None:
        bench = Bench()
        await bench.speaker.open()
        saying = asyncio.create_task(bench.speaker.say("Noget meget, meget langt", "da"))
        await asyncio.sleep(0.5)
        await bench.speaker.stop()
        assert await saying is Said.STOPPED
        assert bench.service.heard[0].end == "canceled"
        await bench.speaker.close()

    run(story())


def test_stop_before_the_service_has_answered_stops_all_the_same() -> None:
    async def story() -> None:
        bench = Bench()
        await bench.speaker.open()
        bench.line.fault("delay", seconds=0.2)
        saying = asyncio.create_task(bench.speaker.say("Noget meget, meget langt", "da"))
        await asyncio.sleep(0.3)
        await bench.speaker.stop()
        assert await saying is Said.STOPPED
        await bench.speaker.close()

    run(story())


@pytest.mark.parametrize("fault", ["mute", "hang_up", "refuse"])
def test_a_service_that_fails_is_an_error_of_ours(fault: str) -> None:
    async def story() -> None:
        bench = Bench()
        await bench.speaker.open()
        (bench.service if fault == "refuse" else bench.line).fault(fault)
        with pytest.raises(DeviceError):
            await bench.speaker.say("Goddag", "da")
        await bench.speaker.close()

    run(story())


def test_the_end_of_the_connection_ends_the_service() -> None:
    async def story() -> None:
        bench = Bench()
        await bench.speaker.open()
        serving = asyncio.create_task(bench.speaker.serve())
        await asyncio.sleep(0)
        bench.line.fault("hang_up")
        with pytest.raises(DeviceUnavailable):
            await serving
        await bench.speaker.close()

    run(story())
