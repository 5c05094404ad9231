"""A letter as bytes for the wire: plain text, one language, nothing that could be taken for another header. Pure."""

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from drivers.notify.address import on_the_wire, usable
from drivers.ports import Letter, Secret

_WIRE = policy.SMTP.clone(max_line_length=76, cte_type="7bit")


def composed(letter: Letter, *, sender: str, sender_name: str) -> bytes:
    """The message of RFC 5322, lines ended by CRLF, 7-bit whatever the language.

    It says of itself that nobody wrote it (RFC 3834, 5): an absent borrower's mail program sends no answer.

    Raises:
        ValueError: an address that is none, or a header that would hold a line end.
    """
    if not usable(letter.to):
        raise ValueError("no address")
    local, _, domain = sender.partition("@")
    message = EmailMessage(policy=_WIRE)
    message["From"] = Address(sender_name, local, domain)
    message["To"] = Address(addr_spec=on_the_wire(letter.to))
    message["Subject"] = letter.subject.reveal()
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body.reveal(), charset="utf-8")
    message["Content-Language"] = letter.language  # set_content drops what stood there
    return message.as_bytes()


def envelope(to: Secret) -> str:
    """The address for RCPT TO. Raises ValueError for one that cannot be written."""
    return on_the_wire(to)
