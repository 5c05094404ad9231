"""Where materials stand and how they move: this branch, its chutes, its crates, the database that branches share."""

import re
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from config.label import bare
from config.part import Part, Pattern
from config.secret_ref import SecretRef

Place = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]
Destination = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00-\x1f]*$")]
ChuteLabel = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9.:/_-]{1,40}$")]


class ChuteTable(Part):
    """One chute: its label as scanned is the name of the table."""

    bin: str = Field(min_length=1, description="bin of the sort plan that it is")
    destination: Destination = Field(
        "", description="branch that its crates go to; empty where they stay or go to several"
    )


class SharedDatabase(Part):
    """The one PostgreSQL database of all branches. Without it a plant knows of its own crates alone."""

    url: Annotated[
        str,
        StringConstraints(
            pattern=r"^postgresql://[A-Za-z0-9_.-]+@(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]*)(:\d{1,5})?/[A-Za-z0-9_-]+(\?host=/[A-Za-z0-9_./-]+)?$"
        ),
    ] = Field(description="postgresql://USER@HOST:PORT/NAME; never with a password in it")
    password: SecretRef | None = Field(None, description="its password, by reference")
    tls: bool = Field(
        True, description="speak TLS and check who answers; false only on this machine"
    )
    ca_file: str = Field("", description="certificate authority to trust; the system's if empty")
    answer_s: float = Field(10.0, gt=0, le=120, description="how long one answer may take")
    again_s: float = Field(
        5.0, gt=0, le=600, description="how often it is asked what other branches did"
    )


class Ims(Part):
    """Branch, labels, chutes. With chutes a bin takes nothing until its chute and a crate are scanned."""

    branch: Place = Field(description="this branch, as the sort plan and other branches name it")
    crate_pattern: Pattern = Field(
        r"K-?\d{4}", description="what a crate's label looks like here, in capitals"
    )
    chute_pattern: Pattern = Field(
        r"A-?\d{2}", description="what a chute's label looks like here, in capitals"
    )
    accept_new: bool = Field(
        True, description="a crate that was never seen is taken for a new one; false: it is refused"
    )
    put_back_s: float = Field(
        3600.0,
        ge=0,
        le=86400,
        description="so long after it was closed a crate whose items leave the house goes on with what it holds when it is put back; later it is asked whether it is empty",
    )
    point: str = Field(
        "",
        max_length=40,
        description="this sorting point, as other branches read it; the station's id if empty",
    )
    chutes: dict[ChuteLabel, ChuteTable] = {}
    database: SharedDatabase | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_password_in_the_url(cls, data: Any) -> Any:
        database = data.get("database") if isinstance(data, dict) else None
        url = database.get("url", "") if isinstance(database, dict) else ""
        if isinstance(url, str) and ":" in url.partition("://")[2].rpartition("@")[0]:
            raise ValueError(
                "database.url must hold no password: name its file with password = { file = … }"
            )
        return data

    @model_validator(mode="after")
    def _chutes_are_labels(self) -> "Ims":
        bins = [chute.bin for chute in self.chutes.values()]
        twice = sorted({bin for bin in bins if bins.count(bin) > 1})
        if twice:
            raise ValueError(f"two chutes are one bin: {', '.join(twice)}")
        spelt: dict[str, str] = {}
        for label in self.chutes:
            first = spelt.setdefault(bare(label), label)
            if first != label:
                raise ValueError(
                    f"chutes {first} and {label} are one label: case, spaces and punctuation do not count"
                )
        for label in self.chutes:
            kinds = [
                name
                for name, pattern in (
                    ("chute_pattern", self.chute_pattern),
                    ("crate_pattern", self.crate_pattern),
                )
                if re.fullmatch(pattern, label, re.ASCII)
            ]
            if kinds != ["chute_pattern"]:
                fits = " and ".join(kinds) or "no pattern"
                raise ValueError(
                    f"chute {label} fits {fits}; a scan of it must fit chute_pattern alone"
                )
        return self
