"""Run by test_failing_disk: every write of SQLite passes through here and the N-th one fails.

It overrides the system call in SQLite's own table (sqlite3_vfs.xSetSystemCall, sqlite.org/c3ref/vfs.html),
so everything above the call is the real thing. Prints one JSON object.
"""

import asyncio
import ctypes
import errno
import json
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any, ClassVar

import pysqlite3._sqlite3 as extension

from drivers.errors import DeviceUnavailable
from drivers.ports import Txn
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store import journal
from drivers.store.engine import open_store
from drivers.store.sealed import SealKey

PWRITE = CFUNCTYPE(c_int64, c_int, c_void_p, c_size_t, c_int64, use_errno=True)


class Vfs(Structure):
    """sqlite3_vfs, version 3; the members between are not used here."""


SET_CALL = CFUNCTYPE(c_int, POINTER(Vfs), c_char_p, c_void_p)
GET_CALL = CFUNCTYPE(c_void_p, POINTER(Vfs), c_char_p)
Vfs._fields_ = [
    ("iVersion", c_int),
    ("szOsFile", c_int),
    ("mxPathname", c_int),
    ("pNext", c_void_p),
    ("zName", c_char_p),
    ("pAppData", c_void_p),
    *((name, c_void_p) for name in ("xOpen", "xDelete", "xAccess", "xFullPathname")),
    *((name, c_void_p) for name in ("xDlOpen", "xDlError", "xDlSym", "xDlClose")),
    *((name, c_void_p) for name in ("xRandomness", "xSleep", "xCurrentTime", "xGetLastError")),
    ("xCurrentTimeInt64", c_void_p),
    ("xSetSystemCall", SET_CALL),
    ("xGetSystemCall", GET_CALL),
    ("xNextSystemCall", c_void_p),
]


class FailingDisk:
    """Counts writes down to the one that fails."""

    NAMES: ClassVar = (b"pwrite", b"pwrite64")

    def __init__(self) -> None:
        library = ctypes.CDLL(extension.__file__)
        library.sqlite3_vfs_find.restype = POINTER(Vfs)
        self._vfs = library.sqlite3_vfs_find(None)
        self._hooks: list[Any] = []
        self.left = 0
        self.error = errno.ENOSPC
        self.failed = 0
        for name in self.NAMES:
            real = self._vfs.contents.xGetSystemCall(self._vfs, name)
            if real:
                hook = PWRITE(self._writing(PWRITE(real)))
                self._hooks.append(hook)
                self._vfs.contents.xSetSystemCall(self._vfs, name, ctypes.cast(hook, c_void_p))

    def _writing(self, real: Any) -> Any:
        def write(handle: int, data: int, size: int, offset: int) -> int:
            if self.left:
                self.left -= 1
                if not self.left:
                    self.failed += 1
                    ctypes.set_errno(self.error)
                    return -1
            return int(real(handle, data, size, offset))

        return write

    def restore(self) -> None:
        """Give SQLite its own calls back: it outlives these functions."""
        for name in self.NAMES:
            self._vfs.contents.xSetSystemCall(self._vfs, name, None)


def note(txn: Txn) -> int:
    for _ in range(3):
        journal.append(txn, "device.state", payload={"role": "pad", "state": "ready"})
    return journal.head(txn)[0]


async def run(file: Path) -> dict[str, Any]:
    disk = FailingDisk()
    store = open_store(file, clock=SystemClock(), rng=SystemRng(), key=SealKey(b"k" * 32))
    acknowledged = [await store.read(lambda txn: journal.head(txn)[0])]
    codes: dict[str, int] = {}
    bad: list[str] = []
    try:
        for error in (errno.ENOSPC, errno.EIO):
            for place in range(1, 40):
                disk.error, disk.left = error, place
                try:
                    acknowledged.append(await store.write(note))
                    if place % 4 == 0:
                        await store.fold()
                except DeviceUnavailable as fault:
                    codes[fault.code.value] = codes.get(fault.code.value, 0) + 1
                disk.left = 0
                seq, _ = await store.read(journal.head)
                if seq < acknowledged[-1]:
                    bad.append(f"{place}: {seq} of {acknowledged[-1]}")
        chain = await store.read(journal.verify)
        damage = await store.read(
            lambda txn: txn.connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        )
        await store.close()
    finally:
        disk.restore()
    return {
        "failed": disk.failed,
        "codes": codes,
        "bad": bad,
        "last": acknowledged[-1],
        "chain": [chain.last, chain.whole],
        "integrity": damage,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(Path(sys.argv[1])))))
