"""What somebody meets who acts at once, measured in the simulated world with devices as slow as real ones: touches, seconds, and what goes wrong.

Each gives the figures of one visit, in seconds of the machine's own time unless said otherwise.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from drivers.service.view import CountdownBody
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Over, Phase
from tests.journeys.five_keys import Listener
from tests.simulation.outage import asked, now, told
from tests.simulation.rig import ACCESSIBLE, STATION, Rig, play
from tests.simulation.test_returning import lend

STACK = ("3846646425", "3846646433", "3846646458", "3846646474", "3846646482")
BOOK, OTHER, RESERVED = "3846646425", "3846646433", "3846646441"
OTHERS = ("3846646458", "3846646474")
PRIVATE = ("Karen", "Lykke", "Rødgrød", "1234", "december")
"""Of her: what no loudspeaker may say."""
LONGEST_S = 60.0


def visits() -> dict[str, Any]:
    """All of them, one after the other."""
    found: dict[str, Any] = {}
    for story, station in (
        (borrowing, STATION),
        (returning, STATION),
        (waiting, STATION),
        (warned, STATION),
        (listened_to, ACCESSIBLE),
        (printing, STATION),
        (partly, STATION),
        (broken, STATION),
        (silent, STATION),
    ):
        found |= _played(story, station)
    return found


def _played(
    story: Callable[[Rig, dict[str, Any]], Coroutine[Any, Any, None]], station: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def whole(rig: Rig) -> None:
        await story(rig, found)

    play(whole, station=station)
    return found


async def until(rig: Rig, so: Callable[[], bool]) -> float:
    """Let virtual time run until something is so; the seconds that it took, to the hundredth."""
    began = now()
    while not so():
        assert now() < began + LONGEST_S, rig.words()
        await asyncio.sleep(0.01)
    return round(now() - began, 2)


async def signed_in(rig: Rig) -> None:
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)


async def borrowing(rig: Rig, found: dict[str, Any]) -> None:
    """Card, PIN, five items, receipt."""
    began = now()
    await rig.scan("1234567890")
    await rig.until(lambda s: s.phase is Phase.PIN)
    touches = 0
    for digit in "1234":
        await rig.press(f"key.{digit}")
        touches += 1
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(*STACK)
    found["row"] = await until(rig, lambda: bool(rig.state.rows))
    await rig.until(
        lambda s: len(s.rows) == len(STACK) and all(r.state is RowState.DONE for r in s.rows)
    )
    await rig.press("finish.print")
    touches += 1
    await rig.until(lambda s: s.phase is Phase.END)
    found.update(touches=touches, seconds=round(now() - began, 1))


async def returning(rig: Rig, found: dict[str, Any]) -> None:
    """Five items laid down one after another on the start screen, and nothing pressed."""
    await lend(rig, *STACK, days_ago=3)
    each = []
    for count, item in enumerate(STACK, start=1):
        await rig.lay(item)
        each.append(await until(rig, lambda n=count: _returned(rig) == n))  # type: ignore[misc]
    found.update(return_touches=0, slowest=max(each), each=each)


def _returned(rig: Rig) -> int:
    return sum(back.state is BackState.RETURNED for back in rig.state.backs)


async def waiting(rig: Rig, found: dict[str, Any]) -> None:
    """A library system that takes three seconds: when words stand beside the spinner, and when they say that it is slow."""
    await rig.fault("library", "delay", seconds=3.0, count=4)
    await rig.sign_in()
    found["spinner_words"] = await until(rig, lambda: "Vi logger dig ind" in rig.words())
    slow = await until(rig, lambda: "Det tager lidt længere" in rig.words())
    found["said_slow"] = round(found["spinner_words"] + slow, 2)


async def warned(rig: Rig, found: dict[str, Any]) -> None:
    """From the warning to the end of the visit, as usual and with large text; and what of her is still on the screen."""
    for name, large in (("warning", False), ("warning_patient", True)):
        await signed_in(rig)
        if large:
            await rig.press("assist.larger")
        await rig.until(lambda s: s.over is Over.IDLE, 300)
        assert isinstance(rig.screen.body, CountdownBody)
        began = now()
        await rig.until(lambda s: s.phase is not Phase.BORROW, 200)
        found[name] = round(now() - began, 1)
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.pause(2)
    found["left_behind"] = sum(word in repr(rig.screen) for word in PRIVATE)


async def listened_to(rig: Rig, found: dict[str, Any]) -> None:
    """A visit by five keys with nothing in the jack: what of her the room hears."""
    person = Listener(rig)
    await person.begins(headset=False)
    await person.chooses("Lån")
    await rig.scan("1234567890")
    await rig.enter_pin()
    await rig.lay(BOOK, OTHER, RESERVED)
    await person.hears("2 af 3 lånt", "Reserveret af en anden låner")
    await rig.key(*["down"] * 14)
    await rig.pause(5)
    said = " ".join(await rig.heard())
    found["overheard"] = sum(word in said for word in PRIVATE)


async def printing(rig: Rig, found: dict[str, Any]) -> None:
    """Paper that ends at rest, and in the middle of a receipt."""
    await signed_in(rig)
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await rig.fault("printer", "paper_end")
    at_rest = await until(rig, lambda: "Papiret er slut" in rig.words())
    await rig.stage.do("clear", {"device": "printer"})
    await rig.until(lambda s: s.devices.printer.usable)
    await rig.fault("printer", "paper_end", after_mm=20.0)
    await rig.press("finish.print")
    in_receipt = await until(rig, lambda: "kunne ikke printes" in rig.words())
    found.update(print_fault=max(at_rest, in_receipt), loans_lost=1 - len(await rig.loans()))


async def partly(rig: Rig, found: dict[str, Any]) -> None:
    """One item refused, one that cannot be read, and three others: how many of those were held up."""
    await signed_in(rig)
    await rig.fault("pad", "unreadable", item=OTHER)
    await rig.lay(BOOK, OTHER, RESERVED, *OTHERS)
    await rig.until(lambda s: len(s.done) == 3 and not s.unsettled)
    refused = next(row for row in rig.screen.body.rows if "Ikke lånt" in _words(rig, row.state))  # type: ignore[union-attr]
    found["held_up"] = 3 - len(await rig.loans())
    found["without_advice"] = int(refused.detail is None) + int(refused.advice is None)


def _words(rig: Rig, what: Any) -> str:
    return rig.kiosk._parts.catalogue.say(what, "da")


async def broken(rig: Rig, found: dict[str, Any]) -> None:
    """The line is cut in the middle of a visit, and put back."""
    await signed_in(rig)
    await rig.stage.do("unplug", {"device": "library"})
    found["on_broken"] = await _lent_later(rig)
    await rig.stage.do("plug", {"device": "library"})
    await told(rig)
    found["told_wrong"] = int(set(await rig.loans()) != {BOOK})


async def silent(rig: Rig, found: dict[str, Any]) -> None:
    """Nothing is answered any more though all is done; then it is again."""
    await signed_in(rig)
    await rig.fault("library", "silent", count=None, work=True)
    found["on_silent"] = await _lent_later(rig)
    await rig.pause(60)
    await rig.stage.do("clear", {"device": "library"})
    await told(rig)
    done = [line for line in await asked(rig, "11") if line["outcome"] == "done"]
    found["told_twice"] = len(done) - 1


async def _lent_later(rig: Rig) -> float:
    """Seconds from asking to lent offline, which is the wait that a borrower has."""
    await rig.lay(BOOK)
    await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.ASKING)
    return await until(rig, lambda: len(rig.state.done) == 1)
