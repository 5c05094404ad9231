"""The inlet's flow: one pure step from its state and an event to its state and what it asks for.

A visit begins with the first thing that is let in and ends by itself. Who comes next begins anew: while the screen asks
whether somebody is still there, a thing that is put in is somebody else's, and nothing of the one before is shown.
"""

from dataclasses import replace
from typing import Any

from config.inlet import Inlet as Rules
from config.texts import LANGUAGES
from drivers.runtime.flow import Effect, Event, Now, SetTimer, StopTimer, TimerFired
from drivers.service.view import Cue
from sorter.inlet import acts
from sorter.inlet.gate import Verdict, Why, verdict
from sorter.inlet.state import Entry, Gate, Inlet, Over, Paper, Phase, Stand, Way

SETTLED_LOOKS = 2
"""So often the same tags must answer before it is said what lies there: a second thing may be a moment later."""
DOUBTED_LOOKS = 8
"""As above, where a tag that has not answered yet would change it."""
LEFT_LOOKS = 12
"""As above, where some of what was given back is gone: a hand may be taking out the rest."""
PATIENCE = 3.0
"""Times are three times as long for somebody who asked for larger text or for reading aloud."""
SHUT_S = 1.0
"""A stop is told when it has stood for so long."""
TOLD_S = 2.5
"""So long after it left the gate the belt has told of a thing that is in; less than a gate waits for a word."""
LIST_STAYS_S = 30.0
"""How long the list stands on the screen when no receipt came."""
_DOUBTED = frozenset({Why.INCOMPLETE, Why.UNREAD})


class InletFlow:
    """`step` for one inlet; holds no state of its own. `language` is the one that it goes back to."""

    def __init__(self, rules: Rules, language: str) -> None:
        self._rules = rules
        self._language = language

    def __call__(self, state: Inlet, event: Event, now: Now) -> tuple[Inlet, tuple[Effect, ...]]:
        turn = Turn(state, self._rules, self._language, now.monotonic)
        turn.happen(event)
        return turn.state, tuple(turn.effects)


