"""`ims crate`: what lies in a crate and where it is, receive one at a branch, and find the crate of an item.

With --state the running plant is asked through its door (its database, when it does not run); with --station the database
that branches share, which the station file names.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from config.secrets import SecretUnreadable
from config.station import Station
from config.texts import Catalogue, Channel
from drivers.errors import Code, DeviceError, DeviceUnavailable
from drivers.ports import Txn
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.service.link import StationClient
from drivers.store.copy import read_copy
from drivers.store.lock import socket_in
from sorter.build import shared_of
from sorter.ims import records
from sorter.ims.crates import Said
from sorter.ims.handling import Do, handle, handled_to_json
from sorter.ims.happened import Happened, What
from sorter.ims.labels import LabelKind, Patterns
from sorter.ims.site import site_of
from sorter.ims.story import crate_shown, crate_to_json, story, story_to_json
from sorter.ims.words import happened_words
from ui.commands.kiosk import station_file
from ui.commands.station import directory_of, no_state
from ui.outcome import Exit, Fault, bad_input, finish, run

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
        label = _label(crate, LabelKind.CRATE, station)

        def shown(txn: Txn) -> Answer:
            found = crate_shown(txn, label)
            return {"known": found is not None, **({} if found is None else crate_to_json(found))}

        found = _looked(state, station, "crate", {"crate": label}, shown)
        if not found.get("known"):
            raise _unknown_crate(label)
        finish(found, _crate_words(found), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def find(item: Item, state: State = "", station: StationFile = "", as_json: Json = False) -> None:
    """Say where an item is, in which crate, since when, and why: the rule, what it looked at, and all that happened."""

    def verb() -> None:
        number = _label(item, LabelKind.ITEM, station)

        def found_in(txn: Txn) -> Answer:
            return {**story_to_json(story(txn, number), {}), "on_belt": None}

        found = _looked(state, station, "item", {"item": number}, found_in)
        if not found["known"] and found["on_belt"] is None:
            raise Fault(
                Exit.REFUSED,
                code="item.unknown",
                what="No plant has seen this item.",
                where=number,
                do="Check the number; look for the item in the library system.",
            )
        finish(found, _item_words(found), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def points(state: State = "", station: StationFile = "", as_json: Json = False) -> None:
    """Say which sorting points there are, their chutes, and the crates that stand there; how the branches exchange."""

    def verb() -> None:
        if station:
            found = _in_shared(station, _points, writes=False)
        else:
            directory = directory_of(state)
            clock, rng = SystemClock(), SystemRng()
            try:
                looked = read_copy(directory, _points, clock=clock, rng=rng, running=True)
            except DeviceError as error:
                raise Fault.of(error, str(directory)) from error
            if looked is None:
                raise no_state(directory)
            found = looked
        finish(found, _points_words(found), as_json=as_json)

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


def _points_words(found: Answer) -> str:
    lines = []
    for point in found["points"]:
        lines.append(f"{point['point']} at {point['branch']}, told {_local(point['since'])}:")
        for chute in point["chutes"]:
            bound = f", for {chute['destination']}" if chute["destination"] else ""
            crate = chute["crate"] or "no crate"
            lines.append(
                f"  {chute['label']}  bin {chute['number']} {chute['bin']}{bound}: {crate}"
            )
    if found["branches"]:
        names = ", ".join(
            one["name"] + (" (plant)" if one["plant"] else "") for one in found["branches"]
        )
        by = f"all by {found['central']}" if found["central"] else "directly"
        lines.append(f"The branches exchange {by}: {names}.")
    return (
        "\n".join(lines)
        or "No sorting point has told of itself: a plant with [ims] does when it starts."
    )


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
        label = _label(crate, LabelKind.CRATE, station)
        items = _scans(_patterns(station)) if scan else None
        _finish(_handled(state, station, label, Do.RECEIVE, items), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def send(crate: Crate, state: State = "", station: StationFile = "", as_json: Json = False) -> None:
    """Say that a crate has left this branch."""

    def verb() -> None:
        label = _label(crate, LabelKind.CRATE, station)
        _finish(_handled(state, station, label, Do.SEND, None), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def empty(
    crate: Crate, state: State = "", station: StationFile = "", as_json: Json = False
) -> None:
    """Say that what a crate held has been put up here: it is free for another round."""

    def verb() -> None:
        label = _label(crate, LabelKind.CRATE, station)
        _finish(_handled(state, station, label, Do.EMPTY, None), as_json=as_json)

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


def _patterns(station: str) -> Patterns | None:
    """What labels look like there; None where the plant knows it better."""
    return site_of(_config(station)).patterns if station else None


def _label(given: str, kind: LabelKind, station: str) -> str:
    """The label as the tables write it. What is another kind is refused before anybody is asked."""
    patterns = _patterns(station)
    if patterns is None:
        return given.strip().upper()  # the plant knows its labels better
    label = patterns.label(given)
    if label.kind is kind:
        return label.text
    name = "a crate's label" if kind is LabelKind.CRATE else "an item number"
    raise bad_input(
        f"this is not {name}.",
        where="CRATE" if kind is LabelKind.CRATE else "ITEM",
        do=f"Give {name} as it is scanned.",
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
    try:
        found = read_copy(directory, unit, clock=SystemClock(), rng=SystemRng())
    except DeviceError as error:
        raise Fault.of(error, str(directory)) from error
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


def _scans(patterns: Patterns | None) -> tuple[str, ...]:
    """Item numbers from standard input. What is none is said by its line, never by what it was, and left out."""
    known = patterns or Patterns()
    found: list[str] = []
    for n, line in enumerate(sys.stdin, 1):
        if not line.strip():
            break
        label = known.label(line)
        if label.kind is LabelKind.ITEM:
            found.append(label.text)
        else:
            sys.stderr.write(f"ims: line {n}: this is no item number. It was left out.\n")
    return tuple(found)


# --- what is said -----------------------------------------------------------------------------------


def _unknown_crate(label: str) -> Fault:
    return Fault(
        Exit.REFUSED,
        code="crate.unknown",
        what="No crate of that label is known.",
        where=label,
        do="Check the label. If it was filled at another branch, its plant may not have told yet: try again, or return the items one by one.",
    )


_REFUSALS: Mapping[Said, tuple[str, str]] = {
    Said.STANDS_AT_CHUTE: (
        "It stands at a chute ({place}): items still fall into it.",
        "Swap it there first: lift it out, put another in, scan chute and crate.",
    ),
    Said.RECEIVED_TWICE: (
        "It has been received already, at {place}, or holds nothing.",
        "Nothing is to be done. To check its items, scan them with --scan at that branch.",
    ),
    Said.NOT_HERE: ("It is on its way to {place}.", "Receive it first."),
    Said.AT_OTHER_BRANCH: (
        "It stands at {place}, as far as anybody has said.",
        "If it stands before you, receive it here first; else say it at {place}.",
    ),
    Said.HOLDS_NOTHING: (
        "It is empty, at {place}.",
        "Nothing is to be done. If it was packed by hand, receive it with --scan where it arrives.",
    ),
    Said.NOTHING_SCANNED: (
        "Nothing was scanned, so nothing is received.",
        "Scan its items, or receive it without --scan as it is written.",
    ),
}


def _finish(done: Answer, *, as_json: bool) -> None:
    said, label = Said(done["said"]), done["crate"]
    if said is Said.UNKNOWN_CRATE:
        raise _unknown_crate(label)
    if said in _REFUSALS:
        what, do = _REFUSALS[said]
        raise Fault(
            Exit.REFUSED,
            code=f"crate.{said.value}",
            what=what.format(place=done["place"]),
            where=label,
            do=do.format(place=done["place"]),
        )
    wrong = said is Said.RECEIVED_ELSEWHERE
    words = _received_words(done) if said in {Said.RECEIVED, Said.RECEIVED_ELSEWHERE} else ""
    plain = {
        Said.SENT: f"{label} has left {done['branch']}.",
        Said.EMPTIED: f"{label} is empty and free, at {done['branch']}.",
    }
    finish(
        done,
        words or plain[said],
        as_json=as_json,
        exit_code=Exit.REFUSED if wrong else Exit.DONE,
    )


def _received_words(done: Answer) -> str:
    label, n = done["crate"], len(done["items"])
    if done["said"] == Said.RECEIVED_ELSEWHERE.value:
        lines = [
            f"{label} is for {done['for']}, not for {done['branch']}. Send it on{_by(done)}; it holds {n} items."
        ]
    else:
        lines = [f"{label} is received at {done['branch']}: {n} items."]
    lines += [f"  {item}" for item in done["items"] if item not in done["missing"]]
    lines += [f"  {item}  MISSING: listed, and not scanned" for item in done["missing"]]
    lines += [f"  {item}  SURPLUS: scanned, and not listed" for item in done["surplus"]]
    lines += [
        f"  {one['item']} goes on to {one['destination']}{_by({'for': one['destination'], **one})}"
        for one in done["onward"]
    ]
    return "\n".join(lines)


def _by(told: Answer) -> str:
    """By which branch something goes, where that is another than the one that it is for."""
    return f" by {told['by']}" if told["by"] not in {"", told["for"]} else ""


def _crate_words(found: Answer) -> str:
    of = f" of {found['point']}" if found["point"] else ""
    where = found["branch"] + (f", chute {found['chute']}{of}" if found["chute"] else "")
    bound = f", for {found['destination']}" if found["destination"] else ""
    lines = [
        f"{found['crate']} is {found['state']} at {where}{bound}, since {_local(found['since'])}.",
        f"{len(found['items'])} items:",
    ]
    for one in found["items"]:
        to = f"  for {one['destination']}" if one["destination"] else ""
        lines.append(f"  {one['item']}  {_local(one['since'])}  rule {one['rule'] or '-'}{to}")
    return "\n".join(lines)


def _item_words(found: Answer) -> str:
    lines: list[str] = []
    moving, where, why = found["on_belt"], found["where"], found["why"]
    if moving is not None:
        lines.append(f"{found['item']} is on the belt now ({moving['state']}).")
    if where is not None:
        lines.append(f"{found['item']} {_place_words(where)}, since {_local(where['since'])}.")
    if why is not None and why["rule"]:
        lines.append(f"Rule {why['rule']}" + _cause_words(why["cause"]) + ", which looked at:")
        lines += [f"  {name} = {value}" for name, value in why["facts"].items() if value != ""]
    elif why is not None:
        lines.append(
            "It was scanned by hand, and no rule was asked" + _cause_words(why["cause"]) + "."
        )
    if found["history"]:
        lines.append("What happened:")
        say = partial(Catalogue.load().say, language="en", channel=Channel.PAPER)
        lines += [
            f"  {_local(one['at'])}  {say(happened_words(_happened(one)))}"
            for one in found["history"]
        ]
    return "\n".join(lines)


def _place_words(where: Mapping[str, Any]) -> str:
    bin = f"bin {where['bin']}" + (f" ({where['bin_name']})" if where["bin_name"] else "")
    bound = f", for {where['destination']}" if where["destination"] else ""
    if where["crate"]:
        at = f", chute {where['chute']}" if where["chute"] else ""
        inside = f", {bin}" if where["bin"] else ""
        return f"lies in crate {where['crate']} ({where['crate_state']}) at {where['branch']}{at}{inside}{bound}"
    if where["bin"]:
        return f"lies at {where['branch']} in {bin}{bound}"
    return f"was last at {where['branch']}, in no bin or crate{bound}"


def _cause_words(cause: str) -> str:
    return f" ({cause.replace('_', ' ')})" if cause not in {"", "none"} else ""


def _happened(one: Mapping[str, Any]) -> Happened:
    return Happened(
        What(one["what"]),
        datetime.fromisoformat(one["at"]),
        one["branch"],
        crate=one["crate"],
        chute=one["chute"],
        destination=one["destination"],
        bin=one["bin"],
    )


def _local(at: str | None) -> str:
    return "-" if at is None else f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
