"""The reference program and the simulated controller were written apart: both are held to the same tables."""

import pytest

from drivers.modbus_belt.conformance import event_zones
from drivers.modbus_belt.contract import ARROWS, COMMANDS, CommandLine
from drivers.ports import BeltCommand, BeltEvent, CommandResult, Happening, Mode, Pack
from hw_sim.devices.belt_pack import State
from hw_sim.plant_layout import Layout
from tests.unit.hw_sim.plant.trial import Trial
from tests.unit.plc.machine import Bench


def arguments(line: CommandLine) -> tuple[int, int]:
    return {BeltCommand.ACKNOWLEDGE_ALARM: (0, 0)}.get(line.command, (1, 1))


@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line.command.name)
def test_the_simulated_controller_takes_a_command_in_the_states_of_the_table_and_in_no_other(
    line: CommandLine,
) -> None:
    for state in Pack:
        trial = Trial()
        trial.step()
        trial.plc._pack.enter(State(state))
        found = CommandResult(trial.plc.order(line.command, *arguments(line)))
        wanted = CommandResult.OK if state in line.where else CommandResult.WRONG_STATE
        if line.command is BeltCommand.GATE:
            wanted = CommandResult.WRONG_STATE  # it answers for what stands in it, and nothing does
        assert found is wanted, state
        after = Pack(trial.state)
        assert after is state or (state, after) in ARROWS


class Simulated:
    """The simulated controller, as far as the stories here need it."""

    def __init__(self) -> None:
        self.trial = Trial(Layout(horn_s=0.5, capacity=10**9, guarded=True), tags=False)
        self.trial.step()
        self.trial.start()

    def e_stop(self, pressed: bool) -> None:
        self._fault("e_stop", pressed)

    def guard(self, is_open: bool) -> None:
        self._fault("guard", is_open)

    def _fault(self, verb: str, on: bool) -> None:
        if on:
            self.trial.plant.fault(verb, {})
        else:
            self.trial.plant.clear(verb)
        self.trial.for_(1)

    def silent(self, seconds: int) -> None:
        """The host says nothing for so long."""
        self.trial.silent = True
        self.trial.for_(seconds)

    def full(self, bin: int, full: bool) -> None:
        if full:
            self.trial.plant.fault("false_full", {"bin": bin})
        else:
            self.trial.plant.clear("false_full")
        self.trial.for_(2)

    def gate(self) -> None:
        self.trial.feed(1)
        self.trial.for_(1)

    def past(self, bin: int, alternate: int) -> None:
        self.gate()
        assert self.order(BeltCommand.GATE, RELEASE) is OK
        tracks = self.trial.plc.tracking.tracks
        self.trial.until(lambda: bool(tracks))
        self.trial.plc.destine(tracks[0].tid, bin, alternate)
        self.trial.until(lambda: tracks[0].next_eye > bin + 1)

    def landed(self) -> int:
        self.trial.until(lambda: self.trial.resting)
        (thing,) = self.trial.plant.ended.values()
        return thing.bin

    def events(self) -> list[BeltEvent]:
        return [
            BeltEvent(e.sequence, Happening(e.type), e.zone, e.tid, e.a, e.b, e.encoder)
            for e in self.trial.events
        ]

    def items(self) -> int:
        return self.trial.plc.tracking.on_belt

    def jam(self) -> None:
        self.trial.plant.fault("jam", {"zone": 0})
        self.gate()
        assert self.order(BeltCommand.GATE, RELEASE) is OK
        self.trial.until(lambda: self.state() is Pack.ABORTED, seconds=60)
        self.trial.plant.take_all()
        self.trial.plant.clear("jam")
        self.trial.for_(1)

    def emptied(self) -> None:
        self.trial.plant.take_all()
        self.trial.plc.emptied()
        self.trial.for_(0.2)

    def order(self, command: BeltCommand, a1: int = 0) -> CommandResult:
        found = CommandResult(self.trial.order(command, a1))
        self.trial.for_(1)
        return found

    def state(self) -> Pack:
        return Pack(self.trial.state)


