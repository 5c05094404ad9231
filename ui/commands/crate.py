"""`ims crate`: what lies in a crate and where it is, receive one at a branch, and find the crate of an item.

With --state the running plant is asked through its door (its database, when it does not run); with --station the database
that branches share, which the station file names. It answers in the language of whoever is asked.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from config.label import bare
from config.secrets import SecretUnreadable
from config.station import Station
from drivers.errors import Code, DeviceError, DeviceUnavailable
from drivers.ports import Txn
from drivers.runtime.clock import SystemClock
from drivers.service.link import StationClient
from drivers.store.lock import socket_in
from sorter.build import shared_of
from sorter.ims import records
from sorter.ims.crates import Said
from sorter.ims.handling import Do, handle, handled_to_json
from sorter.ims.labels import WRITABLE, LabelKind, Patterns
from sorter.ims.site import site_of
from sorter.ims.speaking import spoken
from sorter.ims.story import crate_shown, crate_to_json, story, story_to_json
from ui.commands.crate_words import Words
from ui.commands.kiosk import station_file
from ui.commands.station import directory_of, no_state
from ui.outcome import Exit, Fault, bad_input, finish, run
from ui.stored import read_stored

T = TypeVar("T")
Answer = dict[str, Any]

app = typer.Typer(
    help="Say what lies in crates: show, find, receive, send, empty.",
    no_args_is_help=True,
    add_completion=False,
)

State = Annotated[
    str,
    typer.Option(
        metavar="DIR",
        help="state directory of a plant; without it the only one below XDG_STATE_HOME/ims",
    ),
]
StationFile = Annotated[
    str,
    typer.Option(
        "--station", metavar="FILE", help="a station file: ask the database that branches share"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
Crate = Annotated[str, typer.Argument(metavar="CRATE", help="the crate's label")]
Item = Annotated[str, typer.Argument(metavar="ITEM", help="the item's number")]


@app.command()
def show(crate: Crate, state: State = "", station: StationFile = "", as_json: Json = False) -> None:
    """Say where a crate is and what lies in it."""

    def verb() -> None:
        house = _house(state, station)
        label = _label(crate, LabelKind.CRATE, house)

        def shown(txn: Txn) -> Answer:
            found = crate_shown(txn, label)
            return {"known": found is not None, **({} if found is None else crate_to_json(found))}

        found = _looked(state, station, "crate", {"crate": label}, shown)
        if not found.get("known"):
            _judge(crate, LabelKind.CRATE, house)
            raise house.words.unknown("unknown", code="crate.unknown", where=label)
        finish(found, house.words.crate(found), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def find(item: Item, state: State = "", station: StationFile = "", as_json: Json = False) -> None:
    """Say where an item is, in which crate, since when, and why: the rule, what it looked at, and all that happened."""

    def verb() -> None:
        house = _house(state, station)
        number = _label(item, LabelKind.ITEM, house)

        def found_in(txn: Txn) -> Answer:
            return {**story_to_json(story(txn, number), {}), "on_belt": None}

        found = _looked(state, station, "item", {"item": number}, found_in)
        if not found["known"] and found["on_belt"] is None:
            _judge(item, LabelKind.ITEM, house)
            raise house.words.unknown("item_unknown", code="item.unknown", where=number)
        finish(found, house.words.item(found), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def points(state: State = "", station: StationFile = "", as_json: Json = False) -> None:
    """Say which sorting points there are, their chutes, and the crates that stand there; how the branches exchange."""

    def verb() -> None:
        if station:
            found = _in_shared(station, _points, writes=False)
        else:
            directory = directory_of(state)
            looked = read_stored(directory, _points, running=True)
            if looked is None:
                raise no_state(directory)
            found = looked
        finish(found, _house(state, station).words.points(found), as_json=as_json)

    run(verb, as_json=as_json)


def _points(txn: Txn) -> Answer:
    network = records.network(txn.connection)
    return {
        "points": [
            {
                "point": point.name,
                "branch": point.branch,
                "station": point.station,
                "since": None if point.since is None else point.since.isoformat(),
                "chutes": [asdict(chute) for chute in point.chutes],
            }
            for point in records.points(txn.connection)
        ],
        "exchange": None if network is None else network.exchange.value,
        "central": None if network is None else network.central,
        "branches": []
        if network is None
        else [{"name": name, "plant": one.plant} for name, one in network.branches.items()],
    }


@app.command()
def receive(
    crate: Crate,
    scan: Annotated[
        bool,
        typer.Option(
            "--scan",
            help="hold its items against the list: read their numbers from standard input, one a line, to its end or an empty line",
        ),
    ] = False,
    state: State = "",
    station: StationFile = "",
    as_json: Json = False,
) -> None:
    """Receive a crate at this branch: the whole batch, or each item by scan; one for another branch says so."""

    def verb() -> None:
        house = _house(state, station)
        label = _label(crate, LabelKind.CRATE, house)
        items = _scans(house) if scan else None
        _finish(_handled(state, station, label, Do.RECEIVE, items), house, as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def send(crate: Crate, state: State = "", station: StationFile = "", as_json: Json = False) -> None:
    """Say that a crate has left this branch."""

    def verb() -> None:
        house = _house(state, station)
        label = _label(crate, LabelKind.CRATE, house)
        _finish(_handled(state, station, label, Do.SEND, None), house, as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def empty(
    crate: Crate, state: State = "", station: StationFile = "", as_json: Json = False
) -> None:
    """Say that what a crate held has been put up here: it is free for another round."""

    def verb() -> None:
        house = _house(state, station)
        label = _label(crate, LabelKind.CRATE, house)
        _finish(_handled(state, station, label, Do.EMPTY, None), house, as_json=as_json)

    run(verb, as_json=as_json)


# --- whom to ask ------------------------------------------------------------------------------------


def _config(station: str) -> Station:
    config = station_file(Path(station)).station
    if config.ims is None or config.ims.database is None:
        raise bad_input(
            "this station file names no database that branches share.",
            where=station,
            do="Add [ims.database], or give --state DIR of a plant.",
            code=Code.CONFIG_INVALID.value,
        )
    return config


@dataclass(frozen=True, slots=True)
class _House:
    """Whoever is asked: what labels look like there, and the words of its language."""

    patterns: Patterns | None
    """None where the plant does not run: nobody can say what its own labels look like."""
    words: Words


def _house(state: str, station: str) -> _House:
    if station:
        config = _config(station)
        return _House(site_of(config).patterns, Words(config.station.language))
    directory = directory_of(state)
    try:
        told = _through_door(directory, "labels", {})
    except DeviceUnavailable as absent:  # what is asked next says why, if it matters
        kept = read_stored(directory, spoken) if absent.code is Code.STATION_ABSENT else None
        return _House(None, Words(kept or "da"))
    except Fault:
        return _House(None, Words("da"))
    patterns = Patterns(told["item"], told["crate"], told["chute"])
    return _House(patterns, Words(told["language"]))


def _label(given: str, kind: LabelKind, house: _House) -> str:
    """The label as the tables write it. What is another kind is refused before anybody is asked."""
    if house.patterns is None and WRITABLE.fullmatch(bare(given)):
        return given.strip().upper()
    label = (house.patterns or Patterns()).label(given)
    if label.kind is kind:
        return label.text
    raise _other(kind, house)


def _judge(given: str, kind: LabelKind, house: _House) -> None:
    """What is not known and looks like another kind of label is that, as far as anybody can say who does not run."""
    if house.patterns is None and Patterns().label(given).kind not in {kind, LabelKind.UNKNOWN}:
        raise _other(kind, house)


def _other(kind: LabelKind, house: _House) -> Fault:
    name = "crate" if kind is LabelKind.CRATE else "item"
    return bad_input(
        house.words(f"other.{name}"),
        where=name.upper(),
        do=house.words(f"other.{name}.do"),
        code="label.other",
    )


def _looked(
    state: str, station: str, name: str, args: Mapping[str, Any], unit: Callable[[Txn], Answer]
) -> Answer:
    """An answer from the shared database, from a running plant, or from the database of one that does not run."""
    if station:
        return _in_shared(station, unit, writes=False)
    directory = directory_of(state)
    try:
        return _through_door(directory, name, args)
    except DeviceUnavailable as absent:
        if absent.code is not Code.STATION_ABSENT:
            raise
    found = read_stored(directory, unit)
    if found is None:
        raise no_state(directory)
    return found


def _handled(state: str, station: str, label: str, do: Do, items: tuple[str, ...] | None) -> Answer:
    if not station:
        args: dict[str, Any] = {"crate": label, "do": do.value}
        if items is not None:
            args["items"] = list(items)
        return _through_door(directory_of(state), "crate", args)
    config = _config(station)
    branch = site_of(config).branch

    def done(txn: Txn) -> Answer:
        found = handle(txn, branch, label, do, items)
        records.happen_there(txn.connection, config.station.id, *found.happened)
        return handled_to_json(found, label)

    return _in_shared(station, done, writes=True)


def _through_door(directory: Path, name: str, args: Mapping[str, Any]) -> Answer:
    async def visit() -> Answer:
        client = await StationClient.connect(socket_in(directory))
        try:
            return dict(await client.request(name, args))
        finally:
            await client.close()

    try:
        return asyncio.run(visit())
    except DeviceUnavailable as error:
        if error.code is Code.STATION_ABSENT and name == "crate" and "do" in args:
            raise Fault.of(error, str(directory)) from error
        raise
    except DeviceError as error:
        raise Fault.of(error, str(directory)) from error


def _in_shared(station: str, unit: Callable[[Txn], Answer], *, writes: bool) -> Answer:
    config = _config(station)
    try:
        shared = shared_of(config, SystemClock())
    except SecretUnreadable as error:
        raise bad_input(
            f"{error}.", where="ims.database.password", do="Put the password there, mode 0400."
        ) from None
    if shared is None:
        raise AssertionError("a station without it is refused before")
    try:
        return shared.now(unit, writes=writes)
    except DeviceError as error:
        raise Fault.of(error, f"{station}: ims.database.url") from None
    finally:
        shared.dispose()


def _scans(house: _House) -> tuple[str, ...] | None:
    """Item numbers from standard input; what is none is said by its line, never by what it was, and left out.

    None where nothing was scanned and somebody says that the crate is received as it is written.
    """
    known, words = house.patterns or Patterns(), house.words
    found: list[str] = []
    for n, line in enumerate(sys.stdin, 1):
        if not line.strip():
            break
        label = known.label(line)
        if label.kind is LabelKind.ITEM:
            found.append(label.text)
        else:
            sys.stderr.write(f"ims: {words('left_out', n=n)}\n")
    if found:
        return tuple(found)
    sys.stderr.write(f"ims: {words('nothing_scanned.ask')}\n")
    sys.stderr.flush()
    return None if words.yes(sys.stdin.readline()) else ()


def _finish(done: Answer, house: _House, *, as_json: bool) -> None:
    refused = house.words.refused(done)
    if refused is not None:
        raise refused
    wrong = done["said"] == Said.RECEIVED_ELSEWHERE
    code = Exit.REFUSED if wrong else Exit.DONE
    finish(done, house.words.done(done), as_json=as_json, exit_code=code)
