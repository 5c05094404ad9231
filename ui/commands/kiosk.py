"""`ims kiosk`: run the kiosk of a station file, with its window or, for a machine without one, without."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from config.load import ConfigInvalid, Loaded, load
from config.screen import ScreenTable
from config.station import Kind, Station
from config.texts import Catalogue
from drivers.errors import Code, DeviceError
from drivers.runtime.clock import SystemRng
from drivers.runtime.log import write_to
from drivers.runtime.undumped import keep_out_of_dumps
from drivers.store.sealed import make_key_file
from ui.ending import need_display, told_to_end, window_until
from ui.outcome import Exit, Fault, bad_input, finish, run
from ui.running import CANNOT_BUILD, Running, seal_key, state_directory

FRAME_PX = 72
"""What a desktop's title bar and panel may take."""


def command(
    station: Annotated[str, typer.Option(metavar="FILE", help="the station file")],
    state: Annotated[
        str, typer.Option(metavar="DIR", help="state directory; else as the file says")
    ] = "",
    window: Annotated[
        bool,
        typer.Option("--window/--no-window", help="show the window, or serve the socket alone"),
    ] = True,
    make_key: Annotated[
        bool,
        typer.Option("--make-key", help="make the key file that the station file names, and end"),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object at the end")] = False,
) -> None:
    """Run the kiosk of a station file until SIGTERM or `ims station stop`."""

    def verb() -> None:
        keep_out_of_dumps()
        config = station_file(Path(station)).station
        if config.station.kind is not Kind.KIOSK:
            raise bad_input(
                f"this station is a {config.station.kind.value}, not a kiosk.",
                where=station,
                do="Give the file of a kiosk.",
                code=Code.CONFIG_INVALID.value,
            )
        if make_key:
            finish(made_key(config, station), "made", as_json=as_json)
        write_to(sys.stderr)
        running = _running(config, state, station)
        code = with_window(running, config, station) if window else without_window(running, station)
        finish({"ended": code == 0}, "ended", as_json=as_json, exit_code=Exit(code))

    run(verb, as_json=as_json)


def station_file(path: Path) -> Loaded:
    """Read a station file. Raises Fault with every problem, one a line."""
    try:
        return load(path)
    except ConfigInvalid as error:
        raise Fault(
            Exit.USAGE,
            code=Code.CONFIG_INVALID.value,
            what="\n  ".join(("The configuration is not valid:", *map(str, error.problems))) + "\n",
            where=str(path),
            do="Correct these lines; `ims config schema` says what each key takes.",
        ) from None


def made_key(config: Station, station: str) -> dict[str, Any]:
    """Make the key file that the station file names. Raises Fault where it names none, or it is there already."""
    ref = config.station.seal_key
    if ref is None or ref.file is None:
        raise bad_input(
            "the station file names no key file.",
            where=f"{station}: station.seal_key",
            do='Add for example: seal_key = { file = "/etc/ims/seal.key" }',
            code=Code.STORE_KEY.value,
        )
    path = Path(ref.file)
    if path.exists():
        raise bad_input(
            "the key file is there already; it is not replaced.",
            where=str(path),
            do="Keep it: without it what is sealed can never be read.",
            code=Code.STORE_KEY.value,
        )
    made = make_key_file(path, SystemRng())
    return {"file": str(path), "key_id": made.key_id}


def _running(config: Station, state: str, station: str) -> Running:
    directory = state_directory(config, state)
    try:
        return Running(
            config,
            catalogue=Catalogue.load(config.station.time_zone),
            state=directory,
            key=seal_key(config.station.seal_key),
            rasteriser=rasteriser,
        )
    except DeviceError as error:
        where = station if error.code is Code.STORE_KEY else str(directory)
        raise Fault.of(error, where) from error


def rasteriser() -> Any:
    """What draws a receipt in dots; loaded when the first one needs it."""
    from ui.rasteriser import QtRasteriser

    return QtRasteriser()


def cannot_build(error: Exception, station: str) -> Fault:
    """The Fault for a station file that names what cannot be."""
    if isinstance(error, DeviceError):
        return Fault.of(error, station)
    return bad_input(
        f"{error}.",
        where=station,
        do="Correct the station file.",
        code=Code.CONFIG_INVALID.value,
    )


def without_window(
    running: Running, station: str, *, cannot: Callable[[Exception, str], Fault] = cannot_build
) -> int:
    """Serve the socket alone, until SIGTERM, SIGINT or `stop`."""
    over = told_to_end()
    try:
        running.start(lambda _snapshot: None, over.set)
    except CANNOT_BUILD as error:
        raise cannot(error, station) from error
    sys.stdout.write(f"station ready, door {running.socket}\n")
    sys.stdout.flush()
    over.wait()
    running.stop()
    return Exit.BUG if running.fault is not None else Exit.DONE


def with_window(running: Running, config: Station, station: str, *, beside: bool = False) -> int:
    """Show the window until it is closed, SIGTERM comes, or the station ends.

    `beside` makes it as large as the display allows, at its right edge: for a kiosk shown on a desktop.
    """
    from ui.bridge import Bridge
    from ui.sound import cue_player
    from ui.window import KioskWindow, application

    need_display("Run it in a graphical session, or with --no-window.")
    app = application()
    bridge = Bridge(running.send)
    place = app.primaryScreen().availableGeometry()
    size = fitted(config.screen, place.height() - FRAME_PX) if beside else config.screen
    cues = cue_player(config.sound)
    window = KioskWindow(size, Catalogue.load(config.station.time_zone), bridge, cues=cues)
    if beside:
        window.window.setPosition(place.right() - size.width, place.top() + FRAME_PX // 2)
    bridge.destroyed.connect(app.quit)
    over = told_to_end()
    try:
        running.start(bridge.deliver, over.set)
    except CANNOT_BUILD as error:
        raise cannot_build(error, station) from error
    window.show()
    window_until(over)
    running.stop()
    window.close()
    return Exit.BUG if running.fault is not None else Exit.DONE


def fitted(screen: ScreenTable, height: int) -> ScreenTable:
    """The same screen in millimetres, at most `height` pixels high."""
    scale = min(1.0, height / screen.height)
    return screen.model_copy(
        update={
            "width": round(screen.width * scale),
            "height": round(screen.height * scale),
            "px_per_mm": screen.px_per_mm * scale,
        }
    )
