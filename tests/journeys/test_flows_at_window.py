"""Each flow at the shipping window by accessible role and name: a table of where, and one long day for those without a place of their own."""

import pytest
from PySide6.QtGui import QAccessible

from tests.conftest import Heard
from tests.journeys.test_whole_visit import START, Machine, loans, machine
from tests.simulation.tables import proven

__all__ = ["machine"]

BOOK, SET = "3846646425", "3846646466"
VISIT, HERE = "journeys/test_whole_visit.py", "journeys/test_flows_at_window.py"
DAY = f"{HERE}::test_one_day_of_a_machine"
FLOWS = {
    "start": [f"{VISIT}::test_undo_by_its_spoken_name_and_in_english"],
    "login card": [
        f"{VISIT}::test_a_card_with_a_chip_signs_in_and_a_phone_is_told_kindly",
        f"{VISIT}::test_the_number_of_a_card_is_typed",
        DAY,
    ],
    "login PIN": [DAY],
    "borrow": [f"{VISIT}::test_a_blind_borrower_borrows_a_stack"],
    "borrow end": [f"{VISIT}::test_a_blind_borrower_borrows_a_stack"],
    "set": [DAY],
    "return": [DAY],
    "renew": [DAY],
    "holds": [
        f"{VISIT}::test_a_borrower_finds_her_holds_takes_one_lets_one_go_and_hears_what_she_owes"
    ],
    "fees": [
        f"{VISIT}::test_a_borrower_finds_her_holds_takes_one_lets_one_go_and_hears_what_she_owes"
    ],
    "receipt": [f"{VISIT}::test_a_blind_borrower_borrows_a_stack", DAY],
    "out of order": [f"{VISIT}::test_pulled_cables_are_said_in_every_language"],
    "staff entry": [f"{VISIT}::test_staff_closes_the_machine_by_what_is_read_out"],
    "speech": ["journeys/test_read_aloud.py::test_a_headset_and_keys_lead_the_window"],
}
"""Each step; the library system away, unread items, and all that may go wrong, are met by ear in tests/simulation/test_flows_by_ear.py."""


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_is_proven_at_the_window(flow: str) -> None:
    proven(FLOWS[flow])


def pin(machine: Machine, digits: str = "1234") -> None:
    machine.wait_for("Indtast din pinkode")
    for digit in digits:
        machine.press(digit)


def test_one_day_of_a_machine(machine: Machine, heard: Heard) -> None:
    heard.expect("printer.changed")
    world, tab = machine.world, QAccessible.Role.RadioButton
    machine.wait_for(START)
    machine.press("Lån")
    world.do("scan", text="xx")
    machine.wait_for("Kortet kan ikke læses. Vend det, eller tast nummeret.")
    world.do("scan", text="1234567890")
    pin(machine, "0000")
    machine.wait_for("Kort eller pinkode er forkert. Prøv igen.")
    pin(machine)
    machine.wait_for("Hej Karen")
    world.do("lay", items=[SET], parts=[1, 3])
    machine.wait_for("Ikke komplet", "del 2 mangler", "Skak for begyndere")
    machine.press("Lån ikke Skak for begyndere")
    machine.wait_for("Lånes ikke")
    world.do("lay", items=[BOOK])
    machine.wait_for("Lykke-Per", "1 af 1 lånt")
    machine.press("Mine lån", tab)
    machine.wait_for("Dine lån")
    machine.press("Lån", tab)
    world.do("fault", device="printer", verb="paper_end", args={"after_mm": 20.0})
    machine.press("Print kvittering")
    machine.wait_for("Kvitteringen kunne ikke printes", "Lykke-Per", "Lånt")
    machine.press("Afslut")
    world.do("lift")
    machine.wait_for(START)
    assert set(loans(world)) == {BOOK}

    machine.press("Mine lån")
    world.do("scan", text="1234567890")
    pin(machine)
    machine.wait_for("Dine lån", "Lykke-Per")
    machine.press("Forny Lykke-Per")
    machine.wait_for("Fornyet")
    machine.press("Uden kvittering")
    machine.wait_for(START)

    machine.press("Aflevér")
    machine.wait_for("Læg det, du vil aflevere, på pladen")
    world.do("lay", items=[BOOK])
    machine.wait_for("1 afleveret", "Kasse 1")
    machine.press("Uden kvittering")
    world.do("lift")
    machine.wait_for(START)
    assert loans(world) == {}
