"""Everything a running plant is made of: real devices, or what stands in for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config.sorter import Sorter as Rulebook
from config.station import Station
from config.texts import Catalogue
from drivers.ports import (
    Clock,
    ItemReader,
    KeyPad,
    LibrarySystem,
    ReceiptPrinter,
    Rng,
    Scanner,
    SortingBelt,
    Speaker,
    Store,
)
from sorter.ims.site import Site
from sorter.planning import Aside, Opened, on_the_loop


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a plant is made of."""

    config: Station
    rulebook: Rulebook
    plan: Opened
    catalogue: Catalogue
    clock: Clock
    rng: Rng
    store: Store
    library: LibrarySystem
    belt: SortingBelt
    tunnel: ItemReader
    printer: ReceiptPrinter | None = None
    scanner: Scanner | None = None
    """At the bins, for the labels of chutes and crates."""
    site: Site | None = None
    """Branch and chutes; None where nobody knows crates."""
    shared: Store | None = None
    """The database of all branches."""
    compose: Any = None
    """async (job id, Paper) -> PrintJob."""
    gate: ItemReader | None = None
    """At the public inlet's gate."""
    inlet_printer: ReceiptPrinter | None = None
    inlet_compose: Any = None
    speaker: Speaker | None = None
    keys: KeyPad | None = None
    aside: Aside = on_the_loop
    """How what blocks is done: in a thread, where there are any."""
    store_full: Callable[[], object] = lambda: None
