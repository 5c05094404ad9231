"""A keypad with a headset jack, as the kernel hands it to a program: records of 24 bytes.

Written from the kernel's documentation (Documentation/input/input.rst, event-codes.rst) and the codes of
include/uapi/linux/input-event-codes.h: a key gives a press and a release, the jack a switch event, and each
report ends with a synchronisation event. Not modelled: the sound device that such a keypad also is.
"""

import random
from collections.abc import Callable, Mapping

from hw_sim.faults import COUNT, Arg, Faults
from hw_sim.wire import HangUp, Send
from hw_sim.world import World

KEYPAD_FAULTS: Mapping[str, Mapping[str, Arg]] = {"held": {"repeats": Arg(int, 5), "count": COUNT}}
"""held: the next key is held down, and the system repeats it."""

CODES = {
    **{"up": 103, "down": 108, "left": 105, "right": 106, "select": 28},
    **{"repeat": 164, "stop": 1, "louder": 115, "quieter": 114},
}
"""The keys that it has, and what the kernel calls them: KEY_UP, KEY_ENTER and so on."""

SYN, KEY, SWITCH = 0x00, 0x01, 0x05
HEADPHONE = 0x02
UP, DOWN, REPEATED = 0, 1, 2


class Keypad:
    """Five keys, and beside them: hear it again, silence, louder and less loud."""

    role = "keys"

    def __init__(self, world: World, *, rng: random.Random | None = None) -> None:
        del rng  # nothing here is left to chance
        self._world = world
        self._faults = Faults(KEYPAD_FAULTS)
        self._send: Send | None = None
        self.headset = False
        self.presses = 0
        self.jack: Callable[[bool], None] = lambda _plugged: None
        """Told when the plug goes in or out: the sound goes another way then."""

    def press(self, key: str) -> None:
        """Press and release one key. Raises ValueError naming those there are."""
        if key not in CODES:
            raise ValueError(f"no key {key!r}; there are: {', '.join(CODES)}")
        self.presses += 1
        self._world.tell("key", key=key)
        code = CODES[key]
        values = [DOWN]
        if held := self._faults.spend("held"):
            repeats = held["repeats"]
            values += [REPEATED] * (repeats if isinstance(repeats, int) else 0)
        self._report(*((KEY, code, value) for value in (*values, UP)))

    def plug(self, plugged: bool) -> None:
        """Put the headset's plug in, or pull it out."""
        self.headset = plugged
        self._world.tell("headset", plugged=plugged)
        self.jack(plugged)
        self._report((SWITCH, HEADPHONE, int(plugged)))

    def _report(self, *events: tuple[int, int, int]) -> None:
        if self._send is None:
            return
        now = self._world.now()
        for kind, code, value in events:
            for record in ((kind, code, value), (SYN, 0, 0)):
                stamp = int(now.timestamp()).to_bytes(8, "little")
                stamp += now.microsecond.to_bytes(8, "little")
                words = record[0].to_bytes(2, "little") + record[1].to_bytes(2, "little")
                self._send(stamp + words + record[2].to_bytes(4, "little", signed=True))

    # --- the wire

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self._send = send

    def detach(self) -> None:
        self._send = None

    def receive(self, data: bytes) -> None:
        """Nobody says anything to a keypad."""

    # --- faults and truth

    def fault(self, verb: str, **args: object) -> None:
        self._faults.start(verb, args)

    def clear(self, verb: str | None = None) -> None:
        self._faults.clear(verb)

    def faults(self) -> dict[str, object]:
        return self._faults.standing()

    def truth(self) -> dict[str, object]:
        return {"role": self.role, "headset": self.headset, "presses": self.presses}
