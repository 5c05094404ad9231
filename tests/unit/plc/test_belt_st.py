"""The reference program in Structured Text: it is whole, it is checked, and it does what the contract says."""

import re

import pytest

from drivers.modbus_belt.contract import ARROWS, COMMANDS, CommandLine
from drivers.modbus_belt.declare import BEGIN, END, structured_text
from drivers.modbus_belt.registers import REGISTERS
from drivers.ports import BeltAlarm, BeltCommand, CommandResult, Happening, Pack
from tests.unit.plc.machine import SOURCE, Bench
from tests.unit.plc.st import Machine, Reader, Wrong

TEXT = SOURCE.read_text(encoding="utf-8")
H = Happening


def test_its_declarations_are_those_of_the_table() -> None:
    made = TEXT[TEXT.index(BEGIN) : TEXT.index(END) + len(END) + 1]
    assert made == structured_text(), "python -m drivers.modbus_belt.declare belt"


def test_every_register_state_event_command_and_result_is_used() -> None:
    read = Reader(TEXT)
    wanted = {f"R_{r.name.upper()}" for r in REGISTERS} | {f"ST_{p.name}" for p in Pack}
    wanted |= {f"CMD_{c.name}" for c in BeltCommand}
    wanted |= {f"EV_{h.name}" for h in Happening} - {"EV_UNKNOWN"}
    wanted |= {f"ALARM_{a.name}" for a in BeltAlarm}
    wanted |= {f"RES_{r.name}" for r in CommandResult} - {"RES_BUSY"}  # it is never busy
    assert wanted <= read.used


def test_nothing_is_declared_for_nothing() -> None:
    read = Reader(TEXT)
    spare = set(read.globals) - read.used
    allowed = {"MODE_MAINTENANCE", "RES_BUSY", "NOMINAL_MM_S", "inCrcErrors"}
    assert spare <= allowed, spare


def test_an_input_is_read_and_never_written() -> None:
    read = Reader(TEXT)
    inputs = {n for n in read.globals if n.startswith(("In", "Eye", "Sensor"))}
    assert {"InSafetyClosed", "InEStop", "InGuardOpen"} <= inputs & read.used
    assert not inputs & read.assigned
    assert {n for n in read.globals if n.startswith("Out")} <= read.assigned


BAD = [
    ("items[k].used := FALSE;", "items[k].usd := FALSE;", "has no usd"),
    ("itemsOn := itemsOn + 1;", "itemsOn := itemsOn + countItems;", "do not go together"),
    ("lastTid := 1;", "lastTid := 1; END_IF;", "missing"),
    ("ring[place].tid := tid;", "ring[place].tid := Tid;", "spelled tid elsewhere"),
    ("R_STATE] := state;", "R_STATES] := state;", "not declared"),
    ("atBin(bin := b);", "atBin();", "needs"),
    ("hostAlive := alive;", "hostAlive := 1;", "do not go together"),
]


@pytest.mark.parametrize(("was", "becomes", "says"), BAD, ids=[b[2] for b in BAD])
def test_what_is_wrong_would_be_seen(was: str, becomes: str, says: str) -> None:
    assert was in TEXT
    with pytest.raises(Wrong, match=re.escape(says)):
        Reader(TEXT.replace(was, becomes))


def test_a_number_that_does_not_fit_ends_the_run() -> None:
    text = "PROGRAM P\nVAR\n a : UINT;\nEND_VAR\n a := a - 1;\nEND_PROGRAM"
    with pytest.raises(Wrong, match="line 5: -1 is not in"):
        Machine(text, "P").scan()


# --- it runs ------------------------------------------------------------------------------------------


def running(encoder: int = 0) -> Bench:
    """A bench in Execute with a host that lives."""
    bench = Bench()
    bench.plc["InEncoder"] = encoder
    drive(bench, BeltCommand.RESET, 60)
    drive(bench, BeltCommand.START, 520)
    assert bench["state"] == Pack.EXECUTE
    return bench