class Reference:
    """The reference program in its interpreter."""

    def __init__(self) -> None:
        self.bench = Bench()
        for command, scans in ((BeltCommand.RESET, 60), (BeltCommand.START, 600)):
            self._scans(2)
            self._give(command)
            self._scans(scans)

    def _scans(self, count: int) -> None:
        for n in range(count):
            if n % 5 == 0:
                self.bench.beat()
            self.bench.scan()

    def _give(self, command: BeltCommand, a1: int = 0) -> None:
        sequence = self.bench["cmd_ack"] + 1
        self.bench.write("cmd_seq", sequence, command, a1, 0, sequence)
        self._scans(2)

    def e_stop(self, pressed: bool) -> None:
        self.bench.plc["InEStop"] = pressed
        self._scans(100)

    def guard(self, is_open: bool) -> None:
        self.bench.plc["InGuardOpen"] = is_open
        self._scans(100)

    def silent(self, seconds: int) -> None:
        """The host says nothing for so long."""
        self.bench.scan(100 * seconds)

    def full(self, bin: int, full: bool) -> None:
        self.bench.plc["SensorFull"][bin] = full
        self._scans(150)

    def gate(self) -> None:
        self.bench.plc["EyeGate"] = True
        self._scans(5)

    def past(self, bin: int, alternate: int) -> None:
        self.bench.lay()
        self._scans(100)
        self.bench.write("destinations", *[0] * 4, 1, bin, alternate, 1)
        while self.bench.plc["items"][1]["next"] <= bin:
            self._scans(5)

    def landed(self) -> int:
        while self.items():
            self._scans(5)
        (bin,) = (n for n, books in self.bench.bins.items() if books)
        return bin

    def events(self) -> list[BeltEvent]:
        ring = self.bench.plc["ring"][1 : self.bench.plc["evHead"] + 1]
        return [
            BeltEvent(
                e["seq"], Happening(e["head"] % 256), e["head"] // 256, e["tid"], e["a"], e["b"], e["edge"]
            )
            for e in ring
        ]  # fmt: skip

    def items(self) -> int:
        return self.bench["items"]

    def jam(self) -> None:
        self.bench.cover(2, 10000)
        self._scans(400)
        assert self.state() is Pack.ABORTED
        self.bench.cover(2, 0)
        self._scans(10)

    def emptied(self) -> None:
        self.bench.plc["InEmptied"] = True
        self._scans(5)
        self.bench.plc["InEmptied"] = False

    def order(self, command: BeltCommand, a1: int = 0) -> CommandResult:
        self._give(command, a1)
        found = CommandResult(self.bench["cmd_result"])
        self._scans(100)
        return found

    def state(self) -> Pack:
        return Pack(self.bench["state"])


BOTH = pytest.mark.parametrize("make", [Simulated, Reference])
ZONES = 11


def told(plc: Simulated | Reference, kind: Happening) -> int:
    """How many events of a kind were told; and of all of them the zone is right."""
    judged = event_zones(plc.events(), ZONES)
    assert judged.ok, judged.seen
    return sum(one.kind is kind for one in plc.events())


OK, SAFETY, NOT_PERMITTED = CommandResult.OK, CommandResult.SAFETY, CommandResult.NOT_PERMITTED
WRONG_STATE = CommandResult.WRONG_STATE
RELEASE, REFUSE = 1, 2


@BOTH
@pytest.mark.parametrize("what", ["e_stop", "guard"])
@pytest.mark.parametrize("way", ["emptied", "purge"])
def test_clear_waits_for_the_chain_and_then_for_a_belt_that_is_empty_or_purged(
    make: type[Simulated] | type[Reference], what: str, way: str
) -> None:
    plc = make()
    getattr(plc, what)(True)
    assert plc.state() is Pack.ABORTED
    assert plc.order(BeltCommand.CLEAR) is SAFETY
    assert plc.order(BeltCommand.PURGE) is OK
    plc.emptied()
    getattr(plc, what)(False)
    assert plc.order(BeltCommand.CLEAR) is NOT_PERMITTED, "neither counts while the chain is open"
    if way == "emptied":
        plc.emptied()
    else:
        assert plc.order(BeltCommand.PURGE) is OK
    assert plc.order(BeltCommand.CLEAR) is OK
    assert plc.state() is Pack.STOPPED


