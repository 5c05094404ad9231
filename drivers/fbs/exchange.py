"""One command to FBS: a POST on a connection of its own, its reply, and what stands in the envelope.

Nothing is kept between calls: FBS knows no session and closes each time. At most `parallel` calls are under
way at once; more wait in line. Source: recorded exchanges in the public code bibboxen/bibbox,
test/fixtures/fbs.js.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.fbs.envelope import answer_line, line_of, request_xml
from drivers.fbs.http import Endpoint, Reply, ReplyReader, post
from drivers.ports import Secret
from drivers.runtime.log import Label, LogEvent, log
from drivers.sip2.dialect import Dialect
from drivers.sip2.exchange import (
    MOST_PATIENCE_S,
    Leaving,
    LineDropped,
    LineUp,
    answered,
    first_share,
)
from drivers.sip2.frames import DEVICE, decode
from drivers.sip2.messages import ANSWERS, Message
from drivers.transport.stream import Transport

PARALLEL = 3
"""Calls at once for one stack of items."""
_OK = 200
_NOT_LET_IN = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Answered(LogEvent):
    """FBS replied to one command. `call` is the reply's X-RequestId, by which FBS's operator finds it."""

    name: ClassVar[str] = "library.answered"
    message: Label
    status: int
    call: Label


class Posts:
    """The exchange. Each call is answered, or LinkLost raised; nothing is repeated that must not be."""

    def __init__(
        self,
        wire: Callable[[], Transport],
        dialect: Dialect,
        *,
        to: Endpoint,
        login: str,
        password: Secret,
        parallel: int = PARALLEL,
        told: Callable[[Message], None] = lambda _status: None,
    ) -> None:
        """`wire` makes a new connection, not opened yet. `told` is called with every 98."""
        self._wire = wire
        self._dialect = dialect
        self._to = to
        self._login, self._password = login, password
        self._told = told
        self._slots = asyncio.Semaphore(parallel)
        self._up = self._told_down = False

    async def call(
        self, request: Message, *, within: float, sent: Leaving | None = None
    ) -> Message:
        """Send one command and give its answer, in at most `within` seconds in all.

        A command that the dialect says may be repeated is sent a second time when the first try left and
        got no answer. `sent` is called each time the first byte is about to leave, so at most twice.

        Raises:
            LinkLost: no answer; `sent` tells whether the command may have been carried out. Its code is
                library.login, library.conflict or library.error when FBS says so in an error envelope.
            LocalProtocolError: the message cannot be sent as it is; nothing left.
        """
        body = request_xml(line_of(request), self._login, self._password)
        whole = post(self._to, body)

        async def once(leaving: Leaving, deadline: float | None = None) -> Message:
            return await self._once(request, whole, leaving, deadline)

        return await answered(
            once,
            request.kind.name,
            again=request.kind.id in self._dialect.resent,
            within=within,
            turn=self._slots,
            sent=sent,
            tell=self._tell,
        )

    async def drop(self) -> None:
        """Nothing to hang up: each call has a line of its own and ends it."""

    async def _once(
        self, request: Message, whole: bytes, leaving: Leaving, deadline: float | None
    ) -> Message:
        left = False
        wire = self._wire()
        try:
            await wire.open()
            left = True
            leaving()
            share = None if deadline is None else first_share(deadline, MOST_PATIENCE_S)
            async with asyncio.timeout(share):
                await wire.write(whole)
                reply = await _reply(wire)
            answer = self._opened(request, reply)
        except LocalProtocolError:
            raise
        except TimeoutError as error:
            self._tell(error.code if isinstance(error, DeviceError) else Code.WIRE_SILENT, left)
            raise
        except DeviceError as error:
            if error.code is not Code.LIBRARY_CONFLICT:
                self._tell(error.code, left)
            raise
        finally:
            await wire.close()
        self._told_down = False
        if not self._up:
            self._up = True
            log(LineUp())
        return answer

    def _opened(self, request: Message, reply: Reply) -> Message:
        """The answer in a reply. An error envelope is believed at any status, an answer at 200 alone."""
        if reply.status != _OK or request.kind.id != "99":  # a probe that is answered is no news
            log(Answered(Label(request.kind.id), reply.status, Label(reply.request_id)))
        try:
            line = answer_line(reply.body)
        except RemoteProtocolError:
            if reply.status in _NOT_LET_IN:
                raise DeviceRefused(DEVICE, Code.LIBRARY_LOGIN, f"HTTP {reply.status}") from None
            if reply.status != _OK:
                raise DeviceUnavailable(
                    DEVICE, Code.LIBRARY_ERROR, f"HTTP {reply.status}", reply.body
                ) from None
            raise
        if reply.status != _OK:
            raise RemoteProtocolError(
                DEVICE, Code.WIRE_UNEXPECTED, f"an answer with HTTP {reply.status}", reply.body
            )
        answer = decode(line.encode())
        if answer.kind.id == "98":
            self._told(answer)
        if answer.kind.id != ANSWERS[request.kind.id]:
            raise RemoteProtocolError(
                DEVICE,
                Code.WIRE_UNEXPECTED,
                f"{answer.kind.id} for {request.kind.id}",
                reply.body,
            )
        return answer

    def _tell(self, code: Code, sent: bool) -> None:
        """Say once that there is no answer to be had."""
        self._up = False
        if not self._told_down:
            self._told_down = True
            log(LineDropped(code, sent))


async def _reply(wire: Transport) -> Reply:
    """Read until the reply is whole. Nothing at all, and then the end, is a line that was lost."""
    reader = ReplyReader()
    while True:
        try:
            data = await wire.read()
        except DeviceUnavailable as error:
            if error.code is not Code.PORT_GONE or not reader.begun:
                raise
            return reader.end()
        reply = reader.feed(data)
        if reply is not None:
            return reply
