"""A host that speaks to a simulated 3M reader directly, with a frame builder of its own."""

from typing import Any

from hw_sim.devices.bibliotheca import BibliothecaReader
from hw_sim.world import Item, Tag, World, make_uid

UID = bytes.fromhex("e00401001f453d8f")


def crc(data: bytes) -> bytes:
    """Bit by bit, so that it shares nothing with either side's way."""
    value = 0xFFFF
    for byte in data:
        for bit in range(7, -1, -1):
            high = (value >> 15) ^ ((byte >> bit) & 1)
            value = ((value << 1) & 0xFFFF) ^ (0x1021 * high)
    return (value ^ 0xFFFF).to_bytes(2, "big")


def frame(body: bytes, *, start: int = 0xD6) -> bytes:
    counted = (len(body) + 2).to_bytes(2, "big") + body
    return bytes((start,)) + counted + crc(counted)


def world_of(count: int = 1, *, uid: bytes = UID, blocks: int = 28) -> World:
    """Items "0", "1", .. with one tag each, all of them on the pad; needs a running loop."""
    world = World(1)
    for n in range(count):
        memory = bytearray((byte + n) % 256 for byte in range(blocks * 4))
        tag = Tag(uid if n == 0 else make_uid(str(n)), memory, item=str(n), part=1)
        world.add(Item(str(n), f"Bog {n}", [tag]))
    world.lay(list(world.items))
    return world


class Host:
    """Sends requests to a reader, keeps what comes back."""

    def __init__(self, world: World, **options: Any) -> None:
        self.world = world
        self.reader = BibliothecaReader(world, **options)
        self.heard = bytearray()
        self.reader.attach(self.heard.extend, lambda: None)

    def tag(self, item: str = "0") -> Tag:
        return self.world.items[item].tags[0]

    def raw(self, data: bytes) -> bytes:
        """What comes back at once for these bytes."""
        self.heard.clear()
        self.reader.receive(data)
        return bytes(self.heard)

    def ask(self, command: int, data: bytes = b"") -> tuple[int, bytes] | None:
        """Error and data of the reply; None when the reader stays silent."""
        self.raw(frame(bytes((command,)) + data))
        return self.reply(command)

    def reply(self, command: int) -> tuple[int, bytes] | None:
        if not self.heard:
            return None
        heard = bytes(self.heard)
        assert heard == frame(heard[3:-2])
        assert heard[3] == command
        return heard[4], heard[5:-2]

    def at(self, command: int, *rest: int, uid: bytes = UID) -> tuple[int, bytes] | None:
        """Ask for one tag; the UID comes back with every answer and is left out here."""
        answer = self.ask(command, uid + bytes(rest))
        if answer is None or not answer[1]:
            return answer
        assert answer[1][:8] == uid
        return answer[0], answer[1][8:]

    def tags(self, *, afi: int = 0, options: int = 0x05) -> list[bytes]:
        """UIDs of one inventory."""
        error, data = self.ask(0xFE, bytes((afi, options))) or (None, b"")
        assert error == 0
        assert data[:2] == bytes((afi, options))
        assert len(data) == 3 + 8 * data[2]
        return [data[3 + 8 * n : 11 + 8 * n] for n in range(data[2])]
