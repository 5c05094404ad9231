"""The inlet where borrowers hand items in to a sorting plant: its screen and its times."""

from pydantic import Field

from config.part import Part
from config.screen import ScreenTable


class Inlet(Part):
    """A public inlet with a gate, a reader at it, and a small screen: 1280 x 1024, 3.4 px a mm without [inlet.screen]. Times in seconds."""

    screen: ScreenTable = ScreenTable(width=1280, height=1024, px_per_mm=3.4)
    idle_s: float = Field(
        30, ge=5, description="quiet time until the borrower is asked; somebody else may come next"
    )
    warning_s: float = Field(20, ge=20, description="not below 20: EN 301 549, 11.2.2.1")
    refused_s: float = Field(
        20, ge=5, description="how long it stands that something was not taken"
    )
    end_s: float = Field(6, ge=2, description="how long the last screen stands")
    answers_s: float = Field(
        4, ge=0, le=30, description="longest wait of a receipt for what the library system says"
    )
    enters_s: float = Field(
        15, ge=5, le=60, description="from opening the gate until an item must be on the belt"
    )
