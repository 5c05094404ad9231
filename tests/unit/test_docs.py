"""The pages say what the program does: every verb, option and JSON key, and pages made from the code are current."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import ui.cli
from config.describe import PAGES
from config.station import Station
from config.texts import Catalogue
from drivers.errors import Code
from drivers.service.link import REQUESTS
from drivers.service.view import Snapshot
from hw_sim.devices.belt_image import BELT_FAULTS
from hw_sim.plant_hands import PlantHands
from hw_sim.world import World
from sorter import view
from sorter.belt.acts import SAID

ROOT = Path(__file__).parents[2]
CLI = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
EVERYWHERE = {"--help", "--json", "--install-completion", "--show-completion"}
"""Options that the page explains once, or that the option parser adds."""


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the page with what stands below it."""

    name: str
    text: str

    @property
    def options(self) -> set[str]:
        return set(re.findall(r"--[a-z][a-z-]*", self.text))

    @property
    def keys(self) -> list[set[str]]:
        """Top-level JSON keys: a set for each sentence that lists some; what stands in brackets is nested."""
        listed = re.search(r"^JSON keys: (.*?)(?:\n\n|\Z)", self.text, re.MULTILINE | re.DOTALL)
        if listed is None:
            return []
        flat = re.sub(r"\([^)]*\)", "", listed[1])
        sentences = re.split(r"\.\s", flat + " ")
        found = [re.findall(r"`([a-z_]+)`(?:,|\s|$)", s) for s in sentences]
        return [set(keys) for keys in found if keys]


def sections() -> Iterator[Section]:
    for part in re.split(r"^#{2,3} (?=ims )", CLI, flags=re.MULTILINE)[1:]:
        name, _, text = part.partition("\n")
        yield Section(name.strip(), text)


SECTIONS = {section.name: section for section in sections()}


def verbs() -> dict[str, Any]:
    """Every command by its words: `ims reader`, `ims reader info`."""
    found: dict[str, Any] = {}
    root: Any = typer.main.get_command(ui.cli.app)
    for job in ui.cli.JOBS:
        command = root.get_command(None, job)
        found[f"ims {job}"] = command
        for verb, inner in getattr(command, "commands", {}).items():
            found[f"ims {job} {verb}"] = inner
    return found


VERBS = verbs()