def drive(bench: Bench, command: BeltCommand, scans: int, a1: int = 0, a2: int = 0) -> int:
    sequence = bench["cmd_ack"] + 1
    bench.write("cmd_seq", sequence, command, a1, a2, sequence)
    alive(bench, scans)
    assert bench["cmd_ack"] == sequence
    return bench["cmd_result"]


def alive(bench: Bench, scans: int) -> None:
    """So many scans, with a host that beats every 50 ms."""
    for n in range(scans):
        if n % 5 == 0:
            bench.beat()
        bench.scan()


def send(bench: Bench, tid: int, bin: int, alternate: int = 0) -> None:
    first = 300 + tid % 32 * 4
    bench.plc["HR"][first : first + 4] = [tid, bin, alternate, tid]


def about_items(bench: Bench) -> list[tuple[int, int, int, int]]:
    return [e for e in bench.events() if e[1]]


def test_a_book_goes_where_it_was_sent_and_every_step_is_told() -> None:
    bench = running()
    bench.lay(210)
    alive(bench, 200)
    send(bench, 1, 4)
    alive(bench, 400)
    assert bench.bins[4] == [210]
    assert about_items(bench) == [
        (H.INDUCTED, 1, 210, 65535),
        (H.AT_READER, 1, 0, 0),
        (H.LEFT_READER, 1, 0, 0),
        (H.DIVERT_FIRED, 1, 4, 0),
        (H.CONFIRMED, 1, 4, 0),
    ]
    assert bench["items"] == 0


def test_a_full_bin_gives_its_alternate_and_then_the_default() -> None:
    bench = running()
    bench.plc["SensorFull"][4] = True
    for tid, alternate in ((1, 6), (2, 0)):
        bench.lay(200)
        alive(bench, 60)
        send(bench, tid, 4, alternate)
        alive(bench, 900)
    assert (bench.bins[4], bench.bins[6], bench.bins[9]) == ([], [200], [200])


def test_without_a_destination_it_is_late_and_goes_to_the_default_bin() -> None:
    bench = running()
    bench.lay()
    alive(bench, 1000)
    assert bench.bins[9] == [200]
    kinds = [e[0] for e in about_items(bench)]
    assert kinds[-2:] == [H.LATE, H.CONFIRMED]
    assert bench["count_late"] == 1


def test_a_destination_behind_the_item_is_rejected_once_and_a_new_one_counts() -> None:
    bench = running()
    bench.lay()
    alive(bench, 340)  # behind divert 3
    send(bench, 1, 2)
    alive(bench, 100)
    send(bench, 1, 6)
    alive(bench, 400)
    rejected = [e for e in about_items(bench) if e[0] == H.DEST_REJECTED]
    assert rejected == [(H.DEST_REJECTED, 1, 1, 2)]
    assert bench.bins[6] == [200]


@pytest.mark.parametrize(("dest", "alternate"), [(10, 0), (0, 0), (4, 10)])
def test_a_bin_or_an_alternate_that_is_none_is_rejected_and_counts_for_nothing(
    dest: int, alternate: int
) -> None:
    bench = running()
    bench.lay()
    alive(bench, 60)
    send(bench, 1, dest, alternate)
    alive(bench, 900)
    told = about_items(bench)
    assert [e for e in told if e[0] == H.DEST_REJECTED] == [(H.DEST_REJECTED, 1, 2, dest)]
    assert [e[0] for e in told[-2:]] == [H.LATE, H.CONFIRMED]
    assert bench.bins[9] == [200]


@pytest.mark.parametrize("slot", [(1, 4, 0, 2), (33, 4, 0, 33), (1, 4, 0, 0)])
def test_a_slot_of_another_item_is_not_its_own(slot: tuple[int, ...]) -> None:
    bench = running()
    bench.lay()
    bench.plc["HR"][304:308] = list(slot)
    alive(bench, 1000)
    assert bench.bins[4] == []


