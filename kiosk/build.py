"""From a station file to the parts of a kiosk: each device's driver by its role and name, over its wire."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from config.device import Device
from config.secrets import resolve
from config.station import Station
from config.texts import Catalogue
from drivers.ports import Clock, Rng, Secret, Store
from drivers.registry import driver_class
from drivers.service.staff import Hasher
from drivers.transport import Transport, open_transport
from kiosk.station import Parts


def build(
    config: Station,
    *,
    catalogue: Catalogue,
    clock: Clock,
    rng: Rng,
    store: Store,
    compose: Any,
    hasher: Hasher,
    wire: Callable[..., Transport] = open_transport,
    store_full: Callable[[], object] = lambda: None,
) -> Parts:
    """The parts, nothing opened yet.

    Raises:
        UnknownDriver: a driver name that nobody serves.
        SecretUnreadable: the library system's password cannot be had.
        LocalProtocolError: a URL or dialect that cannot be.
    """

    def device(role: str, table: Device | None) -> Any:
        if table is None:
            return None
        kind = driver_class(role, table.driver)
        line = wire(
            table.url,
            device=role,
            baud=table.baud or getattr(kind, "BAUD", None),
            parity=table.parity or getattr(kind, "PARITY", None),
            flow=table.flow,
        )
        return kind.from_config(table, line, clock, rng)

    def card() -> Any:
        """Who reads cards opens the wire itself: the library behind it knows no other way."""
        table = config.devices.card
        if table is None:
            return None
        return driver_class("card", table.driver).from_config(table, clock, rng)

    def speaker() -> Any:
        if config.speech is None:
            return None
        kind = driver_class("speaker", config.speech.driver)
        return kind.from_config(config.speech, config.sound, clock=clock, rng=rng, wire=wire)

    password = config.library.password
    library = driver_class("library", config.library.driver).from_config(
        config.library,
        password=Secret(resolve(password) if password is not None else ""),
        clock=clock,
        rng=rng,
        zone=ZoneInfo(config.station.time_zone),
        transport_factory=wire,
    )
    mail = config.mail
    notifier = None
    if mail is not None:
        notifier = driver_class("mail", mail.driver).from_config(
            mail,
            password=Secret(resolve(mail.password) if mail.password is not None else ""),
            sender_name=config.station.place,
        )
    return Parts(
        config=config,
        catalogue=catalogue,
        clock=clock,
        rng=rng,
        store=store,
        library=library,
        reader=device("pad", config.devices.pad),
        scanner=device("scanner", config.devices.scanner),
        printer=device("printer", config.devices.printer),
        notifier=notifier,
        card=card(),
        hasher=hasher,
        compose=compose,
        store_full=store_full,
        speaker=speaker(),
        keys=device("keys", config.devices.keys),
        terminal=device("terminal", config.devices.terminal),
    )
