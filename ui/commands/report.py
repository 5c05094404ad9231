"""`ims report`: a month's figures of one machine or several, as a table and as a picture, with nobody in them."""

import asyncio
import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from config.texts import Catalogue
from drivers.errors import DeviceUnavailable
from drivers.ports import Txn
from drivers.service.link import StationClient
from drivers.service.records import counts_of
from drivers.service.statistics import Count, What, month, share
from drivers.store.lock import socket_in
from ui.commands.kiosk import station_file
from ui.commands.station import directory_of, no_state
from ui.outcome import Exit, Fault, bad_input, finish, run
from ui.report import Report
from ui.running import state_directory
from ui.stored import read_stored


def command(
    of: Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="which month, local time")],
    station: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="a station's file; may be given several times"),
    ] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR", help="a state directory; may be given several times"),
    ] = None,
    csv: Annotated[str, typer.Option("--csv", metavar="FILE", help="write the table here")] = "",
    plot: Annotated[
        str, typer.Option(metavar="FILE", help="draw the picture here: .png, .svg or .pdf")
    ] = "",
    library_loans: Annotated[
        int, typer.Option(min=0, help="the library's own count of loans, for the share")
    ] = 0,
    library_returns: Annotated[
        int, typer.Option(min=0, help="the library's own count of returns, for the share")
    ] = 0,
    language: Annotated[
        Literal["da", "en", "de", "uk"], typer.Option(help="of table and picture")
    ] = "da",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of words")] = False,
) -> None:
    """Say what a month came to: loans, returns, renewals, refusals, visits. Running or not."""

    def verb() -> None:
        if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", of) is None:
            raise bad_input(f"{of!r} is no month.", where="--month", do="Write it as in 2026-11.")
        directories = [state_directory(station_file(Path(name)).station) for name in station or ()]
        directories += [Path(name) for name in state or ()]
        if not directories:
            directories = [directory_of("")]
        counts = [one for directory in directories for one in _counts(directory, of)]
        library = {What.LOAN: library_loans, What.RETURN: library_returns}
        found = month(of, counts)
        report = Report(
            found,
            tuple(directory.name for directory in directories),
            Catalogue.load(),
            language,
            {what: figure for what, figure in library.items() if figure},
        )
        if csv:
            report.write_csv(Path(csv))
        if plot:
            _draw(report, Path(plot))
        shares = {
            what.value: part
            for what, figure in library.items()
            if (part := share(found.total(what), figure)) is not None
        }
        result = {
            "month": of,
            "stations": [directory.name for directory in directories],
            **{f"{what.value}s": found.total(what) for what in (*_ITEMS, What.VISIT)},
            "by_hour": {what.value: list(found.by_hour[what]) for what in (*_ITEMS, What.VISIT)},
            "by_type": {what.value: dict(found.by_type[what]) for what in _ITEMS},
            "refused": dict(found.refused),
            "visit_ends": dict(found.visits),
            "visit_lengths": dict(found.lengths),
            "mean_seconds": found.mean_seconds,
            "receipts": dict(found.receipts),
            "payments": found.total(What.PAYMENT),
            "paid": round(found.paid / 100, 2),
            "shares": shares,
        }
        finish(result, _words(report), as_json=as_json)

    run(verb, as_json=as_json)


_ITEMS = (What.LOAN, What.RETURN, What.RENEWAL)


def _counts(directory: Path, of: str) -> tuple[Count, ...]:
    """The counts of one machine: through its door while it runs, else from a copy of its database."""

    async def ask() -> tuple[Count, ...]:
        client = await StationClient.connect(socket_in(directory))
        try:
            rows = (await client.request("counts", {"month": of}))["counts"]
        finally:
            await client.close()
        return tuple(Count(period, What(what), kind, n) for period, what, kind, n in rows)

    def unit(txn: Txn) -> tuple[Count, ...]:
        return counts_of(txn, of)

    try:
        return asyncio.run(ask())
    except DeviceUnavailable:
        stored = read_stored(directory, unit)
        if stored is None:
            raise no_state(directory) from None
        return stored


def _draw(report: Report, path: Path) -> None:
    if path.suffix not in {".png", ".svg", ".pdf"}:
        raise bad_input(
            f"{path.name} is no picture.", where="--plot", do="End it .png, .svg or .pdf."
        )
    try:
        report.draw(path)
    except ImportError:
        raise Fault(
            Exit.USAGE,
            code="report.no_matplotlib",
            what="Drawing needs matplotlib, which is not installed.",
            where="--plot",
            do="Install it beside ims: pip install 'ims-kiosk[report]'. The table needs nothing.",
        ) from None


def _words(report: Report) -> str:
    lines = list(report.lines())
    width = max(len(f"{line.what}  {line.by}  {line.value}") for line in lines)
    return "\n".join(
        f"{f'{line.what}  {line.by}  {line.value}'.ljust(width)}  {line.number:>8g}"
        for line in lines
    )
