"""One line to the library system: one outstanding message, its answer, and every doubt about it.

Source: 3M Standard Interchange Protocol 2.00 rev. 2.12, "Error detection" and "Retries". Where real
servers do less than the standard asks (no answer repeated for a duplicate, error detection that vanishes,
a 98 for anything), the line is dropped and made anew: the standard's own order is then 93/94, 99/98, work.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.ports import Secret
from drivers.runtime.log import LogEvent, log
from drivers.sip2.dialect import Dialect, ErrorDetection
from drivers.sip2.frames import DEVICE, Framer, decode, encode, verify
from drivers.sip2.messages import ANSWERS, KINDS, Check, Message, message
from drivers.transport.stream import Transport

RESEND = encode(Message(KINDS["97"], ()))
"""`97AZFEF5`: the sum is constant, for a 97 never carries AY."""
LEAST_PATIENCE_S, MOST_PATIENCE_S = 2.0, 20.0
"""Clamp of the 98's own timeout: a sample server says 0.5 s and needs more."""
MOST_RETRIES = 3
_BACKLOG = 16


class LinkLost(DeviceUnavailable):
    """No answer to be had. `sent` tells whether the command may have left: only then is it unknown."""

    def __init__(self, code: Code, detail: str = "", *, sent: bool, raw: bytes = b"") -> None:
        super().__init__(DEVICE, code, detail, raw)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class LineUp(LogEvent):
    """The library system answered a 99 with a 98."""

    name: ClassVar[str] = "library.line.up"


@dataclass(frozen=True, slots=True)
class LineDropped(LogEvent):
    """The line was dropped, or could not be made; said once until it is up again."""

    name: ClassVar[str] = "library.line.dropped"
    level: ClassVar[Literal["debug", "info", "warning", "error"]] = "warning"
    code: Code
    sent: bool


Leaving = Callable[[], None]
"""Called when the first byte of a command is about to leave."""


class Once(Protocol):
    """One try of one command. With a deadline it leaves time for a second one."""

    async def __call__(self, leaving: Leaving, deadline: float | None = None) -> Message: ...


async def answered(
    once: "Once",
    name: str,
    *,
    again: bool,
    within: float,
    turn: AbstractAsyncContextManager[object],
    sent: Leaving | None,
    tell: Callable[[Code, bool], None],
) -> Message:
    """One command to its answer within so many seconds in all; the same for every kind of line.

    When `again`, a try that left and got no answer is made a second time. `tell` hears of a deadline that
    ran out. Raises as `Link.call` does.
    """
    left = False

    def leaving() -> None:
        nonlocal left
        left = True
        if sent is not None:
            sent()

    try:
        async with asyncio.timeout(within) as limit, turn:
            if again:
                try:
                    return await once(leaving, limit.when())
                except (TimeoutError, DeviceError) as error:
                    final = isinstance(error, DeviceError) and error.code is Code.LIBRARY_LOGIN
                    if not left or final:
                        raise
            return await once(leaving)
    except LocalProtocolError:
        raise
    except DeviceError as error:
        unknown = left and error.code is not Code.LIBRARY_LOGIN
        raise LinkLost(error.code, error.detail, sent=unknown, raw=error.raw) from error
    except TimeoutError:
        tell(Code.WIRE_SILENT, left)
        raise LinkLost(Code.WIRE_SILENT, name, sent=left) from None


def first_share(deadline: float, patience: float) -> float:
    """How long a first try waits: as the library system asks, but at most half of what is left."""
    half = (deadline - asyncio.get_running_loop().time()) / 2
    return max(min(patience, half), LEAST_PATIENCE_S)


@dataclass(slots=True)
class Counts:
    """What went by unharmed but should not have happened."""

    bad_sums: int = 0
    strays: int = 0
    unknown_messages: int = 0


