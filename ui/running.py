"""A station in this process: its state directory held, its loop in the core thread, its door open.

The window and the socket are told the same snapshots and ask by the same requests.
"""

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from config.device import Device
from config.load import ConfigInvalid
from config.secret_ref import SecretRef
from config.secrets import SecretUnreadable, resolve
from config.station import Kind, Station
from config.texts import Catalogue
from drivers.errors import Code, DeviceError, DeviceUnavailable
from drivers.escpos.compose import Head, compose
from drivers.ports import Paper, PrintJob, Rasteriser
from drivers.registry import UnknownDriver
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.runtime.thread import CoreThread
from drivers.service import upkeep
from drivers.service.link import LinkStation, serve_link
from drivers.service.staff import ThreadHasher
from drivers.service.view import Snapshot
from drivers.store import space
from drivers.store.engine import ThreadStore, open_store
from drivers.store.lock import StateLock
from drivers.store.sealed import SealKey, load_key

START_S = 20.0
MINUTES_A_DAY = 24 * 60


def state_directory(config: Station, given: str = "") -> Path:
    """Where a station keeps its database and socket: --state, then the file, then XDG_STATE_HOME/ims/ID."""
    if given or config.station.state_dir:
        return Path(given or config.station.state_dir).expanduser().absolute()
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "ims" / config.station.id


def seal_key(ref: SecretRef | None) -> SealKey:
    """The station's key for what is sealed.

    Raises:
        DeviceUnavailable: store.key, when there is none to be had.
    """
    if ref is None:
        raise DeviceUnavailable(
            "store", Code.STORE_KEY, "[station] seal_key names no credential and no file"
        )
    if ref.environment is not None:
        try:
            return SealKey(bytes.fromhex(resolve(ref)))
        except (SecretUnreadable, ValueError) as error:
            raise DeviceUnavailable("store", Code.STORE_KEY, "environment") from error
    return load_key(file=Path(ref.file) if ref.file else None, credential=ref.credential)


class RunningStation(LinkStation, Protocol):
    """A kiosk or a sorting plant, as whoever runs it sees it."""

    async def run(self) -> None:
        """Serve until `stop`."""
        ...

    def stop(self) -> None: ...

    @property
    def faces(self) -> Mapping[str, LinkStation]:
        """Its further screens by name, each with what it takes."""
        ...

    def store_health(self, code: Code | None) -> None:
        """The journal can be written, or not, and why."""
        ...


