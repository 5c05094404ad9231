"""PackML in the simulated controller: every command in every state, and where each acting state ends."""

import pytest

from hw_sim.agenda import Agenda
from hw_sim.devices.belt_pack import ENDS, LEADS, Order, Pack, State

STANDING = {State.STOPPED, State.IDLE, State.SUSPENDED, State.EXECUTE}
STANDING |= {State.ABORTED, State.HELD, State.COMPLETE}

TABLE = {
    Order.RESET: {2: 15, 17: 15},
    Order.START: {4: 3},
    Order.STOP: {n: 7 for n in range(1, 18) if n not in {1, 2, 7, 8, 9}},
    Order.HOLD: {6: 10},
    Order.UNHOLD: {11: 12},
    Order.SUSPEND: {6: 13},
    Order.UNSUSPEND: {5: 14},
    Order.ABORT: {n: 8 for n in range(1, 18) if n not in {8, 9}},
    Order.CLEAR: {9: 1},
    Order.COMPLETE: {6: 16},
}
"""State numbers of Beckhoff Tc3_PackML; Stop from all but 1, 2, 7, 8, 9 and Abort from all but 8 and 9."""


def machine(state: State) -> tuple[Pack, Agenda, list[tuple[State, State]]]:
    told: list[tuple[State, State]] = []
    agenda = Agenda()
    pack = Pack(agenda, 5.0, lambda new, old: told.append((new, old)))
    pack.state = state
    return pack, agenda, told


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("state", State)
def test_a_command_leads_where_the_table_says_or_nowhere(order: Order, state: State) -> None:
    pack, _, told = machine(state)
    to = TABLE[order].get(state)
    assert pack.may(order) is (to is not None)
    assert pack.give(order) is (to is not None)
    assert pack.state == (to or state)
    assert told == ([] if to is None else [(to, state)])


@pytest.mark.parametrize(
    ("state", "end"),
    [(1, 2), (3, 6), (7, 2), (8, 9), (10, 11), (12, 6), (13, 5), (14, 6), (15, 4)],
)
def test_an_acting_state_ends_by_itself(state: int, end: int) -> None:
    pack, agenda, told = machine(State.STOPPED)
    pack.enter(State(state))
    agenda.run(10)
    assert pack.state == end
    assert told[-1] == (end, state)


def test_the_horn_sounds_before_the_belt_starts() -> None:
    pack, agenda, told = machine(State.IDLE)
    pack.give(Order.START)
    agenda.run(4.9)
    assert told == [(State.STARTING, State.IDLE)]
    agenda.run(5.1)
    assert told[-1] == (State.EXECUTE, State.STARTING)


def test_completing_waits_until_the_belt_is_empty() -> None:
    pack, agenda, told = machine(State.EXECUTE)
    pack.give(Order.COMPLETE)
    agenda.run(60)
    assert told == [(State.COMPLETING, State.EXECUTE)]
    pack.done()
    assert told[-1] == (State.COMPLETE, State.COMPLETING)


def test_an_abort_overtakes_what_was_about_to_end() -> None:
    pack, agenda, _ = machine(State.IDLE)
    pack.give(Order.START)
    pack.give(Order.ABORT)
    agenda.run(10)
    assert pack.state is State.ABORTED


def test_every_state_is_left_by_a_command_or_by_itself() -> None:
    left = set(ENDS) | {state for table in LEADS.values() for state in table}
    assert left == set(State)
    assert set(State) - set(ENDS) == STANDING
