"""A scenario standing in virtual time: its verbs, its script, and the same run for the same seed."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hw_sim.scenario import load, parse
from hw_sim.simloop import run
from hw_sim.stage import Stage
from hw_sim.world import Happening

LYKKE_PER = "3846646425"
SKAK = "3846646466"


class End:
    """A memory wire's far end, with the client folded in."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.when: list[float] = []
        self.plugged = True
        self.received: Callable[[bytes], None] = lambda _data: None
        self.opened: Callable[[], None] = lambda: None

    def send(self, data: bytes) -> None:
        self.got += data
        self.when.append(asyncio.get_running_loop().time())

    def hang_up(self) -> None:
        self.plugged = False

    def plug_in(self) -> None:
        self.plugged = True


def _joined(stage: Stage, role: str) -> End:
    end = End()
    stage.join(role, end)
    end.opened()
    return end


def test_items_come_and_go_by_part() -> None:
    async def main() -> None:
        stage = Stage(load("first-loan"))
        told: list[Happening] = []
        stage.world.listen(told.append)
        laid = await stage.do("lay", {"items": [LYKKE_PER, SKAK]})
        uids = laid["uids"]
        assert isinstance(uids, list)
        assert len(uids) == 4
        await stage.do("lift", {"items": SKAK, "parts": [2]})
        assert [tag.part for tag in stage.world.pad] == [1, 1, 3]
        await stage.do("lift", {})
        assert stage.world.pad == []
        assert [h.what for h in told] == ["laid", "lifted", "lifted"]
        assert told[1].details["items"] == [SKAK]

    run(main())


@pytest.mark.parametrize(
    ("verb", "args", "said"),
    [
        ("dance", {}, "lay, lift"),
        ("lay", {"items": ["nothing"]}, LYKKE_PER),
        ("lay", {"items": [LYKKE_PER], "parts": [9]}, "no part 9"),
        ("lay", {}, "items"),
        ("lay", {"items": 3}, "list of item ids"),
        ("lay", {"items": [LYKKE_PER], "colour": 1}, "colour"),
        ("fault", {"device": "pad", "verb": "explode"}, "tag_leaves_during.*of the wire.*mute"),
        ("fault", {"device": "toaster", "verb": "mute"}, "pad, scanner, printer, speaker"),
        ("fault", {"device": "pad", "verb": "mute", "args": 3}, "args is an object"),
        ("clear", {"device": "pad", "verb": "explode"}, "there are"),
        ("unplug", {"device": "pad"}, "hangs on no wire"),
        ("scan", {"text": 12}, "text is a text"),
        ("clock", {"jump": "an hour"}, "number of seconds"),
    ],
)
def test_wrong_requests_say_what_is_known(verb: str, args: Mapping[str, object], said: str) -> None:
    async def main() -> None:
        stage = Stage(load("first-loan"))
        with pytest.raises((ValueError, TypeError), match=said):
            await stage.do(verb, args)

    run(main())


def test_the_pad_answers_over_its_paced_line() -> None:
    async def main() -> End:
        stage = Stage(load("first-loan"))
        await stage.do("lay", {"items": [LYKKE_PER]})
        end = _joined(stage, "pad")
        end.received(bytes.fromhex("07ffb001001c56"))
        await asyncio.sleep(1)
        return end

    end = run(main())
    assert end.got[:5] == b"\x11\x00\xb0\x00\x01"
    carried = (7 + 17) * 11 / 38400
    assert end.when == [pytest.approx(carried + 0.014, abs=1e-6)]


def test_pace_can_be_overridden() -> None:
    async def main() -> End:
        stage = Stage(load("first-loan"), pace="none")
        await stage.do("lay", {"items": [LYKKE_PER]})
        end = _joined(stage, "pad")
        end.received(bytes.fromhex("07ffb001001c56"))
        return end

    assert run(main()).when == [0.0]


def test_faults_of_wire_and_device_show_in_the_truth() -> None:
    async def main() -> None:
        stage = Stage(load("first-loan"))
        await stage.do("fault", {"device": "pad", "verb": "drop_reply", "args": {"count": 2}})
        await stage.do("fault", {"device": "pad", "verb": "write_fails", "args": {"block": 3}})
        truth = await stage.do("truth", {})
        devices = truth["devices"]
        assert isinstance(devices, dict)
        assert set(devices["pad"]["faults"]) == {"drop_reply", "write_fails"}
        cleared = await stage.do("clear", {"device": "pad"})
        assert cleared == {"faults": {}}
        json.dumps(truth)

    run(main())


def test_hello_says_what_stands_here() -> None:
    async def main() -> dict[str, object]:
        return await Stage(load("first-loan")).do("hello", {})

    hello = run(main())
    json.dumps(hello)
    assert isinstance(hello["devices"], dict)
    roles = {"pad", "scanner", "printer", "speaker", "keys", "terminal", "card", "library", "mail"}
    assert set(hello["devices"]) == roles
    assert {"mute", "tag_leaves_during"} <= set(hello["devices"]["pad"]["faults"])
    assert isinstance(hello["items"], list)
    assert hello["items"][0]["title"] == "Lykke-Per"


