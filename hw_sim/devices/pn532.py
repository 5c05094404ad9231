"""A card reader with an NXP PN532 on a serial line, as its host sees it, over the cards that lie near it.

Source: NXP UM0701-02 (PN532 User Manual), chapter 7, for commands, answers and status bytes; the registers
that hosts use to steer the air are those of the PN512 data sheet.
Modelled: acknowledgement before each answer, abort and repetition, version, line test, SAM configuration,
speed of the line, parameters, RF configuration, registers, one or two passive targets of type A (also by
UID, also with RATS), data exchange with a target, raw frames, release and selection, power down; faults by
name. A target's answer carries its check bytes when the host has switched their check off.

Not modelled: the chip as a target, InAutoPoll, NFC-DEP, type B, FeliCa and Jewel (nothing of the kind is
ever near), MIFARE authentication, the true speed of line and air.
Assumed: of two cards the one that came first is listed when only one is asked for.
"""

import random
from collections.abc import Callable, Mapping

from hw_sim.chipcards import ChipCard
from hw_sim.devices.pn532_frames import (
    ACK,
    SYNTAX_ERROR,
    Abort,
    Again,
    Command,
    Ear,
    Wrong,
    reply,
)
from hw_sim.faults import COUNT, UNTIL_CLEARED, Arg, Faults
from hw_sim.wire import HangUp, Send
from hw_sim.world import Happening, World

PN532_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "card_leaves": {"after": Arg(int, 1)},
    "blind": {"count": UNTIL_CLEARED},
    "air_noise": {"count": COUNT},
    "syntax_error": {"count": COUNT},
    "short_ack": {"count": COUNT},
    "not_a_pn532": {"count": UNTIL_CLEARED},
    "left_fast": {},
}
"""card_leaves: the card is lifted at the exchange of that number from now on. blind: the antenna sees no card.
air_noise: an exchange with a card ends in a check sum error. syntax_error: the chip does not understand.
short_ack: the acknowledgement loses its end. not_a_pn532: another chip says what it is. left_fast: its last host went
without a word: it understands nothing but a change of speed."""

FIRMWARE = bytes((0x32, 0x01, 0x06, 0x07))
"""PN532, version 1.6, ISO/IEC 14443 A and B, ISO 18092."""

OK, TIME_OUT, CRC_ERROR, WRONG_CONTEXT = 0x00, 0x01, 0x02, 0x27
"""Status bytes (UM0701-02, 7.1)."""

_FIFO, _RX_MODE = 0x6339, 0x6303
_SENS_REQ = 0x26
_RX_CRC = 0x80
_AUTO_RATS = 0x10
_PARITY = {0x6302: 0x80, 0x6303: 0x80, 0x6304: 0x80, 0x6305: 0x40}


