"""A simulated printer on the bench: what it sends is collected, what it printed is at hand."""

import random
import tomllib
from pathlib import Path
from typing import Any

from hw_sim.devices.escpos import EscposPrinter

VECTORS = Path(__file__).parents[3] / "vectors" / "escpos.toml"

ARM = bytes.fromhex("1D 61 FF")
BARRIER = bytes.fromhex("1D 72 01")
CLEAR = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
CUT = bytes.fromhex("1D 56 00")
READY = bytes.fromhex("10 00 00 0F")
PAPER_END = bytes.fromhex("18 00 0F 0F")


def vectors(direction: str) -> list[dict[str, Any]]:
    with VECTORS.open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["vector"]
    return [vector for vector in found if vector["direction"] == direction]


class Bench:
    """A printer that prints at once unless told otherwise, with a client attached."""

    def __init__(self, **options: Any) -> None:
        self.printer = EscposPrinter(random.Random(7), **{"pace": "none", **options})
        self.answers: list[bytes] = []
        self.printer.attach(self.answers.append, lambda: None)

    def send(self, data: bytes) -> bytes:
        """What the printer answers to these bytes at once."""
        self.answers.clear()
        self.printer.receive(data)
        return b"".join(self.answers)

    @property
    def texts(self) -> list[str]:
        """Every line on paper, of all jobs."""
        jobs = [*self.printer.jobs, self.printer.job]
        return [text for job in jobs for text in job.texts]