class Link:
    """The exchange. Calls queue; each is answered, or the line is dropped and LinkLost raised."""

    def __init__(
        self,
        transport: Transport,
        dialect: Dialect,
        *,
        user: str,
        password: Secret,
        location: str = "",
        told: Callable[[Message], None] = lambda _status: None,
    ) -> None:
        """`told` is called with every 98, asked for or not. Without `user` no 93 is sent."""
        self._transport = transport
        self._dialect = dialect
        self._login = (user, password, location)
        self._told = told
        self._lock = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._inbox: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._ended: DeviceError | None = None
        self._up = False
        self._told_down = False
        self._mode = ErrorDetection.OFF
        self._learned = False
        self._seq = -1
        self._patience = MOST_PATIENCE_S
        self._retries = MOST_RETRIES
        self.counts = Counts()

    @property
    def up(self) -> bool:
        """Whether a 98 proved the line and nothing has ended it since."""
        return self._up and self._ended is None

    async def call(
        self, request: Message, *, within: float, sent: Callable[[], None] | None = None
    ) -> Message:
        """Send one command and give its answer, in at most `within` seconds in all.

        A command that the dialect says may be repeated is sent a second time, on a new line, when the first
        try left and got no answer. `sent` is called each time the first byte is about to leave, so at most
        twice. A 99 that had to make the line anew is answered by the 98 that proved it.

        Raises:
            LinkLost: no answer; `sent` tells whether the command may have left. Its code is
                library.login when the library system refused the login.
            LocalProtocolError: the message cannot be sent as it is; nothing left.
        """

        async def once(leaving: Leaving, deadline: float | None = None) -> Message:
            return await self._once(request, leaving, deadline)

        return await answered(
            once,
            request.kind.name,
            again=request.kind.id in self._dialect.resent,
            within=within,
            turn=self._lock,
            sent=sent,
            tell=self._tell,
        )

    async def drop(self) -> None:
        """Hang up; the next call makes a new line."""
        self._up = False
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
        await self._transport.close()
        if reader is not None:
            await asyncio.wait([reader])

    async def _once(
        self, request: Message, leaving: Callable[[], None], deadline: float | None = None
    ) -> Message:
        """One try. With a deadline it leaves time for a second one."""
        left = False

        def marked() -> None:
            nonlocal left
            left = True
            leaving()

        try:
            status = await self._ready()
            if status is not None and request.kind.id == "99":
                return status
            async with asyncio.timeout(
                None if deadline is None else first_share(deadline, self._patience)
            ):
                return await self._exchange(request, marked)
        except LocalProtocolError:
            raise
        except (
            BaseException
        ) as error:  # whatever it was, an answer may still come: the line is spent
            if not isinstance(error, asyncio.CancelledError):  # `call` tells of its own deadline
                self._tell(error.code if isinstance(error, DeviceError) else Code.WIRE_SILENT, left)
            await self.drop()
            raise

    def _tell(self, code: Code, sent: bool) -> None:
        """Say once that the line is down."""
        if not self._told_down:
            self._told_down = True
            log(LineDropped(code, sent))

    async def _ready(self) -> Message | None:
        """The line proven by a 98, which is given when it was made just now."""
        if self.up:
            return None
        await self.drop()
        await self._transport.open()
        self._inbox.clear()
        self._ended = None
        self._seq = -1
        self._mode, self._learned = self._dialect.error_detection, False
        self._reader = asyncio.create_task(self._read())
        user, password, location = self._login
        if user:
            fields = [f"CN{user}", f"CO{password.reveal()}"] + (
                [f"CP{location}"] if location else []
            )
            answer = await self._exchange(
                message("93", *fields, uid_algorithm="0", password_algorithm="0")
            )
            if answer.part("ok") != "1":
                raise DeviceRefused(DEVICE, Code.LIBRARY_LOGIN)
        status = await self._exchange(message("99", status="0", print_width="080", version="2.00"))
        self._up, self._told_down = True, False
        log(LineUp())
        return status

    async def _exchange(
        self, request: Message, leaving: Callable[[], None] = lambda: None
    ) -> Message:
        """The rules of one command on an open line (the standard's table of retries)."""
        expected = ANSWERS[request.kind.id]
        frame, seq = self._framed(request)
        self.counts.strays += len(self._inbox)
        self._inbox.clear()
        leaving()
        await self._transport.write(frame)
        bad = strange = resent = restated = 0
        asked_again = False
        while True:
            raw = await self._frame()
            answer = self._judged(raw)
            if answer is None:
                bad += 1
                if bad > self._retries:
                    raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, "bad checksums", raw)
                await self._transport.write(RESEND)
                asked_again = True
            elif answer.kind.id == "96":
                if asked_again or resent == self._retries:
                    raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, "96 again and again", raw)
                resent += 1
                await self._transport.write(frame)
            elif (
                answer.seq is not None
                and self._mode is not ErrorDetection.OFF
                and answer.seq != seq
            ):
                self.counts.strays += 1
                strange += 1
                if strange == 2:
                    raise RemoteProtocolError(DEVICE, Code.WIRE_UNEXPECTED, "wrong AY", raw)
            elif answer.kind.id == expected:
                if expected == "98":
                    self._heard(answer)
                return answer
            elif answer.kind.id == "98" and not restated:
                self._heard(answer)
                restated += 1
                asked_again = False
                frame, seq = self._framed(request)
                await self._transport.write(frame)
            else:
                raise RemoteProtocolError(
                    DEVICE, Code.WIRE_UNEXPECTED, f"{answer.kind.id} for {request.kind.id}", raw
                )

    def _framed(self, request: Message) -> tuple[bytes, int]:
        seq = (self._seq + 1) % 10
        detect = self._mode is not ErrorDetection.OFF
        frame = encode(
            Message(request.kind, request.fixed, request.fields, seq if detect else None),
            encoding=self._dialect.encoding,
            error_detection=detect,
        )
        self._seq = seq
        return frame, seq

    def _judged(self, raw: bytes) -> Message | None:
        """The answer, or None when it must be asked for again."""
        check = verify(raw)
        if not self._learned:
            self._learned = True
            if check is Check.ABSENT:
                self._mode = ErrorDetection.OFF
        if check is not Check.GOOD and self._mode is not ErrorDetection.OFF:
            if self._mode is ErrorDetection.ON:
                self.counts.bad_sums += 1
                return None
            self.counts.bad_sums += check is not Check.ABSENT
        return decode(raw, self._dialect.encoding)

    def _heard(self, status: Message) -> None:
        tenths, retries = status.part("timeout").strip(), status.part("retries").strip()
        if tenths.isdecimal() and tenths not in {"000", "999"}:
            self._patience = min(max(int(tenths) / 10, LEAST_PATIENCE_S), MOST_PATIENCE_S)
        if retries.isdecimal() and retries != "999":
            self._retries = min(max(int(retries), 1), MOST_RETRIES)
        self._told(status)

    async def _frame(self) -> bytes:
        while True:
            while not self._inbox:
                if self._ended is not None:
                    raise self._ended
                self._news.clear()
                await self._news.wait()
            raw = self._inbox.popleft()
            known = raw[:2].decode("ascii", "replace") in KINDS
            if known or (self._mode is not ErrorDetection.OFF and verify(raw) is not Check.GOOD):
                return raw
            self.counts.unknown_messages += 1

    async def _read(self) -> None:
        framer = Framer()
        try:
            while True:
                self._inbox.extend(framer.feed(await self._transport.read()))
                if framer.overlong or len(self._inbox) > _BACKLOG:
                    raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, "more than any answer")
                self._news.set()
        except DeviceError as error:
            self._ended = error
            self._news.set()
