"""The codec of ZVT against its vectors, in any chunking and after noise."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import RemoteProtocolError
from drivers.zvt.frames import (
    ABORT,
    AMOUNT,
    RECEIPT,
    STATUS,
    Apdu,
    Framer,
    decimal,
    fields,
    number,
)

VECTORS = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "zvt.toml").read_text(encoding="utf-8")
)["vector"]
CONTROLS = st.sampled_from([0x0601, 0x040F, 0x04FF, 0x060F, 0x8000])
APDUS = st.builds(Apdu, CONTROLS, st.binary(max_size=300))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: str(v["name"]))
def test_a_vector_is_read_and_written(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["bytes"])
    (apdu,) = Framer().feed(raw)
    meant = vector["meaning"]
    assert apdu.control == meant["control"]
    if "three bytes" not in vector["name"]:  # of two ways to say a short length we write one
        assert apdu.encode() == raw
    if apdu.control == ABORT or not meant["fields"]:
        return
    read = {f"{bmp:02x}": value.hex() for bmp, value in fields(apdu.data).items()}
    assert meant["fields"].items() <= read.items()
    if apdu.control == STATUS and "amount" in meant:
        assert number(fields(apdu.data)[AMOUNT]) == meant["amount"]
        assert number(fields(apdu.data)[RECEIPT]) == meant["receipt"]


def test_every_vector_names_its_source() -> None:
    assert all(vector["source"] for vector in VECTORS)


@given(st.lists(APDUS, max_size=5), st.integers(1, 40))
def test_any_split_gives_the_same_messages(apdus: list[Apdu], step: int) -> None:
    wire = b"".join(apdu.encode() for apdu in apdus)
    framer = Framer()
    found = [one for at in range(0, len(wire), step) for one in framer.feed(wire[at : at + step])]
    assert found == apdus
    assert framer.waiting == b""


@given(APDUS, st.binary(max_size=20).map(lambda noise: bytes(b | 0x10 for b in noise if b < 0x80)))
def test_noise_between_messages_is_dropped(apdu: Apdu, noise: bytes) -> None:
    framer = Framer()
    assert framer.feed(noise + apdu.encode()) == [apdu]
    assert framer.dropped == len(noise)


@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    for apdu in Framer().feed(data):
        try:
            fields(apdu.data)
        except RemoteProtocolError:
            pass


@given(st.integers(0, 10**12 - 1))
def test_amounts_survive_the_wire(amount: int) -> None:
    assert number(decimal(amount, 6)) == amount


@pytest.mark.parametrize("value", [-1, 10**12])
def test_what_does_not_fit_is_not_sent(value: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        decimal(value, 6)


@pytest.mark.parametrize("data", ["77", "0400", "8bf1", "8bf1ff41"])
def test_a_broken_field_is_refused(data: str) -> None:
    with pytest.raises(RemoteProtocolError):
        fields(bytes.fromhex(data))
