"""Virtual time: it jumps, it notices when nothing can happen, and it repeats itself exactly."""

import asyncio
import hashlib
import random
import time

import pytest

from hw_sim.simloop import Deadlock, SimLoop, run

DAY = 86_400.0


def test_thirty_days_pass_at_once_and_land_exactly() -> None:
    async def wait() -> float:
        await asyncio.sleep(30 * DAY)
        return asyncio.get_running_loop().time()

    began = time.perf_counter()
    assert run(wait()) == 30 * DAY
    assert time.perf_counter() - began < 5


def test_timers_still_come_due_after_years() -> None:
    async def wait() -> float:
        await asyncio.sleep(20 * 365 * DAY)
        for _ in range(100):
            await asyncio.sleep(0.001)
        return asyncio.get_running_loop().time() - 20 * 365 * DAY

    assert run(wait()) == pytest.approx(0.1, abs=1e-4)


def test_deadlock_is_raised_with_its_time() -> None:
    async def wait_for_nobody() -> None:
        await asyncio.sleep(2.5)
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match=r"2\.500000 s"):
        run(wait_for_nobody())


def test_two_that_wait_for_each_other_are_a_deadlock() -> None:
    async def both() -> None:
        here: asyncio.Queue[int] = asyncio.Queue()
        there: asyncio.Queue[int] = asyncio.Queue()

        async def wait(mine: asyncio.Queue[int], other: asyncio.Queue[int]) -> None:
            other.put_nowait(await mine.get())

        async with asyncio.TaskGroup() as group:
            group.create_task(wait(here, there))
            group.create_task(wait(there, here))

    with pytest.raises(Deadlock):
        run(both())


def test_timeout_taskgroup_and_queue_run_unmodified() -> None:
    async def main() -> tuple[float, list[int]]:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        got: list[int] = []

        async def produce() -> None:
            for i in range(3):
                await asyncio.sleep(1)
                await queue.put(i)

        async def consume() -> None:
            got.extend([await queue.get() for _ in range(3)])

        async with asyncio.TaskGroup() as group:
            group.create_task(produce())
            group.create_task(consume())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(4):
                await asyncio.sleep(DAY)
        return loop.time(), got

    assert run(main()) == (7.0, [0, 1, 2])


def test_threads_and_sockets_are_fenced_off() -> None:
    async def thread() -> None:
        await asyncio.to_thread(int)

    async def socket() -> None:
        await asyncio.open_connection("127.0.0.1", 9)

    with pytest.raises(RuntimeError, match="virtual time"):
        run(thread())
    with pytest.raises((NotImplementedError, RuntimeError)):
        run(socket())


def _life(seed: int) -> str:
    async def main() -> str:
        rng = random.Random(seed)
        digest = hashlib.sha256()
        loop = asyncio.get_running_loop()

        async def actor(n: int) -> None:
            for _ in range(50):
                await asyncio.sleep(rng.random())
                digest.update(f"{loop.time():.9f} {n}\n".encode())

        async with asyncio.TaskGroup() as group:
            for n in range(5):
                group.create_task(actor(n))
        return digest.hexdigest()

    return run(main())


def test_the_same_seed_gives_the_same_life() -> None:
    assert _life(7) == _life(7)
    assert _life(7) != _life(8)


def test_it_is_a_factory_for_a_runner() -> None:
    with asyncio.Runner(loop_factory=SimLoop) as runner:
        assert runner.run(asyncio.sleep(1, "done")) == "done"
        assert runner.get_loop().time() == 1.0
