"""What people do at a kiosk that may die at any moment, one entry a story; and what must hold afterwards, whatever it was.

A story is played until the station dies at a point; what is done after a death may be cut short as well. At the end
it is done once to its end, and then the world is judged: the library system's and the tags' own state, beside what
the screen had said.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from drivers.ports import Online
from drivers.service.cases import CaseKind
from drivers.service.records import open_cases
from drivers.store import debts, effects, journal
from hw_sim.ils.stock import HOLD_SHELF, Hold
from kiosk.lending.backs import BackState
from kiosk.lending.helds import HeldState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import Reservation, RowState
from kiosk.lending.state import Lending, Phase, Visit
from tests.simulation.lives import World
from tests.simulation.outage import FBS_STATION
from tests.simulation.rig import STATION, Rig

KAREN, ANOTHER = "1234567890", "1234567891"
BOOK, OTHER, SET = "3846646425", "3846646433", "3846646466"
ALL = (BOOK, OTHER, SET)
ON_LOAN, IN_STOCK = "c2", "07"
BORROW, BACK, RENEW, HOLD = "11", "09", "29", "15"
STATIONS = {"first-loan": STATION, "first-loan-fbs": FBS_STATION}
"""By scenario: over which protocol the library system is spoken to."""

_ANSWERED = {Reservation.PLACED, Reservation.REFUSED}

Play = Callable[[Rig], Awaitable[None]]


@dataclass(frozen=True)
class Story:
    """What is done, and done again after a death. `most`: how often a message may be carried out for one item."""

    play: Play
    again: tuple[Play, ...]
    before: Callable[[World], None] = lambda _: None
    """How the world stands when the first person comes."""
    earlier: Play | None = None
    """A life that nothing cuts short."""
    most: Mapping[str, int] = field(default_factory=dict)
    goes_out: bool = False
    """The library system is away for a part of it."""
    elsewhere: str = ""
    """An item that somebody else borrows at another machine, as soon as it is back and this one is off."""


# --- how the world stands ---------------------------------------------------------------------------------


def on_loan(world: World) -> None:
    """Karen has had them for three weeks, so that all may be renewed."""
    for item in ALL:
        world.library.checkout(KAREN, item, world.stage.world.now() - timedelta(days=23))
        for tag in world.stage.world.items[item].tags:
            tag.afi = int(ON_LOAN, 16)
    world.library.asked.clear()


def reserved(world: World) -> None:
    """One stands ready for her, and she waits for another."""
    until = (world.stage.world.now() + timedelta(days=9)).date()
    here = "Borgernes Hus"
    held = world.library
    held.holds[:] = [
        Hold(OTHER, KAREN, here, expires=until, shelf="12"),
        Hold(SET, KAREN, here, title="Skak for begyndere", expires=until),
    ]
    held.items[OTHER].status = HOLD_SHELF


def wanted(world: World) -> None:
    """Somebody else waits for the book."""
    world.library.holds.append(Hold(BOOK, ANOTHER, "Borgernes Hus"))


# --- what people do ---------------------------------------------------------------------------------------


async def leave(rig: Rig, how: str = "finish.none") -> None:
    await rig.press(how)
    await rig.until(lambda s: s.phase in {Phase.END, Phase.START})
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START and s.pad.empty)


async def signing_in(rig: Rig) -> None:
    """Sign in, look, and leave."""
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.pause(1)
    await leave(rig)


async def borrowing(rig: Rig) -> None:
    """Sign in, borrow two books and a set, undo one, finish with a receipt."""
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(*ALL)
    await rig.until(lambda s: len(s.done) == 3)
    row = next(row for row in rig.state.rows if row.item == OTHER)
    await rig.press(f"undo.{row.id}")
    await rig.until(lambda s: len(s.done) == 2 and not s.unsettled)
    await leave(rig, "finish.print")


async def returning(rig: Rig) -> None:
    """Two books and a set come back, without a card."""
    await rig.until(lambda s: s.phase is Phase.START)
    await rig.press("return")
    await rig.lay(*ALL)
    await rig.until(
        lambda s: len(s.backs) == 3 and all(b.state is BackState.RETURNED for b in s.backs)
    )
    await leave(rig, "finish.print")


async def returning_one(rig: Rig) -> None:
    """One book comes back."""
    await rig.until(lambda s: s.phase is Phase.START)
    await rig.press("return")
    await rig.lay(BOOK)
    await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.RETURNED)
    await leave(rig)


async def renewing(rig: Rig) -> None:
    """Sign in, and renew all."""
    await rig.until(lambda s: s.phase is Phase.START)
    await rig.press("loans")
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.LOANS and len(s.lents) == 3 and s.visit.fresh)
    await rig.press("renew.all")
    await rig.until(lambda s: all(lent.state is LentState.RENEWED for lent in s.lents))
    await leave(rig)


async def cancelling(rig: Rig) -> None:
    """Sign in, and cancel both holds."""
    await rig.until(lambda s: s.phase is Phase.START)
    await rig.press("holds")
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.HOLDS and len(s.helds) == 2 and s.visit.fresh)
    for held in rig.state.helds:
        await rig.press(f"cancel.{held.id}")
        await rig.press("cancel.yes")
        await rig.until(
            lambda s, id=held.id: s.held(id).state is HeldState.CANCELLED  # type: ignore[misc]
        )
    await leave(rig)


async def reserving(rig: Rig) -> None:
    """Sign in, and reserve what somebody else waits for."""
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(BOOK)
    await rig.until(lambda s: any(row.state is RowState.REFUSED for row in s.rows))
    await rig.press(f"reserve.{rig.state.rows[0].id}")
    await rig.until(lambda s: s.rows[0].reservation in _ANSWERED)
    await leave(rig, "finish.print")


async def outage(rig: Rig) -> None:
    """While the library system is away: two books are borrowed, and one of them comes back."""
    await rig.until(lambda s: s.devices.library is Online.ONLINE)
    await rig.stage.do("unplug", {"device": "library"})
    await rig.until(lambda s: s.phase is Phase.START and s.devices.library is Online.OFFLINE)
    await rig.show_card(KAREN)
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(BOOK, OTHER)
    await rig.until(lambda s: len(s.done) == 2)
    await leave(rig)
    await rig.press("return")
    await rig.lay(OTHER)
    await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.RETURNED)
    await leave(rig)


async def telling(rig: Rig) -> None:
    """The library system is back, and all is told."""
    await at_rest(rig)


# --- after a death ----------------------------------------------------------------------------------------


async def at_rest(rig: Rig) -> None:
    """Everything is there; the station ends what it finds open, and nobody is remembered."""
    if not rig.stage.places["library"].plugged:
        await rig.stage.do("plug", {"device": "library"})
    await rig.until(lambda s: s.phase in {Phase.START, Phase.CARD}, 120)
    assert rig.state.visit == Visit()
    assert "Karen" not in repr(rig.screen)
    await rig.until(lambda s: s.devices.library is Online.ONLINE, 300)
    for _ in range(300):
        if not await rig.store.read(effects.open_rows):
            break
        await rig.pause(0.2)
    await rig.lift()
    await rig.until(lambda s: s.pad.empty)
    if rig.state.phase is Phase.CARD:
        await rig.press("back")
    await rig.until(lambda s: s.phase is Phase.START, 200)


async def looked_after(rig: Rig, so: Callable[[Lending], bool]) -> None:
    """All is there, and nothing is under way or owed any more."""

    def quiet(state: Lending) -> bool:
        return so(state) and not state.busy and not state.unsettled and not state.owing

    await rig.until(quiet)
    await rig.pause(1)
    await rig.until(quiet)


async def seen_again(rig: Rig) -> None:
    """Everything is laid on the pad once more, and nobody signs in: what tags owe is paid, what is lent comes back."""
    await at_rest(rig)
    await rig.lay(*ALL)
    await looked_after(rig, lambda s: len(s.rows) + len(s.backs) == 3)


async def signed_in_again(rig: Rig) -> None:
    """The same borrower begins anew with all her items."""
    await at_rest(rig)
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(*ALL)
    await looked_after(
        rig, lambda s: len(s.rows) == 3 and all(r.state is RowState.DONE for r in s.rows)
    )


async def returned_again(rig: Rig) -> None:
    """Everything is given back once more; what is back already is refused."""
    await at_rest(rig)
    await rig.press("return")
    await rig.lay(*ALL)
    await looked_after(rig, lambda s: len(s.backs) == 3)


async def returned_unless_lent(rig: Rig) -> None:
    """She gives the book back once more, unless it is back; what somebody else has by now she has not."""
    await at_rest(rig)
    if (await rig.loans()).get(BOOK, {}).get("patron_card") == KAREN:
        await returning_one(rig)


async def looked_again(rig: Rig) -> None:
    """She looks at her loans: they are what the library system holds."""
    await at_rest(rig)
    await rig.press("loans")
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.LOANS and s.visit.fresh)
    loans = await rig.loans()
    assert {lent.item for lent in rig.state.lents} == set(loans)
    await leave(rig)


async def looked_and_seen(rig: Rig) -> None:
    """She looks at her loans, and lays everything down: a tag in debt is paid when it is seen."""
    await looked_again(rig)
    await seen_again(rig)


async def reserved_again(rig: Rig) -> None:
    """She begins anew and reserves it once more; who waits already does not wait twice."""
    await at_rest(rig)
    await reserving(rig)


STORIES: dict[str, Story] = {
    "sign-in": Story(signing_in, (looked_again,)),
    "borrow": Story(borrowing, (seen_again, signed_in_again), most={BORROW: 2}),
    "return": Story(returning, (seen_again, returned_again), before=on_loan),
    "return, lent elsewhere": Story(
        returning_one, (returned_unless_lent,), before=on_loan, elsewhere=BOOK
    ),
    "renew": Story(renewing, (looked_again, seen_again), before=on_loan, most={RENEW: 1}),
    "cancel": Story(cancelling, (looked_again, at_rest), before=reserved),
    "reserve": Story(reserving, (reserved_again, looked_again), before=wanted),
    "offline": Story(outage, (seen_again, looked_and_seen), goes_out=True),
    "replay": Story(telling, (seen_again, looked_and_seen), earlier=outage, goes_out=True),
}


# --- the judgement ----------------------------------------------------------------------------------------


KINDS = {
    "lost": "told to a person, and not so",
    "doubled": "carried out more often than asked for",
    "moment": "told with a moment at which nobody did it",
    "disagree": "tags and library system disagree",
    "case": "left to staff without need",
    "books": "left open in the station's books",
    "stuck": "came to no end",
}


class Wrong(NamedTuple):
    """One thing that does not hold."""

    kind: str
    """One of KINDS."""
    words: str


@dataclass(frozen=True)
class While:
    """When people were at the machine, until it died or they had left."""

    began: datetime
    ended: datetime


async def judged(world: World, rig: Rig, story: Story, people: While) -> list[Wrong]:
    """What does not hold: nothing here takes the station's word for anything but its own books."""
    truth = await world.truth()
    held = truth["devices"]["library"]
    return [
        *_lost(world, held),
        *_doubled(held, story, people),
        *_tags(truth),
        *[
            Wrong("case", f"{case.kind.value} {case.subject}")
            for case in await rig.store.read(open_cases)
            if case.kind is not CaseKind.RETURN_UNKNOWN or case.subject not in world.elsewhere
        ],
        *[Wrong("books", f"open: {row.verb}") for row in await rig.store.read(effects.open_rows)],
        *[
            Wrong("books", f"owed: {debt.item}")
            for debt in await rig.store.read(debts.open_debts)
            if debt.item not in world.elsewhere  # it gets what is right when it is seen here
        ],
        *(
            []
            if (await rig.store.read(journal.verify)).whole
            else [Wrong("books", "the chain of the journal is broken")]
        ),
    ]


