"""The verb `paper_rows`: the printer's dots as they come, and of what was torn off last."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hw_sim.devices.escpos import EscposPrinter
from hw_sim.paper import LONGEST, Paper
from hw_sim.scenario import load
from hw_sim.simloop import SimLoop
from hw_sim.stage import MOST_ROWS, Stage

Ask = Callable[..., Awaitable[dict[str, Any]]]


def _with_printer(story: Callable[[EscposPrinter, Ask], Awaitable[None]]) -> None:
    async def play() -> None:
        stage = Stage(load("first-loan"), pace="none")
        printer = stage.places["printer"].device
        assert isinstance(printer, EscposPrinter)
        await story(printer, lambda verb="paper_rows", **args: stage.do(verb, args))

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(play())


def test_rows_come_in_pieces_and_a_torn_sheet_is_kept_until_the_next() -> None:
    async def story(printer: EscposPrinter, ask: Ask) -> None:
        printer.receive(b"\x1b@" + b"a line\n" * 100 + b"\x1dV\x00")
        rows = list(printer.paper.rows)
        assert len(rows) > MOST_ROWS
        first = await ask()
        assert (first["sheet"], first["hanging"], first["since"]) == (1, 1, 0)
        assert (first["length"], first["dots"], first["pitch"]) == (len(rows), 576, 72)
        assert first["cuts"] == [[len(rows), "full"]]
        await ask("tear")
        rest = await ask(sheet=1, since=MOST_ROWS)
        assert (rest["sheet"], rest["hanging"], rest["since"]) == (1, 2, MOST_ROWS)
        data = base64.b64decode(first["data"]) + base64.b64decode(rest["data"])
        assert data == b"".join(rows)
        assert (await ask())["length"] == 0
        await ask("tear")
        with pytest.raises(ValueError, match="sheet 1 is not kept; sheet 3 hangs out"):
            await ask(sheet=1)

    _with_printer(story)


@pytest.mark.parametrize("args", [{"since": -1}, {"since": True}, {"sheet": "1"}])
def test_only_whole_numbers_are_taken(args: dict[str, object]) -> None:
    async def story(_: EscposPrinter, ask: Ask) -> None:
        with pytest.raises(TypeError, match="is a whole number, 0 or more"):
            await ask(**args)

    _with_printer(story)


def test_rows_are_counted_from_the_tear_although_old_ones_have_fallen() -> None:
    paper = Paper(8)
    paper.advance((b"\x01",) * (2 * LONGEST))
    paper.cut("full")
    paper.advance((b"\x02",))
    sheet = paper.hanging
    assert (sheet.length, len(sheet.rows)) == (2 * LONGEST + 1, LONGEST)
    assert sheet.since(0, 2) == (LONGEST + 1, [b"\x01", b"\x01"])
    assert sheet.since(2 * LONGEST, 5) == (2 * LONGEST, [b"\x02"])
    assert sheet.since(9 * LONGEST, 5) == (2 * LONGEST + 1, [])
    assert [sheet.fallen + row for row, _ in sheet.cuts] == [2 * LONGEST]
