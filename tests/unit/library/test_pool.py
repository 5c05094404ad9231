"""Several links as one: who takes a question, how the pool is reached, what waits."""

import asyncio
from typing import Any, cast

from drivers.library.pool import Pool
from drivers.ports import Item, LibrarySystem, Online, Outcome


class OneLink:
    """A link that answers when it is let."""

    parallel = 1

    def __init__(self, online: Online = Online.ONLINE) -> None:
        self.state = online
        self.go = asyncio.Event()
        self.asked: list[str] = []
        self.told: Any = None
        self.rows: bool | None = None

    def online(self) -> Online:
        return self.state

    def on_change(self, told: Any) -> None:
        self.told = told

    def queued(self, rows: bool) -> None:
        self.rows = rows

    async def item(self, item: str) -> Item:
        self.asked.append(item)
        await self.go.wait()
        return Item(Outcome.DONE, item=item)


def pool(*links: OneLink) -> Pool:
    return Pool([cast(LibrarySystem, link) for link in links])


async def test_questions_run_side_by_side_and_the_third_waits_for_a_link() -> None:
    a, b = OneLink(), OneLink()
    whole = pool(a, b)
    asking = [asyncio.create_task(whole.item(str(n))) for n in range(3)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert (a.asked, b.asked) == (["0"], ["1"])
    b.go.set()
    assert (await asking[2]).item == "2"
    assert b.asked == ["1", "2"]
    a.go.set()
    await asyncio.gather(*asking)


async def test_a_link_that_is_away_is_not_asked_while_another_is_there() -> None:
    gone, there = OneLink(Online.OFFLINE), OneLink()
    there.go.set()
    await pool(gone, there).item("1")
    assert (gone.asked, there.asked) == ([], ["1"])


async def test_the_pool_is_reached_as_well_as_its_best_link_and_says_so_once_a_change() -> None:
    a, b = OneLink(Online.UNKNOWN), OneLink(Online.UNKNOWN)
    whole = pool(a, b)
    heard: list[Online] = []
    whole.on_change(heard.append)
    for link, state in ((a, Online.ONLINE), (b, Online.ONLINE), (a, Online.OFFLINE), (b, Online.OFFLINE)):  # fmt: skip
        link.state = state
        link.told(state)
    assert heard == [Online.ONLINE, Online.OFFLINE]
    whole.queued(True)
    assert (a.rows, b.rows) == (True, True)


async def test_who_stops_waiting_leaves_its_link_to_others() -> None:
    link = OneLink()
    whole = pool(link)
    first = asyncio.create_task(whole.item("1"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    link.go.set()
    assert (await whole.item("2")).item == "2"
