"""Every vector of tests/vectors/escpos.toml against the simulated printer."""

import hashlib
from typing import Any

import pytest

from hw_sim.devices.escpos_parser import BufferedLane, Op
from tests.unit.hw_sim.printer.bench import ARM, Bench, vectors

FROM_PRINTER = vectors("from_printer")
TO_PRINTER = vectors("to_printer")


def brought_into(states: list[str], **options: Any) -> Bench:
    bench = Bench(**options)
    for state in states:
        match state:
            case "ready":
                pass
            case "cover_while_printing":
                bench.printer.fault("cover", after_mm=1)
                bench.send(b"\n")
            case _:
                bench.printer.fault(state)
    return bench


@pytest.mark.parametrize("vector", FROM_PRINTER, ids=[v["name"] for v in FROM_PRINTER])
def test_the_printer_answers_as_the_document_says(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    bench = brought_into(meaning["state"], profile=meaning.get("profile", "TM-T88V"))
    assert bench.send(bytes.fromhex(meaning["query"])) == bytes.fromhex(vector["bytes"])


@pytest.mark.parametrize(
    "vector",
    [v for v in FROM_PRINTER if v["meaning"]["report"] == "asb" and "ready" not in v["name"]],
    ids=lambda v: v["name"],
)
def test_an_armed_printer_tells_the_change_unasked(vector: dict[str, Any]) -> None:
    bench = Bench()
    bench.send(ARM)
    for state in vector["meaning"]["state"]:
        bench.answers.clear()
        if state == "cover_while_printing":
            bench.printer.fault("cover", after_mm=1)
            bench.send(b"\n")
        else:
            bench.printer.fault(state)
    assert b"".join(bench.answers) == bytes.fromhex(vector["bytes"])


def test_states_add_by_or() -> None:
    bench = brought_into(["near_end", "cover", "cutter_jam", "drawer"])
    assert (
        bench.send(bytes.fromhex("10 04 01 10 04 02 10 04 03 10 04 04")).hex(" ") == "1e 56 1a 1e"
    )
    assert bench.send(ARM).hex(" ") == "3c 08 03 0f"


@pytest.mark.parametrize("vector", TO_PRINTER, ids=[v["name"] for v in TO_PRINTER])
def test_the_printer_understands_what_hosts_send(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    data = bytes.fromhex(vector["bytes"])
    lane = BufferedLane()
    commands = lane.feed(data)
    assert b"".join(c.raw for c in commands) == data
    assert Op.UNKNOWN not in [c.op for c in commands]
    if "lines" in meaning:
        assert hashlib.sha256(data).hexdigest() == meaning["sha256"]
        bench = Bench()
        bench.send(data)
        assert bench.printer.jobs[0].texts == meaning["lines"]
        assert bench.printer.jobs[0].cut == meaning["cut"]
        return
    command = next(c for c in commands if c.op == meaning["op"])
    if "params" in meaning:
        assert list(command.params) == meaning["params"]
    if "data" in meaning:
        assert command.data == bytes.fromhex(meaning["data"])
    if "rows" in meaning:
        rows = [c.data for c in commands if c.op is Op.RASTER_ROW]
        assert rows == [bytes.fromhex(row) for row in meaning["rows"]]
    if "stray" in meaning:
        stray = [c.raw for c in commands if c.op is Op.IGNORED]
        assert b"".join(stray) == bytes.fromhex(meaning["stray"])
    if "table" in meaning:
        bench = Bench()
        bench.send(bytes((0x1B, 0x74, meaning["table"])) + data + b"\n")
        assert bench.texts == [meaning["text"]]
