"""`python -m hw_sim --scenario NAME`: simulated devices on ptys and loopback, until SIGTERM or `stop`.

When all stand, one JSON line is printed: `{"v":1,"ready":true,"devices":{"pad":{"url":".."}},"control":".."}`.
A library system behind TLS has `ca` beside its url: the certificate to trust. Nothing else goes to standard
output. Ends with 0 when told to, also when the parent named by --parent-pid is gone; 2 for a scenario that
cannot be used; 3 when there is no display for --desk. The desk's end is ours too when nobody else started us.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from hw_sim.control import VERSION, Control
from hw_sim.scenario import PACES, Scenario, ScenarioError, bundled, load
from hw_sim.stage import Stage

NO_DESK = 3
"""Exit code of the desk, and then ours, when there is no display to show it on."""
PARENT_POLL_S = 1.0
"""How often a missing parent is looked for where the system cannot tell us."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator; the answer is the exit code."""
    options = _options(arguments)
    if options.list:
        _list(as_json=options.json)
        return 0
    try:
        scenario = load(options.scenario)
        if options.now:
            scenario = replace(scenario, today=datetime.now().astimezone())
        with _directory(options.dir) as directory:
            return asyncio.run(_run(scenario, directory, options))
    except ScenarioError as error:
        sys.stderr.write(f"hw_sim: {error}\n")
        return 2


def _list(*, as_json: bool) -> None:
    scenarios = bundled()
    if as_json:
        rows = [{"name": name, "about": about} for name, about in scenarios.items()]
        sys.stdout.write(json.dumps({"scenarios": rows}, ensure_ascii=False) + "\n")
    else:
        for name, about in scenarios.items():
            sys.stdout.write(f"{name:<14} {about}\n")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hw_sim", description="Simulated library devices.")
    parser.add_argument("--scenario", default="first-loan", help="a TOML file or a bundled name")
    parser.add_argument("--list", action="store_true", help="list the bundled scenarios")
    parser.add_argument("--json", action="store_true", help="with --list: one JSON object")
    parser.add_argument("--dir", type=Path, help="where ptys and control socket are; else made")
    parser.add_argument("--pace", choices=PACES, help="override the pace of every device")
    parser.add_argument(
        "--now", action="store_true", help="the world's time is ours, not the scenario's"
    )
    parser.add_argument("--desk", action="store_true", help="show a window to do it by hand")
    parser.add_argument("--parent-pid", type=int, help="end when this process is gone")
    return parser.parse_args(arguments)


class _directory:  # noqa: N801  # a context manager, used as a verb
    """The directory given, or one of our own that is removed at the end."""

    def __init__(self, given: Path | None) -> None:
        self._given = given
        self._path = Path()

    def __enter__(self) -> Path:
        if self._given is not None:
            self._given.mkdir(parents=True, exist_ok=True)
            self._path = self._given.resolve()
        else:
            self._path = Path(tempfile.mkdtemp(prefix="hw_sim-"))
        return self._path

    def __exit__(self, *_: object) -> None:
        if self._given is None:
            shutil.rmtree(self._path, ignore_errors=True)


async def _run(scenario: Scenario, directory: Path, options: argparse.Namespace) -> int:
    stage = Stage(scenario, pace=options.pace)
    control = Control(stage)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stage.ended.set)
    desk: asyncio.Task[int] | None = None
    unwatch = _watch_parent(options.parent_pid, stage.ended) if options.parent_pid else None
    try:
        await stage.open(directory)
        await control.start(directory / "control.sock")
        ready = {
            "v": VERSION,
            "ready": True,
            "devices": {role: stage.address(role) for role in stage.places},
            "control": control.address,
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        if options.desk:
            alone = options.parent_pid is None
            desk = asyncio.create_task(_show_desk(control.address, stage.ended, alone=alone))
        await stage.ended.wait()
    finally:
        if desk is not None:
            desk.cancel()
            await asyncio.wait([desk])
        if unwatch is not None:
            unwatch()
        await control.close()
        await stage.close()
    return desk.result() if desk is not None and not desk.cancelled() else 0


async def _show_desk(address: str, ended: asyncio.Event, *, alone: bool) -> int:
    """The window, a process of its own and a client like any other: what befalls it befalls no device.

    Its end ends the simulation when nobody else (`alone`) has started that, or when there is no display;
    the answer is its exit code then. It ends by itself when the control socket goes.
    """
    window = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hw_sim.desk", address),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=sys.stderr,
    )
    try:
        code = await window.wait()
        if not alone and code != NO_DESK:
            await ended.wait()
            code = 0
        return code
    finally:
        ended.set()
        if window.returncode is None:
            window.terminate()
            await window.wait()


def _watch_parent(pid: int, ended: asyncio.Event) -> Callable[[], None]:
    """Set `ended` when process `pid` is gone; what is returned stops the watch."""
    loop = asyncio.get_running_loop()
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        ended.set()
        return lambda: None
    except (AttributeError, OSError):
        return _look_for(pid, ended)
    loop.add_reader(handle, ended.set)

    def stop() -> None:
        loop.remove_reader(handle)
        os.close(handle)

    return stop


def _look_for(pid: int, ended: asyncio.Event) -> Callable[[], None]:
    """The same where the system has no handle on a process: look now and then."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle | None = None

    def look() -> None:
        nonlocal timer
        if _alive(pid):
            timer = loop.call_later(PARENT_POLL_S, look)
        else:
            ended.set()

    look()
    return lambda: timer.cancel() if timer is not None else None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    sys.exit(main())
