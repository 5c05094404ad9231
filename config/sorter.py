"""The sorting plant: its belt, and what it decides about taking items in."""

from string import Formatter
from typing import Literal

from pydantic import Field, field_validator

from config.device import Device
from config.part import Part


class Belt(Device):
    """The controller of a sorting belt, on its wire."""

    unit: int = Field(1, ge=1, le=247, description="the controller's address on the wire")
    answer_s: float = Field(
        0.1,
        ge=0.02,
        le=1.0,
        description="how long the controller may think, beyond the wire's time",
    )


REPORT_WORDS = frozenset({"bin", "number", "name", "chute"})
"""What a report can say of the bin: its name in the plan, its number, what people call it, its chute's label."""
_TAKEN = frozenset({"AB", "AC", "AO", "AY", "AZ"})
"""Fields of SIP2 19 that say something else."""


class Sorter(Part):
    """How the plant works. What it sorts by stands in its plan."""

    plan: str = Field(
        min_length=1, description="sort plan: a file, or the name of a packaged one such as odense"
    )
    offline: Literal["stop", "accept"] = Field(
        "stop",
        description="while the library system is away: the inlet shuts, or items are taken in and checked in later",
    )
    no_block: bool = Field(
        True,
        description="checked in later as what has happened (SIP2 no-block); false: as ordinary returns",
    )
    links: int = Field(
        4, ge=1, le=16, description="links to the library system, each with one question at a time"
    )
    report: Literal["none", "item_status"] = Field(
        "none",
        description="how the library system is told the bin that an item really lies in: not at all, or by SIP2 19",
    )
    report_field: str = Field(
        "CH",
        pattern=r"^[A-Z][A-Z0-9]$",
        description="field of that message in which the bin stands; CH, item properties, is what the standard has",
    )
    report_text: str = Field(
        "{bin}",
        min_length=1,
        max_length=60,
        description="what stands in it, of {bin} (its name in the plan), {number}, {name} and {chute}; a bin's own `told_as` in the plan goes before it",
    )
    cycle_s: float = Field(0.05, ge=0.01, le=0.2, description="how often the belt is spoken to")
    link_s: float = Field(
        1.0, ge=0.3, le=1.0, description="silence of the belt until its link counts as lost"
    )
    settle_s: float = Field(
        20.0,
        ge=1,
        le=120,
        description="longest wait between two questions about an unanswered check-in",
    )
    most_asked: int = Field(
        12,
        ge=1,
        le=64,
        description="items that may wait for the library system until the inlet shuts",
    )
    most_pending: int = Field(
        16, ge=1, le=64, description="events that may wait to be written down until the inlet shuts"
    )

    @field_validator("report_field")
    @classmethod
    def _free(cls, field: str) -> str:
        if field in _TAKEN:
            raise ValueError(f"{field} says something else in this message: choose another field")
        return field

    @field_validator("report_text")
    @classmethod
    def _known(cls, text: str) -> str:
        try:
            named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise ValueError(f"{error}: write a brace that is meant as one twice") from None
        if unknown := sorted(named - REPORT_WORDS):
            known = ", ".join(f"{{{word}}}" for word in sorted(REPORT_WORDS))
            raise ValueError(f"there is no {{{unknown[0]}}}; there are {known}")
        try:
            text.format(bin="a", number=1, name="a", chute="a")
        except ValueError as error:
            raise ValueError(f"cannot be written so: {error}") from None
        return text
