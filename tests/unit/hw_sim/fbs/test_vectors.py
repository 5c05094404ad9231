"""The simulated FBS's codec, against the vectors that hold the driver's."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from hw_sim.ils.codec import Message, decode, encode
from hw_sim.ils.fbs_envelope import error, exception, open_envelope, response

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[3] / "vectors/fbs.toml").read_text(encoding="utf-8")
)["vector"]
REQUESTS = [v for v in VECTORS if v["direction"] == "to_library"]
ANSWERS = [v for v in VECTORS if "id" in v["meaning"] and v not in REQUESTS]
ERRORS = [v for v in VECTORS if "id" not in v["meaning"]]


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("vector", REQUESTS, ids=name_of)
def test_a_request_is_opened_and_read(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    opened = open_envelope(bytes.fromhex(vector["bytes"]))
    assert (opened.login, opened.password) == (meaning["login"], meaning["password"])
    assert opened.line == meaning["line"]
    asked = decode(opened.line.encode())
    block = dict(asked.block)
    if asked.id == "63":  # the bar stands in the last place
        block["summary"] = block["summary"].replace("|", " ")
    assert (asked.id, block) == (meaning["id"], meaning["block"])
    assert [list(field) for field in asked.fields] == meaning["fields"]


@pytest.mark.parametrize("vector", ANSWERS, ids=name_of)
def test_an_answer_is_written_to_the_byte(vector: dict[str, Any]) -> None:
    line = vector["meaning"]["line"]
    answer = decode(line.encode())
    assert [list(field) for field in answer.fields] == vector["meaning"]["fields"]
    again = Message(answer.id, answer.block, answer.fields)
    assert encode(again).decode() == line + "\r"
    assert response(line).encode() == bytes.fromhex(vector["bytes"])


@pytest.mark.parametrize("vector", ERRORS, ids=name_of)
def test_an_error_is_written_to_the_byte(vector: dict[str, Any]) -> None:
    body = bytes.fromhex(vector["bytes"]).decode()
    if "<error>" in body:
        assert error(body.partition("<error>")[2].partition("<")[0]) == body
    else:
        _, _, rest = body.partition("<correlationId>")
        code = rest.partition("<errorCode>")[2].partition("<")[0]
        assert exception(code, rest.partition("<")[0]) == body
