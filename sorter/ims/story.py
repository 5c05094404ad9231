"""Where is this item, and why there: one question, answered from the last place, its crate, and all that happened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drivers.ports import Txn
from sorter.ims import records
from sorter.ims.crates import Crate
from sorter.ims.records import Placed, Row


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one item."""

    item: str
    place: Placed | None
    """None for an item that never came by."""
    crate: Crate | None
    """The crate that it lies in."""
    rows: tuple[Row, ...]
    """What happened to it and to its crates, the oldest first."""

    @property
    def branch(self) -> str:
        """Where it is: an item in a crate is where the crate is."""
        if self.crate is not None:
            return self.crate.branch
        return self.place.branch if self.place is not None else ""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the rule looked at when it was decided about."""
        return dict(json.loads(self.place.why)) if self.place is not None and self.place.why else {}


def story(txn: Txn, item: str) -> Story:
    """The story of an item, from a plant's own database or from the shared one."""
    place = records.place_of(txn.connection, item)
    crate = None
    if place is not None and place.crate:
        crate = records.crate_of(txn.connection, place.crate)
    return Story(item, place, crate, records.story_of(txn.connection, item))


def story_to_json(found: Story, names: Mapping[str, str]) -> dict[str, Any]:
    """For the door and `--json`. `names`: what bins are called, by their name in the plan."""
    place, crate = found.place, found.crate
    beside = place.bin if place is not None and place.beside else ""
    return {
        "item": found.item,
        "known": place is not None,
        "where": None
        if place is None
        else {
            "branch": found.branch,
            "station": place.station,
            "bin": "" if beside else place.bin,
            "beside": beside,
            "bin_name": names.get(place.bin, ""),
            "crate": place.crate,
            "crate_state": "" if crate is None else crate.state.value,
            "chute": "" if crate is None else crate.chute,
            "destination": place.destination or ("" if crate is None else crate.destination),
            "since": place.since.isoformat(),
        },
        "why": None
        if place is None
        else {
            "rule": place.rule,
            "cause": place.cause,
            "number": place.number,
            "facts": dict(found.facts),
        },
        "history": [row_to_json(row) for row in found.rows],
    }


def row_to_json(row: Row) -> dict[str, Any]:
    """One thing that happened."""
    one = row.happened
    return {
        "at": one.at.isoformat(),
        "what": one.what.value,
        "branch": one.branch,
        "station": row.station,
        "bin": one.bin,
        "chute": one.chute,
        "crate": one.crate,
        "destination": one.destination,
        "rule": one.rule,
        "cause": one.cause,
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A crate and what lies in it."""

    crate: Crate
    contents: tuple[Placed, ...]
    point: str = ""
    """Sorting point of the chute at which it stands."""


def crate_shown(txn: Txn, label: str) -> Shown | None:
    """One crate by its label, however it is spelt; None for one that was never seen."""
    crate = records.crate_of(txn.connection, records.printed(txn.connection, label))
    if crate is None:
        return None
    point = records.point_of_chute(txn.connection, crate.branch, crate.chute)
    return Shown(crate, records.contents(txn.connection, crate.label), point)


def crate_to_json(shown: Shown) -> dict[str, Any]:
    """For the door and `--json`."""
    crate = shown.crate
    return {
        "crate": crate.label,
        "state": crate.state.value,
        "branch": crate.branch,
        "point": shown.point,
        "chute": crate.chute,
        "destination": crate.destination,
        "since": None if crate.since is None else crate.since.isoformat(),
        "items": [
            {
                "item": one.item,
                "since": one.since.isoformat(),
                "destination": one.destination,
                "rule": one.rule,
                "cause": one.cause,
            }
            for one in shown.contents
        ],
    }
