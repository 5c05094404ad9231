"""Library items on a 3M 210 or 810 reader (Bibliotheca): the ItemReader and TagService ports over its protocol.

Over USB serial, 19200 baud without parity as delivered. What the specification leaves open, and field software does
all the same (waking up, setting up), may fail without harm. It has no command for lamps and none for the field.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from config.device import Device
from drivers.bibliotheca import commands
from drivers.bibliotheca.commands import BLOCK_SIZE, BadReply, Command, Error, Known
from drivers.bibliotheca.exchange import ANSWER_S, Exchange
from drivers.bibliotheca.frames import Frame
from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.ports import Capability, Clock, Memory, ReaderInfo, Rng, Tag, TagInfo, Uid
from drivers.runtime.flow import Repeat
from drivers.runtime.log import Label, log
from drivers.runtime.reader_events import ReaderOpened
from drivers.transport.asking import Counts
from drivers.transport.stream import Transport

T = TypeVar("T")

AFI_TRIES = 10
"""An 810 often fails to write an AFI; each try is read back before the next (Biblio-RFID goes on up to 100 times)."""
WRITE_TRIES = 3
"""The same for blocks (Biblio-RFID: 10)."""
TRYING_S = 2.0
"""No new try begins later: a borrower waits, and the flow above asks again."""
CHECKS = 3
"""How often a tag that is silent is asked whether a write took."""

_CAPABILITIES = frozenset({Capability.AFI_FILTER, Capability.LOCK})
_TAG_IT = bytes(4)
"""A Tag-it tag is no ISO 15693 tag: a serial of four bytes behind four zero bytes, and no AFI."""

_REFUSALS: dict[int, Code] = {
    Error.NOT_IMPLEMENTED: Code.READER_UNSUPPORTED,
    Error.NO_TAG: Code.TAG_LOST,
    Error.LOCKED: Code.TAG_LOCKED,
    Error.NOT_WRITTEN: Code.TAG_NOT_WRITTEN,
    Error.FULL: Code.READER_OVERFLOW,
}
_CANNOT_TELL = {Error.NOT_IMPLEMENTED, Error.NOT_SUPPORTED, 0x21, 0x22, 0x23}
"""The reader, or the tag (21 to 23 are its own errors 1 to 3), does not know the question."""


class BibliothecaReader:
    """An ItemReader and TagService. Calls queue: one request is on the wire at a time."""

    BAUD = 19200
    PARITY = "none"

    def __init__(
        self,
        transport: Transport,
        *,
        answer_s: float = ANSWER_S,
        ask_dsfid: bool = False,
        set_up: bool = True,
    ) -> None:
        """Set a reader up; nothing is sent before `open`.

        Args:
            transport: the wire, not opened yet.
            answer_s: deadline of an answer.
            ask_dsfid: ask for the DSFID of every tag in an inventory; field software does not.
            set_up: send what field software sends after waking a reader up.
        """
        self._device = transport.device
        self._exchange = Exchange(transport, answer_s=answer_s)
        dsfid = commands.WITH_DSFID if ask_dsfid else 0
        self._options = commands.WITH_UID | commands.AS_SEEN | dsfid
        self._set_up = set_up
        self._queue = asyncio.Lock()

    @classmethod
    def from_config(
        cls, device: Device, transport: Transport, clock: Clock, rng: Rng
    ) -> "BibliothecaReader":
        """The reader of a station file. Time comes from the loop, and nothing here needs chance."""
        del device, clock, rng
        return cls(transport)

    @property
    def counts(self) -> Counts:
        """What the wire did since it was opened."""
        return self._exchange.counts

    # --- ItemReader ---------------------------------------------------------------------------------

    async def open(self) -> ReaderInfo:
        """Wake up, ask the version, set up. Safe to repeat; after a hang-up it opens the wire anew.

        Raises:
            DeviceUnavailable: the wire cannot be opened.
            DeviceTimeout: nobody answers: switched off, or another speed or parity.
            DeviceRefused: reader.unsupported by what tells no version.
        """
        async with self._queue:
            if not self._exchange.alive:
                await self._exchange.open()
            try:
                model = await self._woken()
                firmware = self._parsed(self._good(await self._exchange.probe()), commands.version)
                if self._set_up and model is not None:
                    await self._as_in_the_field(commands.SET_UP[model])
            except BaseException:
                await self._exchange.close()
                raise
        info = ReaderInfo(f"3M-{model or '210/810'}", str(firmware), _CAPABILITIES)
        log(ReaderOpened(Label(self._device), Label(info.model), Label(info.firmware)))
        return info

    async def close(self) -> None:
        """Let go of the wire. Safe to repeat; never raises."""
        await self._exchange.close()

    async def inventory(self, afi: int = commands.ANY_AFI) -> tuple[Tag, ...]:
        """Every tag in the field now, each once, in the order of the reader; with `afi`, those that have it.

        Raises:
            DeviceRefused: reader.overflow, or reader.status when the reader cannot look.
        """
        async with self._queue:
            frame = await self._exchange.ask(
                Command.INVENTORY, bytes((afi, self._options)), repeat=Repeat.IDEMPOTENT
            )
        if frame.error == Error.NO_TAG:
            return ()
        if frame.error != Error.NONE:
            raise self._refusal(frame)
        shape = partial(commands.tags, afi=afi, options=self._options)
        return tuple({tag.uid: tag for tag in self._parsed(frame, shape)}.values())

    async def info(self, uid: Uid) -> TagInfo:
        """What one tag tells of itself. Raises DeviceRefused, tag.lost when it does not answer.

        A tag need not know all of it: AFI and DSFID are then asked for one by one, and are 0 when that fails too;
        the chip is 0, and the size the least that a library tag has. So it is with every Tag-it tag.
        """
        async with self._queue:
            if uid.value.startswith(_TAG_IT):
                await self._read(uid, 0, 1)
                known = Known()
            else:
                known = await self._known(uid)
                if known.afi is None:
                    known = replace(known, afi=await self._told(Command.READ_AFI, uid))
                if known.dsfid is None:
                    known = replace(known, dsfid=await self._told(Command.READ_DSFID, uid))
            return TagInfo(
                uid,
                dsfid=known.dsfid or 0,
                afi=known.afi or 0,
                block_size=known.block_size or BLOCK_SIZE,
                blocks=known.blocks or commands.LEAST_BLOCKS,
                ic_ref=known.ic_ref or 0,
            )

    async def read(self, uid: Uid, first: int, count: int) -> Memory:
        """`count` blocks from `first`, in tag order, 32 to a request, and which of them are locked.

        Raises:
            DeviceRefused: tag.lost, or reader.status for a block that is absent or cannot be read.
        """
        async with self._queue:
            return await self._read(uid, first, count)

    async def write(self, uid: Uid, first: int, data: bytes) -> None:
        """Write whole blocks of four bytes; return only when they read back equal.

        What reads back otherwise is written again, a few times; nothing is sent again before it was read.

        Raises:
            DeviceRefused: tag.lost, tag.locked, tag.not_written.
            LocalProtocolError: the data are no whole number of blocks.
        """
        if not data or len(data) % BLOCK_SIZE:
            detail = f"{len(data)} bytes are no whole blocks of {BLOCK_SIZE}"
            raise LocalProtocolError(self._device, Code.BUG, detail)
        step = commands.BLOCKS_A_REQUEST * BLOCK_SIZE
        async with self._queue:
            for at in range(0, len(data), step):
                await self._write_piece(uid, first + at // BLOCK_SIZE, data[at : at + step])

    async def set_security(self, uid: Uid, afi: int) -> None:
        """Write the AFI if it is not right already; return only when it reads back equal.

        An 810 often fails at it, so what reads back otherwise is written again, some times; nothing is sent again
        before it was read.

        Raises:
            DeviceRefused: tag.lost, tag.locked, tag.not_written; the last also of a Tag-it tag, which has no AFI.
        """
        if uid.value.startswith(_TAG_IT):
            raise DeviceRefused(self._device, Code.TAG_NOT_WRITTEN, "a Tag-it tag has no AFI")

        async def wrong() -> tuple[str, bool]:
            found = await self._afi(uid, CHECKS)
            return "" if found == afi else f"AFI is {found:02x}, not {afi:02x}", False

        async with self._queue:
            if await self._afi(uid, 1) != afi:
                await self._until_right(
                    Command.WRITE_AFI, uid, bytes((afi,)), wrong=wrong, tries=AFI_TRIES
                )

    # --- TagService ---------------------------------------------------------------------------------

    async def lock(self, uid: Uid, first: int, count: int) -> None:
        """Lock blocks for ever; return only when the tag says that they are locked.

        Raises:
            DeviceRefused: tag.lost, or tag.not_written when a block is still open.
        """
        async with self._queue:
            before = await self._read(uid, first, count)
            for block in range(first, first + count):
                if block not in before.locked:
                    await self._once(Command.LOCK_BLOCK, uid, bytes((block,)))
            found = await self._read(uid, first, count)
            if still := set(range(first, first + count)) - found.locked:
                detail = f"block {min(still)} is not locked"
                raise DeviceRefused(self._device, Code.TAG_NOT_WRITTEN, detail)

    async def signal(self, pattern: str) -> None:
        """Raises DeviceRefused, reader.unsupported: the protocol knows no lamps."""
        raise DeviceRefused(self._device, Code.READER_UNSUPPORTED, f"no lamps for {pattern!r}")

    async def rf(self, on: bool) -> None:
        """Raises DeviceRefused, reader.unsupported: the protocol has no command for the field."""
        raise DeviceRefused(self._device, Code.READER_UNSUPPORTED, f"field {'on' if on else 'off'}")

    # --- one step each, inside the queue --------------------------------------------------------------

    async def _woken(self) -> str | None:
        """The model by the hardware version in the answer; None when there is no answer, or a strange one."""
        frame = await self._exchange.wake_up()
        try:
            return commands.version(frame.data).model if frame is not None else None
        except BadReply:
            return None

    async def _as_in_the_field(self, body: bytes) -> None:
        """What no document tells; a reader that does not take it works all the same."""
        try:
            await self._exchange.ask(Command.SET_UP, body, repeat=Repeat.ONCE)
        except (DeviceTimeout, RemoteProtocolError):
            pass

    async def _known(self, uid: Uid) -> Known:
        mask = bytes((commands.INFO_ALL,))
        frame = await self._asked(Command.TAG_INFO, uid, mask)
        if frame.error in _CANNOT_TELL:
            return Known()
        return self._parsed(self._good(frame), commands.known)

    async def _told(self, command: Command, uid: Uid) -> int | None:
        frame = await self._asked(command, uid)
        return self._parsed(frame, commands.byte) if frame.error == Error.NONE else None

    async def _afi(self, uid: Uid, tries: int) -> int:
        while True:
            tries -= 1
            frame = await self._asked(Command.READ_AFI, uid)
            if frame.error == Error.NONE or tries == 0:
                return self._parsed(self._good(frame), commands.byte)

    async def _read(self, uid: Uid, first: int, count: int) -> Memory:
        if not 0 <= first < first + count <= commands.MOST_BLOCKS:
            raise LocalProtocolError(self._device, Code.BUG, f"no tag has {count} from {first}")
        memory = bytearray()
        locked: set[int] = set()
        for at in range(first, first + count, commands.BLOCKS_A_REQUEST):
            number = min(commands.BLOCKS_A_REQUEST, first + count - at)
            frame = await self._asked(Command.READ, uid, bytes((at, number)))
            if frame.error == Error.NO_TAG and number > 1:
                await self._not_absent(uid, at, number)
            found = self._parsed(
                self._good(frame), partial(commands.blocks, first=at, wanted=number)
            )
            for block in found:
                if block.error:
                    raise self._refused(block.error, f"block {block.number}")
            if len(found) < number:
                raise self._refused(Error.ABSENT, f"block {at + len(found)}")
            memory += b"".join(block.data for block in found)
            locked.update(block.number for block in found if block.lock)
        return Memory(first, BLOCK_SIZE, bytes(memory), frozenset(locked))

    async def _not_absent(self, uid: Uid, first: int, count: int) -> None:
        """A tag need not answer for blocks that it does not have: then it is not lost, it is smaller."""
        alone = await self._asked(Command.READ, uid, bytes((first, 1)))
        if alone.error == Error.NONE:
            raise self._refused(Error.ABSENT, f"among blocks {first} to {first + count - 1}")

    async def _write_piece(self, uid: Uid, first: int, data: bytes) -> None:
        count = len(data) // BLOCK_SIZE

        async def wrong() -> tuple[str, bool]:
            found = await self._read(uid, first, count)
            for at in range(0, len(data), BLOCK_SIZE):
                if found.data[at : at + BLOCK_SIZE] != data[at : at + BLOCK_SIZE]:
                    block = first + at // BLOCK_SIZE
                    return f"block {block} reads back otherwise", block in found.locked
            return "", False

        body = bytes((first, count, 0)) + data
        await self._until_right(Command.WRITE, uid, body, wrong=wrong, tries=WRITE_TRIES)

    async def _until_right(
        self,
        command: Command,
        uid: Uid,
        body: bytes,
        *,
        wrong: Callable[[], Awaitable[tuple[str, bool]]],
        tries: int,
    ) -> None:
        """Write and read back by turns. `wrong` says what still is, if anything, and whether it is locked."""
        loop = asyncio.get_running_loop()
        end = loop.time() + TRYING_S
        while True:
            tries -= 1
            refusal = await self._once(command, uid, body)
            detail, locked = await wrong()
            if not detail:
                return
            said = f" ({refusal.detail})" if refusal is not None and refusal.detail else ""
            if locked or (refusal is not None and refusal.code is Code.TAG_LOCKED):
                raise DeviceRefused(self._device, Code.TAG_LOCKED, detail + said)
            if tries == 0 or loop.time() >= end:
                raise DeviceRefused(self._device, Code.TAG_NOT_WRITTEN, detail + said)

    async def _once(self, command: Command, uid: Uid, body: bytes) -> DeviceError | None:
        """Send a write; give what spoke against it, which may be the answer only. Reading back must tell."""
        try:
            frame = await self._exchange.ask(command, body, repeat=Repeat.ONCE, uid=uid.value)
            return None if frame.error == Error.NONE else self._refusal(frame)
        except (DeviceTimeout, RemoteProtocolError) as error:
            return error

    async def _asked(self, command: Command, uid: Uid, body: bytes = b"") -> Frame:
        return await self._exchange.ask(command, body, repeat=Repeat.IDEMPOTENT, uid=uid.value)

    # --- what a reply means ---------------------------------------------------------------------------

    def _good(self, frame: Frame) -> Frame:
        if frame.error != Error.NONE:
            raise self._refusal(frame)
        return frame

    def _refusal(self, frame: Frame) -> DeviceRefused:
        return self._refused(frame.error, f"command {frame.command:02x}")

    def _refused(self, error: int, what: str) -> DeviceRefused:
        code = _REFUSALS.get(error, Code.READER_STATUS)
        return DeviceRefused(self._device, code, f"{what}, error {error:02x}")

    def _parsed(self, frame: Frame, parse: Callable[[bytes], T]) -> T:
        try:
            return parse(frame.data)
        except BadReply as error:
            raise RemoteProtocolError(
                self._device, Code.WIRE_UNEXPECTED, str(error), frame.body
            ) from None
