"""Every vector of tests/vectors/fbs.toml: requests written byte for byte, answers read, errors told apart."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import DeviceRefused
from drivers.fbs.dialect import FBS
from drivers.fbs.envelope import answer_line, line_of, request_xml
from drivers.ports import Secret
from drivers.sip2.frames import decode
from drivers.sip2.messages import KINDS, Message

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "fbs.toml").read_text(encoding="utf-8")
)["vector"]
REQUESTS = [v for v in VECTORS if v["direction"] == "to_library"]
ERRORS = [v for v in VECTORS if "code" in v["meaning"]]
ANSWERS = [v for v in VECTORS if v not in REQUESTS and v not in ERRORS]


def _named(vectors: list[dict[str, Any]]) -> Any:
    return [pytest.param(v, id=v["name"]) for v in vectors]


@pytest.mark.parametrize("vector", _named(REQUESTS))
def test_a_request_is_written(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    fields = tuple(name + value for name, value in meaning["fields"])
    line = line_of(Message(KINDS[meaning["id"]], tuple(meaning["block"].values()), fields))
    assert line == meaning["line"]
    written = request_xml(line, meaning["login"], Secret(meaning["password"]))
    assert written == bytes.fromhex(vector["bytes"])


@pytest.mark.parametrize("vector", _named(ANSWERS))
def test_an_answer_is_read(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    line = answer_line(bytes.fromhex(vector["bytes"]))
    assert line == meaning["line"]
    got = decode(line.encode())
    assert got.kind.id == meaning["id"]
    assert dict(zip(got.kind.parts, got.fixed, strict=True)) == meaning["block"]
    assert [[each[:2], each[2:]] for each in got.fields if len(each) > 2] == [
        pair for pair in meaning["fields"] if pair[1]
    ]


@pytest.mark.parametrize("vector", _named(ERRORS))
def test_an_error_is_told(vector: dict[str, Any]) -> None:
    with pytest.raises(DeviceRefused) as caught:
        answer_line(bytes.fromhex(vector["bytes"]))
    assert caught.value.code == vector["meaning"]["code"]


def test_each_layout_and_its_answer_has_a_vector() -> None:
    known = {v["meaning"].get("id") for v in VECTORS}
    assert {*FBS.layouts, "99"} == {v["meaning"]["id"] for v in REQUESTS}
    assert {"98", "24", "64", "12", "10", "30", "66"} <= known
