"""Room on the disk: how much is left, and a ballast to throw out when there is none.

On a full disk SQLite cannot even fold its log, so nothing it does makes room. The ballast is an allocated
file larger than that log may grow; without it the store works again at once, and a person has time to
come.
"""

import errno
import os
from enum import StrEnum
from pathlib import Path

from drivers.errors import Code, DeviceUnavailable

BALLAST = 64 * 1024 * 1024
WARN_BELOW = 1024 * 1024 * 1024
STOP_BELOW = 200 * 1024 * 1024


class Room(StrEnum):
    """What the space that is left means."""

    ENOUGH = "enough"
    LOW = "low"
    """Tell staff."""
    OUT = "out"
    """No new borrower; what is under way goes on."""


def room(directory: Path) -> Room:
    """How much room the state directory's disk has."""
    disk = os.statvfs(directory)
    left = disk.f_bavail * disk.f_frsize
    if left < STOP_BELOW:
        return Room.OUT
    return Room.LOW if left < WARN_BELOW else Room.ENOUGH


def lay_ballast(directory: Path, size: int = BALLAST) -> bool:
    """Allocate the ballast where it is not there yet. False when the disk has no room for it."""
    file = directory / "ballast"
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
    except OSError:
        file.unlink()
        return False
    finally:
        os.close(handle)
    return True


def drop_ballast(directory: Path) -> bool:
    """Throw it out. True if there was one."""
    try:
        (directory / "ballast").unlink()
    except FileNotFoundError:
        return False
    return True


def not_made(error: OSError, what: str) -> DeviceUnavailable:
    """What it means that a file of the state directory could not be made: store.full or store.broken."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    code = Code.STORE_FULL if full else Code.STORE_BROKEN
    return DeviceUnavailable("store", code, f"{what}: {error.strerror}")
