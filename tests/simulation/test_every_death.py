"""Every mixture of dead devices: what the start screen then offers, that each of it works to its end, and needs nothing dead."""

import re
from itertools import chain, combinations

import pytest

from drivers.service.view import Snapshot, actions_of
from hw_sim.ils.stock import Hold
from kiosk.lending.backs import BackState
from kiosk.lending.helds import HeldState
from kiosk.lending.lents import LentState
from kiosk.lending.state import Lending, Over, Phase
from tests.conftest import Heard
from tests.simulation.rig import ACCESSIBLE, CATALOGUE, Rig, play
from tests.simulation.test_degraded import possible
from tests.simulation.test_holds import library_of
from tests.simulation.test_returning import lend

STATION = ACCESSIBLE + '[devices.card]\nurl = "memory://card"\n'
CARD, BOOK, OTHER, WANTED = "1234567890", "3846646425", "3846646433", "3846646458"
EVERYTHING = {"borrow", "return", "loans", "holds"}

# what is dead of pad, scanner, card reader and library system -> what is offered
OFFERED: dict[tuple[str, ...], set[str]] = {
    (): EVERYTHING,
    ("pad",): EVERYTHING,
    ("scanner",): EVERYTHING,
    ("card",): EVERYTHING,
    ("pad", "scanner"): {"loans", "holds"},
    ("pad", "card"): EVERYTHING,
    ("scanner", "card"): EVERYTHING,
    ("pad", "scanner", "card"): {"loans", "holds"},
    ("library",): {"borrow", "return"},
    ("pad", "library"): {"borrow", "return"},
    ("scanner", "library"): {"borrow", "return"},
    ("card", "library"): {"borrow", "return"},
    ("pad", "scanner", "library"): set(),
    ("pad", "card", "library"): {"borrow", "return"},
    ("scanner", "card", "library"): {"return"},  # a typed number is not believed then
    ("pad", "scanner", "card", "library"): set(),
}
BESIDE = ("keys", "printer", "speaker")
"""Whatever of these is dead too takes nothing away from the start screen."""

NEEDS = {
    "pad": re.compile(r"på pladen"),
    "scanner": re.compile(r"\bscan\b|stregkoden", re.IGNORECASE),
    "card": re.compile(r"mod (kort)?læseren", re.IGNORECASE),
}
"""What the screen says that nobody can do without the device."""
_ON_PHONE = "scan koden"


def mixtures(roles: tuple[str, ...]) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(roles, n) for n in range(len(roles) + 1)))


def test_the_table_has_every_mixture() -> None:
    known = {frozenset(mixture) for mixture in OFFERED}
    assert known == {frozenset(m) for m in mixtures(("pad", "scanner", "card", "library"))}


async def dies(rig: Rig, role: str) -> None:
    if role == "card":
        rig.cards.gone = True
    else:
        await rig.stage.do("unplug", {"device": role})
    if role != "keys":  # the flow is not told of them: they only press
        await rig.until(lambda s: not alive(s, role), 120)


async def comes_back(rig: Rig, role: str) -> None:
    await rig.stage.do("plug", {"device": role})
    if role != "keys":
        await rig.until(lambda s: alive(s, role), 120)


def alive(state: Lending, role: str) -> bool:
    if role == "printer":
        return state.devices.printer.usable
    if role == "library":
        return not state.devices.away
    return bool(getattr(state.devices, role))


