"""A plant's panel in a process of its own, offscreen, that is asked for pictures: `python -m ui.pictured FILE STATE`.

A path on standard input, the picture there, `ok` on standard output; the end of input ends it. Two windows of ours in one
process would share one look.
"""

import os
import select
import sys
from pathlib import Path

TICK_MS = 30


def main() -> None:
    """Follow the line and answer until nobody asks any more."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_QUICK_BACKEND"] = "software"
    from PySide6.QtCore import QTimer

    from config.load import load
    from config.texts import Catalogue
    from ui.panel.desk import PanelRun
    from ui.window import application

    file, state = map(Path, sys.argv[1:3])
    app = application()
    config = load(file).station
    panel = PanelRun(config, Catalogue.load(config.station.time_zone), state, still=True)

    def asked() -> None:
        while select.select([sys.stdin], [], [], 0)[0]:
            line = sys.stdin.readline()
            if not line:
                app.quit()
                return
            panel.desk.window.grab(Path(line.rstrip("\n")))
            sys.stdout.write("ok\n")
            sys.stdout.flush()

    look = QTimer()
    look.timeout.connect(asked)
    look.start(TICK_MS)
    panel.start()
    app.exec()
    look.stop()
    panel.stop()


if __name__ == "__main__":
    main()
