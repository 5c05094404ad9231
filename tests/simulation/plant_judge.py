"""Who judges a run of the plant's flow: where each item lies is the plant's word, what a person was told is the line's.

Nothing excuses an item but a word that is about it. Its own name, or the number of its own tag, ended, with the bin it lies in, or
as lost or removed. Or, for what nobody could read, a thing without a name: by the bin, and by where the belt stood when that thing
was before the eye that saw it. The plant knows when which item was there, so such a word is matched to one item, and is used up by it.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from hw_sim.plant_things import Thing
from sorter.belt.items import Cause, ItemState, Tracked
from sorter.plan.facts import Facts
from tests.simulation.plant_trouble import CAUSES
from tests.simulation.plant_truth import EXCEPTION, OVERFLOW

STAFF = frozenset({EXCEPTION, OVERFLOW})
NEAR_MM = 15
"""An eye that bounces tells an edge so far from where it was."""
GLUED_MM = 40
"""Things closer than this may be one to an eye: so much too long does it see what is before a dirty one."""
KEPT_MM = 60_000
"""Belt behind which a word about a thing without a name is about nothing that is still judged."""
ENCODER = 1 << 32
BESIDE = frozenset({Cause.MISSED, Cause.NO_CRATE})
"""Causes that name the bin at which it fell, and that it does not lie well there."""
SOUGHT = frozenset({ItemState.LOST, ItemState.REMOVED})
TORN = frozenset({Cause.CONFLICT, Cause.LATE})
"""Causes with which what two names are in doubt of comes to the staff: in conflict, or before that could be said."""


@dataclass(slots=True)
class Copy:
    """One item as the library system and the plant know it."""

    thing: Thing
    facts: Facts
    """What the library system will answer."""
    wanted: int
    """Bin that the plan names for it, as things are now."""
    foreign: bool
    fault: str = ""
    on_loan: bool = True
    asked: Counter[tuple[int, int]] = field(default_factory=Counter)
    """How often each life of the host asked for its check-in, by life and number: it lies on the belt once."""
    owed: bool = False
    """The library system was asked to check it in, or whoever asks when it is back has it in a book."""
    judged: bool = False
    fed_at: float = 0.0
    landed_at: float = 0.0
    bin: int = 0
    dead: bool = False
    """No tag of it answers."""
    unheard: bool = False
    """None answered while the line listened: it may have passed the reader while the program was dead."""
    glued: bool = False
    """It passed the inlet's eye as one with another."""
    silent: bool = False
    """It landed with a tag that the gate would not hear."""


@dataclass(slots=True)
class Found:
    """What a run came to. Every list must be empty."""

    items: int = 0
    right: int = 0
    staff: int = 0
    off: int = 0
    """Taken off, emptied, on the floor."""
    told: int = 0
    """In another bin than planned, and a person was told so."""
    undetectable: int = 0
    """Fed under another item with dead tags, or while nobody listened: nothing at the plant can tell."""
    untouched: int = 0
    untouched_right: int = 0
    misbelieved: int = 0
    """With the staff, told as a stray, and confirmed by the controller in its own bin, where something else fell."""
    silent_told: int = 0
    """With a silent tag where it does not belong, and a person was told where."""
    late: int = 0
    """Untouched items that lie with the staff because an answer was late."""
    alarmed: int = 0
    """Untouched items in their bin of which a person is told for nothing."""
    faults: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    """Items that are not in their bin, by the word that tells a person of them."""
    unseen: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    """With the staff, and no word of a person's says why, or a wrong one."""
    wronged: list[str] = field(default_factory=list)
    """In another bin than planned though no fault touched it, told or not."""
    believed: list[str] = field(default_factory=list)
    """On the floor or in hands, and in a bin by the line's word."""
    still_lent: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    overfilled: list[str] = field(default_factory=list)
    """Sent into a crate that had been full for longer than the sensor waits."""

    @property
    def wrong(self) -> list[str]:
        return [
            *self.unseen,
            *self.silent,
            *self.unexplained,
            *self.wronged,
            *self.believed,
            *self.still_lent,
            *self.doubled,
            *self.overfilled,
        ]

    def plus(self, other: "Found") -> "Found":
        """Both together."""
        return Found(
            **{name: getattr(self, name) + getattr(other, name) for name in Found.__slots__}
        )


