"""`ims tag`: what a library tag says, and the bytes of one that says it."""

import re
from typing import Annotated, Any

import typer

from drivers import tags
from drivers.tags import (
    Blank,
    Decoded,
    Doubt,
    Extension,
    Foreign,
    Item,
    Soundness,
    Unverified,
    Usage,
)
from ui.outcome import bad_input, finish, run

app = typer.Typer(
    help="Decode and encode library tags.", no_args_is_help=True, add_completion=False
)

Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]

_DOUBTS = {
    Doubt.CRC: "the CRC is wrong",
    Doubt.TEXT: "id or owner is empty or not printable",
    Doubt.CUT: "the data go on past the bytes given",
    Doubt.MALFORMED: "an object breaks the rules of ISO/IEC 15962",
}


@app.command()
def decode(
    memory: Annotated[str, typer.Argument(metavar="HEX", help="memory from block 0, tag order")],
    dsfid: Annotated[str | None, typer.Option(metavar="HH", help="storage format byte")] = None,
    as_json: Json = False,
) -> None:
    """Say what the memory of a tag holds: ISO 28560-3 (Danish model), ISO 28560-2, 3M RFID 501, or none."""

    def verb() -> None:
        data = hex_bytes(memory, "HEX")
        if not data:
            raise bad_input("There are no bytes.", where="HEX", do="Give the memory from block 0.")
        form = None if dsfid is None else hex_byte(dsfid, "--dsfid")
        found = tags.decode(data, form, whole=True)
        finish(as_dict(found), in_words(found), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def encode(
    item: Annotated[str, typer.Option("--id", help="item number")],
    owner: Annotated[str, typer.Option(metavar="ISIL", help="owner, such as DK-746100")],
    part: Annotated[str, typer.Option(metavar="N/M", help="part N of M")] = "1/1",
    size: Annotated[
        int | None, typer.Option(metavar="BYTES", help="memory; the smallest that fits")
    ] = None,
    usage: Annotated[int, typer.Option(min=0, max=15, help="type of usage; 1 circulation")] = 1,
    title: Annotated[str, typer.Option(help="title, as an extension block")] = "",
    reversed_blocks: Annotated[
        bool, typer.Option("--reversed", help="each block's bytes in reverse order")
    ] = False,
    as_json: Json = False,
) -> None:
    """Give the memory of a tag in ISO 28560-3 (Danish model)."""

    def verb() -> None:
        counted = re.fullmatch(r"(\d{1,3})/(\d{1,3})", part, re.ASCII)
        if counted is None or not 1 <= int(counted[1]) <= int(counted[2]) <= 255:
            raise bad_input(f"{part!r} is no part of a set.", where="--part", do="Write it as 2/3.")
        isil = re.sub(r"^([A-Za-z]{1,4})-", r"\1", owner)
        extensions = (Extension.of(Extension.TITLE, (title,)),) if title else ()
        wanted = Item(
            tags.Format.ISO_28560_3,
            item,
            isil,
            int(counted[1]),
            int(counted[2]),
            usage,
            extensions=extensions,
        )
        needed = 34 + sum(len(e.raw) for e in extensions)
        least = 32 if len(isil.encode()) <= 11 and not extensions else needed + -needed % 4
        try:
            memory = tags.encode(wanted, least if size is None else size, reversed_blocks)
        except ValueError as error:
            raise bad_input(
                f"{str(error)[:1].upper()}{str(error)[1:]}.",
                where="ims tag encode",
                do="Shorten the field, or give a larger --size.",
            ) from None
        finish({"hex": memory.hex(), "bytes": len(memory)}, memory.hex(), as_json=as_json)

    run(verb, as_json=as_json)


def hex_bytes(text: str, where: str) -> bytes:
    """Bytes of hexadecimal text; blanks, colons and a leading 0x do no harm. Raises Fault."""
    plain = re.sub(r"[\s:]|^0x", "", text)
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2})*", plain):
        raise bad_input(
            "It is not whole bytes in hexadecimal.", where=where, do="Write two digits a byte."
        )
    return bytes.fromhex(plain)


def hex_byte(text: str, where: str) -> int:
    """One byte of hexadecimal text. Raises Fault."""
    data = hex_bytes(text, where)
    if len(data) != 1:
        raise bad_input(f"{text!r} is not one byte.", where=where, do="Write two digits, as in C2.")
    return data[0]


def as_dict(found: Decoded) -> dict[str, Any]:
    """The decoded tag as JSON types. `kind` is item, blank, foreign or unverified."""
    match found:
        case Blank():
            return {"kind": "blank", **_NOTHING}
        case Foreign():
            return {"kind": "foreign", **_NOTHING}
        case Unverified(guess, reason):
            return {"kind": "unverified", "reason": reason.value, **_fields(guess)}
        case Item():
            return {"kind": "item", **_fields(found)}


def in_words(found: Decoded) -> str:
    """The decoded tag in a few lines."""
    match found:
        case Blank():
            return "Blank: nothing has been written to this tag."
        case Foreign():
            return "Foreign: no library data model that we know."
        case Unverified(guess, reason):
            return f"Unverified: {_DOUBTS[reason]}. Best guess:\n{_lines(guess)}"
        case Item():
            return _lines(found)


def _fields(item: Item) -> dict[str, Any]:
    return {
        "format": item.format.value,
        "item": item.id,
        "owner": item.owner,
        "part": item.part,
        "parts": item.parts,
        "usage": int(item.usage),
        "crc_ok": item.crc_ok,
        "reversed": item.reversed,
        "truncated": item.truncated,
        "nibbles_swapped": item.nibbles_swapped,
        "title": item.title,
        "extensions": [
            {"id": e.id, "state": e.soundness.value, "hex": e.raw.hex()} for e in item.extensions
        ],
    }


def _lines(item: Item) -> str:
    usage = (
        Usage(item.usage).name.lower().replace("_", " ") if item.usage in _USAGES else "reserved"
    )
    crc = {True: "right", False: "wrong", None: "none in this format"}[item.crc_ok]
    rows = {
        "format": item.format.value,
        "item": item.id,
        "owner": item.owner or "-",
        "part": f"{item.part} of {item.parts}",
        "usage": f"{int(item.usage)} ({usage})",
        "crc": crc,
    }
    if item.title:
        rows["title"] = item.title
    notes = [
        (item.reversed, "blocks reversed"),
        (item.truncated, "32-byte form"),
        (item.nibbles_swapped, "nibbles of byte 0 swapped"),
        (
            any(e.soundness is not Soundness.GOOD for e in item.extensions),
            "a broken extension block",
        ),
    ]
    if said := ", ".join(words for holds, words in notes if holds):
        rows["note"] = said
    return "\n".join(f"{name:<7} {value}" for name, value in rows.items())


_USAGES = frozenset(Usage)
_NOTHING = dict.fromkeys(_fields(Item(tags.Format.ISO_28560_3, "")))
