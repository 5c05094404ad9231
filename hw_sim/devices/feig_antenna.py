"""The antenna of a FEIG reader: its commands to tags (B0), the field, and what goes wrong there.

Source: FEIG manual H20800-16e-ID-B (OBID classic-pro ID CPR family), command B0.
"""

import random
from collections.abc import Mapping

from hw_sim.airtime import COMMAND_S, INFO_S, PROGRAM_S, READ_BLOCK_S, READ_S, find_seconds, meant
from hw_sim.devices.feig_frames import BUFFER, STANDARD_MAX
from hw_sim.faults import ANY_ITEM, COUNT, TEXT, UNTIL_CLEARED, Arg, Faults, number
from hw_sim.world import LOCKED, Tag, TagRefuses, TagSilent, World

Answer = tuple[int, bytes]
"""Status and data of a reply."""

OK, NO_TAG, WRITE_ERROR, PARAMETER = 0x00, 0x01, 0x03, 0x11
UNKNOWN, LENGTH, RF_ERROR, MORE_DATA, TAG_ERROR = 0x80, 0x81, 0x83, 0x94, 0x95

TAG_COMMANDS: Mapping[str, int] = {
    "inventory": 0x01,
    "quiet": 0x02,
    "lock": 0x22,
    "read": 0x23,
    "write": 0x24,
    "select": 0x25,
    "reset": 0x26,
    "write_afi": 0x27,
    "lock_afi": 0x28,
    "write_dsfid": 0x29,
    "lock_dsfid": 0x2A,
    "info": 0x2B,
    "security": 0x2C,
}
"""Name -> second byte of command B0, for faults that strike during one."""

FEIG_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "tag_leaves_during": {
        "cmd": TEXT,
        "item": ANY_ITEM,
        "applied": Arg(bool, False),
        "count": COUNT,
    },
    "write_fails": {"block": Arg(int), "count": UNTIL_CLEARED},
    "afi_locked": {"item": ANY_ITEM, "count": UNTIL_CLEARED},
    "afi_silent": {"item": ANY_ITEM, "status": Arg(int, NO_TAG), "count": UNTIL_CLEARED},
    "status": {"code": Arg(int), "cmd": Arg(str, ""), "count": UNTIL_CLEARED},
    "duplicate_uid": {"item": ANY_ITEM},
    "unreadable": {"item": ANY_ITEM},
    "weak": {"item": ANY_ITEM, "count": Arg((int, type(None)), 2)},
}
"""Faults of the reader and of the tags in its field. `item` is an item's id or the UID of one of its tags.

tag_leaves_during: the item is lifted while that command runs, before it took effect or (applied) after.
write_fails: that block does not take. afi_locked: the tag says its AFI is locked. afi_silent: it refuses
without a word, and the reader says `status` (0: it even believes it was written). status: every command to
tags, or one, ends so; 82 is scan mode, 83 radio, 93 too many tags. duplicate_uid: listed twice. unreadable:
answers inventories only. weak: missing from the next inventories.
"""

NEW_ONLY, ANTICOLLISION = 0x01, 0x04
"""Bits of ONT: silence what was reported; tell tags apart."""
MORE, WAIT_FOR_TAG = 0x80, 0x40
"""Bits of an inventory's mode."""

_ENTRY = 10
_STANDARD_REPLY, _ADVANCED_REPLY = 6, 8
"""Bytes of a reply without data."""
_BLOCK_BYTES = 128
"""At most so many data bytes in one block command."""


