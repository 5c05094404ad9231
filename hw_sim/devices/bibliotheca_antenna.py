"""The antenna of a 3M 210 / 810 reader: its commands to tags, and what goes wrong there.

Source: "3M RFID Reader Model 210 Protocol Specification" 1.0.0 (2009), commands and error codes.
"""

import random
from collections.abc import Mapping

from hw_sim.airtime import COMMAND_S, INFO_S, PROGRAM_S, READ_BLOCK_S, READ_S, find_seconds, meant
from hw_sim.faults import ANY_ITEM, COUNT, TEXT, UNTIL_CLEARED, Arg, Faults, number
from hw_sim.world import (
    ALREADY_LOCKED,
    BLOCK_ABSENT,
    LOCKED,
    NOT_SUPPORTED,
    Tag,
    TagRefuses,
    TagSilent,
    World,
)

Answer = tuple[int, bytes]
"""Error code and data of a reply."""

OK, NOT_IMPLEMENTED, NO_TAG, UNKNOWN = 0x00, 0x02, 0x06, 0x0F
MEMORY_ABSENT, MEMORY_LOCKED, NOT_WRITTEN = 0x11, 0x12, 0x16
TAG_CANNOT, PARAMETER = 0x30, 0x32

INVENTORY, QUIET, READ, CHECK_EAS, WRITE, WRITE_LOCK = 0xFE, 0x01, 0x02, 0x03, 0x04, 0x07

TAG_COMMANDS: Mapping[str, int] = {
    "inventory": INVENTORY,
    "quiet": QUIET,
    "read": READ,
    "check_eas": CHECK_EAS,
    "write": WRITE,
    "write_one": 0x05,
    "lock_afi": 0x06,
    "write_lock": WRITE_LOCK,
    "lock": 0x08,
    "write_afi": 0x09,
    "read_afi": 0x0A,
    "write_dsfid": 0x0B,
    "set_eas": 0x0C,
    "info": 0x0D,
    "lock_dsfid": 0x0E,
    "read_dsfid": 0x0F,
}
"""Name -> command, for faults that strike during one."""

BIBLIOTHECA_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "tag_leaves_during": {
        "cmd": TEXT,
        "item": ANY_ITEM,
        "applied": Arg(bool, False),
        "count": COUNT,
    },
    "write_fails": {"block": Arg(int), "count": UNTIL_CLEARED},
    "afi_locked": {"item": ANY_ITEM, "count": UNTIL_CLEARED},
    "afi_silent": {"item": ANY_ITEM, "status": Arg(int, NO_TAG), "count": UNTIL_CLEARED},
    "afi_flaky": {
        "item": ANY_ITEM,
        "chance": Arg((int, float), 0.5),
        "applied": Arg(bool, False),
        "count": UNTIL_CLEARED,
    },
    "info_lacks": {"mask": Arg(int), "item": ANY_ITEM},
    "status": {"code": Arg(int), "cmd": Arg(str, ""), "count": UNTIL_CLEARED},
    "duplicate_uid": {"item": ANY_ITEM},
    "unreadable": {"item": ANY_ITEM},
    "weak": {"item": ANY_ITEM, "count": Arg((int, type(None)), 2)},
}
"""Faults of the reader and of the tags in its field. `item` is an item's id or the UID of one of its tags.

tag_leaves_during: the item is lifted while that command runs, before it took effect or (applied) after.
write_fails: that block does not take. afi_locked: the tag says its AFI is locked. afi_silent: it refuses
without a word, and the reader says `status` (0: it even believes it was written). afi_flaky: a write of the AFI
ends in 06 by chance, 0 to 1, though the tag may have taken it (applied). info_lacks: tag info leaves out these
bits of its mask. status: every command to tags, or one, ends in that error. duplicate_uid: listed twice.
unreadable: answers inventories only. weak: missing from the next inventories.
"""

