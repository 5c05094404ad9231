"""Mail addresses: which can be written to at all, and what of one may stand on a screen."""

import re

from drivers.ports import Secret

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_ADDRESS = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+{_LABEL})")
LONGEST = 254
"""Characters of a path, without its brackets (RFC 5321, 4.5.3.1.3)."""


def usable(address: Secret) -> bool:
    """Whether it is one plain address: no name beside it, no quotes, no white space, nothing of a header.

    A dot-atom before the @ (RFC 5322, 3.2.3), a domain name of two labels or more behind it, which may be
    of any script. Older forms exist and are not written to.
    """
    text = address.reveal()
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None


def masked(address: Secret) -> str:
    """Enough for its owner to know it by, and for nobody else: `k…@g…`. Empty for what is no address."""
    if not usable(address):
        return ""
    local, _, domain = address.reveal().partition("@")
    return f"{local[0]}…@{domain[0]}…"


def on_the_wire(address: Secret) -> str:
    """The address as SMTP takes it: a domain of another script in its ASCII form (RFC 5891, A-label).

    Raises:
        ValueError: a domain that has no such form.
    """
    local, _, domain = address.reveal().partition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"
