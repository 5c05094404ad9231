"""The `ims` command. Each job is a module of ui.commands, imported only when it is asked for.

A job module has `app: typer.Typer` (a group of verbs) or `command` (one verb). Nothing of Qt, the store or
a driver is loaded by `ims --help`.
"""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

JOBS: dict[str, str] = {
    "kiosk": "Run the kiosk of a station file.",
    "sorter": "Run the sorting plant of a station file.",
    "panel": "Show a running sorting plant and run it: the panel.",
    "inlet": "Show borrowers the inlet of a running sorting plant.",
    "station": "Ask a running station: status, snapshot, watch, stop.",
    "report": "Say what a month came to, as words, table and picture.",
    "journal": "Read what a station wrote down: staff.",
    "staff": "Say who is staff: add, list, remove, role, pin.",
    "demo": "Show the main job with simulated devices.",
    "ils": "Speak to the library system.",
    "tag": "Decode and encode library tags.",
    "reader": "Speak to an item reader.",
    "card": "Speak to a card reader.",
    "printer": "Speak to a receipt printer.",
    "belt": "Speak to the PLC of a sorting belt.",
    "plan": "Check, explain and draw a sort plan.",
    "crate": "Say what lies in crates: show, find, receive, send, empty.",
    "config": "Check, explain and describe configuration.",
    "texts": "Check the words and list those that await a native reader.",
    "sim": "Run the simulated devices alone.",
    "bench": "Measure, beside a peer or a floor.",
}


class _Jobs(TyperGroup):
    """Loads a job's module when its name is used."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return list(JOBS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in JOBS:
            return None
        module = import_module(f"ui.commands.{cmd_name}")
        if hasattr(module, "app"):
            module.app.rich_markup_mode = (
                None  # plain, as here: rich makes emoji of `usb:BUS:DEVICE`
            )
            command = typer.main.get_command(module.app)
        else:
            one = typer.Typer(add_completion=False, rich_markup_mode=None)
            one.command()(module.command)
            command = typer.main.get_command(one)
        command.name = cmd_name
        return command

    @override
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Jobs"):
            formatter.write_dl(list(JOBS.items()))


app = typer.Typer(
    cls=_Jobs,
    name="ims",
    help="Self-service kiosk, its devices and its library system, from the command line.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def root() -> None:
    """Self-service kiosk, its devices and its library system, from the command line."""


def main() -> None:
    """Entry point of the `ims` command."""
    app(prog_name="ims", args=sys.argv[1:])


if __name__ == "__main__":
    main()
