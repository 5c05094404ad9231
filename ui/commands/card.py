"""`ims card`: one reader of cards with a chip, for technicians and scripts."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from config.station import CardDevice
from drivers.errors import DeviceError, DeviceUnavailable
from drivers.ports import CardReader, CardReaderInfo, NearCard, Secret
from drivers.registry import UnknownDriver, driver_class
from drivers.runtime.clock import SystemClock, SystemRng
from ui.outcome import bad_input, finish, run, wanted_address

T = TypeVar("T")

BAD_POLLS = 3
"""Looks that may fail in a row."""

app = typer.Typer(help="Speak to a card reader.", no_args_is_help=True, add_completion=False)

Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]


@app.callback()
def card(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Option(help="device path, usb, usb:VENDOR:PRODUCT or usb:BUS:DEVICE")
    ] = "",
    driver: Annotated[str, typer.Option(help="driver name")] = "nfc",
) -> None:
    """Speak to a card reader."""
    ctx.obj = {"url": url, "driver": driver}


@app.command()
def identify(ctx: typer.Context, as_json: Json = False) -> None:
    """Say who answers."""

    async def ask(_reader: CardReader, who: CardReaderInfo) -> CardReaderInfo:
        return who

    def verb() -> None:
        who = _with_reader(ctx, ask)
        finish(
            {"model": who.model, "chip": who.chip}, f"{who.model}, chip {who.chip}", as_json=as_json
        )

    run(verb, as_json=as_json)


@app.command()
def watch(
    ctx: typer.Context,
    count: Annotated[int, typer.Option(min=0, help="stop after so many lines; 0 never")] = 0,
    every: Annotated[float, typer.Option(min=0.05, max=10, help="seconds between looks")] = 0.2,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="show numbers and contents whole: somebody's data")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a line for each change of what lies on the reader, until Ctrl-C."""

    async def ask(reader: CardReader, _who: CardReaderInfo) -> None:
        before: tuple[NearCard, ...] = ()
        lines = bad = 0
        while True:
            try:
                cards = await reader.poll()
            except DeviceUnavailable:
                raise
            except DeviceError:
                bad += 1
                if bad >= BAD_POLLS:
                    raise
            else:
                bad = 0
                if _changed(before, cards):
                    before = cards
                    _line([_as_dict(c, whole=reveal) for c in cards], as_json)
                    lines += 1
                    if lines == count:
                        return
            await asyncio.sleep(every)

    def verb() -> None:
        _with_reader(ctx, ask)

    run(verb, as_json=as_json)


def _changed(before: tuple[NearCard, ...], now: tuple[NearCard, ...]) -> bool:
    """A phone has another number at each look, which is no change; and an unread card is waited for."""
    if any(card.unread for card in now):
        return False
    known = [(c.kind, "" if c.random else c.uid.reveal(), c.contents) for c in before]
    return known != [(c.kind, "" if c.random else c.uid.reveal(), c.contents) for c in now]


def _as_dict(card: NearCard, *, whole: bool) -> dict[str, Any]:
    def said(text: Secret) -> str:
        return text.reveal() if whole else "…" + text.reveal()[-2:]

    return {
        "kind": card.kind.value,
        "uid": said(card.uid),
        "bytes": len(card.uid.reveal()) // 2,
        "random": card.random,
        "contents": [said(text) for text in card.contents],
    }


def _line(cards: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        words = json.dumps({"cards": cards}, ensure_ascii=False)
    elif not cards:
        words = "nothing"
    else:
        words = "; ".join(
            f"{c['kind']} {c['uid']} ({c['bytes']} bytes{', random' if c['random'] else ''})"
            + "".join(f" says {text!r}" for text in c["contents"])
            for c in cards
        )
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _with_reader(
    ctx: typer.Context, ask: Callable[[CardReader, CardReaderInfo], Awaitable[T]]
) -> T:
    """Open the reader, ask, close it. Raises DeviceError or Fault."""
    given = ctx.obj
    wanted_address(given["url"], "a device path, usb or usb:VENDOR:PRODUCT")
    try:
        kind = driver_class("card", given["driver"])
    except UnknownDriver as error:
        raise bad_input(f"{error}.", where="--driver", do="Give one of these names.") from None

    async def session() -> T:
        table = CardDevice.model_construct(url=given["url"], number_from="ndef")
        one: CardReader = kind.from_config(table, SystemClock(), SystemRng())
        try:
            return await ask(one, await one.open())
        finally:
            await one.close()

    return asyncio.run(session())
