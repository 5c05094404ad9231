"""Faults before, during and after a job, and what each leaves behind."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.devices.escpos_faults import PRINTER_FAULTS
from tests.unit.hw_sim.printer.bench import ARM, BARRIER, CLEAR, CUT, PAPER_END, READY, Bench

LINES = [f"Bog {n}" for n in range(10)]
RECEIPT = b"\x1b@" + ARM + "".join(f"{line}\n" for line in LINES).encode() + CUT + BARRIER
TWO_LINES_MM = 8.0
STUCK_STATES = ["cover", "paper_end", "cutter_jam", "mechanical", "unrecoverable", "head_hot"]


def interrupted(verb: str, **args: object) -> Bench:
    """A printer whose receipt stopped after its second line."""
    bench = Bench()
    bench.printer.fault(verb, after_mm=TWO_LINES_MM, **args)
    bench.send(RECEIPT)
    assert bench.texts == LINES[:2]
    return bench


@pytest.mark.parametrize("verb", STUCK_STATES)
def test_a_fault_in_mid_job_is_told_at_once_and_the_barrier_stays_silent(verb: str) -> None:
    bench = interrupted(verb)
    assert bench.answers[-1][0] & 0x08
    assert bench.send(BARRIER) == b""
    assert bench.printer.truth()["unprinted"] is True


@pytest.mark.parametrize("verb", STUCK_STATES)
def test_the_rest_of_a_receipt_prints_after_recovery(verb: str) -> None:
    bench = interrupted(verb)
    bench.answers.clear()
    bench.printer.clear(verb)
    assert bench.texts == LINES
    assert bench.answers == [READY, b"\x00"]


@pytest.mark.parametrize("verb", STUCK_STATES)
def test_clearing_the_buffers_leaves_nothing_behind(verb: str) -> None:
    bench = interrupted(verb)
    assert bench.send(CLEAR) == b"\x37\x25\x00"
    bench.printer.clear(verb)
    assert bench.texts == LINES[:2]
    assert bench.printer.truth()["unprinted"] is False


@pytest.mark.parametrize("verb", STUCK_STATES)
def test_a_power_cycle_leaves_nothing_behind_and_disarms(verb: str) -> None:
    bench = interrupted(verb)
    bench.printer.fault("power_cycle")
    bench.answers.clear()
    bench.printer.clear(verb)
    assert bench.texts == LINES[:2]
    assert bench.answers == []


def test_a_power_cycle_forgets_the_code_page() -> None:
    bench = Bench()
    bench.send(b"\x1bt\x10")
    bench.printer.fault("power_cycle")
    bench.send(b"\xf8\n")
    assert bench.texts == ["°"]


def test_recovery_with_clearing_is_ignored_for_paper_end() -> None:
    bench = interrupted("paper_end")
    bench.send(bytes.fromhex("10 05 02"))
    bench.printer.fault("refill")
    assert bench.texts == LINES


@pytest.mark.parametrize("verb", ["cutter_jam", "mechanical"])
def test_recovery_with_clearing_leaves_nothing_behind(verb: str) -> None:
    bench = interrupted(verb, stuck=False)
    bench.answers.clear()
    assert bench.send(bytes.fromhex("10 05 02")) == READY
    assert bench.texts == LINES[:2]


@pytest.mark.parametrize("verb", ["cutter_jam", "mechanical"])
def test_recovery_without_clearing_goes_on_at_the_failed_line(verb: str) -> None:
    bench = interrupted(verb, stuck=False)
    bench.send(bytes.fromhex("10 05 01"))
    assert bench.texts == LINES


def test_a_jam_that_a_person_must_clear_outlasts_recovery() -> None:
    bench = interrupted("cutter_jam")
    assert bench.send(bytes.fromhex("10 05 02")) == b""
    assert bench.send(bytes.fromhex("10 04 03")) == b"\x1a"


def test_a_printer_at_fault_can_be_armed_when_nothing_waits() -> None:
    bench = Bench()
    bench.printer.fault("paper_end")
    assert bench.send(b"\x1b@" + ARM) == PAPER_END
    assert bench.send(b"Bog\n" + ARM) == b""


def test_a_half_received_band_outlives_the_client() -> None:
    bench = Bench()
    bench.send(bytes.fromhex("1D 76 30 00 48 00 30 00"))
    bench.printer.detach()
    answers: list[bytes] = []
    bench.printer.attach(answers.append, lambda: None)
    bench.printer.receive(ARM)
    assert answers == []
    bench.printer.receive(bytes(72 * 48) + ARM)
    assert answers == [READY]


def test_real_time_commands_work_inside_image_data_and_count_as_data() -> None:
    bench = Bench()
    row = bytes.fromhex("10 04 04 00")
    assert bench.send(bytes.fromhex("1D 76 30 00 04 00 01 00") + row) == b"\x12"
    assert bench.printer.job.rows == [row + bytes(68)]


def test_a_live_drawer_command_in_image_data_is_seen_in_the_truth() -> None:
    bench = Bench()
    bench.send(bytes.fromhex("1D 76 30 00 05 00 01 00 10 14 01 00 05"))
    assert bench.printer.truth()["drawer_pulses"] == 1


def test_never_finishes_prints_but_answers_no_barrier() -> None:
    bench = Bench()
    bench.printer.fault("never_finishes")
    process_id = bytes.fromhex("1D 28 48 06 00 30 30 30 30 30 31")
    assert bench.send(b"Bog\n" + BARRIER + process_id) == b""
    assert bench.texts == ["Bog"]
    assert bench.send(bytes.fromhex("10 04 01")) == b"\x12"


def test_a_stalled_printer_reads_nothing_and_goes_on_when_it_wakes() -> None:
    bench = Bench()
    bench.printer.fault("stalled")
    assert bench.send(b"Bog\n\x10\x04\x01" + BARRIER) == b""
    assert bench.texts == []
    bench.printer.clear("stalled")
    assert bench.texts == ["Bog"]
    assert sorted(bench.answers) == [b"\x00", b"\x12"]


def test_a_printer_that_was_switched_off_is_silent_until_the_power_cycle() -> None:
    bench = Bench()
    assert bench.send(bytes.fromhex("10 14 02 01 08 10 04 01")) == b""
    bench.printer.fault("power_cycle")
    assert bench.send(bytes.fromhex("10 04 01")) == b"\x12"


def test_a_line_without_its_feed_is_unprinted_until_the_printer_is_reset() -> None:
    bench = Bench()
    bench.send(b"Bog")
    assert bench.printer.truth()["unprinted"] is True
    bench.send(b"\x1b@")
    assert bench.printer.truth()["unprinted"] is False
    assert bench.texts == []


def test_a_stray_answer_comes_unasked() -> None:
    bench = Bench()
    bench.printer.fault("stray_answer", bytes="13 11")
    assert bench.answers == [b"\x13\x11"]
    assert bench.printer.faults() == {}


def test_undefined_bits_change_nothing_that_is_defined() -> None:
    bench = Bench(profile="TM-T88III")
    seen = set()
    for _ in range(40):
        quartet = bench.send(ARM)
        assert (
            bytes(a & b for a, b in zip(quartet, b"\xff\xff\x9f\x90", strict=True)) == b"\x10\0\0\0"
        )
        assert bench.send(bytes.fromhex("10 04 02 10 04 04")) == b"\x12\x12"
        assert bench.send(bytes.fromhex("10 04 01"))[0] & 0x9F == 0x12
        seen.add(quartet)
    assert len(seen) > 5


@pytest.mark.parametrize(
    ("profile", "query"),
    [
        ("no-asb", "1D 61 FF"),
        ("no-process-id", "1D 28 48 06 00 30 30 30 30 30 31"),
        ("plain", "10 14 08 01 03 14 01 06 02 08"),
        ("TM-T88V", "1B 06 01"),
    ],
)
def test_what_a_printer_does_not_know_it_does_not_answer(profile: str, query: str) -> None:
    assert Bench(profile=profile).send(bytes.fromhex(query)) == b""


def test_no_near_end_without_the_sensor() -> None:
    bench = Bench(profile="no-near-end")
    bench.printer.fault("near_end")
    assert bench.send(bytes.fromhex("10 04 04")) == b"\x12"


def test_the_roll_runs_out_by_itself_and_a_new_one_ends_it() -> None:
    bench = Bench()
    bench.send(ARM)
    bench.printer.fault("refill", metres=3.01)
    bench.answers.clear()
    bench.send(b"\n" * 5)
    assert bench.answers == [bytes.fromhex("10 00 03 0F")]
    bench.printer.fault("refill")
    assert bench.answers[-1] == READY


def test_only_the_asked_items_are_told() -> None:
    bench = Bench()
    assert bench.send(bytes.fromhex("1D 61 08")) == READY
    bench.printer.fault("drawer")
    assert bench.answers == [READY]
    bench.printer.fault("near_end")
    assert bench.answers[1:] == [bytes.fromhex("14 00 03 0F")]


def test_going_offline_is_told_where_asked_for() -> None:
    bench = Bench()
    bench.send(bytes.fromhex("1D 28 48 03 00 31 30 01"))
    bench.printer.fault("cover")
    assert bench.answers == [b"\x37\x23\x00"]


def test_unknown_faults_are_refused_by_name() -> None:
    bench = Bench()
    with pytest.raises(ValueError, match="cutter_jam"):
        bench.printer.fault("on_fire")
    with pytest.raises(ValueError, match="cutter_jam"):
        bench.printer.clear("on_fire")
    with pytest.raises(TypeError):
        bench.printer.fault("cover", colour="red")
    with pytest.raises(ValueError, match="TM-T88V"):
        Bench(profile="LQ-500")


@pytest.mark.parametrize(
    "verb", sorted(set(PRINTER_FAULTS) - {"refill", "power_cycle", "stray_answer"})
)
def test_every_standing_fault_is_listed_and_can_be_cleared(verb: str) -> None:
    bench = Bench()
    bench.printer.fault(verb)
    assert list(bench.printer.faults()) == [verb]
    bench.printer.clear()
    assert bench.printer.faults() == {}
    assert bench.send(b"Bog\n" + BARRIER) == b"\x00"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.data())
def test_garbage_never_raises_and_any_chunking_gives_the_same_paper(
    noise: bytes, data: st.DataObject
) -> None:
    stream = b"\x1b@Bog\n" + noise + RECEIPT
    at = data.draw(st.lists(st.integers(0, len(stream)), max_size=5).map(sorted))
    whole, split = Bench(), Bench()
    whole.send(stream)
    for a, b in zip([0, *at], [*at, len(stream)], strict=True):
        split.send(stream[a:b])
    assert split.printer.paper.rows == whole.printer.paper.rows
    assert split.printer.truth() == whole.printer.truth()