def _lost(world: World, held: Any) -> list[Wrong]:
    """What a screen has said, and is not so."""
    told, loans = world.told, held["loans"]
    found = [
        Wrong("lost", f"{item} was {'lent' if lent else 'taken back'}, and is not")
        for item, lent in told.loans.items()
        if (item in loans) is not lent and item not in world.elsewhere
    ]
    found += [
        Wrong("lost", f"{item} is lent to somebody else")
        for item, loan in loans.items()
        if loan["patron_card"] != KAREN and item not in world.elsewhere
    ]
    found += [
        Wrong("lost", f"{item} was lent at another machine, and is not")
        for item in world.elsewhere
        if loans.get(item, {}).get("patron_card") != ANOTHER
    ]
    titles = {item.id: item.title for item in world.library.items.values()}
    found += [
        Wrong("lost", f"the hold of {hold['item']} was cancelled, and stands")
        for hold in held["holds"]
        if hold["patron_card"] == KAREN and titles[hold["item"]] in told.cancelled
    ]
    waits = {hold["item"] for hold in held["holds"] if hold["patron_card"] == KAREN}
    found += [Wrong("lost", f"{item} was reserved, and is not") for item in told.reserved - waits]
    asked = {(line["message"], line["item"]) for line in held["asked"] if line["outcome"] == "done"}
    found += [
        Wrong("lost", f"{item} was renewed, and is not")
        for item in told.renewed
        if (RENEW, item) not in asked
    ]
    return found


