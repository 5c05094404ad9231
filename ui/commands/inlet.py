"""`ims inlet`: the screen at a sorting plant's public inlet, in a process of its own. Ending it changes nothing on the belt."""

from pathlib import Path
from typing import Annotated

import typer

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
    """Show borrowers the inlet of a running sorting plant, until the window is closed or SIGTERM."""

    def verb() -> None:
        keep_out_of_dumps()
        config = station_file(Path(station)).station
        if config.inlet is None:
            raise bad_input(
                "this station has no public inlet.",
                where=station,
                do="Give the file of a sorting plant with [inlet] and [devices.gate].",
                code=Code.CONFIG_INVALID.value,
            )
        need_display()
        from ui.inlet import InletRun
        from ui.sound import cue_player

        inlet = InletRun(
            config,
            Catalogue.load(config.station.time_zone),
            state_directory(config, state),
            screen=config.inlet.screen,
            cues=cue_player(config.sound),
        )
        over = told_to_end()
        inlet.start()
        window_until(over)
        inlet.stop()
        finish({"ended": True}, "ended", as_json=as_json)

    run(verb, as_json=as_json)
