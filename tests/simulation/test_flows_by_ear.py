"""Each flow, met by somebody who only hears and presses five keys: a table, so that it is seen what is covered.

Beside the eye's tables in test_what_may_go_wrong. A story here may lay, scan and lift, as hands can, and asks the
world what it heard; it never reads a screen. First flows without trouble, then what may go wrong in them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from drivers.ports import Online, Secret
from drivers.service import records
from drivers.service.cases import CaseKind
from drivers.service.roles import Role
from drivers.service.staff import InlineHasher, StaffDoor
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.stock import Hold
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.journeys.five_keys import Listener
from tests.simulation.rig import ACCESSIBLE, STAFF_CARD, STAFF_PIN, Rig, play
from tests.simulation.test_holds import LYKKE, ROED, library_of, owe, reserve
from tests.simulation.test_returning import LENT, lend

CARD, BLOCKED_CARD = "1234567890", "1234567891"
SET = "3846646466"
RESERVED = "3846646441"
FBS: dict[str, Any] = {
    "scenario": "first-loan-fbs",
    "station": ACCESSIBLE.replace(
        'url = "sip2://memory:1"', 'driver = "fbs"\nurl = "https://fbs.example"'
    ).replace('location = "HB"', 'location = "hb"'),
}
WITH_CARD_READER = ACCESSIBLE + '[devices.card]\nurl = "memory://card"\n'
Story = Callable[[Rig, Listener], Awaitable[None]]


@dataclass(frozen=True)
class Flow:
    """One story; where it plays; what a technician reads of it."""

    story: Story
    where: dict[str, Any] = field(default_factory=dict)
    log: tuple[str, ...] = ()


async def sign_in(rig: Rig, person: Listener, way: str = "Lån", pin: str = "1234") -> None:
    await person.begins()
    await person.chooses(way)
    await person.hears("Scan dit sundhedskort eller lånerkort")
    await rig.scan(CARD)
    await person.hears("Indtast din pinkode", "Kortet er læst")
    await person.enters(pin)


async def ends(rig: Rig, person: Listener, *farewell: str, by: str = "Uden kvittering") -> None:
    await person.chooses(by)
    await person.hears(*(farewell or ("Husk dine materialer og dit kort",)))
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START and not s.aloud, 300)


# --- flows ------------------------------------------------------------------------------------------


async def holds(rig: Rig, person: Listener) -> None:
    reserve(rig)
    await sign_in(rig, person, "Reserveringer")
    await person.hears(
        "2 klar til dig",
        "Lykke-Per. Klar til afhentning. Hent før 10. november 2026. Nummer 7 på hylden.",
        "Klar på Dalum Bibliotek",
        "Reserveringen er udløbet. Vil du stadig gerne låne den, så spørg personalet.",
    )
    await person.chooses("Annullér reserveringen af Lykke-Per")
    await person.hears("Vil du annullere reserveringen?", "Den står klar til dig nu.")
    await person.chooses("Nej, behold den")
    await person.chooses("Annullér reserveringen af Lykke-Per")
    await person.hears("Vil du annullere reserveringen?")
    await person.chooses("Ja, annullér")
    await person.hears("Lykke-Per. Annulleret.")
    assert [hold.item for hold in library_of(rig).holds].count(LYKKE) == 0
    await rig.lay(ROED)
    await person.hears("Rødgrød på Ærø. Lånt.")
    await ends(rig, person)


async def fees(rig: Rig, person: Listener) -> None:
    owe(rig)
    await sign_in(rig, person)
    await person.hears("Hej Karen")
    await person.chooses("Gebyrer")
    await person.hears(
        "Du skylder 32,50 kr.",
        "Du kan betale på odensebib.dk. Betaling kan tage op til 72 timer.",
        "Lykke-Per. 12,50 kr.",
        "Gebyr. 20,00 kr.",
    )
    await ends(rig, person, "Husk dit kort")


async def fee_on_a_loan(rig: Rig, person: Listener) -> None:
    library_of(rig).items[LYKKE].fee = Decimal(25)
    await sign_in(rig, person)
    await rig.lay(LYKKE, ROED)
    await person.hears("Lykke-Per. Det koster 25,00 kr. at låne den. Den er ikke lånt endnu.")
    await person.chooses("Lån Lykke-Per for 25,00 kr")
    await person.hears("Lykke-Per. Lånt.", "2 af 2 lånt")
    await ends(rig, person)
    assert set(await rig.loans()) == {LYKKE, ROED}


async def tabs(rig: Rig, person: Listener) -> None:
    await lend(rig, *LENT)
    await sign_in(rig, person, "Mine lån")
    await person.hears("Dine lån", "Lykke-Per")
    await person.chooses("Reserveret")
    await person.hears("Du har ingen reserveringer")
    await person.chooses("Gebyrer")
    await person.hears("Du har ingen gebyrer")
    await person.finds("Gebyrer, valgt")
    await person.chooses("Mine lån")
    await person.hears("Dine lån")
    await person.chooses("Forny Lykke-Per")
    await person.hears("Lykke-Per. Fornyet.", "1 af 1 fornyet")
    await ends(rig, person, "Fornyet. 1 materiale")


async def by_mail(rig: Rig, person: Listener) -> None:
    await rig.until(lambda s: s.devices.mail is not None)
    await sign_in(rig, person)
    await rig.lay(LYKKE)
    await person.hears("1 af 1 lånt", "E-mail går til k…@e…")
    await ends(rig, person, "Kvitteringen bliver sendt til din e-mail", by="Send på e-mail")
    assert len((await rig.truth())["devices"]["mail"]["letters"]) == 1


async def on_paper_and_aloud(rig: Rig, person: Listener) -> None:
    """What the receipt says was said: the last day above all."""
    await sign_in(rig, person)
    await rig.lay(LYKKE, ROED)
    await person.hears("2 af 2 lånt")
    await ends(
        rig,
        person,
        "Lånt. 2 materialer.",
        "Første aflevering senest. 1. december.",
        "C: Tag din kvittering",
        by="Print kvittering",
    )


async def typed_number(rig: Rig, person: Listener) -> None:
    await person.begins()
    await person.chooses("Lån")
    await person.chooses("Tast nummer")
    await person.hears("Tast nummeret på dit kort", "Tallene ligger som på en telefon")
    await person.enters("30029")
    await person.hears("5 af 10 cifre")
    await person.chooses("Slet")
    await person.hears("4 af 10 cifre")
    await person.enters("991234")
    await person.hears("Indtast din pinkode", "Nummeret er tastet")
    await person.enters("1234")
    await person.hears("Hej Karen")
    await ends(rig, person, "Husk dit kort", by="Log ud")


async def card_with_a_chip(rig: Rig, person: Listener) -> None:
    await rig.until(lambda s: s.devices.card)
    await person.begins()
    await person.chooses("Lån")
    await person.hears("Hold stregkoden hen foran læseren, eller hold kortet mod kortlæseren.")
    await rig.tap("phone")
    await person.hears("Telefoner og pas kan ikke bruges her")
    await rig.tap("karen")
    await person.hears("Indtast din pinkode", "Kortet er læst")
    await person.enters("1234")
    await person.hears("Hej Karen")
    await ends(rig, person, "Husk dit kort", by="Log ud")


async def set_incomplete(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await rig.lay(SET, parts=[1, 3])
    await person.hears("Ikke komplet. 2 af 3, del 2 mangler. Læg alle dele på.")
    await person.chooses("Spørg personalet om Skak for begyndere")
    await person.hears("Spørg personalet")
    await person.chooses("Luk")
    await rig.lay(SET, parts=[2])
    await person.hears("Lånt.", "1 af 1 lånt")
    await ends(rig, person)


async def set_left(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await rig.lay(SET, parts=[1])
    await person.hears("Ikke komplet. 1 af 3, del 2, 3 mangler. Læg alle dele på.")
    await person.chooses("Lån ikke Skak for begyndere")
    await person.hears("Skak for begyndere. Lånes ikke.")
    await ends(rig, person, "Husk dit kort", by="Log ud")
    assert await rig.loans() == {}


async def returned_to_the_shelf(rig: Rig, person: Listener) -> None:
    await lend(rig, *LENT)
    device = rig.stage.places["library"].device
    assert isinstance(device, LibraryDevice)
    device.library.holds.append(Hold(LENT[0], BLOCKED_CARD, pickup="Borgernes Hus"))
    await person.begins()
    await person.chooses("Aflevér")
    await person.hears("Læg det, du vil aflevere, på pladen")
    await rig.lay(*LENT[:2])
    await person.hears("2 afleveret", "Hylden", "Kasse 1")
    await ends(rig, person, "Tak, fordi du afleverede", "Afleveret. 2 materialer.")


async def staff_takes_a_case(rig: Rig, person: Listener) -> None:
    await rig.store.write(lambda txn: records.open_case(txn, CaseKind.LEFT_BEHIND, LYKKE))
    door = StaffDoor(rig.store, InlineHasher())
    await door.add(Role.STAFF, (Secret(STAFF_CARD),), Secret(STAFF_PIN))
    await person.begins()
    await person.chooses("Hjælp")
    await person.chooses("For personalet")
    await person.hears("Scan dit personalekort", "Hold stregkoden hen til læseren")
    await rig.scan(STAFF_CARD)
    await person.hears("Indtast din personalekode")
    await person.enters(STAFF_PIN)
    await person.hears("6 cifre")
    await person.chooses("Log ind")
    await person.hears("1 sag venter", "Lykke-Per")
    await person.finds("Sager, slået til")
    await person.finds("Åbne 1, valgt")
    case = "Noget blev glemt på pladen, Lykke-Per"
    await person.chooses(f"Tag sagen: {case}")
    await person.chooses("Luk sagen")
    await person.hears("Hvordan endte sagen?")
    await person.chooses("Tilbage")
    await person.chooses("Læg sagen tilbage")
    await person.hears("Sagen venter igen")
    await person.chooses("Enheder")
    await person.hears("Pladen", "Tastaturet", "Højttaleren")
    await person.chooses("Tag ud af drift")
    await person.hears("Hvorfor skal den lukkes?")
    await person.chooses("Rengøring")
    await person.hears("Automaten lukkes, når du logger ud")
    await person.chooses("Log ud")
    await rig.until(lambda s: s.phase is Phase.CLOSED)
    await person.begins()
    await person.hears("Ude af drift", "Rengøring")


async def language_in_a_visit(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await person.hears("Læg dine materialer på pladen")
    await person.chooses("Sprog")
    await person.hears("Vælg sprog")
    await person.chooses("English")
    await person.hears("Place your items on the pad", "Hello Karen")
    await rig.lay(LYKKE)
    await person.hears("Lykke-Per. Borrowed. Return by 1 December 2026.")
    await ends(rig, person, "Remember your items and your card", by="No receipt")
    assert rig.state.language == "da"


async def large_and_contrast(rig: Rig, person: Listener) -> None:
    """The first key asks for large text; what is on is said, and can be let go."""
    await person.begins(headset=False)
    await person.finds("Større tekst, slået til")
    await person.chooses("Høj kontrast")
    await person.finds("Høj kontrast, slået til")
    await person.chooses("Læs højt, slået til")
    await rig.until(lambda s: not s.aloud)
    assert rig.screen.theme == "high_contrast"


# --- what may go wrong ------------------------------------------------------------------------------


async def receipt_aloud(rig: Rig, person: Listener) -> None:
    """All that the paper would say, from its own lines; to nobody when others hear."""
    await sign_in(rig, person)
    await rig.lay(LYKKE, RESERVED)
    await person.hears("1 af 2 lånt")
    await person.chooses("Læs kvittering højt")
    await person.hears(
        "Borgernes Hus",
        "1 af 2 lånt",
        "Lykke-Per. Afleveres senest 1. december 2026.",
        "1 ikke lånt",
        "Spørgsmål? Spørg personalet.",
    )
    assert rig.state.phase is Phase.BORROW, "nothing has ended"
    await rig.headset(plugged=False)
    assert await person.finds("Læs kvittering højt") == (
        "Læs kvittering højt. Sæt hovedtelefoner i."
    )


async def receipt_failed(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await rig.lay(LYKKE, RESERVED)
    await person.hears("1 af 2 lånt")
    await rig.fault("printer", "paper_end", after_mm=20.0)
    await person.chooses("Print kvittering")
    await person.hears(
        "Kvitteringen kunne ikke printes",
        "Dine lån er registreret",
        "Lykke-Per. Lånt. Afleveres senest 1. december 2026.",
    )
    await person.chooses("Send på e-mail")
    await person.hears("Kvitteringen bliver sendt til din e-mail")
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START and not s.aloud, 300)


async def receipt_not_possible(rig: Rig, person: Listener) -> None:
    await rig.fault("printer", "paper_end")
    await rig.until(lambda s: not s.devices.printer.usable, 60)
    await sign_in(rig, person)
    await rig.lay(LYKKE)
    await person.hears("1 af 1 lånt")
    assert await person.finds("Print") == "Print. Papiret er slut."
    await rig.key("select")
    await person.hears("Print. Papiret er slut.")
    assert rig.state.phase is Phase.BORROW, "what is not possible says why, and does nothing"
    await ends(rig, person)


async def by_barcode(rig: Rig, person: Listener) -> None:
    await rig.stage.do("unplug", {"device": "pad"})
    await rig.until(lambda s: not s.devices.pad)
    await person.begins()
    await person.hears("Scan stregkoden på materialet, eller scan dit kort")
    await rig.scan(CARD)
    await person.hears("Indtast din pinkode")
    await person.enters("1234")
    await person.hears("Scan stregkoden på materialet", "Scan ét materiale ad gangen")
    await rig.scan(LYKKE)
    await person.hears("Lykke-Per. Lånt.", "Alarmen kan lyde ved udgangen. Du har lånt materialet.")
    await person.chooses("Uden kvittering")
    await rig.until(lambda s: s.phase is Phase.START and not s.aloud, 300)
    await person.begins()
    await person.chooses("Aflevér")
    await rig.scan(LYKKE)
    await person.hears("1 afleveret", "Lykke-Per")
    await person.chooses("Uden kvittering")
    await rig.until(lambda s: s.phase is Phase.START, 300)
    assert await rig.loans() == {}


async def unread(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await rig.fault("pad", "unreadable", item=LYKKE)
    await rig.lay(LYKKE)
    await person.hears("Kan ikke læses. Læg det på igen, eller scan stregkoden.")
    await rig.scan(LYKKE)
    await person.hears("Lykke-Per")
    await person.chooses("Log ud" if not rig.state.counted else "Uden kvittering")
    await rig.until(lambda s: s.phase is not Phase.BORROW, 200)


async def card_unread(rig: Rig, person: Listener) -> None:
    await person.begins()
    await person.chooses("Lån")
    await rig.scan("xx")
    await person.hears("Kortet kan ikke læses. Vend det, eller tast nummeret.")
    await person.chooses("Tast nummer")
    await person.hears("Tast nummeret på dit kort")
    await person.chooses("Tilbage")
    await person.hears("Scan dit sundhedskort eller lånerkort")
    await person.chooses("Tilbage")
    await person.hears("Læg dine materialer på pladen, eller scan dit kort")


async def too_many_tries(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person, pin="0000")
    for _ in range(4):
        await person.hears("Kort eller pinkode er forkert. Prøv igen.")
        await person.enters("0000")
    await person.hears("For mange forsøg. Vent 15 minutter, eller spørg personalet.")


async def slow(rig: Rig, person: Listener) -> None:
    await rig.fault("library", "delay", seconds=3.0, count=4)
    await sign_in(rig, person)
    await person.hears("Vi logger dig ind", "Det tager lidt længere end normalt")
    await person.hears("Hej Karen")


async def blocked(rig: Rig, person: Listener) -> None:
    await lend(rig, LENT[0])
    await person.begins()
    await rig.scan(BLOCKED_CARD)
    await person.hears("Indtast din pinkode")
    await person.enters("4321")
    await person.hears("Du kan ikke låne lige nu", "Spørg personalet. De hjælper dig gerne.")
    await person.chooses("Aflevér")
    await person.hears("Læg det, du vil aflevere, på pladen")
    await rig.lay(LENT[0])
    await person.hears("1 afleveret")
    await ends(rig, person, "Tak, fordi du afleverede")
    assert await rig.loans() == {}


async def a_person_for_an_item(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await person.hears("Læg dine materialer på pladen")
    await rig.scan("0101011234")
    await person.hears("Scannede du stregkoden på et materiale?", "Derfor spørger vi")
    await person.chooses("Nej")
    await person.hears("Læg dine materialer på pladen")
    assert not rig.state.rows


async def lifted_too_soon(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=LYKKE)
    await rig.lay(LYKKE)
    await person.hears("Læg Lykke-Per tilbage på pladen")
    await rig.lay(LYKKE)
    await person.hears("Lykke-Per. Lånt.")


async def forgotten(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await rig.lay(LYKKE)
    await person.hears("1 af 1 lånt")
    await person.chooses("Uden kvittering")
    await person.hears("Husk dine materialer")
    await person.hears("Tag dine materialer med.", "Der ligger stadig noget på pladen.")


async def offline(rig: Rig, person: Listener) -> None:
    await lend(rig, LENT[1])
    await rig.stage.do("unplug", {"device": "library"})
    await rig.until(lambda s: s.devices.library is Online.OFFLINE, 120)
    await person.begins()
    await person.hears("Nødsystem. Du kan låne og aflevere. Det registreres senere.")
    assert await person.finds("Mine lån") == "Mine lån. Ikke muligt i nødsystem."
    await person.chooses("Lån")
    assert await person.finds("Tast nummer") == "Tast nummer. Ikke muligt i nødsystem."
    await rig.scan(CARD)
    await person.hears("Scannede du stregkoden på et materiale?", "Var det dit kort, så tryk Nej.")
    await person.chooses("Nej")
    await person.hears("Læg dine materialer på pladen")
    await rig.lay(LYKKE)
    await person.hears(
        "Materiale 3 8 4 6 6 4 6 4 2 5. Registreres senere. Foreløbig frist: 4. december 2026."
    )
    await ends(rig, person, "Nødsystem. Registreres senere.")
    await person.begins()
    await person.chooses("Aflevér")
    await rig.lay(LENT[1])
    await person.hears("Afleveret, registreres senere")
    await ends(rig, person, "Tak, fordi du afleverede")


async def away_in_a_visit(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await person.hears("Læg dine materialer på pladen")
    await rig.stage.do("unplug", {"device": "library"})
    await person.hears("Nødsystem")
    await rig.lay(LYKKE)
    await person.hears("Registreres senere")


async def not_renewed(rig: Rig, person: Listener) -> None:
    await lend(rig, *LENT)
    library_of(rig).holds.append(Hold(LENT[0], BLOCKED_CARD, pickup="Borgernes Hus"))
    await sign_in(rig, person, "Mine lån")
    await person.hears("Dine lån")
    await person.chooses("Forny alle")
    await person.hears(
        "Lykke-Per. Ikke fornyet. Kan ikke fornyes: reserveret af en anden låner",
        "2 af 3 fornyet",
    )


async def account_by_typing(rig: Rig, person: Listener) -> None:
    await lend(rig, *LENT)
    for device in ("pad", "scanner"):
        await rig.stage.do("unplug", {"device": device})
    await rig.until(lambda s: {"pad", "scanner"} <= s.unsteady)
    await person.begins()
    await person.hears(
        "Mine lån, fornyelser og reserveringer",
        "Lån og aflevér ved Automat 3. 12 meter til højre. Ved trappen.",
    )
    assert await person.finds("Lån") == "Lån. Ved Automat 3."
    await person.chooses("Mine lån")
    await person.hears("Tast nummeret på dit sundhedskort eller lånerkort")
    await person.chooses("Tast nummer")
    await person.hears("Tast nummeret på dit kort")
    await person.enters(CARD)
    await person.hears("Indtast din pinkode", "Nummeret er tastet")
    await person.enters("1234")
    await person.hears("Dine lån")
    await person.chooses("Forny alle")
    await person.hears("3 af 3 fornyet")
    await ends(rig, person, "Husk dit kort", "Fornyet. 3 materialer.")


async def out_of_order(rig: Rig, person: Listener) -> None:
    for device in ("pad", "scanner", "library"):
        await rig.stage.do("unplug", {"device": device})
    await rig.until(lambda s: s.phase is Phase.CLOSED)
    await person.begins()
    await person.hears(
        "Ude af drift",
        "Den nærmeste. Automat 3. 12 meter til højre. Ved trappen.",
        "This machine is out of order.",
        "Dieser Automat ist außer Betrieb.",
        "Siden kl.",
    )
    await person.chooses("For personalet")
    await person.hears("Scan dit personalekort")


async def staff_guesses(rig: Rig, person: Listener) -> None:
    await person.begins()
    await person.chooses("Hjælp")
    await person.chooses("For personalet")
    await rig.scan(STAFF_CARD)
    await person.hears("Indtast din personalekode")
    await person.enters("00")
    assert await person.finds("Log ind") == "Log ind. Mindst 4 cifre."
    await person.enters("0000")
    await person.chooses("Log ind")
    await person.hears("Ingen adgang. Prøv igen.")
    await person.chooses("Tilbage")
    await person.hears("Læg dine materialer på pladen, eller scan dit kort")


async def idle_with_items_left(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person)
    await rig.lay(LYKKE)
    await person.hears("1 af 1 lånt")
    await rig.until(lambda s: s.over is Over.IDLE, 300)
    await person.hears("Er du her stadig?", "Der ligger noget på pladen. Husk det, når du går.")
    await rig.key("up")
    await rig.until(lambda s: s.over is Over.NOTHING)


LINE = ("library.line.dropped", "service.down")
FLOWS: dict[str, Flow] = {
    "holds: seen, cancelled, fetched": Flow(holds, FBS),
    "fees": Flow(fees),
    "fee on a loan": Flow(fee_on_a_loan, FBS),
    "renew: one, and the tabs of the account": Flow(tabs),
    "receipt: by e-mail": Flow(by_mail),
    "receipt: on paper, and what it says": Flow(on_paper_and_aloud),
    "login card: typed number": Flow(typed_number),
    "login card: with a chip": Flow(card_with_a_chip, {"station": WITH_CARD_READER}),
    "set: part missing, then found": Flow(set_incomplete),
    "set: part missing, not lent": Flow(set_left),
    "return: box and shelf": Flow(returned_to_the_shelf),
    "staff entry: a case, and out of service": Flow(staff_takes_a_case),
    "language": Flow(language_in_a_visit),
    "start: larger, contrast, silent again": Flow(large_and_contrast),
    "receipt: read aloud, whole": Flow(receipt_aloud),
    "receipt: no paper came": Flow(receipt_failed, log=("printer.changed",)),
    "receipt: not possible": Flow(receipt_not_possible, log=("printer.changed",)),
    "start: pad dead, barcode instead": Flow(by_barcode, log=("reader.lost", "service.down")),
    "unread": Flow(unread),
    "login card: unread": Flow(card_unread),
    "login PIN: five wrong": Flow(too_many_tries),
    "login PIN: library system slow": Flow(slow),
    "login PIN: blocked keeps returning": Flow(blocked),
    "borrow: a person's number for an item": Flow(a_person_for_an_item),
    "borrow: lifted while it is written": Flow(lifted_too_soon),
    "borrow end: left on the pad": Flow(forgotten),
    "offline: borrow and return": Flow(offline, log=LINE),
    "offline: in the middle of a visit": Flow(away_in_a_visit, log=LINE),
    "renew: one refused": Flow(not_renewed),
    "out of order": Flow(out_of_order, log=("reader.lost", "service.down", *LINE)),
    "start: pad and scanner dead, number typed": Flow(
        account_by_typing, log=("reader.lost", "service.down")
    ),
    "staff entry: guessing": Flow(staff_guesses),
    "time: idle with items left": Flow(idle_with_items_left),
}


@pytest.mark.parametrize("flow", FLOWS)
def test_by_ear_and_five_keys(flow: str, heard: Heard) -> None:
    one = FLOWS[flow]
    heard.expect(*one.log)

    async def story(rig: Rig) -> None:
        await one.story(rig, Listener(rig))

    play(story, **{"station": ACCESSIBLE, **one.where})
