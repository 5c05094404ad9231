"""The belt itself: why it stands and what ends that, its alarms by cause and remedy, and what is written down of both."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from config.texts import LANGUAGES, Catalogue, Channel, text
from drivers.ports import (
    AlarmChange,
    BeltAlarm,
    BeltCommand,
    BeltCounters,
    CommandResult,
    Happening,
    Online,
    Pack,
    Sign,
)
from drivers.service.view import Mark
from sorter import standing
from sorter.alarms import Alarm, asking, own, since
from sorter.belt import acts
from sorter.belt.flow import Rules, Turn
from sorter.belt.items import Cause, ItemState
from sorter.belt.line import Because, Noted, Reason, Stop, What
from sorter.belt.pack import Why, against
from sorter.history.stood import Stood
from sorter.plan.decide import Decision
from tests.unit.sorter_belt.belt import INFO, RUNNING, Play

SAID = Catalogue.load("Europe/Copenhagen")
H, A = Happening, BeltAlarm


def raised(play: Play, number: int, zone: int = 0) -> None:
    play.say((H.ALARM, 0, number, AlarmChange.RAISED), zone=zone)


def to(play: Play, *states: Pack) -> None:
    """Through these states, one cycle each."""
    for state in states:
        before, play.pack = play.pack, state
        play.say((H.STATE, 0, state, before))


def counted(play: Play, standing: set[int], latched: set[int] | None = None) -> None:
    found = frozenset(standing)
    counters = BeltCounters(found, found | frozenset(latched or ()), 0, 0, 0, 0, 0, 0)
    play.happen(acts.Counted(counters))


def noted(play: Play) -> list[Noted]:
    return [one for keep in play.all(acts.Keep) for one in keep.noted]


def words(play: Play) -> tuple[str, str]:
    """Why it stands and what ends that, in Danish."""
    found = standing.why(play.line)
    said = [
        "" if one is None else SAID.say(one, "da", Channel.PAPER) for one in (found.why, found.ends)
    ]
    return said[0], said[1]


def wanted(command: BeltCommand) -> Callable[[Play], None]:
    def press(play: Play) -> None:
        play.happen(acts.Wanted(command))

    return press


def alarm(number: int, zone: int = 0) -> Callable[[Play], None]:
    return lambda play: raised(play, number, zone)


def nothing(play: Play) -> None:
    del play


ABORT, HOLD = (Pack.ABORTING, Pack.ABORTED), (Pack.HOLDING, Pack.HELD)
SUSPEND, STOP = (Pack.SUSPENDING, Pack.SUSPENDED), (Pack.STOPPING, Pack.STOPPED)
EMPTY = (Pack.COMPLETING, Pack.COMPLETE)

WHY = [
    (alarm(A.E_STOP), ABORT, Reason(Because.E_STOP)),
    (alarm(A.GUARD), ABORT, Reason(Because.GUARD)),
    (alarm(A.SAFETY), ABORT, Reason(Because.SAFETY)),
    (alarm(A.DRIVE), ABORT, Reason(Because.DRIVE)),
    (alarm(A.ENCODER), ABORT, Reason(Because.ENCODER)),
    (alarm(A.JAM, 5), ABORT, Reason(Because.JAM, 5)),
    (alarm(27, 5), ABORT, Reason(Because.ALARM, 5, 27)),
    (nothing, ABORT, Reason(Because.MACHINE)),
    (alarm(A.EYE, 4), ABORT, Reason(Because.MACHINE)),
    (alarm(A.NO_BIN), HOLD, Reason(Because.NO_BIN)),
    (wanted(BeltCommand.HOLD), HOLD, Reason(Because.OPERATOR)),
    (nothing, HOLD, Reason(Because.MACHINE)),
    (alarm(A.HOST), SUSPEND, Reason(Because.HOST)),
    (nothing, SUSPEND, Reason(Because.MACHINE)),
    (wanted(BeltCommand.STOP), STOP, Reason(Because.OPERATOR)),
    (nothing, STOP, Reason(Because.MACHINE)),
    (alarm(A.HOST), (*SUSPEND, *STOP), Reason(Because.HOST_GONE)),
    (wanted(BeltCommand.COMPLETE), EMPTY, Reason(Because.EMPTY)),
    (alarm(A.JAM, 5), (*ABORT, Pack.CLEARING, Pack.STOPPED), Reason(Because.CLEARED)),
    (nothing, (*HOLD, Pack.UNHOLDING, Pack.EXECUTE), Reason(Because.NONE)),
]


@pytest.mark.parametrize(("cause", "states", "why"), WHY, ids=lambda x: getattr(x, "because", ""))
def test_a_state_keeps_the_cause_with_which_it_was_entered(
    cause: Callable[[Play], None], states: tuple[Pack, ...], why: Reason
) -> None:
    play = Play()
    cause(play)
    to(play, *states)
    assert play.line.reason == why
    last = [one for one in noted(play) if one.what is What.STATE][-1]
    assert (last.state, last.reason) == (states[-1], why)
    found = standing.why(play.line)
    assert (found.why is None) == (why.because is Because.NONE)
    assert (found.ends is None) == (states[-1] is Pack.EXECUTE)


def test_what_came_first_is_the_cause_and_not_what_followed() -> None:
    play = Play()
    raised(play, A.JAM, 4)
    to(play, *ABORT)
    raised(play, A.GUARD)
    assert words(play)[0] == "Noget satte sig fast ved kasse 2."


def test_a_command_that_was_refused_is_no_cause() -> None:
    play = Play()
    play.happen(acts.Wanted(BeltCommand.HOLD))
    play.happen(acts.Told(BeltCommand.HOLD, CommandResult.WRONG_STATE))
    to(play, *HOLD)
    assert play.line.reason.because is Because.MACHINE
    play = Play()
    play.happen(acts.Wanted(BeltCommand.HOLD))
    play.happen(acts.Untold(BeltCommand.HOLD))
    to(play, *HOLD)
    assert play.line.reason.because is Because.MACHINE


def test_an_item_without_a_bin_holds_the_belt_and_is_the_cause() -> None:
    play = Play()
    play.full = set(range(1, 10))
    play.say()
    play.through_reader(1)
    assert play.all(acts.Tell)[-1] == acts.Tell(BeltCommand.HOLD)
    to(play, *HOLD)
    assert words(play) == (
        "Et materiale på båndet har ingen kasse at falde i.",
        "Sæt en tom kasse ind, meld den, og tryk “Fortsæt”.",
    )


def test_the_next_thing_to_do_after_an_emergency_stop_is_told_one_at_a_time() -> None:
    play = Play()
    play.induct(1)
    raised(play, A.E_STOP)
    play.signs = frozenset({Sign.E_STOP})
    to(play, *ABORT)
    assert words(play) == (
        "Nødstoppet blev trykket.",
        "Frigiv nødstoppet ved anlægget, når det er sikkert.",
    )
    play.signs = frozenset({Sign.SAFETY_CLOSED})
    play.say()
    assert words(play)[1].startswith("Tag alt af båndet, tryk på knappen på styreskabet")
    play.happen(acts.Emptied())
    assert words(play)[1] == (
        "Se efter, at båndet er tomt. Tryk på knappen på styreskabet og så “Fejlen er rettet”."
    )
    to(play, Pack.CLEARING, Pack.STOPPED)
    assert words(play) == ("Fejlen er rettet.", "Tryk “Nulstil” og derefter “Start”.")
    to(play, Pack.RESETTING, Pack.IDLE)
    assert words(play) == ("", "Tryk “Start”.")


def test_without_contact_that_is_what_is_wrong() -> None:
    play = Play()
    play.happen(acts.LinkDown())
    assert words(play)[0] == "Båndets styring svarer ikke. Båndet kan køre videre."


def test_each_cause_and_each_alarm_can_be_said_in_every_language() -> None:
    for because in set(Because) - {Because.NONE}:
        found = standing.cause(Reason(because, 4, 9))
        assert found is not None
        for language in LANGUAGES:
            assert SAID.say(found, language)
    for number in (*BeltAlarm, 27):
        for zone in (0, 1, 2, 5):
            one = own(number, zone)
            for language in LANGUAGES:
                assert SAID.say(one.what, language)
                assert SAID.say(one.do, language)


# --- alarms -----------------------------------------------------------------------------------------


def shown(play: Play) -> dict[str, str]:
    """What asks for a person, in Danish, by its id."""
    return {
        one.id: SAID.say(one.what, "da", Channel.PAPER)
        for one in asking(play.line, {}, None, 0)
        if one.id.startswith(("alarm", "over"))
    }


def test_an_alarm_is_told_by_cause_and_place_and_a_number_nobody_knows_by_its_number() -> None:
    play = Play()
    raised(play, A.DIVERT, 5)
    raised(play, 17)
    raised(play, 31, 1)
    raised(play, 4711)
    assert shown(play) == {
        "alarm.8": "En skubber sidder fast ved kasse 3",
        "alarm.17": "Båndet melder alarm 17, som ikke kendes her",
        "alarm.31": "Båndet melder alarm 31 ved indkastet, som ikke kendes her",
        "alarm.4711": "Båndet melder alarm 4711, som ikke kendes her",
    }


def test_one_that_went_asks_to_be_acknowledged_and_is_gone_when_it_was() -> None:
    play = Play()
    raised(play, A.EYE, 4)
    play.say((H.ALARM, 0, A.EYE, AlarmChange.CLEARED), zone=4)
    assert shown(play) == {"over.9": "Et øje er snavset eller skævt et sted på båndet (overstået)"}
    counted(play, set())
    assert shown(play) == {}


def test_the_belts_own_list_counts_where_no_event_was_heard() -> None:
    play = Play()
    counted(play, {A.JAM, 20})
    assert dict(play.line.alarms) == {A.JAM: 0, 20: 0}
    raised(play, A.JAM, 7)
    counted(play, {A.JAM})
    assert dict(play.line.alarms) == {A.JAM: 7}, "where is known from now on"
    raised(play, 700)
    counted(play, set(), {A.JAM})
    assert dict(play.line.alarms) == {700: 0}, "no bit tells of a number above 32"
    assert set(shown(play)) == {"alarm.700", "over.5"}


def test_an_emergency_stop_that_only_its_sign_tells_of_is_one_alarm() -> None:
    play = Play()
    play.signs = frozenset({Sign.E_STOP})
    play.say()
    assert set(shown(play)) == {"alarm.1"}
    raised(play, A.E_STOP)
    assert set(shown(play)) == {"alarm.1"}


# --- the library system away ------------------------------------------------------------------------


def test_the_belt_waits_while_the_library_system_is_away_and_goes_on_by_itself() -> None:
    play = Play()
    play.happen(acts.LibraryChanged(Online.OFFLINE))
    assert play.all(acts.Tell) == [acts.Tell(BeltCommand.SUSPEND)]
    to(play, *SUSPEND)
    assert words(play) == (
        "Bibliotekssystemet svarer ikke.",
        "Det fortsætter af sig selv, når bibliotekssystemet svarer.",
    )
    play.say()
    play.happen(acts.LibraryChanged(Online.ONLINE))
    play.say()
    assert play.all(acts.Tell)[1:] == [acts.Tell(BeltCommand.UNSUSPEND)]


def test_a_wait_that_came_to_nothing_is_asked_for_again() -> None:
    for answer in (
        acts.Told(BeltCommand.SUSPEND, CommandResult.BUSY),
        acts.Untold(BeltCommand.SUSPEND),
    ):
        play = Play()
        play.happen(acts.LibraryChanged(Online.OFFLINE))
        play.happen(answer)
        play.say()
        assert play.all(acts.Tell) == 2 * [acts.Tell(BeltCommand.SUSPEND)]


def test_a_plant_that_takes_items_in_without_a_library_system_runs_on() -> None:
    play = Play(Rules(accept_offline=True))
    play.happen(acts.LibraryChanged(Online.OFFLINE))
    assert play.all(acts.Tell) == []


def test_what_somebody_else_suspended_is_left_to_them() -> None:
    play = Play()
    to(play, *SUSPEND)
    play.happen(acts.LibraryChanged(Online.OFFLINE))
    play.happen(acts.LibraryChanged(Online.ONLINE))
    play.say()
    assert play.all(acts.Tell) == []
    assert words(play)[1] == "Tryk “Fortsæt”."


def test_an_alarm_that_is_over_keeps_the_place_where_it_was() -> None:
    play = Play()
    raised(play, A.JAM, 5)
    play.say((H.ALARM, 0, A.JAM, AlarmChange.CLEARED), zone=5)
    at = datetime(2026, 11, 3, 9, 10, tzinfo=UTC)
    (over,) = asking(play.line, {}, None, 0, stood={A.JAM: Stood(at, 5, at)})
    assert SAID.say(over.what, "da", Channel.PAPER) == "Noget sidder fast ved kasse 3 (overstået)"


def test_when_an_alarm_came_is_as_it_is_written_down() -> None:
    early, late, now = (datetime(2026, 11, 3, hour, tzinfo=UTC) for hour in (7, 8, 9))
    found = [Alarm(id, Mark.NOW, text("sorter.title"), text("sorter.title"))
             for id in ("alarm.1", "alarm.5", "over.5", "doubted", "slips", "bin.x.full")]  # fmt: skip
    stood = {1: Stood(early), 5: Stood(early, 4, late)}
    assert since({"slips": late, "alarm.1": now}, found, now, stood) == {
        "alarm.1": early,
        "alarm.5": now,
        "over.5": late,
        "doubted": early,
        "slips": late,
        "bin.x.full": now,
    }


# --- doubt ------------------------------------------------------------------------------------------


def in_doubt(play: Play) -> bool:
    return play.line.doubted


def doubted() -> Play:
    """After an emergency stop with an item on the belt, released, and purged."""
    play = Play()
    play.induct(1)
    play.tracked = 1
    play.signs, play.pack = frozenset({Sign.E_STOP}), Pack.ABORTED
    play.say()
    play.signs = frozenset({Sign.SAFETY_CLOSED})
    play.say()
    assert in_doubt(play)
    return play


def test_a_purge_ends_the_doubt_only_when_the_belt_says_that_it_is_empty() -> None:
    play = doubted()
    play.happen(acts.Wanted(BeltCommand.CLEAR))
    assert play.all(acts.Tell) == [], "nobody has said what becomes of what lies there"
    play.happen(acts.Told(BeltCommand.PURGE, CommandResult.OK))
    play.say()
    assert in_doubt(play)
    play.happen(acts.Wanted(BeltCommand.CLEAR))
    assert [tell.command for tell in play.all(acts.Tell)] == [BeltCommand.CLEAR]
    play.pack, play.signs = Pack.EXECUTE, RUNNING
    play.say()
    assert play.line.stops == {Stop.DOUBTED}, "it runs, and takes nothing in"
    play.say((H.CONFIRMED, 1, 9, 0))
    assert in_doubt(play), "its item has ended, but it says that one is left"
    play.tracked = 0
    kept = play.say()
    assert not in_doubt(play)
    assert not play.line.stops
    assert any(isinstance(one, acts.Keep) for one in kept), "and that is durable"


def test_a_purge_that_the_belt_refuses_ends_nothing() -> None:
    play = doubted()
    play.happen(acts.Told(BeltCommand.PURGE, CommandResult.NOT_PERMITTED))
    play.tracked = 0
    play.say((H.LOST, 1, 3, 0))
    assert in_doubt(play)


def test_another_emergency_stop_while_it_is_purged_is_another_doubt() -> None:
    play = doubted()
    play.happen(acts.Told(BeltCommand.PURGE, CommandResult.OK))
    play.signs = frozenset({Sign.E_STOP})
    play.tracked = 0
    play.say()
    play.signs = RUNNING
    play.say((H.LOST, 1, 3, 0))
    assert in_doubt(play)


def test_a_belt_that_was_said_to_be_empty_here_alone_is_not_cleared_until_its_controller_agrees() -> (
    None
):
    play = doubted()
    play.happen(acts.Emptied())
    assert against(play.line, BeltCommand.CLEAR) is Why.CABINET
    assert words(play)[1].startswith("Båndets styring kender stadig materialer på båndet.")
    play.happen(acts.Wanted(BeltCommand.CLEAR))
    assert play.all(acts.Tell) == []
    play.tracked = 0
    play.say()
    assert against(play.line, BeltCommand.CLEAR) is None


def test_a_purge_is_as_good_as_the_button_at_the_cabinet() -> None:
    play = doubted()
    play.happen(acts.Emptied())
    play.happen(acts.Told(BeltCommand.PURGE, CommandResult.OK))
    assert against(play.line, BeltCommand.CLEAR) is None


def test_what_the_controller_did_not_forget_is_no_matter_once_the_belt_has_come_on() -> None:
    play = doubted()
    play.happen(acts.Emptied())
    play.pack = Pack.STOPPED
    play.say()
    play.pack = Pack.ABORTED
    play.say()
    assert against(play.line, BeltCommand.CLEAR) is None


@pytest.mark.parametrize("command", [BeltCommand.CLEAR, BeltCommand.PURGE])
@pytest.mark.parametrize(
    ("signs", "why"),
    [
        ({Sign.E_STOP}, Why.E_STOP),
        ({Sign.SAFETY_CLOSED, Sign.GUARD_OPEN}, Why.GUARD),
        (set(), Why.SAFETY),
    ],
)
def test_while_the_chain_is_open_neither_clear_nor_purge_is_given(
    command: BeltCommand, signs: set[Sign], why: Why
) -> None:
    play = Play()
    play.signs, play.pack = frozenset(signs), Pack.ABORTED
    play.say()
    assert against(play.line, command) is why


# --- what the belt refuses --------------------------------------------------------------------------


COMMANDS = (BeltCommand.CLEAR, BeltCommand.UNHOLD, BeltCommand.START)


def test_each_answer_of_the_belt_has_words_of_its_own_in_every_language() -> None:
    play = doubted()
    told = {
        (result, command): standing.refused(play.line, command, result)
        for result in CommandResult
        for command in COMMANDS
    }
    assert [key for key, said in told.items() if said is None] == [
        (CommandResult.OK, command) for command in COMMANDS
    ]
    for language in LANGUAGES:
        said = {one and SAID.say(one, language, Channel.PAPER) for one in told.values()}
        assert len(said) == 9, (
            "state, unknown, argument, busy, safety, and three kinds of not permitted"
        )


def test_a_motor_that_tripped_is_not_called_an_open_chain() -> None:
    play = Play()
    raised(play, A.DRIVE)
    to(play, *ABORT)
    words = standing.refused(play.line, BeltCommand.CLEAR, CommandResult.SAFETY)
    assert words is not None
    assert words.key == "sorter.no.drive"


# --- what is purged ---------------------------------------------------------------------------------


def purged() -> Play:
    """An item that was sent to bin 3, and then everything to the staff."""
    play = Play()
    play.induct(1)
    tracked = play.line.items[1]
    decision = Decision("children", (), "children", "rest")
    play.line = play.line.with_item(replace(tracked, state=ItemState.SENT, decision=decision))
    play.happen(acts.Told(BeltCommand.PURGE, CommandResult.OK))
    return play


@pytest.mark.parametrize(("bin", "cause"), [(9, Cause.REMOVED), (3, Cause.NONE)])
def test_an_item_that_was_purged_did_not_fall_into_another_bin(bin: int, cause: Cause) -> None:
    play = purged()
    play.say((H.CONFIRMED, 1, bin, 0))
    (ended,) = [one.item for one in play.all(acts.Report)]
    assert ended.cause is cause


def test_an_item_that_came_after_the_purge_is_judged_as_ever() -> None:
    play = purged()
    play.induct(2)
    decision = play.line.items[1].decision
    play.line = play.line.with_item(
        replace(play.line.items[2], state=ItemState.SENT, decision=decision)
    )
    play.say((H.CONFIRMED, 2, 9, 0))
    (ended,) = [one.item for one in play.all(acts.Report)]
    assert ended.cause is Cause.MISSED


# --- what is written down ---------------------------------------------------------------------------


def test_jam_stray_and_alarm_are_written_down_with_their_place() -> None:
    play = Play()
    play.say((H.JAM, 0, 5, 0), (H.STRAY, 0, 5, 0), (H.ALARM, 0, A.JAM, 1), zone=5)
    assert noted(play) == [
        Noted(What.JAM, 5),
        Noted(What.STRAY, 5),
        Noted(What.RAISED, 5, A.JAM),
    ]


def test_events_that_are_lost_are_told_once_and_asked_to_be_looked_at() -> None:
    play = Play()
    for _ in range(3):
        play.happen(acts.Heard(play.state(pending=70), play.line.heard))
    assert noted(play) == [Noted(What.EVENTS_LOST, number=70 - INFO.depth)]
    lost = 70 - INFO.depth
    (alarm,) = [one for one in asking(play.line, {}, None, 0) if one.id == "events_lost"]
    assert [action.id for action in alarm.actions] == [f"events_lost.{lost}"]
    assert play.line.reason.because is Because.BEFORE
    play.happen(acts.LossSeen(lost))
    assert "events_lost" not in {one.id for one in asking(play.line, {}, None, 0)}


def test_who_has_looked_has_looked_after_what_was_told_and_not_after_what_was_lost_since() -> None:
    play = Play()
    for pending in (70, 0, 67):
        play.happen(acts.Heard(play.state(pending=pending), play.line.heard))
    assert play.line.events_lost == 6 + 3
    play.happen(acts.LossSeen(6))
    assert play.line.events_lost == 3


def test_when_events_were_lost_is_told_as_it_is_written_down() -> None:
    play = Play()
    play.happen(acts.Heard(play.state(pending=70), play.line.heard))
    found = [one for one in asking(play.line, {}, None, 0) if one.id == "events_lost"]
    at, now = datetime(2026, 11, 3, 9, 10, tzinfo=UTC), datetime(2026, 11, 3, 11, tzinfo=UTC)
    assert since({}, found, now, lost=at) == {"events_lost": at}


def test_an_account_that_does_not_balance_is_written_down_when_that_begins() -> None:
    play = Play()
    play.induct(1)
    lost = replace(play.line, items={})
    turn = Turn(play.line, Rules())
    turn.line = lost
    turn.finish(play.line)
    assert [one.noted for one in turn.effects if isinstance(one, acts.Keep)] == [
        (Noted(What.UNBALANCED),)
    ]
    turn = Turn(lost, Rules())
    turn.finish(lost)
    assert turn.effects == [], "that it is so still is no news"


def test_a_controller_that_began_anew_knows_of_no_alarm_and_its_state_has_that_cause() -> None:
    play = Play()
    raised(play, A.EYE, 4)
    play.boot += 1
    play.pack = Pack.STOPPED
    play.say()
    assert noted(play)[-1] == Noted(What.RESTARTED)
    assert not play.line.alarms
    assert words(play) == (
        "Båndets styring er lige startet.",
        "Tryk “Nulstil” og derefter “Start”.",
    )


def test_an_alarm_that_only_events_tell_of_is_put_away_here_when_it_is_over() -> None:
    play = Play()
    raised(play, 40)
    play.happen(acts.Wanted(BeltCommand.ACKNOWLEDGE_ALARM, (40,)))
    assert [one.id for one in asking(play.line, {}, None, 0)] == ["alarm.40"], "it stands still"
    play.say((H.ALARM, 0, 40, AlarmChange.CLEARED))
    counted(play, set())
    assert [one.id for one in asking(play.line, {}, None, 0)] == ["over.40"]
    told = play.happen(acts.Wanted(BeltCommand.ACKNOWLEDGE_ALARM, (40,)))
    assert not [one for one in told if isinstance(one, acts.Tell)], "the belt has no bit of it"
    counted(play, set())
    assert asking(play.line, {}, None, 0) == ()
    raised(play, 5)
    (tell,) = [
        one
        for one in play.happen(acts.Wanted(BeltCommand.ACKNOWLEDGE_ALARM, (5,)))
        if isinstance(one, acts.Tell)
    ]
    assert tell.arguments == (5,)
