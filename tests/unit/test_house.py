"""The rules of the house that no linter knows: rooms, docstrings, what tracked files may hold, requirements."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = ("config", "drivers", "kiosk", "sorter", "ui", "hw_sim")


def tracked() -> list[Path]:
    done = subprocess.run(
        ("git", "-c", "safe.directory=*", "ls-files", "-z"),
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=30,
    )
    names = done.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- rooms --------------------------------------------------------------------------------------------


def test_the_six_rooms_are_the_folders_that_hold_modules() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert folders == set(ROOMS)
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == folders
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == folders
    assert not list(ROOT.glob("*.py")), "a module outside every room is outside every contract"


def test_every_folder_of_a_room_that_holds_modules_is_a_package() -> None:
    for path in modules(*ROOMS):
        assert (path.parent / "__init__.py").exists(), name_of(path)


def test_nobody_else_provides_a_package_of_our_names() -> None:
    provided = packages_distributions()

    assert {room: set(provided.get(room, ())) - {"ims-kiosk"} for room in ROOMS} == {
        room: set() for room in ROOMS
    }


def test_the_contracts_speak_of_all_rooms() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["name"] == "the six rooms")["layers"]

    assert layers == ["ui", "kiosk | sorter", "drivers", "config"]
    apart = [c for c in contracts if "hw_sim" in c.get("forbidden_modules", ())]
    assert [set(c["source_modules"]) for c in apart] == [set(ROOMS) - {"hw_sim"}]


# --- docstrings ---------------------------------------------------------------------------------------


def public_classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("path", modules("config", "drivers"), ids=name_of)
def test_a_public_module_and_its_public_classes_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not tree.body:
        return  # an empty __init__
    assert ast.get_docstring(tree), "the module says nothing"
    silent = [
        node.name
        for node in public_classes(tree)
        # a log event's name says it: its class holds nothing but that name and fields
        if not ast.get_docstring(node) and "LogEvent" not in {ast.unparse(b) for b in node.bases}
    ]
    assert not silent


# --- what tracked files hold --------------------------------------------------------------------------

MACHINE = re.compile(r"(?<![\w.~$}-])/(?:" + "|".join(("work", "root", "farm")) + r")/\w")
REGISTRY = re.compile(
    r"(?:pypi\.org/" + r"simple|pythonhosted\." + r"org|--(?:extra-)?index-" + "url)"
)
TEXT = {".py", ".toml", ".md", ".qml", ".txt", ".svg", ".yaml", ".yml", ".c", ".json", ""}


def test_tracked_files_know_nothing_of_the_machine_they_were_written_on() -> None:
    for path in tracked():
        if path.suffix in TEXT:
            text = path.read_text(encoding="utf-8")
            assert not MACHINE.search(text), name_of(path)
            assert not REGISTRY.search(text), name_of(path)


LONGEST = 600
"""Lines of a module or a QML file: more is more than one idea."""


def test_no_file_is_too_long() -> None:
    found = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in tracked()
        if path.suffix in {".py", ".qml"}
    }
    longer = {name: n for name, n in found.items() if n > LONGEST}
    assert not longer, f"split them by idea: {longer}"


def test_no_lock_file_that_names_an_index() -> None:
    assert "uv.lock" not in {path.name for path in tracked()}


def test_hooks_before_a_commit_need_no_network() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")

    assert set(re.findall(r"^\s*- repo: (\S+)", text, re.MULTILINE)) == {"local"}
    assert set(re.findall(r"^\s*language: (\S+)", text, re.MULTILINE)) <= {"system"}


# --- requirements -------------------------------------------------------------------------------------


def pinned(file: str) -> dict[str, Requirement]:
    """By canonical name. Fails for a line without a pin or without a hash."""
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, Requirement] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        words, _, hashes = line.partition(" --hash=")
        assert hashes.startswith("sha256:"), line
        requirement = Requirement(words.strip())
        assert [s.operator for s in requirement.specifier] == ["=="], line
        found[canonicalize_name(requirement.name)] = requirement
    return found


@pytest.mark.parametrize("file", ["run.txt", "dev.txt"])
def test_requirements_are_pinned_hashed_and_what_the_project_asks_for(file: str) -> None:
    project = PROJECT["project"]
    asked = list(project["dependencies"])
    if file == "dev.txt":
        asked += project["optional-dependencies"]["dev"]
    pins = pinned(file)
    for wanted in map(Requirement, asked):
        pin = pins[canonicalize_name(wanted.name)]
        (version,) = (specifier.version for specifier in pin.specifier)
        assert wanted.specifier.contains(version), f"{wanted} is pinned at {version}"


def test_what_is_tested_is_what_runs() -> None:
    run, dev = pinned("run.txt"), pinned("dev.txt")

    assert {name: str(pin) for name, pin in run.items()} == {name: str(dev[name]) for name in run}


# --- time and chance of the simulated world -----------------------------------------------------------

BANNED = {
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
    "datetime.now",
    "datetime.datetime.now",
    "datetime.utcnow",
    "date.today",
    "datetime.date.today",
    "os.urandom",
    "uuid.uuid4",
    "uuid4",
}
OWN_CLOCK = {"hw_sim/__main__.py": 1}
"""Calls allowed: where the world is set to our time (`--now`)."""


@pytest.mark.parametrize("path", modules("hw_sim"), ids=name_of)
def test_the_simulated_world_has_one_clock_and_one_chance(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in BANNED or re.fullmatch(r"random\.(?!Random$)\w+", called):
                found.append(f"{called} in line {node.lineno}")
            if called in {"random.Random", "Random"}:
                assert node.args, f"unseeded, line {node.lineno}"
    assert len(found) == OWN_CLOCK.get(name_of(path), 0), found


# --- decisions ----------------------------------------------------------------------------------------


def test_every_decision_record_is_listed_and_has_its_parts() -> None:
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    records = sorted(path.name for path in folder.glob("[0-9]*.md"))

    assert listed == records
    for record in records:
        text = (folder / record).read_text("utf-8")
        assert text.startswith(f"# {int(record[:4])}. "), record
        headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert "Decision" in headings, record
        assert len(headings) >= 3, f"{record} lacks its situation or what follows"
