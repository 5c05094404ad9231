"""Which data model a tag is in, what is doubtful about it, and what a station may believe."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.tags import (
    Blank,
    Doubt,
    Extension,
    Foreign,
    Format,
    Item,
    Soundness,
    Unverified,
    accept,
    blocks_to_read,
    decode,
    encode,
)
from drivers.tags.iso28560_2 import Compaction, isil, unpack

DK_2 = bytes.fromhex("11030133383436363436343235000000000000cab0444b373436313030000000")
I2_1 = bytes.fromhex("9100051cbe991a140201d0140204b34607441cb6e2e335d6830207acc09ebaa06f6b0000")
ITEM = Item(Format.ISO_28560_3, "3846646425", "DK746100", 1, 3, crc_ok=True)

_PRINTABLE = st.characters(
    codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="\ufffd"
)


def _texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(_PRINTABLE, min_size=least, max_size=most).filter(
        lambda t: len(t.encode()) <= most and t.isprintable()
    )


@st.composite
def _items(draw: st.DrawFn) -> tuple[Item, int]:
    size = draw(st.sampled_from([32, 36, 112, 320]))
    extensions = []
    if size > 36:
        fields = st.lists(_texts(10, 1), max_size=3).map(tuple)
        for block_id, words in draw(st.lists(st.tuples(st.integers(5, 200), fields), max_size=2)):
            extensions.append(Extension.of(block_id, words))
    swapped = draw(st.booleans())
    usages = [0, *range(2, 16)] if swapped else range(16)
    item = Item(
        Format.ISO_28560_3,
        draw(_texts(16, 1)),
        draw(_texts(11 if size == 32 else 13)),
        draw(st.integers(1, 255)),
        draw(st.integers(0, 255)),
        draw(st.sampled_from(list(usages))),
        crc_ok=True,
        reversed=draw(st.booleans()),
        truncated=size == 32,
        nibbles_swapped=swapped,
        extensions=tuple(extensions),
    )
    return item, size


@given(_items())
@settings(max_examples=200)
def test_what_is_written_is_read(made: tuple[Item, int]) -> None:
    item, size = made
    assert decode(encode(item, size)) == item


@given(_items())
@settings(max_examples=100)
def test_a_reversed_block_says_the_same(made: tuple[Item, int]) -> None:
    item, size = made
    turned = decode(encode(item, size, not item.reversed))
    assert turned == dataclasses.replace(item, reversed=not item.reversed)


@given(_items(), st.integers(0, 32 * 8 - 1))
@settings(max_examples=200)
def test_a_flipped_bit_is_seen(made: tuple[Item, int], bit: int) -> None:
    item, size = made
    memory = bytearray(encode(dataclasses.replace(item, extensions=()), size))
    memory[bit // 8] ^= 1 << bit % 8
    found = decode(bytes(memory))
    assert not (isinstance(found, Item) and found.format is Format.ISO_28560_3)


@pytest.mark.parametrize("reversed_blocks", [False, True])
def test_every_flipped_bit_of_a_danish_tag_is_seen(reversed_blocks: bool) -> None:
    good = encode(ITEM, 32, reversed_blocks)
    for bit in range(32 * 8):
        memory = bytearray(good)
        memory[bit // 8] ^= 1 << bit % 8
        assert not isinstance(decode(bytes(memory), whole=True), Item), bit


@given(
    st.binary(max_size=400)
    | st.builds(
        lambda head, rest: head + rest,
        st.sampled_from([DK_2[:3], I2_1[:8], b"\x04\x11\0"]),
        st.binary(max_size=110),
    ),
    st.none() | st.integers(0, 255),
    st.integers(-1, 9),
    st.booleans(),
)
@settings(max_examples=200)
def test_any_bytes_are_decoded_without_a_fuss(
    memory: bytes, dsfid: int | None, block_size: int, whole: bool
) -> None:
    found = decode(memory, dsfid, block_size, whole=whole)
    assert isinstance(found, Item | Blank | Foreign | Unverified)


@pytest.mark.parametrize("fill", [b"\x00", b"\x55"])
def test_a_tag_from_the_factory_is_blank(fill: bytes) -> None:
    assert decode(fill * 24 + bytes(8)) == Blank()


def test_fewer_bytes_than_a_block_has_are_never_believed() -> None:
    assert decode(b"") == Foreign()
    assert decode(b"\xff" * 31) == Foreign()
    cut = decode(DK_2[:31])
    assert isinstance(cut, Unverified)
    assert (cut.guess.id, cut.reason) == ("3846646425", Doubt.CUT)
    assert isinstance(decode(bytes.fromhex("110230390000")), Item)


def test_a_tag_of_somebody_else_keeps_no_bytes() -> None:
    assert decode(bytes(range(100, 160))) == Foreign()
    assert not dataclasses.fields(Foreign)


@pytest.mark.parametrize(
    ("at", "byte"), [(0, 5), (2, 1), (3, 16), (4, 0x80), (4, 0x07), (4, 0), (31, 1)]
)
def test_a_501_block_must_fit_in_every_place(at: int, byte: int) -> None:
    block = bytearray.fromhex("0411000131333032" + "00" * 24)
    assert isinstance(decode(bytes(block)), Item)
    block[at] = byte
    if (at, byte) == (4, 0):
        block[4:20] = bytes(16)
        block[24] = 1
    assert not isinstance(decode(bytes(block)), Item)


def test_the_first_read_reaches_into_the_ninth_block_where_there_is_one() -> None:
    assert [blocks_to_read(n) for n in (1, 8, 9, 28, 80)] == [1, 8, 9, 9, 9]


def test_a_long_owner_needs_the_ninth_block() -> None:
    item = dataclasses.replace(ITEM, owner="DKABCDEFGHIJK")
    memory = encode(item, 112)
    assert decode(memory[:36]) == item
    assert isinstance(decode(memory[:32]), Unverified)
    with pytest.raises(ValueError, match="at most 11 bytes"):
        encode(item, 32)


def _bits(width: int, *codes: int) -> str:
    return "".join(f"{code:0{width}b}" for code in codes)


class TestNibbles:
    def test_usage_in_the_high_half_is_reported_and_kept(self) -> None:
        swapped = dataclasses.replace(ITEM, usage=7, nibbles_swapped=True)
        memory = encode(swapped, 36)
        assert memory[0] == 0x71
        assert decode(memory) == swapped

    def test_the_symmetric_byte_is_normal(self) -> None:
        found = decode(DK_2)
        assert isinstance(found, Item)
        assert not found.nibbles_swapped

    def test_a_version_that_is_not_published_is_read(self) -> None:
        memory = encode(dataclasses.replace(ITEM, version=2, usage=2), 36)
        found = decode(memory)
        assert isinstance(found, Item)
        assert (found.version, found.usage, found.nibbles_swapped) == (2, 2, False)


class TestExtensions:
    HEJ = Extension.of(Extension.TITLE, ("Hej",))
    UNKNOWN = Extension.of(77, ("a", "", "b"))

    def test_the_title_is_found_and_an_unknown_block_kept(self) -> None:
        item = dataclasses.replace(ITEM, extensions=(self.UNKNOWN, self.HEJ), title="Hej")
        memory = encode(item, 112)
        assert decode(memory) == item
        assert self.UNKNOWN.fields == ("a", "", "b")

    def test_a_bad_block_is_recorded_and_skipped(self) -> None:
        bad = Extension(bytes.fromhex("0604ff007878"), Soundness.BAD)
        item = dataclasses.replace(ITEM, extensions=(bad, self.HEJ), title="Hej")
        memory = encode(item, 112)
        assert decode(memory) == item
        assert encode(item, 112) == memory

    def test_a_length_that_cannot_be_ends_the_list(self) -> None:
        memory = encode(ITEM, 112)[:34] + bytes.fromhex("02ffee") + bytes(75)
        found = decode(memory)
        assert isinstance(found, Item)
        assert found.extensions == (Extension(bytes.fromhex("02ffee"), Soundness.BAD),)
        assert found.extensions[0].id == 0xEEFF
        assert encode(found, 112) == memory

    def test_a_block_that_was_read_in_part_is_never_written(self) -> None:
        item = dataclasses.replace(ITEM, extensions=(self.HEJ,))
        found = decode(encode(item, 112)[:36])
        assert isinstance(found, Item)
        assert found.extensions == (Extension(self.HEJ.raw[:2], Soundness.CUT),)
        assert found.extensions[0].id == -1
        with pytest.raises(ValueError, match="read only in part"):
            encode(found, 112)

    def test_a_title_that_is_no_text_does_not_fail_the_item(self) -> None:
        head = bytes((6, 4, 0))
        raw = head + bytes((6 ^ 4 ^ 0xFF ^ 0xFE,)) + b"\xff\xfe"
        memory = encode(dataclasses.replace(ITEM, extensions=(Extension(raw),)), 112)
        found = decode(memory)
        assert isinstance(found, Item)
        assert found.title == "\ufffd\ufffd"


class TestDoubt:
    BROKEN = DK_2[:19] + b"\xca\xb1" + DK_2[21:]

    def test_a_wrong_crc_is_a_guess(self) -> None:
        found = decode(self.BROKEN, 0x3E)
        guess = dataclasses.replace(ITEM, crc_ok=False, truncated=True)
        assert found == Unverified(guess, Doubt.CRC)

    def test_a_reversed_block_with_a_wrong_crc_is_a_guess_too(self) -> None:
        turned = b"".join(self.BROKEN[i : i + 4][::-1] for i in range(0, 32, 4))
        found = decode(turned)
        assert isinstance(found, Unverified)
        assert (found.guess.id, found.guess.reversed) == ("3846646425", True)

    def test_a_right_crc_over_no_id_is_not_believed(self) -> None:
        first = bytes.fromhex("110101") + bytes(16)
        from binascii import crc_hqx

        crc = crc_hqx(first + bytes(13), 0xFFFF).to_bytes(2, "little")
        found = decode(first + crc + bytes(13))
        assert isinstance(found, Unverified)
        assert found.reason is Doubt.TEXT

    def test_a_28560_2_tag_that_was_read_in_part_asks_for_more(self) -> None:
        assert decode(I2_1[:5], 0x06) == Foreign()
        for cut in (9, 24, 31, 33):
            found = decode(I2_1[:cut], 0x06)
            assert isinstance(found, Unverified), cut
            assert (found.reason, found.guess.id) == (Doubt.CUT, "123456789012")

    def test_the_end_of_the_memory_ends_the_objects_only_when_it_is_whole(self) -> None:
        memory = I2_1[:-2]
        part = decode(memory)
        assert isinstance(part, Unverified)
        assert part.reason is Doubt.CUT
        assert isinstance(decode(memory, whole=True), Item)

    def test_objects_that_break_the_rules(self) -> None:
        twice = bytes.fromhex("1102303911023039") + bytes(28)
        found = decode(twice, 0x06)
        assert isinstance(found, Unverified)
        assert found.reason is Doubt.MALFORMED
        odd_set = bytes.fromhex("110230396402") + b"1x" + bytes(28)
        found = decode(odd_set, 0x06)
        assert isinstance(found, Unverified)
        assert found.reason is Doubt.MALFORMED

    @pytest.mark.parametrize(
        "objects",
        [
            "2304393939fa",  # a hexadecimal digit in a numeric string
            "33020801",  # code 0 inside five-bit text
            "7302c3c3",  # no UTF-8
            "630109",  # a control character in the owner
        ],
    )
    def test_an_object_that_breaks_its_compaction(self, objects: str) -> None:
        found = decode(bytes.fromhex("11023039" + objects) + bytes(32), 0x06)
        assert isinstance(found, Unverified)
        assert (found.guess.id, found.reason) == ("12345", Doubt.MALFORMED)

    def test_a_title_that_is_no_line_of_text_does_not_fail_the_item(self) -> None:
        found = decode(bytes.fromhex("11023039" + "6f02" + "03410942" + "150110") + bytes(32), 0x06)
        assert isinstance(found, Item)
        assert (found.title, found.usage) == ("", 1)

    def test_seven_bit_text_that_fills_its_bytes_but_for_seven_pad_bits(self) -> None:
        bits = "".join(f"{ord(c):07b}" for c in "ABCDEFG") + "1111111"
        data = int(bits, 2).to_bytes(7, "big")
        assert unpack(Compaction.SEVEN_BIT, data) == "ABCDEFG"

    def test_an_isil_goes_through_all_its_tables(self) -> None:
        # US-:, latch lower, ab/, latch numeric, 0-9, shift upper, A, 1, latch upper, B
        bits = (
            _bits(5, 21, 19, 0, 27, 28, 1, 2, 27, 30)
            + _bits(4, 0, 10, 9, 13)
            + _bits(5, 1)
            + _bits(4, 1, 12)
            + _bits(5, 2)
        )
        bits += "1" * (-len(bits) % 8)
        data = int(bits, 2).to_bytes(len(bits) // 8, "big")
        assert isil(data) == "US-:ab/0-9A1B"

    @pytest.mark.parametrize("compaction", list(Compaction))
    @given(data=st.binary(max_size=40))
    @settings(max_examples=40)
    def test_packed_text_is_text_or_an_error(self, compaction: Compaction, data: bytes) -> None:
        try:
            assert isinstance(unpack(compaction, data), str)
        except ValueError:
            pass

    @pytest.mark.parametrize(
        ("policy", "pattern", "taken"),
        [
            ("never", r"^\d{10}$", False),
            ("if_id_matches", r"^\d{10}$", True),
            ("if_id_matches", r"\d{9}", False),
            ("if_id_matches", r"^87\d+$", False),
        ],
    )
    def test_the_policy_decides(self, policy: str, pattern: str, taken: bool) -> None:
        assert (accept(decode(self.BROKEN), policy, pattern) is not None) is taken

    def test_a_proven_item_needs_no_policy(self) -> None:
        assert accept(decode(DK_2), "never", "") is not None
        assert accept(Blank(), "if_id_matches", ".*") is None
        assert accept(Foreign(), "if_id_matches", ".*") is None
        cut = decode(I2_1[:33], 0x06)
        assert accept(cut, "if_id_matches", ".*") is None


class TestWriting:
    @pytest.mark.parametrize(
        "change",
        [
            {"id": ""},
            {"id": "x" * 17},
            {"id": "a\0b"},
            {"owner": "D" * 14},
            {"part": 256},
            {"parts": -1},
            {"usage": 16},
            {"version": 16},
            {"format": Format.RFID_501},
            {"extensions": (Extension.of(6, ("x" * 200,)),)},
        ],
    )
    def test_what_does_not_fit_is_refused(self, change: dict[str, object]) -> None:
        with pytest.raises(ValueError):
            encode(dataclasses.replace(ITEM, **change), 112)  # type: ignore[arg-type]

    @pytest.mark.parametrize("size", [0, 31, 34, 110])
    def test_a_tag_has_whole_blocks(self, size: int) -> None:
        with pytest.raises(ValueError, match="whole blocks"):
            encode(ITEM, size)

    def test_an_extension_that_is_too_long_is_refused(self) -> None:
        with pytest.raises(ValueError, match="at most 251"):
            Extension.of(6, ("x" * 252,))
