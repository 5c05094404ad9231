"""How every `ims` verb ends: one line in words or one JSON object, and one of six exit codes.

===== =====================================================================
code  meaning
===== =====================================================================
0     done
1     the device or the library system said no
2     wrong use or bad input
3     unreachable, or timed out
4     the answer was broken
70    our bug
===== =====================================================================
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, NoReturn

from config.texts import Catalogue, Channel, text
from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.runtime.log import write_to


class Exit(IntEnum):
    """Exit codes of the command (0 and 2 are typer's own too; 70 is EX_SOFTWARE of sysexits.h)."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3
    BROKEN = 4
    BUG = 70


class Fault(Exception):
    """A verb that could not be done: code, what happened, where, and what to do now."""

    def __init__(self, exit_code: Exit, *, code: str, what: str, where: str, do: str) -> None:
        super().__init__(what)
        self.exit_code = exit_code
        self.code = code
        self.what = what
        self.where = where
        self.do = do

    @classmethod
    def of(cls, error: DeviceError, where: str = "") -> "Fault":
        """A wire's fault in the technician's words of the catalogue."""
        match error:
            case DeviceUnavailable() | DeviceTimeout():
                exit_code = Exit.UNREACHABLE
            case DeviceRefused():
                exit_code = Exit.REFUSED
            case RemoteProtocolError():
                exit_code = Exit.BROKEN
            case _:
                exit_code = Exit.BUG
        if error.code in {Code.PORT_BAD_URL}:
            exit_code = Exit.USAGE
        return cls(
            exit_code,
            code=error.code.value,
            what=said(f"error.{error.code.value}.what")
            + (f" ({error.detail})" if error.detail else ""),
            where=where or error.device,
            do=said(f"error.{error.code.value}.do"),
        )


def bad_input(what: str, *, where: str, do: str, code: str = "input.invalid") -> Fault:
    """Wrong use or bad input."""
    return Fault(Exit.USAGE, code=code, what=what, where=where, do=do)


def wanted_address(url: str, form: str) -> str:
    """The address given, or a Fault: it is not demanded before a verb's own --help."""
    if not url:
        raise bad_input(
            "no address was given.", where="--url", do=f"Give --url before the verb: {form}."
        )
    return url


def said(key: str) -> str:
    """Words of the catalogue for the terminal, in English."""
    catalogue = Catalogue.load()
    return catalogue.say(text(key), "en", Channel.PAPER) if key in catalogue else key


def finish(
    result: Mapping[str, Any],
    words: str,
    *,
    as_json: bool,
    exit_code: Exit = Exit.DONE,
) -> NoReturn:
    """Print the result and leave. With `--json` one object on standard output and nothing else."""
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(words.rstrip("\n") + "\n")
    sys.stdout.flush()
    raise SystemExit(int(exit_code))


def run(verb: Callable[[], None], *, as_json: bool) -> None:
    """Run one verb; whatever it raises becomes a line or a JSON error, never a traceback.

    Log events from WARNING up go to standard error; standard output belongs to the answer.
    """
    write_to(sys.stderr, least="warning")
    try:
        verb()
    except Fault as fault:
        _fail(fault, as_json=as_json)
    except DeviceError as error:
        _fail(Fault.of(error), as_json=as_json)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:  # whoever read the answer has read enough, as of `| head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing at exit either
        raise SystemExit(128 + signal.SIGPIPE) from None
    except SystemExit:
        raise
    except OSError as error:
        _fail(_path(error), as_json=as_json, cause=error)
    except Exception as error:
        _fail(_bug(error), as_json=as_json, cause=error)


def _path(error: OSError) -> Fault:
    """A path that the system would not open or make; without one it is our own."""
    if error.filename is None:
        return _bug(error)
    return bad_input(
        f"{error.strerror}.",
        where=os.fsdecode(error.filename),
        do="Give a path whose directory exists and that this user may use.",
    )


def _bug(error: Exception) -> Fault:
    return Fault(
        Exit.BUG,
        code=Code.BUG.value,
        what=f"{type(error).__name__} in {_where(error)}",
        where="ims",
        do="Report it with the command you ran; IMS_TRACEBACK=1 shows more.",
    )


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    place = "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _fail(fault: Fault, *, as_json: bool, cause: BaseException | None = None) -> NoReturn:
    import traceback

    if cause is not None and os.environ.get("IMS_TRACEBACK"):
        traceback.print_exception(cause, file=sys.stderr)
    if as_json:
        error = {"code": fault.code, "what": fault.what, "where": fault.where, "do": fault.do}
        sys.stdout.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"ims: {fault.where}: {fault.what} {fault.do}\n")
    sys.stdout.flush()
    raise SystemExit(int(fault.exit_code))
