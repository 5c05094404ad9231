"""`ims sorter`: run the sorting plant of a station file. It has no window: a panel asks through the station's door."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from config.station import Kind
from config.texts import Catalogue
from drivers.errors import Code, DeviceError
from drivers.runtime.log import write_to
from drivers.runtime.undumped import keep_out_of_dumps
from sorter.plan.edition import PlanUnfit
from ui.commands.kiosk import cannot_build, made_key, rasteriser, station_file, without_window
from ui.outcome import Exit, Fault, bad_input, finish, run
from ui.running import Running, seal_key, state_directory


def command(
    station: Annotated[str, typer.Option(metavar="FILE", help="the station file")],
    state: Annotated[
        str, typer.Option(metavar="DIR", help="state directory; else as the file says")
    ] = "",
    make_key: Annotated[
        bool,
        typer.Option("--make-key", help="make the key file that the station file names, and end"),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object at the end")] = False,
) -> None:
    """Run the sorting plant of a station file until SIGTERM or `ims station stop`."""

    def verb() -> None:
        keep_out_of_dumps()
        config = station_file(Path(station)).station
        if config.station.kind is not Kind.SORTER or config.sorter is None:
            raise bad_input(
                f"this station is a {config.station.kind.value}, not a sorting plant.",
                where=station,
                do="Give the file of a sorting plant.",
                code=Code.CONFIG_INVALID.value,
            )
        if make_key:
            finish(made_key(config, station), "made", as_json=as_json)
        write_to(sys.stderr)
        directory = state_directory(config, state)
        try:
            running = Running(
                config,
                catalogue=Catalogue.load(config.station.time_zone),
                state=directory,
                key=seal_key(config.station.seal_key),
                # a borrower's receipt may need dots; a slip's letters every printer has
                rasteriser=rasteriser if config.devices.inlet_printer is not None else None,
            )
        except DeviceError as error:
            where = station if error.code is Code.STORE_KEY else str(directory)
            raise Fault.of(error, where) from error
        code = without_window(running, station, cannot=_cannot_build)
        finish({"ended": code == 0}, "ended", as_json=as_json, exit_code=Exit(code))

    run(verb, as_json=as_json)


def _cannot_build(error: Exception, station: str) -> Fault:
    """A belt runs by a plan that can be read, and that puts nothing doubtful on a shelf."""
    if not isinstance(error, PlanUnfit):
        return cannot_build(error, station)
    wrong = [str(problem) for problem in error.problems]
    return Fault(
        Exit.USAGE,
        code=Code.CONFIG_INVALID.value,
        what="\n  ".join(
            ("The sort plan is not valid, and there is no earlier one to run by:", *wrong)
        )
        + "\n",
        where=error.problems[0].place.file,
        do="Correct these lines; `ims plan check FILE --station STATION` says the same.",
    )
