"""The pages a PLC engineer reads are made from the tables, and the tables agree with each other and with the line."""

from pathlib import Path

import pytest

from config.sorter import Belt
from drivers.modbus_belt import conformance, contract, exchange
from drivers.modbus_belt.contract import COMMANDS, EVENTS, TRANSITIONS
from drivers.modbus_belt.declare import PAGES
from drivers.modbus_belt.registers import REGISTERS, SIGNS
from drivers.ports import BeltCommand, CommandResult, Happening, Mode, Pack, Sign
from sorter.belt.pack import ALLOWED

FOLDER = Path(__file__).parents[3] / "docs/plc"


@pytest.mark.parametrize("name", [name for name in PAGES if name != "belt"])
def test_a_page_made_from_the_tables_is_current(name: str) -> None:
    file = name if "." in name else f"{name}.md"
    written = (FOLDER / file).read_text(encoding="utf-8")
    assert written == PAGES[name](), (
        f"python -m drivers.modbus_belt.declare {name} > docs/plc/{file}"
    )


def test_every_register_command_event_and_state_stands_on_its_page() -> None:
    for register in REGISTERS:
        assert f"`{register.name}`" in PAGES["registers"]()
    assert {e.kind for e in EVENTS} == set(Happening) - {Happening.UNKNOWN}
    assert {c.command for c in COMMANDS} == set(BeltCommand)
    assert set(contract.RESULTS) == set(CommandResult)
    assert set(contract.SIGN_MEANING) == set(Sign) == set(map(Sign, SIGNS))
    assert set(contract.MODE_MEANING) == set(Mode)


def test_a_plc_has_as_long_to_answer_by_the_contract_as_in_a_station_and_in_its_test() -> None:
    seconds = contract.ANSWER_MS / 1000
    assert Belt.model_fields["answer_s"].default == seconds
    assert exchange.ANSWER_S == conformance.PROMPT_S == seconds
    assert f"{contract.ANSWER_MS} ms beyond the time on the wire" in PAGES["states"]()
    traps = (FOLDER / "traps.md").read_text(encoding="utf-8")
    assert f"answer within {contract.ANSWER_MS} ms or not at all" in traps


def test_the_line_gives_a_command_where_the_contract_takes_it() -> None:
    by_contract = {c.command: c.where for c in COMMANDS}
    for command, states in ALLOWED.items():
        assert by_contract[command] == states, command


def test_each_state_that_acts_ends_by_itself_and_each_that_waits_does_not() -> None:
    acting = {t.before for t in TRANSITIONS if t.cause == "done"}
    waiting = {Pack.STOPPED, Pack.IDLE, Pack.SUSPENDED, Pack.EXECUTE, Pack.HELD, Pack.ABORTED}
    assert acting == set(Pack) - waiting - {Pack.COMPLETE}


def test_every_state_can_be_reached_and_left() -> None:
    assert {t.after for t in TRANSITIONS} == {t.before for t in TRANSITIONS} == set(Pack)


def test_nothing_leads_out_of_aborted_but_clear() -> None:
    (only,) = (t for t in TRANSITIONS if t.before is Pack.ABORTED)
    assert only.command is BeltCommand.CLEAR
