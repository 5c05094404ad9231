"""`ims plan`: check a sort plan, explain one item's way through it, draw it, and take over Koha's lines."""

import json
import re
import shlex
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from config.load import Problem
from drivers.errors import Code
from drivers.runtime.clock import SystemClock
from sorter.belt.records import remembered
from sorter.plan.decide import Decider
from sorter.plan.draw import draw as drawn
from sorter.plan.edition import Edition, Judged, judge_file, plan_file
from sorter.plan.explain import explain as explained
from sorter.plan.explain import facts_of
from sorter.plan.facts import Facts
from sorter.plan.koha import as_toml, import_lines
from sorter.plan.plan import Plan
from sorter.planning import judged
from ui.commands import plan_replay
from ui.commands.kiosk import station_file
from ui.outcome import Exit, bad_input, finish, run
from ui.running import state_directory
from ui.stored import read_stored

app = typer.Typer(
    help="Check, explain and draw a sort plan.", no_args_is_help=True, add_completion=False
)

Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
PlanFile = Annotated[str, typer.Argument(metavar="FILE", help="the sort plan, TOML")]
State = Annotated[
    str, typer.Option(metavar="DIR", help="state directory of that station; else as its file says")
]


def _edition(file: str, *, as_json: bool) -> Edition:
    """The plan of a file, fit to run or not; ends with every problem where there is none."""
    found = judge_file(plan_file(file))
    if found.edition is None:
        _no_plan(found, as_json=as_json)
    return found.edition


def _plan(file: str, *, as_json: bool) -> Plan:
    return _edition(file, as_json=as_json).plan


def _no_plan(found: Judged, *, as_json: bool) -> NoReturn:
    n = len(found.problems)
    fault = {
        "code": Code.CONFIG_INVALID.value,
        "what": f"{n} {'problem' if n == 1 else 'problems'}",
        "where": found.file,
        "do": "Correct the lines named.",
    }
    words = [*map(str, found.problems), f"{found.file}: no plan: {fault['what']}. {fault['do']}"]
    data = {"error": fault, "problems": [_told(problem) for problem in found.problems]}
    finish(data, "\n".join(words), as_json=as_json, exit_code=Exit.USAGE)


def _told(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "key": problem.key,
        "what": problem.what,
    }


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="the sort plan, TOML; else the station's")
    ] = "",
    station: Annotated[
        str,
        typer.Option(metavar="FILE", help="the station file of a plant: its chutes and its belt"),
    ] = "",
    state: State = "",
    as_json: Json = False,
) -> None:
    """Say everything that is wrong with a plan: unknown bins, rules never reached, items put where they must not be."""

    def verb() -> None:
        if not (file or station):
            raise bad_input(
                "no plan was given.", where="FILE", do="Give a plan, or --station, or both."
            )
        belt, note = None, ""
        if station:
            config = station_file(Path(station)).station
            belt = _belt(state_directory(config, state))
            found = judged(config, belt, plan_file(file) if file else None)
            note = f"{station}: " + (
                f"the belt has bins 1 to {belt}"
                if belt is not None
                else "its belt was never linked, so nobody knows its bins: they are compared when it is"
            )
        else:
            found = judge_file(plan_file(file))
            if found.edition is not None:
                last = max(bin.number for bin in found.edition.plan.bins.values())
                note = f"{found.file}: no --station was given: nobody has looked whether a belt has bins 1 to {last}"
        if found.edition is None:
            _no_plan(found, as_json=as_json)
        plan = found.edition.plan
        lines = [f"error: {problem}" for problem in found.problems]
        lines += [f"hint: {hint}" for hint in found.hints]
        lines += [note] if note else []
        counts = f"{len(plan.rules)} rules, {len(plan.bins)} bins, {found.fingerprint[:8]}"
        verdict = "nothing wrong" if not found.hints else "fit to run"
        verdict = "not fit to run" if found.wrong is not None else verdict
        lines.append(f"{found.file}: {counts}: {verdict}")
        data = {
            "ok": found.wrong is None,
            "wrong": None if found.wrong is None else found.wrong.value,
            "fingerprint": found.fingerprint,
            "belt_bins": belt,
            "findings": [
                *({"severity": "error", **_told(problem)} for problem in found.problems),
                *({"severity": "hint", **_told(hint)} for hint in found.hints),
            ],
        }
        code = Exit.REFUSED if found.wrong is not None else Exit.DONE
        finish(data, "\n".join(lines), as_json=as_json, exit_code=code)

    run(verb, as_json=as_json)


def _belt(directory: Path) -> int | None:
    """How many bins the belt told of when it was linked last; None where it never was. Raises Fault."""
    found = read_stored(directory, remembered, running=True)
    return None if found is None or found.info is None else len(found.info.diverts)


