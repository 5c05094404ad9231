"""What can go wrong on a wire, as one small tree.

::

    DeviceError(device, code, detail)   never raised itself
    ├── DeviceUnavailable               the cable was pulled, the port is busy, nobody listens
    ├── DeviceTimeout (TimeoutError)    the device is there and said nothing in time
    ├── RemoteProtocolError             its bytes break the protocol: bad length, wrong echo
    ├── DeviceRefused                   it understood and said no: block locked, command unknown
    └── LocalProtocolError              we asked for something that cannot be: our bug

Jam, paper out, cover open and bin full are states in snapshots, never exceptions.
Every code below has a text for the person and one for the technician in config/texts/errors.toml;
a test holds the two lists together. `detail` is for technicians and never holds what is personal.
"""

from enum import StrEnum


class Code(StrEnum):
    """Stable names of faults. They stand in logs, in the journal and in `--json` answers."""

    PORT_GONE = "port.gone"
    PORT_BUSY = "port.busy"
    PORT_DENIED = "port.denied"
    PORT_ABSENT = "port.absent"
    PORT_REFUSED = "port.refused"
    PORT_UNKNOWN_HOST = "port.unknown_host"
    PORT_BAD_URL = "port.bad_url"
    PORT_TLS = "port.tls"
    WIRE_SILENT = "wire.silent"
    WIRE_STALLED = "wire.stalled"
    WIRE_GARBLED = "wire.garbled"
    WIRE_UNEXPECTED = "wire.unexpected"
    TAG_NONE = "tag.none"
    TAG_LOST = "tag.lost"
    TAG_LOCKED = "tag.locked"
    TAG_NOT_WRITTEN = "tag.not_written"
    READER_ADDRESS = "reader.address"
    READER_UNSUPPORTED = "reader.unsupported"
    READER_SCAN_MODE = "reader.scan_mode"
    READER_OVERFLOW = "reader.overflow"
    READER_STATUS = "reader.status"
    CARD_LOST = "card.lost"
    LIBRARY_OFFLINE = "library.offline"
    LIBRARY_LOGIN = "library.login"
    LIBRARY_OTHER_ITEM = "library.other_item"
    LIBRARY_ENCODING = "library.encoding"
    LIBRARY_CONFLICT = "library.conflict"
    LIBRARY_ERROR = "library.error"
    PRINTER_PAPER_END = "printer.paper_end"
    PRINTER_COVER_OPEN = "printer.cover_open"
    PRINTER_CUTTER = "printer.cutter"
    PRINTER_ERROR = "printer.error"
    PRINTER_MUTE = "printer.mute"
    PRINTER_UNFINISHED = "printer.unfinished"
    TERMINAL_REFUSED = "terminal.refused"
    BELT_EXCEPTION = "belt.exception"
    BELT_OTHER = "belt.other"
    MAIL_NO_TLS = "mail.no_tls"
    MAIL_LOGIN = "mail.login"
    MAIL_REFUSED = "mail.refused"
    STORE_FULL = "store.full"
    STORE_BROKEN = "store.broken"
    STORE_NEWER = "store.newer"
    STORE_LOCKED = "store.locked"
    STORE_KEY = "store.key"
    STORE_REFUSED = "store.refused"
    SHARED_AWAY = "shared.away"
    SHARED_LOGIN = "shared.login"
    SHARED_NEWER = "shared.newer"
    STATION_RUNNING = "station.running"
    STATION_ABSENT = "station.absent"
    STATION_REQUEST = "station.request"
    STATION_VERSION = "station.version"
    CLOCK_WRONG = "clock.wrong"
    CONFIG_INVALID = "config.invalid"
    BUG = "bug"


UNSAVED = frozenset({Code.STORE_FULL, Code.STORE_BROKEN, Code.STORE_LOCKED})
"""Why nothing can be written down."""


class DeviceError(Exception):
    """Base of all wire faults: which device, which code, and a technician's detail."""

    def __init__(self, device: str, code: Code, detail: str = "", raw: bytes = b"") -> None:
        super().__init__(f"{device}: {code.value}" + (f": {detail}" if detail else ""))
        self.device = device
        self.code = code
        self.detail = detail
        self.raw = raw
        """The offending bytes, for a technician's trace only: they may hold personal data."""


class DeviceUnavailable(DeviceError):
    """The device cannot be reached. Retry with back-off; say so once per change."""


class DeviceTimeout(DeviceError, TimeoutError):
    """No answer before the deadline. The command may or may not have been carried out."""


class RemoteProtocolError(DeviceError):
    """The peer's bytes break the protocol. Count it, resynchronise, reconnect when in doubt."""


class DeviceRefused(DeviceError):
    """The device says no, in its own code: the flow decides what that means."""


class LocalProtocolError(DeviceError):
    """We asked for what cannot be. A bug, never shown to a citizen."""
