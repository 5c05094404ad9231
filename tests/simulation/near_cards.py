"""The stand-in at the CardReader port for virtual time: nfcpy blocks, and there are no threads there.

It sees the cards of the simulated world as the driver sees them over a wire; tests/contract holds it to that.
"""

from drivers.errors import Code, DeviceRefused, DeviceUnavailable
from drivers.ports import CardKind, CardReaderInfo, NearCard, Secret
from hw_sim.chipcards import ChipCard
from hw_sim.world import World

_KINDS = {
    "ntag213": CardKind.TYPE_2,
    "ultralight": CardKind.TYPE_2,
    "classic": CardKind.CLASSIC,
    "iso-dep": CardKind.TYPE_4A,
}


class NearCards:
    """CardReader over a world in this process."""

    def __init__(self, world: World, *, reads_contents: bool) -> None:
        self._world = world
        self._reads_contents = reads_contents
        self._open = False
        self.gone = False
        """Its cable is out."""

    async def open(self) -> CardReaderInfo:
        if self.gone:
            raise DeviceUnavailable("card", Code.PORT_ABSENT, "pulled out")
        self._open = True
        return CardReaderInfo("stand-in", "none")

    async def close(self) -> None:
        self._open = False

    async def poll(self) -> tuple[NearCard, ...]:
        self._there()
        for card in self._world.near:
            card.power_down()  # the field goes off and on at each look
        alone = len(self._world.near) == 1
        return tuple(self._seen(card, alone) for card in self._world.near[:2])

    async def transceive(self, apdu: bytes) -> bytes:
        self._there()
        near = self._world.near
        if not near or near[0].exchange(b"\xe0\x80") is None:
            raise DeviceRefused("card", Code.CARD_LOST, "no ISO-DEP card is near")
        answer = near[0].exchange(b"\x02" + apdu)
        return (answer or b"\x02")[1:]

    def _there(self) -> None:
        if self.gone or not self._open:
            raise DeviceUnavailable("card", Code.PORT_GONE, "pulled out")

    def _seen(self, card: ChipCard, alone: bool) -> NearCard:
        reads = self._reads_contents and alone and card.kind != "classic" and card.text
        return NearCard(
            Secret(card.uid.hex().upper()),
            _KINDS[card.kind],
            card.random_uid,
            (Secret(card.text),) if reads else (),
        )
