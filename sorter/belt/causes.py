"""Why an item is no ordinary one, told from what the library system, the plan and the belt have said of it."""

from sorter.belt import purge
from sorter.belt.items import BY_PLAN, Cause, ItemState, Tracked
from sorter.belt.line import Line
from sorter.plan.decide import Decision
from sorter.plan.facts import Facts, Library, Tags


def of_tags(item: Tracked, verdict: Tags) -> Cause:
    """Where its tags do not say which item it is."""
    if item.cause is Cause.GAP:
        return Cause.GAP
    return Cause.INCOMPLETE if verdict is Tags.INCOMPLETE else Cause.CONFLICT


def of_answer(item: Tracked, said: Facts) -> Cause:
    """When the library system has answered, or has not in time."""
    if said.library is Library.OFFLINE:
        return Cause.OFFLINE
    if said.library is Library.LATE:
        return Cause.LATE
    return item.cause if said.ok else Cause.REFUSED


def of_decision(line: Line, item: Tracked, decision: Decision, *, missed: bool) -> Cause:
    """When it is decided about. `missed`: the divert of the bin that its rule wants is behind it."""
    if item.cause not in BY_PLAN or decision.bin is None:
        return item.cause
    if decision.bin != decision.wanted:
        return Cause.LATE if missed else Cause.FULL
    return Cause.PLAN if decision.bin == line.decide.plan.exception else Cause.NONE


def of_late(item: Tracked) -> Cause:
    """When the belt says that it passed its divert without a destination."""
    if item.state is ItemState.SENT and item.decision is not None and item.decision.bin:
        return Cause.REJECTED if item.refused_route else Cause.LATE
    return item.cause if item.cause is not Cause.NONE else Cause.LATE


def of_landing(line: Line, item: Tracked, number: int) -> Cause:
    """When it has come to a bin, by that bin's number."""
    planned = line.sent_to(item)
    cause = purge.landed(item, home=number in planned and number != line.last_bin)
    odd = number not in planned and cause is not Cause.REMOVED
    if item.state in {ItemState.SENT, ItemState.DECIDED} and odd:
        return Cause.MISSED
    if cause is not Cause.NONE:
        return cause
    if item.decision is None:
        return Cause.LATE  # the belt was purged before there was an answer
    if number != line.wanted_by(item, number):
        return Cause.FULL  # the belt took the alternate
    return Cause.NONE
