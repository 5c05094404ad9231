"""`ims reader`: one item reader on one wire, for technicians and scripts."""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from config.device import Device
from drivers import tags
from drivers.ports import ItemReader, ReaderInfo, Tag, Uid
from drivers.registry import UnknownDriver, driver_class
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.transport import open_transport
from ui.commands.tag import as_dict, hex_byte, in_words
from ui.outcome import bad_input, finish, run, wanted_address

T = TypeVar("T")

app = typer.Typer(help="Speak to an item reader.", no_args_is_help=True, add_completion=False)

Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
UidText = Annotated[
    str, typer.Argument(metavar="UID", help="16 hex digits, most significant first")
]


@app.callback()
def reader(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Option(help="device path, socket://HOST:PORT or rfc2217://HOST:PORT")
    ] = "",
    driver: Annotated[str, typer.Option(help="driver name")] = "feig",
    baud: Annotated[
        int | None, typer.Option(help="serial speed; the driver's own by default")
    ] = None,
    parity: Annotated[str | None, typer.Option(help="none, even or odd")] = None,
) -> None:
    """Speak to an item reader."""
    ctx.obj = {"url": url, "driver": driver, "baud": baud, "parity": parity}


@app.command()
def info(ctx: typer.Context, as_json: Json = False) -> None:
    """Say who answers, with which firmware, and what it can do."""

    async def ask(_reader: ItemReader, who: ReaderInfo) -> ReaderInfo:
        return who

    def verb() -> None:
        who = _with_reader(ctx, ask)
        able = sorted(capability.value for capability in who.capabilities)
        finish(
            {"model": who.model, "firmware": who.firmware, "capabilities": able},
            f"{who.model}, firmware {who.firmware}; can: {', '.join(able)}",
            as_json=as_json,
        )

    run(verb, as_json=as_json)


@app.command()
def inventory(ctx: typer.Context, as_json: Json = False) -> None:
    """List the tags on the antenna."""

    async def ask(reader: ItemReader, _who: ReaderInfo) -> tuple[Tag, ...]:
        return await reader.inventory()

    def verb() -> None:
        found = _with_reader(ctx, ask)
        rows = [{"uid": str(tag.uid), "dsfid": tag.dsfid} for tag in found]
        words = "\n".join(f"{tag.uid} dsfid {_hex(tag.dsfid)}" for tag in found) or "No tags."
        finish({"tags": rows}, words, as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def read(ctx: typer.Context, uid: UidText, as_json: Json = False) -> None:
    """Read one tag whole: its system information, its memory, and what that says."""

    def verb() -> None:
        wanted = _uid(uid)

        async def ask(reader: ItemReader, _who: ReaderInfo) -> tuple[dict[str, Any], str]:
            about = await reader.info(wanted)
            memory = await reader.read(wanted, 0, about.blocks)
            found = tags.decode(memory.data, about.dsfid, memory.block_size, whole=True)
            result = {
                "uid": str(wanted),
                "dsfid": about.dsfid,
                "afi": about.afi,
                "block_size": about.block_size,
                "blocks": about.blocks,
                "ic_ref": about.ic_ref,
                "memory": memory.data.hex(),
                "tag": as_dict(found),
            }
            head = (
                f"{wanted}  dsfid {_hex(about.dsfid)}  afi {_hex(about.afi)}  "
                f"{about.blocks} x {about.block_size} bytes"
            )
            return result, f"{head}\n{in_words(found)}"

        result, words = _with_reader(ctx, ask)
        finish(result, words, as_json=as_json)

    run(verb, as_json=as_json)


@app.command(name="set-afi")
def set_afi(
    ctx: typer.Context,
    uid: UidText,
    afi: Annotated[str, typer.Argument(metavar="HH", help="07 in stock, C2 on loan")],
    as_json: Json = False,
) -> None:
    """Write the security byte of one tag and read it back."""

    def verb() -> None:
        wanted, value = _uid(uid), hex_byte(afi, "HH")

        async def ask(reader: ItemReader, _who: ReaderInfo) -> None:
            await reader.set_security(wanted, value)

        _with_reader(ctx, ask)
        result = {"uid": str(wanted), "afi": value}
        finish(result, f"{wanted} afi {_hex(value)}, read back.", as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def watch(
    ctx: typer.Context,
    count: Annotated[int, typer.Option(min=0, help="stop after so many lines; 0 never")] = 0,
    every: Annotated[float, typer.Option(min=0.05, max=10, help="seconds between polls")] = 0.25,
    missed: Annotated[int, typer.Option(min=1, help="missed polls until a tag is gone")] = 3,
    as_json: Json = False,
) -> None:
    """Print a line for each tag that is placed or removed, until Ctrl-C."""

    async def ask(reader: ItemReader, _who: ReaderInfo) -> None:
        lines = 0
        absent: dict[Uid, int] = {}
        while True:
            here = {tag.uid for tag in await reader.inventory()}
            changes = [("placed", uid) for uid in sorted(here - absent.keys(), key=str)]
            for uid in absent.keys() - here:
                absent[uid] += 1
                if absent[uid] >= missed:
                    changes.append(("removed", uid))
            for uid in here:
                absent[uid] = 0
            for what, uid in changes:
                if what == "removed":
                    del absent[uid]
                _line({"event": what, "uid": str(uid)}, f"{what} {uid}", as_json)
                lines += 1
                if lines == count:
                    return
            await asyncio.sleep(every)

    def verb() -> None:
        _with_reader(ctx, ask)

    run(verb, as_json=as_json)


def _with_reader(ctx: typer.Context, ask: Callable[[ItemReader, ReaderInfo], Awaitable[T]]) -> T:
    """Open the reader, ask, close it. Raises DeviceError or Fault."""
    given = ctx.obj
    wanted_address(given["url"], "a device path, socket://HOST:PORT or rfc2217://HOST:PORT")
    try:
        kind = driver_class("pad", given["driver"])
    except UnknownDriver as error:
        raise bad_input(f"{error}.", where="--driver", do="Give one of these names.") from None
    if given["parity"] not in {None, "none", "even", "odd"}:
        raise bad_input("No such parity.", where="--parity", do="Give none, even or odd.")

    async def session() -> T:
        device = Device.model_construct(driver=given["driver"], url=given["url"])
        wire = open_transport(
            given["url"],
            device="pad",
            baud=given["baud"] or kind.BAUD,
            parity=given["parity"] or kind.PARITY,
        )
        one: ItemReader = kind.from_config(device, wire, SystemClock(), SystemRng())
        try:
            return await ask(one, await one.open())
        finally:
            await one.close()

    return asyncio.run(session())


def _uid(text: str) -> Uid:
    plain = re.sub(r"[\s:]", "", text)
    if not re.fullmatch(r"[0-9a-fA-F]{16}", plain):
        raise bad_input(
            f"{text!r} is no UID.", where="UID", do="Write 16 hex digits, as inventory prints them."
        )
    return Uid(bytes.fromhex(plain))


def _hex(value: int | None) -> str:
    return "-" if value is None else f"{value:02x}"


def _line(result: dict[str, Any], words: str, as_json: bool) -> None:
    sys.stdout.write((json.dumps(result) if as_json else words) + "\n")
    sys.stdout.flush()
