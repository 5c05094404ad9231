"""A PostgreSQL cluster of its own for a test run: made in a new directory, run as a user without rights, ended by its pid."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.ims import SharedDatabase as Config
from tests.conftest import tool

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Debian keeps them beside the path (postgresql-common)."""
NOBODY = "nobody"


def _program(name: str) -> str:
    for folder in reversed(BINARIES):
        if (folder / name).exists():
            return str(folder / name)
    return tool(name)


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; where the test is root it runs as the user that owns nothing."""
    if os.getuid() != 0:
        return {}
    return {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []}


@dataclass
class Cluster:
    """One running server on a Unix socket in its own directory."""

    directory: Path
    password: str
    made: int = field(default=0)

    def ctl(self, *words: str) -> None:
        command = (_program("pg_ctl"), "-D", str(self.directory / "data"), "-w", *words)
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            cwd=self.directory, **_as_nobody(),
        )  # fmt: skip

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.directory} -c fsync=off"
        log = str(self.directory / "log")
        self.ctl("-l", log, "-o", options, "start")

    def stop(self) -> None:
        """As a power cut: nothing is tidied up. pg_ctl signals the pid that the server wrote down."""
        self.ctl("-m", "immediate", "stop")

    def connect(self, database: str) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            host=str(self.directory),
            user="ims",
            dbname=database,
            password=self.password,
            autocommit=True,
        )

    def database(self) -> str:
        """A new empty database; its name."""
        self.made += 1
        name = f"ims{self.made}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return name

    def config(self, database: str, **changes: Any) -> Config:
        """What a station file says of one of its databases."""
        url = f"postgresql://ims@/{database}?host={self.directory}"
        return Config(**{"url": url, "tls": False, "answer_s": 5.0, **changes})


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One cluster for all tests of a process."""
    directory = Path(tempfile.mkdtemp(prefix="ims-pg-"))
    made = Cluster(directory, secrets.token_hex(16))
    try:
        word = directory / "word"
        word.write_text(made.password, encoding="ascii")
        if os.getuid() == 0:
            for path in (directory, word):
                shutil.chown(path, NOBODY)
        subprocess.run(
            (
                _program("initdb"), "-D", str(directory / "data"), "-U", "ims", "--no-sync",
                "--auth=scram-sha-256", f"--pwfile={word}", "--encoding=UTF8", "--locale=C",
            ),
            check=True, stdout=subprocess.DEVNULL, cwd=directory, **_as_nobody(),
        )  # fmt: skip
        made.start()
        try:
            yield made
        finally:
            if (directory / "data" / "postmaster.pid").exists():
                made.stop()
    finally:
        shutil.rmtree(directory)
