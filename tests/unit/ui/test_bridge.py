"""The bridge carries snapshots from any thread into the window's, and requests back."""

import threading

from pytestqt.qtbot import QtBot

from drivers.service.view import Cue, Snapshot
from tests.snapshots.screens import start
from ui.bridge import Bridge
from ui.sound import Cues, RecordedCues


def test_a_snapshot_arrives_in_the_windows_thread(qtbot: QtBot) -> None:
    bridge = Bridge(lambda name, args: None)
    arrived: list[tuple[Snapshot, int]] = []
    bridge.snapshot.connect(lambda given: arrived.append((given, threading.get_ident())))
    given = Snapshot(7, start())
    core = threading.Thread(target=bridge.deliver, args=(given,), name="core")
    core.start()
    core.join()
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [(given, threading.get_ident())]


def test_requests_go_back_by_name() -> None:
    sent: list[tuple[str, dict[str, object]]] = []
    bridge = Bridge(lambda name, args: sent.append((name, args)))
    bridge.press("print")
    bridge.touch()
    bridge.key("DOWN")
    assert sent == [
        ("press", {"action": "print"}),
        ("touch", {}),
        ("key", {"key": "DOWN"}),
    ]


def test_at_most_one_cue_in_300_ms_but_every_key_clicks() -> None:
    player = RecordedCues()
    now = 0
    cues = Cues(player, lambda: now)
    for moment, cue in (
        (0, Cue.ITEM_OK),
        (100, Cue.ITEM_OK),
        (100, Cue.KEY),
        (150, Cue.KEY),
        (299, Cue.REFUSED),
        (300, Cue.DONE),
    ):
        now = moment
        cues.play(cue, -12)
    assert player.played == [Cue.ITEM_OK, Cue.KEY, Cue.KEY, Cue.DONE]
