"""The CardReader port: the shipping driver over nfcpy on a pty, and the stand-in for virtual time."""

from pathlib import Path

import pytest

from drivers.errors import Code, DeviceRefused, DeviceUnavailable
from tests.contract.card_bench import Make, bench, over_nfcpy, stand_in

SELECT_NDEF = bytes.fromhex("00a4040007d276000085010100")


@pytest.fixture(params=[over_nfcpy, stand_in], ids=["nfc", "stand-in"])
def make(request: pytest.FixtureRequest) -> Make:
    found: Make = request.param
    return found


@pytest.mark.parametrize(
    ("card", "kind", "said"),
    [
        ("library card", "type_2", ["1234567890"]),
        ("old card", "type_2", ["1234567891"]),
        ("blank", "type_2", []),
        ("key fob", "classic", []),
        ("bank card", "type_4a", []),
        ("phone", "type_4a", []),
        ("phone with a library app", "type_4a", ["1234567890"]),
    ],
)
async def test_a_card_is_seen_with_what_it_says(
    make: Make, tmp_path: Path, card: str, kind: str, said: list[str]
) -> None:
    async with bench(make, tmp_path) as one:
        assert await one.seen() == []
        await one.hold(card)
        assert await one.seen() == [(kind, said)]
        assert await one.seen() == [(kind, said)]
        await one.hold()
        assert await one.seen() == []


async def test_the_uid_is_told_as_the_air_carries_it(make: Make, tmp_path: Path) -> None:
    async with bench(make, tmp_path) as one:
        await one.hold("library card")
        (card,) = await one.reader.poll()
        assert (card.uid.reveal(), card.random) == ("04A1B2C3D4E5F6", False)


async def test_a_phone_is_known_for_its_changing_number(make: Make, tmp_path: Path) -> None:
    async with bench(make, tmp_path) as one:
        numbers = set()
        for _ in range(3):
            await one.hold("phone")
            (card,) = await one.reader.poll()
            assert card.random
            assert card.uid.reveal().startswith("08")
            numbers.add(card.uid.reveal())
            await one.hold()
            assert await one.reader.poll() == ()
        assert len(numbers) == 3


async def test_two_cards_are_both_told_and_neither_is_read(make: Make, tmp_path: Path) -> None:
    async with bench(make, tmp_path) as one:
        await one.hold("library card", "bank card")
        for _ in range(3):
            assert await one.seen() == [("type_2", []), ("type_4a", [])]
        await one.stage.do("lift_card", {"cards": ["bank card"]})
        assert await one.seen() == [("type_2", ["1234567890"])]


async def test_an_iso_dep_card_is_spoken_to(make: Make, tmp_path: Path) -> None:
    async with bench(make, tmp_path) as one:
        await one.hold("phone with a library app")
        assert await one.reader.transceive(SELECT_NDEF) == b"\x90\x00"
        await one.hold("bank card")
        await one.reader.poll()
        assert await one.reader.transceive(SELECT_NDEF) == b"\x6a\x82"
        await one.hold()
        await one.reader.poll()
        with pytest.raises(DeviceRefused) as caught:
            await one.reader.transceive(SELECT_NDEF)
        assert caught.value.code is Code.CARD_LOST


async def test_a_closed_reader_says_so_and_opens_again(make: Make, tmp_path: Path) -> None:
    async with bench(make, tmp_path) as one:
        await one.reader.close()
        await one.reader.close()
        with pytest.raises(DeviceUnavailable):
            await one.reader.poll()
        await one.reader.open()
        await one.reader.open()
        await one.hold("library card")
        assert await one.seen() == [("type_2", ["1234567890"])]
