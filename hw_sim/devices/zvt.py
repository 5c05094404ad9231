"""A payment terminal on a network wire: a person holds a card to it, and it books what the card pays.

Source: ECR-Interface ZVT-Protocol PA00P015 13.09 (commands, status information, BMPs) and PA00P016 (TCP). The
codec is this file's own. A payment that the cash register does not acknowledge is taken back, as the document
wants. Not modelled: receipts printed by the terminal, tips, reversals by command, end of day, the bank.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hw_sim.faults import COUNT, Arg, Faults, number
from hw_sim.wire import HangUp, Send

ZVT_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "declined": {"code": Arg(int, 0x05), "count": COUNT},
    "busy": {"count": COUNT},
    "drop_before_booking": {"count": COUNT},
    "drop_after_booking": {"count": COUNT},
    "silent_after_booking": {"count": COUNT},
    "slow": {"seconds": Arg((int, float), 20), "count": COUNT},
    "noise": {"count": COUNT},
}
"""declined: the bank says no, by this code. busy: the command is refused (84). drop_before_booking and
drop_after_booking: the connection closes while the card is read, or when it has paid. silent_after_booking: it has
paid, and nothing more is said. slow: each message waits. noise: bytes of no message come before the answer."""

TERMINAL_ID = 29000274
CARD_S = 2.0
"""From the request to a card that pays, where nobody has to hold one to it by hand."""
BANK_S = 1.0
"""From the card to the bank's answer."""
PATIENCE_S = 45.0
"""So long it waits for a card and for a PIN."""
PERSON = ("card", "approve", "decline", "abort", "time_out")
"""What a person can do, and what happens when nobody does: a card is put in; the PIN is right or the card is
held to it, and the bank says yes, or no; the red key is pressed; the terminal has waited long enough."""
_GIVEN_UP = b"\x06\x1e\x01\x6c"
_ACK = b"\x80\x00\x00"
_COMPLETED = b"\x06\x0f\x00"


@dataclass(frozen=True, slots=True)
class Booked:
    """Money taken, in hundredths."""

    amount: int
    currency: int
    receipt: int
    trace: int


