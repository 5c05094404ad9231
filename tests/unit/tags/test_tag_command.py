"""`ims tag`: words, JSON and exit codes."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ui.commands.tag import app

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "iso28560.toml").read_text()
)["vector"]
DK_3 = "11030233383436363436343235000000000000ebab444b373436313030000000"


def ims(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize(
    "vector",
    [pytest.param(v, id=v["name"]) for v in VECTORS if v["direction"] in {"both", "read"}],
)
def test_every_vector_is_decoded(vector: dict[str, Any]) -> None:
    result = ims("decode", vector["bytes"], "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    meaning = vector["meaning"]
    assert said["kind"] == "item"
    wanted = ("format", "owner", "part", "parts", "usage", "crc_ok", "reversed", "truncated")
    assert {k: said[k] for k in wanted if k in meaning} == {
        k: meaning[k] for k in wanted if k in meaning
    }
    assert said["item"] == meaning["id"]


def test_what_is_encoded_is_decoded() -> None:
    given = ["--id", "3846646425", "--owner", "DK-746100", "--part", "2/3"]
    for more in ([], ["--reversed"], ["--size", "112"], ["--title", "Lykke-Per"]):
        made = json.loads(ims("encode", *given, *more, "--json").stdout)
        said = json.loads(ims("decode", made["hex"], "--dsfid", "3E", "--json").stdout)
        assert (said["item"], said["owner"], said["part"], said["parts"]) == (
            "3846646425",
            "DK746100",
            2,
            3,
        )
        assert said["reversed"] is ("--reversed" in more)
        assert said["title"] == ("Lykke-Per" if "--title" in more else "")
    assert ims("encode", *given).stdout.strip() == DK_3


def test_a_long_owner_takes_the_smallest_tag_that_fits() -> None:
    made = json.loads(ims("encode", "--id", "1", "--owner", "DK-ABCDEFGHIJK", "--json").stdout)
    assert made["bytes"] == 36
    assert json.loads(ims("decode", made["hex"], "--json").stdout)["owner"] == "DKABCDEFGHIJK"


def test_a_tag_in_words() -> None:
    words = ims("decode", " ".join(DK_3[i : i + 2] for i in range(0, 64, 2))).stdout
    assert "3846646425" in words
    assert "part    2 of 3" in words
    assert "circulation" in words


@pytest.mark.parametrize(
    ("memory", "kind", "words"),
    [
        ("00" * 32, "blank", "Blank"),
        ("ab" * 40, "foreign", "Foreign"),
        (DK_3.replace("ebab", "ebaa"), "unverified", "CRC is wrong"),
    ],
)
def test_what_is_no_proven_item_is_said(memory: str, kind: str, words: str) -> None:
    said = json.loads(ims("decode", memory, "--json").stdout)
    assert said["kind"] == kind
    assert said["crc_ok"] is not True
    assert words in ims("decode", memory).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["decode", "xyz"],
        ["decode", "123"],
        ["decode", " "],
        ["decode", DK_3, "--dsfid", "3e00"],
        ["encode", "--id", "x" * 17, "--owner", "DK-1"],
        ["encode", "--id", "1", "--owner", "DK-1", "--part", "3/2"],
        ["encode", "--id", "1", "--owner", "DK-1", "--part", "one"],
        ["encode", "--id", "1", "--owner", "DK-1", "--size", "30"],
        ["encode", "--id", "1", "--owner", "D" * 14],
    ],
)
def test_bad_input_is_said_with_what_to_do(arguments: list[str]) -> None:
    result = ims(*arguments, "--json")
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["what"]
    assert error["do"]
    assert ims(*arguments).exit_code == 2
