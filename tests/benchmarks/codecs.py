"""Codecs on bytes in memory: SIP2 beside two public codecs, tag data and reader frames beside a bare loop.

Peers: PyPI Sip2 1.1 (its checksum check and its checkin parser) and PyPI pysip2 0.1.0 (one call), on the same
bytes. Floor of the reader's frames: `crc_hqx` and slices of a known length, with nothing held or searched.
"""

from binascii import crc_hqx
from collections.abc import Callable
from pathlib import Path

import pysip2
from Sip2.sip2 import Sip2

from drivers.feig import frames as feig
from drivers.sip2 import frames as sip2
from drivers.sip2.messages import Check
from drivers.tags import Item, decode
from tests.benchmarks.bars import Bar, Outcome, bars_plot, in_turn, main, middle

CHECKIN = "101YNY20260303    101500AODK-746100|AB3000000001|AQDalum|AJTørst|CL701|CK001|CTDalum|CV04|AY6AZE502"
"""Vector "10, to another branch" of tests/vectors/sip2.toml."""
TAG = bytes.fromhex("11030133383436363436343235000000000000cab0444b373436313030000000")
"""Vector DK-2 of tests/vectors/iso28560.toml: an item of three parts, with its CRC."""
READER = bytes.fromhex("1100b000010300e0040150a05f02b7d7be")
"""Vector "one tag" of tests/vectors/feig.toml: an inventory answer."""

_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def measure(quick: bool) -> Outcome:
    works = _works(CHECKIN.encode() + b"\r")
    times = in_turn(works, rounds=5 if quick else 25, seconds=0.05 if quick else 0.2)
    took = {name: middle(of) * 1e6 for name, of in times.items()}
    ours = took["SIP2 checkin response, ours"]
    bars = (
        Bar("SIP2 beside Sip2 1.1", took["SIP2, Sip2 1.1"] / ours, 3, "times as fast", "higher"),
        Bar(
            "SIP2 beside pysip2 0.1.0",
            took["SIP2, pysip2 0.1.0"] / ours,
            4,
            "times as fast",
            "higher",
        ),
        Bar("ISO 28560-3 block to a frozen value", took["ISO 28560-3 block"], 5, "µs", "lower"),
        Bar("FEIG frame", took["FEIG frame"], 10, "µs", "lower"),
    )
    figures = {f"{name}, µs": round(value, 3) for name, value in took.items()}
    return Outcome("codecs", bars, figures, {"took": took})


class _Quiet(Sip2):  # type: ignore[misc]
    """The peer, which otherwise prints when it is dropped."""

    def __del__(self) -> None:
        pass


def _works(frame: bytes) -> dict[str, Callable[[], object]]:
    """All give the same item, or they are not measured."""
    old = _Quiet()
    old.withCrc = True

    def ours() -> object:
        found = sip2.decode(frame[:-1])
        if found.check is not Check.GOOD:
            raise ValueError("checksum")
        return found

    def ours_framed() -> object:
        return sip2.decode(sip2.Framer().feed(frame)[0])

    def by_sip2() -> object:
        text = frame.decode()
        if not old._crc_verify(text):
            raise ValueError("checksum")
        return old.sip_checkin_response(text)

    def by_pysip2() -> object:
        return pysip2.decode_message(frame, encoding="utf-8")

    def tag() -> object:
        return decode(TAG, 0x3E, 4)

    def reader() -> object:
        return feig.Framer().feed(READER)

    def bare() -> object:
        if crc_hqx(READER.translate(_MIRROR), 0xFFFF):
            raise ValueError("checksum")
        return READER[1], READER[2], READER[3:-2]

    found = sip2.decode(frame[:-1])
    theirs = by_pysip2()
    if not (
        found.get("AB")
        == "3000000001"
        == by_sip2()["variable"]["AB"][0]  # type: ignore[index]
        == theirs.message.item_identifier  # type: ignore[attr-defined]
    ):
        raise ValueError("the three SIP2 codecs do not agree")
    item = tag()
    if not (isinstance(item, Item) and item.id == "3846646425"):
        raise ValueError("the tag is not read")
    return {
        "SIP2 checkin response, ours": ours,
        "SIP2, ours with the framer": ours_framed,
        "SIP2, Sip2 1.1": by_sip2,
        "SIP2, pysip2 0.1.0": by_pysip2,
        "ISO 28560-3 block": tag,
        "FEIG frame": reader,
        "FEIG floor, crc_hqx and slices": bare,
    }


def plot(outcome: Outcome, path: Path) -> None:
    bars_plot(path, outcome.series["took"], unit="µs a message (median)", title="Codecs")


if __name__ == "__main__":
    main(measure, plot)
