"""Envelopes for what is personal and must outlive a power cut: AES-256-GCM, bound to its place, short-lived.

The key never lies in the database: it comes from a systemd credential or a file of mode 0400. An envelope
is erased when its effect is settled, and in any case once it has expired; secure_delete overwrites it in
the file, and the store folds the write-ahead log soon after.
"""

import hashlib
import hmac
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert, select

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Rng, Secret, Txn
from drivers.store import journal, tables
from drivers.store.txn import moment

KEY_BYTES = 32
NONCE_BYTES = 12
"""NIST SP 800-38D, 8.2.2: 96 random bits."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """The station's key, `ports.Sealer`. Its repr tells only its name."""

    _key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._key) != KEY_BYTES:
            raise ValueError(f"a seal key has {KEY_BYTES} bytes, not {len(self._key)}")

    @property
    def key_id(self) -> str:
        return hashlib.sha256(b"ims-seal-key-id" + self._key).hexdigest()[:16]

    def seal(self, clear: bytes, *, place: str, nonce: bytes) -> bytes:
        return AESGCM(self._derived(b"seal")).encrypt(nonce, clear, place.encode())

    def unseal(self, box: bytes, *, place: str, nonce: bytes) -> bytes:
        """Raises DeviceUnavailable(store.key) when the box is another key's, another place's, or changed."""
        try:
            return AESGCM(self._derived(b"seal")).decrypt(nonce, box, place.encode())
        except InvalidTag:
            raise DeviceUnavailable("store", Code.STORE_KEY, "an envelope does not open") from None

    def index(self, clear: Secret, *, place: str) -> str:
        message = len(place).to_bytes(4, "big") + place.encode() + clear.reveal().encode()
        return hmac.new(self._derived(b"index"), message, hashlib.sha256).hexdigest()

    def _derived(self, use: bytes) -> bytes:
        return hmac.new(self._key, b"ims-seal-" + use, hashlib.sha256).digest()


def load_key(*, file: Path | None = None, credential: str | None = None) -> SealKey:
    """The key from a file of mode 0400 or a systemd credential: 64 hexadecimal digits.

    systemd itself guards a credential, by an access list that shows as other modes.

    Raises:
        DeviceUnavailable: store.key, when it is not there, is readable by others, or is no key.
    """
    if file is None:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if folder is None or credential is None:
            raise DeviceUnavailable("store", Code.STORE_KEY, "no credentials from systemd")
        file = Path(folder) / credential
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        words = file.read_text(encoding="ascii").strip()
        if credential is None and mode & 0o377:
            raise DeviceUnavailable("store", Code.STORE_KEY, f"{file}: mode {mode:04o}, want 0400")
        return SealKey(bytes.fromhex(words))
    except OSError as error:
        why = f"{file}: {error.strerror or 'unreadable'}"
        raise DeviceUnavailable("store", Code.STORE_KEY, why) from None
    except ValueError:
        why = f"{file}: not 64 hexadecimal digits"
        raise DeviceUnavailable("store", Code.STORE_KEY, why) from None


def make_key_file(file: Path, rng: Rng) -> SealKey:
    """Write a new key where none is yet (mode 0400), for a demo or a first start. Raises FileExistsError."""
    key = rng.bytes(KEY_BYTES)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as out:
        out.write(key.hex().encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return SealKey(key)


def seal(txn: Txn, place: str, values: Mapping[str, Secret], *, expires_at: datetime) -> None:
    """Keep `values` in an envelope at `place` ("table:row:column") until `expires_at` at the longest."""
    clear = json.dumps({name: value.reveal() for name, value in values.items()}).encode()
    nonce = txn.random(NONCE_BYTES)
    txn.connection.execute(
        insert(tables.sealed),
        {
            "place": place,
            "key_id": txn.sealer.key_id,
            "nonce": nonce,
            "box": txn.sealer.seal(clear, place=place, nonce=nonce),
            "expires_at": moment(expires_at),
        },
    )


def unseal(txn: Txn, place: str) -> dict[str, Secret] | None:
    """What the envelope at `place` holds; None when there is none any more.

    Raises:
        DeviceUnavailable: store.key, when it was sealed by another key or was changed.
    """
    row = txn.connection.execute(
        select(tables.sealed).where(tables.sealed.c.place == place)
    ).one_or_none()
    if row is None or row.expires_at <= moment(txn.now):
        return None
    if row.key_id != txn.sealer.key_id:
        raise DeviceUnavailable("store", Code.STORE_KEY, f"sealed by {row.key_id}")
    clear = json.loads(txn.sealer.unseal(row.box, place=place, nonce=row.nonce))
    return {name: Secret(value) for name, value in clear.items()}


def erase(txn: Txn, place: str) -> bool:
    """Remove the envelope at `place`. True if there was one."""
    gone = txn.connection.execute(delete(tables.sealed).where(tables.sealed.c.place == place))
    return bool(gone.rowcount)


def expire(txn: Txn) -> int:
    """Remove every envelope whose time is over, and say how many in the journal."""
    gone = txn.connection.execute(
        delete(tables.sealed).where(tables.sealed.c.expires_at <= moment(txn.now))
    ).rowcount
    if gone:
        journal.append(txn, "sealed.expired", payload={"count": gone})
    return int(gone)