class Turn:
    """One step: the state while it changes, and what is to be done."""

    def __init__(self, state: Inlet, rules: Rules, language: str, now: float) -> None:
        self.state = state
        self._now = now
        self.effects: list[Effect] = []
        self._rules = rules
        self._language = language

    def happen(self, event: Event) -> None:
        match event:
            case acts.Looked():
                self._looked(event)
            case acts.Opened(ok=ok):
                self._opened(ok=ok)
            case acts.GaveBack(asked=asked):
                self._gave_back(asked=asked)
            case acts.Entered(number=number):
                self._entered(number)
            case acts.Came():
                self._came(event)
            case acts.WayChanged(way=way, why=why):
                self._way(way, why)
            case acts.PrinterChanged(printer=printer):
                self._set(printer=printer)
            case acts.VoiceChanged(ready=ready):
                self._set(voice=ready)
            case acts.Pressed(action=action):
                self._pressed(action)
            case acts.Touched():
                self._here()
            case acts.AloudAsked():
                self._set(aloud=True, large_text=True)
                self._here()
            case acts.Printed():
                self._printed(event)
            case TimerFired(name=name):
                self._fired(name)
            case _:
                pass

    # --- the gate -----------------------------------------------------------------------------------

    def _looked(self, event: acts.Looked) -> None:
        state = self.state
        if state.gate in {Gate.OPENING, Gate.GIVING_BACK}:
            return
        if state.gone_at is None and not state.let_in_tags & {tag.uid for tag in event.tags}:
            self._set(gone_at=self._now)
        if state.way is Way.OPEN and not self._awaited:
            self._set(unowned=False)
        if not event.tags:
            self._set(gate=Gate.EMPTY, tags=frozenset(), seen=0, dealt=frozenset(), back=None)
            return
        here = frozenset(tag.uid for tag in event.tags)
        fresh = frozenset(tag for tag in event.tags if tag.uid not in state.dealt)
        if state.back is not None:  # what is left of it, or lies beside it now, is one with it
            fresh = event.tags if here != state.dealt else frozenset()
        if not fresh:
            self._set(tags=frozenset(), seen=0)
            return
        seen = state.seen + 1 if fresh == state.tags and state.gate is Gate.READING else 1
        self._set(gate=Gate.READING, tags=fresh, seen=seen)
        found = verdict(fresh)
        looks = DOUBTED_LOOKS if found is not None and found.why in _DOUBTED else SETTLED_LOOKS
        if found is None or seen < (LEFT_LOOKS if here < state.dealt else looks):
            return
        if found.why is not None:
            self._set(gate=Gate.GIVING_BACK, back=found.why)
            self._do(acts.GiveBack(found.why))
            self._refuse(found.why)
        elif state.way is Way.OPEN and not self._awaited and state.refused is not Why.STUCK:
            unsure = state.unsure if state.unsure == found.item else ""
            dealt = state.dealt if state.back is None else frozenset()
            self._set(gate=Gate.OPENING, unsure=unsure, dealt=dealt, back=None)
            self._do(acts.Open())

    @property
    def _awaited(self) -> bool:
        """What was let in before may be in: the belt's next word is about that, and not about what lies here now."""
        state, gone = self.state, self.state.gone_at
        if gone is None:
            return state.entering or state.unowned
        may_come = state.entering or state.unowned or bool(state.stuck or state.unsure)
        return may_come and self._now < gone + TOLD_S

    def _opened(self, *, ok: bool | None) -> None:
        state = self.state
        if state.gate is not Gate.OPENING:
            return
        if self._in_already:
            self._dealt()
            return
        found = verdict(state.tags)
        if ok is False or found is None:
            self._set(gate=Gate.READING, seen=0)
            return
        self._set(let_in_tags=frozenset(tag.uid for tag in state.tags))
        if ok is None:
            self._unanswered(found)
            return
        self._dealt()
        self._let_in(found)

    def _unanswered(self, found: Verdict) -> None:
        """It may go in: the belt's next word says so. While it lies there the gate is told again. Till then nobody is told."""
        told = tuple(entry for entry in self.state.entries if entry.number)
        stuck = self.state.stuck if self.state.stuck == found.item else ""
        self._set(gate=Gate.READING, seen=0, gone_at=None, entries=told)
        self._set(unsure=found.item, stuck=stuck)
        there_s = self._rules.idle_s + self._rules.warning_s
        self._do(StopTimer("enters"), SetTimer("unsure", self._patience(there_s)))

    def _let_in(self, found: Verdict) -> None:
        state = self.state
        if state.phase not in {Phase.VISIT, Phase.FINISHING} or state.idle_left:
            self._begin()
        number = self.state.last_entry + 1
        told = (entry for entry in self.state.entries if entry.number)  # the rest was taken back
        entries = (*told, Entry(number, found.item))
        over = self.state.over if self.state.over is Over.HELP else Over.NOTHING
        self._set(entries=entries, last_entry=number, over=over, refused=None, phase=Phase.VISIT)
        stuck = self.state.stuck if self.state.stuck == found.item else ""
        self._set(gone_at=None, let_in=found.item, stuck=stuck, unsure="", unowned=False)
        self._enters()
        self._here()

    def _enters(self) -> None:
        """The belt tells of what was let in within a while in which it runs: what it stands does not count."""
        if self.state.way is Way.OPEN and (self.state.entering or self.state.unowned):
            self._do(SetTimer("enters", self._rules.enters_s))
        else:
            self._do(StopTimer("enters"))

    def _begin(self) -> None:
        """Somebody new: nothing of who was here before, but for what this one has set on the empty screen."""
        if self.state.phase is not Phase.REST:
            self._rest()
        self._forget()
        self._set(phase=Phase.VISIT, visit=self.state.visit + 1, paper=Paper.NONE)

    def _forget(self) -> None:
        """The list is nobody's any more; what is still on its way in is then no one's either."""
        state = self.state
        unsure = bool(state.unsure) and not state.lies
        self._set(entries=(), unowned=state.unowned or state.entering or unsure)
        if unsure:
            self._set(unsure="")

    def _gave_back(self, *, asked: bool) -> None:
        state = self.state
        if asked:
            if state.gate is Gate.GIVING_BACK:
                self._dealt()
            return
        if state.gate is Gate.GIVING_BACK or (state.gate is Gate.OPENING and not self._in_already):
            return
        if self._lies_let_in:
            self._came_out()
            return
        if state.gate is not Gate.OPENING:  # else it was the next thing
            self._set(gate=Gate.EMPTY, tags=frozenset(), seen=0, dealt=frozenset(), unsure="")
            self._set(back=None)
        self._do(acts.NoteBack(Why.UNREAD))
        self._refuse(Why.UNREAD)

    def _dealt(self) -> None:
        dealt = frozenset(tag.uid for tag in self.state.tags)
        self._set(gate=Gate.DONE, dealt=dealt, tags=frozenset(), seen=0)

    def _refuse(self, why: Why) -> None:
        if self.state.idle_left or self.state.phase in {Phase.END, Phase.RECEIPT_FAILED}:
            self._rest()
        self._set(refused=why, over=Over.REFUSED)
        self._cue(Cue.REFUSED)
        self._do(SetTimer("refused", self._patience(self._rules.refused_s)))
        self._here()

    # --- what became of things ----------------------------------------------------------------------

    def _entered(self, number: int) -> None:
        if self.state.unowned:
            self._set(unowned=False)
            self._do(StopTimer("enters"))
            return
        if not self.state.entering and (item := self._goes_in):
            self._let_in(Verdict(item))
            self._gone_in()
        first = next((e for e in self.state.entries if not e.number), None)
        self._set(stuck="", unsure="")
        if first is None:
            self._do(StopTimer("enters"))
            return
        self._put(replace(first, number=number, stand=Stand.TAKEN))
        if not self.state.entering:
            self._do(StopTimer("enters"))
        self._cue(Cue.ITEM_OK)
        self._here()

    @property
    def _goes_in(self) -> str:
        """What the gate lets in without a row that waits for it: the answer is not there yet, or never came, or it has come free."""
        state = self.state
        found = verdict(state.tags) if state.gate is Gate.OPENING else None
        if found is not None and not self._in_already:
            return found.item
        may_be = self._awaited or state.gone_at is None
        return state.stuck or state.unsure if may_be else ""

    @property
    def _in_already(self) -> bool:
        """The belt has told of what the gate was told to let in, before its answer to that."""
        return self.state.dealt >= {tag.uid for tag in self.state.tags}

    def _gone_in(self) -> None:
        """What its tags still say, or the gate still answers, changes nothing more."""
        state = self.state
        here = frozenset(tag.uid for tag in state.tags)
        if state.gate is Gate.OPENING:
            self._set(let_in_tags=here, dealt=here)
        elif state.gate is Gate.READING and here & state.let_in_tags:
            self._set(gate=Gate.DONE, dealt=state.let_in_tags, tags=frozenset(), seen=0)

    @property
    def _lies_let_in(self) -> bool:
        """What was let in lies in the gate still, and the belt has told of nothing."""
        state = self.state
        lies = state.gate is Gate.DONE and state.gone_at is None
        return lies and (state.entering or state.unowned)

    def _stayed_out(self) -> None:
        """The belt has told of nothing: it lies in the gate still, or was taken back, or lies where nobody sees it."""
        if self._lies_let_in:
            self._set(stuck=self.state.let_in)
            self._came_out()
        elif self.state.entering:
            self._came_out()
        else:
            self._set(unowned=False)

    def _came_out(self) -> None:
        """What was let in is not in, and that is said. If it lies there still, it is looked at afresh when this has been read."""
        if self._lies_let_in:
            self._set(gate=Gate.EMPTY, dealt=frozenset())
        told = tuple(entry for entry in self.state.entries if entry.number)
        self._set(entries=told, unowned=False)
        self._do(StopTimer("enters"), acts.NoteBack(Why.STUCK))
        self._refuse(Why.STUCK)

    def _came(self, event: acts.Came) -> None:
        entry = next((e for e in self.state.entries if e.number == event.number), None)
        if entry is None or not event.number:
            return
        title = event.title or entry.title
        settled = entry.stand in {Stand.RETURNED, Stand.LATER}
        stand = entry.stand if settled and event.stand is Stand.STAFF else event.stand
        self._put(replace(entry, stand=stand, title=title))
        if self.state.phase is Phase.FINISHING and self.state.answered:
            self._print()

    def _put(self, entry: Entry) -> None:
        entries = tuple(entry if old.id == entry.id else old for old in self.state.entries)
        self._set(entries=entries)

    def _way(self, way: Way, why: str) -> None:
        opens = way is Way.OPEN and self.state.way is not Way.OPEN
        self._set(way=way, why_shut=why)
        if opens and not self.state.lies:
            self._set(gone_at=self._now)  # what stood behind the gate comes to the belt from now on
        if opens and self.state.phase is Phase.FINISHING:
            self._do(SetTimer("answers", self._rules.answers_s))
        self._enters()
        if way is Way.OPEN or way is self.state.told_way:
            self._set(told_way=way)
            self._do(StopTimer("way"))
        else:
            self._do(SetTimer("way", SHUT_S))

    # --- people -------------------------------------------------------------------------------------

    def _pressed(self, action: str) -> None:
        verb, _, rest = action.partition(".")
        under = self.state.under
        match verb, rest:
            case "assist", "help" | "language":
                over = Over(rest)
                self._set(over=under if self.state.over is over else over)
            case "assist", "larger":
                self._set(large_text=not self.state.large_text)
            case "assist", "contrast":
                self._set(high_contrast=not self.state.high_contrast)
            case "assist", "aloud":
                aloud = not self.state.aloud
                self._set(aloud=aloud, large_text=self.state.large_text or aloud)
            case "language", language if language in LANGUAGES:
                over = under if self.state.over is Over.LANGUAGE else self.state.over
                self._set(language=language, over=over)
            case "close", "":
                self._set(over=under, refused=None)
            case "continue", "":
                self._answered()
                self._set(over=Over.NOTHING, refused=None)
            case "finish", how:
                self._answered()
                self._finish(how)
                return
            case _:
                return
        self._here()

    def _finish(self, how: str) -> None:
        state = self.state
        if state.phase is Phase.RECEIPT_FAILED:
            if how == "print" and state.prints:
                self._do(StopTimer("receipt"))
                self._print()
            else:
                self._end()
        elif state.phase is Phase.VISIT:
            self._set(over=Over.NOTHING, refused=None)
            if how != "print" or not state.prints or not (state.taken or state.waiting):
                self._end()
            elif state.answered:
                self._print()
            else:
                self._set(phase=Phase.FINISHING)
                self._do(
                    SetTimer("answers", self._rules.answers_s), StopTimer("idle"), StopTimer("tick")
                )

    def _print(self) -> None:
        state = self.state
        done = tuple(
            entry for entry in state.entries if state.waiting or entry.stand is not Stand.ENTERING
        )
        self._do(
            StopTimer("answers"),
            acts.PrintReceipt(state.visit, done, state.language, state.large_text),
        )
        self._end(Paper.PRINTING)

    def _printed(self, event: acts.Printed) -> None:
        state = self.state
        if event.visit != state.visit or state.paper is not Paper.PRINTING:
            return
        if event.ok:
            self._set(paper=Paper.PRINTED)
            self._forget()
            self._do(SetTimer("end", self._patience(self._rules.end_s)))
        else:
            self._set(phase=Phase.RECEIPT_FAILED, paper=Paper.NONE)
            self._cue(Cue.ATTENTION)
            self._do(SetTimer("receipt", self._patience(LIST_STAYS_S)))

    def _end(self, paper: Paper = Paper.NONE) -> None:
        """Thank, and keep nothing; only a receipt that is being printed may still be asked for again."""
        state = self.state
        if not (state.taken or state.waiting):
            self._rest()
            return
        waiting = int(state.waiting)
        if paper is not Paper.PRINTING:
            self._forget()
        self._set(
            phase=Phase.END,
            over=Over.NOTHING,
            refused=None,
            farewell=state.taken,
            farewell_waiting=waiting,
            paper=paper,
            idle_left=0,
        )
        self._cue(Cue.DONE)
        self._do(*map(StopTimer, ("idle", "tick", "refused", "answers", "receipt")))
        if paper is Paper.NONE:
            self._do(SetTimer("end", self._patience(self._rules.end_s)))

    def _rest(self) -> None:
        """The screen as the next person finds it."""
        self._forget()
        self._set(
            phase=Phase.REST,
            over=Over.NOTHING,
            refused=None,
            paper=Paper.NONE,
            farewell=0,
            farewell_waiting=0,
            idle_left=0,
            language=self._language,
            large_text=False,
            high_contrast=False,
            aloud=False,
        )
        names = ("idle", "tick", "refused", "answers", "receipt", "end")
        self._do(*map(StopTimer, names))

    # --- time ---------------------------------------------------------------------------------------

    def _here(self) -> None:
        """Somebody is here: the idle clock begins again. Whether it is she whose things are shown only an answer says."""
        state = self.state
        if state.idle_left:
            self._set(idle_left=int(self._patience(self._rules.warning_s)))
        elif state.phase is Phase.VISIT or (state.phase is Phase.REST and self._touched_rest):
            self._do(SetTimer("idle", self._patience(self._rules.idle_s)))
        elif state.phase is Phase.RECEIPT_FAILED:
            self._do(SetTimer("receipt", self._patience(LIST_STAYS_S)))

    def _answered(self) -> None:
        """The question whether somebody is there has its answer."""
        self._set(idle_left=0)
        self._do(StopTimer("tick"))

    @property
    def _touched_rest(self) -> bool:
        """Somebody has opened or set something on the empty screen."""
        s = self.state
        changed = s.large_text or s.high_contrast or s.aloud or s.language != self._language
        return changed or s.over is not Over.NOTHING

    def _fired(self, name: str) -> None:
        state = self.state
        match name:
            case "idle" if state.phase is Phase.VISIT and state.entries:
                left = int(self._patience(self._rules.warning_s))
                self._set(over=Over.IDLE, refused=None, idle_left=left)
                self._cue(Cue.ATTENTION)
                self._do(SetTimer("tick", 1.0))
            case "idle":
                self._rest()
            case "tick" if state.idle_left > 1:
                self._set(idle_left=state.idle_left - 1)
                self._do(SetTimer("tick", 1.0))
            case "tick" if state.idle_left:
                self._rest()
            case "refused" if state.over is Over.REFUSED:
                self._set(over=Over.NOTHING, refused=None)
            case "enters" if state.way is Way.OPEN:
                self._stayed_out()
            case "unsure" if state.unsure and state.phase is Phase.REST:
                self._forget()
            case "answers" if state.phase is Phase.FINISHING:
                self._print()
            case "end" | "receipt" if state.phase in {Phase.END, Phase.RECEIPT_FAILED}:
                self._rest()
            case "way":
                self._set(told_way=state.way)
            case _:
                pass

    # --- small parts --------------------------------------------------------------------------------

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def _do(self, *effects: Effect) -> None:
        self.effects.extend(effects)

    def _cue(self, cue: Cue) -> None:
        self._set(cue=cue, cue_serial=self.state.cue_serial + 1)

    def _patience(self, seconds: float) -> float:
        return seconds * PATIENCE if self.state.patient else seconds