class Running:
    """One running station. Made, started and stopped from the main thread."""

    def __init__(
        self,
        config: Station,
        *,
        catalogue: Catalogue,
        state: Path,
        key: SealKey,
        rasteriser: Callable[[], Rasteriser] | None = None,
    ) -> None:
        """Hold the state directory and open the database; no device is touched yet.

        Raises:
            DeviceUnavailable: station.running, store.newer, store.broken, store.full.
        """
        self._config = config
        self._catalogue = catalogue
        self._rasteriser = rasteriser
        self._clock, self._rng = SystemClock(), SystemRng()
        self._hasher = ThreadHasher()
        self._lock = StateLock(state)
        try:
            self._store = self._opened(key)
        except BaseException:
            self._lock.release()
            raise
        self._core = CoreThread()
        self._station: RunningStation | None = None
        self._drawn: Rasteriser | None = None
        self.ended = threading.Event()
        self.fault: BaseException | None = None

    def _opened(self, key: SealKey) -> ThreadStore:
        """The store. What was kept for a full disk is thrown out if that is what it takes."""

        def opened() -> ThreadStore:
            return open_store(
                self._lock.database,
                clock=self._clock,
                rng=self._rng,
                key=key,
                config_hash=hashlib.sha256(self._config.model_dump_json().encode()).hexdigest(),
            )

        try:
            return opened()
        except DeviceError:
            full = space.room(self._lock.directory) is space.Room.OUT
            if not (full and space.drop_ballast(self._lock.directory)):
                raise
        return opened()

    @property
    def socket(self) -> Path:
        """The door."""
        return self._lock.socket

    def start(self, told: Callable[[Snapshot], None], ended: Callable[[], None]) -> None:
        """Start the core thread and the station in it. `told` and `ended` are called in that thread.

        Raises:
            DeviceError, UnknownDriver, SecretUnreadable: the station cannot be built.
        """
        self._core.start()
        built: threading.Event = threading.Event()
        whole = self._core.submit(self._run(told, built))

        def over(_: Any) -> None:
            self.fault = None if whole.cancelled() else whole.exception()
            self.ended.set()
            built.set()
            ended()

        whole.add_done_callback(over)
        built.wait(START_S)
        if self.fault is not None:
            fault = self.fault
            self.stop()
            raise fault

    def send(self, name: str, args: Mapping[str, Any]) -> None:
        """Ask the station; the answer is not waited for."""
        if self._station is not None and not self.ended.is_set():
            self._core.submit(self._station.request(name, dict(args)))

    def stop(self) -> None:
        """End the station, then let go of the directory. Safe to repeat."""
        if self._station is not None and not self.ended.is_set():
            self._core.call(self._station.stop)
            self.ended.wait(START_S)
        self._core.stop()
        self._hasher.close()
        self._lock.release()

    async def _run(self, told: Callable[[Snapshot], None], built: threading.Event) -> None:
        try:
            station = await self._made()
            self._station = station
            station.listen(told)
            door = await serve_link(self._lock.socket, station, faces=station.faces)
            house = asyncio.get_running_loop().create_task(self._keep_house(station))
            built.set()
            try:
                await station.run()
            finally:
                house.cancel()
                await asyncio.gather(house, return_exceptions=True)
                await door.close()
        finally:
            await self._store.close()

    async def _made(self) -> RunningStation:
        """The station that the file asks for; a plant loads nothing of a kiosk, and the other way round."""
        config, store = self._config, self._store
        if config.station.kind is Kind.SORTER:
            from sorter.build import build as build_sorter
            from sorter.line import Sorter
            from sorter.planning import opened

            return Sorter(
                build_sorter(
                    config,
                    catalogue=self._catalogue,
                    clock=self._clock,
                    rng=self._rng,
                    store=store,
                    plan=await opened(config, store),
                    aside=asyncio.to_thread,
                    compose=self._compose,
                    inlet_compose=partial(self._compose, printer=config.devices.inlet_printer),
                    store_full=self._full,
                )
            )
        from kiosk.build import build
        from kiosk.station import Kiosk

        return Kiosk(
            build(
                config,
                catalogue=self._catalogue,
                clock=self._clock,
                rng=self._rng,
                store=store,
                hasher=self._hasher,
                compose=self._compose,
                store_full=self._full,
            )
        )

    async def _keep_house(self, station: RunningStation) -> None:
        """Say what opening found, look at the disk every minute and walk the journal's chain once a day."""
        directory = self._lock.directory
        with suppress(OSError):
            space.lay_ballast(directory)
        before, minutes, begun = space.Room.ENOUGH, 0, False
        while True:
            minutes += 1
            with suppress(OSError, DeviceError):  # a disk that takes nothing is looked at again
                if not begun:
                    await self._store.write(lambda txn: upkeep.at_boot(txn, self._store.boot))
                    begun = True
                room = space.room(directory)
                if room is not before:
                    station.store_health(Code.STORE_FULL if room is space.Room.OUT else None)
                    await self._store.write(partial(upkeep.about_room, room=room))
                    before = room
                if minutes % MINUTES_A_DAY == 0:
                    await self._store.write(upkeep.daily)
            await asyncio.sleep(60.0)

    def _full(self) -> None:
        space.drop_ballast(self._lock.directory)

    async def _compose(
        self, job_id: str, paper: Paper, *, printer: Device | None = None
    ) -> PrintJob:
        """Letters or dots, in a thread: the composer's import alone takes half a second."""
        printer = printer or self._config.devices.printer
        head = Head(
            width_dots=printer.width_dots if printer else 576,
            profile=printer.profile if printer else "",
            baud=printer.baud if printer else None,
            flow_control=bool(printer and printer.flow not in {None, "none"}),
        )
        return await asyncio.to_thread(self._composed, job_id, paper, head)

    def _composed(self, job_id: str, paper: Paper, head: Head) -> PrintJob:
        if self._drawn is None and self._rasteriser is not None:
            self._drawn = self._rasteriser()
        return compose(job_id, paper, head, self._drawn)


CANNOT_BUILD = (DeviceError, UnknownDriver, SecretUnreadable, ConfigInvalid)
"""What `start` raises when the station file names what cannot be."""
