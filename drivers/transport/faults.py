"""The one place that maps every way a cable can fail to our errors.

pyserial raises SerialException, the C library OSError, and termios.error is neither (it derives from
Exception alone); sockets add their own. Whatever the wire, the driver sees the same few codes.
"""

import errno
import grp
import os
import socket
import ssl
import stat
import termios

from drivers.errors import Code, DeviceError, DeviceUnavailable

_BY_ERRNO: dict[int, Code] = {
    errno.ENOENT: Code.PORT_ABSENT,
    errno.ENODEV: Code.PORT_ABSENT,
    errno.ENXIO: Code.PORT_ABSENT,
    errno.EACCES: Code.PORT_DENIED,
    errno.EPERM: Code.PORT_DENIED,
    errno.EBUSY: Code.PORT_BUSY,
    errno.EAGAIN: Code.PORT_BUSY,
    errno.ECONNREFUSED: Code.PORT_REFUSED,
    errno.ENOTTY: Code.PORT_BAD_URL,
    errno.EISDIR: Code.PORT_BAD_URL,
    errno.ENOTDIR: Code.PORT_BAD_URL,
}


def from_cause(device: str, cause: BaseException, where: str = "") -> DeviceError:
    """The error of ours that says what happened to the wire of `device`.

    `where` is the path or address: with a denied device file the detail names the group that may open it.
    """
    if isinstance(cause, DeviceError):
        return cause
    if isinstance(cause, ssl.SSLError):
        return DeviceUnavailable(device, Code.PORT_TLS, _words(cause))
    if isinstance(cause, socket.gaierror):
        return DeviceUnavailable(device, Code.PORT_UNKNOWN_HOST, where)
    code = _BY_ERRNO.get(_errno_of(cause), Code.PORT_GONE)
    detail = where
    if code is Code.PORT_DENIED:
        group = _owning_group(where)
        detail = f"{where}, open to the group {group}" if group else where
    elif code is Code.PORT_GONE:
        detail = _words(cause)
    return DeviceUnavailable(device, code, detail)


def _errno_of(cause: BaseException) -> int:
    """Errno of an OSError or termios.error; pyserial hides it in its text or behind __context__."""
    number = getattr(cause, "errno", None)
    if isinstance(number, int) and number:
        return number
    if isinstance(cause, termios.error) and cause.args and isinstance(cause.args[0], int):
        return cause.args[0]
    behind = cause.__cause__ or cause.__context__
    return _errno_of(behind) if behind is not None and behind is not cause else 0


def _owning_group(path: str) -> str:
    try:
        found = os.stat(path)
        if not stat.S_ISCHR(found.st_mode):
            return ""
        return grp.getgrgid(found.st_gid).gr_name
    except (OSError, KeyError):
        return ""


def _words(cause: BaseException) -> str:
    number = _errno_of(cause)
    return os.strerror(number) if number else type(cause).__name__
