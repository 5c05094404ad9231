"""Follows a running station through its door: each new picture of one face, a sign of life between them, and requests back.

It keeps trying for ever: a station that is not there yet, that restarts, that hangs or is not understood. Nothing it does
or leaves undone changes anything there.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.service.link import StationClient
from drivers.service.view import Screen, Snapshot

BEAT_S = 0.3
"""How often the station is asked whether it lives, while it sends nothing."""
SILENT_S = 8.0
"""Silence after which the door is knocked at anew."""
AGAIN_S = 1.0
ANSWER_S = 5.0


class Gone(StrEnum):
    """Why there is no picture."""

    GONE = "gone"
    """Nobody opens."""
    FULL = "full"
    """Too many are inside, or the station runs as another user."""
    STRANGE = "strange"
    """What it says is not understood."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The station lives; with its picture where that is a new one."""

    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The station is not there, or not understood."""

    why: Gone


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a request; `error` is the code, empty when it was done."""

    name: str
    result: Mapping[str, Any]
    error: str = ""
    silent: bool = False


Told = Heard | Lost | Answered


class Following:
    """One window's way to one face of one station. Lives on one loop.

    Args:
        socket: the station's door.
        told: takes what happens.
        face: which of its screens; empty is its first.
        beat: the request that shows that it lives; one that says nothing of a person.
        objection: why a picture cannot be shown; empty where it can.
    """

    def __init__(
        self,
        socket: Path,
        told: Callable[[Told], None],
        *,
        face: str = "",
        beat: str = "status",
        objection: Callable[[Screen], str] = lambda _screen: "",
    ) -> None:
        self._socket = socket
        self._told = told
        self._face = face
        self._beat_by = beat
        self._objection = objection
        self._client: StationClient | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                self._told(Lost(await self._visit()))
                await asyncio.sleep(AGAIN_S)
        finally:
            for task in self._asking:
                task.cancel()
            await asyncio.gather(*self._asking, return_exceptions=True)

    def ask(self, name: str, args: Mapping[str, Any]) -> None:
        """Send a request; what becomes of it is told."""
        task = asyncio.get_running_loop().create_task(self._ask(name, dict(args)))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, name: str, args: dict[str, Any]) -> None:
        client = self._client
        if client is None:
            self._told(Answered(name, {}, Code.STATION_ABSENT.value))
            return
        try:
            result = await client.request(name, args, timeout_s=ANSWER_S)
        except (DeviceTimeout, DeviceUnavailable) as error:
            self._told(Answered(name, {}, error.code.value, silent=True))
        except DeviceError as error:
            self._told(Answered(name, {}, error.code.value))
        else:
            self._told(Answered(name, result))

    async def _visit(self) -> Gone:
        """Stay with the station as long as it answers; why that ended."""
        try:
            client = await StationClient.connect(self._socket, face=self._face)
        except DeviceRefused as refusal:
            return Gone.FULL if refusal.code is Code.PORT_DENIED else Gone.STRANGE
        except RemoteProtocolError:
            return Gone.STRANGE
        except DeviceError:
            return Gone.GONE
        self._client = client
        try:
            return await self._stay(client)
        finally:
            self._client = None
            await client.close()

    async def _stay(self, client: StationClient) -> Gone:
        loop = asyncio.get_running_loop()
        both = (loop.create_task(self._watch(client)), loop.create_task(self._beat(client)))
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        except RemoteProtocolError:
            return Gone.STRANGE
        except DeviceRefused as refusal:
            return Gone.FULL if refusal.code is Code.PORT_DENIED else Gone.STRANGE
        except DeviceError:
            return Gone.GONE
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _watch(self, client: StationClient) -> Gone:
        async for snapshot in client.snapshots():
            if self._objection(snapshot.screen):
                return Gone.STRANGE
            self._told(Heard(snapshot))
        return Gone.GONE

    async def _beat(self, client: StationClient) -> Gone:
        """An answer shows that the station lives and that its last picture is still true."""
        while True:
            await asyncio.sleep(BEAT_S)
            await client.request(self._beat_by, timeout_s=SILENT_S)
            self._told(Heard())
