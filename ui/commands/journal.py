"""`ims journal`: what a station wrote down. Asks a running one through its door, else reads a copy of its database."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from drivers.errors import DeviceUnavailable
from drivers.service import deeds
from drivers.service.link import StationClient
from drivers.store.lock import socket_in
from ui.commands.station import directory_of, no_state
from ui.days import day_of, midnight
from ui.outcome import finish, run
from ui.stored import read_stored

app = typer.Typer(
    help="Read what a station wrote down: staff.", no_args_is_help=True, add_completion=False
)


@app.callback()
def root() -> None:
    """Read what a station wrote down."""


@app.command()
def staff(
    state: Annotated[
        str,
        typer.Option(
            metavar="DIR", help="state directory; without it the only one below XDG_STATE_HOME/ims"
        ),
    ] = "",
    since: Annotated[
        str, typer.Option(metavar="DAY", help="first day, such as 2026-11-01; else 7 days back")
    ] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="last day; else today")] = "",
    member: Annotated[str, typer.Option(metavar="ID", help="of one member alone")] = "",
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="of one kind, such as staff.acted, or its beginning")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of words")] = False,
) -> None:
    """What staff did: when, what, by whose id, about which item, case or device. Running or not."""

    def verb() -> None:
        today = datetime.now().astimezone().date()
        last = day_of(until, "--until") if until else today
        first = day_of(since, "--since") if since else last - timedelta(days=7)
        args = {
            "since": midnight(first).isoformat(),
            "until": midnight(last + timedelta(days=1)).isoformat(),
            "staff": member,
        }
        found = _asked(directory_of(state), args)
        told = [deed for deed in found["deeds"] if deed["kind"].startswith(kind)]
        finish({**found, "deeds": told}, _words(told, cut=found["cut"]), as_json=as_json)

    run(verb, as_json=as_json)


def _asked(directory: Path, args: Mapping[str, Any]) -> Mapping[str, Any]:
    async def ask() -> Mapping[str, Any]:
        client = await StationClient.connect(socket_in(directory))
        try:
            return await client.request("deeds", args)
        finally:
            await client.close()

    try:
        return asyncio.run(ask())
    except DeviceUnavailable:
        stored = read_stored(directory, partial(deeds.answer, args=args))
        if stored is None:
            raise no_state(directory) from None
        return stored


def _words(told: list[dict[str, Any]], *, cut: bool) -> str:
    lines = [
        "  ".join(
            (
                datetime.fromisoformat(deed["at"]).astimezone().strftime("%Y-%m-%d %H:%M:%S"),
                deed["staff"] or "nobody",
                deed["kind"],
                deed["detail"],
                deed["about"],
            )
        ).rstrip()
        for deed in told
    ]
    if cut:
        lines.insert(0, "Only the newest: ask for fewer days.")
    return "\n".join(lines) or "nothing"