class Antenna:
    """The field over the pad and the tags in it. `ont` is the reader's setting of that name."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self.field = True
        self.ont = NEW_ONLY | ANTICOLLISION
        self.faults = Faults(FEIG_FAULTS)
        self._world = world
        self._rng = rng
        self._pending: list[Tag] = []

    def reset(self) -> None:
        """The field was off for a moment: tags forget that they were silenced."""
        self._pending = []
        for tag in self._world.pad:
            tag.leave_field()

    def waits(self, data: bytes) -> float:
        """Seconds that this command may wait for a tag to come (inventory with NTFC and an empty field)."""
        if len(data) != 3 or data[0] != 0x01 or not data[1] & WAIT_FOR_TAG or data[1] & MORE:
            return 0.0
        if any(not tag.quiet for tag in self._in_field()):
            return 0.0
        return data[2] / 10

    # --- commands to tags

    def answer(self, data: bytes, *, advanced: bool) -> Answer:
        """Answer command B0 with `data`, for a reply frame of that kind."""
        if not data or data[0] not in TAG_COMMANDS.values():
            return UNKNOWN, b""
        sub, rest = data[0], data[1:]
        forced = self.faults.get("status")
        if forced is not None and forced["cmd"] in {"", _name(sub)}:
            self.faults.spend("status")
            return int(number(forced["code"])), b""
        leavers = self._leavers(sub, rest)
        if leavers and (leaving := self.faults.spend("tag_leaves_during")):
            if leaving["applied"]:
                self._command(sub, rest, advanced=advanced)
            self._world.remove(leavers)
            if leaving["applied"]:
                return NO_TAG, b""
        return self._command(sub, rest, advanced=advanced)

    def _leavers(self, sub: int, rest: bytes) -> list[Tag]:
        """Tags that the standing fault takes away during this command."""
        leaving = self.faults.get("tag_leaves_during")
        if leaving is None or leaving["cmd"] != _name(sub):
            return []
        there = [tag for tag in self._world.pad if meant(leaving, tag)]
        return there if sub == 0x01 else [tag for tag in there if tag.uid == rest[1:9]]

    def _command(self, sub: int, rest: bytes, *, advanced: bool) -> Answer:
        if sub == 0x01:
            return self._inventory(rest, advanced=advanced)
        if not rest:
            return LENGTH, b""
        mode = rest[0] & 0x07
        if mode > 2 or (mode == 1 and len(rest) < 9):
            return (PARAMETER if mode > 2 else LENGTH), b""
        tag, args = self._addressed(mode, rest)
        if tag is None or (self._struck("unreadable", tag) and sub != 0x02):
            return NO_TAG, b""
        try:
            return self._one_tag(sub, tag, args, secure=bool(rest[0] & 0x08))
        except TagSilent:
            return NO_TAG, b""
        except TagRefuses as no:
            return TAG_ERROR, bytes((no.code,) if no.block is None else (no.code, no.block))

    def _addressed(self, mode: int, rest: bytes) -> tuple[Tag | None, bytes]:
        """The tag a command is for: by its UID, the selected one, or the only one there."""
        if mode == 1:
            there = [tag for tag in self._in_field() if tag.uid == rest[1:9]]
            return (there[0] if there else None), rest[9:]
        there = [tag for tag in self._in_field() if (tag.selected if mode else not tag.quiet)]
        return (there[0] if len(there) == 1 else None), rest[1:]

    def _one_tag(self, sub: int, tag: Tag, args: bytes, *, secure: bool) -> Answer:
        match sub:
            case 0x23 | 0x2C | 0x22 if len(args) == 2:
                return self._blocks(sub, tag, args[0], args[1], secure=secure)
            case 0x24 if len(args) >= 3 and len(args) == 3 + args[1] * args[2]:
                return self._write(tag, args[0], args[1], args[2], args[3:])
            case 0x27 if len(args) == 1:
                return self._write_afi(tag, args[0])
            case 0x29 if len(args) == 1:
                tag.write_dsfid(args[0])
            case 0x28 if not args:
                tag.lock_afi()
            case 0x2A if not args:
                tag.lock_dsfid()
            case 0x02 if not args:
                tag.quiet = True
            case 0x25 if not args:
                for other in self._world.pad:
                    other.selected = other is tag
            case 0x26 if not args:
                tag.leave_field()
            case 0x2B if not args:
                return OK, _system_info(tag)
            case _:
                return LENGTH, b""
        return OK, b""

    def _blocks(self, sub: int, tag: Tag, first: int, count: int, *, secure: bool) -> Answer:
        if sub == 0x22:
            for block in range(first, first + count):
                tag.lock(block)
            return OK, b""
        if not count or count * tag.block_size > _BLOCK_BYTES:
            return PARAMETER, b""
        blocks = range(first, first + count)
        memory = [tag.read(block) for block in blocks]
        locked = [bytes((block in tag.locked,)) for block in blocks]
        if sub == 0x2C:
            return OK, bytes((count,)) + b"".join(locked)
        shown = (
            (lock if secure else b"\0") + data[::-1]
            for lock, data in zip(locked, memory, strict=True)
        )
        return OK, bytes((count, tag.block_size)) + b"".join(shown)

    def _write(self, tag: Tag, first: int, count: int, size: int, data: bytes) -> Answer:
        if size != tag.block_size or not count or count * size > _BLOCK_BYTES:
            return PARAMETER, b""
        failing = self.faults.get("write_fails")
        for n in range(count):
            block = first + n
            if failing is not None and failing["block"] == block:
                self.faults.spend("write_fails")
                return WRITE_ERROR, bytes((block,))
            tag.write(block, data[n * size : (n + 1) * size][::-1])
        self._world.tell("written", uid=tag.uid.hex(), first=first, count=count)
        return OK, b""

    def _write_afi(self, tag: Tag, afi: int) -> Answer:
        if self._struck("afi_silent", tag):
            silent = self.faults.spend("afi_silent") or {}
            return int(number(silent["status"])), b""
        if self._struck("afi_locked", tag):
            self.faults.spend("afi_locked")
            raise TagRefuses(LOCKED)
        tag.write_afi(afi)
        self._world.tell("afi", uid=tag.uid.hex(), item=tag.item, part=tag.part, afi=f"{afi:02x}")
        return OK, b""

    # --- inventory

    def _in_field(self) -> list[Tag]:
        return list(self._world.pad) if self.field else []

    def _inventory(self, rest: bytes, *, advanced: bool) -> Answer:
        if len(rest) != (2 if rest and rest[0] & WAIT_FOR_TAG else 1):
            return LENGTH, b""
        if not rest[0] & MORE:
            if not self.ont & NEW_ONLY:
                self.reset()
            self._pending = self._answering()
            if len(self._pending) > 1 and not self.ont & ANTICOLLISION:
                self._pending = []
                return RF_ERROR, b""
        room = BUFFER - _ADVANCED_REPLY if advanced else STANDARD_MAX - _STANDARD_REPLY
        most = (room - 1) // _ENTRY
        shown, self._pending = self._pending[:most], self._pending[most:]
        if not shown:
            return NO_TAG, b""
        for tag in shown:
            tag.quiet = bool(self.ont & NEW_ONLY)
        entries = b"".join(bytes((0x03, tag.dsfid)) + tag.uid for tag in shown)
        return (MORE_DATA if self._pending else OK), bytes((len(shown),)) + entries

    def _answering(self) -> list[Tag]:
        """Tags that answer an inventory now: not silenced, and neither weak nor doubled by a fault."""
        there = [tag for tag in self._in_field() if not tag.quiet]
        weak = [tag for tag in there if self._struck("weak", tag)]
        if weak:
            self.faults.spend("weak")
        there = [tag for tag in there if tag not in weak]
        twice = [tag for tag in there if self._struck("duplicate_uid", tag)]
        return there + twice

    # --- how long the air takes

    def seconds(self, data: bytes) -> float:
        """How long command B0 with `data` takes in the air."""
        match data[0] if data else 0:
            case 0x01:
                return find_seconds(len([tag for tag in self._in_field() if not tag.quiet]))
            case 0x23:
                return READ_S + READ_BLOCK_S * data[-1]
            case 0x24 if len(data) > 11:
                return data[11] * (COMMAND_S + self._rng.uniform(0, PROGRAM_S))
            case 0x22 | 0x24 | 0x27 | 0x28 | 0x29 | 0x2A:
                return COMMAND_S + self._rng.uniform(0, PROGRAM_S)
            case 0x2B | 0x2C:
                return INFO_S
            case _:
                return COMMAND_S

    # --- faults

    def _struck(self, verb: str, tag: Tag) -> bool:
        args = self.faults.get(verb)
        return args is not None and meant(args, tag)

    def start_fault(self, verb: str, args: Mapping[str, object]) -> None:
        """Start a fault by name. Raises ValueError or TypeError, naming what is known."""
        command = args.get("cmd")
        if command and command not in TAG_COMMANDS:
            raise TypeError(f"{verb}: cmd is one of {', '.join(TAG_COMMANDS)}")
        self.faults.start(verb, args)


def _system_info(tag: Tag) -> bytes:
    if not tag.readable:
        raise TagSilent
    sizes = bytes((tag.block_size - 1, tag.blocks - 1, tag.ic_ref))
    return bytes((tag.dsfid,)) + tag.uid + bytes((tag.afi,)) + sizes


def _name(sub: int) -> str:
    return next(name for name, value in TAG_COMMANDS.items() if value == sub)
