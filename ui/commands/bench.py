"""`ims bench`: run a benchmark of the source tree, each beside a peer or a floor in the same run.

Benchmarks are programs under tests/benchmarks and run in a process of their own; a station has none.
"""

import ast
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.outcome import Exit, Fault, bad_input, finish, run

TREE = Path(__file__).parents[2]
ROOM = TREE / "tests" / "benchmarks"
NAMES = ("codecs", "stack", "journal", "ui", "sim", "ux", "belt", "crash", "sort", "plant")


def command(
    name: Annotated[str, typer.Argument(help="which; without it the list of names")] = "",
    json_file: Annotated[
        str, typer.Option("--json", metavar="FILE", help="write figures and machine to this file")
    ] = "",
    plot: Annotated[
        str, typer.Option("--plot", metavar="FILE", help="write a picture (PNG) to this file")
    ] = "",
    quick: Annotated[bool, typer.Option("--quick", help="under a minute; rougher figures")] = False,
    kills: Annotated[
        int | None, typer.Option("--kills", metavar="N", help="crash, sort: deaths by kill -9")
    ] = None,
    items: Annotated[
        int | None, typer.Option("--items", metavar="N", help="plant: items in all")
    ] = None,
    points: Annotated[
        int | None,
        typer.Option("--points", metavar="N", help="crash, sort: deaths at numbered points"),
    ] = None,
    seconds: Annotated[
        int | None, typer.Option("--seconds", metavar="N", help="belt: how long at each speed")
    ] = None,
) -> None:
    """Measure, beside a peer or a floor. Ends with 0 when all bars are met, 1 when one is missed."""

    def verb() -> None:
        there = _benchmarks()
        if not name:
            words = "\n".join(f"{each:<8} {about}" for each, about in there.items())
            finish(there, words, as_json=False)
        if name not in there:
            raise bad_input(
                f"there is no benchmark {name!r}.",
                where="ims bench",
                do=f"Name one of: {', '.join(there)}.",
                code="bench.unknown",
            )
        options = ["--quick"] if quick else []
        numbers = {"kills": kills, "items": items, "points": points, "seconds": seconds}
        for option, number in numbers.items():
            if number is not None:
                options += [f"--{option}", str(number)]
        for option, file in (("--json", json_file), ("--plot", plot)):
            options += [option, str(Path(file).absolute())] if file else []
        # Ctrl-C is the benchmark's to hear: it may still have something to tell
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            done = subprocess.run(
                (sys.executable, "-m", f"tests.benchmarks.{name}", *options), cwd=TREE, check=False
            )
        finally:
            signal.signal(signal.SIGINT, before)
        if done.returncode not in {Exit.DONE, Exit.REFUSED, Exit.UNREACHABLE}:
            raise Fault(
                Exit.BUG,
                code="bench.broken",
                what=f"The benchmark ended with {done.returncode}.",
                where=f"ims bench {name}",
                do="Its own words are above.",
            )
        raise SystemExit(done.returncode)

    run(verb, as_json=False)


def _benchmarks() -> dict[str, str]:
    """The benchmarks there are, and what each says it measures."""
    there: dict[str, str] = {}
    for each in NAMES:
        source = ROOM / f"{each}.py"
        if source.is_file():
            about = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
            there[each] = about.partition("\n")[0]
    if not there:
        raise Fault(
            Exit.UNREACHABLE,
            code="bench.absent",
            what="The benchmarks are not installed.",
            where="ims bench",
            do="Run it in a checkout of the source tree.",
        )
    return there
