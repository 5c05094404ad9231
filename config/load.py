"""From TOML layers to one frozen Station: packaged defaults, then site, then station, then (in CI) environment.

A station file may name its site: `site = "odense/borgernes-hus"` takes the packaged file of that name, or a
path beside the station file. All errors come at once, each with file, line, column and key. `explain` says
which file and line a value came from.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from typing_extensions import override

from config.station import Station
from config.texts import Text
from config.wrong import words

ENVIRONMENT_PREFIX = "IMS__"
"""In CI only (CI is set): IMS__library__url overrides [library] url."""
LONGEST_BITS = 256
"""A whole number beyond is a slip of somebody's keyboard, and is not written out."""

M = TypeVar("M", bound=BaseModel)

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands."""

    file: str
    line: int
    column: int

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, which key, what."""

    place: Place
    key: str
    what: str
    said: Text | None = None
    """The same for whoever reads no English, where there are words for it."""

    @classmethod
    def at_start(cls, file: str, what: str) -> "Problem":
        """Of a whole file."""
        return cls.at_line(file, 1, what)

    @classmethod
    def at_line(cls, file: str, line: int, what: str) -> "Problem":
        """Of one line."""
        return cls(Place(file, line, 1), "", what)

    @override
    def __str__(self) -> str:
        return (
            f"{self.place}: {self.key}: {self.what}" if self.key else f"{self.place}: {self.what}"
        )


class ConfigInvalid(ValueError):
    """The configuration cannot be used; `problems` holds all that is wrong, in order of place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda p: (p.place.file, p.place.line, p.place.column))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid station and where each of its values came from."""

    station: Station
    places: Mapping[KeyPath, Place]

    def explain(self, dotted: str) -> tuple[Any, Place | None]:
        """The value of a key such as `library.url`, and where it stands; no place for a default.

        Raises:
            KeyError: there is no such key.
        """
        value: Any = self.station
        path: KeyPath = ()
        for name in dotted.split("."):
            if isinstance(value, tuple) and name.isdigit() and int(name) < len(value):
                value, path = value[int(name)], (*path, int(name))
            elif name in getattr(type(value), "model_fields", {}):
                value, path = getattr(value, name), (*path, name)
            else:
                raise KeyError(dotted)
        return value, self.places.get(path)


@dataclass(frozen=True, slots=True)
class _Layer:
    file: str
    data: dict[str, Any]
    places: dict[KeyPath, Place]


def load(file: Path, environment: Mapping[str, str] | None = None) -> Loaded:
    """Read a station file with its layers.

    Raises:
        ConfigInvalid: with every problem, when a file is missing, is no TOML, or does not fit the schema.
    """
    station = _read(file.read_bytes, str(file))
    layers = [_packaged("defaults.toml")]
    site = station.data.pop("site", None)
    if site is not None:
        layers.append(_site(str(site), file, station.places.get(("site",))))
    layers.append(station)
    layers += _environment(os.environ if environment is None else environment)
    return _validated(layers)


def load_text(toml: str, file: str = "station.toml") -> Loaded:
    """The same from text, without environment; for embedded configuration and tests."""
    station = _parsed(toml, file)
    layers = [_packaged("defaults.toml")]
    site = station.data.pop("site", None)
    if site is not None:
        layers.append(_site(str(site), Path(file), station.places.get(("site",))))
    return _validated([*layers, station])


def document(toml: str, file: str, model: type[M]) -> M:
    """Any TOML document of one layer, such as a sort plan, as its model.

    Raises:
        ConfigInvalid: with every problem, when it is no TOML or does not fit the model.
    """
    return placed_document(toml, file, model)[0]


def placed_document(toml: str, file: str, model: type[M]) -> tuple[M, Mapping[KeyPath, Place]]:
    """The same, and where each of its keys stands. Raises ConfigInvalid."""
    layer = _parsed(toml, file)
    try:
        return model.model_validate(layer.data), layer.places
    except ValidationError as error:
        raise ConfigInvalid(_problems(error, layer.places, file)) from error


