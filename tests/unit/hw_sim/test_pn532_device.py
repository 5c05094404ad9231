"""The simulated PN532 and its cards, against sourced frames and by the standard's rules."""

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.chipcards import ChipCard, text_record
from hw_sim.devices.pn532 import Pn532, _crc_a
from hw_sim.devices.pn532_frames import ACK, NACK, SYNTAX_ERROR, Command, Ear, reply
from hw_sim.simloop import run
from hw_sim.world import World

VECTORS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "pn532.toml").read_text("utf-8")
)
EXCHANGES = {vector["name"]: vector for vector in VECTORS["exchange"]}


def command(code: int, data: bytes = b"") -> bytes:
    """A host's frame, built here from the document."""
    body = bytes((0xD4, code)) + data
    if len(body) > 0xFF:
        size = len(body).to_bytes(2, "big")
        head = b"\xff\xff" + size + bytes((-sum(size) & 0xFF,))
    else:
        head = bytes((len(body), -len(body) & 0xFF))
    return b"\x00\x00\xff" + head + body + bytes((-sum(body) & 0xFF, 0))


class Host:
    """Talks to a chip without a wire."""

    def __init__(self, *cards: ChipCard) -> None:
        self.world = World(seed=1)
        self.chip = Pn532(self.world)
        self.heard = b""
        self.chip.attach(self._take, lambda: None)
        for card in cards:
            self.world.add_card(card)

    def _take(self, data: bytes) -> None:
        self.heard += data

    def send(self, frame: bytes) -> bytes:
        self.heard = b""
        self.chip.receive(frame)
        return self.heard

    def ask(self, code: int, data: bytes = b"") -> bytes:
        """Data of the answer."""
        heard = self.send(command(code, data))
        assert heard.startswith(ACK)
        frame = heard[len(ACK) :]
        return frame[7:-2] if frame[3:5] != b"\xff\xff" else frame[10:-2]


@pytest.mark.parametrize("name", list(EXCHANGES))
def test_the_chip_answers_as_its_source_says(name: str) -> None:
    async def scene() -> None:
        vector = EXCHANGES[name]
        near = vector.get("near")
        host = Host(*[ChipCard("c", bytes.fromhex(near["uid"]), near["kind"])] if near else [])
        if near:
            host.world.lay_cards(["c"])
        for before in vector.get("after", ()):
            host.send(bytes.fromhex(EXCHANGES[before]["host"]))
        assert host.send(bytes.fromhex(vector["host"])) == ACK + bytes.fromhex(vector["reply"])

    run(scene())


@pytest.mark.parametrize("vector", VECTORS["crc"])
def test_crc_a_is_that_of_the_standard(vector: dict[str, str]) -> None:
    assert _crc_a(bytes.fromhex(vector["data"])).hex() == vector["check"]


def test_a_line_test_of_263_bytes_comes_back_in_an_extended_frame() -> None:
    data = b"\x00" + bytes(n & 0xFF for n in range(262))
    host = Host()
    heard = host.send(command(0x00, data))
    assert heard == ACK + reply(0x00, data)
    assert heard[len(ACK) :].startswith(bytes.fromhex("0000ffffff0109f6d501"))


def test_a_nack_has_the_last_answer_again_and_an_ack_nothing() -> None:
    host = Host()
    first = host.send(command(0x02))
    assert host.send(NACK) == first[len(ACK) :]
    assert host.send(ACK) == b""


def test_a_frame_whose_data_do_not_add_up_is_a_syntax_error() -> None:
    frame = bytearray(command(0x02))
    frame[6] ^= 0x01
    assert Host().send(bytes(frame)) == SYNTAX_ERROR


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=262)), max_size=5), st.data())
def test_any_chunking_gives_the_same_commands(
    wanted: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(bytes(10) + command(code, content) for code, content in wanted)
    ear, found, at = Ear(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 40))
        found += ear.feed(stream[at : at + size])
        at += size
    assert found == [Command(code, content) for code, content in wanted]


def test_a_hundred_kilobytes_of_noise_leave_the_ear_small_and_open() -> None:
    noise, ear = random.Random(1), Ear()
    for _ in range(400):
        ear.feed(noise.randbytes(256))
    assert len(ear._heard) < 600
    ear.feed(bytes(600))
    assert ear.feed(command(0x02)) == [Command(0x02, b"")]


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_frame_on_the_air_breaks_a_card(frames: list[bytes]) -> None:
    for kind in ("ntag213", "ultralight", "classic", "iso-dep"):
        card = ChipCard("c", bytes.fromhex("04010203040506"), kind, "1234567890")
        for frame in frames:
            card.exchange(frame)
        card.exchange(b"\xe0\x80")
        card.power_down()
        card.select()
        assert card.exchange(b"\x30\x00") is not None or kind in {"classic", "iso-dep"}


