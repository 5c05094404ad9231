"""The line: its pace, its order and its faults, with a device that answers what it hears."""

import asyncio
import random
from collections.abc import Callable

import pytest

from hw_sim.simloop import run
from hw_sim.wire import WIRE_FAULTS, Line


class Echo:
    """Sends back each piece it hears."""

    role = "echo"

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.attached = 0
        self._send: Callable[[bytes], None] = lambda _data: None
        self.hang_up: Callable[[], None] = lambda: None

    def attach(self, send: Callable[[bytes], None], hang_up: Callable[[], None]) -> None:
        self.attached += 1
        self._send, self.hang_up = send, hang_up

    def receive(self, data: bytes) -> None:
        self.heard.append(data)
        self._send(data)

    def detach(self) -> None:
        self.attached -= 1

    def fault(self, verb: str, **args: object) -> None:
        raise ValueError(f"no fault {verb!r}; there are: none")

    def clear(self, verb: str | None = None) -> None:
        if verb is not None:
            raise ValueError(verb)

    def faults(self) -> dict[str, object]:
        return {}

    def truth(self) -> dict[str, object]:
        return {}


class Client:
    """The port's side: keeps what arrives, and when."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.got: list[bytes] = []
        self.when: list[float] = []
        self.ended = 0
        line.connect(self._arrived, self._end)

    def _arrived(self, data: bytes) -> None:
        self.got.append(data)
        self.when.append(asyncio.get_running_loop().time())

    def _end(self) -> None:
        self.ended += 1


def _line(baud: int | None = None, bits: int = 10) -> tuple[Echo, Line, Client]:
    device = Echo()
    line = Line(device, random.Random(1), baud=baud, bits_per_byte=bits)
    return device, line, Client(line)


def test_without_a_pace_bytes_arrive_in_the_same_call() -> None:
    async def main() -> None:
        _, line, client = _line()
        line.receive(b"abc")
        assert client.got == [b"abc"]

    run(main())


def test_a_serial_line_takes_its_time_both_ways() -> None:
    async def main() -> None:
        _, line, client = _line(baud=38400, bits=11)
        line.receive(bytes(384))
        await asyncio.sleep(1)
        assert client.when == [pytest.approx(2 * 384 * 11 / 38400)]

    run(main())


def test_what_follows_waits_until_the_line_is_free() -> None:
    async def main() -> None:
        _, line, client = _line(baud=9600)
        for letter in b"abcdefgh":
            line.receive(bytes((letter,)) * 96)
        await asyncio.sleep(2)
        assert b"".join(client.got) == b"".join(bytes((c,)) * 96 for c in b"abcdefgh")
        gaps = [b - a for a, b in zip(client.when, client.when[1:], strict=False)]
        assert gaps == pytest.approx([0.1] * 7)

    run(main())


def test_a_delay_never_lets_bytes_overtake() -> None:
    async def main() -> None:
        _, line, client = _line()
        line.fault("delay", seconds=1.0)
        for letter in b"abcdefgh":
            line.receive(bytes((letter,)))
        line.clear("delay")
        line.receive(b"i")
        await asyncio.sleep(2)
        assert b"".join(client.got) == b"abcdefghi"

    run(main())


@pytest.mark.parametrize(
    ("verb", "args", "wanted"),
    [
        ("drop_reply", {"count": 2}, [b"3333", b"4444"]),
        ("half_frame", {}, [b"11", b"2222", b"3333", b"4444"]),
        ("mute", {}, []),
    ],
)
def test_replies_are_lost_or_cut(verb: str, args: dict[str, object], wanted: list[bytes]) -> None:
    async def main() -> None:
        _, line, client = _line()
        line.fault(verb, **args)
        for n in b"1234":
            line.receive(bytes((n,)) * 4)
        assert client.got == wanted

    run(main())


def test_corrupt_flips_one_bit_of_one_reply() -> None:
    async def main() -> None:
        _, line, client = _line()
        line.fault("corrupt")
        line.receive(bytes(8))
        line.receive(bytes(8))
        assert sum(byte.bit_count() for byte in client.got[0]) == 1
        assert client.got[1] == bytes(8)
        assert line.faults() == {}

    run(main())


def test_noise_comes_before_a_reply_or_at_once() -> None:
    async def main() -> None:
        _, line, client = _line()
        line.fault("garbage", size=5)
        line.receive(b"ab")
        assert client.got[0].endswith(b"ab")
        assert len(client.got[0]) == 7
        line.fault("garbage", size=9, now=True)
        assert len(client.got[1]) == 9
        assert line.faults() == {}

    run(main())


def test_slow_is_slow_until_cleared() -> None:
    async def main() -> None:
        _, line, client = _line()
        line.fault("slow", baud=100)
        line.receive(bytes(10))
        await asyncio.sleep(5)
        assert client.when == [pytest.approx(2.0)]
        line.clear()
        line.receive(b"x")
        assert client.got[-1] == b"x"

    run(main())


def test_a_hang_up_ends_the_connection_now_or_after_replies() -> None:
    async def main() -> None:
        device, line, client = _line()
        line.fault("hang_up", after=2)
        for n in b"123":
            line.receive(bytes((n,)))
        assert client.got == [b"1", b"2"]
        assert (client.ended, device.attached, line.connected) == (1, 0, False)
        again = Client(line)
        line.fault("hang_up")
        assert (again.ended, device.attached) == (1, 0)

    run(main())


def test_what_is_on_the_line_is_lost_when_the_client_goes() -> None:
    async def main() -> None:
        device, line, client = _line(baud=300)
        line.receive(b"lost")
        line.disconnect()
        line.disconnect()
        again = Client(line)
        line.receive(b"kept")
        await asyncio.sleep(10)
        assert device.heard == [b"kept"]
        assert (client.got, again.got) == ([], [b"kept"])

    run(main())


def test_a_device_that_hangs_up_sends_its_last_bytes_first() -> None:
    async def main() -> None:
        device, line, client = _line(baud=9600)
        line.receive(b"bye")
        await asyncio.sleep(0.004)
        assert (device.heard, client.got) == ([b"bye"], [])
        device.hang_up()
        await asyncio.sleep(1)
        assert (client.got, client.ended) == ([b"bye"], 1)

    run(main())


def test_unknown_faults_and_arguments_name_the_known_ones() -> None:
    async def main() -> None:
        _, line, _ = _line()
        with pytest.raises(ValueError, match=r"drop_reply.*mute"):
            line.fault("explode")
        with pytest.raises(TypeError, match="takes count"):
            line.fault("corrupt", often=3)
        with pytest.raises(TypeError, match="needs seconds"):
            line.fault("delay")
        with pytest.raises(TypeError, match="count cannot be"):
            line.fault("corrupt", count=-1)
        assert line.faults() == {}

    run(main())


def test_the_same_seed_spoils_the_same_bits() -> None:
    async def main() -> list[bytes]:
        _, line, client = _line()
        line.fault("corrupt", count=20)
        for _ in range(20):
            line.receive(bytes(16))
        return client.got

    assert run(main()) == run(main())


def test_a_request_is_lost_or_spoilt_and_a_reply_comes_twice() -> None:
    async def main() -> None:
        device, line, client = _line()
        line.fault("drop_request")
        line.receive(b"lost")
        line.fault("corrupt_request")
        line.receive(b"spoilt")
        line.receive(b"whole")
        assert len(device.heard) == 2
        assert device.heard[0] != b"spoilt"
        assert device.heard[1] == b"whole"
        line.fault("duplicate")
        line.receive(b"twice")
        assert client.got[-3:] == [b"whole", b"twice", b"twice"]

    run(main())


def test_every_wire_fault_can_be_started_and_cleared() -> None:
    async def main() -> None:
        for verb in WIRE_FAULTS:
            _, line, _ = _line()
            line.fault(verb, **({"seconds": 1} if verb == "delay" else {}))
            line.clear(verb)
            assert line.faults() == {}

    run(main())