@BOTH
def test_a_jam_is_latched_until_an_operator_clears_it_by_command(
    make: type[Simulated] | type[Reference],
) -> None:
    plc = make()
    plc.jam()
    assert told(plc, Happening.JAM) == 1
    assert plc.state() is Pack.ABORTED
    assert plc.order(BeltCommand.CLEAR) is OK
    assert plc.order(BeltCommand.RESET) is OK
    assert plc.state() is Pack.IDLE


@BOTH
def test_a_held_belt_goes_on_only_when_the_default_bin_can_take_something(
    make: type[Simulated] | type[Reference],
) -> None:
    plc = make()
    plc.full(9, True)
    assert plc.state() is Pack.HELD
    assert plc.order(BeltCommand.UNHOLD) is NOT_PERMITTED
    assert plc.state() is Pack.HELD
    plc.full(9, False)
    assert plc.order(BeltCommand.UNHOLD) is OK
    assert plc.state() is Pack.EXECUTE


@BOTH
def test_the_gate_takes_a_word_about_what_lies_in_it_and_a_release_while_the_inlet_is_open(
    make: type[Simulated] | type[Reference],
) -> None:
    plc = make()
    assert plc.order(BeltCommand.GATE, RELEASE) is WRONG_STATE
    assert plc.order(BeltCommand.GATE, REFUSE) is WRONG_STATE
    assert plc.order(BeltCommand.HOLD) is OK
    plc.gate()
    assert plc.order(BeltCommand.GATE, RELEASE) is WRONG_STATE
    assert told(plc, Happening.REFUSED) == 0
    assert plc.order(BeltCommand.GATE, REFUSE) is OK
    assert told(plc, Happening.REFUSED) == 1


@BOTH
@pytest.mark.parametrize("purged", [False, True])
def test_a_purge_counts_more_than_the_alternate_that_an_item_was_given(
    make: type[Simulated] | type[Reference], purged: bool
) -> None:
    plc = make()
    plc.full(4, True)
    plc.past(4, 6)
    if purged:
        assert plc.order(BeltCommand.PURGE) is OK
    assert plc.landed() == (9 if purged else 6)
    assert told(plc, Happening.CONFIRMED) == 1


@BOTH
def test_in_mode_manual_the_belt_is_not_started(make: type[Simulated] | type[Reference]) -> None:
    plc = make()
    assert plc.order(BeltCommand.STOP) is OK
    assert plc.order(BeltCommand.MODE, Mode.MANUAL) is OK
    assert plc.order(BeltCommand.RESET) is OK
    assert plc.order(BeltCommand.START) is NOT_PERMITTED


@BOTH
def test_what_a_person_took_off_the_belt_is_forgotten_without_a_word(
    make: type[Simulated] | type[Reference],
) -> None:
    plc = make()
    plc.full(2, True)
    plc.past(2, 8)
    plc.e_stop(True)
    plc.e_stop(False)
    assert plc.items() == 1
    plc.emptied()
    assert plc.items() == 0
    assert told(plc, Happening.LOST) == 0
    assert plc.order(BeltCommand.CLEAR) is OK


@BOTH
@pytest.mark.parametrize(
    ("held", "then"), [(False, Pack.STOPPED), (True, Pack.HELD)], ids=["execute", "held"]
)
def test_a_host_that_is_gone_for_half_a_minute_stops_a_belt_that_is_suspended(
    make: type[Simulated] | type[Reference], held: bool, then: Pack
) -> None:
    plc = make()
    if held:
        assert plc.order(BeltCommand.HOLD) is OK
    plc.silent(29)
    assert plc.state() is (Pack.HELD if held else Pack.SUSPENDED)
    plc.silent(4)
    assert plc.state() is then
