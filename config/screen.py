"""A screen in true size, and the hours in which it is on."""

from pydantic import Field

from config.part import Part
from config.week import Week


class ScreenTable(Part):
    """The screen, in true size: QScreen's own word about millimetres is not to be trusted."""

    width: int = Field(1080, ge=640, le=7680, description="pixels")
    height: int = Field(1920, ge=480, le=7680, description="pixels")
    px_per_mm: float = Field(4.0, gt=1, lt=20, description="measured with a ruler")
    full_screen: bool = Field(False, description="cover the whole screen")
    lit: Week = Field(
        Week(),
        description="hours in which the screen is on; outside them it is dark until somebody comes. Left out: always",
    )
