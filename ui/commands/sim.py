"""`ims sim`: the simulated devices alone, in a process of their own, until Ctrl-C or SIGTERM.

The simulator is reached by starting it, never by importing it; a station finds its devices by the addresses
that are printed.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ui.outcome import Exit, Fault, bad_input, finish, run

_SIMULATOR = (sys.executable, "-m", "hw_sim")
_USAGE, _NO_DESK = 2, 3
"""The simulator's exit codes for a scenario that cannot be used, and for a window that cannot be shown."""


def command(
    scenario: Annotated[
        str, typer.Option(help="a TOML file, or the name of a bundled scenario")
    ] = "first-loan",
    show: Annotated[bool, typer.Option("--list", help="list the bundled scenarios")] = False,
    directory: Annotated[
        str, typer.Option("--dir", help="where the device paths are made; a new one by default")
    ] = "",
    pace: Annotated[
        Literal["", "none", "real"],
        typer.Option(
            metavar="none|real", help="how fast every device is; else as the scenario says"
        ),
    ] = "",
    now: Annotated[
        bool, typer.Option("--now", help="the world's time is ours, not the scenario's")
    ] = False,
    desk: Annotated[bool, typer.Option("--desk", help="show a window to do it by hand")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of words")] = (
        False
    ),
) -> None:
    """Run the simulated devices alone; prints one JSON line with their addresses once all stand."""

    def list_them() -> None:
        done = subprocess.run((*_SIMULATOR, "--list", "--json"), capture_output=True, check=False)
        _judge(done.returncode, done.stderr)
        found: dict[str, Any] = json.loads(done.stdout)
        width = max(len(s["name"]) for s in found["scenarios"])
        words = "\n".join(f"{s['name']:<{width}}  {s['about']}" for s in found["scenarios"])
        finish(found, words, as_json=as_json)

    def simulate() -> None:
        if directory:
            Path(directory).mkdir(parents=True, exist_ok=True)
        options = ["--scenario", scenario, "--parent-pid", str(os.getpid())]
        options += ["--dir", directory] if directory else []
        options += ["--pace", pace] if pace else []
        options += ["--desk"] if desk else []
        options += ["--now"] if now else []
        with subprocess.Popen(
            (*_SIMULATOR, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as child:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: child.send_signal(signal.SIGTERM))
            ready = child.stdout.readline() if child.stdout is not None else b""
            if ready:
                sys.stdout.write(ready.decode())
                sys.stdout.flush()
                if not as_json:
                    sys.stderr.write(_in_words(json.loads(ready)))
            _, complaint = child.communicate()
        _judge(child.returncode, complaint)

    run(list_them if show else simulate, as_json=as_json)


def _judge(code: int, complaint: bytes) -> None:
    """Raise what the simulator's end means; its own words are in `complaint`."""
    words = complaint.decode(errors="replace").strip().removeprefix("hw_sim: ")
    if code == _USAGE:
        raise bad_input(
            words.rstrip(".") + ".",
            where="--scenario",
            do="Mend the scenario, or see `ims sim --list`.",
            code="scenario.bad",
        )
    if code == _NO_DESK:
        raise Fault(
            Exit.UNREACHABLE,
            code="sim.no_desk",
            what=words,
            where="ims sim",
            do="Run it where there is a display, or without --desk.",
        )
    if code != 0:
        raise Fault(
            Exit.BUG,
            code="sim.ended",
            what=f"The simulator ended with {code}: {words.splitlines()[-1] if words else 'no word'}",
            where="ims sim",
            do="Run python -m hw_sim with the same options to see more.",
        )


def _in_words(ready: dict[str, Any]) -> str:
    rows = [f"{role:<9} {device['url']}" for role, device in ready["devices"].items()]
    return "\n".join((*rows, f"{'control':<9} {ready['control']}", "Ctrl-C ends it.", ""))
