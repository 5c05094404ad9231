"""What every table of a station file is made of."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of every table: frozen, and a key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
