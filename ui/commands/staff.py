"""`ims staff`: who may sign in at the kiosk. Asks a running station through its door, else opens its database.

A card and a PIN never stand on the command line, where other processes and the shell's history see them: they
are typed (or scanned) unseen, the PIN twice, or read from a file.
"""

import asyncio
import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from config.station import Station
from drivers.errors import Code, DeviceError, DeviceUnavailable
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.service.link import StationClient
from drivers.service.roles import Role
from drivers.service.staff import StaffDoor, ThreadHasher, administer
from drivers.store.engine import open_store
from drivers.store.lock import StateLock, socket_in
from ui.commands.kiosk import station_file
from ui.outcome import Exit, Fault, bad_input, finish, run
from ui.running import seal_key, state_directory

MOST_DIGITS = 6
"""What the keypad of the kiosk takes."""

app = typer.Typer(
    help="Say who is staff at a kiosk: add, list, remove, role, pin.",
    no_args_is_help=True,
    add_completion=False,
)

StationFile = Annotated[str, typer.Option("--station", metavar="FILE", help="the station file")]
State = Annotated[str, typer.Option(metavar="DIR", help="state directory; else as the file says")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of words")]
PinFile = Annotated[
    Path | None, typer.Option("--pin-file", help="file whose first line is the PIN; else typed")
]
CardFile = Annotated[
    Path | None,
    typer.Option("--card-file", help="file whose first line is the card's number; else typed"),
]
Member = Annotated[str, typer.Argument(metavar="ID", help="id that `list` shows")]
RoleName = Annotated[Role, typer.Option(help="what the member may do")]


@app.command(name="list")
def list_(station: StationFile, state: State = "", as_json: Json = False) -> None:
    """Who may sign in, by id: the machine knows no names."""
    _do("list", station, state, {}, as_json=as_json)


@app.command()
def add(
    station: StationFile,
    role: RoleName = Role.STAFF,
    state: State = "",
    card_file: CardFile = None,
    pin_file: PinFile = None,
    as_json: Json = False,
) -> None:
    """Make a new member. Note whose id it is: it stands in the journal, and nowhere who it is."""

    def args() -> dict[str, Any]:
        card = _line(card_file, "--card-file") if card_file else _typed("Card (scan or type): ")
        if not card:
            raise bad_input("no card was given.", where="card", do="Scan the card, or type it.")
        return {"role": role.value, "card": card, "pin": _pin(pin_file)}

    _do("add", station, state, args, as_json=as_json)


@app.command()
def remove(station: StationFile, id: Member, state: State = "", as_json: Json = False) -> None:
    """The member signs in no more; what they did stays in the journal."""
    _do("remove", station, state, {"id": id}, as_json=as_json)


@app.command()
def role(
    station: StationFile,
    id: Member,
    role: Annotated[Role, typer.Argument(help="what the member may do from now on")],
    state: State = "",
    as_json: Json = False,
) -> None:
    """What the member may do from now on."""
    _do("role", station, state, {"id": id, "role": role.value}, as_json=as_json)


@app.command()
def pin(
    station: StationFile,
    id: Member,
    state: State = "",
    pin_file: PinFile = None,
    as_json: Json = False,
) -> None:
    """A new PIN; it also ends a lock-out."""
    _do("pin", station, state, lambda: {"id": id, "pin": _pin(pin_file)}, as_json=as_json)


# --- what is not seen ---------------------------------------------------------------------------------


def _pin(file: Path | None) -> str:
    if file is not None:
        found = _line(file, "--pin-file")
    else:
        found = _typed("PIN: ")
        if found != _typed("PIN once more: "):
            raise bad_input("the two are not the same.", where="PIN", do="Type it again.")
    if not (found.isascii() and found.isdigit() and 4 <= len(found) <= MOST_DIGITS):
        raise bad_input(
            f"a PIN has 4 to {MOST_DIGITS} digits.", where="PIN", do="Choose another one."
        )
    return found


def _typed(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise bad_input(
            "there is no terminal to type at.",
            where=prompt.strip(": "),
            do="Give --card-file and --pin-file.",
        )
    return getpass.getpass(prompt).strip()


def _line(file: Path, option: str) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise bad_input(f"{why}.", where=option, do="Give a readable file.") from None


# --- one request --------------------------------------------------------------------------------------


def _do(verb: str, station: str, state: str, args: Any, *, as_json: bool) -> None:
    def whole() -> None:
        config = station_file(Path(station)).station
        given = args() if callable(args) else args
        try:
            found = asyncio.run(_asked(config, state_directory(config, state), verb, given))
        except DeviceError as error:
            if error.code is not Code.STATION_REQUEST:
                raise
            raise Fault(
                Exit.REFUSED,
                code=error.code.value,
                what=f"{error.detail}.",
                where=f"staff {verb}",
                do="See who is staff with: ims staff list.",
            ) from None
        finish(found, _words(found), as_json=as_json)

    run(whole, as_json=as_json)


async def _asked(
    config: Station, directory: Path, verb: str, args: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Through the door of the running station; when none runs, on its database."""
    try:
        client = await StationClient.connect(socket_in(directory))
    except DeviceUnavailable as absent:
        if absent.code is not Code.STATION_ABSENT:
            raise
        return await _alone(config, directory, verb, args)
    try:
        return await client.request("staff", {"verb": verb, **args})
    finally:
        await client.close()


async def _alone(
    config: Station, directory: Path, verb: str, args: Mapping[str, Any]
) -> dict[str, Any]:
    key = seal_key(config.station.seal_key)
    with StateLock(directory) as held:
        store = open_store(held.database, clock=SystemClock(), rng=SystemRng(), key=key)
        hasher = ThreadHasher()
        try:
            return await administer(store, StaffDoor(store, hasher), verb, args)
        finally:
            await store.close()
            hasher.close()


def _words(found: Mapping[str, Any]) -> str:
    if "staff" not in found:
        return f"{found['id']} {found['role']}"
    lines = [
        f"{one['id']} {one['role']}"
        + (f" locked until {one['locked_until']}" if one["locked_until"] else "")
        for one in found["staff"]
    ]
    return "\n".join(lines) or "nobody"