def test_a_tag_is_muted_by_what_it_does_not_know_until_it_is_selected() -> None:
    tag = ChipCard("c", bytes.fromhex("04A1B2C3D4E5F6"), "ntag213", "1234567890")
    assert tag.exchange(b"\x60") == bytes.fromhex("0004040201000f03")
    assert tag.exchange(b"\x1a\x00") is None
    assert tag.exchange(b"\x30\x00") is None
    tag.select()
    first = tag.exchange(b"\x30\x00")
    assert first is not None
    assert first[:3] + first[4:8] == tag.uid
    assert tag.exchange(b"\xa2\x04abcd") == b"\x0a"
    assert (tag.exchange(b"\x30\x04") or b"").startswith(b"abcd")


def test_iso_dep_blocks_are_counted_repeated_and_chained() -> None:
    card = ChipCard("c", bytes.fromhex("04C0FFEE112233"), "iso-dep", "x" * 200)
    assert card.exchange(b"\x02\x00\xa4\x04\x00") is None, "nothing before RATS"
    assert card.exchange(b"\xe0\x80") == bytes.fromhex("067577810280")
    select = b"\x00\xa4\x04\x00\x07\xd2\x76\x00\x00\x85\x01\x01"
    assert card.exchange(b"\x12" + select[:5]) == b"\xa2"
    assert card.exchange(b"\x03" + select[5:]) == b"\x03\x90\x00"
    assert card.exchange(b"\xb3") == b"\x03\x90\x00", "R(NAK) of the same number: said again"
    assert card.exchange(b"\xb2") == b"\xa3", "R(NAK) of the other: it is there"
    assert card.exchange(b"\x02\x00\xa4\x00\x0c\x02\xe1\x04") == b"\x02\x90\x00"
    message = text_record("x" * 200)
    first = card.exchange(b"\x03\x00\xb0\x00\x00\x00") or b""
    assert first == b"\x03" + len(message).to_bytes(2, "big") + message + b"\x90\x00"
    assert card.exchange(b"\xc2") == b"\xc2"
    assert card.exchange(b"\x02\x00\xb0\x00\x00\x00") is None


def test_a_random_number_changes_with_the_field_and_begins_with_08() -> None:
    async def scene() -> None:
        host = Host(ChipCard("p", bytes.fromhex("08112233"), "iso-dep", random_uid=True))
        host.world.lay_cards(["p"])
        host.ask(0x12, b"\x00")
        seen = set()
        for _ in range(4):
            host.ask(0x32, b"\x01\x02")
            listed = host.ask(0x4A, b"\x01\x00")
            assert listed[5:7] == b"\x04\x08"
            seen.add(listed[6:10])
        assert len(seen) == 4

    run(scene())


def test_check_bytes_are_there_when_the_host_wants_to_check_them_itself() -> None:
    async def scene() -> None:
        host = Host(ChipCard("t", bytes.fromhex("04A1B2C3D4E5F6"), "ntag213"))
        host.world.lay_cards(["t"])
        host.ask(0x4A, b"\x01\x00")
        with_check = host.ask(0x42, b"\x30\x00")
        assert len(with_check) == 1 + 16
        host.ask(0x08, b"\x63\x03\x00")
        raw = host.ask(0x42, b"\x30\x00")
        assert raw == with_check + _crc_a(with_check[1:])

    run(scene())


def test_two_cards_are_listed_when_two_are_asked_for() -> None:
    async def scene() -> None:
        one = ChipCard("a", bytes.fromhex("04A1B2C3D4E5F6"))
        two = ChipCard("b", bytes.fromhex("A1B2C3D4"), "classic")
        host = Host(one, two)
        host.world.lay_cards(["a", "b"])
        assert host.ask(0x4A, b"\x01\x00")[0] == 1
        assert host.ask(0x4A, b"\x02\x00")[0] == 2
        assert host.ask(0x4A, b"\x01\x00" + two.uid)[6:10] == two.uid
        host.world.lift_cards(["a"])
        assert host.ask(0x4A, b"\x02\x00")[0] == 1

    run(scene())
