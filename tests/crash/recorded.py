"""Run by test_power_cut below the recorder: transactions of two rows, each acknowledged in a file of its own."""

import asyncio
import os
import sys
from pathlib import Path

from drivers.ports import Txn, Uid
from drivers.runtime.clock import SeededRng, SystemClock
from drivers.store import debts
from drivers.store.engine import open_store
from drivers.store.sealed import SealKey

UID = Uid(bytes.fromhex("e004010000000001"))


async def main(folder: Path, synchronous: str, count: int) -> None:
    store = open_store(
        folder / "station.db", clock=SystemClock(), rng=SeededRng(1), key=SealKey(b"k" * 32)
    )
    raw = store._writer._connection.connection
    raw.execute("PRAGMA wal_autocheckpoint=20")
    raw.execute(f"PRAGMA synchronous={synchronous}")
    acks = os.open(folder / "station.ack", os.O_WRONLY | os.O_CREAT)

    def owe(number: int, txn: Txn) -> None:
        debts.open_debt(
            txn,
            uid=UID,
            wanted=number % 256,
            why="w" * (number * 37 % 80),
            item=f"{number}",
            trace="",
        )

    for number in range(1, count + 1):
        await store.write(lambda txn, n=number: owe(n, txn))  # type: ignore[misc]
        os.write(acks, f"{number}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