class Pn532:
    """The reader beside the screen."""

    role = "card"

    def __init__(self, world: World, *, rng: random.Random | None = None) -> None:
        self.commands = 0
        """Commands understood, for proofs of how often the host asked."""
        self._world = world
        self._rng = rng or world.chance(self.role)
        self._faults = Faults(PN532_FAULTS)
        self._ear = Ear()
        self._send: Send | None = None
        self._last = b""
        self._registers: dict[int, int] = {}
        self._parameters = _AUTO_RATS
        self._field = False
        self._targets: list[ChipCard] = []
        self._baud = 115200
        world.listen(self._heard)
        self._do: Mapping[int, Callable[[bytes], bytes | None]] = {
            0x00: self._diagnose,
            0x02: self._version,
            0x04: lambda _: bytes((0, self._field, len(self._targets), 0)),
            0x06: self._read_registers,
            0x08: self._write_registers,
            0x10: self._set_baud,
            0x12: self._set_parameters,
            0x14: lambda data: b"" if data and 1 <= data[0] <= 4 else None,
            0x16: lambda _: bytes((OK,)),
            0x32: self._configure,
            0x40: self._exchange_data,
            0x42: self._on_air,
            0x44: lambda data: self._let_go(data, forget=False),
            0x4A: self._list,
            0x52: lambda data: self._let_go(data, forget=True),
            0x54: lambda data: bytes((OK if self._target(data) else WRONG_CONTEXT,)),
        }

    # --- the wire

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self._send = send

    def detach(self) -> None:
        self._send = None
        self._ear.reset()

    def receive(self, data: bytes) -> None:
        for command in self._ear.feed(data):
            self._serve(command)

    def _serve(self, command: Command) -> None:
        if isinstance(command, Abort):
            return
        if isinstance(command, Again | Wrong):
            self._say(self._last if isinstance(command, Again) else SYNTAX_ERROR)
            return
        if self._faults.get("left_fast") is not None:
            if command.code != 0x10:
                return
            self._faults.clear("left_fast")
        self.commands += 1
        self._say(ACK[:3] if self._faults.spend("short_ack") else ACK)
        do = self._do.get(command.code)
        answer = None if do is None or self._faults.spend("syntax_error") else do(command.data)
        self._last = SYNTAX_ERROR if answer is None else reply(command.code, answer)
        self._say(self._last)

    def _say(self, frame: bytes) -> None:
        if self._send is not None and frame:
            self._send(frame)

    # --- the chip

    def _diagnose(self, data: bytes) -> bytes | None:
        """A line test comes back as it is; memories are sound."""
        if not data:
            return None
        return data if data[0] == 0 else bytes((OK,))

    def _version(self, _data: bytes) -> bytes:
        if self._faults.spend("not_a_pn532"):
            return bytes((0x33,)) + FIRMWARE[1:]
        return FIRMWARE

    def _read_registers(self, data: bytes) -> bytes | None:
        if len(data) % 2 or not data:
            return None
        names = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        return bytes(self._registers.get(name, _PARITY.get(name, 0)) for name in names)

    def _write_registers(self, data: bytes) -> bytes | None:
        if len(data) % 3:
            return None
        for at in range(0, len(data), 3):
            self._registers[int.from_bytes(data[at : at + 2], "big")] = data[at + 2]
        return b""

    def _set_baud(self, data: bytes) -> bytes | None:
        speeds = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1288000)
        if len(data) != 1 or data[0] >= len(speeds):
            return None
        self._baud = speeds[data[0]]
        return b""

    def _set_parameters(self, data: bytes) -> bytes | None:
        if len(data) != 1:
            return None
        self._parameters = data[0]
        return b""

    def _configure(self, data: bytes) -> bytes | None:
        if not data or data[0] not in {0x01, 0x02, 0x04, 0x05, 0x0A, 0x0B, 0x0C, 0x0D}:
            return None
        if data[0] == 0x01:
            self._switch_field(on=bool(data[1] & 1) if len(data) > 1 else False)
        return b""

    def _switch_field(self, *, on: bool) -> None:
        if not on:
            self._targets.clear()
            for card in self._world.near:
                card.power_down()
        self._field = on

    # --- cards

    def _list(self, data: bytes) -> bytes | None:
        """InListPassiveTarget: up to two cards of type A at 106 kbit/s, or the one of this UID."""
        if len(data) < 2 or not 1 <= data[0] <= 2:
            return None
        self._field = True
        self._targets.clear()
        if data[1] != 0 or self._faults.spend("blind"):
            self._registers[_FIFO] = _SENS_REQ
            return b"\x00"
        wanted = data[2:].replace(b"\x88", b"", 1) if len(data) > 6 else data[2:]
        found = [card for card in self._world.near if not wanted or card.uid == wanted]
        self._targets = found[: data[0]]
        self._registers[_FIFO] = 0 if found else _SENS_REQ
        self._registers[_RX_MODE] = _RX_CRC
        listed = bytes((len(self._targets),))
        for number, card in enumerate(self._targets, 1):
            card.select()
            listed += bytes((number,)) + card.atqa + bytes((card.sak, len(card.uid))) + card.uid
            if card.sak & 0x20 and self._parameters & _AUTO_RATS:
                listed += card.exchange(b"\xe0\x80") or b""
        return listed

    def _target(self, data: bytes) -> ChipCard | None:
        number = data[0] & 0x0F if data else 0
        if not 1 <= number <= len(self._targets):
            return None
        card = self._targets[number - 1]
        return card if card.near else None

    def _let_go(self, data: bytes, *, forget: bool) -> bytes | None:
        if not data:
            return None
        if forget:
            self._targets.clear()
        return bytes((OK,))

    def _exchange_data(self, data: bytes) -> bytes | None:
        if not data:
            return None
        card = self._target(data)
        if card is None:
            return bytes((WRONG_CONTEXT,))
        answer = self._ask(card, data[1:])
        return bytes((TIME_OUT,)) if answer is None else bytes((OK,)) + answer

    def _on_air(self, frame: bytes) -> bytes | None:
        """InCommunicateThru: one raw frame to the card that was selected last."""
        if not frame:
            return None
        card = self._targets[-1] if self._targets else None
        answer = self._ask(card, frame) if card is not None and card.near else None
        if answer is None:
            return bytes((TIME_OUT,))
        if self._faults.spend("air_noise"):
            return bytes((CRC_ERROR,))
        if not self._registers.get(_RX_MODE, _RX_CRC) & _RX_CRC and len(answer) > 1:
            answer += _crc_a(answer)
        return bytes((OK,)) + answer

    def _ask(self, card: ChipCard, frame: bytes) -> bytes | None:
        if leaving := self._faults.get("card_leaves"):
            left = int(str(leaving["after"])) - 1
            leaving["after"] = left
            if left <= 0:
                self._faults.clear("card_leaves")
                self._world.lift_cards([card.name])
                return None
        return card.exchange(frame)

    def _heard(self, happening: Happening) -> None:
        """A card that left is no target any more."""
        if happening.what == "card_lifted":
            self._targets = [card for card in self._targets if card.near]

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
            "commands": self.commands,
            "field": self._field,
            "baud": self._baud,
            "cards": [card.name for card in self._world.near],
        }


def _crc_a(data: bytes) -> bytes:
    """CRC_A: reflected 0x8408 from 0x6363, low byte first (ISO/IEC 14443-3, annex B)."""
    value = 0x6363
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x8408 if value & 1 else 0)
    return value.to_bytes(2, "little")
