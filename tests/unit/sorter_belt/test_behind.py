"""Events wait in the belt's ring while it runs on: nothing is said of an item by where the belt stands before they are read."""

from drivers.ports import Happening
from sorter.belt import acts
from sorter.belt.items import Cause, ItemState
from sorter.plan.facts import Facts
from tests.unit.sorter_belt.belt import INFO, LENGTH, Play, uid

ADULTS, CHILDREN, OVERFLOW, EXCEPTION = 1, 3, 8, 9
WINDOW = 8
What = tuple[Happening, int, int, int]


def told(play: Play, *events: What) -> None:
    """All that waits, as many a cycle as the belt tells at a time."""
    for n in range(0, len(events), WINDOW):
        play.say(*events[n : n + WINDOW], pending=len(events) - n)


def ended(play: Play) -> dict[int, tuple[ItemState, int, Cause]]:
    return {r.item.tid: (r.item.state, r.item.bin, r.item.cause) for r in play.all(acts.Report)}


def sent(play: Play, *tids: int, bin: str = "103") -> None:
    """Items on their way to one bin, one behind the other."""
    for tid in tids:
        play.through_reader(tid, tid)
        number = play.item(tid).number
        play.answer(number, Facts(sort_bin=bin))
        play.routed(number)


def fallen(tid: int, bin: int) -> tuple[What, What, What]:
    return (
        (Happening.DIVERT_FIRED, tid, bin, 0),
        (Happening.BIN, 0, bin, 0),
        (Happening.CONFIRMED, tid, bin, 0),
    )


def test_what_waits_is_read_before_anything_is_lost() -> None:
    play = Play()
    sent(play, 1, 2, 3, 4)
    play.move(60_000)
    told(play, *(event for tid in (1, 2, 3, 4) for event in fallen(tid, CHILDREN)))
    assert ended(play) == dict.fromkeys((1, 2, 3, 4), (ItemState.CONFIRMED, CHILDREN, Cause.NONE))
    assert play.line.bins["children"].count == 4
    assert play.line.counts.lost == 0


def test_what_is_past_the_end_without_a_word_is_lost_once_nothing_waits() -> None:
    play = Play()
    sent(play, 1, 2, 3, 4)
    play.move(60_000)
    told(play, *(event for tid in (1, 2, 3) for event in fallen(tid, CHILDREN)))
    assert ended(play)[4] == (ItemState.LOST, 0, Cause.LOST)
    assert play.line.counts.confirmed == 3


def test_an_item_far_behind_the_reader_is_looked_at_once_nothing_waits() -> None:
    play = Play()
    play.induct(1)
    play.move(400)
    play.say((Happening.AT_READER, 1, 0, 0), *[(Happening.HOST, 0, 0, 0)] * 7, pending=12)
    play.move(3000)
    play.say(*[(Happening.HOST, 0, 0, 0)] * 2, pending=4)
    assert (play.item(1).state, play.all(acts.Route)) == (ItemState.READING, [])
    play.say((Happening.LATE, 1, 0, 0), (Happening.CONFIRMED, 1, EXCEPTION, 0))
    assert ended(play) == {1: (ItemState.CONFIRMED, EXCEPTION, Cause.LATE)}


def test_a_bin_that_fills_sends_nothing_on_that_lies_in_it() -> None:
    play = Play()
    sent(play, 1, 2, 3)
    play.move(2600)
    play.full = {CHILDREN}
    before = len(play.all(acts.Route))
    told(play, *(event for tid in (1, 2, 3) for event in fallen(tid, CHILDREN)))
    assert {cause for _, _, cause in ended(play).values()} == {Cause.NONE}
    assert len(play.all(acts.Route)) == before


def test_what_is_on_its_way_to_a_bin_that_filled_goes_elsewhere_once_nothing_waits() -> None:
    play = Play()
    sent(play, 1)
    play.full = {CHILDREN}
    before = len(play.all(acts.Route))
    play.say(*[(Happening.HOST, 0, 0, 0)] * 8, pending=9)
    assert len(play.all(acts.Route)) == before
    play.say((Happening.HOST, 0, 0, 0))
    assert [r.bin for r in play.all(acts.Route)[before:]] == [OVERFLOW]


def test_a_destination_that_may_not_have_come_through_is_sent_once_nothing_waits() -> None:
    play = Play()
    sent(play, 1, 2)
    play.through_reader(3, 3)
    play.answer(3, Facts(sort_bin="103"))
    play.through_reader(4, 4)
    play.answer(4, Facts(sort_bin="103"))
    play.happen(acts.LinkDown())
    play.happen(acts.Routed(3, False))
    play.happen(acts.Routed(4, False))
    before = len(play.all(acts.Route))
    play.happen(acts.LinkUp(INFO, play.line.heard, play.line.number))
    play.move(1000)
    told(play, *(event for tid in (1, 2, 3) for event in fallen(tid, CHILDREN)))
    assert ended(play)[3] == (ItemState.CONFIRMED, CHILDREN, Cause.NONE)
    assert [(r.number, r.bin) for r in play.all(acts.Route)[before:]] == [(4, CHILDREN)]
    play.say()
    assert len(play.all(acts.Route)) == before + 1


def test_a_tag_that_answered_before_its_item_was_known_is_nobodys_for_sure() -> None:
    """The one before it has no tag: it would be checked in as the other."""
    play = Play()
    play.induct(1)
    play.move(LENGTH + 60)
    induct = play.encoder
    play.move(320)
    play.tag(2)
    assert [tag.uid for tag in play.item(1).tags] == [uid(2)]
    play.arm(2)
    play.encoder, now = induct, play.encoder
    play.say((Happening.INDUCTED, 2, LENGTH, 60))
    play.encoder = now + 600
    play.say((Happening.LEFT_READER, 1, 0, 0), (Happening.LEFT_READER, 2, 0, 0))
    play.say()
    assert play.all(acts.CheckIn) == []
    assert play.item(1).cause is Cause.CONFLICT
