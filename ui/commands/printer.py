"""`ims printer`: one receipt printer on one wire, for technicians and scripts."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

from config.device import Device
from config.texts import Catalogue
from config.wrong import words
from drivers.errors import Code
from drivers.escpos.compose import Head, compose, lines_of, needs_raster
from drivers.escpos.driver import EscposPrinter
from drivers.ports import Paper, PrinterState, PrintOutcome, Rasteriser
from drivers.registry import UnknownDriver, driver_class
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.service.receipt import Receipt, ReceiptLine, Section, paper
from drivers.service.receipt_samples import AT, SAMPLES, letters_page
from drivers.transport import open_transport
from ui.outcome import Exit, Fault, bad_input, finish, run, said, wanted_address

T = TypeVar("T")

app = typer.Typer(help="Speak to a receipt printer.", no_args_is_help=True, add_completion=False)

Flow = Literal["none", "rtscts", "xonxoff"]
Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
Dots = Annotated[
    bool | None, typer.Option("--raster/--text", help="dots, or letters; by what it says otherwise")
]

_STATES = {
    PrinterState.PAPER_END: Code.PRINTER_PAPER_END,
    PrinterState.COVER_OPEN: Code.PRINTER_COVER_OPEN,
    PrinterState.CUTTER: Code.PRINTER_CUTTER,
    PrinterState.ERROR: Code.PRINTER_ERROR,
    PrinterState.HOT: Code.PRINTER_ERROR,
    PrinterState.MUTE: Code.PRINTER_MUTE,
    PrinterState.GONE: Code.PORT_GONE,
}
_OUTCOMES = {
    PrintOutcome.PAPER_END: Code.PRINTER_PAPER_END,
    PrintOutcome.COVER_OPEN: Code.PRINTER_COVER_OPEN,
    PrintOutcome.ERROR: Code.PRINTER_ERROR,
    PrintOutcome.MUTE: Code.PRINTER_MUTE,
    PrintOutcome.GONE: Code.PORT_GONE,
    PrintOutcome.UNFINISHED: Code.PRINTER_UNFINISHED,
}
_SILENT = {Code.PRINTER_MUTE, Code.PORT_GONE}


@app.callback()
def printer(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Option(help="device path, socket://HOST:PORT or rfc2217://HOST:PORT")
    ] = "",
    driver: Annotated[str, typer.Option(help="driver name")] = "escpos",
    baud: Annotated[int | None, typer.Option(help="serial speed; 9600 by default")] = None,
    flow: Annotated[Flow | None, typer.Option(help="how the printer says that it is busy")] = None,
    profile: Annotated[str, typer.Option(help="printer profile, such as TM-T88V")] = "",
    width: Annotated[int, typer.Option(min=200, max=832, help="dots of the head")] = 576,
    columns: Annotated[
        int | None, typer.Option(min=16, max=64, help="letters a line; what the width holds")
    ] = None,
) -> None:
    """Speak to a receipt printer."""
    device = Device.model_construct(
        driver=driver, url=url, baud=baud, flow=flow, profile=profile, width_dots=width
    )
    head = Head.of(device)
    ctx.obj = {
        "device": device,
        "head": head if columns is None else replace(head, columns=columns),
    }


@app.command()
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Say who answers, how it is, and every sensor."""

    async def ask(one: EscposPrinter) -> dict[str, Any]:
        return {
            "state": one.state().value,
            **asdict(one.info),
            "automatic_status": one.automatic,
            "sensors": asdict(one.sensors),
        }

    def verb() -> None:
        found = _with_printer(ctx, ask)
        code = _STATES.get(PrinterState(found["state"]))
        if code is not None:
            raise _fault(code, ctx.obj["device"].url)
        name = " ".join(filter(None, (found["maker"], found["model"]))) or "A printer"
        finish(found, f"{name} is {found['state'].replace('_', ' ')}.", as_json=as_json)

    run(verb, as_json=as_json)


@app.command(name="test")
def print_test_page(ctx: typer.Context, dots: Dots = None, as_json: Json = False) -> None:
    """Print the page that shows whether all letters come out right."""

    def verb() -> None:
        at = SystemClock().now().astimezone(AT.tzinfo)
        _print(ctx, letters_page(at, "ims", "printer test"), dots, as_json)

    run(verb, as_json=as_json)


