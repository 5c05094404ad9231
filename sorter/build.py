"""From a station file to the parts of a plant: belt, tunnel, links to the library system, plan."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from config.device import Device
from config.load import ConfigInvalid, Problem
from config.secrets import resolve
from config.station import Station
from config.texts import Catalogue
from drivers.library.pool import Pool
from drivers.ports import Clock, LibrarySystem, Rng, Secret, Store
from drivers.registry import driver_class
from drivers.store.shared import SharedDatabase
from drivers.transport import Transport, open_transport
from sorter.ims.site import site_of
from sorter.line import Parts
from sorter.planning import Aside, Opened, judged, on_the_loop


def shared_of(config: Station, clock: Clock) -> SharedDatabase | None:
    """The database of all branches; None where a station has none. Raises SecretUnreadable."""
    table = config.ims.database if config.ims is not None else None
    if table is None:
        return None
    password = Secret(resolve(table.password) if table.password is not None else "")
    return SharedDatabase(table, password, clock=clock)


def build(
    config: Station,
    *,
    catalogue: Catalogue,
    clock: Clock,
    rng: Rng,
    store: Store,
    plan: Opened | None = None,
    compose: Any = None,
    inlet_compose: Any = None,
    wire: Callable[..., Transport] = open_transport,
    aside: Aside = on_the_loop,
    store_full: Callable[[], object] = lambda: None,
) -> Parts:
    """The parts, nothing opened yet. `plan`: what `planning.opened` found; else the file's, which must be fit.

    Raises:
        ConfigInvalid: the plan cannot be used, a chute is no bin of it, or the station is no sorter.
        UnknownDriver: a driver name that nobody serves.
        SecretUnreadable: the library system's password cannot be had.
        LocalProtocolError: a URL or dialect that cannot be.
    """
    rules, belt, tunnel = config.sorter, config.devices.belt, config.devices.tunnel
    if rules is None or belt is None or tunnel is None:
        no = Problem.at_start(config.station.id, "this station is no sorter")
        raise ConfigInvalid([no])
    plan = plan or Opened(judged(config).usable())

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

    def speaker() -> Any:
        if config.speech is None or config.inlet is None:
            return None
        kind = driver_class("speaker", config.speech.driver)
        return kind.from_config(config.speech, config.sound, clock=clock, rng=rng, wire=wire)

    password = config.library.password
    secret = Secret(resolve(password) if password is not None else "")

    def link() -> LibrarySystem:
        found: LibrarySystem = driver_class("library", config.library.driver).from_config(
            config.library,
            password=secret,
            clock=clock,
            rng=rng,
            zone=ZoneInfo(config.station.time_zone),
            transport_factory=wire,
        )
        return found

    first = link()
    # one that answers several at once needs no further links: it has no sessions
    more = 0 if first.parallel > 1 else rules.links - 1
    return Parts(
        config=config,
        rulebook=rules,
        plan=plan,
        catalogue=catalogue,
        clock=clock,
        rng=rng,
        store=store,
        library=Pool([first, *(link() for _ in range(more))]),
        belt=device("belt", belt),
        tunnel=device("tunnel", tunnel),
        printer=device("printer", config.devices.printer),
        scanner=device("scanner", config.devices.scanner),
        site=site_of(config),
        shared=shared_of(config, clock),
        compose=compose,
        gate=device("gate", config.devices.gate),
        inlet_printer=device("inlet_printer", config.devices.inlet_printer),
        inlet_compose=inlet_compose,
        speaker=speaker(),
        keys=device("keys", config.devices.keys) if config.inlet is not None else None,
        aside=aside,
        store_full=store_full,
    )
