"""Receipts at the window: by e-mail, and what there is when none can be printed."""

from tests.conftest import Heard
from tests.journeys.machine import START, Machine

BOOK = "3846646425"


def test_a_receipt_is_sent_by_e_mail(machine: Machine) -> None:
    machine.signs_in()
    machine.wait_for("Hej Karen")
    machine.world.do("lay", items=[BOOK])
    machine.wait_for("1 af 1 lånt", "Send på e-mail", "k…@e…")
    machine.press("Send på e-mail")
    machine.wait_for("Kvitteringen bliver sendt til din e-mail")
    machine.wait_until(lambda: len(machine.truth("mail")["letters"]) == 1)
    (letter,) = machine.truth("mail")["letters"]
    assert "Lykke-Per" in str(letter)
    machine.world.do("lift")
    machine.wait_for(START)
    assert not any("@" in text for text in machine.heard())


def test_without_paper_its_button_says_so_and_a_failed_print_is_sent_instead(
    machine: Machine, heard: Heard
) -> None:
    heard.expect("printer.changed")
    machine.signs_in()
    machine.wait_for("Hej Karen")
    machine.world.do("lay", items=[BOOK])
    machine.wait_for("1 af 1 lånt")
    args = {"after_mm": 20.0}
    machine.world.do("fault", device="printer", verb="paper_end", args=args)
    machine.press("Print kvittering")
    machine.wait_for("Kvitteringen kunne ikke printes", "Dine lån er registreret", "Lykke-Per")
    machine.press("Send på e-mail")
    machine.wait_for("Kvitteringen bliver sendt til din e-mail")
    machine.world.do("lift")
    machine.wait_for("Ingen kvittering", "Aflevér")
    machine.signs_in()
    machine.wait_for("Hej Karen")
    machine.world.do("lay", items=["3846646433"])
    machine.wait_for("1 af 1 lånt", "Papiret er slut")
    machine.ends()
