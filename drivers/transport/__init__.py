"""The wires: serial, TCP, RFC 2217, memory, recording, faulty. The only room that knows pyserial."""

import re
import ssl

from drivers.errors import Code, LocalProtocolError
from drivers.transport.stream import Transport

__all__ = ["Transport", "open_transport"]

_SOCKET = re.compile(r"(?:socket|sip2)://(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):(\d{1,5})")


def open_transport(
    url: str,
    *,
    device: str,
    baud: int | None = None,
    parity: str | None = None,
    flow: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> Transport:
    """The transport for a URL, not opened yet: a device path, socket://HOST:PORT or rfc2217://HOST:PORT.

    Args:
        url: where the device is.
        device: the role it serves, for errors and logs.
        baud: symbols a second; a serial line's default is 9600.
        parity: none, even or odd.
        flow: none, rtscts or xonxoff.
        tls: context for sockets that speak TLS.

    Raises:
        LocalProtocolError: port.bad_url when the URL is of no known kind.
    """
    if found := _SOCKET.fullmatch(url):
        from drivers.transport.tcp import TcpTransport

        port = int(found[2])
        if not 0 < port < 65536:
            raise LocalProtocolError(device, Code.PORT_BAD_URL, url)
        return TcpTransport(device, found[1].strip("[]"), port, tls=tls)
    if url.startswith("/dev/input/"):
        from drivers.transport.input_device import InputTransport

        return InputTransport(device, url)
    if url.startswith(("/", "rfc2217://")):
        from drivers.transport.serial_port import LineSettings, Rfc2217Transport, SerialTransport

        line = LineSettings(baud or 9600, parity or "none", flow or "none")
        if url.startswith("/"):
            return SerialTransport(device, url, line)
        return Rfc2217Transport(device, url, line)
    raise LocalProtocolError(device, Code.PORT_BAD_URL, url)
