"""The exchanges of item readers, each on a wire whose far end says what a test wants said."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from drivers.bibliotheca import commands as of_3m
from drivers.bibliotheca import exchange as by_3m
from drivers.feig import commands as of_feig
from drivers.feig import exchange as by_feig
from drivers.runtime.flow import Repeat
from drivers.transport.memory import MemoryTransport
from hw_sim.simloop import SimLoop


@dataclass(frozen=True)
class Manner:
    """What one kind of reader is asked, and what it says, from its document."""

    exchange: Callable[[MemoryTransport], Any]
    command: Any
    asked: bytes
    """With the command: which tags are there?"""
    inventory: bytes
    tags: bytes
    """A good answer to it."""
    data: bytes
    """What stands in that."""
    nothing: bytes
    """The answer where no tag is."""
    probe: bytes
    probed: bytes
    answer_s: float
    given_up_s: float
    """After so long an idempotent request that nobody answers has failed."""
    begins: bytes
    """A byte that looks like the start of a frame."""
    broken: Mapping[str, bytes] = field(default_factory=dict)


_ONE = bytes.fromhex("1100b000010300e0040150a05f02b7d7be")
_NONE = bytes.fromhex("0600b0015c63")
FEIG = Manner(
    by_feig.Exchange,
    of_feig.Command.ISO,
    b"\x01\x00",
    bytes.fromhex("07ffb001001c56"),
    _ONE,
    _ONE[4:-2],
    _NONE,
    bytes.fromhex("06ff52000f6e"),
    bytes.fromhex("06005200fca8"),
    by_feig.ANSWER_S,
    2 * by_feig.ANSWER_S,
    b"\x40",
    {
        "wrong CRC": _ONE[:-1] + b"\xbf",
        "half": _ONE[:9],
        "noise": b"\x00\xff\x01",
        "a long length": b"\x02\x07\xff",
        "a flipped command": _NONE[:2] + b"\xb1" + _NONE[3:],
    },
)
_TWO = bytes.fromhex("d60017fe000005020000000000ad6302e0070000006000ae9ba5")
BIBLIOTHECA = Manner(
    by_3m.Exchange,
    of_3m.Command.INVENTORY,
    b"\x00\x05",
    bytes.fromhex("d60005fe0005fa40"),
    _TWO,
    _TWO[5:-2],
    bytes.fromhex("d60004fe06f7f7"),
    bytes.fromhex("d60003116420"),
    bytes.fromhex("d6000811000a0302063517"),
    by_3m.ANSWER_S,
    by_3m.ANSWER_S + 2 * by_3m.PROBE_S,
    b"\xd6",
    {
        "wrong CRC": _TWO[:-1] + b"\xa4",
        "half": _TWO[:9],
        "noise": b"\x00\xff\x01",
        "a long length": b"\xd6\x07\xff",
    },
)
MANNERS = {"feig": FEIG, "bibliotheca": BIBLIOTHECA}


class Line:
    """The far end of a wire: what came, when, and what is said to each kind of request."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.wire = MemoryTransport("pad")
        self.exchange = manner.exchange(self.wire)
        self.heard: list[tuple[float, bytes]] = []
        self.say: dict[bytes, list[bytes]] = {manner.probe: [manner.probed] * 99}
        """Answers to a request in turn; when none is left, silence."""
        self.wire.far.received = self._received

    @property
    def requests(self) -> list[bytes]:
        return [data for _, data in self.heard]

    def later(self, seconds: float, data: bytes) -> None:
        asyncio.get_running_loop().call_later(seconds, self.wire.far.send, data)

    async def inventory(self, repeat: Repeat = Repeat.ONCE) -> Any:
        return await self.exchange.ask(self.manner.command, self.manner.asked, repeat=repeat)

    def _received(self, data: bytes) -> None:
        self.heard.append((asyncio.get_running_loop().time(), data))
        if (left := self.say.get(data)) and (answer := left.pop(0)):
            self.wire.far.send(answer)


L = TypeVar("L", bound=Line)


def play(scene: Callable[[L], Coroutine[Any, Any, None]], line: Callable[[], L]) -> None:
    """One scene on an open line, in virtual time; nothing may be left running."""

    async def all_of_it() -> None:
        made = line()
        await made.exchange.open()
        async with asyncio.timeout(600):
            await scene(made)
        await made.exchange.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(all_of_it())


def now() -> float:
    return asyncio.get_running_loop().time()