@app.command()
def explain(
    file: PlanFile,
    item: Annotated[
        str, typer.Option(metavar="JSON", help='what is known, such as {"alert": "01"}')
    ],
    out: Annotated[
        list[str] | None,
        typer.Option(metavar="BIN", help="a bin that is full or away; may be repeated"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say where an item would go, by which rule, and why not by those before it."""

    def verb() -> None:
        plan = _plan(file, as_json=as_json)
        facts = _facts(item)
        for name in out or ():
            if name not in plan.bins:
                raise bad_input(
                    f"There is no bin {name!r}.",
                    where="--out",
                    do=f"There are: {', '.join(plan.bins)}.",
                )
        tried = explained(plan, facts)
        decision = Decider(plan)(facts, set(plan.bins) - set(out or ()))
        lines = [f"{'->' if t.holds else '  '} {t.rule}: {t.because or 'applies'}" for t in tried]
        where = (
            f"bin {plan.bins[decision.bin].number}, {decision.bin}"
            if decision.bin
            else "nowhere: the belt holds"
        )
        lines.append(f"It goes to {where}.")
        if decision.bin != decision.wanted:
            lines.append(f"Wanted was {decision.wanted}.")
        if decision.alternates:
            lines.append(f"If that is full: {', '.join(decision.alternates)}.")
        if decision.slip:
            lines.append(f"A slip is printed: {decision.slip}.")
        answer: dict[str, Any] = {
            "bin": decision.bin,
            "number": plan.bins[decision.bin].number if decision.bin else None,
            "wanted": decision.wanted,
            "alternates": list(decision.alternates),
            "rule": decision.rule,
            "slip": decision.slip,
            "tried": [{"rule": t.rule, "because": t.because} for t in tried],
        }
        finish(answer, "\n".join(lines), as_json=as_json)

    run(verb, as_json=as_json)


def _facts(item: str) -> Facts:
    """What is known of an item, from JSON. Raises Fault."""
    try:
        try:
            data = json.loads(item)
        except RecursionError:
            raise ValueError("its lists or objects stand too deep in one another") from None
        except json.JSONDecodeError:
            raise
        except ValueError:  # int() takes no more digits than sys.get_int_max_str_digits()
            raise ValueError("a number in it has more digits than any number here") from None
        if not isinstance(data, dict):
            raise ValueError("it is no JSON object")
        return facts_of(data)
    except ValueError as error:
        raise bad_input(
            f"{error}.", where="--item", do='Give an object such as {"alert": "01"}.'
        ) from None


@app.command()
def replay(
    file: PlanFile,
    journal: Annotated[
        str,
        typer.Option(metavar="DIR", help="state directory of a plant, running or not, or a copy"),
    ],
    day: Annotated[
        str,
        typer.Option(
            metavar="DAY", help="2026-11-01, yesterday (if nothing is given), today or all"
        ),
    ] = "",
    since: Annotated[
        str, typer.Option("--from", metavar="MOMENT", help="a day, or 2026-11-01T14:30")
    ] = "",
    until: Annotated[
        str, typer.Option("--to", metavar="MOMENT", help="a day, which counts whole, or a moment")
    ] = "",
    as_json: Json = False,
) -> None:
    """Decide again by this plan about the items of a day, and say which would have gone elsewhere."""

    def verb() -> None:
        span = plan_replay.span_of(day, since, until, SystemClock().now().astimezone())
        edition = _edition(file, as_json=as_json)
        found = plan_replay.replayed(edition, Path(journal), span)
        data = plan_replay.as_json(found, edition, span)
        finish(data, plan_replay.in_words(found, edition, span), as_json=as_json)

    run(verb, as_json=as_json)


@app.command("import-koha")
def import_koha(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Koha's sort bin lines")],
    as_json: Json = False,
) -> None:
    """Write Koha's sort bin lines as rules of a plan, and say what could not be taken over."""

    def verb() -> None:
        imported = import_lines(_koha(file))
        data = {
            "rules": list(imported.rules),
            "bins": list(imported.bins),
            "warnings": list(imported.warnings),
            "alike": list(imported.alike),
        }
        finish(data, as_toml(imported), as_json=as_json)

    run(verb, as_json=as_json)


def _koha(file: str) -> str:
    """Koha's lines, of which there is one at least. Raises Fault."""
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise bad_input(
            f"It cannot be read: {error.strerror or error}.",
            where=file,
            do="Give the file of Koha's sort bin lines.",
        ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.split(rb"\r\n|\r|\n", content[: error.start]))
        raise bad_input(
            f"The byte {content[error.start]:#04x} is not UTF-8.",
            where=f"{file}:{line}",
            do=f"Koha may have written Latin-1: iconv -f LATIN1 -t UTF-8 {shlex.quote(file)} > NEW, then give NEW.",
        ) from None
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        raise bad_input(
            "No sort bin line is in it.",
            where=file,
            do="Give Koha's lines: branch:field:comparison:value:bin, one each.",
        )
    return text


@app.command()
def draw(
    file: PlanFile,
    svg: Annotated[str, typer.Option("--svg", metavar="FILE", help="where the picture goes")],
    as_json: Json = False,
) -> None:
    """Draw a plan: its rules in order, and the bins that they fill."""

    def verb() -> None:
        plan = _plan(file, as_json=as_json)
        try:
            Path(svg).write_text(drawn(plan), encoding="utf-8")
        except OSError as error:
            raise bad_input(
                f"The picture cannot be written: {error.strerror or error}.",
                where=f"--svg {svg}",
                do="Give a file in a directory that is there and where you may write.",
            ) from None
        finish({"svg": svg}, f"{svg} is written.", as_json=as_json)

    run(verb, as_json=as_json)
