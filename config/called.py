"""Names that the house gives its own things: plain words in Danish, or a table of words by language."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, PlainSerializer, WithJsonSchema

from config.texts import LANGUAGES, Named

_BY_LANGUAGE = {name: {"type": "string"} for name in LANGUAGES}

Called = Annotated[
    Named,
    BeforeValidator(Named.of),
    PlainSerializer(lambda named: named.to_json()),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": _BY_LANGUAGE,
                    "required": ["da"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""`"Ved trappen"`, or `{ da = "Ved trappen", en = "By the stairs" }`."""


def lacking(part: BaseModel, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """By key, the languages in which a name of a configuration has no words."""
    for key in type(part).model_fields:
        yield from _lacking(getattr(part, key), f"{path}{key}")


def _lacking(value: Any, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    match value:
        case Named() if value.lacks():
            yield path, value.lacks()
        case BaseModel():
            yield from lacking(value, f"{path}.")
        case tuple():
            for number, one in enumerate(value):
                yield from _lacking(one, f"{path}.{number}")
        case _:
            pass
