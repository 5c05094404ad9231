"""`ims belt`: the PLC of one sorting belt on one wire, for technicians and scripts."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from drivers.modbus_belt.alarms import BY_NUMBER as ALARMS
from drivers.modbus_belt.alarms import place
from drivers.modbus_belt.alarms import words as words_of
from drivers.modbus_belt.conformance import Finding, Report, Verdict
from drivers.modbus_belt.conforming import Conformance
from drivers.modbus_belt.contract import EVENTS, RESULTS
from drivers.modbus_belt.driver import ModbusBelt
from drivers.modbus_belt.exchange import ANSWER_S
from drivers.ports import (
    AlarmChange,
    BeltCommand,
    BeltCounters,
    BeltEvent,
    BeltInfo,
    BeltState,
    CommandResult,
    Happening,
    Pack,
)
from drivers.transport import Transport, open_transport
from ui.outcome import Exit, bad_input, finish, run, wanted_address

T = TypeVar("T")

app = typer.Typer(
    help="Speak to the PLC of a sorting belt.", no_args_is_help=True, add_completion=False
)

Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
NAMES = {command.name.lower().replace("_", "-"): command for command in BeltCommand}
_ABOUT = {line.kind: line for line in EVENTS}


@app.callback()
def belt(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Option(help="device path, socket://HOST:PORT or rfc2217://HOST:PORT")
    ] = "",
    unit: Annotated[int, typer.Option(min=1, max=247, help="the slave's address")] = 1,
    baud: Annotated[int, typer.Option(min=1200, help="serial speed")] = 115200,
    parity: Annotated[str, typer.Option(help="none, even or odd")] = "even",
    answer: Annotated[
        float, typer.Option(min=0.02, max=5, help="seconds the PLC may think, beyond the wire")
    ] = ANSWER_S,
) -> None:
    """Speak to the PLC of a sorting belt."""
    ctx.obj = {"url": url, "unit": unit, "baud": baud, "parity": parity, "answer": answer}


@app.command()
def identify(ctx: typer.Context, as_json: Json = False) -> None:
    """Say who answers, with which map, and the geometry of its belt. Writes nothing."""

    async def ask(_belt: ModbusBelt, who: BeltInfo) -> BeltInfo:
        return who

    def verb() -> None:
        who = _with_belt(ctx, ask)
        words = (
            f"Map {who.map_version}, program {who.program_version}, boot {who.boot_id}, {len(who.diverts)} bins.\n"
            f"Reader {who.reader_start} to {who.reader_end} mm, decision by {who.decision_point} mm, diverts at "
            f"{', '.join(map(str, who.diverts))} mm.\n"
            f"{who.nominal_mm_s} mm/s, {who.pulses_a_metre} pulses a metre, a ring of {who.depth}, scans of {who.scan_ms} ms."
        )
        finish(asdict(who), words, as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def state(ctx: typer.Context, as_json: Json = False) -> None:
    """Say how the belt is. Writes nothing."""

    async def ask(one: ModbusBelt, _who: BeltInfo) -> tuple[BeltState, BeltCounters]:
        return await one.look(), await one.counters()

    def verb() -> None:
        now, counters = _with_belt(ctx, ask)
        over = counters.latched - counters.alarms
        counted = {k: n for k, n in asdict(counters).items() if k not in {"alarms", "latched"}}
        result = {
            **_as_dict(now),
            "alarms": [_alarm(n) for n in sorted(counters.alarms)],
            "over": [_alarm(n) for n in sorted(over)],
            "counters": counted,
        }
        away = [n for n, b in enumerate(now.bins, 1) if not b.present]
        full = [n for n, b in enumerate(now.bins, 1) if b.full]
        words = [
            f"{now.state.name.capitalize()}, {now.mode.name.lower()}, {now.items} items, {now.mm_s} mm/s.",
            f"Signs: {', '.join(sorted(now.signs)) or 'none'}.",
            f"Bins full: {_listed(full)}; without a crate: {_listed(away)}.",
            f"{now.pending} events pending.",
            *(f"Alarm {n}, {_first(n, now)}{words_of(n)}." for n in sorted(counters.alarms)),
            *(f"Is over, not acknowledged: alarm {n}, {_first(n, now)}{words_of(n)}." for n in sorted(over)),
            *(() if counters.latched or not now.alarm else (f"Alarm {now.alarm}, {words_of(now.alarm)}.",)),
            *(() if counters.latched or now.alarm else ("No alarm.",)),
        ]  # fmt: skip
        finish(result, "\n".join(words), as_json=as_json)

    run(verb, as_json=as_json)


@app.command()
def watch(
    ctx: typer.Context,
    count: Annotated[int, typer.Option(min=0, help="stop after so many lines; 0 never")] = 0,
    every: Annotated[float, typer.Option(min=0.02, max=10, help="seconds between looks")] = 0.1,
    take: Annotated[
        bool, typer.Option("--take", help="be the host: beat, and take each event for good")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a line for each change of state and each event, until Ctrl-C.

    Without --take nothing is written: the belt stays as it is, and only the eight oldest events can be seen.
    """

    async def ask(one: ModbusBelt, _who: BeltInfo) -> None:
        now = await one.look()
        taken = (now.events[0].sequence - 1) % 65536 if now.events else None
        lines = 0
        before: BeltState | None = None
        while True:
            if before is None or (now.state, now.signs) != (before.state, before.signs):
                signs = sorted(sign.value for sign in now.signs)
                _line(
                    {"event": "state", "state": now.state.name.lower(), "signs": signs},
                    f"state {now.state.name.capitalize()}; {', '.join(signs)}",
                    as_json,
                )
                lines += 1
                if lines == count:
                    return
            for event in now.events:
                if taken is not None and not 0 < (event.sequence - taken) % 65536 < 32768:
                    continue
                taken = event.sequence
                _line(_event(event), _event_words(event), as_json)
                lines += 1
                if lines == count:
                    return
            before = now
            await asyncio.sleep(every)
            if take and taken is None:
                taken = one.acknowledged
            now = (
                await one.cycle(taken=taken, induct=False, degraded=False)
                if take and taken is not None
                else await one.look()
            )

    def verb() -> None:
        _with_belt(ctx, ask)

    run(verb, as_json=as_json)


