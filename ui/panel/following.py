"""The panel's way to the running line: as any window follows a station, with each picture looked at before it is believed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.texts import Catalogue
from drivers.service.view import Screen
from ui import following
from ui.following import Answered
from ui.panel.face import Contact
from ui.panel.vetted import Vetting

__all__ = ["Answered", "Following", "Heard", "Lost", "Told"]


@dataclass(frozen=True, slots=True)
class Heard:
    """The line lives; with its picture where that is a new one."""

    screen: Screen | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The line is not there, or not understood."""

    why: Contact


Told = Heard | Lost | Answered


class Following:
    """One panel's way to one line. Lives on one loop."""

    def __init__(self, socket: Path, catalogue: Catalogue, told: Callable[[Told], None]) -> None:
        self._told = told
        self._way = following.Following(
            socket, self._heard, beat="touch", objection=Vetting(catalogue).objection
        )

    async def run(self) -> None:
        """Follow until cancelled."""
        await self._way.run()

    def ask(self, name: str, args: Mapping[str, Any]) -> None:
        """Send a request; what becomes of it is told."""
        self._way.ask(name, args)

    def _heard(self, what: following.Told) -> None:
        match what:
            case following.Heard(snapshot=snapshot):
                self._told(Heard(None if snapshot is None else snapshot.screen))
            case following.Lost(why=why):
                self._told(Lost(Contact(why.value)))
            case Answered():
                self._told(what)
