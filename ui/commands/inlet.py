"""`ims inlet`: the screen at a sorting plant's public inlet, in a process of its own. Ending it changes nothing on the belt."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from config.texts import Catalogue
from drivers.errors import Code
from drivers.runtime.undumped import keep_out_of_dumps
from ui.commands.kiosk import has_display, station_file
from ui.outcome import bad_input, finish, run
from ui.running import state_directory

LOOK_MS = 200


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
        if not has_display():
            raise bad_input(
                "there is no display.",
                where="DISPLAY, WAYLAND_DISPLAY and QT_QPA_PLATFORM",
                do="Run it in a graphical session.",
                code="display.absent",
            )
        from PySide6.QtCore import QTimer

        from ui.inlet import InletRun
        from ui.sound import cue_player
        from ui.window import application

        app = application()
        inlet = InletRun(
            config,
            Catalogue.load(config.station.time_zone),
            state_directory(config, state),
            screen=config.inlet.screen,
            cues=cue_player(config.sound),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: app.quit())
        look = QTimer()
        look.timeout.connect(lambda: None)
        look.start(LOOK_MS)  # lets Python see signals while Qt waits
        inlet.start()
        app.exec()
        look.stop()
        inlet.stop()
        finish({"ended": True}, "ended", as_json=as_json)

    run(verb, as_json=as_json)
