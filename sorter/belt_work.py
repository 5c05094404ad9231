"""The work of the belt's link: one cycle after the other, and between them destinations and commands.

A cycle takes what the belt says to the flow and the flow's acknowledgement to the belt. The link counts as lost when no
cycle has succeeded for a while: then the flow shuts the inlet, the wire is opened anew, and the belt's own watchdog has
shut it already. Before it is opened again, everything it said must be durable.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.ports import (
    BeltCommand,
    BeltInfo,
    BeltState,
    CommandResult,
    Online,
    Sign,
    SortingBelt,
)
from drivers.runtime.flow import Event
from sorter.belt import acts
from sorter.belt.items import ENCODER
from sorter.belt.line import Line

COUNTED_S = 1.0
DRAIN_S = 1.0
"""So long who scans waits until all is heard that the belt had to tell before."""
HALF = 0x8000
WORD = 0x10000


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the belt stood at an instant of the loop."""

    at: float
    encoder: int
    pulses_a_s: float


class BeltWork:
    """Serves one belt."""

    def __init__(
        self,
        belt: SortingBelt,
        *,
        state: Callable[[], Line],
        put: Callable[[Event], None],
        linked: Callable[[BeltInfo, int, bool], Awaitable[None]],
        cycle_s: float,
        link_s: float,
    ) -> None:
        """Nothing is opened yet.

        Args:
            belt: the belt.
            state: the line as it is now.
            put: takes events.
            linked: writes each opening down: who answers, the last event taken, whether it is the belt we knew.
            cycle_s: between the beginnings of two cycles.
            link_s: without a cycle for so long the link is lost.
        """
        self._belt = belt
        self._state = state
        self._put = put
        self._linked = linked
        self._cycle_s = cycle_s
        self._link_s = link_s
        self._wire = asyncio.Lock()
        self._up = asyncio.Event()
        self._steps = asyncio.Event()
        self._head_at: tuple[float, int] | None = None
        """Of the last cycle: when it began, and the sequence of the newest event then."""
        self._moment: Moment | None = None

    async def serve(self, ready: Callable[[], None]) -> None:
        """Open the belt and keep its cycle until the link is lost. Raises DeviceError."""
        try:
            await self._all_durable()
            info = await self._belt.open()
            known = self._state().info
            same = known is not None and known.boot_id == info.boot_id
            taken = self._state().heard if same else await self._head()
            await self._linked(info, taken, same)
            self._put(acts.LinkUp(info, taken, self._state().number))
            ready()
            self._up.set()
            await self._cycles(info)
        finally:
            self._up.clear()
            self._moment = self._head_at = None
            self._put(acts.LinkDown())
            await self._belt.close()

    async def send(self, item: int, bin: int, alternate: int) -> None:
        """As `SortingBelt.send`, between two cycles. Raises DeviceError."""
        async with self._ready():
            await self._belt.send(item, bin, alternate)

    async def command(self, command: BeltCommand, arguments: Sequence[int]) -> CommandResult:
        """As `SortingBelt.command`, between two cycles. Raises DeviceError."""
        async with self._ready():
            return await self._belt.command(command, arguments)

    def stepped(self) -> None:
        """The line is another: something was heard, or became durable, or the link was lost."""
        self._steps.set()

    async def drained(self) -> bool:
        """Wait until all is heard that the belt has to tell by now; False where that takes too long, or nobody answers."""
        asked = asyncio.get_running_loop().time()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                while self._up.is_set() and (self._head_at is None or self._head_at[0] < asked):
                    await self._step()
                if self._up.is_set() and self._head_at is not None:
                    head = self._head_at[1]
                    while self._up.is_set() and (self._state().heard - head) % WORD >= HALF:
                        await self._step()
                    return self._up.is_set()
        return False

    async def _step(self) -> None:
        self._steps.clear()
        await self._steps.wait()

    async def linked(self, within: float) -> None:
        """Wait until the link stands, or so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._up.wait()
        except TimeoutError:
            pass

    def encoder_at(self, at: float) -> int | None:
        """Where the belt stood at an instant of the loop, from the last cycle and its speed; None without one."""
        if self._moment is None:
            return None
        pulses = (at - self._moment.at) * self._moment.pulses_a_s
        return (self._moment.encoder + round(pulses)) % ENCODER

    # --- inside -------------------------------------------------------------------------------------

    def _ready(self) -> asyncio.Lock:
        if not self._up.is_set():
            raise DeviceUnavailable("belt", Code.PORT_GONE, "the belt is not linked")
        return self._wire

    async def _all_durable(self) -> None:
        """What was heard and is not in the journal must be before the belt is asked to tell on."""
        while self._state().durable != self._state().heard:
            await self._step()

    async def _head(self) -> int:
        """Sequence of the newest event of a belt that we do not know. One ahead of `taken` counts as none pending."""
        for taken in (0, HALF):
            said = await self._belt.cycle(taken=taken, induct=False, degraded=True)
            if said.pending:
                return (taken + said.pending) % WORD
        return 0

    async def _cycles(self, info: BeltInfo) -> None:
        loop = asyncio.get_running_loop()
        good = loop.time()
        counted = float("-inf")
        while True:
            began = loop.time()
            try:
                async with asyncio.timeout_at(good + self._link_s):
                    taken = self._state().durable
                    said = await self._cycle(taken)
            except TimeoutError as error:
                if isinstance(error, DeviceError) and began < good + self._link_s:
                    continue
                raise DeviceTimeout("belt", Code.WIRE_SILENT, "no cycle in time") from None
            except RemoteProtocolError:
                await self._pause(began, loop)
                continue
            if said.boot_id != info.boot_id:
                raise DeviceUnavailable("belt", Code.PORT_GONE, "the controller started anew")
            good = began
            self._head_at = (began, (taken + said.pending) % WORD)
            self._stood(info, said, began + (loop.time() - began) / 2)
            self._put(acts.Heard(said, taken))
            if began >= counted + COUNTED_S:
                counted = began
                await self._count(good)
            await self._pause(began, loop)

    async def _count(self, good: float) -> None:
        """The belt's own list of its alarms, once a second; one that does not come, or is refused, is asked for a second later."""
        with suppress(DeviceRefused, RemoteProtocolError, DeviceTimeout, TimeoutError):
            async with asyncio.timeout_at(good + self._link_s), self._wire:
                self._put(acts.Counted(await self._belt.counters()))

    async def _pause(self, began: float, loop: asyncio.AbstractEventLoop) -> None:
        await asyncio.sleep(max(0.0, began + self._cycle_s - loop.time()))

    async def _cycle(self, taken: int) -> BeltState:
        async with self._wire:
            line = self._state()
            return await self._belt.cycle(
                taken=taken,
                induct=line.induct,
                degraded=line.library not in {Online.ONLINE, Online.REPLAYING},
            )

    def _stood(self, info: BeltInfo, said: BeltState, at: float) -> None:
        moving = Sign.MOVING in said.signs
        speed = said.mm_s * info.pulses_a_metre / 1000 if moving else 0.0
        self._moment = Moment(at, said.encoder, speed)
