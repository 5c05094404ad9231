"""Follows the running line through its door: each new picture, a sign of life between them, and requests back.

It keeps trying for ever: a line that is not there yet, that restarts, that hangs or is not understood. Nothing it does
or leaves undone changes anything on the belt.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.texts import Catalogue
from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.service.link import StationClient
from drivers.service.view import Screen
from ui.panel.face import Contact
from ui.panel.vetted import Vetting

BEAT_S = 0.3
"""How often the line is asked whether it lives, while it sends nothing."""
SILENT_S = 8.0
"""Silence after which the door is knocked at anew."""
AGAIN_S = 1.0
ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class Heard:
    """The line lives; with its picture where that is a new one."""

    screen: Screen | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The line is not there, or not understood."""

    why: Contact


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a request; `error` is the code, empty when it was done."""

    name: str
    result: Mapping[str, Any]
    error: str = ""
    silent: bool = False


Told = Heard | Lost | Answered


class Following:
    """One panel's way to one line. Lives on one loop."""

    def __init__(self, socket: Path, catalogue: Catalogue, told: Callable[[Told], None]) -> None:
        self._socket = socket
        self._vetting = Vetting(catalogue)
        self._told = told
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

    async def _visit(self) -> Contact:
        """Stay with the line as long as it answers; why that ended."""
        try:
            client = await StationClient.connect(self._socket)
        except DeviceUnavailable:
            return Contact.GONE
        self._client = client
        try:
            return await self._stay(client)
        finally:
            self._client = None
            await client.close()

    async def _stay(self, client: StationClient) -> Contact:
        watching = asyncio.get_running_loop().create_task(self._watch(client))
        beating = asyncio.get_running_loop().create_task(self._beat(client))
        try:
            done, _ = await asyncio.wait((watching, beating), return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        except RemoteProtocolError:
            return Contact.STRANGE
        except DeviceRefused as refusal:
            return Contact.FULL if refusal.code is Code.PORT_DENIED else Contact.STRANGE
        except DeviceError:
            return Contact.GONE
        finally:
            for task in (watching, beating):
                task.cancel()
            await asyncio.gather(watching, beating, return_exceptions=True)

    async def _watch(self, client: StationClient) -> Contact:
        async for snapshot in client.snapshots():
            if self._vetting.objection(snapshot.screen):
                return Contact.STRANGE
            self._told(Heard(snapshot.screen))
        return Contact.GONE

    async def _beat(self, client: StationClient) -> Contact:
        """An answer shows that the line lives and that its last picture is still true."""
        while True:
            await asyncio.sleep(BEAT_S)
            await client.request("touch", timeout_s=SILENT_S)
            self._told(Heard())