def test_a_divert_that_sticks_is_told_as_missed() -> None:
    bench = running()
    bench.stuck.add(4)
    bench.lay()
    alive(bench, 60)
    send(bench, 1, 4)
    alive(bench, 900)
    assert about_items(bench)[-1] == (H.MISSED, 1, 4, 9)


@pytest.mark.parametrize(("sent", "wanted"), [(6, 6), (None, 9)])
def test_what_a_divert_that_stays_out_takes_is_told_with_the_bin_that_was_wanted(
    sent: int | None, wanted: int
) -> None:
    bench = running()
    bench.swung.add(4)
    bench.stuck.add(4)
    bench.lay()
    alive(bench, 60)
    if sent is not None:
        send(bench, 1, sent)
    alive(bench, 600)
    assert bench.bins[4] == [200]
    assert about_items(bench)[-1] == (H.MISSED, 1, wanted, 4)


def test_a_book_taken_off_is_lost_and_one_put_on_is_a_stray() -> None:
    bench = running()
    bench.lay()
    alive(bench, 100)
    bench.books.clear()
    alive(bench, 1100)
    assert about_items(bench)[-1][:2] == (H.LOST, 1)
    bench.cover(3, 20)
    alive(bench, 30)
    assert (H.STRAY, 0, 5, 0) in bench.events()


@pytest.mark.parametrize(("first", "gap"), [(200, 30), (500, 200)], ids=["near", "long"])
def test_two_books_that_may_be_one_go_to_the_default_bin(first: float, gap: float) -> None:
    bench = running()
    bench.lay(first)
    bench.lay(200, behind=first + gap)
    alive(bench, 130)
    bad = next(e[1] for e in bench.events() if e[0] == H.GAP_FAULT)
    for tid in (1, 2):
        send(bench, tid, 5)
    alive(bench, 1000)
    ends = {e[1]: e[2] for e in about_items(bench) if e[0] == H.CONFIRMED}
    assert ends[bad] == 9


def test_the_order_on_the_belt_does_not_matter_to_where_books_go() -> None:
    bench = running()
    wanted = {1: 3, 2: 1, 3: 8, 4: 3, 5: 2}
    for n in range(5):
        bench.lay(150 + 10 * n, behind=400 * n)
    for _ in range(12):
        alive(bench, 100)
        for tid, bin in wanted.items():
            send(bench, tid, bin)
    assert {n: books for n, books in bench.bins.items() if books} == {
        1: [160], 2: [190], 3: [150, 180], 8: [170]
    }  # fmt: skip


def test_a_jam_aborts_and_is_latched_until_an_operator_clears_it() -> None:
    bench = running()
    bench.cover(2, 10000)
    alive(bench, 300)
    assert bench["state"] == Pack.ABORTED
    assert (H.JAM, 0, 4, 0) in bench.events()
    bench.cover(2, 0)
    alive(bench, 100)
    assert bench["state"] == Pack.ABORTED
    assert drive(bench, BeltCommand.CLEAR, 60) == CommandResult.OK
    assert bench["state"] == Pack.STOPPED


def test_a_purge_ends_the_doubt_after_an_emergency_stop_and_not_while_it_is_pressed() -> None:
    bench = running()
    bench.plc["InEStop"] = True
    alive(bench, 60)
    assert drive(bench, BeltCommand.PURGE, 3) == CommandResult.OK
    bench.plc["InEStop"] = False
    assert drive(bench, BeltCommand.CLEAR, 3) == CommandResult.NOT_PERMITTED
    assert drive(bench, BeltCommand.PURGE, 3) == CommandResult.OK
    assert drive(bench, BeltCommand.CLEAR, 60) == CommandResult.OK


