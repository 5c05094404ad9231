"""The belt's flow: one pure step from the line's state and an event to its state and what it asks for.

Events of the belt are taken in once, in order, by their sequence; the belt forgets one only when it is in the journal.
An item is asked about when it has left the reader, so that a second tag can still make it a conflict, and when each of its
tags reads back armed. Its destination goes out while it can still be reached; what comes later is written down and shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from drivers.ports import (
    BIN_ZONE,
    BeltCommand,
    BeltEvent,
    CommandResult,
    Happening,
    Online,
    Pack,
    Sign,
)
from drivers.runtime.flow import Effect, Event, Now
from sorter.belt import acts, bins, causes, itself, purge, stops
from sorter.belt.because import BITS, alarms_read, put_away
from sorter.belt.items import ENCODER, Cause, ItemState, SeenTag, Tracked
from sorter.belt.known import answered, seen
from sorter.belt.line import BinUse, Line, Noted, Stop, What
from sorter.belt.pack import ALLOWED, against
from sorter.belt.replan import replanned
from sorter.belt.where import OPEN, Geometry, claimants, contested, resolved, unsure
from sorter.plan.decide import Decider
from sorter.plan.edition import Edition
from sorter.plan.facts import Library, Tags

WORD = 0x10000


@dataclass(frozen=True, slots=True)
class Rules:
    """What a plant decides about its line."""

    branch: str = ""
    accept_offline: bool = False
    """Whether items are taken in while the library system is away."""
    margin_s: float = 0.12
    """How long a destination needs to reach the belt: two cycles and a scan."""
    slack_mm: float = 40.0
    """How far the encoder may have gone on between a tag's answer and its being told."""
    apart_mm: float = 20.0
    """A tag that answers again is read longer once the belt has gone on so far; more than a moment's doubt of the encoder."""
    look_mm: float = 100.0
    """A tag in the field answers at least once in so much of the belt."""
    most_asked: int = 12
    """Items that may wait for the library system before the inlet shuts."""
    most_pending: int = 16
    """Events that may wait to become durable before the inlet shuts."""
    overrun_mm: float = 2000.0
    """How far behind the last divert an item may come without a word of its end."""
    labelled: frozenset[str] = frozenset()
    """Bins whose crate is known by its label: it is scanned anew where the belt may have missed that it was lifted out."""