@dataclass(slots=True)
class Word:
    """What a person was told of a thing without a name: at which bin, or before it, and where the belt stood then."""

    bin: int
    encoder: int
    end: Tracked | None = None
    """None for what the belt never inducted."""


@dataclass(frozen=True, slots=True)
class Told:
    """A thing that was told of as a stray: at which eye, where the belt stood when it came there, its length and bin."""

    eye: int
    at: int
    length: float
    bin: int


class Judge:
    """Takes the line's words as they come, and judges each item once, when it has come to rest."""

    def __init__(self, *, bins: int, pulses_a_mm: float, run: str) -> None:
        self.found = Found()
        self._bins, self._mm, self._run = bins, pulses_a_mm, run
        self._ends: dict[str | bytes, list[Tracked]] = {}
        """By name, and by the number of each tag that names nothing."""
        self._taken: set[int] = set()
        """Items whose word is about what was where they were: by its name it is about nothing that was elsewhere."""
        self._nameless: deque[Word] = deque()
        """Items that were inducted and have no name of their own, as they ended, by the belt at the inlet's eye."""
        self._strays: deque[Word] = deque()
        self._told: deque[Told] = deque()
        self._gone: deque[tuple[int, float, str]] = deque()
        """Where the belt stood when a thing that is gone by now was at the inlet's eye, its length and name."""

    # --- words --------------------------------------------------------------------------------------

    def ended(self, item: Tracked) -> None:
        """An item of the line has ended, and the list says how."""
        self.found.causes[item.cause.value] += 1
        if item.bin in STAFF and item.cause is Cause.NONE:
            self.found.unexplained.append(f"{self._run}: told without a cause: {item}")
        known = {tag.item or tag.uid.value for tag in item.tags if not tag.doubtful}
        for name in known:
            self._ends.setdefault(name, []).append(item)
        torn = item.cause in TORN and any(tag.doubtful for tag in item.tags)
        if torn or not item.item:  # what has no name, or two, is told of by where it was
            self._nameless.append(Word(item.bin, item.at, item))

    def stray(self, item: Tracked) -> None:
        """Something that is no item of the line was seen at a bin, or before it."""
        self.found.causes["stray"] += 1
        self._strays.append(Word(item.bin, item.at))

    # --- truth --------------------------------------------------------------------------------------

    def rests(self, thing: Thing, on_belt: Iterable[Thing]) -> bool:
        """A thing has left the belt; whether it passed the inlet's eye as one with another."""
        at = self._seen_at(thing, 0)
        if at is None:
            return False
        others = [(other, self._seen_at(other, 0)) for other in on_belt if other is not thing]
        near = [(place, one.length, one.name) for one, place in others if place is not None]
        close = GLUED_MM * self._mm
        glued = any(
            name != thing.name and place < at + thing.length + close and at < place + length + close
            for place, length, name in (*near, *self._gone)
        )
        self._gone.append((at, thing.length, thing.name))
        while self._gone and self._gone[0][0] < at - KEPT_MM * self._mm:
            self._gone.popleft()
        return glued

    def into(self, thing: Thing, late: float) -> None:
        """A thing has fallen into a crate that had been full for so many seconds too many."""
        if late:
            self.found.overfilled.append(
                f"{self._run}: {thing.name} in {thing.bin}, full for {late:.1f} s"
            )

    def judge(self, copy: Copy, *, untouched: bool, calm: bool = False) -> None:
        """Where it lies, against where it belongs and what is known of it.

        Args:
            copy: the item, at rest.
            untouched: no fault had to do with it.
            calm: none of the belt, its line, its host or the library system as a whole had.
        """
        found = self.found
        tags = copy.thing.tags
        names: dict[str | bytes, None] = dict.fromkeys(
            (copy.thing.name, *(tag.item for tag in tags), *(tag.uid for tag in tags))
        )
        named = [one for known in names for one in self._ends.pop(known, ())]
        ends = [one for one in named if one.number not in self._taken or self._there(copy, one)]
        end = next((one for one in ends if one.bin == copy.bin), ends[-1] if ends else None)
        own = end is not None
        if end is None:
            end = self._nameless_of(copy)
        else:
            self._nameless = deque(word for word in self._nameless if word.end is not end)
            self._seen_as_stray(copy)
        where = (
            f"{self._run}: {copy.thing.name} in {copy.bin}, planned {copy.wanted},"
            f" {copy.fault or 'no fault'}: {end}"
        )
        if len(copy.asked) > 1 and len({number for _, number in copy.asked}) > 1:
            found.doubled.append(f"asked as {sorted(copy.asked)}: {where}")
        elif any(times > 1 for times in copy.asked.values()):
            found.doubled.append(f"asked twice: {where}")
        if end is not None and end.cause is Cause.OFFLINE and copy.fault != "foreign_tag":
            copy.owed = True  # what has another's tag is asked about under that one's number
        if not copy.bin:
            found.off += 1
            if end is not None and end.state is ItemState.CONFIRMED and not self._fallen(copy, end):
                found.believed.append(where)
            return
        found.untouched += untouched
        if calm and end is not None and end.cause not in self._causes(copy, end):
            found.unexplained.append(f"told for another cause: {where}")
        if copy.bin in STAFF:
            self._with_staff(copy, end, where, untouched=untouched)
        elif self._right(copy, end):
            found.right += 1
            found.untouched_right += untouched
            found.alarmed += untouched and end is not None and end.cause is not Cause.NONE
            if copy.silent:
                found.silent.append(where)
            if copy.on_loan and not copy.owed and copy.fault != "foreign_tag":
                found.still_lent.append(where)
        elif word := self._word_of(copy, end, own=own):
            found.told += 1
            found.excused[f"{word}, not in its bin"] += 1
            if untouched and copy.bin != copy.wanted:
                found.wronged.append(where)
            if copy.silent and word.startswith("sought") and not self._stray_of(copy):
                found.silent.append(where)  # nobody was told where
            found.silent_told += copy.silent
        elif end is None and (copy.dead or copy.unheard) and copy.glued:
            found.undetectable += 1
        else:
            found.unseen.append(where)

    def lent(self, copy: Copy) -> None:
        """At the end of a run, of what the library system was asked to check in or is owed: whether it still is on loan."""
        if copy.on_loan and copy.fault != "refused":
            self.found.still_lent.append(f"{self._run}: {copy.thing.name} in {copy.bin}, asked for")

    def _with_staff(self, copy: Copy, end: Tracked | None, where: str, *, untouched: bool) -> None:
        found = self.found
        right = copy.bin == copy.wanted
        found.right += right
        found.staff += not right
        found.untouched_right += right and untouched
        found.late += untouched and end is not None and end.cause is Cause.LATE
        elsewhere = end is not None and end.cause is Cause.NONE and end.bin != copy.bin
        found.misbelieved += elsewhere
        if end is not None and end.bin == copy.bin and end.cause is not Cause.NONE:
            return
        if word := self._word_of(copy, end, own=True):
            found.excused[f"{word}, with the staff"] += 1
        elif self._beside_a_stray(copy):
            found.excused["as one with a stray, with the staff"] += 1
        elif end is None and (copy.dead or copy.unheard) and copy.glued:
            found.undetectable += not right
            found.staff -= not right
        else:
            found.unexplained.append(where)

    # --- whether a word is about it -----------------------------------------------------------------

    @staticmethod
    def _causes(copy: Copy, end: Tracked) -> frozenset[Cause]:
        """Why a person may be told of it, where nothing but its own fault had to do with it."""
        known = CAUSES.get(copy.fault)
        if known is None or (
            copy.dead and CAUSES["dies"] != known
        ):  # what has a dead tag as well may be told for that
            return frozenset({end.cause})
        if any(tag.doubtful for tag in end.tags):  # its neighbour's could be its own
            known |= CAUSES["two_tags"]
        return known | {Cause.NOT_ARMED} if copy.silent else known

    @staticmethod
    def _fallen(copy: Copy, end: Tracked) -> bool:
        """Whether a person knows that it fell at this bin and lies wrongly."""
        return copy.thing.bin == end.bin and end.cause in BESIDE

    @staticmethod
    def _right(copy: Copy, end: Tracked | None) -> bool:
        """It lies where it belongs, and the line knows."""
        return (
            end is not None
            and copy.bin == copy.wanted == end.bin
            and end.state is ItemState.CONFIRMED
        )

    def _word_of(self, copy: Copy, end: Tracked | None, *, own: bool) -> str:
        """By which word a person knows that it is not where it belongs; empty for none. `own`: the end names it."""
        if end is not None and end.bin == copy.bin and end.cause in BESIDE:
            return f"named there as {end.cause.value}"
        if own and end is not None and end.state in SOUGHT:
            return f"sought as {end.state.value}"
        return "a stray there" if self._stray_of(copy) else ""

    def _nameless_of(self, copy: Copy) -> Tracked | None:
        """How the line ended what was inducted when this was at the inlet's eye and has no name. Used up."""
        at = self._seen_at(copy.thing, 0)
        if at is None:
            return None
        mine = [word for word in self._nameless if self._about(copy, at, word.encoder)]
        mine.sort(key=lambda word: word.bin != copy.bin)
        if not mine:
            return None
        self._nameless.remove(mine[0])
        end = mine[0].end
        if end is not None:
            self._taken.add(end.number)
        return end

    def _there(self, copy: Copy, end: Tracked) -> bool:
        """Whether it was at the inlet's eye when the item of this word was."""
        at = self._seen_at(copy.thing, 0)
        return at is not None and self._about(copy, at, end.at)

    def _stray_of(self, copy: Copy) -> bool:
        """Whether a stray was told of at its bin, or is bound for it, when this was before that very eye. Used up, the nearest."""
        found = [
            (abs(word.encoder - told.at), nth, told)
            for nth, word in enumerate(self._strays)
            if (told := self._told_by(word, copy)) is not None
        ]
        if not found:
            return False
        _, nth, told = min(found, key=lambda one: one[:2])
        del self._strays[nth]
        self._told.append(told)
        return True

    def _seen_as_stray(self, copy: Copy) -> None:
        """What is known by its name may have been before an eye that took it for a stray, as one with others."""
        found = (self._told_by(word, copy) for word in self._strays)
        self._told.extend(told for told in found if told is not None)

    def _told_by(self, word: Word, copy: Copy) -> Told | None:
        """What is known of this by a word about a stray; None where the word is about something else."""
        if copy.bin not in {word.bin, EXCEPTION}:  # strays ride to the last bin
            return None
        for eye in (word.bin, self._bins + word.bin):
            at = self._seen_at(copy.thing, eye)
            if at is not None and self._about(copy, at, word.encoder):
                return Told(eye, at, copy.thing.length, copy.bin)
        return None

    def _beside_a_stray(self, copy: Copy) -> bool:
        """Whether an eye saw it as one with a thing that was told of there: what a jam pushed together is one stray."""
        close = GLUED_MM * self._mm
        for told in self._told:
            at = self._seen_at(copy.thing, told.eye)
            if at is None or told.bin != copy.bin:
                continue
            behind = (at - told.at + ENCODER // 2) % ENCODER - ENCODER // 2
            if -copy.thing.length - close < behind < told.length + close:
                return True
        return False

    def _about(self, copy: Copy, at: int, encoder: int) -> bool:
        """Whether the belt stood so while this was before an eye that its front came to at `at`."""
        slack = NEAR_MM * self._mm
        behind = (encoder - at + ENCODER // 2) % ENCODER - ENCODER // 2
        return -slack <= behind <= copy.thing.length + slack

    @staticmethod
    def _seen_at(thing: Thing, eye: int) -> int | None:
        return next((at for which, at in reversed(thing.passed) if which == eye), None)

    def forget(self, encoder: int) -> None:
        """Words about what has long come to rest are about nothing any more: they excuse nobody later."""
        for words in (self._nameless, self._strays):
            while words and (encoder - words[0].encoder) % ENCODER > KEPT_MM * self._mm:
                words.popleft()
        while self._told and (encoder - self._told[0].at) % ENCODER > KEPT_MM * self._mm:
            self._told.popleft()
