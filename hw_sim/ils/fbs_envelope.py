"""The XML around a SIP2 line of FBS, as its server reads and writes it.

Source: public code bibboxen/bibbox, test/fixtures/fbs.js, and bibboxen/bibselv, engine/plugins/fbs. A request
names the login in two attributes; an answer is a `response`, an `error`, or a `restExceptionInfo`.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

NAMESPACE = "http://axiell.com/Schema/sip.xsd"

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OUTER = f'<ns2:sip xmlns:ns2="{NAMESPACE}">', "</ns2:sip>"


class BadEnvelope(ValueError):
    """A body that is no request."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a request holds: who asks, and the SIP2 line. An attribute that is missing is None."""

    login: str | None = field(repr=False)
    password: str | None = field(repr=False)
    line: str = field(repr=False)


def open_envelope(body: bytes) -> Envelope:
    """Read a request's body. Raises BadEnvelope, also for a DOCTYPE."""
    try:
        text = body.decode("utf-8")
        if "<!DOCTYPE" in text:
            raise BadEnvelope("a DOCTYPE")
        root = ET.fromstring(text)
    except (UnicodeDecodeError, ET.ParseError):
        raise BadEnvelope("no XML") from None
    request = root.find("request")
    if root.tag != f"{{{NAMESPACE}}}sip" or request is None or len(root) != 1 or len(request):
        raise BadEnvelope("another element")
    return Envelope(root.get("login"), root.get("password"), (request.text or "").strip("\n"))


def response(line: str, *, newlines: bool = False) -> str:
    """The body of an answer; `newlines` puts line ends between its parts and around the line."""
    return _body("response", line, "\n" if newlines else "")


def error(text: str) -> str:
    """The body that says what was wrong with a request."""
    return _body("error", text, "")


def _body(element: str, text: str, end: str) -> str:
    inner = f"<{element}>{end}{escape(text)}{end}</{element}>"
    return end.join((_DECLARATION, _OUTER[0], inner, _OUTER[1])) + end


def exception(code: str, correlation: str) -> str:
    """The body by which the service behind SIP2 says that it failed."""
    return (
        f"<restExceptionInfo><correlationId>{correlation}</correlationId><errorCode>{code}</errorCode>"
        "<message></message><className/><info/>"
        f"<errorType>{code}</errorType></restExceptionInfo>"
    )


def with_doctype(body: str) -> str:
    """The same body with a document type, which a careful client refuses."""
    doctype = '<!DOCTYPE sip [<!ENTITY name "value">]>'
    return body.replace("?>", f"?>{doctype}", 1) if "?>" in body else doctype + body
