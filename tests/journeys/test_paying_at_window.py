"""Fees paid at the terminal, at the window: approved, declined and tried again, stopped, and a terminal that dies."""

from tests.journeys.machine import TAB, Machine, at

OWED = 3250


def at_fees(machine: Machine) -> None:
    machine.signs_in()
    machine.wait_for("Hej Karen")
    machine.press("Gebyrer", TAB)
    machine.wait_for("Du skylder 32,50 kr.", "Betal 32,50 kr.")


def begins(machine: Machine) -> None:
    machine.press("Betal 32,50 kr.")
    machine.wait_for("Hold kortet mod terminalen, eller sæt det i", "Beløb: 32,50 kr.")


def booked(machine: Machine) -> list[int]:
    return [amount for amount, _ in machine.truth("terminal")["booked"]]


def told(machine: Machine) -> list[float]:
    return [float(one["amount"]) for one in machine.truth("library")["payments"]]


@at("account")
def test_what_is_owed_is_paid_told_and_stands_on_the_receipt(machine: Machine) -> None:
    at_fees(machine)
    begins(machine)
    machine.world.do("terminal", does="card")
    machine.wait_for("Tast koden til kortet på terminalen")
    machine.world.do("terminal", does="approve")
    machine.wait_for("Du har betalt 32,50 kr.", "Betalingen er registreret på biblioteket.")
    assert booked(machine) == [OWED]
    assert told(machine) == [32.5]
    machine.press("Videre")
    machine.wait_for("Du har ingen gebyrer", "Betalt her")
    machine.press("Print kvittering")
    machine.wait_for("Tag din kvittering")
    assert not any("kr." in text for text in machine.heard())
    (job,) = machine.truth("printer")["jobs"]
    assert any("Betalt med kort: 32,50 kr." in line for line in job["texts"])


@at("account")
def test_a_card_that_is_declined_and_a_payment_that_is_stopped_take_nothing(
    machine: Machine,
) -> None:
    at_fees(machine)
    begins(machine)
    machine.world.do("terminal", does="decline")
    machine.wait_for("Kortet blev ikke godkendt", "Der er ikke trukket penge.")
    assert booked(machine) == []
    machine.press("Prøv igen")
    machine.wait_for("Hold kortet mod terminalen, eller sæt det i")
    machine.press("Annuller betalingen")
    machine.wait_for("Betalingen er annulleret", "Der er ikke trukket penge.")
    machine.press("Prøv igen")
    machine.wait_for("Hold kortet mod terminalen, eller sæt det i")
    machine.world.do("terminal", does="approve")
    machine.wait_for("Du har betalt 32,50 kr.")
    assert booked(machine) == [OWED]


@at("account")
def test_a_terminal_that_is_gone_is_said_and_one_that_dies_with_the_money_takes_it_once(
    machine: Machine,
) -> None:
    at_fees(machine)
    machine.world.do("unplug", device="terminal")
    machine.wait_for("Terminalen svarer ikke", "Du kan betale på odensebib.dk", seconds=60)
    machine.world.do("plug", device="terminal")
    machine.wait_without("Terminalen svarer ikke", seconds=60)
    begins(machine)
    machine.world.do("fault", device="terminal", verb="silent_after_booking")
    machine.world.do("terminal", does="approve")
    machine.wait_until(lambda: booked(machine) == [OWED])
    machine.world.do("unplug", device="terminal")
    machine.wait_for("Betal ikke igen. Du betaler kun én gang.", seconds=60)
    machine.world.do("clear", device="terminal")
    machine.world.do("plug", device="terminal")
    machine.wait_for("Du har betalt 32,50 kr.", seconds=90)
    machine.wait_until(lambda: told(machine) == [32.5])
    assert booked(machine) == [OWED]
