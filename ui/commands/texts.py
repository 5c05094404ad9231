"""`ims texts`: whether every word is there in every language, and which await a native reader."""

import csv
import io
from dataclasses import asdict
from typing import Annotated

import typer

from config.texts import LANGUAGES, Catalogue
from config.texts.gate import faults
from config.texts.review import counts, waiting
from ui.outcome import Exit, bad_input, finish, run

app = typer.Typer(
    help="Check the words and list those that await a native reader.",
    no_args_is_help=True,
    add_completion=False,
)

Json = Annotated[bool, typer.Option("--json", help="one JSON object")]


@app.command()
def check(as_json: Json = False) -> None:
    """Say every key that lacks a language, a placeholder or a plural form. Ends with 1 when there is one."""

    def verb() -> None:
        catalogue = Catalogue.load()
        found = faults(catalogue)
        result = {"texts": len(catalogue.keys()), "faults": found}
        words = "\n".join(found) or f"{len(catalogue.keys())} texts, whole in {len(LANGUAGES)}"
        finish(result, words, as_json=as_json, exit_code=Exit.REFUSED if found else Exit.DONE)

    run(verb, as_json=as_json)


@app.command()
def report(
    language: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="only this language; may be repeated")
    ] = None,
    area: Annotated[
        str, typer.Option(metavar="KEY", help='only keys that begin so, such as "receipt."')
    ] = "",
    as_csv: Annotated[
        bool, typer.Option("--csv", help="a table for a reader: language, key, Danish, text")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the texts that no native reader has looked at. Ends with 1 while there is one."""

    def verb() -> None:
        chosen = tuple(language or LANGUAGES)
        for code in chosen:
            if code not in LANGUAGES:
                raise bad_input(
                    f"there is no language {code!r}.",
                    where="--language",
                    do=f"Name one of: {', '.join(LANGUAGES)}.",
                )
        catalogue = Catalogue.load()
        keys = catalogue.keys()
        if not any(key.startswith(area) for key in keys):
            areas = ", ".join(sorted({key.split(".")[0] for key in keys}))
            raise bad_input(
                f"no text has a key that begins {area!r}.",
                where="--area",
                do=f"They begin with: {areas}.",
            )
        count = counts(catalogue, chosen, area)
        open_ = waiting(catalogue, chosen, area)
        result = {
            "languages": {
                code: {"texts": c.texts, "reviewed": c.reviewed, "waiting": c.waiting}
                for code, c in count.items()
            },
            "waiting": [asdict(one) for one in open_],
        }
        lines = [f"{'':<4}{'texts':>7}{'reviewed':>10}{'waiting':>9}"]
        lines += [
            f"{code:<4}{c.texts:>7}{c.reviewed:>10}{c.waiting:>9}" for code, c in count.items()
        ]
        if as_csv:
            page = io.StringIO()
            table = csv.writer(page, lineterminator="\n")
            table.writerow(("language", "key", "danish", "text"))
            table.writerows((one.language, one.key, one.danish, one.words) for one in open_)
            lines = [page.getvalue()]
        finish(
            result,
            "\n".join(lines),
            as_json=as_json,
            exit_code=Exit.REFUSED if open_ else Exit.DONE,
        )

    run(verb, as_json=as_json)
