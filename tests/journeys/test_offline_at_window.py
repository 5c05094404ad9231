"""The library system away, at the window: lending and returning go on, and what was done is told by itself."""

from tests.journeys.machine import START, TAB, Machine

BOOK, OTHER = "3846646425", "3846646433"
AWAY, BACK = 60, 90
"""Seconds of a slow test machine."""


def test_lending_and_returning_go_on_without_the_cable_and_are_told_by_themselves(
    machine: Machine,
) -> None:
    world = machine.world
    machine.signs_in()
    machine.wait_for("Hej Karen")
    world.do("lay", items=[OTHER])
    machine.wait_for("1 af 1 lånt")
    machine.ends()
    machine.wait_for(START)

    world.do("unplug", device="library")
    machine.wait_for("Du kan låne og aflevere. Det registreres senere.", seconds=AWAY)
    machine.press("Lån")
    machine.wait_for("Scan dit sundhedskort eller lånerkort", "Ikke muligt i nødsystem")
    world.do("scan", text="1234567890")
    machine.wait_for("Scannede du stregkoden på et materiale?", "Var det dit kort, så tryk Nej.")
    machine.press("Nej")
    machine.wait_for("Læg dine materialer på pladen", "Nødsystem")
    assert not any("Karen" in text for text in machine.heard()), "nobody has told her name"
    world.do("lay", items=[BOOK])
    machine.wait_for("Registreres senere", "Foreløbig frist", BOOK)
    machine.press("Print kvittering")
    machine.wait_for("Registreres senere")
    world.do("lift")
    machine.wait_for(START)
    paper = machine.truth("printer")["jobs"][-1]["texts"]
    assert any("Foreløbig frist" in line for line in paper)

    machine.press("Aflevér")
    machine.wait_for("Læg det, du vil aflevere, på pladen")
    world.do("lay", items=[OTHER])
    machine.wait_for("Afleveret, registreres senere")
    machine.ends()
    machine.wait_for(START)
    assert set(machine.loans()) == {OTHER}, "nothing was told"

    world.do("plug", device="library")
    machine.wait_until(lambda: set(machine.loans()) == {BOOK}, seconds=BACK)
    machine.wait_without("Nødsystem", seconds=BACK)
    assert machine.loans()[BOOK]["patron_card"] == "1234567890"


def test_the_cable_is_pulled_in_the_middle_of_a_visit(machine: Machine) -> None:
    world = machine.world
    machine.signs_in()
    machine.wait_for("Hej Karen")
    world.do("lay", items=[OTHER])
    machine.wait_for("1 af 1 lånt")
    world.do("unplug", device="library")
    world.do("lay", items=[BOOK])
    machine.wait_for("Registreres senere", "2 af 2 lånt", "Nødsystem", seconds=AWAY)
    machine.press("Mine lån", TAB)
    machine.wait_for("Registreres senere", "Ikke uden forbindelse")
    world.do("plug", device="library")
    machine.wait_until(lambda: set(machine.loans()) == {BOOK, OTHER}, seconds=BACK)
    machine.ends()
