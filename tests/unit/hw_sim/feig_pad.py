"""A simulated FEIG reader's pad with tags on it, and how a host asks about one."""

from collections.abc import Callable
from typing import Any

from hw_sim.devices.feig import FeigReader
from hw_sim.world import Item, Tag, World, make_uid

Host = Any
MakeHost = Callable[[FeigReader], Host]

UID = bytes.fromhex("e00401501f453d8f")


def pad_of(count: int = 1, blocks: int = 28) -> World:
    """Items "0", "1", .. with one tag each, all of them on the pad; needs a running loop."""
    world = World(1)
    for n in range(count):
        uid = UID if n == 0 else make_uid(str(n))
        memory = bytearray((byte + n) % 256 for byte in range(blocks * 4))
        world.add(Item(str(n), f"Bog {n}", [Tag(uid, memory, item=str(n), part=1)]))
    world.lay(list(world.items))
    return world


def tag_of(world: World, item: str = "0") -> Tag:
    return world.items[item].tags[0]


def at(iso: int, *rest: int, uid: bytes = UID, mode: int = 1) -> bytes:
    """Data of command B0 for one tag."""
    return bytes((iso, mode)) + uid + bytes(rest)
