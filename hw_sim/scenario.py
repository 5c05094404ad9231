"""What a scenario file says: which devices stand there, what the library has, who comes, what happens when.

TOML, `schema_version` 1. A key that is not known is an error, and all errors are told at once, each with its
file and key. Bundled scenarios lie beside this file, in `scenarios/`, and are known by their name alone.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from hw_sim import odense
from hw_sim.chipcards import KINDS as CARD_KINDS
from hw_sim.ils.stock import Item as LibraryItem
from hw_sim.ils.stock import Patron as LibraryPatron
from hw_sim.world import DEFAULT_START

SCHEMA_VERSION = 1

KINDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "pad": (("feig", "bibliotheca"), "pty"),
    "scanner": (("barcode",), "pty"),
    "printer": (("escpos",), "tcp"),
    "card": (("pn532",), "pty"),
    "speaker": (("ssip",), "tcp"),
    "keys": (("keypad",), "pty"),
    "belt": (("plc",), "pty"),
    "tunnel": (("feig",), "pty"),
    "gate": (("feig",), "pty"),
    "inlet_printer": (("escpos",), "tcp"),
    "terminal": (("zvt",), "tcp"),
}
"""Role -> the kinds of device there are for it, first the usual one, and the wire unless another is given."""

LIBRARY_KINDS = ("sip2", "fbs")
"""What a library system speaks: SIP2 over TCP, or FBS's dialect over HTTPS."""

WIRES = ("pty", "tcp", "rfc2217")
PACES = ("none", "real")
FORMATS = ("28560-3", "28560-2", "foreign", "blank")
CHIPS: Mapping[str, int] = {"SLIX": 28, "SLI": 28, "SLIX2": 80, "SLIX-L": 8}
"""Chip -> blocks of 4 bytes. SLIX-L holds the truncated data of 32 bytes only."""


class ScenarioError(ValueError):
    """Everything that is wrong with a scenario file, one `file: key: why` a line."""


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """One device: `kind`, the wire, and whether it takes its real time."""

    kind: str = ""
    wire: str = ""
    pace: Literal["none", "real"] = "none"
    baud: int | None = None
    """Speed of the serial line when the pace is real; a bibliotheca reader has just one."""
    profile: str = "TM-T88V"
    """Printer model."""
    suffix: str = "\r"
    """What ends a line of the barcode reader."""
    by_hand: bool = False
    """Terminal: nothing is paid until a person does something at it; else a card pays by itself."""


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """What the world must know of an item: the tags glued to it. The rest is the library's."""

    id: str = ""
    title: str = ""
    author: str = ""
    cover: str = ""
    """Colour of its cover on the desk, such as #8FB8A3."""
    parts: int = 1
    owner: str = "DK746100"
    format: str = "28560-3"
    chip: str = "SLIX"
    usage: int = 1
    reversed: bool = False
    bad_crc: bool = False
    title_block: bool = False
    """The title stands in an extension block of the tag."""
    raw: str = ""
    """Memory in hex, for 28560-2 and foreign tags."""
    afi: int = 0x07
    dsfid: int | None = None
    afi_locked: bool = False
    afi_password: bool = False
    readable: bool = True
    """False: behind metal; it answers an inventory and nothing else."""
    duplicate_part: int = 0
    """A second tag claims to be this part."""


@dataclass(frozen=True, slots=True)
class CardSpec:
    """A card with a chip, for the card reader."""

    name: str = ""
    uid: str = ""
    """In hex, as it is sent on the air."""
    kind: str = "ntag213"
    text: str = ""
    """What its NDEF text record says."""
    holder: str = ""
    """Number of the card that the library gave this borrower."""
    random_uid: bool = False
    """A phone or a passport: another UID at each look."""
    short_ats: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens by itself: `at` seconds after the start, a verb of the control protocol."""

    at: float
    do: str
    args: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file, checked. `data` is the file as it was read, for the library system's own tables."""

    name: str
    seed: int
    today: datetime
    devices: Mapping[str, DeviceSpec]
    items: tuple[ItemSpec, ...]
    steps: tuple[Step, ...]
    data: Mapping[str, Any]
    about: str = ""
    cards: tuple[CardSpec, ...] = ()
    plant: Mapping[str, Any] = field(default_factory=dict)
    """How the sorting plant is built, where devices `belt`, `tunnel` or `gate` stand there."""
    library_kind: str = "sip2"
    """`kind` of `[library]`, which its own tables in `data` then lack."""

    @property
    def has_library(self) -> bool:
        return "library" in self.data

    @property
    def mail(self) -> Mapping[str, str] | None:
        """Login of the mail server; None where none stands there."""
        return self.data.get("mail")

    @property
    def patrons(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.data.get("patrons", ()))


