"""What must appear in no log, error or journal."""

from dataclasses import dataclass, field

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must appear in no log, error or journal: card, CPR, PIN, name. Its repr is blank.

    `reveal()` is called at the wire and at the sealed store, nowhere else.
    """

    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value

    @override
    def __repr__(self) -> str:
        return "Secret(…)"

    @override
    def __str__(self) -> str:
        return "…"

    def __bool__(self) -> bool:
        return bool(self._value)
