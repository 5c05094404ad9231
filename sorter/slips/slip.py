"""One slip: all that stands on it, and nobody's name."""

from dataclasses import dataclass

from sorter.belt.items import Cause, ItemState, Tracked


@dataclass(frozen=True, slots=True)
class Slip:
    """The slip of an item for a bin of a kind."""

    number: int
    """Of the item's way over the belt."""
    form: str
    """What it is for: hold, transit or reason."""
    item: str
    cause: Cause
    call_number: str
    destination: str

    @classmethod
    def of(cls, item: Tracked, form: str) -> "Slip":
        """What is said of an item."""
        facts = item.facts
        return cls(item.number, form, item.item, item.cause, facts.call_number, facts.destination)

    @property
    def key(self) -> tuple[int, str]:
        """By which it is known: one of a form an item."""
        return self.number, self.form


def slip_of(item: Tracked) -> Slip | None:
    """The slip that an item which has ended is to have; None for none."""
    decision = item.decision
    if item.state is not ItemState.CONFIRMED or decision is None or not decision.slip:
        return None
    return Slip.of(item, decision.slip)
