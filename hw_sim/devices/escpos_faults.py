"""What can go wrong with a receipt printer, by name."""

from collections.abc import Mapping

from hw_sim.faults import Arg

ROLL_MM = 80_000.0
"""Paper on a new roll."""

_AFTER = Arg((int, float), 0)
_LASTS = Arg((int, float, type(None)), None)
_STUCK = Arg(bool, True)

PRINTER_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "cover": {"after_mm": _AFTER, "seconds": _LASTS},
    "near_end": {"after_mm": _AFTER},
    "paper_end": {"after_mm": _AFTER},
    "refill": {"metres": Arg((int, float), ROLL_MM / 1000)},
    "cutter_jam": {"after_mm": _AFTER, "seconds": _LASTS, "stuck": _STUCK},
    "mechanical": {"after_mm": _AFTER, "seconds": _LASTS, "stuck": _STUCK},
    "unrecoverable": {"after_mm": _AFTER},
    "head_hot": {"after_mm": _AFTER, "seconds": _LASTS},
    "feed_held": {"seconds": _LASTS},
    "waiting": {},
    "drawer": {"seconds": _LASTS},
    "stalled": {"seconds": _LASTS},
    "slow_print": {"mm_a_second": Arg((int, float), 10)},
    "never_finishes": {},
    "power_cycle": {"seconds": _LASTS},
    "late_answer": {"seconds": Arg((int, float), 0.5), "count": Arg((int, type(None)), 1)},
    "stray_answer": {"bytes": Arg(str, "12")},
    "undefined_bits": {},
}
"""What goes wrong with a printer.

after_mm: not now, but when so much more paper has come out. seconds: it passes by itself. stuck: a person
must clear it; else DLE ENQ recovers. refill: a new roll; so does clearing near_end or paper_end.
stalled: reads nothing. never_finishes: prints, but answers neither GS r nor process ids. power_cycle: off
and on, boots for so many seconds. late_answer: the next answers come late. stray_answer: these bytes (hex)
are sent unasked, now. undefined_bits: bits without meaning come out at random.
"""
