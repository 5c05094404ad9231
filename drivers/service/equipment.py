"""From a station file to its drivers, each by role and name over its wire. Nothing is opened yet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from config.device import Device
from config.secrets import resolve
from config.station import Station
from drivers.ports import Clock, LibrarySystem, Rng, Secret
from drivers.registry import driver_class
from drivers.transport import Transport


@dataclass(frozen=True, slots=True)
class Equipment:
    """What makes the drivers of one station.

    Every method raises UnknownDriver for a driver name that nobody serves, SecretUnreadable for a password that cannot
    be had, and LocalProtocolError for a URL or dialect that cannot be.
    """

    config: Station
    clock: Clock
    rng: Rng
    wire: Callable[..., Transport]

    def device(self, role: str) -> Any:
        """The driver of devices.ROLE; None where the station has no such device."""
        table: Device | None = getattr(self.config.devices, role)
        if table is None:
            return None
        kind = driver_class(role, table.driver)
        line = self.wire(
            table.url,
            device=role,
            baud=table.baud or getattr(kind, "BAUD", None),
            parity=table.parity or getattr(kind, "PARITY", None),
            flow=table.flow,
        )
        return kind.from_config(table, line, self.clock, self.rng)

    def speaker(self) -> Any:
        """The station's voice, or None."""
        speech = self.config.speech
        if speech is None:
            return None
        return driver_class("speaker", speech.driver).from_config(
            speech, self.config.sound, clock=self.clock, rng=self.rng, wire=self.wire
        )

    def library(self) -> LibrarySystem:
        """One link to the library system."""
        library, password = self.config.library, self.config.library.password
        found: LibrarySystem = driver_class("library", library.driver).from_config(
            library,
            password=Secret(resolve(password) if password is not None else ""),
            clock=self.clock,
            rng=self.rng,
            zone=ZoneInfo(self.config.station.time_zone),
            transport_factory=self.wire,
        )
        return found