def test_the_clocks_on_the_walls_jump_and_no_time_passes() -> None:
    async def main() -> None:
        stage = Stage(load("first-loan"))
        before, seconds = stage.world.now(), stage.world.seconds()
        found = await stage.do("clock", {"jump": -7200.0})
        assert found["now"] == stage.world.now().isoformat()
        assert (before - stage.world.now()).total_seconds() == 7200
        assert stage.world.seconds() == seconds

    run(main())


def test_a_cable_is_pulled_and_put_back() -> None:
    async def main() -> None:
        stage = Stage(load("first-loan"))
        end = _joined(stage, "scanner")
        await stage.do("unplug", {"device": "scanner"})
        there = [end.plugged]
        await stage.do("scan", {"text": "3002991234"})
        await stage.do("plug", {"device": "scanner"})
        there.append(end.plugged)
        assert there == [False, True]
        end.opened()
        await stage.do("tap_card", {"card": "1234567890"})
        assert end.got == b"]C01234567890\r"

    run(main())


def test_a_chip_card_is_held_to_its_reader_for_a_while_or_until_it_is_lifted() -> None:
    async def main() -> None:
        stage = Stage(load("first-loan"))

        def near() -> list[str]:
            return [card.name for card in stage.world.near]

        await stage.do("tap_card", {"card": "karen", "seconds": 2})
        assert near() == ["karen"]
        await asyncio.sleep(1)
        await stage.do("tap_card", {"card": "karen", "seconds": 2})
        await asyncio.sleep(1.5)
        assert near() == ["karen"], "the second tap counts"
        await asyncio.sleep(1)
        assert near() == []
        await stage.do("lay_card", {"cards": ["karen", "bank"]})
        await stage.do("lift_card", {"cards": "karen"})
        assert near() == ["bank"]
        await stage.do("lift_card", {})
        assert near() == []
        for verb, args, why in (
            ("lay_card", {"cards": ["nobody"]}, "there are: karen, bo, bank, phone"),
            ("tap_card", {"card": "karen", "seconds": 0}, "over 0"),
        ):
            with pytest.raises(ValueError, match=why):
                await stage.do(verb, args)

    run(main())


def test_paper_is_drawn_and_torn_off(tmp_path: Path) -> None:
    async def main() -> None:
        stage = Stage(load("first-loan"), pace="none")
        end = _joined(stage, "printer")
        end.received(b"Lykke-Per\n\x1dV\x00")
        await asyncio.sleep(1)
        await stage.do("paper", {"path": str(tmp_path / "receipt.png")})
        torn = await stage.do("tear", {})
        assert float(str(torn["mm"])) > 3
        assert float(str((await stage.do("tear", {}))["mm"])) == 0

    run(main())
    assert (tmp_path / "receipt.png").read_bytes().startswith(b"\x89PNG")


SCRIPT = """
schema_version = 1
name = "script"
seed = {seed}
[devices.pad]
pace = "real"
baud = 38400
[devices.scanner]
[[items]]
id = "1"
[[items]]
id = "2"
[[steps]]
at = 1
do = "lay"
items = ["1", "2"]
[[steps]]
at = 2
do = "scan"
text = "3002991234"
[[steps]]
at = 3
do = "dance"
[[steps]]
at = 3600
do = "stop"
"""


def _life(seed: int) -> tuple[list[str], str]:
    async def main() -> tuple[list[str], str]:
        stage = Stage(parse(SCRIPT.format(seed=seed)))
        digest = hashlib.sha256()
        told: list[str] = []
        stage.world.listen(lambda h: told.append(f"{h.at:g} {h.what}"))
        end = _joined(stage, "pad")
        stage.begin()
        stage.places["pad"].wires.fault("corrupt", count=50)
        for _ in range(40):
            end.received(bytes.fromhex("05ff698901"))
            end.received(bytes.fromhex("07ffb001001c56"))
            await asyncio.sleep(0.1)
        digest.update(bytes(end.got) + repr(end.when).encode())
        await stage.ended.wait()
        await stage.close()
        return told, digest.hexdigest()

    return run(main())


def test_the_script_runs_at_its_times_and_says_what_failed() -> None:
    told, _ = _life(1)
    assert told == ["1 laid", "2 scanned", "3 step_failed"]


def test_the_same_seed_gives_the_same_bytes_at_the_same_times() -> None:
    assert _life(1) == _life(1)
    assert _life(1)[1] != _life(2)[1]


def test_every_python_lives_the_same_life() -> None:
    """The digest was the same on 3.11.7, 3.12.1 and 3.13.0; a change of it is a change of the world."""
    assert _life(1)[1] == "2fceaed184c1daf511d69285de4e55595ab2da3c23c4f06b8aa57dbc4530c38f"


def test_wall_time_follows_the_loop() -> None:
    async def main() -> str:
        stage = Stage(load("first-loan"))
        stage.begin()
        await asyncio.sleep(86_400)
        return stage.world.now().isoformat()

    assert run(main()) == "2026-11-04T10:42:00+01:00"
