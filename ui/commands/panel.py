"""`ims panel`: a window on a running sorting plant, in a process of its own. Ending it changes nothing on the belt."""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from config.station import Kind
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
        if not has_display():
            raise bad_input(
                "there is no display.",
                where="DISPLAY, WAYLAND_DISPLAY and QT_QPA_PLATFORM",
                do="Run it in a graphical session.",
                code="display.absent",
            )
        from PySide6.QtCore import QTimer

        from ui.panel.desk import PanelRun
        from ui.window import application

        app = application()
        panel = PanelRun(
            config, Catalogue.load(config.station.time_zone), state_directory(config, state)
        )
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        look = QTimer()
        # also lets Python see signals while Qt waits; one that came before is not lost
        look.timeout.connect(lambda: app.quit() if over.is_set() else None)
        look.start(LOOK_MS)
        panel.start()
        sys.stdout.write(f"panel ready, looks for {panel.socket}\n")
        sys.stdout.flush()
        app.exec()
        look.stop()
        panel.stop()
        finish({"ended": True}, "ended", as_json=as_json)

    run(verb, as_json=as_json)
