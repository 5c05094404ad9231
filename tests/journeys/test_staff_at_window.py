"""Staff at the window by accessible role and name: cases, devices, paper, hours of sound and screen, an incomplete set."""

from tests.conftest import Heard
from tests.journeys.machine import START, TAB, Machine, at
from tests.journeys.test_sign_in_at_window import guesses

BOOK, SET = "3846646425", "3846646466"
STAFF_CARD, STAFF_PIN = "8877665544", "739146"
CALLED = '\n[lending]\nwait_tag_s = 5\n[help]\ncall = "notice"\n'


def hired(machine: Machine, role: str = "staff") -> None:
    """A member of staff, as the administrator makes one."""
    assert machine.running is not None
    member = {"verb": "add", "role": role, "card": STAFF_CARD, "pin": STAFF_PIN}
    machine.running.send("staff", member)


def shows_card_and_pin(machine: Machine) -> None:
    machine.wait_for("Hold stregkoden hen til læseren.")
    machine.world.do("scan", text=STAFF_CARD)
    machine.wait_for("Indtast din personalekode")
    machine.enters(STAFF_PIN)
    machine.press("Log ind")


def enters(machine: Machine) -> None:
    machine.wait_for("Hjælp")
    machine.press("Hjælp")
    machine.wait_for("For personalet")
    machine.press("For personalet")
    shows_card_and_pin(machine)
    machine.wait_for("2 minutter uden berøring")


def leaves_something(machine: Machine) -> None:
    """A borrower goes and leaves a lent book whose alarm could not be ended."""
    args = {"item": BOOK, "count": None}
    machine.world.do("fault", device="pad", verb="afi_silent", args=args)
    machine.signs_in()
    machine.wait_for("Hej Karen")
    machine.world.do("lay", items=[BOOK])
    machine.wait_for("Alarmen kan lyde ved udgangen.", "Lykke-Per")
    machine.ends()


@at(more=CALLED)
def test_a_case_is_taken_put_back_mended_on_the_pad_and_another_closed_with_a_reason(
    machine: Machine,
) -> None:
    hired(machine)
    leaves_something(machine)
    machine.wait_for(START)
    machine.world.do("clear", device="pad")
    machine.press("Hjælp")
    machine.wait_for("Spørg personalet")
    machine.press("Spørg personalet")
    machine.wait_without("For personalet")
    machine.press("Luk")
    enters(machine)
    machine.wait_for("2 sager venter")
    armed = "Lånt, men alarmen er ikke slået fra, Lykke-Per"
    machine.press(f"Tag sagen: {armed}")
    machine.wait_for("Ret alarmen", "Luk sagen")
    machine.press("Læg sagen tilbage")
    machine.wait_for("Sagen venter igen.")
    machine.press(f"Tag sagen: {armed}")
    machine.wait_for("Ret alarmen")
    machine.press("Ret alarmen")
    machine.wait_for("Læg materialet på pladen")
    machine.world.do("lay", items=[BOOK])
    machine.wait_for("Alarmen er slået fra. Materialet er udlånt.", "1 sag venter")
    machine.world.do("lift")
    machine.press("Tag sagen: Nogen beder om hjælp, Automaten")
    machine.wait_for("Luk sagen")
    machine.press("Luk sagen")
    machine.wait_for("Hvordan endte sagen?")
    machine.press("Der var ikke noget galt")
    machine.wait_for("Ingen sager venter.")
    machine.press("Lukket i dag 2", TAB)
    machine.wait_for("Løst", "Der var ikke noget galt")
    machine.press("Log ud")
    machine.wait_for(START)


def test_a_new_roll_is_told_and_proven(machine: Machine, heard: Heard) -> None:
    heard.expect("printer.changed")
    hired(machine)
    machine.wait_for(START)
    enters(machine)
    machine.press("Enheder")
    machine.wait_for("Printeren", "kvitteringer siden sidste rulle")
    machine.press("Ny rulle")
    machine.wait_for("Papiret er talt om, og prøven er printet.")
    assert len(machine.truth("printer")["jobs"]) == 1
    machine.press("Prøveprint")
    machine.wait_until(lambda: len(machine.truth("printer")["jobs"]) == 2)
    machine.press("Log ud")
    machine.wait_for(START)


def test_sound_and_screen_are_set_for_the_day(machine: Machine) -> None:
    hired(machine)
    machine.wait_for(START)
    enters(machine)
    machine.press("Enheder")
    machine.wait_for("Skift: Lyd")
    machine.press("Skift: Lyd")
    machine.wait_for("Hvor højt skal den lyde?", "I morgen gælder planen igen.")
    machine.press("Lydløs: til midnat", TAB)
    machine.wait_for("Ændret. I morgen gælder planen igen.", "Lydløs")
    machine.press("Log ud")
    machine.wait_for(START)


def test_a_card_that_must_wait_is_let_try_again(machine: Machine) -> None:
    hired(machine)
    guesses(machine)
    machine.wait_for("For mange forsøg.")
    machine.press("Tilbage")
    machine.wait_for(START)
    enters(machine)
    machine.press("Enheder")
    machine.wait_for("Spærret kort")
    machine.press("Spærret kort")
    machine.wait_for("Scan lånerens kort")
    machine.world.do("scan", text="1234567890")
    machine.wait_for("Kortet kan prøve igen.")
    machine.press("Log ud")
    machine.wait_for(START)
    machine.world.do("tap_card", card="karen")
    machine.wait_for("Indtast din pinkode")
    machine.enters("1234")
    machine.wait_for("Hej Karen")


def test_staff_lets_a_set_go_with_a_part_missing_and_the_visit_stays_hers(
    machine: Machine,
) -> None:
    hired(machine)
    machine.signs_in()
    machine.wait_for("Hej Karen")
    machine.world.do("lay", items=[SET], parts=[1, 3])
    machine.wait_for("Ikke komplet", "del 2 mangler", "Skak for begyndere")
    machine.press("Spørg personalet om Skak for begyndere")
    machine.wait_for("For personalet: lån Skak for begyndere")
    machine.press("For personalet: lån Skak for begyndere")
    machine.wait_for("Lån et sæt, der mangler en del")
    assert not any("Karen" in text for text in machine.heard())
    shows_card_and_pin(machine)
    machine.wait_for("Hej Karen", "1 af 1 lånt")
    assert SET in machine.loans()
    machine.ends()


def test_guessing_is_answered_with_no_access(machine: Machine) -> None:
    hired(machine)
    machine.wait_for(START)
    machine.press("Hjælp")
    machine.wait_for("For personalet")
    machine.press("For personalet")
    machine.wait_for("Scan dit personalekort")
    machine.world.do("scan", text=STAFF_CARD)
    machine.wait_for("Indtast din personalekode")
    machine.enters("000000")
    machine.press("Log ind")
    machine.wait_for("Ingen adgang. Prøv igen.")
    machine.press("Tilbage")
    machine.wait_for(START)
