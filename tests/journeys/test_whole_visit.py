"""Whole visits at the window by accessible role and name, and machines that are closed."""

from tests.journeys.machine import START, TAB, Machine, at

LENT = 6


def test_a_blind_borrower_borrows_a_stack(machine: Machine) -> None:
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    machine.press("Lån")
    machine.wait_for("Scan dit sundhedskort eller lånerkort")
    machine.world.do("scan", text="1234567890")
    machine.wait_for("Indtast din pinkode", "Kortet er læst")
    for digit in "1234":
        machine.press(digit)
    machine.wait_for("Læg dine materialer på pladen", "Hej Karen")
    items = [item["id"] for item in machine.world.do("hello")["items"]]
    machine.world.do("lay", items=items)
    machine.wait_for("6 af 7 lånt", "Reserveret af en anden låner", "Lykke-Per")
    assert len(machine.loans()) == LENT
    machine.press("Print kvittering")
    machine.wait_for("Husk dine materialer og dit kort", "Tag din kvittering")
    assert "Hej Karen" not in machine.heard()
    assert not any("Lykke-Per" in text for text in machine.heard())
    machine.world.do("lift")
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    (job,) = machine.world.do("truth")["devices"]["printer"]["jobs"]
    assert "6 af 7 lånt" in job["texts"]


def test_undo_by_its_spoken_name_and_in_english(machine: Machine) -> None:
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    machine.press("English", TAB)
    machine.wait_for("Place your items on the pad, or scan your card")
    machine.world.do("scan", text="1234567890")
    machine.wait_for("Enter your PIN")
    for digit in "1234":
        machine.press(digit)
    machine.wait_for("Hello Karen")
    machine.world.do("lay", items=["3846646425"])
    machine.wait_for("1 of 1 borrowed")
    machine.press("Undo borrowing Lykke-Per")
    machine.wait_for("Undone")
    assert machine.loans() == {}
    machine.press("Log out")
    machine.wait_for("Remember your card")


def test_a_card_with_a_chip_signs_in_and_a_phone_is_told_kindly(machine: Machine) -> None:
    machine.wait_for(START)
    machine.world.do("tap_card", card="phone")
    machine.wait_for("Telefoner og pas kan ikke bruges her")
    machine.world.do("lift_card")
    machine.world.do("tap_card", card="karen")
    machine.wait_for("Indtast din pinkode", "Kortet er læst")
    for digit in "1234":
        machine.press(digit)
    machine.wait_for("Hej Karen")
    machine.press("Log ud")
    machine.wait_for("Husk dit kort")


def test_the_number_of_a_card_is_typed(machine: Machine) -> None:
    machine.wait_for(START)
    machine.press("Lån")
    machine.wait_for("Scan dit sundhedskort eller lånerkort", "hold kortet mod kortlæseren")
    machine.press("Tast nummer")
    machine.wait_for("Tast nummeret på dit kort")
    for n, digit in enumerate("3002991234", 1):
        machine.press(digit)
        if n < 10:
            machine.wait_for(f"{n} af 10 cifre")
    machine.wait_for("Indtast din pinkode", "Nummeret er tastet")
    assert not any("3002991234" in text for text in machine.heard())


def test_pulled_cables_are_said_in_every_language(machine: Machine) -> None:
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    for device in ("pad", "scanner"):
        machine.world.do("unplug", device=device)
    machine.wait_for("Mine lån, fornyelser og reserveringer", "Lån og aflevér ved Automat")
    machine.world.do("unplug", device="library")
    machine.wait_for(
        "Ude af drift",
        "This machine is out of order.",
        "Dieser Automat ist außer Betrieb.",
        "port.",
    )


@at("account")
def test_a_borrower_finds_her_holds_takes_one_lets_one_go_and_hears_what_she_owes(
    machine: Machine,
) -> None:
    machine.wait_for(START)
    machine.press("Reserveringer")
    machine.wait_for("Scan dit sundhedskort eller lånerkort")
    machine.world.do("scan", text="1234567890")
    machine.wait_for("Indtast din pinkode")
    for digit in "1234":
        machine.press(digit)
    machine.wait_for("2 klar til dig", "Hent før 10. november 2039", "Klar på Dalum Bibliotek")
    machine.wait_for("Reserveringen er udløbet", "Havets hus")
    machine.press("Annullér reserveringen af Havets hus")
    machine.wait_for("Vil du annullere reserveringen?", "Havets hus")
    machine.press("Ja, annullér")
    machine.wait_for("Annulleret")
    machine.world.do("lay", items=["3846646425"])
    machine.wait_for("1 af 1 lånt")
    machine.press("Reserveret", TAB)
    machine.wait_for("1 klar til dig", "Rødgrød på Ærø")
    assert not any("Lykke-Per" in text for text in machine.heard())
    machine.press("Gebyrer", TAB)
    machine.wait_for("Du skylder 32,50 kr.", "Danmarks historie i 50 kort. 12,50 kr.")
    machine.press("Uden kvittering")
    machine.wait_for("Husk dine materialer og dit kort")
    assert not any("kr." in text for text in machine.heard())
    library = machine.world.do("truth")["devices"]["library"]
    assert library["loans"]["3846646425"]["patron_card"] == "1234567890"
    held = [hold["item"] for hold in library["holds"] if hold["patron_card"] == "1234567890"]
    assert sorted(held) == ["3846646433", "3846646458", "3846646482"]


def test_staff_closes_the_machine_by_what_is_read_out(machine: Machine) -> None:
    assert machine.running is not None
    member = {"verb": "add", "role": "staff", "card": "8877665544", "pin": "739146"}
    machine.running.send("staff", member)
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    machine.press("Hjælp")
    machine.wait_for("For personalet")
    machine.press("For personalet")
    machine.wait_for("Scan dit personalekort")
    machine.world.do("scan", text="8877665544")
    machine.wait_for("Indtast din personalekode")
    for digit in "739146":
        machine.press(digit)
    machine.press("Log ind")
    machine.wait_for("Ingen sager venter.", "Personale", "2 minutter uden berøring")
    machine.press("Enheder")
    machine.wait_for("Pladen", "Printeren", "I drift")
    machine.press("Tag ud af drift")
    machine.wait_for("Hvorfor skal den lukkes?")
    machine.press("Rengøring")
    machine.wait_for("Taget ud af drift: Rengøring")
    machine.press("Log ud")
    machine.wait_for("Ude af drift", "Rengøring", "Dieser Automat ist außer Betrieb.")
    machine.press("For personalet")
    machine.wait_for("Scan dit personalekort")
