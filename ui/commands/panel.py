"""`ims panel`: a window on a running sorting plant, in a process of its own. Ending it changes nothing on the belt."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from config.station import Kind
from config.texts import Catalogue
from drivers.errors import Code
from drivers.runtime.undumped import keep_out_of_dumps
from ui.commands.kiosk import station_file
from ui.ending import need_display, told_to_end, window_until
from ui.outcome import bad_input, finish, run
from ui.running import state_directory


def command(
    station: Annotated[str, typer.Option(metavar="FILE", help="the station file of the line")],
    state: Annotated[
        str, typer.Option(metavar="DIR", help="state directory of the line; else as the file says")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object at the end")] = False,
) -> None:
    """Show a running sorting plant and what can be done there, until the window is closed or SIGTERM."""

    def verb() -> None:
        keep_out_of_dumps()
        config = station_file(Path(station)).station
        if config.station.kind is not Kind.SORTER:
            raise bad_input(
                f"this station is a {config.station.kind.value}, not a sorting plant.",
                where=station,
                do="Give the file of a sorting plant.",
                code=Code.CONFIG_INVALID.value,
            )
        need_display()
        from ui.panel.desk import PanelRun

        panel = PanelRun(
            config, Catalogue.load(config.station.time_zone), state_directory(config, state)
        )
        over = told_to_end()
        panel.start()
        sys.stdout.write(f"panel ready, looks for {panel.socket}\n")
        sys.stdout.flush()
        window_until(over)
        panel.stop()
        finish({"ended": True}, "ended", as_json=as_json)

    run(verb, as_json=as_json)
