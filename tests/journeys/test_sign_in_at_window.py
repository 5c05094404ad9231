"""Signing in at the window when it does not go by itself: wrong PINs, a slow library system, a borrower who may not borrow, one who walks off."""

from tests.journeys.machine import START, Machine, at

BOOK, BLOCKED_CARD = "3846646425", "1234567891"
HASTY = "\n[lending]\nidle_s = 5\nwarning_s = 20\n"
HELP = "Vent 15 minutter, eller spørg personalet."


def guesses(machine: Machine) -> None:
    """Five wrong PINs, each after the words about the one before."""
    machine.signs_in(pin="")
    for n in range(5):
        if n:
            machine.wait_for("Kort eller pinkode er forkert. Prøv igen.", "0 af 4 cifre")
        for typed in (1, 2, 3):
            machine.press("0")
            machine.wait_for(f"{typed} af 4 cifre")
        machine.press("0")


def test_five_wrong_pins_are_enough_and_the_words_never_tell_which_was_wrong(
    machine: Machine,
) -> None:
    guesses(machine)
    machine.wait_for("For mange forsøg.", HELP)
    machine.press("Tilbage")
    machine.wait_for(START)


def test_a_slow_library_system_is_said_and_she_is_let_in(machine: Machine) -> None:
    args = {"seconds": 3.0, "count": 4}
    machine.world.do("fault", device="library", verb="delay", args=args)
    machine.signs_in()
    machine.wait_for("Vi logger dig ind")
    machine.wait_for("Det tager lidt længere end normalt")
    machine.wait_for("Hej Karen")


def test_whoever_may_not_borrow_is_told_neutrally_and_may_still_return(machine: Machine) -> None:
    machine.signs_in()
    machine.wait_for("Hej Karen")
    machine.world.do("lay", items=[BOOK])
    machine.wait_for("1 af 1 lånt")
    machine.ends()
    machine.signs_in(card=BLOCKED_CARD, pin="4321")
    machine.wait_for("Du kan ikke låne lige nu", "Spørg personalet. De hjælper dig gerne.")
    machine.press("Aflevér")
    machine.wait_for("Læg det, du vil aflevere, på pladen")
    machine.world.do("lay", items=[BOOK])
    machine.wait_for("1 afleveret")
    assert machine.loans() == {}
    machine.ends()


@at(more=HASTY)
def test_somebody_who_does_nothing_is_asked_and_then_forgotten(machine: Machine) -> None:
    machine.signs_in()
    machine.wait_for("Hej Karen")
    machine.wait_for("Er du her stadig?", "Du bliver logget ud om")
    machine.press("Ja, fortsæt")
    machine.wait_for("Hej Karen")
    machine.wait_for("Er du her stadig?")
    machine.wait_for(START, seconds=60)
    assert not any("Karen" in text for text in machine.heard())


def test_help_and_a_look_are_asked_for_by_name(machine: Machine) -> None:
    machine.wait_for(START)
    machine.press("Hjælp")
    machine.wait_for("Sådan gør du", "Personalet hjælper dig gerne")
    machine.press("Luk")
    machine.wait_for(START)
    for name in ("Større tekst", "Høj kontrast"):
        machine.press(name)
        machine.wait_for(f"{name}, slået til")