ERRORS: Mapping[int, int] = {
    NOT_SUPPORTED: 0x21,
    0x02: 0x22,
    0x03: 0x23,
    BLOCK_ABSENT: MEMORY_ABSENT,
    ALREADY_LOCKED: MEMORY_LOCKED,
    LOCKED: MEMORY_LOCKED,
}
"""What the reader makes of a tag's own error code (ISO/IEC 15693-3, 7.4.2)."""

_SHOW_UID, _SHOW_DSFID, _POLL_ONCE, _ONE_PROTOCOL = 0x01, 0x02, 0x20, 0x40
"""Bits of an inventory's options."""
_TAG_IT, _ISO = 1, 2
_NO_BLOCK, _NO_LOCK = 0x04, 0x08
"""Bits of a read's options: first block once instead of every number; no lock bytes."""
_DSFID, _AFI, _SIZE, _IC_REF = 0x01, 0x02, 0x04, 0x08
"""Bits of the mask of tag info."""

_UID, _BLOCK = 8, 4
_NXP = 0x04
_ARGUMENTS = {0x05: 5, 0x07: 5, 0x08: 1, 0x09: 1, 0x0B: 1, 0x0C: 1, 0x0D: 1}
"""Bytes after the UID where there are any; read and write blocks are told apart by hand."""


class _Refused(Exception):
    """The reader answers with an error, and perhaps a byte after the UID."""

    def __init__(self, error: int, extra: bytes = b"") -> None:
        super().__init__(f"error {error:02x}")
        self.error = error
        self.extra = extra


