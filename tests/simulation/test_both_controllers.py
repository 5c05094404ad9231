"""The reference program and the simulated controller were written apart: both are held to the same tables."""

import pytest

from drivers.modbus_belt.contract import ARROWS, COMMANDS, CommandLine
from drivers.ports import BeltCommand, CommandResult, Pack
from hw_sim.devices.belt_pack import State
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
    """The simulated controller, as far as a story of safety needs it."""

    def __init__(self) -> None:
        self.trial = Trial()
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

    def jam(self) -> None:
        self.trial.plant.fault("jam", {"zone": 0})
        self.trial.feed(1)
        self.trial.until(lambda: self.state() is Pack.ABORTED, seconds=60)
        self.trial.plant.take_all()
        self.trial.plant.clear("jam")
        self.trial.for_(1)

    def emptied(self) -> None:
        self.trial.plant.take_all()
        self.trial.plc.emptied()
        self.trial.for_(0.2)

    def order(self, command: BeltCommand) -> CommandResult:
        found = CommandResult(self.trial.order(command))
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

    def _give(self, command: BeltCommand) -> None:
        sequence = self.bench["cmd_ack"] + 1
        self.bench.write("cmd_seq", sequence, command, 0, 0, sequence)
        self._scans(2)

    def e_stop(self, pressed: bool) -> None:
        self.bench.plc["InEStop"] = pressed
        self._scans(100)

    def guard(self, is_open: bool) -> None:
        self.bench.plc["InGuardOpen"] = is_open
        self._scans(100)

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

    def order(self, command: BeltCommand) -> CommandResult:
        self._give(command)
        found = CommandResult(self.bench["cmd_result"])
        self._scans(100)
        return found

    def state(self) -> Pack:
        return Pack(self.bench["state"])


BOTH = pytest.mark.parametrize("make", [Simulated, Reference])
OK, SAFETY, NOT_PERMITTED = CommandResult.OK, CommandResult.SAFETY, CommandResult.NOT_PERMITTED


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
    assert plc.state() is Pack.ABORTED
    assert plc.order(BeltCommand.CLEAR) is OK
    assert plc.order(BeltCommand.RESET) is OK
    assert plc.state() is Pack.IDLE
