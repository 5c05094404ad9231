"""Secrets by reference: a systemd credential, a file that its owner alone can read, or (in CI) a variable."""

import os
import stat
from pathlib import Path

from config.secret_ref import SecretRef


class SecretUnreadable(ValueError):
    """The reference leads to no secret; says where it looked, never what it found."""


def resolve(ref: SecretRef) -> str:
    """The secret, without a final line break.

    Raises:
        SecretUnreadable: it is not there, may not be read, or others may read it.
    """
    if ref.environment is not None:
        value = os.environ.get(ref.environment)
        if value is None:
            raise SecretUnreadable(f"the environment variable {ref.environment} is not set")
        return value
    if ref.credential is not None:
        directory = os.environ.get("CREDENTIALS_DIRECTORY")
        if directory is None:
            raise SecretUnreadable(
                f"credential {ref.credential}: not started by systemd (no CREDENTIALS_DIRECTORY)"
            )
        return _contents(Path(directory) / ref.credential)
    path = Path(ref.file or "")
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SecretUnreadable(f"{path}: {error.strerror}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretUnreadable(f"{path}: others may read it; run: chmod 0400 {path}")
    return _contents(path)


def _contents(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnreadable(f"{path}: cannot be read") from error
