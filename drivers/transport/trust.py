"""Whom a TLS connection trusts: the system's authorities, or one of a file."""

import ssl

from drivers.errors import Code, LocalProtocolError


def tls_context(ca_file: str, device: str) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificates checked against this authority or the system's.

    Raises LocalProtocolError: config.invalid when the authority's file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        why = f"ca_file: {type(error).__name__}"
        raise LocalProtocolError(device, Code.CONFIG_INVALID, why) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
