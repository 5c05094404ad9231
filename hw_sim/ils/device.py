"""The library system's end of a SIP2 connection: bytes in, bytes out, one answer to a command.

Source: 3M Standard Interchange Protocol 2.00, revision 2.12. Error detection, resend, login and the order
of messages live here; what a command does is in `answers`. Not modelled: a lender's own work at the desk,
unsolicited messages (the standard has none), several institutions.
"""

import asyncio
import codecs
import copy
import random
import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hw_sim.faults import UNTIL_CLEARED, Arg, Faults, number
from hw_sim.ils.answers import Answers, Session
from hw_sim.ils.codec import (
    RESENDS,
    Framer,
    Malformed,
    Message,
    UnknownMessage,
    decode,
    encode,
)
from hw_sim.ils.manner import COMMANDS, Manner
from hw_sim.ils.model import Library
from hw_sim.ils.pace import answer_after
from hw_sim.ils.truth import truth

WAITING = 64
"""Commands that may wait behind one that is being answered; more close the connection."""


_HITS = {"count": UNTIL_CLEARED, "only": Arg((str, list, tuple), "")}

FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "silent": {**_HITS, "work": Arg(bool, True)},
    "storm_96": _HITS,
    "status_98": _HITS,
    "refuse_login": _HITS,
    "offline_98": _HITS,
    "drop_before_commit": _HITS,
    "drop_after_commit": _HITS,
    "close_mid_answer": _HITS,
    "other_item": {**_HITS, "item": Arg(str, "")},
    "other_encoding": {**_HITS, "encoding": Arg(str, "latin-1")},
    "bad_checksum": _HITS,
    "wrong_ay": _HITS,
    "slow_trickle": {**_HITS, "ms": Arg((int, float), 50)},
    "answer_late": {**_HITS, "seconds": Arg((int, float), 10)},
}
"""What can be wrong with a library system; `only` names the commands that are hit, by message id.

silent: no answer, though the work is done unless `work` is false. storm_96: each command is asked for again.
status_98: a status comes in place of the answer, and nothing is done. refuse_login: 940. offline_98: the
status says offline. drop_before_commit, drop_after_commit: the connection closes without an answer, the
work not done or done. close_mid_answer: it closes inside the answer. other_item: the answer names another
item than was asked. other_encoding, bad_checksum, wrong_ay: the answer is so. slow_trickle: a byte every
`ms`. answer_late: the answer comes so much later.
"""

_OF = re.compile(rb"\|AB([^|]*)\|")
_SUM = re.compile(rb"AZ([0-9A-F]{4})(?=\r)")


