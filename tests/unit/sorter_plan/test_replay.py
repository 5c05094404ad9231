"""A day's decisions made again by another plan."""

from dataclasses import replace

from sorter.belt.records import Decided
from sorter.plan.decide import Decider
from sorter.plan.edition import plan_of
from sorter.plan.facts import Facts
from sorter.plan.replay import Change, replay
from tests.unit.sorter_belt.belt import PLAN

OTHER = """
schema_version = 1
profile = "other"
[bins]
children = { number = 3 }
exception = { number = 9, kind = "exception" }
[[rules]]
id = "all-to-children"
when = { sort_bin = ["101", "103"] }
to = "children"
[[rules]]
id = "words"
when = { text = { contains = "x" } }
to = "children"
[[rules]]
id = "rest"
to = "exception"
"""
ALL = sum(1 << bin.number for bin in PLAN.bins.values())


def made(number: int, facts: Facts, reach: int = ALL) -> Decided:
    names = {name for name, bin in PLAN.bins.items() if reach >> bin.number & 1}
    decision = Decider(PLAN)(facts, names)
    return Decided(number, decision.bin, decision.rule, reach, facts)


def test_the_same_plan_changes_nothing() -> None:
    day = [made(1, Facts(sort_bin="101")), made(2, Facts(alert="01")), made(3, Facts(ok=False))]
    found = replay(PLAN, day)
    assert (found.items, found.changes, found.same_bin) == (3, (), 0)


def test_another_plan_says_which_would_go_elsewhere_and_by_which_rule() -> None:
    day = [made(1, Facts(sort_bin="101")), made(2, Facts(sort_bin="103"))]
    found = replay(plan_of(OTHER), day)
    change = Change(1, "", None, "adults", "ils-bin", "", "children", "all-to-children")
    assert found.changes == (change,)
    assert found.rules == (("ils-bin", "all-to-children", 1),)
    assert (found.same_bin, found.moves) == (1, (("adults", "children", 1),))
    assert found.blind == ("words",)


def test_a_bin_that_could_not_take_it_then_is_not_chosen_now() -> None:
    full = ALL & ~(1 << 3)
    one = made(1, Facts(sort_bin="103"), full)
    assert replay(PLAN, [one]).changes == ()
    assert replay(plan_of(OTHER), [replace(one, reach=full)]).changes[0].now == "exception"


def test_a_plan_that_only_calls_a_bin_otherwise_moves_nothing() -> None:
    """The number at the belt is the bin; the plan of then says which number a name was."""
    toml = OTHER.replace("children", "boern")
    one = replace(made(1, Facts(sort_bin="103")), plan="a" * 8)
    assert replay(plan_of(toml), [one], {"a" * 8: PLAN}.get).changes == ()
    assert len(replay(plan_of(toml), [one]).changes) == 1


def test_a_bin_that_the_plan_has_no_more_is_a_change_also_where_the_belt_would_hold() -> None:
    one = replace(made(1, Facts(sort_bin="101"), 1 << 1), plan="a" * 8)
    (change,) = replay(plan_of(OTHER), [one], {"a" * 8: PLAN}.get).changes
    assert (change.bin, change.now, change.move) == ("adults", None, ("adults", "nowhere"))
