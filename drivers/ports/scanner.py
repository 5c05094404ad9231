"""A barcode reader."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from drivers.ports.secret import Secret


@dataclass(frozen=True, slots=True)
class Scan:
    """One line from a barcode reader. Personal until somebody has classed it."""

    aim: str
    """AIM symbology identifier without the bracket, such as `C0` for Code 128; empty if none was sent."""
    text: Secret


class Scanner(Protocol):
    """A barcode reader that speaks when it has something to say."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def scans(self) -> AsyncIterator[Scan]: ...
