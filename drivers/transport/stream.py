"""The byte stream under every device protocol: four verbs and one way to fail.

A transport is the only thing that knows what kind of wire it is. It raises DeviceUnavailable when the far
end is gone and DeviceTimeout when it does not take our bytes; nothing else.
"""

from typing import Protocol


class Transport(Protocol):
    """One wire. `device` is the role it serves, for errors and logs."""

    device: str

    async def open(self) -> None:
        """Connect. Raises DeviceUnavailable with the cause: absent, busy, denied, refused."""
        ...

    async def read(self) -> bytes:
        """Wait for bytes and return all that are there, at least one. Raises DeviceUnavailable at hang-up."""
        ...

    async def write(self, data: bytes) -> None:
        """Hand all bytes to the wire. Raises DeviceTimeout when the far end takes none for a second."""
        ...

    async def close(self) -> None:
        """Let go of the wire; never raises, safe to repeat. A pending read ends with DeviceUnavailable."""
        ...
