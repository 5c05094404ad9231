"""Run by test_kill: writes effects as fast as it can and says each once it is durable, until it is killed."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from drivers.ports import Secret, Txn
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store import effects
from drivers.store.effects import EffectState
from drivers.store.engine import ThreadStore, open_store
from drivers.store.sealed import SealKey


async def loan(store: ThreadStore, number: int) -> None:
    def begin(txn: Txn) -> str:
        return effects.open_effect(
            txn,
            verb="borrow",
            item=f"{number}",
            device="bh-2",
            session="5e55",
            trace="7ace",
            occurred_at=datetime(2026, 11, 3, tzinfo=UTC),
            sealed={"card": Secret("3002991234")},
        ).id

    id = await store.write(begin)
    say(f"intent {id}")
    await store.write(lambda txn: effects.sent(txn, id))
    say(f"sent {id}")
    await store.write(lambda txn: effects.finish(txn, id, EffectState.CONFIRMED))
    say(f"confirmed {id}")


def say(words: str) -> None:
    os.write(1, words.encode() + b"\n")


async def main(file: Path, first: int) -> None:
    store = open_store(file, clock=SystemClock(), rng=SystemRng(), key=SealKey(b"k" * 32))
    say("open")
    while True:
        await asyncio.gather(*(loan(store, first + n) for n in range(8)))
        first += 8


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
