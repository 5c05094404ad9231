"""`ims ils`: one library system on one line, for technicians and scripts. Names are shown, never logged."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError

from config.station import Library
from config.wrong import words
from drivers.errors import Code, LocalProtocolError
from drivers.fbs.dialect import FBS
from drivers.library.verbs import Verbs
from drivers.ports import Answer, Outcome, Patron, Secret
from drivers.registry import driver_class
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.sip2.dialect import DIALECTS
from ui.outcome import Exit, Fault, bad_input, finish, run, said, wanted_address

app = typer.Typer(help="Speak to the library system.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
PinFile = Annotated[
    Path | None, typer.Option("--pin-file", help="file whose first line is the borrower's PIN")
]
PatronId = Annotated[str, typer.Option("--patron", help="card number")]
ItemId = Annotated[str, typer.Option("--item", help="item number")]

_BROKEN = {Code.WIRE_GARBLED, Code.WIRE_UNEXPECTED, Code.LIBRARY_OTHER_ITEM}
_HIDDEN = {"card", "pin", "later"}


@app.callback()
def ils(
    ctx: typer.Context,
    url: Annotated[str, typer.Option(help="sip2://HOST:PORT, or https://HOST for FBS")] = "",
    institution: Annotated[str, typer.Option(help="AO, such as DK-746100")] = "",
    user: Annotated[str, typer.Option(help="login user; none means no login")] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="file whose first line is the login password")
    ] = None,
    location: Annotated[str, typer.Option(help="CP at login, AP at return")] = "",
    tls: Annotated[bool, typer.Option("--tls", help="speak TLS")] = False,
    ca_file: Annotated[str, typer.Option(help="certificate authority to trust")] = "",
    dialect: Annotated[str, typer.Option(help="ways of the library system")] = "standard",
    time_zone: Annotated[str, typer.Option(help="where local time is")] = "Europe/Copenhagen",
    answer_s: Annotated[float, typer.Option(help="deadline of a call, seconds")] = 8.0,
) -> None:
    """Speak to the library system."""
    ctx.obj = {
        "library": {
            "url": url,
            "institution": institution,
            "user": user,
            "location": location,
            "tls": tls,
            "ca_file": ca_file,
            "dialect": dialect,
            "answer_s": answer_s,
        },
        "password_file": password_file,
        "time_zone": time_zone,
    }


@app.command()
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Say whether it answers, and what it can do."""
    _ask(ctx, lambda library: library.status(), as_json=as_json)


@app.command()
def patron(
    ctx: typer.Context,
    card: Annotated[str, typer.Argument(metavar="ID", help="card number")],
    pin_file: PinFile = None,
    as_json: Json = False,
) -> None:
    """Who this is, and what the account holds."""

    async def ask(library: Verbs) -> tuple[Answer, Mapping[str, Any]]:
        who = await library.sign_in(Secret(card), _secret(pin_file, "--pin-file"))
        if who.patron is None:
            return who, _plain(who)
        account = await library.account(who.patron)
        return account, {**_plain(who), **_plain(account)}

    _show(ctx, ask, as_json=as_json)


@app.command()
def item(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ID", help="item number")],
    as_json: Json = False,
) -> None:
    """What an item is, and where."""
    _ask(ctx, lambda library: library.item(number), as_json=as_json)


@app.command()
def borrow(
    ctx: typer.Context,
    card: PatronId,
    number: ItemId,
    pin_file: PinFile = None,
    fee_ok: Annotated[bool, typer.Option("--fee-ok", help="the borrower agrees to a fee")] = False,
    as_json: Json = False,
) -> None:
    """Lend an item. After an unknown outcome ask for the item before doing it again."""

    def ask(library: Verbs) -> Awaitable[Answer]:
        who = Patron(Secret(card), _secret(pin_file, "--pin-file"))
        return library.borrow(who, number, occurred=SystemClock().now(), fee_ok=fee_ok)

    _ask(ctx, ask, as_json=as_json)


@app.command(name="return")
def give_back(ctx: typer.Context, number: ItemId, as_json: Json = False) -> None:
    """Take an item back."""
    _ask(
        ctx,
        lambda library: library.give_back(number, occurred=SystemClock().now()),
        as_json=as_json,
    )


@app.command()
def renew(
    ctx: typer.Context,
    card: PatronId,
    number: ItemId,
    pin_file: PinFile = None,
    as_json: Json = False,
) -> None:
    """Renew a loan. After an unknown outcome ask for the item before doing it again."""

    def ask(library: Verbs) -> Awaitable[Answer]:
        who = Patron(Secret(card), _secret(pin_file, "--pin-file"))
        return library.renew(who, number, occurred=SystemClock().now())

    _ask(ctx, ask, as_json=as_json)


# --- one call -----------------------------------------------------------------------------------------


def _ask(ctx: typer.Context, ask: Callable[[Verbs], Awaitable[Answer]], *, as_json: bool) -> None:
    async def whole(library: Verbs) -> tuple[Answer, Mapping[str, Any]]:
        answer = await ask(library)
        return answer, _plain(answer)

    _show(ctx, whole, as_json=as_json)