@app.command()
def command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=", ".join(NAMES))],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[ARGS]", help="at most two numbers")
    ] = None,
    as_json: Json = False,
) -> None:
    """Give one command, and say what the PLC answered and how the belt is then."""

    def verb() -> None:
        if name not in NAMES:
            raise bad_input(
                f"there is no command {name!r}.",
                where="NAME",
                do=f"Name one of: {', '.join(NAMES)}.",
            )
        words = arguments or []
        given = tuple(int(word) for word in words if word.isascii() and word.isdigit())
        if len(words) > 2 or len(given) < len(words) or any(a > 65535 for a in given):
            raise bad_input(
                "these arguments cannot be.",
                where="ARGS",
                do="Give at most two numbers, 0 to 65535.",
            )

        async def ask(one: ModbusBelt, _who: BeltInfo) -> tuple[CommandResult, BeltState]:
            result = await one.command(NAMES[name], given)
            return result, await one.look()

        answered, now = _with_belt(ctx, ask)
        finish(
            {
                "command": name,
                "result": answered.name.lower(),
                "code": int(answered),
                "state": now.state.name.lower(),
            },
            f"{name}: {RESULTS[answered]}. The belt is {now.state.name.capitalize()}.",
            as_json=as_json,
            exit_code=Exit.DONE if answered is CommandResult.OK else Exit.REFUSED,
        )

    run(verb, as_json=as_json)


@app.command()
def conformance(
    ctx: typer.Context,
    move: Annotated[
        bool, typer.Option("--move", help="the belt may be moved: somebody stands at it")
    ] = False,
    item_wait: Annotated[
        float, typer.Option(min=0, max=600, help="seconds to lay an item down when asked to")
    ] = 30.0,
    report: Annotated[
        str,
        typer.Option("--report", metavar="FILE", help="write the report to this file, Markdown"),
    ] = "",
    as_json: Json = False,
) -> None:
    """Say whether a PLC keeps the contract of docs/plc: each check, what was expected, what was seen.

    It first reads, then takes events, acknowledges alarms, overwrites destinations and gives commands, so end the plant's
    program before. The belt is moved with --move alone.
    """

    def verb() -> None:
        def say(finding: Finding) -> None:
            if not as_json:
                sys.stdout.write(_finding(finding) + "\n")
                sys.stdout.flush()

        def ask_person(words: str) -> None:
            sys.stderr.write(words + "\n")

        async def session() -> Report:
            given = ctx.obj
            one = Conformance(
                _wire(ctx),
                unit=given["unit"],
                baud=given["baud"],
                answer_s=given["answer"],
                move=move,
                item_wait_s=item_wait,
                say=say,
                ask=ask_person,
            )
            return await one.run()

        write("")  # said before minutes of questions, not after
        found = asyncio.run(session())
        write(found.markdown())
        finish(
            found.as_dict(),
            found.summary(),
            as_json=as_json,
            exit_code=Exit.DONE if found.ok else Exit.REFUSED,
        )

    def write(words: str) -> None:
        if not report:
            return
        try:
            with Path(report).open("a" if not words else "w", encoding="utf-8") as page:
                page.write(words)
        except OSError as error:
            raise bad_input(
                f"{error}.", where="--report", do="Give a file that can be written."
            ) from None

    run(verb, as_json=as_json)