def _doubled(held: Any, story: Story, people: While) -> list[Wrong]:
    """What was carried out more often than it was asked for, or with a moment at which nobody did it."""
    done: dict[tuple[str, str], int] = {}
    found: list[Wrong] = []
    for line in held["asked"]:
        if line["outcome"] != "done" or line["message"] not in {BORROW, BACK, RENEW, HOLD}:
            continue
        key = (line["message"], line["item"])
        done[key] = done.get(key, 0) + 1
        if line["no_block"]:
            occurred = datetime.fromisoformat(line["occurred"])
            if not people.began - timedelta(seconds=1) <= occurred <= people.ended:
                found.append(Wrong("moment", f"{key}: {occurred}, when nobody did it"))
            if not story.goes_out:
                found.append(Wrong("moment", f"{key}: told late, and nothing was away"))
    found += [
        Wrong("doubled", f"{message} of {item}: {count} times")
        for (message, item), count in done.items()
        if count > story.most.get(message, 1)
    ]
    waiting = Counter((hold["item"], hold["patron_card"]) for hold in held["holds"])
    found += [
        Wrong("doubled", f"{item} is reserved {count} times for one borrower")
        for (item, _), count in waiting.items()
        if count > 1
    ]
    found += [
        Wrong("doubled", f"{item} is renewed {loan['renewals']} times")
        for item, loan in held["loans"].items()
        if loan["renewals"] > story.most.get(RENEW, 0)
    ]
    return found


