"""What is asked of a running plant through its door about labels, items and crates, and its answers."""

from collections.abc import Callable, Mapping
from typing import Any

from config.texts import Catalogue, Channel
from drivers.errors import Code, DeviceRefused
from drivers.ports import Txn
from sorter.belt.line import Line
from sorter.crating import Crating
from sorter.ims import records
from sorter.ims.crates import Swap
from sorter.ims.handling import Do, Handled, handle, handled_to_json
from sorter.ims.labels import LabelKind
from sorter.ims.site import Site
from sorter.ims.story import Story, crate_shown, crate_to_json, story, story_to_json
from sorter.ims.words import swap_words
from sorter.ledger import Ledger
from sorter.steps import steps

MOST_SCANS = 500
"""Items that one reception check may name."""


class Desk:
    """Answers for one plant."""

    def __init__(
        self,
        *,
        site: Site,
        ledger: Ledger,
        crating: Crating,
        state: Callable[[], Line],
        catalogue: Catalogue,
        language: str,
        told: Callable[[], None],
    ) -> None:
        """`told` hears that something happened which others may want to know."""
        self._site = site
        self._ledger = ledger
        self._crating = crating
        self._state = state
        self._catalogue = catalogue
        self._language = language
        self._told = told

    async def request(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """`scan`, `labels`, `item` or `crate`. Raises DeviceRefused(station.request) for wrong arguments."""
        match name, args:
            case "scan", {"label": str(label)}:
                return self._swapped(await self._crating.scan(label))
            case "labels", _:
                patterns = self._site.patterns
                return {
                    "item": patterns.item,
                    "crate": patterns.crate,
                    "chute": patterns.chute,
                    "language": self._language,
                }
            case "item", {"item": str(item)}:
                return await self._item(item)
            case "crate", {"crate": str(label)}:
                return await self._crate(label, args)
            case _:
                raise DeviceRefused("station", Code.STATION_REQUEST, f"{name}: wrong arguments")

    def _swapped(self, swap: Swap) -> dict[str, Any]:
        return {
            "said": swap.said.value,
            "words": self._catalogue.say(swap_words(swap), self._language, Channel.PAPER),
            "bin": swap.bin,
            "chute": swap.chute,
            "crate": swap.crate,
            "closed": swap.closed,
            "count": swap.count,
        }

    async def _item(self, scanned: str) -> dict[str, Any]:
        label = self._site.patterns.label(scanned)
        if label.kind is not LabelKind.ITEM:  # not said again: it may be anybody's number
            raise DeviceRefused("station", Code.STATION_REQUEST, "this is no item number")
        found, way = await self._ledger.read(lambda txn: _told(txn, label.text))
        names = {name: bin.name for name, bin in self._state().decide.plan.bins.items()}
        moving = next((i for i in self._state().items.values() if i.item == label.text), None)
        return {
            **story_to_json(found, names),
            "steps": [{**step, "bin_name": names.get(str(step.get("bin")), "")} for step in way],
            "on_belt": None
            if moving is None
            else {
                "state": moving.state.value,
                "bin": moving.decision.bin if moving.decision is not None else None,
                "bin_name": names.get(moving.decision.bin or "", "")
                if moving.decision is not None
                else "",
                "rule": moving.decision.rule if moving.decision is not None else None,
            },
        }

    async def _crate(self, scanned: str, args: Mapping[str, Any]) -> dict[str, Any]:
        label = self._site.label(scanned)
        if label.kind is not LabelKind.CRATE:
            raise DeviceRefused("station", Code.STATION_REQUEST, "this is no label of a crate")
        do = args.get("do", "show")
        if do == "show":
            shown = await self._ledger.read(lambda txn: crate_shown(txn, label.text))
            return {"known": shown is not None, **({} if shown is None else crate_to_json(shown))}
        if do not in set(Do):
            raise DeviceRefused("station", Code.STATION_REQUEST, "do: show, receive, send, empty")
        items = scans_of(args.get("items"), self._site)

        def handled(txn: Txn) -> Handled:
            done = handle(txn, self._site.branch, label.text, Do(do), items)
            records.happen(txn, self._site, *done.happened)
            return done

        done = await self._ledger.soon(handled)
        self._told()
        return handled_to_json(done, label.text)


def _told(txn: Txn, item: str) -> tuple[Story, list[dict[str, Any]]]:
    """An item's story, and each step of its last way over the belt."""
    found = story(txn, item)
    number = found.place.number if found.place is not None else 0
    return found, steps(txn, number)


def scans_of(given: object, site: Site) -> tuple[str, ...] | None:
    """Item numbers scanned at a reception; None where nothing was scanned. Raises DeviceRefused."""
    if given is None:
        return None
    if not isinstance(given, list) or len(given) > MOST_SCANS:
        raise DeviceRefused("station", Code.STATION_REQUEST, f"items: at most {MOST_SCANS}")
    labels = [site.patterns.label(str(one)) for one in given]
    if any(label.kind is not LabelKind.ITEM for label in labels):
        raise DeviceRefused("station", Code.STATION_REQUEST, "items: one is no item number")
    return tuple(label.text for label in labels)