def place_of(path: KeyPath, places: Mapping[KeyPath, Place], file: str) -> Place:
    """Where a key stands, or the nearest that holds it; the beginning of the file where nothing does."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, Place(file, 1, 1))


def sites() -> tuple[str, ...]:
    """Names of the packaged sites."""
    found = []
    for folder in files("config").joinpath("sites").iterdir():
        if folder.is_dir():
            found += [
                f"{folder.name}/{entry.name.removesuffix('.toml')}"
                for entry in folder.iterdir()
                if entry.name.endswith(".toml")
            ]
    return tuple(sorted(found))


def _packaged(name: str) -> _Layer:
    return _parsed(files("config").joinpath(name).read_text(encoding="utf-8"), f"config/{name}")


def _site(name: str, station: Path, named_at: Place | None) -> _Layer:
    beside = station.parent / name
    if beside.is_file():
        return _read(beside.read_bytes, str(beside))
    if name in sites():
        return _packaged(f"sites/{name}.toml")
    where = named_at or Place(str(station), 1, 1)
    raise ConfigInvalid(
        [
            Problem(
                where, "site", f"no site {name!r}; there are: {', '.join(sites())}, or give a file"
            )
        ]
    )


def _read(read: Any, file: str) -> _Layer:
    try:
        return _parsed(
            read().decode("utf-8-sig"), file
        )  # some editors begin with a byte order mark
    except OSError as error:
        raise ConfigInvalid(
            [Problem(Place(file, 1, 1), "", error.strerror or "cannot be read")]
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigInvalid([Problem(Place(file, 1, 1), "", "is not UTF-8")]) from error


def _parsed(toml: str, file: str) -> _Layer:
    try:
        data, places = tomllib.loads(toml), _places(toml, file)
    except tomllib.TOMLDecodeError as error:
        line, column = _position(str(error), toml)
        what = str(error).partition(" (at ")[0]
        if what == "Illegal character '\\n'":
            what = "the text does not end on its line: is its closing quote missing?"
        raise ConfigInvalid([Problem(Place(file, line, column), "", what)]) from error
    except ValueError as error:  # int() takes no more digits than sys.get_int_max_str_digits()
        what = "a number has more digits than any number here: correct it"
        raise ConfigInvalid([Problem.at_line(file, _longest_number(toml), what)]) from error
    except RecursionError as error:
        what = "lists or tables stand too deep in one another: is a closing bracket missing?"
        raise ConfigInvalid([Problem.at_line(file, _deepest(toml), what)]) from error
    return _Layer(file, data, places)


def _longest_number(toml: str) -> int:
    """The line of the longest run of digits."""
    runs = re.finditer(r"[0-9_]+", toml)
    longest = max(runs, key=lambda run: len(run[0]), default=None)
    return 1 if longest is None else toml.count("\n", 0, longest.start()) + 1


def _deepest(toml: str) -> int:
    """The line on which the most brackets are open."""
    open_, most, at = 0, 0, 0
    for bracket in re.finditer(r"[\[{\]}]", toml):
        open_ += 1 if bracket[0] in "[{" else -1
        if open_ > most:
            most, at = open_, bracket.start()
    return toml.count("\n", 0, at) + 1


def _position(message: str, toml: str) -> tuple[int, int]:
    """Tomllib gives "(at line 3, column 7)" or "(at end of document)" in its text only before 3.14."""
    if found := re.search(r"at line (\d+), column (\d+)", message):
        return int(found[1]), int(found[2])
    return toml.count("\n") + 1, 1


def _environment(variables: Mapping[str, str]) -> list[_Layer]:
    if not variables.get("CI"):
        return []
    data: dict[str, Any] = {}
    places: dict[KeyPath, Place] = {}
    for name, value in variables.items():
        if name.startswith(ENVIRONMENT_PREFIX):
            path = tuple(name.removeprefix(ENVIRONMENT_PREFIX).split("__"))
            inner = data
            for key in path[:-1]:
                inner = inner.setdefault(key, {})
            inner[path[-1]] = value
            places[path] = Place(f"${name}", 1, 1)
    return [_Layer("environment", data, places)] if data else []


def _validated(layers: list[_Layer]) -> Loaded:
    merged: dict[str, Any] = {}
    places: dict[KeyPath, Place] = {}
    for layer in layers:
        _merge(merged, layer.data)
        places |= layer.places
    last = layers[-1].file if layers[-1].file != "environment" else layers[-2].file
    try:
        station = Station.model_validate(merged)
    except ValidationError as error:
        raise ConfigInvalid(_problems(error, places, last)) from error
    return Loaded(station, places)


def _merge(into: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        elif isinstance(value, Mapping):
            into[key] = {}
            _merge(into[key], value)
        else:
            into[key] = value


def _problems(error: ValidationError, places: Mapping[KeyPath, Place], file: str) -> list[Problem]:
    found = []
    for fault in error.errors(include_url=False):
        path: KeyPath = tuple(fault["loc"])
        place = place_of(path, places, file)
        what = words(fault)
        given = fault["input"]
        if isinstance(given, str | int | float | bool) and "password" not in map(str, path):
            what += f" (got {_shown(given)})"
        found.append(Problem(place, ".".join(map(str, path)), what))
    return found


def _shown(given: str | float) -> str:
    """A value as it may stand in a line: Python writes out no number of very many digits."""
    if isinstance(given, int) and given.bit_length() > LONGEST_BITS:
        return "a number of very many digits"
    return repr(given)


# --- positions --------------------------------------------------------------------------------------


def _places(toml: str, file: str) -> dict[KeyPath, Place]:
    """Key path -> position, by tree-sitter, since tomllib keeps none."""
    import tree_sitter_toml
    from tree_sitter import Language, Node, Parser

    found: dict[KeyPath, Place] = {}
    arrays: dict[KeyPath, int] = {}

    def note(path: KeyPath, node: Node) -> None:
        row, column = node.start_point
        found.setdefault(path, Place(file, row + 1, column + 1))

    def key_of(node: Node) -> KeyPath:
        if node.type == "dotted_key":
            return tuple(part for child in node.named_children for part in key_of(child))
        raw = (node.text or b"").decode("utf-8")
        return (raw.strip("\"'"),)

    def pairs(node: Node, prefix: KeyPath) -> None:
        for child in node.named_children:
            if child.type == "pair":
                key, value = child.named_children[0], child.named_children[-1]
                path = (*prefix, *key_of(key))
                note(path, key)
                values(value, path)

    def values(node: Node, path: KeyPath) -> None:
        if node.type == "inline_table":
            pairs(node, path)
        elif node.type == "array":
            for index, child in enumerate(c for c in node.named_children if c.type != "comment"):
                note((*path, index), child)
                values(child, (*path, index))

    tree = Parser(Language(tree_sitter_toml.language())).parse(toml.encode("utf-8"))
    root = tree.root_node
    pairs(root, ())
    for table in root.named_children:
        if table.type not in {"table", "table_array_element"}:
            continue
        path = key_of(table.named_children[0])
        note(path, table.named_children[0])
        if table.type == "table_array_element":
            index = arrays.get(path, -1) + 1
            arrays[path] = index
            path = (*path, index)
            note(path, table.named_children[0])
        pairs(table, path)
    return found