def test_every_verb_has_its_section_and_no_section_is_of_another_time() -> None:
    assert set(SECTIONS) == set(VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_a_section_names_the_options_that_the_verb_has(name: str) -> None:
    section = SECTIONS[name]
    own = {
        option
        for parameter in VERBS[name].params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }
    job = " ".join(name.split()[:2])
    of_job = {option for parameter in VERBS[job].params for option in parameter.opts}
    assert own - EVERYWHERE <= section.options
    assert section.options <= own | of_job | EVERYWHERE | {"--state"}


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_helps(name: str) -> None:
    job, *verb = name.split()[1:]
    needed = [p for p in VERBS[f"ims {job}"].params if p.required and verb]
    given = [word for option in needed for word in (option.opts[0], "x")]
    done = CliRunner().invoke(ui.cli.app, [job, *given, *verb, "--help"], prog_name="ims")

    assert done.exit_code == 0
    assert "Usage" in done.stdout


# --- the JSON keys ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The simulated devices in their own process; their urls, and files with the secrets."""
    directory = tmp_path_factory.mktemp("world")
    with subprocess.Popen(
        (sys.executable, "-m", "hw_sim", "--pace", "none", "--dir", str(directory / "w")),
        stdout=subprocess.PIPE,
    ) as simulator:
        try:
            assert simulator.stdout is not None
            ready = json.loads(simulator.stdout.readline())
            urls = {role: device["url"] for role, device in ready["devices"].items()}
            for name, secret in (("password", "not-a-secret"), ("pin", "1234")):
                (directory / name).write_text(secret, encoding="utf-8")
                urls[name] = str(directory / name)
            urls["verbs"] = " ".join(_ask(ready["control"], {"do": "hello"})["verbs"])
            urls["uid"] = _ask(ready["control"], {"do": "lay", "items": ["3846646425"]})["uids"][0]
            yield urls
        finally:
            simulator.terminate()


def _ask(control: str, request: Mapping[str, Any]) -> dict[str, Any]:
    import socket

    with socket.socket(socket.AF_UNIX) as line, line.makefile("rwb") as lines:
        line.connect(control.removeprefix("unix:"))
        lines.write(json.dumps({"v": 1, "id": 1, **request}).encode() + b"\n")
        lines.flush()
        result: dict[str, Any] = json.loads(lines.readline())["result"]
        return result


READER = ("reader", "--url", "{pad}")
PRINTER = ("printer", "--url", "{printer}")
LOGIN = ("--user", "kiosk", "--password-file", "{password}")
ILS = ("ils", "--url", "{library}", "--institution", "DK-746100", *LOGIN)
LOAN = ("--patron", "1234567890", "--item", "3846646425", "--pin-file", "{pin}")
PLAN = str(ROOT / "config/plans/odense.toml")
EXAMPLE = str(ROOT / "config/sites/example-station.toml")

ASKED: list[tuple[str, int, tuple[str, ...]]] = [
    ("ims reader info", 0, (*READER, "info")),
    ("ims reader inventory", 0, (*READER, "inventory")),
    ("ims reader read", 0, (*READER, "read", "{uid}")),
    ("ims reader set-afi", 0, (*READER, "set-afi", "{uid}", "07")),
    ("ims reader watch", 0, (*READER, "watch", "--count", "1")),
    ("ims tag decode", 0, ("tag", "decode", "00" * 32)),
    ("ims tag encode", 0, ("tag", "encode", "--id", "1", "--owner", "DK-746100")),
    ("ims printer status", 0, (*PRINTER, "status")),
    ("ims printer test", 0, (*PRINTER, "test")),
    ("ims ils status", 0, (*ILS, "status")),
    ("ims ils item", 0, (*ILS, "item", "3846646425")),
    ("ims ils patron", 0, (*ILS, "patron", "1234567890", "--pin-file", "{pin}")),
    ("ims ils borrow", 0, (*ILS, "borrow", *LOAN)),
    ("ims ils renew", 0, (*ILS, "renew", *LOAN)),
    ("ims ils return", 0, (*ILS, "return", "--item", "3846646425")),
    ("ims plan check", 0, ("plan", "check", PLAN)),
    ("ims plan explain", 0, ("plan", "explain", PLAN, "--item", "{{}}")),
    ("ims config check", 0, ("config", "check", EXAMPLE)),
    ("ims config explain", 0, ("config", "explain", "library.url")),
    ("ims config explain", 1, ("config", "explain", "library.url", "--station", EXAMPLE)),
    ("ims texts check", 0, ("texts", "check")),
    ("ims texts report", 0, ("texts", "report", "--area", "start.")),
    ("ims sim", 1, ("sim", "--list")),
]
"""A verb, which of its section's lists of keys the answer has, and how it is asked."""


@pytest.mark.parametrize(("name", "which", "words"), ASKED, ids=lambda value: str(value)[:40])
def test_the_answer_has_the_keys_that_the_page_names(
    world: Mapping[str, str], name: str, which: int, words: tuple[str, ...]
) -> None:
    asked = [word.format_map(world) for word in words]
    done = CliRunner().invoke(ui.cli.app, [*asked, "--json"], prog_name="ims")
    answer = json.loads(done.stdout)
    assert done.exit_code in {0, 1}, done.output  # a refused loan has the keys of a loan
    assert "error" not in answer

    lists = SECTIONS[name].keys
    wanted = set.union(*lists) if name == "ims config explain" and which else lists[which]
    assert set(answer) == wanted


def test_a_fault_has_the_keys_that_the_page_names() -> None:
    done = CliRunner().invoke(ui.cli.app, ["tag", "decode", "zz", "--json"], prog_name="ims")

    assert done.exit_code == 2
    (named,) = re.findall(r'`\{"error": \{(.*?)\}\}`', CLI)
    assert set(json.loads(done.stdout)["error"]) == set(re.findall(r'"(\w+)"', named))


def test_the_snapshot_has_the_keys_that_the_page_names() -> None:
    (keys,) = SECTIONS["ims station snapshot"].keys
    assert keys == set(Snapshot.__dataclass_fields__)


def first_cells(page: str) -> set[str]:
    """What stands in backquotes in the first column of a page's tables."""
    text = (ROOT / page).read_text(encoding="utf-8")
    cells = re.findall(r"^\| ([^|]*) \|", text, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`(\w+)`", cell)}


def test_the_control_protocol_has_the_verbs_that_the_page_names(world: Mapping[str, str]) -> None:
    assert first_cells("docs/reference/control-protocol.md") == set(world["verbs"].split())


def test_the_simulated_plant_has_the_verbs_and_faults_that_the_page_names() -> None:
    hands = PlantHands({}, World())

    assert first_cells("docs/reference/simulated-plant.md") == set(hands.verbs) | set(BELT_FAULTS)


def test_the_door_takes_the_requests_that_the_page_names() -> None:
    assert first_cells("docs/reference/station-link.md") == REQUESTS


def test_the_recording_on_the_page_records(world: Mapping[str, str], tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/record-a-wire.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    capture = tmp_path / "capture.jsonl"
    program = program.replace("/dev/kiosk/reader0", world["pad"])

    exec(program.replace("capture.jsonl", str(capture)), {})

    lines = [json.loads(line) for line in capture.read_text(encoding="ascii").splitlines()]
    assert {line["dir"] for line in lines} == {"<", ">"}
    assert all(set(line) == {"t", "dir", "bytes"} for line in lines)
    assert capture.stat().st_mode & 0o777 == 0o600


# --- pages and links ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_page_made_from_the_program_is_current(page: str) -> None:
    written = (ROOT / f"docs/reference/{page}.md").read_text(encoding="utf-8")

    assert written == PAGES[page](), f"python -m config.describe {page} > docs/reference/{page}.md"


def test_every_fault_code_has_words_of_its_own_in_both_languages() -> None:
    catalogue = Catalogue.load()
    for code in Code:
        for form in ("person", "what", "do"):
            forms = catalogue.entry(f"error.{code.value}.{form}").forms
            assert forms["da"] != forms["en"], code
        person = catalogue.entry(f"error.{code.value}.person").forms
        for words in (person["da"]["other"], person["en"]["other"]):
            assert not re.search(
                r"\b(url|port|protocol|protokol|baud|dns|tls|ims)\b", words.lower()
            )


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_ims_command_on_a_page_is_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"^(?:sudo .*?)?(?:\.venv/bin/)?ims .*$", text, re.MULTILINE)
    lines += re.findall(r"`((?:\.venv/bin/)?ims [^`\n]*)`", text)
    root: Any = typer.main.get_command(ui.cli.app)
    for line in lines:
        words = line[line.index("ims ") :].split()[1:]
        job = words[0] if words else ""
        if job in {"JOB", "--help", ""}:
            continue
        assert job in ui.cli.JOBS, line
        command: Any = root.get_command(None, job)
        inner = getattr(command, "commands", None)
        if inner and len(words) > 1 and "|" not in line:
            told = [word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word)]
            if told:
                assert any(word in inner for word in told), line


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_station_file_on_a_page_is_valid(page: Path) -> None:
    from config.load import load_text

    for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        if "[station]" in block:
            load_text(block)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_sort_plan_on_a_page_may_run(page: Path) -> None:
    from sorter.plan.edition import judge

    for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        if "[[rules]]" in block:
            found = judge(block.encode(), page.name)
            assert (found.problems, found.hints) == ((), ())


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_adds_to_a_station_file_fits_an_example(page: Path) -> None:
    """A table that a page shows alone goes into a kiosk's file or a plant's, in the place of the table that is there."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^ *```toml\n(.*?)```", text, re.DOTALL | re.MULTILINE):
        if "[station]" not in block and set(tomllib.loads(block)) <= set(Station.model_fields):
            wrong = [_added(example, block) for example in EXAMPLES]
            assert None in wrong, wrong


EXAMPLES = tuple(ROOT / f"config/sites/example-{kind}.toml" for kind in ("station", "plant"))
TABLE = re.compile(r"^ *\[([\w.-]+)\]", re.MULTILINE)


def _added(example: Path, block: str) -> str | None:
    """What is wrong with an example that has a block in it, or None."""
    from config.load import ConfigInvalid, load_text

    own = set(TABLE.findall(block))
    parts = re.split(r"^(?=\[)", example.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = [part for part in parts if not own.intersection(TABLE.findall(part))]
    try:
        load_text("".join(kept) + block)
    except ConfigInvalid as error:
        return str(error)
    return None


def test_the_door_takes_the_actions_that_the_page_names() -> None:
    page = (ROOT / "docs/reference/station-link.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w.]+)`", page[page.index("## Actions") :]))
    commands = {f"belt.{name.lower()}" for name in view.COMMANDS}

    assert set(SAID) | commands <= named