class BeltFlow:
    """`step` for one plant; holds no state of its own."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def __call__(self, state: Line, event: Event, now: Now) -> tuple[Line, tuple[Effect, ...]]:
        turn = Turn(state, self._rules)
        turn.happen(event)
        turn.finish(state)
        return turn.line, tuple(turn.effects)


class Turn:
    """One step: the state while it changes, and what is to be done."""

    def __init__(self, line: Line, rules: Rules) -> None:
        self.line = line
        self.effects: list[Effect] = []
        self._rules = rules
        self._changed: dict[int, Tracked] = {}
        self._noted: list[Noted] = []

    # --- events -------------------------------------------------------------------------------------

    def happen(self, event: Event) -> None:
        match event:
            case acts.Heard():
                self._heard(event)
            case acts.TagRead():
                self._tag_read(event)
            case acts.TagArmed():
                self._tag_armed(event)
            case acts.CheckedIn():
                self._checked_in(event)
            case acts.Routed():
                self._routed(event)
            case acts.Durable(sequence=sequence, boot=boot):
                if boot == self._boot:
                    self.line = replace(self.line, durable=sequence)
            case acts.LinkUp():
                self._link_up(event)
            case acts.LinkDown():
                self.line = replace(self.line, link=False, behind=True)
            case acts.LibraryChanged(online=online):
                self.line = replace(self.line, library=online)
            case acts.BinSwapped() | acts.CrateGone():
                self._crate_known(event)
            case acts.BinLooked():
                self.line = bins.looked(self.line, event)
            case acts.Emptied():
                self._emptied()
            case acts.Counted(counters=counters):
                self.line = alarms_read(self.line, counters)
            case acts.LossSeen(events=events):
                self.line = itself.looked_on(self.line, events)
            case acts.StraysSeen(zones=zones):
                self.line = itself.looked_for(self.line, zones)
            case acts.PlanTaken(edition=edition, fresh=fresh):
                self._plan_taken(edition, fresh)
            case acts.GateReads(ready=ready):
                self.line = stops.told(self.line, Stop.GATE, holds=not ready)
            case acts.StoreTakes(ready=ready):
                self.line = stops.told(self.line, Stop.STORE, holds=not ready)
            case acts.Told(command=BeltCommand.PURGE, result=CommandResult.OK):
                self.line, marked = purge.begun(self.line)
                for item in marked:
                    self._put(item)
            case acts.Told(command=command, result=result) if result is not CommandResult.OK:
                self.line = itself.not_told(self.line, command)
            case acts.Untold(command=command):
                self.line = itself.not_told(self.line, command)
            case acts.Wanted(BeltCommand.ACKNOWLEDGE_ALARM, (number,)) if number > BITS:
                self.line = put_away(self.line, number)
            case acts.Wanted(command=command, arguments=arguments):
                self._wanted(command, arguments)
            case _:
                pass

    def finish(self, before: Line) -> None:
        """What follows from any change: bins give way, the inlet opens or shuts, what changed is kept."""
        caught_up = before.behind and not self.line.behind
        if caught_up or (self.line.bins is not before.bins and not self.line.behind):
            self._reroute()
        rules = self._rules
        self.line = stops.held(
            self.line,
            accept_offline=rules.accept_offline,
            most_asked=rules.most_asked,
            most_pending=rules.most_pending,
        )
        belt = self.line.belt
        moving = belt is not None and belt.state is Pack.EXECUTE
        if moving and self.line.stranded and not before.stranded:
            self._tell(BeltCommand.HOLD)
        self.line, wait = itself.waiting(self.line)
        if wait is not None:
            self._tell(wait)
        if before.conserved and not self.line.conserved:
            self._noted.append(Noted(What.UNBALANCED))
        heard = self.line.heard
        overrun = belt is not None and belt.overrun and heard != self.line.durable
        doubt = (self.line.doubted, self.line.purged) != (before.doubted, before.purged)
        stands = bins.moved(before, self.line)
        if heard != before.heard or self._changed or overrun or doubt or self._noted or stands:
            changed, noted = tuple(self._changed.values()), tuple(self._noted)
            self.effects.append(acts.Keep(heard, changed, self._boot, noted, stands))

    def _tell(self, command: BeltCommand) -> None:
        """What the line itself asks of the belt."""
        self.line = replace(self.line, wanted=(command, False))
        self.effects.append(acts.Tell(command))

    def _note(self, told: tuple[Line, tuple[Noted, ...]]) -> None:
        """What became of the belt itself, and what is written down of it."""
        self.line = told[0]
        self._noted += told[1]

    @property
    def _boot(self) -> int:
        return 0 if self.line.info is None else self.line.info.boot_id

    # --- the link -----------------------------------------------------------------------------------

    def _link_up(self, event: acts.LinkUp) -> None:
        known = self.line.info
        self.line = replace(
            self.line,
            info=event.info,
            geometry=Geometry.of(event.info),
            link=True,
            behind=True,
            number=max(self.line.number, event.number),
            heard=event.taken,
            durable=event.taken,
        )
        if known is not None and known.boot_id != event.info.boot_id:
            self._restarted()

    def _restarted(self) -> None:
        """The controller has begun anew: of its items, too, it knows nothing."""
        self._note(itself.restarted(self.line))
        self.line = bins.unseen(self.line, self._rules.labelled)
        self._void(Cause.RESTART)

    def _heard(self, event: acts.Heard) -> None:
        info, belt = self.line.info, event.belt
        if info is None:
            return
        self.line = replace(self.line, belt=belt)
        head = (event.taken + belt.pending) % WORD
        if belt.boot_id != info.boot_id:
            info = replace(info, boot_id=belt.boot_id)
            self.line = replace(self.line, info=info, heard=head, behind=False)
            self._restarted()
            return
        self._senses(belt.signs)
        self.line, docked = bins.sensed(self.line)
        self.effects += [acts.Tell(BeltCommand.BIN_DOCKED, (number,)) for number in docked]
        lost = self.line.events_lost
        self._note(itself.overran(self.line, belt, info))
        if self.line.events_lost > lost:
            self.line = bins.unseen(self.line, self._rules.labelled)
        if belt.overrun:
            self.line = replace(self.line, heard=head)
        for one in belt.events:
            if one.sequence == (self.line.heard + 1) % WORD:
                self.line = replace(self.line, heard=one.sequence)
                self._belt_event(one)
        self.line = replace(self.line, behind=self.line.heard != head)
        if not self.line.behind:  # else what waits is older than where the belt stands now
            self._behind_reader(belt.encoder)
            self._overdue(belt.encoder)
            self._send_owed()
            self.line = bins.caught_up(self.line)
        self.line = itself.emptied(self.line, belt)

    def _senses(self, signs: frozenset[Sign]) -> None:
        if Sign.E_STOP in signs or Sign.SAFETY_CLOSED not in signs:
            self.line = itself.mistrusted(self.line)

    def _void(self, cause: Cause) -> None:
        """The belt no longer knows what lies on it: each item must be fed again."""
        for item in tuple(self.line.items.values()):
            self._end(replace(item, state=ItemState.REMOVED, cause=cause))

    def _overdue(self, encoder: int) -> None:
        """An item that has come past the end without a word is lost: every state has its limit, in pulses."""
        geometry = self.line.geometry
        if geometry is None or not geometry.diverts:
            return
        end = max(geometry.diverts) + self._rules.overrun_mm * geometry.pulses_a_mm
        for item in tuple(self.line.items.values()):
            if end < geometry.front(item, encoder) < ENCODER // 2:
                self._end(replace(item, state=ItemState.LOST, cause=Cause.LOST))

    # --- what the belt tells ------------------------------------------------------------------------

    def _belt_event(self, one: BeltEvent) -> None:
        if one.kind is Happening.INDUCTED:
            self._inducted(one)
            return
        self._note(itself.heard(self.line, one))
        if one.kind is Happening.STRAY:
            lost, at = ItemState.LOST, max(0, one.zone - BIN_ZONE)
            stray = Tracked(0, one.item, 0, 0, one.encoder, lost, cause=Cause.LOST, bin=at)
            self.effects.append(acts.Except(stray, Cause.LOST))
            return
        if one.kind is Happening.JAM:
            self._jammed()
            return
        if one.kind is Happening.BIN:
            self.line = bins.changed(self.line, one)
            return
        if one.kind is Happening.REFUSED:
            self.effects.append(acts.GivenBack(one.a))
            return
        item = self.line.items.get(one.item)
        if item is None:
            return
        match one.kind:
            case Happening.AT_READER:
                if item.state is ItemState.INDUCTED:
                    self._put(replace(item, state=ItemState.READING))
            case Happening.LEFT_READER:
                self._left_reader(item)
            case Happening.GAP_FAULT:
                self._put(replace(item, cause=Cause.GAP))
            case Happening.LATE:
                self._late(item)
            case Happening.CONFIRMED:
                self._confirmed(item, one.a)
            case Happening.MISSED:
                self._end(replace(item, state=ItemState.MISSED, bin=one.b, cause=Cause.MISSED))
            case Happening.LOST:
                self._end(replace(item, state=ItemState.LOST, cause=Cause.LOST))
            case Happening.DEST_REJECTED:
                self._put(replace(item, cause=Cause.REJECTED, refused_route=True))
            case _:
                pass

    def _inducted(self, one: BeltEvent) -> None:
        before = self.line.items.get(one.item)
        if before is not None:  # the belt gave its id to another: it has forgotten the first
            self._end(replace(before, state=ItemState.LOST, cause=Cause.LOST))
        counts = replace(self.line.counts, inducted=self.line.counts.inducted + 1)
        number = self.line.number + 1
        self.line = replace(self.line, counts=counts, number=number)
        fresh = Tracked(number, one.item, one.a, one.b, one.encoder)
        if self.line.geometry is not None:
            slack = self._rules.slack_mm * self.line.geometry.pulses_a_mm
            for item in unsure(self.line.geometry, fresh, self.line.items.values(), slack):
                self._put(item)
        self._put(fresh)

    def _jammed(self) -> None:
        """What follows a jam piles up and slides: of what lies before or in the reader nobody knows where it is now."""
        for item in tuple(self.line.items.values()):
            if item.state in OPEN and item.cause is Cause.NONE:
                self._put(replace(item, cause=Cause.CONFLICT))

    def _left_reader(self, item: Tracked) -> None:
        if item.state not in OPEN:
            return
        geometry = self.line.geometry
        if geometry is not None:
            short = -self._rules.look_mm * geometry.pulses_a_mm
            if any(tag.item and geometry.behind(item, tag.last, short) for tag in item.tags):
                return  # it answered to the end
        self._looked_at(item)

    def _behind_reader(self, encoder: int) -> None:
        """A tag that answered until its item had left may be the follower's: its next answer says, where there is one."""
        geometry, rules = self.line.geometry, self._rules
        if geometry is None:
            return
        far = (rules.slack_mm + rules.look_mm) * geometry.pulses_a_mm
        for item in tuple(self.line.items.values()):
            if item.state in OPEN and geometry.behind(item, encoder, far):
                self._looked_at(item)

    def _looked_at(self, item: Tracked) -> None:
        others = tuple(other for other in self.line.items.values() if other.tid != item.tid)
        if self.line.geometry is not None:
            slack = self._rules.slack_mm * self.line.geometry.pulses_a_mm
            item = contested(self.line.geometry, item, others, slack)
        item = resolved(item, others)
        doubted = item.cause in {Cause.GAP, Cause.CONFLICT}
        verdict = Tags.CONFLICTING if doubted else item.verdict()
        item = replace(item, facts=seen(item, verdict, self._rules.branch))
        match verdict:
            case Tags.NONE:
                self._decided(replace(item, state=ItemState.NO_READ, cause=Cause.NO_READ))
            case Tags.ONE | Tags.SET:
                self._ready(replace(item, state=ItemState.READ))
            case _:
                cause = causes.of_tags(item, verdict)
                self._decided(replace(item, state=ItemState.CONFLICT, cause=cause))

    def _late(self, item: Tracked) -> None:
        self._put(replace(item, state=ItemState.LATE, cause=causes.of_late(item)))

    def _confirmed(self, item: Tracked, number: int) -> None:
        cause = causes.of_landing(self.line, item, number)
        self._end(replace(item, state=ItemState.CONFIRMED, bin=number, cause=cause))

    # --- tags ---------------------------------------------------------------------------------------

    def _tag_read(self, event: acts.TagRead) -> None:
        geometry = self.line.geometry
        if geometry is None:
            return
        slack = self._rules.slack_mm * geometry.pulses_a_mm
        tag = SeenTag(
            event.uid,
            event.item,
            event.part,
            event.parts,
            event.owner,
            last=event.encoder,
            usage=event.usage,
        )
        apart = self._rules.apart_mm * geometry.pulses_a_mm
        open_items = [item for item in self.line.items.values() if item.state in OPEN]
        known = next(
            (t for i in self.line.items.values() for t in i.tags if t.uid == event.uid), None
        )
        mine = claimants(geometry, open_items, event.encoder, slack)
        if known is not None:
            tag = replace(tag, armed=known.armed)
        for item in mine:
            again = item.with_tag(tag, apart)
            if again is not item:
                self._put(again)
        if mine and known is None and event.item:
            self.effects.append(acts.Arm(event.uid))

    def _tag_armed(self, event: acts.TagArmed) -> None:
        for item in tuple(self.line.items.values()):
            if any(tag.uid == event.uid for tag in item.tags):
                item = item.with_armed(event.uid, event.armed)
                self._put(item)
                if item.state is ItemState.READ:
                    self._ready(item)

    def _ready(self, item: Tracked) -> None:
        """The tags are known: ask as soon as each reads back armed."""
        match item.armed:
            case None:
                self._put(item)
            case False:
                facts = replace(item.facts, armed=False)
                self._decided(replace(item, facts=facts, cause=Cause.NOT_ARMED))
            case True if self.line.library is Online.OFFLINE:
                self.effects.append(acts.Queue(item.number, item.item))
                facts = replace(item.facts, library=Library.OFFLINE)
                self._decided(replace(item, facts=facts, cause=Cause.OFFLINE), asked=True)
            case True:
                self._put(replace(item, state=ItemState.ASKED))
                self.effects.append(acts.CheckIn(item.number, item.item))

    # --- decisions ----------------------------------------------------------------------------------

    def _checked_in(self, event: acts.CheckedIn) -> None:
        item = self.line.by_number(event.number)
        if item is None:
            return  # it lies in a bin already; the answer is in the journal and on the item's story
        said = event.facts
        cause = causes.of_answer(item, said)
        item = replace(item, facts=answered(item.facts, said), cause=cause)
        if item.state is ItemState.ASKED:
            self._decided(item, asked=True)
        else:
            self._put(item)

    def _decided(self, item: Tracked, *, asked: bool = False) -> None:
        """Decide among the bins that the item can still reach, and say so to the belt."""
        if not asked:
            item = replace(item, facts=replace(item.facts, library=Library.UNASKED))
        item = self._by_plan(item)
        self._put(item)
        self._send(item)

    def _by_plan(self, item: Tracked) -> Tracked:
        """The item with the decision for it as things are now, and why it is not the bin of its rule."""
        decide = self.line.decide
        item = replace(item, facts=decide.known(item.facts))
        reach = self._reachable(item)
        decision = decide(item.facts, reach)
        wanted = self.line.bins.get(decision.wanted)
        missed = wanted is not None and not self._before(item, wanted.number)
        cause = causes.of_decision(self.line, item, decision, missed=missed)
        return replace(item, state=ItemState.DECIDED, decision=decision, reach=reach, cause=cause)

    def _send(self, item: Tracked) -> None:
        decision = item.decision
        if decision is None or decision.bin is None:
            return
        alternate = decision.alternates[0] if decision.alternates else ""
        self.effects.append(
            acts.Route(
                item.number,
                item.tid,
                self.line.bins[decision.bin].number,
                self.line.bins[alternate].number if alternate else 0,
            )
        )

    def _routed(self, event: acts.Routed) -> None:
        item = self.line.by_number(event.number)
        if item is None or item.state is not ItemState.DECIDED:
            return
        if event.ok:
            self._put(replace(item, state=ItemState.SENT))
        elif self.line.behind:  # it may have come to its bin by what waits
            self.line = replace(self.line, owed=self.line.owed | {item.number})
        elif item.decision is not None:  # the wire failed: again, with what can still be reached
            self._decided(item, asked=True)

    def _send_owed(self) -> None:
        """Destinations that may not have reached the belt, of items that are on it still."""
        owed = self.line.owed
        if not owed:
            return
        self.line = replace(self.line, owed=frozenset())
        for item in tuple(self.line.items.values()):
            if item.number in owed:
                self._routed(acts.Routed(item.number, False))

    def _reroute(self) -> None:
        """A bin has become full or been taken away, or is back: items on their way to it go elsewhere."""
        usable = self.line.usable
        for item in tuple(self.line.items.values()):
            decision = item.decision
            if item.state not in {ItemState.DECIDED, ItemState.SENT} or decision is None:
                continue
            if decision.bin is None or decision.bin not in usable:
                again = self._by_plan(item)
                if again.decision != decision:
                    self._put(again)
                    self._send(again)

    def _reachable(self, item: Tracked) -> frozenset[str]:
        bins = self.line.bins
        return frozenset(n for n in self.line.usable if self._before(item, bins[n].number))

    def _before(self, item: Tracked, number: int) -> bool:
        geometry, info, belt = self.line.geometry, self.line.info, self.line.belt
        if geometry is None or info is None or belt is None:
            return True
        if number == self.line.last_bin:
            return True
        margin = info.nominal_mm_s * self._rules.margin_s * geometry.pulses_a_mm
        return geometry.before(item, belt.encoder, number, margin)

    def _plan_taken(self, edition: Edition, fresh: Mapping[int, BinUse]) -> None:
        """Between two items: whatever is decided from here on is decided by it. `finish` sends those on whose bin is gone."""
        before = self.line.decide.fingerprint
        was = self.line.items
        self.line = replanned(self.line, Decider(edition.plan, edition.fingerprint), fresh)
        for item in self.line.items.values():
            if item != was[item.tid]:
                self._put(item)
        numbers = {name: use.number for name, use in self.line.bins.items()}
        self.effects.append(acts.KeepPlan(edition, before, numbers))

    # --- operators ----------------------------------------------------------------------------------

    def _crate_known(self, event: acts.BinSwapped | acts.CrateGone) -> None:
        self.line, docked = bins.known(self.line, event)
        self.effects += [acts.Tell(BeltCommand.BIN_DOCKED, (number,)) for number in docked]

    def _emptied(self) -> None:
        self._void(Cause.REMOVED)
        self.line = itself.said_empty(self.line)

    def _wanted(self, command: BeltCommand, arguments: tuple[int, ...]) -> None:
        why = against(self.line, command)
        if why is not None:
            self.effects.append(acts.Refuse(command, why))
            return
        if command in ALLOWED:
            self.line = replace(self.line, wanted=(command, True))
        self.effects.append(acts.Tell(command, arguments, asked=True))

    # --- bookkeeping --------------------------------------------------------------------------------

    def _put(self, item: Tracked) -> None:
        self.line = self.line.with_item(item)
        self._changed[item.number] = item

    def _end(self, item: Tracked) -> None:
        self.line, item = bins.fallen(self.line, item)
        counts = self.line.counts
        name = item.state.value
        counts = replace(counts, **{name: getattr(counts, name) + 1})
        self.line = replace(self.line, counts=counts)
        self._put(item)
        self.effects.append(acts.Report(item))
        if item.cause is not Cause.NONE:
            self.effects.append(acts.Except(item, item.cause))
        if item.state is ItemState.CONFIRMED and item.decision is not None and item.decision.slip:
            self.effects.append(acts.Slip(item, item.decision.slip))
