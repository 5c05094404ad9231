"""One device of a station: which driver serves its role, on which wire."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from config.part import Part

Url = Annotated[
    str,
    StringConstraints(
        pattern=r"^(/dev/\S+|socket://[^\s:/]+:\d{1,5}|rfc2217://[^\s:/]+:\d{1,5}|/\S+|memory://\S+)$"
    ),
]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class Device(Part):
    """One device: which driver serves the role, on which wire."""

    driver: Name = Field(
        description="driver name, such as feig, bibliotheca, barcode, escpos; of a belt modbus"
    )
    url: Url = Field(description="device path, socket://HOST:PORT or rfc2217://HOST:PORT")
    baud: int | None = Field(
        None, ge=1200, le=921600, description="serial only; the driver's own default"
    )
    parity: Literal["none", "even", "odd"] | None = Field(
        None, description="serial only; the driver's own default"
    )
    flow: Literal["none", "rtscts", "xonxoff"] | None = Field(
        None, description="serial only: how a busy device holds us back"
    )
    profile: str = Field("", description="printer profile of python-escpos, such as TM-T88V")
    width_dots: int = Field(576, ge=200, le=832, description="printer head width")
