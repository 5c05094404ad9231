"""Every answer of the documents' tables, read to the bits it sets and to the one thing told first."""

import tomllib
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from drivers.escpos.frames import AutoStatus, Block, Classifier, InOrder, RealTime
from drivers.escpos.sensors import (
    Sensors,
    is_offline,
    of_auto_status,
    of_real_time,
    with_paper_sensor,
)
from drivers.ports import PrinterState

VECTORS: list[dict[str, Any]] = [
    vector
    for vector in tomllib.loads(
        (Path(__file__).parents[2] / "vectors" / "escpos.toml").read_text(encoding="utf-8")
    )["vector"]
    if vector["direction"] == "from_printer"
]
STATES = {
    ("ready",): PrinterState.READY,
    ("near_end",): PrinterState.NEAR_END,
    ("paper_end",): PrinterState.PAPER_END,
    ("cover",): PrinterState.COVER_OPEN,
    ("cover_while_printing",): PrinterState.COVER_OPEN,
    ("cutter_jam",): PrinterState.CUTTER,
    ("mechanical",): PrinterState.ERROR,
    ("unrecoverable",): PrinterState.ERROR,
    ("head_hot",): PrinterState.HOT,
    ("feed_held",): PrinterState.READY,
    ("waiting",): PrinterState.ERROR,
    ("drawer",): PrinterState.READY,
    ("near_end", "cover"): PrinterState.COVER_OPEN,
}
"""What people are told; holding the FEED button is no fault."""


def of(vector: dict[str, Any]) -> tuple[str, ...]:
    return tuple(vector["meaning"]["state"])


def answer(vector: dict[str, Any]) -> bytes:
    return bytes.fromhex(vector["bytes"])


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if v["meaning"]["report"] == "asb"], ids=lambda v: v["name"]
)
def test_automatic_status_tells_the_state(vector: dict[str, Any]) -> None:
    frames = Classifier().feed(answer(vector), 0.0)
    assert frames == [AutoStatus(answer(vector))]
    assert of_auto_status(answer(vector)).state is STATES[of(vector)]


def quartets() -> list[Any]:
    asked = [
        v
        for v in VECTORS
        if v["meaning"]["query"].startswith("10 04") and "profile" not in v["meaning"]
    ]
    groups = {state: list(group) for state, group in groupby(asked, key=of)}
    return [
        pytest.param(state, [answer(v) for v in g], id="+".join(state))
        for state, g in groups.items()
    ]


@pytest.mark.parametrize(("state", "answers"), quartets())
def test_four_answers_tell_the_same_state(state: tuple[str, ...], answers: list[bytes]) -> None:
    assert [len(a) for a in answers] == [1, 1, 1, 1]
    for one in answers:
        assert Classifier().feed(one, 0.0) == [RealTime(one[0])]
    sensors = of_real_time(*(a[0] for a in answers))
    assert sensors.state is STATES[state]
    assert is_offline(answers[0][0]) is sensors.offline


def test_all_states_of_the_table_have_vectors() -> None:
    for report in ("asb", "printer", "offline_cause", "error", "paper"):
        found = {of(v) for v in VECTORS if v["meaning"]["report"] == report}
        assert found >= set(STATES)


def test_both_ways_of_asking_agree_bit_for_bit() -> None:
    by_asb = {of(v): of_auto_status(answer(v)) for v in VECTORS if v["meaning"]["report"] == "asb"}
    for case in quartets():
        state, answers = case.values
        assert of_real_time(*(a[0] for a in answers)) == by_asb[state], state


def test_a_printer_without_near_end_sensor_is_at_its_end() -> None:
    assert of_real_time(0x1A, 0x32, 0x12, 0x72).state is PrinterState.PAPER_END


def test_identity_process_id_and_cleared_are_blocks() -> None:
    meanings = {"identity", "process_id", "cleared"}
    found = [v for v in VECTORS if v["meaning"]["report"] in meanings]
    assert {v["meaning"]["report"] for v in found} == meanings
    for vector in found:
        raw = answer(vector)
        assert Classifier().feed(raw, 0.0) == [Block(raw[0], raw[1:-1])]


def test_the_paper_sensor_answer_tells_near_end_only() -> None:
    for vector in VECTORS:
        if vector["meaning"]["report"] == "sensor" and not vector["meaning"].get("silent"):
            raw = answer(vector)
            assert Classifier().feed(raw, 0.0) == [InOrder(raw[0])]
            near = "near_end" in of(vector)
            assert with_paper_sensor(Sensors(), raw[0]).near_end is near


def test_undefined_bits_are_not_looked_at() -> None:
    assert of_auto_status(b"\x10\x00\x60\x6f") == of_auto_status(b"\x10\x00\x00\x00")
    # TM-T88III leaves bits 5 and 6 of n=1 and bit 2 of n=3 undefined
    assert of_real_time(0x72, 0x12, 0x16, 0x12) == Sensors()


def test_half_a_pair_is_nothing() -> None:
    assert of_real_time(0x12, 0x12, 0x12, 0x16) == Sensors()
    assert of_auto_status(b"\x10\x00\x05\x0f") == Sensors()


def test_cover_before_paper_before_other_errors() -> None:
    worst = Sensors(offline=True, cover_open=True, paper_end=True, cutter=True, hot=True)
    assert worst.state is PrinterState.COVER_OPEN
    assert Sensors(paper_end=True, cutter=True).state is PrinterState.PAPER_END
    assert Sensors(cutter=True, mechanical=True, hot=True).state is PrinterState.CUTTER
    assert Sensors(offline=True).state is PrinterState.ERROR
