"""Items that give trouble, at the window: a tag that cannot be read, a dead pad, a book that was lifted too soon, one that stays."""

from tests.conftest import Heard
from tests.journeys.machine import START, TAB, Machine, at

BOOK, OTHER, RESERVED, SET = "3846646425", "3846646433", "3846646441", "3846646466"


def test_a_tag_that_cannot_be_read_is_lent_by_its_barcode(machine: Machine) -> None:
    world = machine.world
    machine.signs_in()
    machine.wait_for("Hej Karen")
    world.do("fault", device="pad", verb="unreadable", args={"item": BOOK})
    world.do("lay", items=[BOOK, OTHER])
    machine.wait_for("Kan ikke læses", "Læg det på igen, eller scan stregkoden.", "1 af 1 lånt")
    world.do("scan", text=BOOK)
    machine.wait_for("Lykke-Per")
    machine.wait_until(lambda: set(machine.loans()) == {BOOK, OTHER})
    machine.ends()


def test_without_a_pad_items_go_out_and_come_back_by_barcode(machine: Machine) -> None:
    world = machine.world
    machine.wait_for(START)
    world.do("unplug", device="pad")
    machine.wait_for("Scan stregkoden på materialet, eller scan dit kort")
    world.do("scan", text="1234567890")
    machine.wait_for("Indtast din pinkode")
    machine.enters("1234")
    machine.wait_for("Scan ét materiale ad gangen", "Hej Karen")
    world.do("scan", text=BOOK)
    machine.wait_for("Lykke-Per", "1 af 1 lånt", "Alarmen kan lyde ved udgangen.")
    assert set(machine.loans()) == {BOOK}
    machine.press("Uden kvittering")
    machine.wait_for("Scan stregkoden på materialet, eller scan dit kort")
    machine.press("Aflevér")
    machine.wait_for("Scan stregkoden på materialet")
    world.do("scan", text=BOOK)
    machine.wait_for("1 afleveret")
    assert machine.loans() == {}
    machine.press("Uden kvittering")
    machine.wait_for("Scan stregkoden på materialet, eller scan dit kort")


def test_without_pad_and_scanner_an_account_is_looked_at_by_a_typed_number(
    machine: Machine,
) -> None:
    machine.wait_for(START)
    for device in ("pad", "scanner"):
        machine.world.do("unplug", device=device)
    machine.wait_for("Mine lån, fornyelser og reserveringer", "Lån og aflevér ved Automat")
    machine.press("Mine lån")
    machine.press("Tast nummer")
    machine.wait_for("Tast nummeret på dit kort")
    machine.enters("1234567890")
    machine.wait_for("Indtast din pinkode", "Nummeret er tastet")
    machine.enters("1234")
    machine.wait_for("Hej Karen", "Du har ingen lån")
    machine.press("Reserveret", TAB)
    machine.wait_for("Du har ingen reserveringer")
    machine.press("Log ud")
    machine.wait_for("Mine lån, fornyelser og reserveringer")


def test_a_book_that_is_lifted_too_soon_is_asked_back_and_one_that_stays_is_chimed_for(
    machine: Machine,
) -> None:
    world = machine.world
    machine.signs_in()
    machine.wait_for("Hej Karen")
    args = {"cmd": "write_afi", "item": BOOK}
    world.do("fault", device="pad", verb="tag_leaves_during", args=args)
    world.do("lay", items=[BOOK])
    machine.wait_for("Læg Lykke-Per tilbage på pladen")
    world.do("lay", items=[BOOK])
    machine.wait_for("1 af 1 lånt")
    machine.press("Uden kvittering")
    machine.wait_for("Husk dine materialer og dit kort")
    machine.wait_for("Tag dine materialer med", "Der ligger stadig noget på pladen.")
    world.do("lift")
    machine.wait_for(START)


@at("account")
def test_a_fee_on_a_loan_is_asked_for_and_a_reserved_item_is_left(machine: Machine) -> None:
    world = machine.world
    machine.signs_in()
    machine.wait_for("Hej Karen")
    world.do("lay", items=[SET, RESERVED])
    machine.wait_for(
        "Det koster 25,00 kr. at låne den. Den er ikke lånt endnu.",
        "Reserveret af en anden låner",
    )
    machine.press("Lån Skak for begyndere for 25,00 kr.")
    machine.wait_for("1 af 2 lånt")
    assert SET in machine.loans()
    assert RESERVED not in machine.loans()
    machine.ends()


@at("account")
def test_what_comes_back_for_somebody_else_goes_on_the_shelf_and_what_is_not_lent_stays(
    machine: Machine, heard: Heard
) -> None:
    del heard
    world = machine.world
    machine.wait_for(START)
    machine.press("Aflevér")
    machine.wait_for("Læg det, du vil aflevere, på pladen")
    world.do("lay", items=["3846646474"])
    machine.wait_for("1 afleveret", "Stil den på reserveringshylden.")
    world.do("lay", items=[RESERVED])
    machine.wait_for("Ikke afleveret")
    machine.ends()
    machine.wait_for(START)
