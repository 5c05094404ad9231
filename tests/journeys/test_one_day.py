"""One long day of a machine at the window, by accessible role and name: a set, a loan, a receipt, a renewal, a return."""

from tests.conftest import Heard
from tests.journeys.machine import START, TAB, Machine

BOOK, SET = "3846646425", "3846646466"


def test_one_day_of_a_machine(machine: Machine, heard: Heard) -> None:
    heard.expect("printer.changed")
    world = machine.world
    machine.wait_for(START)
    machine.press("Lån")
    world.do("scan", text="xx")
    machine.wait_for("Kortet kan ikke læses. Vend det, eller tast nummeret.")
    world.do("scan", text="1234567890")
    machine.wait_for("Indtast din pinkode")
    machine.enters("0000")
    machine.wait_for("Kort eller pinkode er forkert. Prøv igen.")
    machine.enters("1234")
    machine.wait_for("Hej Karen")
    world.do("lay", items=[SET], parts=[1, 3])
    machine.wait_for("Ikke komplet", "del 2 mangler", "Skak for begyndere")
    machine.press("Lån ikke Skak for begyndere")
    machine.wait_for("Lånes ikke")
    world.do("lay", items=[BOOK])
    machine.wait_for("Lykke-Per", "1 af 1 lånt")
    machine.press("Mine lån", TAB)
    machine.wait_for("Dine lån")
    machine.press("Lån", TAB)
    world.do("fault", device="printer", verb="paper_end", args={"after_mm": 20.0})
    machine.press("Print kvittering")
    machine.wait_for("Kvitteringen kunne ikke printes", "Lykke-Per", "Lånt")
    machine.press("Afslut")
    world.do("lift")
    machine.wait_for(START)
    assert set(machine.loans()) == {BOOK}

    machine.signs_in("Mine lån")
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
    assert machine.loans() == {}
