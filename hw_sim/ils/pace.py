"""How long a library system takes to answer: always the same, about the same, or as real ones do."""

import math
import random
from typing import Protocol

Z99 = 2.3263478740408408
"""Of a normal distribution, one in a hundred lies further out than this many deviations."""


class Pace(Protocol):
    """What a library system's manner says of its answers."""

    @property
    def answer_ms(self) -> float: ...

    @property
    def jitter_ms(self) -> float: ...

    @property
    def answer_p99_ms(self) -> float: ...

    @property
    def stall_share(self) -> float: ...

    @property
    def stall_s(self) -> float: ...


def answer_after(pace: Pace, rng: random.Random) -> float:
    """Seconds from a request to its answer. Draws only for what the manner leaves to chance."""
    ms = pace.answer_ms
    if pace.answer_p99_ms > ms > 0:
        ms *= math.exp(rng.gauss(0, math.log(pace.answer_p99_ms / ms) / Z99))
    ms += rng.uniform(0, pace.jitter_ms)
    stalled = bool(pace.stall_share) and rng.random() < pace.stall_share
    return ms / 1000 + (pace.stall_s if stalled else 0.0)
