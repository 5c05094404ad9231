"""What befalls a plant: the belt, its line, its host, its crates, the library system, and single items.

First in a run of its flow alone (`PlantFlow.strike` plays what the simulator has no verb for there), then in mornings over every
wire. Each by its name and arguments, drawn by seed; they stand together.
"""

import random
from collections.abc import Mapping
from typing import Any

from hw_sim.agenda import Agenda
from sorter.belt.items import Cause

LATE_ANSWER_S = 0.1
"""Until an answer that did not come counts as lost."""

BELT_FAULTS: tuple[tuple[str, dict[str, Any], float], ...] = (
    ("missed_divert", {"bin": 3}, 8),
    ("missed_divert", {"bin": 6}, 8),
    ("divert_late", {"bin": 2, "ms": 150}, 8),
    ("divert_late", {"bin": 1, "ms": 300}, 8),
    ("divert_stuck", {"bin": 4, "out": False}, 5),
    ("divert_stuck", {"bin": 2, "out": True}, 3),
    ("double_feed", {}, 5),
    ("short_gap", {"mm": 15}, 5),
    ("short_gap", {"mm": 45, "count": 3}, 5),
    ("eye_flicker", {"eye": 1, "mm": 20}, 5),
    ("eye_flicker", {"eye": 0, "mm": 40}, 5),
    ("eye_bounce", {"eye": 0, "edges": 4, "count": 1}, 5),
    ("eye_bounce", {"eye": 4, "edges": 6, "count": 2}, 5),
    ("eye_stuck", {"eye": 2, "covered": True}, 4),
    ("eye_stuck", {"eye": 3, "covered": False}, 4),
    ("eye_stuck", {"eye": 12, "covered": False}, 4),
    ("eye_dirty", {"eye": 0, "mm": 20}, 6),
    ("eye_dirty", {"eye": 5, "mm": 30}, 6),
    ("slip", {"zone": 1, "mm": 30}, 6),
    ("slip", {"zone": 2, "mm": 120}, 6),
    ("slip", {"zone": 0, "mm": 50, "ahead": True}, 6),
    ("taken", {"zone": 1}, 6),
    ("taken", {"zone": 0}, 6),
    ("added", {"zone": 1}, 6),
    ("added", {"zone": 0}, 6),
    ("false_full", {"bin": 4}, 6),
    ("false_full", {"bin": 9}, 3),
    ("bin_pulled", {"bin": 1}, 6),
    ("bin_pulled", {"bin": 9}, 3),
    ("jam", {"zone": 2}, 4),
    ("jam", {"zone": 5, "past": True}, 4),
    ("jam", {"zone": 0}, 4),
    ("e_stop", {}, 3),
    ("guard", {}, 3),
    ("neighbour_read", {"mm": 250}, 4),
    ("neighbour_read", {"mm": 120}, 4),
    ("restart", {}, 1),
    ("pause", {"seconds": 0.2}, 1),
    ("pause", {"seconds": 0.8}, 1),
    ("mute", {"seconds": 0.4}, 1),
    ("mute", {"seconds": 2.5}, 3),
    ("mute", {"seconds": 32.0}, 33),
    ("lossy", {"share": 0.05}, 6),
    ("corrupt", {"share": 0.05}, 6),
    ("delay", {"share": 0.05, "seconds": 0.2}, 6),
    ("duplicate", {"share": 0.2}, 6),
    ("kill", {"seconds": 0.3}, 1),
    ("kill", {"seconds": 1.5}, 2),
    ("kill", {"seconds": 5.0}, 5),
    ("clock", {"jump": 3600.0}, 1),
    ("clock", {"jump": -7200.0}, 1),
    ("bin_full", {"bin": 1}, 8),
    ("bin_full", {"bin": 6}, 8),
    ("bin_full", {"bin": 9}, 5),
    ("away", {}, 8),
    ("stall", {}, 4),
    ("swap", {"bin": 3}, 6),
    ("operator_stop", {}, 1),
    ("operator_hold", {}, 1),
    ("purge", {}, 1),
)
"""What befalls the whole belt: verb, arguments, how long it stands at most, seconds."""
ITEM_FAULTS = (
    "no_tag",
    "two_tags",
    "foreign_tag",
    "dies",
    "late",
    "lost",
    "garbage",
    "dropped",
    "refused",
    "doubled",
)
"""What befalls one item: its tags, or its answer."""

CAUSES: Mapping[str, frozenset[Cause]] = {
    "no_tag": frozenset({Cause.NO_READ}),
    "dies": frozenset({Cause.NO_READ}),
    "two_tags": frozenset({Cause.CONFLICT}),
    "refused": frozenset({Cause.REFUSED}),
    "lost": frozenset({Cause.LATE}),
    "garbage": frozenset({Cause.LATE}),
    "dropped": frozenset({Cause.LATE}),
}
"""Why a person is told of an item that only this befell."""