@pytest.mark.parametrize(
    ("signal", "opened"), [("InSafetyClosed", False), ("InEStop", True), ("InGuardOpen", True)]
)
def test_safety_stops_it_and_nothing_on_the_wire_starts_it(signal: str, opened: bool) -> None:
    bench = running()
    bench.plc[signal] = opened
    bench.scan()
    assert not bench.plc["OutBelt"]
    alive(bench, 60)
    assert bench["state"] == Pack.ABORTED
    for command in BeltCommand:
        for a1 in (0, 1, 2):
            drive(bench, command, 2, a1)
            assert bench["state"] == Pack.ABORTED
    bench.plc[signal] = not opened
    assert drive(bench, BeltCommand.CLEAR, 3) == CommandResult.NOT_PERMITTED
    bench.plc["InEmptied"] = True
    bench.scan()
    assert drive(bench, BeltCommand.CLEAR, 60) == CommandResult.OK


def test_a_silent_host_suspends_it_and_it_comes_back_by_itself() -> None:
    bench = running()
    bench.scan(90)
    assert bench["state"] == Pack.EXECUTE
    bench.scan(20)
    assert bench["state"] == Pack.SUSPENDING
    assert not bench.plc["OutInlet"]
    bench.scan(140)
    assert bench["state"] == Pack.SUSPENDED
    alive(bench, 70)
    assert bench["state"] == Pack.EXECUTE
    assert [e[2] for e in bench.events() if e[0] == H.HOST] == [2, 1, 2]


def test_a_host_that_is_gone_stops_it_and_an_operators_suspend_stays() -> None:
    bench = running()
    bench.scan(3100)
    assert bench["state"] == Pack.STOPPED
    other = running()
    drive(other, BeltCommand.SUSPEND, 60)
    alive(other, 200)
    assert other["state"] == Pack.SUSPENDED


def test_events_that_nobody_takes_shut_the_inlet_and_then_stop_the_belt() -> None:
    bench = running()
    taken = bench["ev_head"]
    seen: set[tuple[int, int]] = set()
    for n in range(16):
        bench.lay(150, behind=300 * n)
    for n in range(4000):
        if n % 5 == 0:
            bench.write("host_hb", (bench["host_hb"] + 1) % 65536, taken, 1)
        bench.scan()
        seen.add((bench.plc["OutInlet"], bench.plc["frozen"]))
        if bench.plc["frozen"]:
            break
    assert bench.plc["frozen"]
    assert not bench.plc["OutBelt"]
    assert (False, False) in seen
    assert bench["state"] == Pack.EXECUTE
    assert 40 < (bench["ev_head"] - taken) % 65536 < 64
    alive(bench, 10)
    assert bench.plc["OutBelt"]


@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line.command.name)
def test_a_command_is_taken_in_the_states_of_the_table_and_in_no_other(line: CommandLine) -> None:
    bench = running()
    bench.plc["EyeGate"] = True
    arguments = {
        BeltCommand.ACKNOWLEDGE_ALARM: (0, 0),
        BeltCommand.GATE: (REFUSE, 0),  # a release asks for an open inlet, too
    }.get(line.command, (1, 1))
    for state in Pack:
        bench.beat()
        bench.plc["state"] = int(state)
        bench.plc["stateMs"] = 0
        sequence = bench["cmd_ack"] + 1
        bench.write("cmd_seq", sequence, line.command, *arguments, sequence)
        bench.scan()
        wanted = CommandResult.OK if state in line.where else CommandResult.WRONG_STATE
        assert bench["cmd_result"] == wanted, state
        after = Pack(bench["state"])
        assert after is state or (state, after) in ARROWS


@pytest.mark.parametrize(
    ("command", "a1", "a2"),
    [(20, 0, 0), (20, 4, 0), (21, 999, 0), (22, 0, 1), (22, 17, 1), (22, 1, 2), (23, 10, 0), (24, 0, 0), (25, 3, 0)],
)  # fmt: skip
def test_an_argument_out_of_range_is_refused(command: int, a1: int, a2: int) -> None:
    bench = Bench()
    bench.write("cmd_seq", 1, command, a1, a2, 1)
    bench.scan()
    assert (bench["cmd_ack"], bench["cmd_result"]) == (1, CommandResult.BAD_ARGUMENT)