class Antenna:
    """The field over the pad and the tags in it."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self.faults = Faults(BIBLIOTHECA_FAULTS)
        self._world = world
        self._rng = rng

    # --- commands to tags

    def answer(self, command: int, data: bytes) -> Answer:
        """Answer one command to tags."""
        if not _well_formed(command, data):
            return PARAMETER, b""
        uid = b"" if command == INVENTORY else data[:_UID]
        forced = self.faults.get("status")
        if forced is not None and forced["cmd"] in {"", _name(command)}:
            self.faults.spend("status")
            return int(number(forced["code"])), uid
        leavers = self._leavers(command, uid)
        if not leavers or not (leaving := self.faults.spend("tag_leaves_during")):
            return self._command(command, data)
        answer = self._command(command, data) if leaving["applied"] else None
        self._world.remove(leavers)
        if command == INVENTORY:
            return answer or self._command(command, data)
        return self._silence(command, uid)

    def _leavers(self, command: int, uid: bytes) -> list[Tag]:
        """Tags that the standing fault takes away during this command."""
        leaving = self.faults.get("tag_leaves_during")
        if leaving is None or leaving["cmd"] != _name(command):
            return []
        there = [tag for tag in self._world.pad if meant(leaving, tag)]
        return [tag for tag in there if uid in {b"", tag.uid}]

    def _command(self, command: int, data: bytes) -> Answer:
        if command == INVENTORY:
            return self._inventory(data)
        uid, args = data[:_UID], data[_UID:]
        tag = next((tag for tag in self._world.pad if tag.uid == uid), None)
        if command == QUIET:
            if tag is not None:
                tag.quiet = True
            return OK, uid
        try:
            if tag is None or not tag.readable or self._struck("unreadable", tag):
                raise TagSilent
            return OK, uid + self._one_tag(command, tag, args)
        except TagSilent:
            return self._silence(command, uid)
        except TagRefuses as no:
            block = b"" if command != WRITE or no.block is None else bytes((no.block,))
            return ERRORS.get(no.code, UNKNOWN), uid + block
        except _Refused as no:
            return no.error, uid + no.extra

    def _silence(self, command: int, uid: bytes) -> Answer:
        """No tag said anything: an alarm that is off sounds just so."""
        return NO_TAG, uid + (b"\0" if command == CHECK_EAS else b"")

    def _one_tag(self, command: int, tag: Tag, args: bytes) -> bytes:
        """What follows the UID in the answer."""
        match command:
            case 0x02:
                return _read(tag, args[0], args[1], args[2] if len(args) > 2 else 0)
            case 0x04:
                return self._write(tag, args[0], args[3:])
            case 0x05 | 0x07:
                self._write(tag, args[0], args[1:])
                if command == WRITE_LOCK:
                    tag.lock(args[0])
            case 0x08:
                tag.lock(args[0])
            case 0x09:
                self._write_afi(tag, args[0])
            case 0x06:
                tag.lock_afi()
            case 0x0A:
                return bytes((tag.afi,))
            case 0x03:
                return self._check_eas(tag)
            case 0x0C:
                self._set_eas(tag, args[0])
            case 0x0B:
                tag.write_dsfid(args[0])
            case 0x0E:
                tag.lock_dsfid()
            case 0x0F:
                return bytes((tag.dsfid,))
            case _:
                lacking = self.faults.get("info_lacks") if self._struck("info_lacks", tag) else None
                return _info(tag, args[0] & ~int(number(lacking["mask"])) if lacking else args[0])
        return b""

    def _write(self, tag: Tag, first: int, data: bytes) -> bytes:
        """Write whole blocks; the last one written stands in the answer, or the one that failed."""
        failing = self.faults.get("write_fails")
        count = len(data) // _BLOCK
        for n in range(count):
            block = first + n
            if failing is not None and failing["block"] == block:
                self.faults.spend("write_fails")
                raise _Refused(NOT_WRITTEN, bytes((block,)))
            tag.write(block, data[n * _BLOCK : (n + 1) * _BLOCK])
        self._world.tell("written", uid=tag.uid.hex(), first=first, count=count)
        return bytes((first + count - 1,))

    def _write_afi(self, tag: Tag, afi: int) -> None:
        if self._struck("afi_silent", tag):
            silent = self.faults.spend("afi_silent") or {}
            if silent["status"]:
                raise _Refused(int(number(silent["status"])))
            return
        if self._struck("afi_locked", tag):
            self.faults.spend("afi_locked")
            raise TagRefuses(LOCKED)
        flaky = self.faults.get("afi_flaky") if self._struck("afi_flaky", tag) else None
        fails = flaky is not None and self._rng.random() < number(flaky["chance"])
        if flaky is None or not fails or flaky["applied"]:
            tag.write_afi(afi)
            self._world.tell(
                "afi", uid=tag.uid.hex(), item=tag.item, part=tag.part, afi=f"{afi:02x}"
            )
        if fails:
            self.faults.spend("afi_flaky")
            raise TagSilent

    def _check_eas(self, tag: Tag) -> bytes:
        if tag.uid[1] != _NXP:
            raise _Refused(TAG_CANNOT)
        if not tag.eas:
            raise TagSilent
        return b"\x01"

    def _set_eas(self, tag: Tag, on: int) -> None:
        if on > 1:
            raise _Refused(PARAMETER)
        if tag.uid[1] != _NXP:
            raise _Refused(TAG_CANNOT)
        if tag.afi_password:
            raise TagSilent
        tag.eas = bool(on)
        self._world.tell("eas", uid=tag.uid.hex(), item=tag.item, part=tag.part, on=tag.eas)

    # --- inventory

    def _inventory(self, data: bytes) -> Answer:
        afi, options = data[0], data[1]
        found = [tag for tag in self._answering() if _of_family(tag, afi)]
        if options & _ONE_PROTOCOL:
            found = [tag for tag in found if _is_tag_it(tag) == (data[2] == _TAG_IT)]
        found = found[:255]
        told = b"".join(
            (bytes((tag.dsfid,)) if options & _SHOW_DSFID else b"")
            + (tag.uid if options & _SHOW_UID else b"")
            for tag in found
        )
        return OK, bytes((afi, options, len(found))) + told

    def _answering(self) -> list[Tag]:
        """Tags that answer an inventory now: not silenced, and neither weak nor doubled by a fault."""
        there = [tag for tag in self._world.pad if not tag.quiet]
        weak = [tag for tag in there if self._struck("weak", tag)]
        if weak:
            self.faults.spend("weak")
        there = [tag for tag in there if tag not in weak]
        return there + [tag for tag in there if self._struck("duplicate_uid", tag)]

    # --- how long the air takes

    def seconds(self, command: int, data: bytes) -> float:
        """How long a command to tags takes in the air."""
        if not _well_formed(command, data):
            return 0.0
        match command:
            case 0xFE:
                there = len([tag for tag in self._world.pad if not tag.quiet])
                again = 0.0 if data[1] & _POLL_ONCE else find_seconds(0)
                return find_seconds(there) + again
            case 0x02:
                return READ_S + READ_BLOCK_S * data[_UID + 1]
            case 0x04:
                return sum(self._programming() for _ in range(data[_UID + 1]))
            case 0x07:
                return self._programming() + self._programming()
            case 0x05 | 0x06 | 0x08 | 0x09 | 0x0B | 0x0E:
                return self._programming()
            case 0x0A | 0x0D | 0x0F:
                return INFO_S
            case _:
                return COMMAND_S

    def _programming(self) -> float:
        return COMMAND_S + self._rng.uniform(0, PROGRAM_S)

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


def _well_formed(command: int, data: bytes) -> bool:
    """Whether a command to tags has as many bytes as it must, and blocks that a byte can name."""
    if command == INVENTORY:
        if len(data) < 2 or not data[1] & _ONE_PROTOCOL:
            return len(data) == 2
        return len(data) == 3 and data[2] in {_TAG_IT, _ISO}
    args = data[_UID:]
    if len(data) < _UID or command not in {READ, WRITE}:
        return len(data) == _UID + _ARGUMENTS.get(command, 0)
    if len(args) < 2 or not args[1] or args[0] + args[1] > 256:
        return False
    return len(args) in {2, 3} if command == READ else len(args) == 3 + args[1] * _BLOCK


def _read(tag: Tag, first: int, count: int, options: int) -> bytes:
    """Blocks of a tag. One that is not there, after one that is, has the error in place of its lock byte."""
    told = bytes((first, count) if options & _NO_BLOCK else (count,))
    for block in range(first, first + count):
        lock = int(block in tag.locked)
        try:
            memory = tag.read(block)
        except TagRefuses as no:
            if block == first or options & _NO_LOCK:
                raise
            lock, memory = ERRORS[no.code], bytes(_BLOCK)
        told += b"" if options & _NO_BLOCK else bytes((block,))
        told += b"" if options & _NO_LOCK else bytes((lock,))
        told += memory
    return told


def _info(tag: Tag, mask: int) -> bytes:
    given = mask & (_DSFID | _AFI | _SIZE | _IC_REF)
    return (
        bytes((given,))
        + (bytes((tag.dsfid,)) if given & _DSFID else b"")
        + (bytes((tag.afi,)) if given & _AFI else b"")
        + (bytes((tag.block_size - 1, tag.blocks - 1)) if given & _SIZE else b"")
        + (tag.ic_ref.to_bytes(2, "big") if given & _IC_REF else b"")
    )


def _of_family(tag: Tag, afi: int) -> bool:
    """Whether a tag answers an inventory for `afi` (ISO/IEC 15693-3, 7.2.2): 0 is all, x0 is the family x."""
    return afi in {0, tag.afi} or (not afi & 0x0F and afi >> 4 == tag.afi >> 4)


def _is_tag_it(tag: Tag) -> bool:
    return tag.uid[:4] == bytes(4)


def _name(command: int) -> str:
    return next(name for name, value in TAG_COMMANDS.items() if value == command)