MORNING_FAULTS: tuple[tuple[str, dict[str, Any], float], ...] = (
    ("missed_divert", {"bin": 3}, 0),
    ("divert_late", {"bin": 2, "ms": 300}, 0),
    ("no_tag", {}, 0),
    ("two_tags", {}, 0),
    ("foreign_tag", {}, 0),
    ("double_feed", {}, 0),
    ("short_gap", {"mm": 15}, 0),
    ("eye_flicker", {"eye": 1, "mm": 20}, 0),
    ("eye_bounce", {"eye": 0, "edges": 4, "count": 1}, 0),
    ("slip", {"zone": 1, "mm": 30}, 0),
    ("taken", {"zone": 1}, 0),
    ("added", {"zone": 1}, 0),
    ("false_full", {"bin": 4}, 6),
    ("bin_pulled", {"bin": 1}, 6),
    ("jam", {"zone": 2}, 8),
    ("e_stop", {}, 5),
    ("guard", {}, 5),
    ("plc_restart", {}, 0),
    ("scan_pause", {"seconds": 0.4}, 0),
    ("drop_reply", {"count": 3}, 0),
    ("corrupt", {"count": 3}, 0),
    ("half_frame", {"count": 2}, 0),
    ("garbage", {"size": 9, "now": True}, 0),
    ("hang_up", {}, 0),
    ("mute", {}, 3),
    ("slip", {"zone": 0, "mm": 50, "ahead": True}, 0),
    ("eye_stuck", {"eye": 2, "covered": True}, 4),
    ("eye_stuck", {"eye": 3, "covered": False}, 4),
    ("eye_dirty", {"eye": 0, "mm": 20}, 6),
    ("divert_stuck", {"bin": 2, "out": True}, 4),
    ("divert_stuck", {"bin": 4, "out": False}, 5),
    ("neighbour_read", {"mm": 250}, 5),
    ("added", {"zone": 0}, 0),
    ("jam", {"zone": 5, "past": True}, 8),
    ("delay", {"seconds": 0.25, "count": 4}, 0),
    ("duplicate", {"count": 4}, 0),
    ("drop_request", {"count": 3}, 0),
    ("corrupt_request", {"count": 3}, 0),
    ("busy_s", {"seconds": 0.35, "count": 3}, 0),
    ("other_unit", {"count": 2}, 0),
    ("exception", {"count": 2}, 0),
)
"""Faults of belt and wire: verb, arguments, and for how long it stands; 0 where it spends itself."""
LIBRARY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("silent", {"only": ["09"], "count": 1}),
    ("answer_late", {"only": ["09"], "seconds": 3.0, "count": 1}),
    ("drop_after_commit", {"only": ["09"], "count": 1}),
    ("drop_before_commit", {"only": ["09"], "count": 1}),
    ("close_mid_answer", {"only": ["09"], "count": 1}),
    ("bad_checksum", {"count": 1}),
    ("garbage", {"size": 40, "count": 1}),
    ("garbage", {"size": 200, "now": True}),
    ("corrupt", {"count": 1}),
    ("duplicate", {"count": 2}),
    ("half_frame", {"count": 1}),
    ("hang_up", {}),
    ("wrong_ay", {"count": 1}),
    ("other_item", {"only": ["09"], "count": 1}),
    ("slow_trickle", {"only": ["09"], "count": 1, "ms": 20}),
)
TUNNEL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("drop_reply", {"count": 2}),
    ("corrupt", {"count": 2}),
    ("duplicate", {"count": 2}),
    ("garbage", {"size": 12, "now": True}),
)
HANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("clock", {"jump": 3600.0}),
    ("clock", {"jump": -7200.0}),
    ("fill_bin", {"bin": 1}),
    ("fill_bin", {"bin": 3}),
    ("fill_bin", {"bin": 9}),
)
"""What is no device's: clocks on walls, and crates that nobody has carried away."""


class BadLine:
    """The belt's line in a run of the flow alone, as bad as it is made: each a share of frames."""

    def __init__(self, agenda: Agenda, rng: random.Random) -> None:
        self.loss = self.garbles = self.doubles = 0.0
        self.lag = (0.0, 0.0)
        """Share of answers that come late, and by how much."""
        self.free_at = 0.0
        """After an answer that does not come the line is drained, and until then nothing is asked."""
        self._agenda, self._rng = agenda, rng

    def carries(self) -> int:
        """How often a request comes through: twice, once, or not at all."""
        if self._rng.random() < (self.loss + self.garbles) / 2:
            return 0
        return 2 if self._rng.random() < self.doubles else 1

    def answers(self, came: int) -> bool:
        """Whether the answer to a request that came through comes back in time."""
        if came and self._rng.random() >= (self.loss + self.garbles) / 2:
            share, late = self.lag
            if not share or self._rng.random() >= share:
                return True
            self.free_at = self._agenda.now + late
        self.free_at = max(self.free_at, self._agenda.now + LATE_ANSWER_S)
        return False