def _show(
    ctx: typer.Context,
    ask: Callable[[Verbs], Awaitable[tuple[Answer, Mapping[str, Any]]]],
    *,
    as_json: bool,
) -> None:
    def verb() -> None:
        wanted_address(ctx.obj["library"]["url"], "sip2://HOST:PORT, or https://HOST for FBS")
        _wanted_institution(ctx.obj["library"]["institution"])
        settings = _settings(ctx.obj["library"])
        password = _secret(ctx.obj["password_file"], "--password-file")
        zone = _zone(ctx.obj["time_zone"])

        async def call() -> tuple[Answer, Mapping[str, Any]]:
            library = _library(settings, password, zone)
            try:
                return await ask(library)
            finally:
                await library.close()

        answer, result = asyncio.run(call())
        exit_code = _exit(answer)
        if exit_code not in {Exit.DONE, Exit.REFUSED} or answer.code:
            raise Fault(
                exit_code,
                code=answer.code or answer.outcome.value,
                what=f"{answer.outcome.value}: {said(f'error.{answer.code}.what')}",
                where=settings.url,
                do=said(f"error.{answer.code}.do"),
            )
        finish(result, _in_words(result), as_json=as_json, exit_code=exit_code)

    run(verb, as_json=as_json)


def _wanted_institution(institution: str) -> None:
    if not institution:
        raise bad_input(
            "no institution was given.",
            where="--institution",
            do="Give --institution before the verb, such as DK-746100.",
        )


def _library(settings: Library, password: Secret, zone: ZoneInfo) -> Verbs:
    try:
        library: Verbs = driver_class("library", settings.driver).from_config(
            settings, password=password, clock=SystemClock(), rng=SystemRng(), zone=zone
        )
    except LocalProtocolError as error:
        field = "url" if error.code is Code.PORT_BAD_URL else error.detail.partition(":")[0]
        raise bad_input(
            said(f"error.{error.code}.what"),
            where=f"--{field.replace('_', '-')}",
            do="See `ims ils --help`.",
        ) from None
    return library


def _exit(answer: Answer) -> Exit:
    if answer.code in _BROKEN:
        return Exit.USAGE if answer.outcome is Outcome.REFUSED else Exit.BROKEN
    if answer.code == Code.LIBRARY_LOGIN:
        return Exit.REFUSED
    if answer.code == Code.LIBRARY_ENCODING:
        return Exit.USAGE
    if answer.done:
        return Exit.DONE
    return Exit.REFUSED if answer.outcome is Outcome.REFUSED else Exit.UNREACHABLE


def _settings(given: Mapping[str, Any]) -> Library:
    dialects = (*DIALECTS, FBS.name)
    if given["dialect"] not in dialects:
        raise bad_input(
            "There is no such dialect.", where="--dialect", do=f"Give one of {', '.join(dialects)}."
        )
    driver = "fbs" if given["dialect"] == FBS.name else "sip2"
    if driver == "sip2" and str(given["url"]).startswith("https://"):
        raise bad_input(
            f"The dialect {given['dialect']} speaks SIP2 over TCP; https is spoken by FBS.",
            where="--url",
            do=f"Give --dialect {FBS.name} too, or --url sip2://HOST:PORT.",
        )
    try:
        return Library.model_validate({**given, "driver": driver})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise bad_input(
            f"It {words(first)}.", where=f"--{name}", do="See `ims ils --help`."
        ) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError):
        raise bad_input(
            "There is no such time zone.", where="--time-zone", do="Give it as Europe/Copenhagen."
        ) from None


def _secret(path: Path | None, where: str) -> Secret:
    if path is None:
        return Secret("")
    try:
        return Secret(path.read_text(encoding="utf-8").partition("\n")[0].strip())
    except (OSError, UnicodeDecodeError) as error:
        raise bad_input(
            f"The file cannot be read ({type(error).__name__}).",
            where=where,
            do="Give a text file that this user may read.",
        ) from None


# --- how it is shown ----------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """JSON types of an answer. Card and PIN stay out: who asked knows them."""
    match value:
        case Secret():
            return value.reveal()
        case Enum():
            return value.value
        case date() | datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case frozenset():
            return sorted(_plain(each) for each in value)
        case tuple():
            return [_plain(each) for each in value]
        case _:
            pass
    if is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.name not in _HIDDEN
        }
    return value


def _in_words(result: Mapping[str, Any]) -> str:
    head = str(result["outcome"])
    if reason := result["reason"]:
        words = said(f"reason.{reason}")
        head += f": {reason}" + (f" ({words})" if words != f"reason.{reason}" else "")
    return "\n".join([head, *_lines(result, skip={"outcome", "reason", "code"})])


def _lines(
    result: Mapping[str, Any], indent: str = "  ", skip: frozenset[str] | set[str] = frozenset()
) -> list[str]:
    lines: list[str] = []
    for name, value in result.items():
        if name in skip or value in ("", None, [], {}):
            continue
        label = name.replace("_", " ")
        if isinstance(value, dict):
            lines += [f"{indent}{label}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list) and value and isinstance(value[0], (dict, list)):
            lines.append(f"{indent}{label}:")
            for each in value:
                cells = each.values() if isinstance(each, dict) else each
                lines.append(f"{indent}  " + "  ".join(str(cell) for cell in cells if cell))
        elif isinstance(value, list):
            lines.append(f"{indent}{label}: {', '.join(map(str, value))}")
        else:
            lines.append(f"{indent}{label}: {_yes(value)}")
    return lines


def _yes(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
