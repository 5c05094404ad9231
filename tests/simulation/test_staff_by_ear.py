"""Staff who only hears and presses five keys: every screen of the staff, beside the case and the cause in test_flows_by_ear."""

import pytest

from drivers.ports import Secret
from drivers.service import records
from drivers.service.cases import CaseKind, CaseState
from drivers.service.roles import Role
from drivers.service.staff import InlineHasher, StaffDoor
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.journeys.five_keys import Listener
from tests.simulation.rig import ACCESSIBLE, STAFF_CARD, STAFF_PIN, Rig, play
from tests.simulation.test_flows_by_ear import CARD, SET, Flow, ends, sign_in
from tests.simulation.test_holds import LYKKE
from tests.simulation.test_returning import lend
from tests.simulation.test_schedule import lit, span


async def hired(rig: Rig) -> None:
    door = StaffDoor(rig.store, InlineHasher())
    await door.add(Role.STAFF, (Secret(STAFF_CARD),), Secret(STAFF_PIN))


async def card_and_pin(rig: Rig, person: Listener) -> None:
    await rig.scan(STAFF_CARD)
    await person.hears("Indtast din personalekode")
    await person.enters(STAFF_PIN)
    await person.chooses("Log ind")


async def enters(rig: Rig, person: Listener) -> None:
    await person.begins()
    await person.chooses("Hjælp")
    await person.chooses("For personalet")
    await person.hears("Scan dit personalekort")
    await card_and_pin(rig, person)


async def devices(rig: Rig, person: Listener) -> None:
    await hired(rig)
    await enters(rig, person)
    await person.chooses("Enheder")
    await person.hears("Printeren")


async def new_roll(rig: Rig, person: Listener) -> None:
    await devices(rig, person)
    await person.chooses("Ny rulle")
    await person.hears("Papiret er talt om, og prøven er printet.")
    assert len((await rig.truth())["devices"]["printer"]["jobs"]) == 1


async def hours(rig: Rig, person: Listener) -> None:
    await devices(rig, person)
    await person.chooses("Skift: Lyd")
    await person.hears("Hvor højt skal den lyde?", "I morgen gælder planen igen.")
    await person.chooses("Lydløs: til midnat")
    await person.hears("Ændret. I morgen gælder planen igen.")
    assert rig.screen.cue_db is None
    await person.chooses("Skift: Skærm")
    await person.hears("Hvornår skal skærmen være tændt?")
    await person.chooses("Tændt: til midnat")
    await person.hears("Ændret. I morgen gælder planen igen.")


async def let_try_again(rig: Rig, person: Listener) -> None:
    await sign_in(rig, person, pin="0000")
    for _ in range(4):
        await person.hears("Kort eller pinkode er forkert. Prøv igen.")
        await person.enters("0000")
    await person.hears("For mange forsøg.")
    await person.chooses("Tilbage")
    await person.hears("Læg dine materialer på pladen, eller scan dit kort")
    await devices(rig, person)
    await person.chooses("Spærret kort")
    await person.hears("Scan lånerens kort")
    await rig.scan(CARD)
    await person.hears("Kortet kan prøve igen.")


async def alarm_mended(rig: Rig, person: Listener) -> None:
    await lend(rig, LYKKE)
    (tag,) = rig.stage.world.items[LYKKE].tags
    tag.afi = 0x07
    case = await rig.store.write(lambda t: records.open_case(t, CaseKind.STILL_ARMED, LYKKE))
    await hired(rig)
    await enters(rig, person)
    await person.hears("1 sag venter", "Lykke-Per")
    await person.chooses("Tag sagen: Lånt, men alarmen er ikke slået fra, Lykke-Per")
    await person.chooses("Ret alarmen")
    await person.hears("Læg materialet på pladen")
    await rig.lay(LYKKE)
    await person.hears("Alarmen er slået fra. Materialet er udlånt.")
    assert tag.afi == 0xC2
    found = await rig.store.read(lambda t: records.case(t, case.id))
    assert found.state is CaseState.CLOSED


async def closed_with_a_reason(rig: Rig, person: Listener) -> None:
    case = await rig.store.write(lambda t: records.open_case(t, CaseKind.LEFT_BEHIND, LYKKE))
    await hired(rig)
    await enters(rig, person)
    await person.hears("1 sag venter", "Lykke-Per")
    await person.chooses("Tag sagen: Noget blev glemt på pladen, Lykke-Per")
    await person.chooses("Luk sagen")
    await person.hears("Hvordan endte sagen?")
    await person.chooses("Der var ikke noget galt")
    await person.hears("Ingen sager venter.")
    found = await rig.store.read(lambda t: records.case(t, case.id))
    assert found.state is CaseState.CLOSED
    await person.chooses("Lukket i dag 1")
    await person.hears("Der var ikke noget galt")


async def set_let_go(rig: Rig, person: Listener) -> None:
    await hired(rig)
    await sign_in(rig, person)
    await rig.lay(SET, parts=[1, 3])
    await person.hears("Ikke komplet. 2 af 3, del 2 mangler. Læg alle dele på.")
    await person.chooses("Spørg personalet om Skak for begyndere")
    await person.chooses("For personalet: lån Skak for begyndere")
    await person.hears("Lån et sæt, der mangler en del", "Tilkald personalet.")
    await card_and_pin(rig, person)
    await person.hears("Skak for begyndere. 2 af 3 dele. Lånt.", "1 af 1 lånt")
    assert rig.state.phase is Phase.BORROW
    await ends(rig, person)
    assert SET in await rig.loans()


SCREENS: dict[str, Flow] = {
    "printer: a new roll": Flow(new_roll, log=("printer.changed",)),
    "hours of sound and screen": Flow(hours, {"station": lit(span(-180, 900), ACCESSIBLE)}),
    "a card that must wait": Flow(let_try_again),
    "a case: the alarm mended on the pad": Flow(alarm_mended),
    "a case: closed with a reason": Flow(closed_with_a_reason),
    "an incomplete set let go": Flow(set_let_go),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_staff_by_ear_and_five_keys(screen: str, heard: Heard) -> None:
    one = SCREENS[screen]
    heard.expect(*one.log)

    async def story(rig: Rig) -> None:
        await one.story(rig, Listener(rig))

    play(story, **{"station": ACCESSIBLE, **one.where})
