"""From a station file to the parts of a kiosk: each device's driver by its role and name, over its wire."""

from collections.abc import Callable
from typing import Any

from config.secrets import resolve
from config.station import Station
from config.texts import Catalogue
from drivers.ports import Clock, Rng, Secret, Store
from drivers.registry import driver_class
from drivers.service.equipment import Equipment
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
    equipment = Equipment(config, clock, rng, wire)

    def card() -> Any:
        """Who reads cards opens the wire itself: the library behind it knows no other way."""
        table = config.devices.card
        if table is None:
            return None
        return driver_class("card", table.driver).from_config(table, clock, rng)

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
        library=equipment.library(),
        reader=equipment.device("pad"),
        scanner=equipment.device("scanner"),
        printer=equipment.device("printer"),
        notifier=notifier,
        card=card(),
        hasher=hasher,
        compose=compose,
        store_full=store_full,
        speaker=equipment.speaker(),
        keys=equipment.device("keys"),
        terminal=equipment.device("terminal"),
    )