def test_a_command_counts_once_and_only_when_its_check_agrees() -> None:
    bench = Bench()
    bench.write("cmd_seq", 1, BeltCommand.RESET, 0, 0, 2)
    bench.scan()
    assert bench["cmd_ack"] == 0
    bench.write("cmd_seq", 1, BeltCommand.RESET, 0, 0, 1)
    bench.scan(60)
    assert bench["state"] == Pack.IDLE
    bench.write("cmd_seq", 1, BeltCommand.START, 0, 0, 1)
    bench.scan(60)
    assert bench["state"] == Pack.IDLE


def test_at_power_on_bins_with_a_crate_are_in_use_and_the_last_is_the_default_bin() -> None:
    bench = Bench()
    bench.plc["SensorCrate"][4] = False
    bench.scan()
    assert [bench.plc["binOn"][n] for n in range(1, 10)] == [n != 4 for n in range(1, 10)]
    assert bench.plc["defaultBin"] == bench["n_bins"] == 9
    bench.plc["SensorCrate"][4] = True
    bench.scan(60)
    assert not bench.plc["binOn"][4]
    assert drive(bench, BeltCommand.BIN_DOCKED, 3, 4) == CommandResult.OK
    assert bench.plc["binOn"][4]


def test_a_crate_that_was_lifted_out_is_not_used_until_it_was_scanned() -> None:
    bench = running()
    bench.plc["SensorCrate"][4] = False
    alive(bench, 50)
    bench.plc["SensorCrate"][4] = True
    alive(bench, 50)
    assert [e[3] for e in bench.events() if e[0] == H.BIN] == [3, 4]
    assert not bench.plc["binOn"][4]
    drive(bench, BeltCommand.BIN_DOCKED, 3, 4)
    assert bench.plc["binOn"][4]


def test_without_a_bin_it_holds_and_goes_on_only_when_there_is_one_again() -> None:
    bench = running()
    bench.plc["SensorFull"][9] = True
    alive(bench, 100)
    assert bench["state"] == Pack.HELD
    assert drive(bench, BeltCommand.UNHOLD, 60) == CommandResult.NOT_PERMITTED
    assert bench["state"] == Pack.HELD
    bench.plc["SensorFull"][9] = False
    alive(bench, 60)
    assert drive(bench, BeltCommand.UNHOLD, 60) == CommandResult.OK
    assert bench["state"] == Pack.EXECUTE


def test_a_belt_in_mode_manual_is_not_started() -> None:
    bench = Bench()
    assert drive(bench, BeltCommand.MODE, 3, 3) == CommandResult.OK
    drive(bench, BeltCommand.RESET, 60)
    assert drive(bench, BeltCommand.START, 3) == CommandResult.NOT_PERMITTED


def test_a_drive_that_is_at_fault_is_not_cleared() -> None:
    bench = running()
    bench.plc["InDriveFault"] = True
    alive(bench, 60)
    assert drive(bench, BeltCommand.CLEAR, 3) == CommandResult.SAFETY
    bench.plc["InDriveFault"] = False
    assert drive(bench, BeltCommand.CLEAR, 60) == CommandResult.OK


@pytest.mark.parametrize("stopped", [False, True], ids=["running", "emergency stop"])
def test_a_purge_takes_what_was_given_its_alternate_to_the_default_bin_too(stopped: bool) -> None:
    bench = running()
    bench.plc["SensorFull"][4] = True
    alive(bench, 60)
    bench.lay(200)
    alive(bench, 60)
    send(bench, 1, 4, 6)
    alive(bench, 420)
    assert bench.plc["items"][1]["goal"] == 6
    if stopped:
        bench.plc["InEStop"] = True
        alive(bench, 60)
        bench.plc["InEStop"] = False
    assert drive(bench, BeltCommand.PURGE, 3) == CommandResult.OK
    if stopped:
        for command, scans in ((BeltCommand.CLEAR, 60), (BeltCommand.RESET, 60), (BeltCommand.START, 520)):  # fmt: skip
            assert drive(bench, command, scans) == CommandResult.OK
    alive(bench, 700)
    assert (bench.bins[6], bench.bins[9]) == ([], [200])
    assert about_items(bench)[-1] == (H.CONFIRMED, 1, 9, 0)


