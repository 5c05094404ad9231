"""The simulated world from outside: starts it as a child process and speaks its control protocol.

The simulator is never imported; what is known of it here is its ready line and its JSON lines.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ui.outcome import Exit, Fault

READY_S = 20.0
ANSWER_S = 20.0


class World:
    """One simulator process. Use as a context manager: it ends with it."""

    def __init__(
        self, scenario: str, directory: Path, *, desk: bool = False, now: bool = False
    ) -> None:
        """Start it and wait for its ready line; with `now` its time is ours, not the scenario's.

        Raises:
            Fault: it did not come up; its own words are in it.
        """
        options = [
            "--scenario",
            scenario,
            "--dir",
            str(directory),
            "--parent-pid",
            str(os.getpid()),
        ]
        options += ["--desk"] if desk else []
        options += ["--now"] if now else []
        self._process = subprocess.Popen(
            (sys.executable, "-m", "hw_sim", *options),
            stdout=subprocess.PIPE,
            stderr=None if desk else subprocess.PIPE,
        )
        line = self._ready_line()
        if not line:
            self.close()
            complaint = self._process.stderr.read() if self._process.stderr is not None else b""
            raise Fault(
                Exit.BUG,
                code="sim.ended",
                what=f"The simulator did not start: {complaint.decode(errors='replace').strip()[-300:]}",
                where="ims demo",
                do=f"Run python -m hw_sim --scenario {scenario} to see more.",
            )
        ready = json.loads(line)
        self.urls: dict[str, str] = {role: d["url"] for role, d in ready["devices"].items()}
        self.authorities: dict[str, str] = {
            role: d["ca"] for role, d in ready["devices"].items() if "ca" in d
        }
        self._number = 0
        self.control: str = ready["control"]
        """Where it is told what happens."""
        self._control = _connected(self.control)
        self._lines = self._control.makefile("rb")

    def _ready_line(self) -> bytes:
        out = self._process.stdout
        if out is None:
            return b""
        readable, _, _ = select.select([out], [], [], READY_S)
        return out.readline() if readable else b""

    def do(self, verb: str, /, **args: Any) -> dict[str, Any]:
        """One verb of the control protocol. Raises Fault when the world says no."""
        self._number += 1
        request = {"v": 1, "id": self._number, "do": verb, **args}
        self._control.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(self._lines.readline() or b"{}")
        if not answer.get("ok"):
            raise Fault(
                Exit.BUG,
                code="sim.refused",
                what=f"The simulated world refused {verb}: {answer.get('error', 'it is gone')}.",
                where="ims demo",
                do="See docs/decisions/0008 for the verbs and what they take.",
            )
        result: dict[str, Any] = answer["result"]
        return result

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End the process; safe to repeat."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()
        self._control.close()
        self.close()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


def _connected(address: str) -> socket.socket:
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(ANSWER_S)
        line.connect(address.removeprefix("unix:"))
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=ANSWER_S)
