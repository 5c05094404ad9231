"""What a station is in the chain of branches: its branch, its chutes by label, and what labels look like here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from config.label import bare
from config.station import Station
from sorter.ims.crates import PUT_BACK_WITHIN, Chute, Depot
from sorter.ims.labels import Label, LabelKind, Patterns


@dataclass(frozen=True, slots=True)
class Site:
    """One station at one branch."""

    station: str
    branch: str
    chutes: Mapping[str, Chute] = field(default_factory=lambda: MappingProxyType({}))
    """By label; a bin without a chute needs no crate's label."""
    patterns: Patterns = field(default=Patterns())
    accept_new: bool = True
    put_back_within: timedelta = PUT_BACK_WITHIN
    """So long after it was closed a crate that stands again where it stood goes on with what it holds."""
    point: str = ""
    """Name of this sorting point; empty where nobody knows crates."""

    @property
    def depot(self) -> Depot:
        """The site before any crate is known."""
        within = self.put_back_within
        return Depot(self.branch, self.chutes, accept_new=self.accept_new, put_back_within=within)

    @property
    def labelled(self) -> frozenset[str]:
        """Bins that are a chute: their crate is known by its label."""
        return frozenset(chute.bin for chute in self.chutes.values())

    def label(self, scanned: str) -> Label:
        """What was scanned; one of these chutes as it is printed, however it was spelt."""
        label = self.patterns.label(scanned)
        if label.kind is LabelKind.ITEM:
            return label
        chute = next((one for one in self.chutes if bare(one) == bare(label.text)), None)
        return label if chute is None else Label(LabelKind.CHUTE, chute)

    def chute_of(self, bin: str) -> Chute | None:
        """The chute that a bin is."""
        return next((chute for chute in self.chutes.values() if chute.bin == bin), None)


def site_of(config: Station) -> Site:
    """The site of a station file."""
    ims, id = config.ims, config.station.id
    if ims is None:
        return Site(id, config.station.place)
    chutes = {
        label: Chute(label, table.bin, table.destination) for label, table in ims.chutes.items()
    }
    patterns = Patterns(config.security.item_pattern, ims.crate_pattern, ims.chute_pattern)
    return Site(
        id,
        ims.branch,
        MappingProxyType(chutes),
        patterns,
        ims.accept_new,
        timedelta(seconds=ims.put_back_s),
        ims.point or id,
    )
