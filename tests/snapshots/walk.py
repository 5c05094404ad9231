"""Every screen that the real flow shows while somebody does whatever the machine offers, in a simulated world.

A walker presses what it has pressed least, and lays, lifts and scans in between: what is added to the flow and can
be reached is met without being named here. What it does hangs on a seed alone.
"""

import re
from collections import Counter
from random import Random

from drivers.service.view import RowsBody, Screen, actions_of
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.stock import Hold
from tests.simulation.rig import Rig, play
from tests.simulation.test_returning import LENT, lend

ITEMS = ("3846646425", "3846646433", "3846646441", "3846646458", "3846646474")
CARDS = ("1234567890", "1234567890", "1234567891", "xx", "3002991234")
PINS = {"1234567891": "4321"}
STEPS = 160
ENDS = ("finish", "log_out", "close", "back")
"""Pressed half as gladly: they lead back to where the walker has been."""


def sights(screen: Screen) -> set[object]:
    """What there is to look at, but not whose it is: words, controls, states, and whether there are many rows."""
    body = screen.body
    found: set[object] = {body.kind}
    if isinstance(body, RowsBody):
        found |= {
            (r.mark, r.state.key, r.detail and r.detail.key, r.advice and r.advice.key)
            for r in body.rows
        }
        found.add(min(len(body.rows), 4))
    said = (
        screen.title,
        screen.lead,
        screen.banner.words if screen.banner else None,
        *(getattr(body, name, None) for name in ("notice", "waiting")),
    )
    found |= {(place, words.key) for place, words in enumerate(said) if words}
    found |= {re.sub(r"\d+", "", action.id) for action in actions_of(screen)}
    return {(screen.name, sight) for sight in found}


def walk(seed: int = 1) -> dict[str, Screen]:
    """Every screen that shows something new, by a name made of its own and a number, in the order in which they came."""
    met: list[Screen] = []
    seen: set[object] = set()

    def meet(rig: Rig) -> None:
        for snapshot in rig.snapshots:
            if not sights(snapshot.screen) <= seen:
                met.append(snapshot.screen)
                seen.update(sights(snapshot.screen))
        rig.snapshots[:] = rig.snapshots[-1:]

    async def story(rig: Rig) -> None:
        chance = Random(seed)
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        await lend(rig, *LENT)
        device.library.holds.append(Hold(LENT[0], "1234567891", pickup="Borgernes Hus"))
        pressed: Counter[str] = Counter()
        card = CARDS[0]
        for step in range(STEPS):
            if step == STEPS // 2:
                await rig.fault("printer", "paper_end")
            if step == 3 * STEPS // 4:
                await rig.stage.do("unplug", {"device": "library"})
            deed = chance.randrange(10)
            if deed == 0:
                await rig.lay(*ITEMS[chance.randrange(3) : 3 + chance.randrange(3)])
            elif deed == 1:
                await rig.lift()
            elif deed == 2:
                card = CARDS[chance.randrange(len(CARDS))]
                await rig.scan(card)
            elif rig.screen.name == "pin" and deed < 7:
                await rig.enter_pin(PINS.get(card, "1234"))
            else:
                there = [a.id for a in actions_of(rig.screen) if not a.busy]
                if there:
                    sorts = {id: re.sub(r"\d+", "", id) for id in there}
                    least = min(
                        there,
                        key=lambda id: (
                            pressed[sorts[id]] * (2 if sorts[id].startswith(ENDS) else 1),
                            id,
                        ),
                    )
                    pressed[sorts[least]] += 1
                    await rig.press(least)
            await rig.pause((0.2, 1, 3, 20)[min(3, chance.randrange(12) // 3)] if step % 9 else 95)
            meet(rig)

    play(story)
    numbered: Counter[str] = Counter()
    found = {}
    for screen in met:
        numbered[screen.name] += 1
        found[f"walk {screen.name} {numbered[screen.name]}"] = screen
    return found
