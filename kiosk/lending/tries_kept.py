"""Wrong PINs outlive a restart, or pulling the plug would be a way to guess on. In an envelope, by mark, while they count.

Kept by wall time, since monotonic time begins anew with the machine; a clock that was put back makes nobody wait longer
than the longest wait.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from config.station import Lending as Rules
from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Secret, Txn
from drivers.runtime.flow import Now
from drivers.store import sealed
from kiosk.lending.acts import KeepTries
from kiosk.lending.tries import Tries, ends
from kiosk.lending.turn import Turn

PLACE = "kiosk:tries:wrong"
MARKS = "kiosk:tries:mark"


def put(turn: Turn, tries: tuple[Tries, ...]) -> None:
    """These are the tries that count from now on."""
    if tries != turn.state.tries:
        turn.set(tries=tries)
        turn.do(KeepTries(tries, turn.now))


def mark_key(txn: Txn) -> bytes:
    """The key of the marks of this station, the same in every run. It needs the key of the envelopes, which lies elsewhere."""
    return bytes.fromhex(txn.sealer.index(Secret("key"), place=MARKS))


def keep(txn: Txn, tries: tuple[Tries, ...], at: Now, rules: Rules) -> None:
    """Write them down in place of the earlier ones, for as long as they count."""
    sealed.erase(txn, PLACE)
    if not tries:
        return

    def wall(monotonic: float) -> str:
        return (at.wall + timedelta(seconds=monotonic - at.monotonic)).isoformat()

    rows = [[t.mark, [wall(w) for w in t.wrong], t.waits, wall(t.until)] for t in tries]
    left = max(ends(t, rules) for t in tries) - at.monotonic
    until = at.wall + timedelta(seconds=max(left, 0.0))
    sealed.seal(txn, PLACE, {"tries": Secret(json.dumps(rows))}, expires_at=until)


def kept(txn: Txn, at: Now, rules: Rules) -> tuple[Tries, ...]:
    """What an earlier run wrote down; nothing, where it was sealed by another key: marks are of that key, too."""
    try:
        values = sealed.unseal(txn, PLACE)
    except DeviceUnavailable as error:
        if error.code is not Code.STORE_KEY:
            raise
        return ()
    if values is None:
        return ()

    def monotonic(wall: str) -> float:
        return at.monotonic + (datetime.fromisoformat(wall) - at.wall).total_seconds()

    longest = at.monotonic + max(
        rules.pin_block_longest_s, rules.pin_block_s, rules.machine_block_s
    )
    return tuple(
        replace(
            Tries(mark, waits=waits, until=min(monotonic(until), longest)),
            wrong=tuple(min(monotonic(w), at.monotonic) for w in wrong),
        )
        for mark, wrong, waits, until in json.loads(values["tries"].reveal())
    )