class ZvtTerminal:
    """The terminal beside the screen."""

    role = "terminal"

    def __init__(
        self,
        *,
        rng: random.Random | None = None,
        first_receipt: int = 1,
        by_hand: bool = False,
        told: Callable[..., object] = lambda _kind, **_what: None,
    ) -> None:
        """`by_hand`: nothing is paid until `person` says so. `told` hears what happens at it."""
        self._by_hand = by_hand
        self._tell = told
        self.display = "idle"
        """idle, card (it waits for one), pin, bank."""
        self._asked: tuple[int, int] = (0, 0)
        """Amount and currency of the payment under way."""
        self._rng = rng or random.Random(1)
        self._faults = Faults(ZVT_FAULTS)
        self._send: Send | None = None
        self._hang_up: HangUp = lambda: None
        self._held = b""
        self._next = first_receipt
        self._queue: list[bytes] = []
        self._awaiting: Booked | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._registered = False
        self.booked: list[Booked] = []
        self.taken_back: list[Booked] = []
        self.asked: list[str] = []

    # --- the wire

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self._send, self._hang_up = send, hang_up
        self._held, self._queue, self._registered = b"", [], False

    def detach(self) -> None:
        self._send = None
        self._show("idle")
        if self._awaiting is not None:  # nobody acknowledged it: the money goes back
            self.booked.remove(self._awaiting)
            self.taken_back.append(self._awaiting)
            self._awaiting = None

    def receive(self, data: bytes) -> None:
        self._held += data
        while len(self._held) >= 3:
            begin, size = 3, self._held[2]
            if size == 0xFF:
                if len(self._held) < 5:
                    return
                begin, size = 5, self._held[3] + 256 * self._held[4]
            if len(self._held) < begin + size:
                return
            control, body = self._held[:2], self._held[begin : begin + size]
            self._held = self._held[begin + size :]
            self._take(control, body)

    def _take(self, control: bytes, body: bytes) -> None:
        if control == b"\x80\x00":
            self._acknowledged()
            return
        self.asked.append(control.hex())
        if control != b"\x06\xb0" and self._faults.spend("busy"):
            self._out(b"\x84\x83\x00")
        elif control == b"\x06\x00":
            self._registered = True
            terminal = b"\x29" + bytes.fromhex(f"{TERMINAL_ID:08}")
            self._talk(_ACK, b"\x06\x0f" + bytes((len(terminal),)) + terminal)
        elif not self._registered:
            self._out(b"\x84\x83\x00")
        elif control == b"\x06\xb0":
            self._stop()
        elif control == b"\x06\x01":
            self._authorize(body)
        elif control == b"\x06\x20" and self.booked:
            self._talk(_ACK, _status(self.booked[-1]), _COMPLETED)
        elif control == b"\x06\x20":
            self._out(b"\x84\x64\x00")
        else:
            self._out(b"\x84\x83\x00")

    def _authorize(self, body: bytes) -> None:
        self._asked = int(body[1:7].hex()), int(body[8:10].hex())
        noise = b"\x00\xff\x13" if self._faults.spend("noise") else b""
        self._show("card")
        self._talk(noise + _ACK, b"\x04\xff\x01\x0a")
        if self._by_hand:
            self._later(PATIENCE_S, self._give_up)
        else:
            self._later(CARD_S, self._ask_bank, False)

    def person(self, does: str) -> None:
        """What a person does at the terminal, one of PERSON. Raises ValueError when it cannot be done now."""
        if does not in PERSON:
            raise ValueError(f"a person does one of: {', '.join(PERSON)}")
        if self.display not in {"card", "pin"} or (does == "card" and self.display != "card"):
            raise ValueError(f"the terminal does not wait for that; it shows {self.display}")
        if does == "card":
            self._show("pin")
            self._out(b"\x04\xff\x01\x01")
            self._later(PATIENCE_S, self._give_up)
        elif does in {"approve", "decline"}:
            self._ask_bank(does == "decline")
        else:
            self._give_up()

    def _give_up(self) -> None:
        """Nothing was taken."""
        self._show("idle")
        self._talk(_GIVEN_UP)

    def _stop(self) -> None:
        """The cash register wants it to end: possible until the bank is asked."""
        if self.display in {"card", "pin"}:
            self._out(_ACK)
            self._give_up()
        else:
            self._out(b"\x84\x83\x00")

    def _ask_bank(self, decline: bool) -> None:
        self._show("bank")
        self._out(b"\x04\xff\x01\x04")
        self._later(BANK_S, self._bank_said, decline)

    def _bank_said(self, decline: bool) -> None:
        self._show("idle")
        amount, currency = self._asked
        if self._faults.spend("drop_before_booking"):
            self._gone()
            return
        declined = self._faults.spend("declined")
        if declined or decline:
            code = int(number(declined["code"])) if declined else 0x05
            self._talk(b"\x04\x0f\x02\x27" + bytes((code,)), b"\x06\x1e\x01" + bytes((code,)))
            self._tell("payment_declined", amount=amount)
            return
        number_ = self._next
        self._next = number_ % 9999 + 1
        new = Booked(amount, currency, number_, number_)
        self.booked.append(new)
        self._tell("paid", amount=amount, receipt=number_)
        if self._faults.spend("drop_after_booking"):
            self._gone()
        elif not self._faults.spend("silent_after_booking"):
            self._awaiting = new
            self._talk(_status(new), _COMPLETED)

    def _show(self, what: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if what != self.display:
            self.display = what
            self._tell("terminal", shows=what)

    def _acknowledged(self) -> None:
        if self._awaiting is not None and self._queue == [_COMPLETED]:
            self._awaiting = None
        if self._queue:
            self._out(self._queue.pop(0))

    def _talk(self, first: bytes, *rest: bytes) -> None:
        """Say the first message; each further one when the one before was acknowledged."""
        self._queue = list(rest)
        self._out(first)
        if first.endswith(_ACK) and self._queue:  # its own acknowledgement is not acknowledged
            self._out(self._queue.pop(0))

    def _out(self, message: bytes) -> None:
        slow = self._faults.spend("slow")
        if slow:
            self._later(number(slow["seconds"]), self._put, message)
        else:
            self._put(message)

    def _put(self, message: bytes) -> None:
        if self._send is not None:
            self._send(message)

    def _gone(self) -> None:
        hang_up = self._hang_up
        self.detach()
        hang_up()

    def _later(self, seconds: float, action: object, *args: object) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, action, *args)  # type: ignore[arg-type]

    # --- faults and truth

    def fault(self, verb: str, **args: object) -> None:
        self._faults.start(verb, args)

    def clear(self, verb: str | None = None) -> None:
        self._faults.clear(verb)

    def faults(self) -> dict[str, object]:
        return self._faults.standing()

    def truth(self) -> dict[str, object]:
        return {
            "role": self.role,
            "shows": self.display,
            "amount": self._asked[0] if self.display != "idle" else 0,
            "booked": [[one.amount, one.receipt] for one in self.booked],
            "taken_back": [[one.amount, one.receipt] for one in self.taken_back],
            "asked": list(self.asked),
        }


def _status(one: Booked) -> bytes:
    """Status information of a payment: result, amount, trace, currency, receipt number."""
    body = b"\x27\x00" + b"\x04" + bytes.fromhex(f"{one.amount:012}")
    body += (
        b"\x0b" + bytes.fromhex(f"{one.trace:06}") + b"\x49" + bytes.fromhex(f"{one.currency:04}")
    )
    body += b"\x87" + bytes.fromhex(f"{one.receipt:04}")
    return b"\x04\x0f" + bytes((len(body),)) + body
