"""A program that plays a WAV: `aplay` of Debian's alsa-utils, or another that reads a WAV from its input."""

import asyncio
import shutil
from contextlib import suppress

from drivers.errors import Code, DeviceUnavailable


class Player:
    """Plays one WAV at a time on a sound device by name; the empty name is the system's own."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None

    def find(self) -> str:
        """The program's path. Raises DeviceUnavailable(port.absent)."""
        return found("speaker", self._program)

    async def play(self, wav: bytes, device: str) -> bool:
        """To its end. False when stopped. Raises DeviceUnavailable when the program says no."""
        process = await asyncio.create_subprocess_exec(
            *command(self.find(), device),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._process = process
        try:
            with suppress(BrokenPipeError, ConnectionResetError):
                await process.communicate(wav)
        finally:
            await end(process)
        stopped = self._process is not process
        self._process = None if not stopped else self._process
        if not stopped and process.returncode:
            raise DeviceUnavailable(
                "speaker", Code.PORT_GONE, f"{self._program} ended with {process.returncode}"
            )
        return not stopped

    def stop(self) -> None:
        """Silence, now."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()


def command(path: str, device: str) -> tuple[str, ...]:
    """The player's words: quiet, from its standard input, on that device (aplay(1))."""
    return (path, "-q", *(("-D", device) if device else ()), "-")


def found(device: str, program: str) -> str:
    """The path of a program. Raises DeviceUnavailable(port.absent) naming it."""
    path = shutil.which(program)
    if path is None:
        raise DeviceUnavailable(device, Code.PORT_ABSENT, f"no program {program}")
    return path


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill it if it still runs, and wait for it."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
