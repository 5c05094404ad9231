"""What lies on the pad, by polls: present after one good read, gone after a few missed ones. Pure."""

from dataclasses import dataclass

from drivers.ports import Uid


@dataclass(frozen=True, slots=True)
class Pad:
    """Tags on the pad in order of arrival, each with the polls it has missed since it was last seen."""

    tags: tuple[tuple[Uid, int], ...] = ()

    @property
    def uids(self) -> frozenset[Uid]:
        return frozenset(uid for uid, _ in self.tags)

    @property
    def empty(self) -> bool:
        return not self.tags


@dataclass(frozen=True, slots=True)
class Moved:
    """What a poll changed."""

    placed: tuple[Uid, ...]
    removed: tuple[Uid, ...]


def polled(pad: Pad, seen: frozenset[Uid], gone_after: int) -> tuple[Pad, Moved]:
    """The pad after one inventory. A tag that misses `gone_after` polls in a row counts as lifted."""
    known = [(uid, 0 if uid in seen else missed + 1) for uid, missed in pad.tags]
    removed = tuple(uid for uid, missed in known if missed >= gone_after)
    placed = tuple(sorted(seen - pad.uids, key=lambda uid: uid.value))
    kept = tuple((uid, missed) for uid, missed in known if missed < gone_after)
    return Pad(kept + tuple((uid, 0) for uid in placed)), Moved(placed, removed)


def lifted(pad: Pad, uid: Uid) -> Pad:
    """The pad after a device said for certain that this tag is gone."""
    return Pad(tuple(entry for entry in pad.tags if entry[0] != uid))
