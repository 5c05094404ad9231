"""What goes wrong in a sorting plant, by name. All of it can stand together; chance is seeded."""

from collections.abc import Mapping

from hw_sim.faults import COUNT, UNTIL_CLEARED, Arg

WHERE = Arg(int)
"""A zone, an eye or a bin by its number."""

PLANT_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "jam": {"zone": WHERE, "past": Arg(bool, False), "count": COUNT},
    "double_feed": {"count": COUNT},
    "short_gap": {"mm": Arg(int, 10), "count": COUNT},
    "slip": {"zone": WHERE, "mm": Arg(int, 30), "ahead": Arg(bool, False), "count": COUNT},
    "eye_flicker": {"eye": WHERE, "mm": Arg(int, 30), "count": COUNT},
    "eye_stuck": {"eye": WHERE, "covered": Arg(bool, True)},
    "eye_dirty": {"eye": WHERE, "mm": Arg(int, 20)},
    "eye_bounce": {"eye": WHERE, "edges": Arg(int, 4), "count": UNTIL_CLEARED},
    "missed_divert": {"bin": WHERE, "count": COUNT},
    "divert_late": {"bin": WHERE, "ms": Arg(int, 150), "count": COUNT},
    "divert_stuck": {"bin": WHERE, "out": Arg(bool, False)},
    "taken": {"zone": WHERE, "count": COUNT},
    "added": {"zone": WHERE, "length": Arg(int, 200), "count": COUNT},
    "false_full": {"bin": WHERE},
    "bin_pulled": {"bin": WHERE},
    "no_tag": {"count": COUNT},
    "two_tags": {"count": COUNT},
    "foreign_tag": {"count": COUNT},
    "neighbour_read": {"mm": Arg(int, 250), "count": UNTIL_CLEARED},
    "gate_taken": {"count": COUNT},
    "gate_stuck": {},
    "e_stop": {},
    "guard": {},
    "motor_trip": {},
    "plc_restart": {},
    "scan_pause": {"seconds": Arg((int, float), 0.5)},
}
"""Faults of the plant and of its controller. Eyes: 0 at the inlet, then one before each bin; an eye in a chute is the
number of bins and its own. Zones are named by the eye at their beginning.

jam: the next item at that eye stays there, under it or (past) behind it, and what follows piles up; cleared, it goes on.
double_feed: two items enter as one. short_gap: the next follows that close. slip: an item slides back (or ahead) on the
belt after that eye. eye_flicker: an eye sees nothing for so long in the middle of an item. eye_stuck: it always sees
something, or never. eye_dirty: it sees each item longer. eye_bounce: each edge comes several times. missed_divert: the
plough does not move. divert_late: it moves late. divert_stuck: it stays in, or out. taken: the next item is taken off
after that eye. added: something is laid on the belt behind the next item at that eye. false_full: a stack leans on the
sensor. bin_pulled: the crate is out. no_tag: the next item's tags are dead. two_tags: it carries another item's tag too.
foreign_tag: it is another library's. neighbour_read: the reader reaches so far beyond its ends. gate_taken:
what the gate of a guarded inlet is told to let in is taken back out of it. gate_stuck: it says yes and does not move. e_stop and guard stand
until cleared, and nothing that comes by wire ends them. motor_trip: the protection of the belt's motor switches it off. plc_restart: the controller begins anew. scan_pause: it stands
still for so long, while belt and wire go on.
"""

CONTROLLER_FAULTS = frozenset({"plc_restart", "scan_pause"})
EYE_FAULTS = frozenset({"eye_stuck"})
SENSED = frozenset({"false_full", "bin_pulled", "e_stop", "guard", "motor_trip"})
"""Faults whose beginning and end change what a sensor says at once."""
