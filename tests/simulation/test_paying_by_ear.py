"""A whole payment by somebody who only hears and presses five keys, and who pays at the terminal by feel: how it goes, and what may go wrong."""

import pytest

from drivers.ports import Online
from tests.conftest import Heard
from tests.journeys.five_keys import Listener
from tests.simulation.rig import ACCESSIBLE, Rig, play
from tests.simulation.test_flows_by_ear import Flow, ends, sign_in
from tests.simulation.test_paying import OWED, booked, paid
from tests.simulation.test_paying import person as at_terminal

TERMINAL = '\n[devices.terminal]\ndriver = "zvt"\nurl = "memory://terminal"\n'
WHERE = {"scenario": "account", "station": ACCESSIBLE + TERMINAL}


async def begins(rig: Rig, person: Listener) -> None:
    await rig.until(lambda s: s.devices.terminal)
    await sign_in(rig, person)
    await person.hears("Hej Karen")
    await person.chooses("Gebyrer")
    await person.hears("Du skylder 32,50 kr.", "Danmarks historie i 50 kort. 12,50 kr.")
    await pays(person)


async def pays(person: Listener) -> None:
    await person.chooses("Betal 32,50 kr")
    await person.hears("Hold kortet mod terminalen, eller sæt det i", "Beløb: 32,50 kr.")


async def approved(rig: Rig, person: Listener) -> None:
    await begins(rig, person)
    await at_terminal(rig, "card")
    await person.hears("Tast koden til kortet på terminalen")
    await at_terminal(rig, "approve")
    await person.hears("Du har betalt 32,50 kr.", "Betalingen er registreret på biblioteket.")
    await person.chooses("Videre")
    await person.hears("Du har ingen gebyrer")
    assert await booked(rig) == [OWED]
    assert len(await paid(rig)) == 1
    await ends(rig, person, "Tag din kvittering", by="Print kvittering")


async def declined(rig: Rig, person: Listener) -> None:
    await begins(rig, person)
    await at_terminal(rig, "decline")
    await person.hears("Kortet blev ikke godkendt", "Der er ikke trukket penge.")
    assert await booked(rig) == []
    await person.chooses("Prøv igen")
    await person.hears("Hold kortet mod terminalen, eller sæt det i")
    await at_terminal(rig, "approve")
    await person.hears("Du har betalt 32,50 kr.")
    assert await booked(rig) == [OWED]


async def stopped(rig: Rig, person: Listener) -> None:
    await begins(rig, person)
    await person.chooses("Annuller betalingen")
    await person.hears("Betalingen er annulleret", "Der er ikke trukket penge.")
    await person.chooses("Tilbage til gebyrer")
    await person.hears("Du skylder 32,50 kr.")
    assert await booked(rig) == []
    await ends(rig, person, "Husk dit kort")


async def terminal_gone(rig: Rig, person: Listener) -> None:
    await rig.stage.do("unplug", {"device": "terminal"})
    await rig.until(lambda s: not s.devices.terminal)
    await sign_in(rig, person)
    await person.hears("Hej Karen")
    await person.chooses("Gebyrer")
    await person.hears("Du skylder 32,50 kr.", "Du kan betale på odensebib.dk.")
    assert "Terminalen svarer ikke" in await person.finds("Betal med kort")
    await rig.key("select")
    await person.hears("Terminalen svarer ikke")
    assert await booked(rig) == []


async def dies_with_the_money(rig: Rig, person: Listener) -> None:
    await begins(rig, person)
    await rig.fault("terminal", "silent_after_booking")
    await at_terminal(rig, "approve")
    await person.hears("Betalingen bliver behandlet")
    await rig.pause(2)
    await rig.stage.do("unplug", {"device": "terminal"})
    await person.hears("Vi undersøger, om betalingen gik igennem", "Betal ikke igen.")
    await rig.stage.do("clear", {"device": "terminal"})
    await rig.stage.do("plug", {"device": "terminal"})
    await person.hears("Du har betalt 32,50 kr.")
    assert await booked(rig) == [OWED]
    assert len(await paid(rig)) == 1


async def told_later(rig: Rig, person: Listener) -> None:
    await begins(rig, person)
    await rig.stage.do("unplug", {"device": "library"})
    await at_terminal(rig, "approve")
    await person.hears("Betalingen registreres senere. Du skal ikke betale igen.")
    await person.chooses("Videre")
    await ends(rig, person, "Husk dit kort")
    assert await paid(rig) == []
    await rig.stage.do("plug", {"device": "library"})
    await rig.until(lambda s: s.devices.library is Online.ONLINE, 120)
    await rig.pause(60)
    assert await booked(rig) == [OWED]
    assert len(await paid(rig)) == 1


PAYMENTS: dict[str, Flow] = {
    "approved, and a receipt": Flow(approved),
    "declined, and tried again": Flow(declined),
    "stopped by her": Flow(stopped),
    "terminal gone: the way online": Flow(terminal_gone, log=("service.down",)),
    "terminal dies with the money": Flow(dies_with_the_money, log=("service.down",)),
    "library system away: told later": Flow(
        told_later, log=("library.line.dropped", "service.down")
    ),
}


@pytest.mark.parametrize("payment", PAYMENTS)
def test_paying_by_ear_and_five_keys(payment: str, heard: Heard) -> None:
    one = PAYMENTS[payment]
    heard.expect(*one.log)

    async def story(rig: Rig) -> None:
        await one.story(rig, Listener(rig))

    play(story, **WHERE)
