"""A purge: what lies on the belt goes to the staff, because a person wants it so, and whatever bin it was meant for.

It is the belt that takes each item there. One that was in its chute already lies where it was sent.
"""

from dataclasses import replace

from sorter.belt.items import BY_PLAN, Cause, Tracked
from sorter.belt.line import Line


def begun(line: Line) -> tuple[Line, tuple[Tracked, ...]]:
    """The belt has taken the command: the line, and its items that had no cause of their own, with this one."""
    marked = tuple(
        replace(item, cause=Cause.REMOVED) for item in line.items.values() if item.cause in BY_PLAN
    )
    return replace(line, purged=line.doubted, unforgotten=False), marked


def landed(item: Tracked, *, home: bool) -> Cause:
    """Why an item is no ordinary one, now that it lies in a bin. `home`: in one that a rule chose for it, before the end."""
    return Cause.NONE if home and item.cause is Cause.REMOVED else item.cause