class Person:
    """Does at the machine what can be done without the dead."""

    def __init__(self, rig: Rig, dead: set[str]) -> None:
        self.rig = rig
        self.dead = dead
        ways = {"scanner": self._scans, "card": self._taps, "library": self._types}
        self.ways = [way for role, way in ways.items() if role not in dead]
        self.visits = 0

    async def _scans(self) -> None:
        await self.rig.pause(2)
        await self.rig.show_card(CARD)

    async def _taps(self) -> None:
        await self.rig.tap("karen")

    async def _types(self) -> None:
        await self.rig.press("type")
        for digit in CARD:
            await self.rig.press(f"key.{digit}")

    async def signs_in(self, wish: str) -> None:
        """By each way in turn that is left."""
        await self.rig.press(wish)
        await self.ways[self.visits % len(self.ways)]()
        self.visits += 1
        await self.rig.until(lambda s: s.phase is not Phase.CARD and not s.visit.asking)
        if self.rig.state.phase is Phase.PIN:
            await self.rig.enter_pin()
        await self.rig.until(lambda s: s.signed_in and not s.busy)

    async def gives(self, item: str) -> None:
        if "pad" in self.dead:
            await self.rig.pause(2)
            await self.rig.scan(item)
            await self.rig.until(lambda s: not s.visit.finding)
            if self.rig.state.over is Over.ASK_SCAN:
                await self.rig.press("item.yes")
        else:
            await self.rig.lay(item)

    async def ends(self) -> None:
        """On paper where that is offered, and then it comes."""
        offered = {a.id for a in actions_of(self.rig.screen) if a.reason is None}
        printed = "finish.print" in offered
        assert printed == (alive(self.rig.state, "printer")), self.rig.words()
        jobs = await self._jobs()
        await self.rig.press("finish.print" if printed else "finish.none")
        await self.rig.until(lambda s: s.phase in {Phase.END, Phase.CLEAR}, 60)
        await self.rig.lift()
        await self.rig.until(lambda s: s.phase is Phase.START, 60)
        assert await self._jobs() == jobs + printed

    async def _jobs(self) -> int:
        return len((await self.rig.truth())["devices"]["printer"]["jobs"])

    # --- what the start screen can offer, each to its end

    async def borrow(self) -> None:
        await self.signs_in("borrow")
        await self.gives(BOOK)
        await self.rig.until(lambda s: len(s.done) == 1)
        await self.ends()

    async def loans(self) -> None:
        await lend(self.rig, OTHER)
        await self.signs_in("loans")
        await self.rig.until(lambda s: bool(s.lents))
        (lent,) = [each for each in self.rig.state.lents if each.item == OTHER]
        await self.rig.press(f"renew.{lent.id}")
        await self.rig.until(lambda s: any(each.state is LentState.RENEWED for each in s.lents))
        await self.ends()

    async def holds(self) -> None:
        holds = library_of(self.rig).holds
        if not any(hold.item == WANTED for hold in holds):
            holds.append(Hold(WANTED, CARD, pickup="Borgernes Hus"))
        await self.signs_in("holds")
        await self.rig.until(lambda s: bool(s.helds))
        (held,) = [each for each in self.rig.state.helds if each.hold.item == WANTED]
        await self.rig.press(f"cancel.{held.id}")
        await self.rig.press("cancel.yes")
        await self.rig.until(lambda s: any(each.state is HeldState.CANCELLED for each in s.helds))
        await self.ends()

    async def give_back(self) -> None:
        await self.rig.press("return")
        await self.gives(BOOK)
        await self.rig.until(
            lambda s: any(back.state is BackState.RETURNED for back in s.backs), 60
        )
        await self.ends()


def asks_for(snapshots: list[Snapshot], dead: set[str]) -> list[str]:
    """What was said on any screen that needs a dead device, or offered."""
    found = []
    for snapshot in snapshots:
        shown = snapshot.screen
        if "speaker" in dead and any(a.id == "assist.aloud" for a in actions_of(shown)):
            found.append("assist.aloud")
        for text in shown.spoken:
            words = CATALOGUE.say(text, shown.language).replace(_ON_PHONE, "")
            found += [words for role in dead & NEEDS.keys() if NEEDS[role].search(words)]
    return sorted(set(found))


@pytest.mark.parametrize("dead", OFFERED, ids="+".join)
def test_what_is_offered_works_to_its_end_and_needs_nothing_dead(
    dead: tuple[str, ...], heard: Heard
) -> None:
    heard.expect("reader.lost", "service.down", "printer.changed", "library.line.dropped")

    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        for role in dead:
            await dies(rig, role)
        if not OFFERED[dead]:
            await rig.until(lambda s: s.phase is Phase.CLOSED, 120)
            assert "Ude af drift" in rig.words()
            assert "Automat 3" in rig.words()
            return
        for beside in mixtures(BESIDE):
            for role in beside:
                await dies(rig, role)
            person = Person(rig, {*dead, *beside})
            assert rig.state.phase is Phase.START
            assert possible(rig) == OFFERED[dead], rig.words()
            since = len(rig.snapshots) - 1
            await rig.press("assist.help")
            await rig.press("close")
            for service, does in (
                ("return", person.give_back),
                ("borrow", person.borrow),
                ("loans", person.loans),
                ("holds", person.holds),
            ):
                if service in OFFERED[dead]:
                    await does()
                elif service == "borrow" and "return" in OFFERED[dead]:
                    await lend(rig, BOOK)  # for whoever returns it next
            assert not asks_for(rig.snapshots[since:], person.dead)
            for role in beside:
                await comes_back(rig, role)

    play(story, station=STATION)
