"""`ims station`: ask a running station through its door, or look at a copy of its database when none runs."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from config.texts import Catalogue, Channel
from drivers.errors import Code, DeviceUnavailable
from drivers.service.link import StationClient
from drivers.service.summary import summary, summary_to_json
from drivers.service.view import Snapshot, snapshot_to_json
from drivers.store.lock import socket_in
from sorter.history import told
from ui.outcome import Exit, Fault, bad_input, finish, run
from ui.stored import read_stored

T = TypeVar("T")

app = typer.Typer(
    help="Ask a running station: status, snapshot, watch, stop.",
    no_args_is_help=True,
    add_completion=False,
)

State = Annotated[
    str,
    typer.Option(
        metavar="DIR",
        help="state directory; without it the only one below XDG_STATE_HOME/ims",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of words")]

STOP_S = 30.0
"""How long a station may take to end a visit's open work and close."""


@app.command()
def status(state: State = "", as_json: Json = False) -> None:
    """Say how the station is; when none runs, what its database says (exit code 3)."""

    def verb() -> None:
        directory = directory_of(state)
        try:
            found = _ask(directory, lambda client: client.request("status"))
        except DeviceUnavailable as absent:
            _say_stored(directory, Fault.of(absent, str(directory)), as_json=as_json)
        finish(found, _lines(found), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def snapshot(state: State = "", as_json: Json = False) -> None:
    """Show the screen that stands now."""

    def verb() -> None:
        directory = directory_of(state)
        found = _ask(directory, lambda client: client.snapshot())
        if found is None:
            raise Fault.of(
                DeviceUnavailable("station", Code.STATION_ABSENT, "nothing shown yet"),
                str(directory),
            )
        finish(snapshot_to_json(found), _in_words(found), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def watch(state: State = "", as_json: Json = False) -> None:
    """Follow the screens, one a line, until the station ends or you stop (Ctrl-C)."""

    async def follow(client: StationClient) -> None:
        async for seen in client.snapshots():
            line = (
                json.dumps(snapshot_to_json(seen), ensure_ascii=False)
                if as_json
                else _in_words(seen)
            )
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def verb() -> None:
        _ask(directory_of(state), follow)

    run(verb, as_json=as_json)


@app.command()
def history(state: State = "", as_json: Json = False) -> None:
    """Say what happened to a sorting plant's belt, the newest last; also of one that does not run."""

    def verb() -> None:
        directory = directory_of(state)
        try:
            rows = _ask(directory, lambda client: client.request("history"))["history"]
        except DeviceUnavailable as absent:
            if not os.path.isdir(directory):
                raise Fault.of(absent, str(directory)) from None
            rows = read_stored(directory, told.history)
            if rows is None:
                raise no_state(directory) from None
        words = [told.words(row) for row in reversed(rows)]
        finish(
            {"history": rows}, "\n".join(words or ["Nothing was written down."]), as_json=as_json
        )

    run(verb, as_json=as_json)


@app.command()
def stop(state: State = "", as_json: Json = False) -> None:
    """Let the station finish what is open, and end it."""

    async def end(client: StationClient) -> bool:
        await client.request("stop", timeout_s=STOP_S)
        try:
            async with asyncio.timeout(STOP_S):
                await client.ended()
        except TimeoutError:
            return False
        return True

    def verb() -> None:
        directory = directory_of(state)
        gone = _ask(directory, end)
        words = "The station has ended." if gone else "The station is still ending."
        finish({"ended": gone}, words, as_json=as_json)

    run(verb, as_json=as_json)


def directory_of(state: str) -> Path:
    """The state directory given, or the only one there is. Raises Fault when that is not clear."""
    if state:
        return Path(state)
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    found = sorted(lock.parent for lock in Path(home, "ims").glob("*/station.lock"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(str(path) for path in found) or "none"
    raise bad_input(
        f"no single station below {Path(home, 'ims')}: {names}",
        where="--state",
        do="Give --state DIR.",
        code="state.unclear",
    )


def no_state(directory: Path) -> Fault:
    """Nothing was ever kept there: neither a running station nor its database."""
    return Fault(
        Exit.UNREACHABLE,
        code=Code.STATION_ABSENT.value,
        what="No station has kept anything here.",
        where=str(directory),
        do="Give the state directory of a station; it holds station.db.",
    )


def _ask(directory: Path, work: Callable[[StationClient], Awaitable[T]]) -> T:
    async def visit() -> T:
        client = await StationClient.connect(socket_in(directory))
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(visit())


def _say_stored(directory: Path, absent: Fault, *, as_json: bool) -> NoReturn:
    error = {
        "code": absent.code,
        "what": absent.what,
        "where": absent.where,
        "do": absent.do,
    }
    found = (
        read_stored(directory, summary)
        if os.path.isdir(directory)  # a path that is too long is none
        else None
    )
    stored = None if found is None else summary_to_json(found)
    words = f"{absent.what} {absent.do}"
    if stored is not None:
        words += "\nIts database says:\n" + _lines(stored)
    finish(
        {"error": error, "stored": stored},
        words,
        as_json=as_json,
        exit_code=Exit.UNREACHABLE,
    )


def _lines(found: Mapping[str, Any], indent: str = "") -> str:
    """Each field on a line; those of a list or table below their name."""
    lines: list[str] = []
    for name, value in found.items():
        match value:
            case dict():
                lines += [f"{indent}{name}:", _lines(value, indent + "  ")]
            case []:
                lines.append(f"{indent}{name}: none")
            case list():
                lines.append(f"{indent}{name}: {len(value)}")
                lines += [f"{indent}  {_line(one)}" for one in value]
            case _:
                lines.append(f"{indent}{name}: {_plain(value)}")
    return "\n".join(lines)


def _line(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return "  ".join(map(_plain, value))
    return _plain(value)


def _plain(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _in_words(seen: Snapshot) -> str:
    title = Catalogue.load().say(seen.screen.title, "en", Channel.PAPER)
    devices = " ".join(f"{role}={state}" for role, state in seen.devices)
    visit = "visit" if seen.visit else "rest"
    return f"{seen.serial} {seen.screen.name} ({title}) {visit} library={seen.library} {devices}"
