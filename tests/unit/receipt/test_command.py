"""`ims printer` as a person or a script runs it, against a simulated printer on loopback."""

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from config.texts import Catalogue
from drivers.escpos.compose import lines_of
from drivers.service.receipt import paper
from drivers.service.receipt_samples import SAMPLES
from hw_sim.devices.escpos import EscposPrinter
from hw_sim.ports import PtyPort, TcpPort
from hw_sim.wire import Line

Ims = Callable[..., Awaitable[tuple[int, str, str]]]


class Desk:
    """A simulated printer and the command beside it."""

    def __init__(self) -> None:
        self.printer = EscposPrinter(random.Random(1), pace="none")
        self.line = Line(self.printer, random.Random(2))
        self.port: TcpPort | PtyPort = TcpPort(self.line)

    async def ims(self, *arguments: str) -> tuple[int, str, str]:
        done = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ui.cli",
            "printer",
            "--url",
            self.port.url,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        out, err = await done.communicate()
        assert done.returncode is not None
        return done.returncode, out.decode(), err.decode()

    async def json(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        code, out, _ = await self.ims(*arguments, "--json")
        found: dict[str, Any] = json.loads(out)
        return code, found


async def at_desk(story: Callable[[Desk], Awaitable[None]], *, pty: bool = False) -> None:
    desk = Desk()
    if pty:
        desk.port = PtyPort(desk.line)
    await desk.port.start()
    try:
        await story(desk)
    finally:
        await desk.port.stop()


async def test_status_says_who_and_how() -> None:
    async def story(desk: Desk) -> None:
        code, found = await desk.json("status")
        assert code == 0
        assert found["state"] == "ready"
        assert found["model"] == "TM-T88V"
        assert found["automatic_status"] is True
        code, out, err = await desk.ims("status")
        assert (code, out, err) == (0, "EPSON TM-T88V is ready.\n", "")

    await at_desk(story)


@pytest.mark.parametrize(
    ("verb", "exit_code", "fault"),
    [
        ("paper_end", 1, "printer.paper_end"),
        ("cover", 1, "printer.cover_open"),
        ("cutter_jam", 1, "printer.cutter"),
        ("mute", 3, "printer.mute"),
    ],
)
async def test_a_fault_has_its_code(verb: str, exit_code: int, fault: str) -> None:
    async def story(desk: Desk) -> None:
        desk.line.fault(verb)
        code, found = await desk.json("receipt", "loan")
        assert (code, found["error"]["code"]) == (exit_code, fault)
        assert found["error"]["what"] != f"error.{fault}.what"
        assert desk.printer.jobs == type(desk.printer.jobs)()

    await at_desk(story)


@pytest.mark.parametrize("pty", [False, True])
async def test_a_sample_prints(pty: bool) -> None:
    async def story(desk: Desk) -> None:
        code, found = await desk.json("receipt", "refused")
        assert (code, found["outcome"], found["form"]) == (0, "printed", "letters")
        lines = lines_of(paper(SAMPLES["refused"], Catalogue.load()), 48)
        assert found["lines"] == lines
        assert [text for text in desk.printer.jobs[0].texts if text] == lines

    await at_desk(story, pty=pty)


async def test_arabic_goes_as_dots_and_not_as_letters() -> None:
    async def story(desk: Desk) -> None:
        code, found = await desk.json("receipt", "arabic")
        assert (code, found["form"]) == (0, "dots")
        assert len(desk.printer.jobs[0].pictures) > 10
        code, found = await desk.json("receipt", "arabic", "--text")
        assert (code, found["error"]["code"]) == (2, "input.invalid")

    await at_desk(story)


async def test_a_model_from_a_file(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        good = tmp_path / "receipt.json"
        good.write_text(
            json.dumps(
                {
                    "library": "Borgernes Hus",
                    "machine": "Automat 2",
                    "at": "2026-11-03T10:44:00+01:00",
                    "sections": [
                        {"kind": "return", "lines": [{"title": "Lykke-Per", "place": "2"}]}
                    ],
                }
            )
        )
        code, found = await desk.json("receipt", str(good))
        assert code == 0
        assert found["lines"][3:6] == ["1 af 1 afleveret", "Lykke-Per", "Afleveret. Kasse 2"]
        for wrong in ('{"kind": "loan"}', '{"patron": "x"}', "[]", "no json"):
            good.write_text(wrong)
            code, found = await desk.json("receipt", str(good))
            assert (code, found["error"]["code"]) == (2, "input.invalid"), wrong
        code, found = await desk.json("receipt", str(tmp_path / "absent.json"))
        assert code == 2

    await at_desk(story)


async def test_the_test_page() -> None:
    async def story(desk: Desk) -> None:
        code, out, _ = await desk.ims("test")
        assert code == 0
        assert out.startswith("Printed in letters")
        assert "æøå ÆØÅ éÉ äöüß €" in desk.printer.jobs[0].texts

    await at_desk(story)


async def test_nobody_there() -> None:
    desk = Desk()
    await desk.port.start()
    url = desk.port.url
    await desk.port.stop()
    code, found = await desk.json("status")
    assert (code, found["error"]["code"]) == (3, "port.refused")
    assert url
