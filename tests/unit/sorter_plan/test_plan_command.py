"""`ims plan`, as a planner types it."""

import json
import re
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

import ui.cli
from sorter.plan.edition import load_plan, plan_of
from sorter.plan.explain import explain, facts_of
from sorter.plan.facts import CHOICES, FLAGS, NUMBERS, TEXTS, Facts
from sorter.plan.plan import Compare

ODENSE = str(files("config").joinpath("plans/odense.toml"))


def ims(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(ui.cli.app, ["plan", *words], prog_name="ims")
    return done.exit_code, done.output


def test_a_sound_plan_has_nothing_wrong() -> None:
    mark = sha256(Path(ODENSE).read_bytes()).hexdigest()[:8]
    words = (
        f"{ODENSE}: no --station was given: nobody has looked whether a belt has bins 1 to 9\n"
        f"{ODENSE}: 18 rules, 9 bins, {mark}: nothing wrong\n"
    )
    assert ims("check", ODENSE) == ims("check", "odense") == (0, words)


def test_a_plan_that_is_none_is_named_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text('profile = "x"\nbins = {}\nrules = [{ id = "a", whem = {}, to = "b" }]\n')
    code, said = ims("check", str(file))
    assert code == 2
    assert f"{file}:3:" in said
    assert "whem" in said


def test_a_plan_that_is_not_fit_to_run_ends_with_one(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(
        'profile = "x"\nbins = { a = { number = 1 }, exception = { number = 2, kind = "exception" } }\n'
        'rules = [{ id = "all", to = "a" }]\n'
    )
    code, said = ims("check", str(file), "--json")
    assert code == 1
    findings = json.loads(said)["findings"]
    errors = [f for f in findings if f["severity"] == "error"]
    assert errors
    assert all(f["line"] == 3 and f["what"].startswith("rule all: can put ") for f in errors)
    assert f"error: {file}:3:" in ims("check", str(file))[1]


def test_an_items_way_is_explained() -> None:
    code, said = ims("explain", ODENSE, "--item", '{"location": "Børn"}', "--out", "children")
    assert code == 0
    assert "-> children: applies" in said
    assert "refused: ok is true, asked for is false" in said
    assert "It goes to bin 8, overflow.\nWanted was children." in said


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("{", "Give an object"),
        ("[]", "no JSON object"),
        ("[" * 100_000, "too deep"),
        (f'{{"length_mm": {"9" * 6000}}}', "a number in it has more digits"),
        ('{"alrt": "01"}', "there is no 'alrt'"),
        ('{"ok": "no"}', "ok is true or false, not 'no'"),
        ('{"tags": "two"}', "tags is one of"),
        ('{"length_mm": true}', "length_mm is a whole number"),
        ('{"media": 6}', "media is a text"),
    ],
)
def test_a_wrong_item_is_named(item: str, says: str) -> None:
    code, said = ims("explain", ODENSE, "--item", item)
    assert code == 2
    assert says in said


def test_an_unknown_bin_is_named() -> None:
    code, said = ims("explain", ODENSE, "--item", "{}", "--out", "attic")
    assert code == 2
    assert "There is no bin 'attic'" in said


def test_what_explains_is_what_decides() -> None:
    plan = load_plan(Path(ODENSE))
    tried = explain(plan, facts_of({"alert": "01", "owner_isil": "DK-746100"}))
    assert [t.rule for t in tried if t.holds] == ["hold-here"]
    assert explain(plan, Facts())[-1].holds


def test_kohas_lines_become_a_plan(tmp_path: Path) -> None:
    file = tmp_path / "sort.txt"
    file.write_text("A:homebranch:ne:$holdingbranch:X\nA:itemcallnumber:<:340:1\nnonsense\n")
    code, said = ims("import-koha", str(file))
    assert code == 0
    assert "# not taken over: line 3: not branch:field:comparison:value:bin: nonsense" in said
    more = '\n[[rules]]\nid = "rest"\nto = "exception"\n[bins.exception]\nnumber = 9\nkind = "exception"\n'
    plan = plan_of('profile = "koha"\n' + said + more)
    assert [rule.id for rule in plan.rules] == ["koha-1", "koha-2", "rest"]


