"""`ims ils` beside a simulated library system that serves on loopback, on a thread of its own."""

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from hw_sim.ils.server import LibraryServer
from ui.cli import app

WAIT_S = 10


class Served:
    """The server, the files with the secrets that the command reads, and the command."""

    def __init__(
        self,
        server: LibraryServer[Any],
        directory: Path,
        *,
        tls: bool,
        scheme: str,
        location: str,
        dialect: str = "standard",
        flags: tuple[str, ...] = (),
    ) -> None:
        self.server = server
        self.port = 0
        self._tls_directory = directory if tls else None
        self._scheme, self._location, self._dialect, self._flags = scheme, location, dialect, flags
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self.password, self.pin = directory / "password", directory / "pin"
        self.password.write_text("not-a-secret\n", encoding="utf-8")
        self.pin.write_text("1234\n", encoding="utf-8")
        self._thread.start()
        assert self._ready.wait(WAIT_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self.port = self._loop.run_until_complete(
            self.server.start(tls_directory=self._tls_directory)
        )
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self.server.close())
        self._loop.close()

    def do(self, work: Callable[[], None]) -> None:
        """Run `work` on the server's own thread."""
        done = threading.Event()

        def both() -> None:
            work()
            done.set()

        self._loop.call_soon_threadsafe(both)
        assert done.wait(WAIT_S)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)

    def ims(self, *words: str, **options: str) -> tuple[int, str]:
        """Exit code of one command, and its answer: on standard output, or as an error line."""
        settings = {
            "url": f"{self._scheme}://127.0.0.1:{self.port}",
            "user": "kiosk",
            "password-file": str(self.password),
            "institution": "DK-746100",
            "location": self._location,
            "dialect": self._dialect,
            **({"ca-file": str(self.server.ca_path)} if self.server.ca_path else {}),
            **{name.replace("_", "-"): value for name, value in options.items()},
        }
        given = [word for name, value in settings.items() for word in (f"--{name}", value)]
        result = CliRunner().invoke(app, ["ils", *given, *self._flags, *words])
        return result.exit_code, result.stdout or result.stderr

    def json(self, *words: str, **options: str) -> tuple[int, Any]:
        code, output = self.ims(*words, "--json", **options)
        return code, json.loads(output)
