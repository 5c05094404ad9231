"""The library system of a run of the plant's flow: as slow as a real one, away, stalled, and with answers that cannot be used.

What it was asked is asked about before it is asked again, as the line's own check-ins do (`sorter/checking_in.py`).
"""

import random
from collections.abc import Callable
from functools import partial
from typing import Protocol

from drivers.ports import Online
from drivers.runtime.flow import Event
from hw_sim.agenda import Agenda
from sorter.belt import acts
from sorter.belt.line import Line
from sorter.plan.facts import Facts, Library
from tests.simulation.plant_judge import Copy

ANSWER_S = 4.0
MOST_ANSWERS = 200
"""Far more than items on a belt."""


class Asking(Protocol):
    """The host that asks, and the world around both."""

    agenda: Agenda
    rng: random.Random
    copies: dict[str, Copy]
    line: Line
    life: int
    """How many hosts there were: what was begun for an earlier one ends with it."""
    dead_until: float

    def put(self, event: Event) -> None: ...

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Something that this host does: not, if it has died by then."""
        ...


class FarLibrary:
    """Its loans are those of the run's copies."""

    def __init__(self, host: Asking) -> None:
        self.away_until = self.stall_until = 0.0
        self.promised: list[tuple[int, str]] = []
        """Check-ins, by number and item, that wait until it is back."""
        self.sent: dict[int, str] = {}
        """Those that may have left, and have no answer that stands."""
        self._answers: dict[int, Facts] = {}
        """What was said, by number: known to whoever comes after."""
        self._host = host

    def promise(self, number: int, item: str) -> None:
        """Write down to ask when it is back."""
        if all(number != other for other, _ in self.promised):
            self.promised.append((number, item))
        if (copy := self._host.copies.get(item)) is not None:
            copy.owed = True

    def _told(self, seconds: float, event: Event) -> None:
        self._host.later(seconds, partial(self._host.put, event))

    def ask(self, number: int, item: str) -> None:
        now, rng = self._host.agenda.now, self._host.rng
        copy = self._host.copies.get(item)
        if (known := self._answers.get(number)) is not None:
            self._host.put(acts.CheckedIn(number, known))
            return
        if number in self.sent and copy is not None and not copy.on_loan:
            self._settled(number)
            return
        if now < self.away_until:
            if self._host.line.library is not Online.OFFLINE:
                self._told(0.2, acts.LibraryChanged(Online.OFFLINE))
            self.promise(number, item)
            self._told(0.3, acts.CheckedIn(number, Facts(library=Library.OFFLINE)))
            return
        self.sent[number] = item
        if copy is not None:
            copy.owed = True
        wait = min(rng.lognormvariate(-1.609, 0.596), 6.0)  # median 200 ms, p99 800 ms
        if rng.random() < 0.005:
            wait += 3.0
        if now < self.stall_until:
            wait += self.stall_until - now
        fault = "" if copy is None else copy.fault
        if fault == "late":
            wait += rng.uniform(0.8, 3.0)
        if fault in {"lost", "garbage", "dropped"}:
            # it is checked in or not, nothing of its answer can be used, and it is asked for behind the belt
            if fault == "lost" or rng.random() < 0.5:
                self._host.agenda.after(wait, partial(self.check_in, copy))
            silent = ANSWER_S if fault == "lost" else 0.0
            self._host.later(
                silent + wait + rng.uniform(0.2, 1.0), partial(self._settle, number, item)
            )
            return
        life = self._host.life
        self._host.agenda.after(wait, partial(self._answer, number, item, fault == "doubled", life))

    def _settle(self, number: int, item: str) -> None:
        """Only an item that is still on loan is sent once more."""
        copy = self._host.copies.get(item)
        if copy is not None and copy.on_loan:
            self._answer(number, item, False, self._host.life)
        else:
            self._settled(number)

    def _settled(self, number: int) -> None:
        self._host.put(acts.CheckedIn(number, self._said(number, Facts(library=Library.LATE))))

    def _said(self, number: int, facts: Facts) -> Facts:
        """It stands, with the answer."""
        self._answers[number] = facts
        while len(self._answers) > MOST_ANSWERS:
            del self._answers[next(iter(self._answers))]
        self.sent.pop(number, None)
        return facts

    def _answer(self, number: int, item: str, twice: bool, life: int) -> None:
        copy = self._host.copies.get(item)
        facts = Facts(ok=False, alert="99")
        if copy is not None:
            facts = copy.facts if copy.on_loan else Facts(ok=False)
            self.check_in(copy)
        if life != self._host.life:
            return  # nobody is there any more to hear it
        for _ in range(1 + twice):
            self._host.put(acts.CheckedIn(number, self._said(number, facts)))

    def check_in(self, copy: Copy | None) -> None:
        if copy is None or copy.fault == "refused":
            return
        copy.on_loan = False

    def back(self) -> None:
        if self._host.agenda.now < self._host.dead_until:
            self._host.agenda.at(self._host.dead_until + 0.1, self.back)
            return
        self._host.put(acts.LibraryChanged(Online.ONLINE))
        promised, self.promised = self.promised, []
        for number, item in promised:
            self._host.agenda.after(
                0.2, partial(self._answer, number, item, False, self._host.life)
            )
