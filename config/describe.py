"""Reference pages made from what the program itself reads: `python -m config.describe PAGE > docs/reference/PAGE.md`.

PAGE is `configuration` (the models of config.station) or `fault-codes` (config/texts/errors.toml). A test
holds the pages in docs/reference to what this module makes.
"""

import sys
from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config.load import sites
from config.secret_ref import SecretRef
from config.station import Station
from config.texts import Catalogue, Named, text

_HEAD = "<!-- Made by `python -m config.describe {page}`; do not edit. -->\n"


def configuration() -> str:
    """Every table and key of a station file: type, default, bounds and meaning."""
    lines = [
        _HEAD.format(page="configuration"),
        "# Configuration\n",
        "A station is one TOML file over its site's file over the packaged defaults; the later wins, key by",
        "key. `ims config check FILE` names everything that is wrong at once, `ims config explain KEY --station",
        "FILE` says where a value comes from, and `ims config schema` prints the JSON Schema. Keys that are not",
        "listed here are refused. Times are in seconds where a name ends in `_s`.\n",
        '`site = "NAME"` at the top of the file names the site: a TOML file beside the station file, or one of',
        "the packaged sites: " + ", ".join(f"`{name}`" for name in sites()) + ".\n",
    ]
    lines += _table((), Station)
    return "\n".join(lines).rstrip() + "\n"


def fault_codes() -> str:
    """Every fault code: what happened and what to do, for technicians in English and Danish."""
    catalogue = Catalogue.load()
    codes = [
        key.removeprefix("error.").removesuffix(".what")
        for key in sorted(catalogue.keys())
        if key.startswith("error.") and key.endswith(".what")
    ]
    lines = [
        _HEAD.format(page="fault-codes"),
        "# Fault codes\n",
        "A code stands on the out-of-order screen, in `--json` answers, in logs and in the journal. Find it",
        "here; [Find out what is wrong](../how-to/find-out-what-is-wrong.md) starts from the symptom.\n",
    ]
    for code in codes:
        lines.append(f"## {code}\n")
        for language, says in (("en", "What a borrower may be told"), ("da", "Til låneren")):
            words = [
                catalogue.say(text(f"error.{code}.{form}"), language)
                for form in ("what", "do", "person")
            ]
            lines.append(f"- **{words[0]}** {words[1]}")
            lines.append(f"  *{says}: “{words[2]}”*")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _table(names: tuple[str, ...], model: type[BaseModel]) -> Iterator[str]:
    fields = model.model_fields
    plain = {key: field for key, field in fields.items() if _inner(field.annotation) is None}
    yield f"## {', '.join(f'[{name}]' for name in names) or 'Top of the file'}\n"
    if model.__doc__:
        yield f"{' '.join(model.__doc__.split())}\n"
    if plain:
        yield "| Key | Type | Default | Meaning |"
        yield "|---|---|---|---|"
        for key, field in plain.items():
            yield f"| `{key}` | {_kind(field)} | {_default(field)} | {field.description or ''} |"
        yield ""
    tables: dict[type[BaseModel], tuple[str, ...]] = {}
    for key, field in fields.items():
        inner = _inner(field.annotation)
        if inner is not None:
            path = ".".join((*names, key))
            if get_origin(field.annotation) is dict:
                path += ".LABEL"
            tables[inner] = (*tables.get(inner, ()), path)
    for inner, paths in tables.items():
        yield from _table(paths, inner)


def _inner(kind: Any) -> type[BaseModel] | None:
    """The model of a key that is a table; a reference to a secret is written inline and counts as a value."""
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, BaseModel) and one is not SecretRef:
            return one
    return None


def _kind(field: FieldInfo) -> str:
    bounds = []
    limits = {
        name: limit
        for rule in field.metadata
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length")
        if (limit := getattr(rule, name, None)) is not None
    }
    for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
        if name in limits:
            bounds.append(f"{sign} {limits[name]}")
    if "max_length" in limits:
        bounds.append(f"{limits.get('min_length', 0)} to {limits['max_length']} letters")
    return ", ".join([_name(field.annotation), *bounds])


def _name(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _name(inner[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in {Union, UnionType}:
        return " or ".join(_name(one) for one in inner if one is not NoneType)
    if origin is tuple:
        return f"list of {_name(inner[0])}"
    if kind is SecretRef:
        return "secret"
    if kind is Named:
        return "text or table by language"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(f"`{one.value}`" for one in kind)
    return {str: "text", int: "integer", float: "number", bool: "true or false"}.get(
        kind, str(kind)
    )


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None or field.default in ("", (), Named()):
        return "none"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default}`"


PAGES = {"configuration": configuration, "fault-codes": fault_codes}


def main() -> int:
    """Write one page to standard output."""
    if len(sys.argv) != 2 or sys.argv[1] not in PAGES:
        sys.stderr.write(f"usage: python -m config.describe {'|'.join(PAGES)}\n")
        return 2
    sys.stdout.write(PAGES[sys.argv[1]]())
    return 0


if __name__ == "__main__":
    sys.exit(main())
