"""The station file of the demo, with its places filled in, is one that can be read."""

from config.load import load_text
from ui.commands.demo import STATION

DEVICES = ("pad", "scanner", "printer", "card", "keys", "terminal", "speaker")
URLS = {role: f"memory://{role}" for role in DEVICES}


def test_the_station_of_the_demo_is_read() -> None:
    filled = STATION.format(
        **URLS, library="sip2://memory:1", mail="smtp://127.0.0.1:1", ca="/ca", password="/password"
    )
    nearest = load_text(filled).station.nearest
    assert nearest is not None
    assert "By the stairs" in str(nearest.landmark)