@pytest.mark.parametrize("scans", [450, 780, 820], ids=["divert 4", "divert 8", "behind them all"])
def test_a_purge_at_any_place_is_kept_and_what_a_divert_is_set_for_goes_in(scans: int) -> None:
    bench = running()
    bench.lay(200)
    alive(bench, 60)
    send(bench, 1, 4 if scans == 450 else 9)
    alive(bench, scans - 60)
    fired = bench.plc["items"][1]["fired"]
    assert fired is (scans == 450)
    drive(bench, BeltCommand.PURGE, 3)
    alive(bench, 600)
    assert about_items(bench)[-1] == (H.CONFIRMED, 1, 4 if fired else 9, 0)


def test_a_restart_is_another_boot_and_tracking_goes_on_through_the_encoders_end() -> None:
    bench = running((1 << 32) - 1000)
    bench.lay()
    alive(bench, 60)
    send(bench, 1, 2)
    alive(bench, 400)
    assert bench.bins[2] == [200]
    assert bench.plc["InEncoder"] < 1 << 31
    assert bench["boot_id"] == 1


RELEASE, REFUSE = 1, 2


def gate(bench: Bench, word: int) -> int:
    """Give the gate a word."""
    return drive(bench, BeltCommand.GATE, 1, word)


def refusals(bench: Bench) -> list[int]:
    return [a for kind, _, a, _ in bench.events() if kind == H.REFUSED]


def test_the_gate_gives_back_what_it_hears_no_word_about_for_three_seconds() -> None:
    bench = running()
    bench.plc["EyeGate"] = True
    alive(bench, 299)
    assert refusals(bench) == []
    alive(bench, 1)
    assert bench.plc["OutGateRefuse"]
    alive(bench, 1000)
    assert refusals(bench) == [2], "once, also where nobody takes it"
    assert not bench.plc["OutGateRefuse"]
    bench.plc["EyeGate"] = False
    alive(bench, 1)
    bench.plc["EyeGate"] = True
    alive(bench, 300)
    assert refusals(bench) == [2, 2], "the next is another thing"


@pytest.mark.parametrize("word", [RELEASE, REFUSE])
def test_at_an_empty_gate_a_word_is_in_the_wrong_state_and_nothing_happens(word: int) -> None:
    bench = running()
    assert gate(bench, word) == CommandResult.WRONG_STATE
    assert not bench.plc["OutGateRelease"]
    assert not bench.plc["OutGateRefuse"]
    assert refusals(bench) == []


def test_nothing_is_let_in_while_the_inlet_is_shut_and_it_is_given_back_all_the_same() -> None:
    bench = running()
    drive(bench, BeltCommand.HOLD, 60)
    bench.plc["EyeGate"] = True
    assert gate(bench, RELEASE) == CommandResult.WRONG_STATE
    assert not bench.plc["OutGateRelease"]
    assert gate(bench, REFUSE) == CommandResult.OK
    assert bench.plc["OutGateRefuse"]
    assert refusals(bench) == [1]


@pytest.mark.parametrize(("word", "told"), [(RELEASE, []), (REFUSE, [1])])
def test_a_word_about_what_lies_in_the_gate_ends_the_wait(word: int, told: list[int]) -> None:
    bench = running()
    bench.plc["EyeGate"] = True
    alive(bench, 290)
    assert gate(bench, word) == CommandResult.OK
    alive(bench, 400)
    assert refusals(bench) == told


def test_nothing_is_given_back_while_the_inlet_is_shut() -> None:
    bench = running()
    drive(bench, BeltCommand.HOLD, 60)
    bench.plc["EyeGate"] = True
    alive(bench, 400)
    drive(bench, BeltCommand.UNHOLD, 60)
    alive(bench, 230)
    assert refusals(bench) == [], "the time counts from when it opened"
    alive(bench, 70)
    assert refusals(bench) == [2]
