"""Which faults stand on a device, with their arguments: started by name, spent by use, ended by name."""

from collections.abc import Mapping
from dataclasses import dataclass

NEEDED = object()
"""Marks an argument that has no default."""


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument of a fault: what kind of value it takes, and what it is when not given."""

    kind: type | tuple[type, ...]
    default: object = NEEDED


COUNT = Arg((int, type(None)), 1)
"""How many times it happens; None until it is cleared."""
UNTIL_CLEARED = Arg((int, type(None)), None)
"""The same, but standing unless a number is given."""
TEXT = Arg(str)
ANY_ITEM = Arg(str, "")
"""An item's id; empty means every item."""


class Faults:
    """The faults of one device or wire. `known` maps each verb to its arguments."""

    def __init__(self, known: Mapping[str, Mapping[str, Arg]]) -> None:
        self.known = known
        self._standing: dict[str, dict[str, object]] = {}

    def start(self, verb: str, given: Mapping[str, object]) -> dict[str, object]:
        """Start a fault. Raises ValueError listing the known verbs, TypeError naming the wrong argument."""
        if verb not in self.known:
            raise ValueError(f"no fault {verb!r}; there are: {', '.join(self.known)}")
        takes = self.known[verb]
        for name in given:
            if name not in takes:
                raise TypeError(f"{verb} takes {', '.join(takes) or 'nothing'}, not {name!r}")
        args: dict[str, object] = {}
        for name, arg in takes.items():
            value = given.get(name, arg.default)
            if value is NEEDED:
                raise TypeError(f"{verb} needs {name}")
            if not isinstance(value, arg.kind) or (isinstance(value, int) and value < 0):
                raise TypeError(f"{verb}: {name} cannot be {value!r}")
            args[name] = value
        self._standing[verb] = args
        return args

    def get(self, verb: str) -> dict[str, object] | None:
        """The fault's arguments while it stands."""
        return self._standing.get(verb)

    def spend(self, verb: str) -> dict[str, object] | None:
        """The fault's arguments if it stands, using up one of its count."""
        args = self._standing.get(verb)
        if args is not None:
            left = args.get("count")
            if isinstance(left, int):
                args["count"] = left - 1
                if left <= 1:
                    del self._standing[verb]
        return args

    def clear(self, verb: str | None = None) -> None:
        """End one fault, or all. Raises ValueError for a verb that does not exist."""
        if verb is None:
            self._standing.clear()
        elif verb not in self.known:
            raise ValueError(f"no fault {verb!r}; there are: {', '.join(self.known)}")
        else:
            self._standing.pop(verb, None)

    def standing(self) -> dict[str, object]:
        """Every standing fault with its arguments; a count is what is left of it."""
        return {verb: dict(args) for verb, args in self._standing.items()}


def number(value: object) -> float:
    """A fault's argument that was checked to be a number."""
    if isinstance(value, int | float):
        return float(value)
    raise TypeError(f"{value!r} is no number")