@pytest.mark.parametrize(
    ("content", "where", "says"),
    [
        (b"A:ccode:eq:1:1\r\nA:ccode:eq:2:2\rA:ccode:eq:b\xf8rn:3\n", ":3: ", "The byte 0xf8 is not"),
        (b"", ": ", "No sort bin line is in it."),
        (b"\n # only a remark\n", ": ", "No sort bin line is in it."),
    ],
)  # fmt: skip
def test_a_file_of_koha_that_is_none_is_named_with_its_line_and_byte(
    tmp_path: Path, content: bytes, where: str, says: str
) -> None:
    file = tmp_path / "sort.txt"
    file.write_bytes(content)
    code, said = ims("import-koha", str(file))
    assert code == 2
    assert f"{file}{where}{says}" in said
    assert ("iconv -f LATIN1 -t UTF-8" in said) is (b"\xf8" in content)


def test_the_picture_names_every_rule_and_bin(tmp_path: Path) -> None:
    file = tmp_path / "plan.svg"
    assert ims("draw", ODENSE, "--svg", str(file))[0] == 0
    texts = "\n".join(ElementTree.parse(file).getroot().itertext())
    plan = load_plan(Path(ODENSE))
    for rule in plan.rules:
        assert rule.id in texts
    for bin in plan.bins.values():
        assert bin.name in texts


def test_a_picture_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    code, said = ims("draw", ODENSE, "--svg", str(tmp_path / "no" / "plan.svg"))
    assert code == 2
    file = tmp_path / "no" / "plan.svg"
    assert f"--svg {file}: The picture cannot be written: No such file or directory." in said
    assert "Give a file in a directory that is there" in said


def test_the_page_of_the_plan_names_every_input_comparison_and_word() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/sort-plan.md").read_text(encoding="utf-8")
    comparisons, inputs = _tables(page)
    assert _named(comparisons) == {f.alias or n for n, f in Compare.model_fields.items()}
    assert _named(inputs) == TEXTS | FLAGS | NUMBERS
    words = {word for choices in CHOICES.values() for word in choices if word}
    assert words <= set(re.findall(r"`([a-z0-9_]+)`", page))


def _tables(page: str) -> list[str]:
    """Of the two tables, the first column's cells."""
    found = re.findall(
        r"^\| (?:Comparison|Input) \|.*\n\|---\|---\|\n((?:\|.*\n)+)", page, re.MULTILINE
    )
    return ["\n".join(row.split("|")[1] for row in table.splitlines()) for table in found]


def _named(cells: str) -> set[str]:
    return set(re.findall(r"`([a-z0-9_]+)`", cells))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            'location = { beginswith = "B" }',
            "there is no comparison 'beginswith'; there are: in, not_in",
        ),
        ("location = 1.5", "must be text, in quotes (got 1.5)"),
        ("location = [1]", "must be text, in quotes (got 1)"),
        ('location = "B', "is its closing quote missing?"),
    ],
)
def test_a_wrong_condition_is_told_once_by_what_it_was_meant_to_be(
    tmp_path: Path, wrong: str, says: str
) -> None:
    file = tmp_path / "plan.toml"
    text = Path(ODENSE).read_text(encoding="utf-8")
    file.write_text(text.replace('location = { prefix = "B" }', wrong), encoding="utf-8")
    code, said = ims("check", str(file), "--json")
    assert code == 2
    (problem,) = json.loads(said)["problems"]
    assert says in problem["what"]
    assert problem["line"] == text[: text.index("location = { prefix")].count("\n") + 1


def test_a_packaged_plan_is_named_by_its_name_wherever_one_is_asked_for() -> None:
    item = ("--item", '{"location": "Børn"}')
    assert ims("explain", "odense", *item) == ims("explain", ODENSE, *item)
    assert ims("draw", "odense") == ims("draw", ODENSE)
    code, said = ims("replay", "odense", "nowhere.jsonl")
    assert (code, "odense" in said) == (2, False), "it is the journal that is not there"
