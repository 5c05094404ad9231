"""The sorting plant: its belt, and what it decides about taking items in."""

from typing import Literal

from pydantic import Field

from config.device import Device
from config.part import Part


class Belt(Device):
    """The controller of a sorting belt, on its wire."""

    unit: int = Field(1, ge=1, le=247, description="the controller's address on the wire")
    answer_s: float = Field(
        0.08,
        ge=0.02,
        le=1.0,
        description="how long the controller may think, beyond the wire's time",
    )


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