@app.command(name="receipt")
def receipt(
    ctx: typer.Context,
    sample: Annotated[
        str, typer.Argument(metavar="SAMPLE", help=f"{', '.join(SAMPLES)}, or a JSON file")
    ],
    dots: Dots = None,
    as_json: Json = False,
) -> None:
    """Print one receipt: a sample by name, or the model in a JSON file."""

    def verb() -> None:
        _print(ctx, SAMPLES[sample] if sample in SAMPLES else _read(Path(sample)), dots, as_json)

    run(verb, as_json=as_json)


def _print(ctx: typer.Context, what: Receipt, dots: bool | None, as_json: bool) -> None:
    head: Head = ctx.obj["head"]
    strip = paper(what, Catalogue.load())
    raster = needs_raster(strip) if dots is None else dots
    if not raster and needs_raster(strip):
        raise bad_input(
            "The printer's letters cannot show this receipt.", where="--text", do="Use --raster."
        )
    job = compose("ims-printer", strip, head, _rasteriser() if raster else None, raster=raster)

    async def ask(one: EscposPrinter) -> tuple[PrintOutcome, PrinterState]:
        return await one.print(job), one.state()

    outcome, state = _with_printer(ctx, ask)
    code = _OUTCOMES.get(outcome)
    if code is not None:
        jammed = code is Code.PRINTER_ERROR and state is PrinterState.CUTTER
        raise _fault(Code.PRINTER_CUTTER if jammed else code, ctx.obj["device"].url)
    sent = sum(map(len, job.pieces))
    form = "dots" if raster else "letters"
    result = {
        "outcome": outcome.value,
        "form": form,
        "bytes": sent,
        "lines": _shown(strip, head),
    }
    near = ", and the roll is near its end" if outcome is PrintOutcome.PRINTED_NEAR_END else ""
    finish(result, f"Printed in {form}, {sent} bytes{near}.", as_json=as_json)


def _shown(strip: Paper, head: Head) -> list[str]:
    return lines_of(strip, head.columns)


def _rasteriser() -> Rasteriser:
    from ui.rasteriser import QtRasteriser

    return QtRasteriser()


def _fault(code: Code, where: str) -> Fault:
    return Fault(
        Exit.UNREACHABLE if code in _SILENT else Exit.REFUSED,
        code=code.value,
        what=said(f"error.{code.value}.what"),
        where=where,
        do=said(f"error.{code.value}.do"),
    )


def _read(path: Path) -> Receipt:
    """The model in a JSON file. Raises Fault naming what is wrong."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise bad_input(
            f"No sample and no readable file ({type(error).__name__}).",
            where=str(path),
            do=f"Give one of {', '.join(SAMPLES)}, or a JSON file.",
        ) from None
    except ValueError as error:
        raise bad_input(f"No JSON: {error}.", where=str(path), do="Mend the file.") from None
    try:
        _no_others(data, Receipt)
        for section in data.get("sections", []):
            _no_others(section, Section)
            for line in section.get("lines", []):
                _no_others(line, ReceiptLine)
        return TypeAdapter(Receipt).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "receipt"
        raise bad_input(f"{key} {words(first)}.", where=str(path), do="Mend the file.") from None
    except (ValueError, AttributeError, TypeError) as error:
        raise bad_input(f"{error}.", where=str(path), do="Mend the file.") from None


def _no_others(data: dict[str, Any], kind: type[Receipt | Section | ReceiptLine]) -> None:
    unknown = sorted(set(data) - set(kind.__dataclass_fields__))
    if unknown:
        raise ValueError(f"unknown keys {', '.join(unknown)}")


def _with_printer(ctx: typer.Context, ask: Callable[[EscposPrinter], Awaitable[T]]) -> T:
    """Open the printer, ask, close it. Raises DeviceError or Fault."""
    device: Device = ctx.obj["device"]
    wanted_address(device.url, "a device path, socket://HOST:PORT or rfc2217://HOST:PORT")
    try:
        kind = driver_class("printer", device.driver)
    except UnknownDriver as error:
        raise bad_input(f"{error}.", where="--driver", do="Give one of these names.") from None

    async def session() -> T:
        wire = open_transport(device.url, device="printer", baud=device.baud, flow=device.flow)
        one: EscposPrinter = kind.from_config(device, wire, SystemClock(), SystemRng())
        try:
            await one.open()
            return await ask(one)
        finally:
            await one.close()

    return asyncio.run(session())