def _finding(finding: Finding) -> str:
    check = finding.check
    head = f"{finding.verdict.value.replace('_', ' '):<8}{check.id}: {finding.seen}"
    if finding.verdict is not Verdict.BROKEN:
        return head
    names = f"; registers {', '.join(check.registers)}" if check.registers else ""
    return f"{head}\n        expected: {check.expected}{names}; docs/plc/{check.section}"


def _with_belt(ctx: typer.Context, ask: Callable[[ModbusBelt, BeltInfo], Awaitable[T]]) -> T:
    """Open the belt's wire, ask, close it. Raises DeviceError or Fault."""
    given = ctx.obj

    async def session() -> T:
        one = ModbusBelt(
            _wire(ctx), unit=given["unit"], baud=given["baud"], answer_s=given["answer"]
        )
        try:
            return await ask(one, await one.open())
        finally:
            await one.close()

    return asyncio.run(session())


def _wire(ctx: typer.Context) -> Transport:
    given = ctx.obj
    wanted_address(given["url"], "a device path, socket://HOST:PORT or rfc2217://HOST:PORT")
    if given["parity"] not in {"none", "even", "odd"}:
        raise bad_input("No such parity.", where="--parity", do="Give none, even or odd.")
    return open_transport(given["url"], device="belt", baud=given["baud"], parity=given["parity"])


def _as_dict(now: BeltState) -> dict[str, Any]:
    return {
        "state": now.state.name.lower(),
        "mode": now.mode.name.lower(),
        "signs": sorted(now.signs),
        "alarm": now.alarm,
        "items": now.items,
        "mm_s": now.mm_s,
        "encoder": now.encoder,
        "bins": [asdict(one) for one in now.bins],
        "pending": now.pending,
    }


def _first(number: int, now: BeltState) -> str:
    return "the first that came: " if number == now.alarm else ""


def _alarm(number: int, zone: int = 0) -> dict[str, Any]:
    """One that is in no table has its number and nothing else."""
    line = ALARMS.get(number)
    found: dict[str, Any] = {"number": number, "place": place(zone) or None}
    if line is None:
        return {**found, "name": None}
    return {
        **found,
        "name": line.alarm.name.lower(),
        "severity": line.alarm.severity.value,
        "cause": line.cause,
        "do": line.do,
    }


def _event(event: BeltEvent) -> dict[str, Any]:
    told = {**asdict(event), "event": event.kind.name.lower(), "kind": int(event.kind)}
    alarm = _alarm(event.a, event.zone) if event.kind is Happening.ALARM else None
    return {**told, "place": place(event.zone) or None, "alarm": alarm}


def _event_words(event: BeltEvent) -> str:
    about = _ABOUT.get(event.kind)
    parts = [f"{event.sequence} {event.kind.name}"]
    if event.kind is Happening.ALARM:
        how = AlarmChange(event.b).name.lower() if event.b in set(AlarmChange) else str(event.b)
        return f"{parts[0]} {event.a} {how}, {words_of(event.a, event.zone)}"
    if event.kind is Happening.STATE:
        return f"{parts[0]} {_state(event.b)} to {_state(event.a)}"
    if place(event.zone):
        parts.append(f"at {place(event.zone)}")
    if event.item:
        parts.append(f"item {event.item}")
    if about is not None:
        parts += [f"{name}: {n}" for name, n in ((about.a, event.a), (about.b, event.b)) if name]
    return ", ".join(parts)


def _state(number: int) -> str:
    return Pack(number).name.capitalize() if number in set(Pack) else str(number)


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"


def _line(result: dict[str, Any], words: str, as_json: bool) -> None:
    sys.stdout.write((json.dumps(result) if as_json else words) + "\n")
    sys.stdout.flush()
