"""One step in the making: the state as it is so far, the moment, the rules, and what is to be done."""

from dataclasses import replace
from typing import Any

from config.station import Lending as Rules
from config.station import Offline, Returns, Security
from drivers.ports import Uid
from drivers.runtime.flow import Effect, Now, SetTimer, StopTimer
from drivers.service.view import Cue
from kiosk.lending.acts import BeginVisit
from kiosk.lending.rows import Happening, Row, RowState, moved
from kiosk.lending.state import READ_MEANWHILE, Lending, Over, Phase, Visit

ACCESS_PATIENCE = 3.0
"""Times are three times as long for somebody who asked for larger text or for reading aloud."""


SAID_S = 10.0
"""How long it is said what became of what was scanned or laid down."""
_ACCESS = ("language", "high_contrast", "large_text", "aloud")
"""What a person chose to be able to read or hear the screen."""
_OF_A_VISIT = (
    "visit",
    "rows",
    "unread",
    "named",
    "farewell",
    "backs",
    "lents",
    "helds",
    "emptied",
    "failed_receipt",
    "idle_left",
)
_FRESH = Lending()


class Turn:
    """Lives for one step; the flow's parts change it and it is thrown away."""

    def __init__(
        self,
        state: Lending,
        now: Now,
        rules: Rules,
        security: Security,
        language: str,
        returns: Returns,
        *,
        tells_staff: bool = False,
        offline: Offline = Offline(),
        branches: frozenset[str] = frozenset(),
    ) -> None:
        self.state = state
        self.now = now
        self.rules = rules
        self.security = security
        self.returns = returns
        self.tells_staff = tells_staff
        self.offline = offline
        self.branches = branches
        """How the library system may name this branch, in case-folded words."""
        self.language = language
        self.effects: list[Effect] = []

    def set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def visit(self, **changes: Any) -> None:
        self.set(visit=replace(self.state.visit, **changes))

    def do(self, *effects: Effect) -> None:
        self.effects.extend(effects)

    def plain(self) -> None:
        """The screen as the next person finds it."""
        self.set(
            over=Over.NOTHING,
            language=self.language,
            high_contrast=False,
            large_text=False,
            aloud=False,
        )

    def uncover(self) -> None:
        """Take away what lies over the screen; a question that lay under it is still to be answered."""
        visit = self.state.visit
        question = Over.ASK_CANCEL if visit.asked else Over.NOTHING
        self.set(over=Over.ASK_SCAN if visit.scan is not None else question)

    def show(self) -> None:
        """Something new is to be seen: what somebody only reads meanwhile does not hide it."""
        if self.state.over in READ_MEANWHILE:
            self.uncover()

    def cue(self, cue: Cue) -> None:
        self.set(cue=cue, cue_serial=self.state.cue_serial + 1)

    def say(self, what: str, cue: Cue) -> None:
        """For a while, in the banner of a visit (texts `scan.*`)."""
        self.visit(said=f"scan.{what}")
        self.cue(cue)
        self.do(SetTimer("said", self.patience(SAID_S)))

    def begin(self, phase: Phase) -> None:
        """A person has begun."""
        self.stop_lines()
        self.set(phase=phase, visit=Visit(), farewell=None, failed_receipt=None, lents=(), helds=())
        self.do(BeginVisit())

    def start_afresh(self, left: frozenset[Uid]) -> None:
        """The next person finds a machine that has never seen anyone. `left` is not taken for theirs."""
        self.stop_lines()
        self.plain()
        self.set(
            **{name: getattr(_FRESH, name) for name in _OF_A_VISIT},
            phase=Phase.START,
            reading=frozenset(),
            left_behind=left & self.state.pad.uids,
        )

    def reads_as(self, before: Lending) -> None:
        """Nobody has gone: the screen reads and sounds as it did."""
        self.set(**{name: getattr(before, name) for name in _ACCESS})

    def stop_lines(self) -> None:
        """The account of somebody who has gone is waited for no more."""
        state = self.state
        ids = [lent.id for lent in state.lents] + [held.id for held in state.helds]
        self.do(*(StopTimer(f"row.{id}") for id in ids))

    @property
    def lends(self) -> bool:
        """Borrowing is possible."""
        return self.state.devices.lends(self.offline)

    @property
    def takes_back(self) -> bool:
        """Returning is possible."""
        return self.state.devices.takes_back(self.offline)

    def patience(self, seconds: float) -> float:
        return seconds * ACCESS_PATIENCE if self.state.patient else seconds

    def put(self, row: Row) -> None:
        """Replace the row of the same id, keeping its place; a row that is gone disappears."""
        rows = tuple(row if old.id == row.id else old for old in self.state.rows)
        self.set(rows=tuple(r for r in rows if r.state is not RowState.GONE))

    def move(self, row: Row, happening: Happening, **changes: Any) -> Row:
        """Take the table's edge and replace the row."""
        after = moved(replace(row, **changes), happening)
        self.put(after)
        return after

    def add(self, row: Row) -> Row:
        """A new row comes last, and is seen."""
        if self.state.phase is Phase.BORROW or self.state.phase is Phase.RETURN:
            self.show()
        row = replace(row, id=f"r{self.state.next_row}")
        self.set(rows=(*self.state.rows, row), next_row=self.state.next_row + 1)
        return row