def _tags(truth: Any) -> list[Wrong]:
    loans, items = truth["devices"]["library"]["loans"], truth["world"]["items"]
    return [
        Wrong("disagree", f"{item}: tags {sorted(bytes_)}, {'on loan' if item in loans else 'in'}")
        for item, bytes_ in ((item, {tag["afi"] for tag in items[item]["tags"]}) for item in ALL)
        if bytes_ != {ON_LOAN if item in loans else IN_STOCK}
    ]


# --- one schedule -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Schedule:
    """Where one run dies: at a point of the story, and at points of what is done after it. None: nowhere."""

    story: str
    scenario: str = "first-loan"
    at: int | None = None
    again: tuple[int, ...] = ()
    which: int = 0
    """Of the ways in which it goes on after a death."""
    library: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """Where it died, what was wrong, and the points of its first and last life."""

    died: tuple[str, ...]
    wrong: tuple[Wrong, ...]
    points: tuple[str, ...]
    last: tuple[str, ...]


async def lived(schedule: Schedule, database: Path) -> Ended:
    """Live a schedule, to the end of its last life, and judge the world."""
    story = STORIES[schedule.story]
    station = STATIONS[schedule.scenario]
    world = World(database, scenario=schedule.scenario, station=station, **schedule.library)
    wrong: list[Wrong] = []
    story.before(world)
    began = world.stage.world.now()
    if story.earlier is not None:
        await world.live(story.earlier)
    left = world.stage.world.now()
    first = await world.live(story.play, crash_at=schedule.at)
    world.lent_elsewhere(story.elsewhere, ANOTHER)
    people = While(began, world.stage.world.now() if story.earlier is None else left)
    died = first.died
    again = story.again[schedule.which]
    for at in schedule.again:
        died += (await world.live(again, crash_at=at)).died
        world.lent_elsewhere(story.elsewhere, ANOTHER)

    async def to_the_end(rig: Rig) -> None:
        await again(rig)
        wrong.extend(await judged(world, rig, story, people))

    last = await world.live(to_the_end)
    await world.stage.close()
    return Ended(died, tuple(wrong), tuple(first.points), tuple(last.points))


def drawn(seed: int, number: int, lengths: Mapping[tuple[str, str], tuple[int, int]]) -> Schedule:
    """The schedule of this number. `lengths`: by story and scenario, the points of it and of what comes after."""
    chance = random.Random(f"{seed} {number}")
    names = sorted(lengths)
    story, scenario = names[number % len(names)]
    points, more = lengths[story, scenario]
    deaths = chance.choices((0, 1, 2), (2, 2, 1))[0]
    return Schedule(
        story,
        scenario,
        at=chance.randrange(points),
        again=tuple(chance.randrange(more) for _ in range(deaths)),
        which=chance.randrange(len(STORIES[story].again)),
        library={
            "answer_ms": chance.choice((0, 50, 300, 900)),
            "repeat_loan": chance.choice(("renew", "refuse")),
            "return_unlent": chance.choice(("refuse", "accept")),
        },
    )
