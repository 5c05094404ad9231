"""From a station file to the parts of a plant: belt, tunnel, links to the library system, plan."""

from collections.abc import Callable
from typing import Any

from config.load import ConfigInvalid, Problem
from config.secrets import resolve
from config.station import Station
from config.texts import Catalogue
from drivers.library.pool import Pool
from drivers.ports import Clock, Rng, Secret, Store
from drivers.service.equipment import Equipment
from drivers.store.shared import SharedDatabase
from drivers.transport import Transport, open_transport
from sorter.ims.site import site_of
from sorter.parts import Parts
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
    rules = config.sorter
    if rules is None or config.devices.belt is None or config.devices.tunnel is None:
        no = Problem.at_start(config.station.id, "this station is no sorter")
        raise ConfigInvalid([no])
    plan = plan or Opened(judged(config).usable())

    equipment = Equipment(config, clock, rng, wire)
    first = equipment.library()
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
        library=Pool([first, *(equipment.library() for _ in range(more))]),
        belt=equipment.device("belt"),
        tunnel=equipment.device("tunnel"),
        printer=equipment.device("printer"),
        scanner=equipment.device("scanner"),
        site=site_of(config),
        shared=shared_of(config, clock),
        compose=compose,
        gate=equipment.device("gate"),
        inlet_printer=equipment.device("inlet_printer"),
        inlet_compose=inlet_compose,
        speaker=None if config.inlet is None else equipment.speaker(),
        keys=None if config.inlet is None else equipment.device("keys"),
        aside=aside,
        store_full=store_full,
    )
