"""A screen in true size, and the hours in which it is on."""

from pydantic import Field, model_validator

from config.part import Part
from config.week import Week

NARROWEST_UPRIGHT_MM = 240
"""Upright, a screen of 15 inch (226 mm) has no room for keys of 15 mm."""


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

    @model_validator(mode="after")
    def _room_for_keys(self) -> "ScreenTable":
        wide = self.width / self.px_per_mm
        if self.height > self.width and wide < NARROWEST_UPRIGHT_MM:
            raise ValueError(
                f"an upright screen {wide:.0f} mm wide has no room for the keys: turn it on its side, or measure px_per_mm"
                f" again ({NARROWEST_UPRIGHT_MM} mm at least)"
            )
        return self
