"""`ims card` as a process of its own, on the simulated reader over a pty."""

import asyncio
import json
import sys
from pathlib import Path

from hw_sim.scenario import parse
from hw_sim.stage import Stage
from tests.contract.card_bench import CARDS


async def _ims(url: str, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ui.cli", "card", "--url", url, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, _errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_verbs_with_a_card_on_the_reader(tmp_path: Path) -> None:
    stage = Stage(parse(CARDS))
    url = (await stage.open(tmp_path))["card"]
    try:
        code, said = await _ims(url, "identify", "--json")
        assert (code, json.loads(said)) == (0, {"model": "PN532v1.6", "chip": "PN532v1.6"})

        await stage.do("lay_card", {"cards": "library card"})
        code, said = await _ims(url, "watch", "--count", "1", "--json")
        assert code == 0
        assert json.loads(said) == {
            "cards": [
                {
                    "kind": "type_2",
                    "uid": "…F6",
                    "bytes": 7,
                    "random": False,
                    "contents": ["…90"],
                }
            ]
        }
        code, said = await _ims(url, "watch", "--count", "1", "--reveal")
        assert (code, said) == (0, "type_2 04A1B2C3D4E5F6 (7 bytes) says '1234567890'\n")
    finally:
        await stage.close()
    code, said = await _ims(url, "identify", "--json")
    assert (code, json.loads(said)["error"]["code"]) == (3, "port.absent")
    code, said = await _ims("/dev/x;id", "identify", "--json")
    assert (code, json.loads(said)["error"]["code"]) == (2, "port.bad_url") or code != 0


async def test_the_help_shows_the_form_of_an_address_as_it_is_typed() -> None:
    code, said = await _ims("", "--help")
    assert code == 0
    assert "usb:BUS:DEVICE" in said
