"""`ims plan`: check a sort plan, explain one item's way through it, draw it, and take over Koha's lines."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from config.load import ConfigInvalid
from drivers.errors import Code, DeviceUnavailable
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store.copy import read_copy
from sorter.belt.records import decided
from sorter.plan.decide import Decider
from sorter.plan.draw import draw as drawn
from sorter.plan.explain import explain as explained
from sorter.plan.explain import facts_of
from sorter.plan.koha import bin_name, import_lines
from sorter.plan.lint import lint
from sorter.plan.plan import Plan, load_plan
from sorter.plan.replay import replay as replayed
from ui.outcome import Exit, Fault, bad_input, finish, run

app = typer.Typer(
    help="Check, explain and draw a sort plan.", no_args_is_help=True, add_completion=False
)

Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
PlanFile = Annotated[str, typer.Argument(metavar="FILE", help="the sort plan, TOML")]


def _plan(file: str, *, as_json: bool) -> Plan:
    try:
        return load_plan(Path(file))
    except ConfigInvalid as error:
        problems = [
            {"file": p.place.file, "line": p.place.line, "column": p.place.column, "key": p.key, "what": p.what}
            for p in error.problems
        ]  # fmt: skip
        fault = {
            "code": Code.CONFIG_INVALID.value,
            "what": f"{len(problems)} problems",
            "where": file,
            "do": "Correct the lines named.",
        }
        finish(
            {"error": fault, "problems": problems},
            str(error),
            as_json=as_json,
            exit_code=Exit.USAGE,
        )


@app.command()
def check(file: PlanFile, as_json: Json = False) -> None:
    """Say everything that is wrong with a plan: unknown bins, rules never reached, items put where they must not be."""

    def verb() -> None:
        plan = _plan(file, as_json=as_json)
        findings = lint(plan)
        errors = sum(f.severity == "error" for f in findings)
        lines = [f"{f.severity}: {f'rule {f.rule}: ' if f.rule else ''}{f.what}" for f in findings]
        lines.append(
            f"{file}: {len(plan.rules)} rules, {len(plan.bins)} bins, "
            + (
                "nothing wrong"
                if not findings
                else f"{errors} errors, {len(findings) - errors} warnings"
            )
        )
        data = {
            "ok": not errors,
            "findings": [
                {"severity": f.severity, "rule": f.rule, "what": f.what} for f in findings
            ],
        }
        code = Exit.REFUSED if errors else Exit.DONE
        finish(data, "\n".join(lines), as_json=as_json, exit_code=code)

    run(verb, as_json=as_json)


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
        try:
            data = json.loads(item)
            if not isinstance(data, dict):
                raise ValueError("it is no JSON object")
            facts = facts_of(data)
        except ValueError as error:
            raise bad_input(
                f"{error}.", where="--item", do='Give an object such as {"alert": "01"}.'
            ) from None
        for name in out or ():
            if name not in plan.bins:
                raise bad_input(
                    f"There is no bin {name!r}.",
                    where="--out",
                    do=f"There are: {', '.join(plan.bins)}.",
                )
        tried = explained(plan, facts)
        decision = Decider(plan)(facts, set(plan.bins) - set(out or ()))
        lines = [f"{'->' if t.holds else '  '} {t.rule}: {t.because or 'holds'}" for t in tried]
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


@app.command()
def replay(
    file: PlanFile,
    journal: Annotated[
        str,
        typer.Option(
            metavar="DIR", help="state directory of a plant that does not run, or a copy of one"
        ),
    ],
    as_json: Json = False,
) -> None:
    """Make all decisions of a plant's journal again by this plan, and say what would have changed."""

    def verb() -> None:
        plan = _plan(file, as_json=as_json)
        try:
            rows = read_copy(Path(journal), decided, clock=SystemClock(), rng=SystemRng())
        except DeviceUnavailable as error:
            raise Fault.of(error, journal) from error
        if rows is None:
            raise bad_input(
                "There is no journal.", where=journal, do="Give the state directory of a plant."
            )
        found = replayed(plan, rows)
        lines = [f"{n} from {old} to {new}" for old, new, n in found.moves]
        lines += [f"rule {rule} looks at words that are not kept" for rule in found.blind]
        lines.append(
            f"{found.decisions} decisions: {len(found.changes)} would go elsewhere, "
            f"{found.same_bin} to the same bin by another rule."
        )
        data = {
            "decisions": found.decisions,
            "same_bin": found.same_bin,
            "moves": [{"bin": old, "now": new, "n": n} for old, new, n in found.moves],
            "changes": [
                {"number": c.number, "bin": c.bin, "rule": c.rule, "now": c.now, "now_rule": c.now_rule}
                for c in found.changes
            ],
            "blind": list(found.blind),
        }  # fmt: skip
        finish(data, "\n".join(lines), as_json=as_json)

    run(verb, as_json=as_json)


@app.command("import-koha")
def import_koha(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Koha's sort bin lines")],
    as_json: Json = False,
) -> None:
    """Write Koha's sort bin lines as rules of a plan, and say what could not be taken over."""

    def verb() -> None:
        try:
            text = Path(file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise bad_input(f"{error}.", where=file, do="Give a text file in UTF-8.") from None
        imported = import_lines(text)
        lines = [
            "# From Koha's sort bin lines. Bins need their numbers, and rules for staff before these."
        ]
        lines += [f"# not taken over: {warning}" for warning in imported.warnings]
        lines += ["", "[bins]"]
        lines += [f"{bin_name(bin)} = {{ number = {n} }}" for n, bin in enumerate(imported.bins, 1)]
        for rule in imported.rules:
            lines += [
                "",
                "[[rules]]",
                f'id = "{rule["id"]}"',
                f"when = {_inline(rule['when'])}",
                f'to = "{rule["to"]}"',
            ]
        data = {
            "rules": list(imported.rules),
            "bins": list(imported.bins),
            "warnings": list(imported.warnings),
        }
        finish(data, "\n".join(lines), as_json=as_json)

    run(verb, as_json=as_json)


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
                f"{error}.", where="--svg", do="Give a file that can be written."
            ) from None
        finish({"svg": svg}, f"{svg} is written.", as_json=as_json)

    run(verb, as_json=as_json)


def _inline(value: object) -> str:
    """A value as TOML writes it within a line."""
    match value:
        case dict():
            return (
                "{ " + ", ".join(f"{key} = {_inline(inner)}" for key, inner in value.items()) + " }"
            )
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
