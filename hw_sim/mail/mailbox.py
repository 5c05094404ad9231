"""What a mail server has taken over: every message as it came, and as its reader sees it."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Kept:
    """One message."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    encrypted: bool

    @property
    def parsed(self) -> EmailMessage:
        """The message as a mail program reads it."""
        return message_from_bytes(self.data, policy=policy.default)

    def truth(self) -> dict[str, object]:
        """As JSON types."""
        message = self.parsed
        body = message.get_body(preferencelist=("plain",))
        return {
            "from": self.sender,
            "to": list(self.recipients),
            "id": str(message["Message-ID"]),
            "subject": str(message["Subject"]),
            "text": body.get_content().replace("\r\n", "\n") if body is not None else "",
            "encrypted": self.encrypted,
        }


class Mailbox:
    """All that came, in its order. A message that comes twice is there twice."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    def take(self, sender: str, recipients: tuple[str, ...], data: bytes, encrypted: bool) -> None:
        """The server is responsible for this one now."""
        self.kept.append(Kept(sender, recipients, data, encrypted))
