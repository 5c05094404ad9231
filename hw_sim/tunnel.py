"""The reader's tunnel over a sorting belt: a field that tags pass through, where on a pad they would lie."""

from collections.abc import Callable, Iterable

from typing_extensions import override

from hw_sim.world import Happening, Tag, World


class Tunnel(World):
    """The world as a reader in the tunnel sees it: `pad` is what is in its field now.

    Tags come and go by `enter` and `leave`, told by the plant at the pulse at which they do. What happens to them is
    told to whoever listens to the whole world.
    """

    def __init__(self, whole: World) -> None:
        super().__init__(whole.seed, whole.start)
        self._whole = whole
        self.items = whole.items

    @override
    def seconds(self) -> float:
        return self._whole.seconds()

    def enter(self, tag: Tag) -> None:
        """A tag came into reach."""
        if tag not in self.pad:
            tag.leave_field()
            self.pad.append(tag)
            super().tell("laid", items=[tag.item], uids=[tag.uid.hex()])

    def leave(self, tag: Tag) -> None:
        """A tag went out of reach."""
        if tag in self.pad:
            self.pad.remove(tag)
            tag.leave_field()

    @override
    def remove(self, tags: Iterable[Tag]) -> list[Tag]:
        gone = [tag for tag in tags if tag in self.pad]
        for tag in gone:
            self.leave(tag)
        return gone

    @override
    def tell(self, what: str, **details: object) -> None:
        super().tell(what, **details)
        self._whole.tell(what, **details)

    @override
    def listen(self, told: Callable[[Happening], None]) -> Callable[[], None]:
        """Of this field only."""
        return super().listen(told)
