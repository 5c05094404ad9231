"""Where a secret lies; never the secret."""

from pydantic import Field, model_validator

from config.part import Part


class SecretRef(Part):
    """Where a secret lies; never the secret. Exactly one of the three."""

    credential: str | None = Field(None, description="name of a systemd credential")
    file: str | None = Field(None, description="path of a file readable by its owner alone (0400)")
    environment: str | None = Field(None, description="environment variable; tests and CI only")

    @model_validator(mode="after")
    def _one(self) -> "SecretRef":
        given = [v for v in (self.credential, self.file, self.environment) if v is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of credential, file, environment")
        return self
