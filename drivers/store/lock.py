"""One process owns a state directory: its database, its socket, its wires. A second one is told whose it is."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.errors import Code, DeviceUnavailable
from drivers.store.space import not_made

LOCK = "station.lock"
"""The file that whoever has the state directory holds."""


class StateLock:
    """A state directory, held (flock) until released or until the process ends, however it ends.

    Raises:
        DeviceUnavailable: station.running with the owner's pid; store.broken when the directory cannot be used.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise not_made(error, "state directory") from None
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(self._handle, 20, 0).decode("ascii", "replace").strip()
            os.close(self._handle)
            raise DeviceUnavailable(
                "station", Code.STATION_RUNNING, f"process {owner or 'unknown'}"
            ) from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    @property
    def database(self) -> Path:
        """The station's database file."""
        return database_in(self.directory)

    @property
    def socket(self) -> Path:
        """The door into the running station."""
        return socket_in(self.directory)

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes hold two files of one name."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def database_in(directory: Path) -> Path:
    """Where a state directory keeps its database."""
    return directory / "station.db"


def socket_in(directory: Path) -> Path:
    """Where a state directory keeps its socket."""
    return directory / "station.sock"
