"""`ims config`: check a station file, say where a value comes from, print the schema."""

import json
from pathlib import Path
from typing import Annotated

import typer

from config.called import lacking
from config.load import ConfigInvalid, load
from config.station import Station
from drivers.errors import Code
from drivers.registry import UnknownDriver, driver_class
from ui.outcome import Exit, Fault, bad_input, finish, run

app = typer.Typer(
    help="Check, explain and describe configuration.", no_args_is_help=True, add_completion=False
)

Json = Annotated[bool, typer.Option("--json", help="one JSON object")]


@app.command()
def check(file: str, as_json: Json = False) -> None:
    """Say everything that is wrong with a station file, or that nothing is."""

    def verb() -> None:
        try:
            loaded = load(Path(file))
        except ConfigInvalid as error:
            problems = [
                {
                    "file": problem.place.file,
                    "line": problem.place.line,
                    "column": problem.place.column,
                    "key": problem.key,
                    "what": problem.what,
                }
                for problem in error.problems
            ]
            if as_json:
                fault = {
                    "code": Code.CONFIG_INVALID.value,
                    "what": f"{len(problems)} problems",
                    "where": file,
                    "do": "Correct the lines named.",
                }
                finish(
                    {"error": fault, "problems": problems}, "", as_json=True, exit_code=Exit.USAGE
                )
            finish({}, str(error), as_json=False, exit_code=Exit.USAGE)
        station = loaded.station
        drivers = [("library", station.library.driver)]
        for role in ("pad", "scanner", "printer"):
            table = getattr(station.devices, role)
            if table is not None:
                drivers.append((role, table.driver))
        for role, name in drivers:
            try:
                driver_class(role, name)
            except UnknownDriver as error:
                place = loaded.places.get(("devices", role, "driver"), file)
                raise bad_input(
                    f"{error}.",
                    where=str(place),
                    do="Name one of these.",
                    code=Code.CONFIG_INVALID.value,
                ) from None
        words = f"{file}: {station.station.kind.value} {station.station.id}, nothing wrong"
        lacks = {key: list(languages) for key, languages in lacking(station)}
        for key, languages in lacks.items():
            words += f"\n{key}: said in Danish in {', '.join(languages)}; write it by language"
        result = {"ok": True, "station": station.station.id, "lacking": lacks}
        finish(result, words, as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def explain(
    key: str,
    station: Annotated[
        str, typer.Option(metavar="FILE", help="the station file; without it the defaults alone")
    ] = "",
    as_json: Json = False,
) -> None:
    """Say what a key such as library.url is for, what it is here, and which file and line says so."""

    def verb() -> None:
        about = _about(key)
        if about is None:
            raise bad_input(
                "there is no such key.",
                where=key,
                do="`ims config schema` lists all keys.",
                code=Code.CONFIG_INVALID.value,
            )
        if not station:
            finish({"key": key, "about": about}, f"{key}: {about}", as_json=as_json)
        try:
            value, place = load(Path(station)).explain(key)
        except ConfigInvalid as error:
            raise Fault(
                Exit.USAGE,
                code=Code.CONFIG_INVALID.value,
                what=f"{len(error.problems)} problems.",
                where=station,
                do=f"See `ims config check {station}`.",
            ) from None
        shown = value.model_dump(mode="json") if hasattr(value, "model_dump") else value
        said_at = str(place) if place is not None else "default"
        words = (
            f"{key} = {json.dumps(shown, ensure_ascii=False, default=str)}  ({said_at})\n{about}"
        )
        result = {"key": key, "value": shown, "place": said_at, "about": about}
        finish(json.loads(json.dumps(result, default=str)), words, as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def schema(as_json: Json = False) -> None:
    """Print the JSON Schema of a station file."""

    def verb() -> None:
        found = Station.model_json_schema()
        finish(found, json.dumps(found, indent=2, ensure_ascii=False), as_json=as_json)

    run(verb, as_json=as_json)


def _about(dotted: str) -> str | None:
    """Type, default and meaning of a key, from the models."""
    model: type[object] = Station
    about = ""
    for name in dotted.split("."):
        fields = getattr(model, "model_fields", {})
        if name not in fields:
            return None
        field = fields[name]
        kind = field.annotation
        inner = [arg for arg in getattr(kind, "__args__", ()) if hasattr(arg, "model_fields")]
        model = inner[0] if inner else (kind if hasattr(kind, "model_fields") else object)
        default = "" if field.is_required() else f", default {field.default!r}"
        about = f"{getattr(kind, '__name__', kind)}{default}. {field.description or ''}".strip()
    return about
