"""The card driver with the real nfcpy over a pty, on broken wires and with cards that leave."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from drivers.errors import (
    Code,
    DeviceError,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.nfc.driver import NfcCardReader
from tests.contract.card_bench import Bench, bench, over_nfcpy

LIBRARY_CARD = [("type_2", ["1234567890"])]
NUMBERS = {
    "library card": "1234567890",
    "old card": "1234567891",
    "phone with a library app": "1234567890",
}


async def fault(one: Bench, verb: str, **args: object) -> None:
    await one.stage.do("fault", {"device": "card", "verb": verb, "args": args})


async def test_who_answers_is_told(tmp_path: Path) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        assert "PN532v1.6" in (await one.reader.open()).chip


@pytest.mark.parametrize(
    "verb", ["corrupt", "half_frame", "drop_reply", "garbage", "syntax_error", "short_ack"]
)
async def test_a_broken_answer_costs_one_look_and_no_more(tmp_path: Path, verb: str) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        await one.hold("library card")
        await fault(one, verb)
        with suppress(DeviceTimeout, RemoteProtocolError):
            await one.reader.poll()
        assert await one.seen() == LIBRARY_CARD


async def test_noise_on_the_air_is_read_again(tmp_path: Path) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        await one.hold("library card")
        await fault(one, "air_noise", count=3)
        assert await one.seen() == LIBRARY_CARD


@pytest.mark.parametrize("card", list(NUMBERS))
@pytest.mark.parametrize("after", [1, 2, 3, 4, 5, 7])
async def test_a_card_that_is_lifted_at_any_exchange_was_not_there(
    tmp_path: Path, card: str, after: int
) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        await one.hold(card)
        await fault(one, "card_leaves", after=after)
        first = await one.reader.poll()
        # either it left before it was read, or it was read whole; never half a number
        assert all(said.reveal() == NUMBERS[card] for seen in first for said in seen.contents)
        await one.stage.do("clear", {"device": "card"})
        await one.hold(card)
        assert [said for _, said in await one.seen()] == [[NUMBERS[card]]]


async def test_an_answer_too_short_for_nfcpy_is_a_card_without_contents(tmp_path: Path) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        await one.hold("odd card")
        for _ in range(4):
            (card,) = await one.reader.poll()
            assert card.contents == ()
            assert card.unread
        await one.hold("library card")
        assert await one.seen() == LIBRARY_CARD


async def test_a_silent_chip_is_said_in_time_and_a_cable_put_back_works(tmp_path: Path) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        await fault(one, "mute")
        with pytest.raises(DeviceTimeout) as silent:
            await one.reader.poll()
        assert silent.value.code is Code.WIRE_SILENT
        with pytest.raises(DeviceTimeout):
            await one.reader.open()
        await one.stage.do("clear", {"device": "card"})
        await one.reader.open()
        await one.stage.do("unplug", {"device": "card"})
        with pytest.raises(DeviceUnavailable) as gone:
            await one.reader.poll()
        assert gone.value.code is Code.PORT_GONE
        with pytest.raises(DeviceUnavailable) as absent:
            await one.reader.open()
        assert absent.value.code is Code.PORT_ABSENT
        await one.stage.do("plug", {"device": "card"})
        await one.reader.open()
        await one.hold("library card")
        assert await one.seen() == LIBRARY_CARD


async def test_a_cable_pulled_out_at_any_reply_ends_in_an_error_of_ours(tmp_path: Path) -> None:
    for after in range(1, 40, 3):
        directory = tmp_path / str(after)
        directory.mkdir()
        async with bench(over_nfcpy, directory) as one:
            await one.hold("library card")
            pulled = asyncio.get_running_loop().create_task(_pull_after(one, after))
            with suppress(DeviceError):
                assert await one.seen() == LIBRARY_CARD
            await pulled


async def _pull_after(one: Bench, replies: int) -> None:
    device = one.stage.places["card"].device
    before = int(str(device.truth()["commands"]))
    for _ in range(200):
        if int(str(device.truth()["commands"])) >= before + replies:
            break
        await asyncio.sleep(0)
    await one.stage.do("unplug", {"device": "card"})


async def test_a_chip_that_was_left_fast_is_found(tmp_path: Path) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        await fault(one, "left_fast")
        await one.reader.open()
        await one.hold("library card")
        assert await one.seen() == LIBRARY_CARD


async def test_another_chip_is_not_taken_for_ours(tmp_path: Path) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        await fault(one, "not_a_pn532")
        with pytest.raises(DeviceTimeout):
            await one.reader.open()


async def test_whoever_stops_waiting_leaves_the_reader_usable(tmp_path: Path) -> None:
    async with bench(over_nfcpy, tmp_path) as one:
        waiting = asyncio.ensure_future(one.reader.poll())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await one.hold("library card")
        assert await one.seen() == LIBRARY_CARD


async def test_no_thread_stays_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    async with bench(over_nfcpy, tmp_path) as one:
        await one.reader.poll()
        (ours,) = [thread for thread in threading.enumerate() if thread.name == "card"]
    ours.join(5)
    assert not ours.is_alive()
    assert threading.active_count() <= before


@pytest.mark.parametrize(
    "url",
    ["/dev/x; reboot", "/dev/$(id)", "socket://127.0.0.1:1", "usb:zz", "/dev/a b", "tty:USB0"],
)
def test_a_url_that_a_shell_could_read_is_refused(url: str) -> None:
    with pytest.raises(LocalProtocolError):
        NfcCardReader(url)


async def test_a_usb_reader_that_is_not_there_is_absent() -> None:
    with pytest.raises(DeviceUnavailable) as caught:
        await NfcCardReader("usb:ffff:fffe").open()
    assert caught.value.code is Code.PORT_ABSENT


async def test_nothing_of_a_card_reaches_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(1)
    async with bench(over_nfcpy, tmp_path) as one:
        await one.hold("library card")
        assert await one.seen() == LIBRARY_CARD
        await fault(one, "mute")
        with pytest.raises(DeviceTimeout):
            await one.reader.poll()
    said = caplog.text + "".join(capfd.readouterr())
    assert "1234567890" not in said
    assert "04A1B2" not in said.upper()
