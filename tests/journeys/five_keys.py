"""A person with five keys and an ear: finds things by what is said of them, and by nothing else."""

from collections.abc import Callable

from drivers.service.view import Screen, actions_of
from kiosk.lending.state import Lending
from tests.simulation.rig import Rig

MOST_STEPS = 60
"""Presses of the down key until somebody gives up: more than any screen has stops."""


class Listener:
    """One person at the rig's keypad. `heard` is what the world heard since the last question."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self._from = 0

    async def begins(self, *, headset: bool = True) -> None:
        """Plug a headset in, or press any key."""
        if headset:
            await self.rig.headset(plugged=True)
        else:
            await self.rig.key("select")
        await self.rig.until(lambda s: s.aloud)

    async def heard(self) -> list[str]:
        """What was heard since the last time."""
        everything = await self.rig.heard()
        new, self._from = everything[self._from :], len(everything)
        return new

    async def hears(self, *words: str, seconds: float = 120.0) -> None:
        """Wait, touching nothing, until all of these words were said."""
        missing = list(words)
        said: list[str] = []
        waited = 0.0
        while missing:
            said += await self.heard()
            missing = [word for word in missing if not any(word in line for line in said)]
            if missing:
                assert waited < seconds, f"never said: {missing}; but: {said}"
                await self.rig.pause(0.2)
                waited += 0.2

    async def finds(self, name: str, key: str = "down") -> str:
        """Press a key until the stop of that name is said; the sentence. Fails after a whole round."""
        await self.heard()
        said: list[str] = []
        for _ in range(MOST_STEPS):
            await self.rig.key(key)
            await self.rig.pause(0.3)
            new = await self.heard()
            said += new
            for line in new:
                if _is(name, line):
                    return line
        raise AssertionError(f"the keys found no {name!r}; they found: {said}")

    async def chooses(self, name: str) -> None:
        """Find it and press it."""
        await self.finds(name)
        await self.rig.key("select")

    async def enters(self, digits: str) -> None:
        """Digits on the keypad, found by hearing them: right goes through them all."""
        for digit in digits:
            await self.finds(digit, "right")
            await self.rig.key("select")

    async def walks_round(self) -> list[str]:
        """Press down until the first stop comes again: the ids of all stops, in order."""
        await self.rig.key("down")
        first = self.rig.screen.focused
        found = [first]
        for _ in range(MOST_STEPS):
            await self.rig.key("down")
            if self.rig.screen.focused == first:
                return found
            found.append(self.rig.screen.focused)
        raise AssertionError(f"the keys never came round: {found}")


def _is(name: str, line: str) -> bool:
    """The stop's own sentence begins with its name."""
    return line == f"{name}." or line.startswith((f"{name}. ", f"{name}, "))


def pressable(screen: Screen) -> set[str]:
    """Ids of all that can be pressed."""
    return {action.id for action in actions_of(screen)}


Until = Callable[[Lending], bool]
