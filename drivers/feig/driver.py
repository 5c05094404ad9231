"""Library items on a FEIG OBID reader: the ItemReader and TagService ports over its host protocol.

Works with readers of the classic, classic-pro and CPR families in ISO host mode, over a serial line
(38400 baud, even parity as delivered), USB serial or TCP (port 10001).
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from config.device import Device
from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.feig import commands
from drivers.feig.commands import ADDRESSED, ADDRESSED_SECURITY, BadReply, Command, Iso, Status
from drivers.feig.exchange import ANSWER_S, SILENCE_S, Exchange
from drivers.feig.frames import Frame
from drivers.ports import Capability, Clock, Memory, ReaderInfo, Rng, Tag, TagInfo, Uid
from drivers.runtime.flow import Repeat
from drivers.runtime.log import Label, log
from drivers.runtime.reader_events import ReaderOpened
from drivers.transport.asking import Counts
from drivers.transport.stream import Transport

T = TypeVar("T")

_MOST_ROUNDS = 16
"""Answers to one inventory; a reader that still says there is more is broken."""

_SIGNALS = {
    # LED and beeper bits (5-4 beeper, 3-2 red, 1-0 green: 1 on, 2 off), then tenths of a second
    "off": (0b10_10_10, 0),
    "ok": (0b01_10_01, 2),
    "refused": (0b01_01_10, 6),
    "wait": (0b10_01_10, 50),
}
_CAPABILITIES = frozenset({Capability.LOCK, Capability.RF})
_WITH_LAMPS = {"MR200", "PR101", "CPR.M02", "CPR.02", "CPR.04"}

_REFUSALS: dict[int, Code] = {
    Status.NO_TAG: Code.TAG_LOST,
    Status.RF_COMMUNICATION: Code.TAG_LOST,
    Status.WRITE_ERROR: Code.TAG_NOT_WRITTEN,
    Status.ADDRESS: Code.READER_ADDRESS,
    Status.UNKNOWN_COMMAND: Code.READER_UNSUPPORTED,
    Status.SCAN_MODE: Code.READER_SCAN_MODE,
    Status.OVERFLOW: Code.READER_OVERFLOW,
}


class FeigReader:
    """An ItemReader and TagService. Calls queue: one request is on the wire at a time."""

    BAUD = 38400
    PARITY = "even"

    def __init__(
        self,
        transport: Transport,
        *,
        answer_s: float = ANSWER_S,
        silence_s: float = SILENCE_S,
        reset_before_inventory: bool = True,
        reset_before_check: bool = False,
        read_locks: bool = False,
        antenna: int = 1,
    ) -> None:
        """Set a reader up; nothing is sent before `open`.

        Args:
            transport: the wire, not opened yet.
            answer_s: deadline of an answer; above the reader's own TR-RESPONSE-TIME.
            silence_s: pause that the reader wants before a request (PSST).
            reset_before_inventory: reset the field before each inventory. As delivered a reader reports each
                tag once and silences it (CFG5, ONT bit 0); without that setting a reset costs 20 ms for nothing.
            reset_before_check: reset the field before the AFI is read back.
            read_locks: ask for the lock state of blocks with every read.
            antenna: 1 or 2.
        """
        self._device = transport.device
        self._exchange = Exchange(transport, answer_s=answer_s, silence_s=silence_s)
        self._reset_before_inventory = reset_before_inventory
        self._reset_before_check = reset_before_check
        self._mode = ADDRESSED_SECURITY if read_locks else ADDRESSED
        self._antenna = antenna
        self._queue = asyncio.Lock()

    @classmethod
    def from_config(
        cls, device: Device, transport: Transport, clock: Clock, rng: Rng
    ) -> "FeigReader":
        """The reader of a station file. Time comes from the loop, and nothing here needs chance."""
        del clock, rng
        network = device.url.startswith("socket://")
        return cls(transport, silence_s=0.0 if network else SILENCE_S)

    @property
    def counts(self) -> Counts:
        """What the wire did since it was opened."""
        return self._exchange.counts

    # --- ItemReader ---------------------------------------------------------------------------------

    async def open(self) -> ReaderInfo:
        """Probe, ask who it is, switch the field on. Safe to repeat; after a hang-up it opens the wire anew.

        Raises:
            DeviceUnavailable: the wire cannot be opened.
            DeviceTimeout: nobody answers: switched off, or another speed or parity.
            DeviceRefused: the reader will not be set up; reader.scan_mode when it reads on its own.
        """
        async with self._queue:
            if not self._exchange.alive:
                await self._exchange.open()
            try:
                await self._find()
                info = await self._who()
                await self._do(Command.RF, bytes((self._antenna,)))
            except BaseException:
                await self._exchange.close()
                raise
        log(ReaderOpened(Label(self._device), Label(info.model), Label(info.firmware)))
        return info

    async def close(self) -> None:
        """Let go of the wire. Safe to repeat; never raises."""
        await self._exchange.close()

    async def inventory(self) -> tuple[Tag, ...]:
        """Every tag in the field now, each once, in the order of the reader.

        Raises:
            DeviceRefused: reader.overflow, reader.scan_mode, or reader.status when the field is disturbed.
        """
        async with self._queue:
            await self._forget()
            try:
                return await self._inventory()
            except (DeviceTimeout, RemoteProtocolError):
                await self._forget()
                return await self._inventory()

    async def info(self, uid: Uid) -> TagInfo:
        """System information of one tag. Raises DeviceRefused, tag.lost when it does not answer."""
        async with self._queue:
            return await self._info(uid)

    async def read(self, uid: Uid, first: int, count: int) -> Memory:
        """`count` blocks from `first`, in tag order, 32 to a request.

        `locked` is empty unless the reader was set up with `read_locks`.

        Raises:
            DeviceRefused: tag.lost, or reader.status with the tag's own error, such as a block that is absent.
        """
        async with self._queue:
            return await self._read(uid, first, count)

    async def write(self, uid: Uid, first: int, data: bytes) -> None:
        """Write whole blocks; return only when they read back equal. Sent once, whatever happens.

        Raises:
            DeviceRefused: tag.lost, tag.locked, tag.not_written.
            LocalProtocolError: the data are no whole number of blocks.
        """
        async with self._queue:
            size = (await self._info(uid)).block_size
            if not data or len(data) % size:
                detail = f"{len(data)} bytes are no whole blocks of {size}"
                raise LocalProtocolError(self._device, Code.BUG, detail)
            step = commands.BLOCKS_A_REQUEST * size
            for at in range(0, len(data), step):
                piece = data[at : at + step]
                await self._write_piece(uid, first + at // size, piece, size)

    async def set_security(self, uid: Uid, afi: int) -> None:
        """Write the AFI; return only when it reads back equal.

        A tag with an AFI password, or out of reach, refuses in silence: only reading back tells. It is not looked
        at first: whoever asks has read the tag, and the look costs a third of the whole.

        Raises:
            DeviceRefused: tag.lost, tag.locked, tag.not_written.
        """
        async with self._queue:
            refusal: DeviceError | None = None
            body = bytes((Iso.WRITE_AFI, ADDRESSED)) + uid.value + bytes((afi,))
            try:
                await self._do(Command.ISO, body, repeat=Repeat.ONCE)
            except (DeviceTimeout, RemoteProtocolError, DeviceRefused) as error:
                refusal = error
            if self._reset_before_check:
                await self._do(Command.RF_RESET)
            found = await self._info(uid, tries=2)
            if found.afi != afi:
                raise self._unwritten(refusal, f"AFI is {found.afi:02x}, not {afi:02x}")

    # --- TagService ---------------------------------------------------------------------------------

    async def lock(self, uid: Uid, first: int, count: int) -> None:
        """Lock blocks for ever; return only when the tag says that they are locked.

        Raises:
            DeviceRefused: tag.lost, or tag.not_written when a block is still open.
        """
        async with self._queue:
            await self._read(uid, first, count)
            body = bytes((Iso.LOCK_BLOCKS, ADDRESSED)) + uid.value + bytes((first, count))
            refusal: DeviceError | None = None
            try:
                await self._do(Command.ISO, body, repeat=Repeat.ONCE)
            except (DeviceTimeout, RemoteProtocolError, DeviceRefused) as error:
                refusal = error
            found = await self._read(uid, first, count, ADDRESSED_SECURITY)
            if still := set(range(first, first + count)) - found.locked:
                raise self._unwritten(refusal, f"block {min(still)} is not locked")

    async def signal(self, pattern: str) -> None:
        """Lamps and beeper: off, ok, refused or wait.

        Raises:
            DeviceRefused: reader.unsupported by a reader without lamps.
            LocalProtocolError: no such pattern.
        """
        if pattern not in _SIGNALS:
            detail = f"no signal {pattern!r}; there are: {', '.join(_SIGNALS)}"
            raise LocalProtocolError(self._device, Code.BUG, detail)
        states, tenths = _SIGNALS[pattern]
        lamps = states.to_bytes(2, "big") + bytes(2) + tenths.to_bytes(2, "big") + bytes(2)
        async with self._queue:
            await self._do(Command.OUTPUT, lamps)

    async def rf(self, on: bool) -> None:
        """Switch the field; off while nobody is here."""
        async with self._queue:
            await self._do(Command.RF, bytes((self._antenna if on else 0,)))

    # --- one step each, inside the queue --------------------------------------------------------------

    async def _find(self) -> None:
        """Probe in standard frames, then in advanced ones, which some newer readers insist on."""
        try:
            self._exchange.advanced = False
            await self._exchange.probe()
        except (DeviceTimeout, RemoteProtocolError):
            self._exchange.advanced = True
            await self._exchange.probe()

    async def _who(self) -> ReaderInfo:
        frame = await self._exchange.ask(Command.READER_INFO, b"\0", repeat=Repeat.IDEMPOTENT)
        if frame.status == Status.UNKNOWN_COMMAND:
            frame = await self._exchange.ask(Command.SOFTWARE_VERSION, repeat=Repeat.IDEMPOTENT)
        data = self._good(frame).data
        if len(data) < 7:
            raise self._broken(frame, "reader information has at least 7 bytes")
        model = commands.MODELS.get(data[4], f"FEIG-{data[4]:02x}")
        lamps = {Capability.SIGNAL} if model in _WITH_LAMPS else set()
        return ReaderInfo(model, f"{data[0]}.{data[1]}", _CAPABILITIES | lamps)

    async def _forget(self) -> None:
        """Let the tags speak again that were told and silenced."""
        if self._reset_before_inventory:
            await self._do(Command.RF_RESET)

    async def _inventory(self) -> tuple[Tag, ...]:
        found: dict[Uid, Tag] = {}
        mode = 0
        for _ in range(_MOST_ROUNDS):
            # once: a repeated request would lose the tags that were told and silenced the first time
            frame = await self._exchange.ask(
                Command.ISO, bytes((Iso.INVENTORY, mode)), repeat=Repeat.ONCE
            )
            if frame.status == Status.NO_TAG:
                break
            disturbed = frame.status == Status.RF_COMMUNICATION and len(frame.data) > 1
            if frame.status not in {Status.OK, Status.MORE_DATA} and not disturbed:
                raise self._refusal(frame, Code.READER_STATUS)
            for tag in self._parsed(frame, commands.tags):
                found.setdefault(tag.uid, tag)
            if frame.status != Status.MORE_DATA:
                break
            mode = commands.MORE
        else:
            raise RemoteProtocolError(
                self._device, Code.WIRE_UNEXPECTED, "an inventory that never ends"
            )
        return tuple(found.values())

    async def _info(self, uid: Uid, *, tries: int = 1) -> TagInfo:
        body = bytes((Iso.SYSTEM_INFO, ADDRESSED)) + uid.value
        while True:
            try:
                frame = await self._do(Command.ISO, body, uid=uid.value)
                return self._parsed(frame, commands.tag_info)
            except DeviceRefused as error:
                tries -= 1
                if tries <= 0 or error.code is not Code.TAG_LOST:
                    raise

    async def _read(self, uid: Uid, first: int, count: int, mode: int = 0) -> Memory:
        if not 0 <= first < first + count <= commands.MOST_BLOCKS:
            raise LocalProtocolError(self._device, Code.BUG, f"no tag has {count} from {first}")
        memory = bytearray()
        locked: set[int] = set()
        size = 0
        head = bytes((Iso.READ, mode or self._mode)) + uid.value
        for at in range(first, first + count, commands.BLOCKS_A_REQUEST):
            number = min(commands.BLOCKS_A_REQUEST, first + count - at)
            frame = await self._do(Command.ISO, head + bytes((at, number)))
            size, data, shut = self._parsed(frame, partial(commands.blocks, wanted=number))
            memory += data
            locked.update(at + block for block in shut)
        return Memory(first, size, bytes(memory), frozenset(locked))

    async def _write_piece(self, uid: Uid, first: int, data: bytes, size: int) -> None:
        head = bytes((Iso.WRITE, ADDRESSED)) + uid.value
        body = head + bytes((first, len(data) // size, size)) + commands.mirrored(data, size)
        refusal: DeviceError | None = None
        try:
            await self._do(Command.ISO, body, repeat=Repeat.ONCE)
        except (DeviceTimeout, RemoteProtocolError, DeviceRefused) as error:
            refusal = error
        found = await self._read(uid, first, len(data) // size)
        if found.data != data:
            wrong = next(
                i for i, byte in enumerate(data) if found.data[i : i + 1] != bytes((byte,))
            )
            raise self._unwritten(refusal, f"block {first + wrong // size} reads back otherwise")

    async def _do(
        self,
        command: Command,
        body: bytes = b"",
        *,
        repeat: Repeat = Repeat.IDEMPOTENT,
        uid: bytes = b"",
    ) -> Frame:
        return self._good(await self._exchange.ask(command, body, repeat=repeat, uid=uid))

    # --- what a reply means ---------------------------------------------------------------------------

    def _good(self, frame: Frame) -> Frame:
        if frame.status != Status.OK:
            raise self._refusal(frame)
        return frame

    def _refusal(self, frame: Frame, otherwise: Code | None = None) -> DeviceRefused:
        """The refusal in a reply; `otherwise` stands for what only a single tag can say."""
        status, data = frame.status, frame.data
        code = _REFUSALS.get(status, Code.READER_STATUS)
        detail = f"command {frame.command:02x}, status {status:02x}"
        if status == Status.ISO_ERROR and data:
            locked = data[0] in {commands.ISO_LOCKED, commands.ISO_ALREADY_LOCKED}
            code = Code.TAG_LOCKED if locked else Code.READER_STATUS
            detail += f", tag error {data[0]:02x}" + (f", block {data[1]}" if len(data) > 1 else "")
        elif status == Status.WRITE_ERROR and data:
            detail += f", block {data[0]}"
        if otherwise is not None and code is Code.TAG_LOST:
            code = otherwise
        return DeviceRefused(self._device, code, detail)

    def _unwritten(self, refusal: DeviceError | None, detail: str) -> DeviceRefused:
        """Why something reads back wrong: the tag's own word where it gave one."""
        if refusal is not None and refusal.code is Code.TAG_LOCKED:
            return DeviceRefused(self._device, Code.TAG_LOCKED, refusal.detail)
        said = f" ({refusal.detail})" if refusal is not None and refusal.detail else ""
        return DeviceRefused(self._device, Code.TAG_NOT_WRITTEN, detail + said)

    def _parsed(self, frame: Frame, parse: Callable[[bytes], T]) -> T:
        try:
            return parse(frame.data)
        except BadReply as error:
            raise self._broken(frame, str(error)) from None

    def _broken(self, frame: Frame, detail: str) -> RemoteProtocolError:
        return RemoteProtocolError(self._device, Code.WIRE_UNEXPECTED, detail, frame.body)
