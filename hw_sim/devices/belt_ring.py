"""The ring of events in the simulated belt controller, and the window over it that follows what was taken."""

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

WORD = 0x10000
DEPTH, WINDOW, WORDS = 64, 8, 8
AHEAD = 60_000
"""A difference over this means that the reader is ahead of us: nothing is pending."""


class Type(IntEnum):
    """Types of events, register map v1."""

    INDUCTED = 1
    AT_READER = 2
    LEFT_READER = 3
    LATE = 4
    DIVERT_FIRED = 5
    CONFIRMED = 6
    MISSED = 7
    LOST = 8
    STRAY = 9
    JAM = 10
    GAP_FAULT = 11
    BIN = 12
    STATE = 13
    ALARM = 14
    REFUSED = 15
    HOST = 16
    DEST_REJECTED = 17


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as its record holds it."""

    sequence: int
    type: Type
    zone: int
    tid: int
    a: int
    b: int
    encoder: int

    def words(self) -> list[int]:
        """The record: sequence, zone and type, tid, two arguments, encoder, sequence again."""
        high, low = divmod(self.encoder & 0xFFFF_FFFF, WORD)
        head = [self.sequence, self.zone << 8 | self.type, self.tid, self.a % WORD, self.b % WORD]
        return [*head, high, low, self.sequence]


class Ring:
    """The last 64 events, numbered in 16 bits without end."""

    def __init__(self) -> None:
        self.head = 0
        """Number of the newest."""
        self.taken = 0
        """What the host has said it has, as it said it."""
        self._kept: deque[Event] = deque(maxlen=DEPTH)

    @property
    def pending(self) -> int:
        """Events that were not taken."""
        left = (self.head - self.taken) % WORD
        return 0 if left > AHEAD else left

    def push(
        self, type: Type, zone: int = 0, tid: int = 0, a: int = 0, b: int = 0, encoder: int = 0
    ) -> Event:
        """Add an event; the oldest makes room."""
        self.head = (self.head + 1) % WORD
        event = Event(self.head, type, zone, tid, a, b, encoder)
        self._kept.append(event)
        return event

    def after(self, taken: int, most: int = WINDOW) -> list[Event]:
        """What follows `taken`, in order, of what is still kept."""
        behind = (self.head - taken) % WORD
        if not behind or behind > AHEAD:
            return []
        wanted = {(taken + n) % WORD for n in range(1, min(behind, most) + 1)}
        return [event for event in self._kept if event.sequence in wanted]

    def window(self) -> list[int]:
        """The 64 words of the window behind what was taken; an empty place has type 0 and its ends differ."""
        found = {event.sequence: event for event in self.after(self.taken)}
        words: list[int] = []
        for n in range(1, WINDOW + 1):
            number = (self.taken + n) % WORD
            if number in found:
                words += found[number].words()
            else:
                words += [number, 0, 0, 0, 0, 0, 0, (number + 1) % WORD]
        return words