def bundled() -> dict[str, str]:
    """Name -> one line about it, of every scenario that comes with the simulator."""
    found = {}
    for file in sorted(files("hw_sim").joinpath("scenarios").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            found[file.name.removesuffix(".toml")] = str(
                tomllib.loads(file.read_text("utf-8")).get("about", "")
            )
    return found


def load(name: str | Path) -> Scenario:
    """Read a scenario by file, or a bundled one by name. Raises ScenarioError."""
    path = Path(name)
    ours = files("hw_sim").joinpath("scenarios", f"{name}.toml")
    if path.suffix != ".toml" and path.name == str(name) and ours.is_file():
        return parse(ours.read_text("utf-8"), f"{name}.toml")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(
            f"{name}: cannot be read ({error}); bundled are: {', '.join(bundled())}"
        ) from None
    return parse(text, path.name)


def parse(text: str, file: str = "scenario") -> Scenario:
    """Check the text of a scenario file. Raises ScenarioError with all that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{file}: {error}") from None
    check = _Check(file)
    known = {
        "schema_version",
        "name",
        "about",
        "seed",
        "today",
        "devices",
        "library",
        "mail",
        "items",
        "patrons",
        "cards",
        "plant",
        "generate",
        "steps",
    }
    check.keys("", data, known)
    data = _generated(data, check)
    if data.get("schema_version") != SCHEMA_VERSION:
        check.wrong("schema_version", f"must be {SCHEMA_VERSION}")
    library = dict(check.value(data, "library", dict, {}))
    kind = library.pop("kind", LIBRARY_KINDS[0])
    check.one_of("library.kind", kind, LIBRARY_KINDS)
    check.keys("mail.", check.value(data, "mail", dict, {}), {"user", "password"})
    scenario = Scenario(
        name=check.value(data, "name", str, ""),
        about=check.value(data, "about", str, ""),
        seed=check.value(data, "seed", int, 1),
        today=_today(data.get("today"), check),
        devices=_devices(check.value(data, "devices", dict, {}), check),
        items=_items(check.rows(data, "items"), check),
        cards=_cards(check.rows(data, "cards"), check),
        plant=check.value(data, "plant", dict, {}),
        steps=_steps(check.rows(data, "steps"), check),
        data={**data, "library": library} if "library" in data else data,
        library_kind=kind,
    )
    patron_keys = {f.name for f in fields(LibraryPatron)} | {"fees"}
    for n, row in enumerate(check.rows(data, "patrons")):
        check.keys(f"patrons[{n}].", row, patron_keys)
    check.done()
    return scenario


class _Check:
    """Collects what is wrong, so that all of it is told at once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._wrong: list[str] = []

    def wrong(self, key: str, why: str) -> None:
        self._wrong.append(f"{self._file}: {key}: {why}")

    def keys(self, at: str, table: Mapping[str, Any], known: set[str]) -> None:
        for key in table:
            if key not in known:
                self.wrong(at + key, f"is not known; there are: {', '.join(sorted(known))}")

    def value(self, table: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
        value = table.get(key, default)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.wrong(key, f"must be {kind.__name__}, not {value!r}")
            return default
        return value

    def rows(self, table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        rows = table.get(key, [])
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            return rows
        self.wrong(key, f"must be tables, [[{key}]]")
        return []

    def fill(self, at: str, made: Callable[..., Any], row: Mapping[str, Any]) -> Any:
        """A dataclass from a table, each value of the type its default has."""
        given = {}
        for f in fields(made):  # type: ignore[arg-type]  # a dataclass type
            if f.name not in row:
                continue
            value = row[f.name]
            wanted = int if f.default is None else type(f.default)
            if type(value) is wanted:
                given[f.name] = value
            else:
                self.wrong(at + f.name, f"must be {wanted.__name__}, not {value!r}")
        return made(**given)

    def one_of(self, at: str, value: str, known: Iterable[str]) -> None:
        if value not in known:
            self.wrong(at, f"must be one of {', '.join(known)}, not {value!r}")

    def done(self) -> None:
        if self._wrong:
            raise ScenarioError("\n".join(self._wrong))


def _generated(data: dict[str, Any], check: _Check) -> dict[str, Any]:
    """`[generate]` adds so many items that come back, and those who borrowed them, by the scenario's seed."""
    table = check.value(data, "generate", dict, {})
    check.keys("generate.", table, {"items"})
    count, seed = check.value(table, "items", int, 0), check.value(data, "seed", int, 1)
    if not count:
        return data
    day = _today(data.get("today"), check).date()
    return {
        **data,
        "items": [*check.rows(data, "items"), *odense.handed_in(count, seed, day)],
        "patrons": [*check.rows(data, "patrons"), *odense.patrons(seed)],
    }


def _today(value: object, check: _Check) -> datetime:
    if value is None:
        return DEFAULT_START
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            check.wrong("today", f"is no date and time: {value!r}")
            return DEFAULT_START
    if not isinstance(value, datetime) or value.tzinfo is None:
        check.wrong(
            "today", "needs a date, a time and an offset, such as 2026-11-03T10:42:00+01:00"
        )
        return DEFAULT_START
    return value


def _devices(table: Mapping[str, Any], check: _Check) -> dict[str, DeviceSpec]:
    known = {f.name for f in fields(DeviceSpec)}
    devices: dict[str, DeviceSpec] = {}
    for role, row in table.items():
        at = f"devices.{role}."
        if role not in KINDS or not isinstance(row, dict):
            check.wrong(f"devices.{role}", f"roles are {', '.join(KINDS)}")
            continue
        check.keys(at, row, known)
        kinds, wire = KINDS[role]
        spec: DeviceSpec = check.fill(at, DeviceSpec, {"kind": kinds[0], "wire": wire, **row})
        check.one_of(at + "kind", spec.kind, kinds)
        check.one_of(at + "wire", spec.wire, WIRES)
        check.one_of(at + "pace", spec.pace, PACES)
        devices[role] = spec
    return devices


def _items(rows: list[dict[str, Any]], check: _Check) -> tuple[ItemSpec, ...]:
    known = {f.name for f in fields(ItemSpec)} | {f.name for f in fields(LibraryItem)}
    known |= {"reserved", "reserved_for", "pickup", "shelf", "hold_until", "any_copy"}
    known |= {"lent_to", "due"}
    items: list[ItemSpec] = []
    for n, row in enumerate(rows):
        at = f"items[{n}]."
        check.keys(at, row, known)
        item: ItemSpec = check.fill(at, ItemSpec, row)
        if not item.id:
            check.wrong(at + "id", "is missing")
        elif item.id in {other.id for other in items}:
            check.wrong(at + "id", f"{item.id!r} stands twice")
        check.one_of(at + "format", item.format, FORMATS)
        check.one_of(at + "chip", item.chip, CHIPS)
        if not 1 <= item.parts <= 255:
            check.wrong(at + "parts", "must be 1 to 255")
        if not 0 <= item.duplicate_part <= item.parts:
            check.wrong(at + "duplicate_part", f"must be 0 to {item.parts}")
        for key in ("afi", "dsfid"):
            if not 0 <= (getattr(item, key) or 0) <= 0xFF:
                check.wrong(at + key, "must be 0 to 255")
        _raw(item, at, check)
        items.append(item)
    return tuple(items)


def _raw(item: ItemSpec, at: str, check: _Check) -> None:
    if bool(item.raw) != (item.format in {"28560-2", "foreign"}):
        check.wrong(at + "raw", "goes with format 28560-2 and foreign, and only with them")
    try:
        memory = bytes.fromhex(item.raw)
    except ValueError:
        check.wrong(at + "raw", "must be hex")
    else:
        if len(memory) > CHIPS.get(item.chip, 0) * 4:
            check.wrong(at + "raw", f"does not fit into {item.chip}")


def _cards(rows: list[dict[str, Any]], check: _Check) -> tuple[CardSpec, ...]:
    known = {f.name for f in fields(CardSpec)}
    cards: list[CardSpec] = []
    for n, row in enumerate(rows):
        at = f"cards[{n}]."
        check.keys(at, row, known)
        card: CardSpec = check.fill(at, CardSpec, row)
        if not card.name:
            check.wrong(at + "name", "is missing")
        elif card.name in {other.name for other in cards}:
            check.wrong(at + "name", f"{card.name!r} stands twice")
        check.one_of(at + "kind", card.kind, CARD_KINDS)
        if not re.fullmatch(r"([0-9a-fA-F]{2}){4}|([0-9a-fA-F]{2}){7}", card.uid):
            check.wrong(at + "uid", "must be 4 or 7 bytes in hex")
        if card.random_uid and card.kind != "iso-dep":
            check.wrong(at + "random_uid", "goes with kind iso-dep")
        cards.append(card)
    return tuple(cards)


def _steps(rows: list[dict[str, Any]], check: _Check) -> tuple[Step, ...]:
    steps: list[Step] = []
    for n, row in enumerate(rows):
        at, do = row.get("at"), row.get("do")
        if not isinstance(at, int | float) or isinstance(at, bool) or at < 0:
            check.wrong(f"steps[{n}].at", "must be seconds after the start, 0 or more")
        elif not isinstance(do, str):
            check.wrong(f"steps[{n}].do", "must be a verb of the control protocol")
        else:
            args = {key: value for key, value in row.items() if key not in {"at", "do"}}
            steps.append(Step(float(at), do, args))
    return tuple(sorted(steps, key=lambda step: step.at))
