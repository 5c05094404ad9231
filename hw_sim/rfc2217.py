"""A TCP port that also hears the line settings a client asks for (RFC 2217), so a test can ask for 38400 8E1.

The Telnet side is pyserial's own `PortManager`; this is the one file of the simulator that knows pyserial.
"""

import asyncio
from dataclasses import dataclass

from serial.rfc2217 import PortManager
from typing_extensions import override

from hw_sim.ports import TcpPort
from hw_sim.wire import Line


@dataclass(slots=True)
class LineSettings:
    """What a client has set, under pyserial's attribute names; the manager writes them."""

    baudrate: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: float = 1
    rtscts: bool = False
    xonxoff: bool = False
    dtr: bool = False
    rts: bool = False
    break_condition: bool = False
    cts: bool = True
    dsr: bool = True
    ri: bool = False
    cd: bool = True

    def reset_input_buffer(self) -> None:
        """Nothing is buffered here."""

    def reset_output_buffer(self) -> None:
        """Nothing is buffered here."""

    @override
    def __str__(self) -> str:
        return f"{self.baudrate} {self.bytesize}{self.parity}{self.stopbits:g}"


class Rfc2217Port(TcpPort):
    """A port whose `settings` say how the client has set the line, such as "38400 8E1"."""

    scheme = "rfc2217"

    def __init__(self, line: Line, port: int = 0) -> None:
        super().__init__(line, port)
        self.settings = LineSettings()
        self._manager: PortManager | None = None

    @override
    def _connect(self, client: asyncio.Transport) -> None:
        self.settings = LineSettings()
        self._manager = manager = PortManager(self.settings, client)

        def send(data: bytes) -> None:
            client.write(b"".join(manager.escape(data)))

        self._line.connect(send, client.abort)

    @override
    def take(self, data: bytes) -> None:
        if self._manager is not None:
            plain = b"".join(self._manager.filter(data))
            if plain:
                self._line.receive(plain)
