"""Messages that leave the building: to one person, at an address that the library system knows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from drivers.ports.secret import Secret


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person. All of it but the id is personal.

    `id` names the message for good: it is the same at every try, so that a server or a mail program can
    tell a second copy from a second message (RFC 5322, 3.6.4).
    """

    id: str
    to: Secret
    subject: Secret
    body: Secret
    language: str
    at: datetime
    """Aware; when it was written, not when it was sent."""


class Delivery(StrEnum):
    """What the mail server said to one letter."""

    ACCEPTED = "accepted"
    """It has taken the letter over (RFC 5321, 4.2.5): nobody sends it again."""
    LATER = "later"
    """Not now: try again."""
    NO_SUCH_ADDRESS = "no_such_address"
    REFUSED = "refused"
    """Never, for a reason that is ours or the server's: staff should know."""
    UNKNOWN = "unknown"
    """The line broke after the last byte: it may have been taken."""


class Notifier(Protocol):
    """A way to send letters. One at a time; calls queue."""

    async def check(self) -> None:
        """See whether letters could be sent now, without sending any.

        Raises:
            DeviceUnavailable, DeviceTimeout: nobody there, or no answer.
            DeviceRefused: mail.no_tls, mail.login, mail.refused.
        """
        ...

    async def send(self, letter: Letter) -> Delivery:
        """Try once. Sending again after UNKNOWN may deliver it twice. Raises as `check`: nothing was sent then."""
        ...

    async def close(self) -> None:
        """Let go of whatever is under way."""
        ...