class LibraryDevice:
    """One connection to a simulated library system. `sibling` makes another to the same library."""

    role = "library"

    def __init__(
        self,
        library: Library,
        *,
        now: Callable[[], datetime],
        rng: random.Random,
        manner: Manner | None = None,
    ) -> None:
        """`now` is the library's own clock: aware, in local time. `rng` only jitters delays."""
        self.manner = manner or Manner()
        self._answers = Answers(library, self.manner, now)
        self._rng = rng
        self._faults = Faults(FAULTS)
        self._counts: Counter[str] = Counter()
        self.told: Callable[[str, str], None] = lambda _what, _item: None
        """Hears of each return: `asked` when the question has come, `answered` when the answer leaves, and of which item."""
        self.forget()

    @classmethod
    def from_scenario(
        cls, data: Mapping[str, Any], *, now: Callable[[], datetime], rng: random.Random
    ) -> "LibraryDevice":
        """Library and manners of a parsed scenario. Raises ValueError as they do."""
        manner = Manner.from_scenario(data)
        return cls(Library.from_scenario(data), now=now, rng=rng, manner=manner)

    def sibling(self) -> "LibraryDevice":
        """A further connection: same library, faults and counts; its own login, sequence and delays."""
        other = copy.copy(self)
        other.forget()
        return other

    def forget(self) -> None:
        """Be as before any connection: no login, no last answer, nothing waiting."""
        self._send: Callable[[bytes], None] | None = None
        self._hang_up: Callable[[], None] = lambda: None
        self._framer = Framer()
        self._waiting: deque[bytes] = deque()
        self._session = Session()
        self._logged_in = not self.manner.user
        self._wrong_logins = 0
        self._last = b""
        self._last_request: tuple[str, bytes] | None = None
        self._serving = False
        self._pending: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def library(self) -> Library:
        return self._answers.library

    # --- the device interface -----------------------------------------------------------------------

    def attach(self, send: Callable[[bytes], None], hang_up: Callable[[], None]) -> None:
        """A terminal has connected."""
        self.detach()
        self._send, self._hang_up = send, hang_up
        self._count("connected")
        self._watch_idle()

    def detach(self) -> None:
        """The terminal has gone; an answer that was still to come is lost, its work is not."""
        for timer in (self._pending, self._idle):
            if timer:
                timer.cancel()
        self.forget()

    def receive(self, data: bytes) -> None:
        """Bytes from the terminal, in any chunking."""
        if self._send is None:
            return
        self._watch_idle()
        frames = self._framer.feed(data)
        if self.manner.one_read and (rest := self._framer.take_rest()):
            frames.append(rest)
        self._waiting.extend(frames)
        if self._framer.too_long or len(self._waiting) > WAITING:
            self._close()
        self._serve()

    def fault(self, verb: str, **args: object) -> None:
        """Start a fault on all connections. Raises ValueError listing the known, TypeError for arguments."""
        if verb == "other_encoding" and "encoding" in args:
            try:
                codecs.lookup(str(args["encoding"]))
            except LookupError:
                raise TypeError(f"{verb}: there is no encoding {args['encoding']!r}") from None
        self._faults.start(verb, args)

    def clear(self, verb: str | None = None) -> None:
        """End one fault or all."""
        self._faults.clear(verb)

    def faults(self) -> dict[str, object]:
        return self._faults.standing()

    def truth(self) -> dict[str, object]:
        """What the library holds and was asked, and what went over all its wires."""
        return {**truth(self.library), "counts": dict(sorted(self._counts.items()))}

    # --- one command after the other ----------------------------------------------------------------

    def _serve(self) -> None:
        if not self._serving:
            self._serving = True
            while self._waiting and self._pending is None:
                self._take(self._waiting.popleft())
            self._serving = False

    def _take(self, frame: bytes) -> None:
        manner = self.manner
        if manner.busy:
            return
        try:
            asked = decode(frame, manner.encoding)
        except UnknownMessage:
            self._unknown()
            return
        except Malformed:
            self._count("malformed")
            if manner.strict:
                self._close()
            return
        self._count(asked.id)
        if manner.breaks_off(frame, asked):
            self._close()
        elif asked.sum_right is False and manner.check_sums:
            self._ask_again(asked)
        elif asked.id == "97":
            self._deliver("97", self._last or self._frame(Message("96"), asked))
        elif asked.id not in COMMANDS or asked.id in manner.unsupported:
            self._unknown()
        elif asked.id == "93":
            self._login(asked)
        elif not self._logged_in:
            self._close()
        elif self._repeated(asked, frame):
            self._count("repeated")
            self._deliver(asked.id, self._last)
        else:
            self._work(asked)

    def _login(self, asked: Message) -> None:
        right = (asked.get("CN"), asked.get("CO")) == (self.manner.user, self.manner.password)
        right = right or not self.manner.user
        if self._fault("refuse_login", "93"):
            right = False
        self._wrong_logins += not right
        if self._wrong_logins >= self.manner.bad_logins:
            self._close()
            return
        self._logged_in = right
        if right:
            self._session.place = asked.get("CP")
        self._work(asked, Message("94", {"ok": "1" if right else "0"}))

    def _work(self, asked: Message, ready: Message | None = None) -> None:
        """Do what is asked, unless a fault forbids it, and answer."""
        if self._fault("drop_before_commit", asked.id):
            self._close()
            return
        if self._fault("storm_96", asked.id):
            self._ask_again(asked)
            return
        if asked.id == "09":
            self.told("asked", asked.get("AB"))
        silent = self._fault("silent", asked.id)
        if silent and not silent["work"]:
            self._last_request = None
            return
        answer = ready or self._answer(asked)
        self._last = self._frame(answer, asked)
        if silent:
            return
        if self._fault("drop_after_commit", asked.id):
            self._close()
            return
        self._deliver(asked.id, self._spoilt(answer, asked))

    def _answer(self, asked: Message) -> Message:
        answers = self._answers
        if self._fault("status_98", asked.id):
            self._last_request = None
            return answers.status(asked, self._session, online=True)
        if asked.id == "99" and self._fault("offline_98", "99"):
            return answers.status(asked, self._session, online=False)
        return answers.answer(asked, self._session)

    def _repeated(self, asked: Message, frame: bytes) -> bool:
        request = (asked.sequence, frame[-4:])
        again = bool(asked.sequence) and request == self._last_request and bool(self._last)
        self._last_request = request
        return again and self.manner.replay_guard

    def _ask_again(self, asked: Message) -> None:
        self._last_request = None  # what comes again has not been done yet
        self._last = self._frame(Message("96"), asked)
        self._deliver(asked.id, self._last)

    def _unknown(self) -> None:
        self._count("unknown")
        if self.manner.unknown == "close":
            self._close()

    # --- bytes --------------------------------------------------------------------------------------

    def _frame(self, answer: Message, asked: Message, encoding: str = "") -> bytes:
        """The answer as bytes: manners applied, sequence echoed, checksum as the request had one."""
        manner = self.manner
        fields = [(name, manner.text(value)) for name, value in answer.fields]
        if manner.split_lines:
            screen = "".join(answer.every("AF"))
            fields += [("AG", manner.text(letter)) for letter in screen[:60]]
        if answer.id not in {"94", *RESENDS}:
            fields += [(name, manner.text(value)) for name, value in manner.extra_fields.items()]
        sums = manner.sums == "zero" or (manner.sums == "mirror" and asked.sum_right is not None)
        whole = replace(answer, fields=tuple(fields), sequence=answer.sequence or asked.sequence)
        wire = encode(whole, encoding or manner.encoding, sums=sums, raw_bars=manner.bars == "raw")
        if manner.sums == "zero":
            wire = wire[:-5] + b"0000\r"
        return wire + (b"\n" if manner.crlf else b"")

    def _spoilt(self, answer: Message, asked: Message) -> bytes:
        """The frame with those faults in it that leave a whole message."""
        encoding = ""
        if other := self._fault("other_item", asked.id):
            wrong = str(other["item"]) or self._another_item(answer.get("AB"))
            fields = ((n, wrong if n == "AB" else v) for n, v in answer.fields)
            answer = replace(answer, fields=tuple(fields))
        if self._fault("wrong_ay", asked.id) and asked.sequence:
            answer = replace(answer, sequence=str((int(asked.sequence) + 1) % 10))
        if other := self._fault("other_encoding", asked.id):
            encoding = str(other["encoding"])
        return self._frame(answer, asked, encoding)

    def _another_item(self, item_id: str) -> str:
        return next((other for other in self.library.items if other != item_id), f"{item_id}0")

    def _deliver(self, message_id: str, wire: bytes) -> None:
        """Put an answer on the wire when its time has come, whole, in part or letter by letter."""
        if self._fault("bad_checksum", message_id):
            wire = _SUM.sub(lambda az: b"AZ%04X" % (int(az[1], 16) ^ 0x1111), wire)
        after = answer_after(self.manner, self._rng)
        if late := self._fault("answer_late", message_id):
            after += number(late["seconds"])
        trickle = self._fault("slow_trickle", message_id)
        if self._fault("close_mid_answer", message_id):
            self._later(after, self._part, wire[: len(wire) // 2])
        elif trickle:
            self._later(after, self._letter, wire, max(number(trickle["ms"]), 1) / 1000)
        else:
            self._later(after, self._whole, wire)

    def _later(self, after: float, action: Callable[..., None], *args: object) -> None:
        if after > 0:
            loop = asyncio.get_running_loop()
            self._pending = loop.call_later(after, action, *args)
        else:
            action(*args)

    def _whole(self, wire: bytes) -> None:
        self._pending = None
        if self._send:
            self._count("answered")
            self._send(wire)
            if wire.startswith(b"10") and (of := _OF.search(wire)):
                self.told("answered", of[1].decode("ascii", "replace"))
        self._serve()

    def _part(self, wire: bytes) -> None:
        self._pending = None
        if self._send:
            self._send(wire)
        self._close()

    def _letter(self, wire: bytes, pause: float) -> None:
        if len(wire) == 1:
            self._whole(wire)
        elif self._send:
            self._send(wire[:1])
            self._later(pause, self._letter, wire[1:], pause)

    # --- small things -------------------------------------------------------------------------------

    def _fault(self, verb: str, message_id: str) -> dict[str, object] | None:
        """Use a fault once, if it stands and hits that command; its arguments."""
        only = (self._faults.get(verb) or {}).get("only") or ()
        hits = (only,) if isinstance(only, str) else only
        if hits and isinstance(hits, list | tuple) and message_id not in hits:
            return None
        return self._faults.spend(verb)

    def _count(self, what: str) -> None:
        self._counts[what] += 1

    def _watch_idle(self) -> None:
        if self.manner.idle_close_s is not None:
            if self._idle:
                self._idle.cancel()
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self.manner.idle_close_s, self._close)

    def _close(self) -> None:
        if self._send:
            self._count("hung_up")
            hang_up = self._hang_up
            self.detach()
            hang_up()
