"""`python -m hw_sim.desk CONTROL`: the desk for a simulator that runs; `--desk` starts it so.

CONTROL is what the simulator's ready line says, `unix:PATH` or `HOST:PORT`. Ends with 0 when the window is
closed, told to by a signal, or the simulator is gone, with 3 when there is no display or no simulator.
"""

import os
import signal
import sys

NO_DESK = 3


def main(arguments: list[str]) -> int:
    """Show the desk until it is closed; the answer is the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m hw_sim.desk CONTROL\n")
        return 2
    if not any(os.environ.get(v) for v in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        sys.stderr.write("hw_sim: there is no display to show the desk on\n")
        return NO_DESK
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    from PySide6.QtCore import QTimer

    from hw_sim.desk.control_line import ControlLine
    from hw_sim.desk.desk import Desk
    from hw_sim.desk.window import application, desk_window, put_away

    app = application()
    try:
        line = ControlLine(arguments[0])
    except (ConnectionError, ValueError) as error:
        sys.stderr.write(f"hw_sim: the desk finds no simulator: {error}\n")
        return NO_DESK
    desk = Desk(line)
    window = desk_window(desk)
    desk.lost.connect(app.quit)
    window.show()

    def listen() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: app.quit())

    QTimer.singleShot(0, listen)  # from inside the loop: before it, quit() would be lost
    code = app.exec()
    put_away(window)
    desk.close()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
