"""What a station keeps, read for a command from a copy of its database."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from drivers.errors import DeviceError
from drivers.ports import Txn
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store.copy import read_copy
from ui.outcome import Fault

T = TypeVar("T")


def read_stored(directory: Path, unit: Callable[[Txn], T], *, running: bool = False) -> T | None:
    """As drivers.store.copy.read_copy; None where nothing was ever kept. Raises Fault, which names the directory."""
    try:
        return read_copy(directory, unit, clock=SystemClock(), rng=SystemRng(), running=running)
    except DeviceError as error:
        raise Fault.of(error, str(directory)) from error
