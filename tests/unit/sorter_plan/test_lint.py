"""What is said of a plan that is no plan, and of one that a belt had better not run by."""

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import ConfigInvalid
from config.texts import LANGUAGES, Catalogue, Channel, text
from sorter.plan.edition import (
    MOST_BYTES,
    MOST_RULES,
    MOST_TOLD,
    Wrong,
    judge,
    load_plan,
    plan_of,
)
from sorter.plan.lint import FORBIDDEN, fit, lint
from sorter.plan.names import spelled, wrong_with

SAID = Catalogue.load()

HEAD = """\
profile = "t"
own = ["DK-1"]
[bins]
a = { number = 1 }
b = { number = 2 }
over = { number = 3, kind = "overflow" }
exception = { number = 9, kind = "exception" }
[maps.m]
x = "a"
"""


def rules(*lines: str, rest: str = '{ id = "rest", to = "exception" }') -> str:
    listed = ",\n  ".join((*lines, rest))
    return f"rules = [\n  {listed},\n]\n" + HEAD


def named(bin: str) -> str:
    """With the second bin called otherwise."""
    return rules().replace("b = {", f"{bin} = {{")


@pytest.mark.parametrize("name", ["b", "Boern_1", "a.b:c/d+e-f", "b" * 80, "b123456789"])
def test_what_the_journal_takes_is_a_name(name: str) -> None:
    assert list(plan_of(named(f'"{name}"')).bins)[1] == name


@given(st.text())
def test_a_name_made_of_anybodys_words_is_one_that_the_journal_takes(words: str) -> None:
    assert not (name := spelled(words)) or wrong_with(name) == ""


SAFE = (
    '{ id = "staff", when = { tags = ["none", "conflicting", "incomplete"] }, to = "exception" }',
    '{ id = "silent", when = { armed = false }, to = "exception" }',
    '{ id = "late", when = { library = ["late", "offline", "unasked"] }, to = "exception" }',
    '{ id = "no", when = { ok = false }, to = "exception" }',
)


def test_the_packaged_plan_has_nothing_wrong() -> None:
    plan = load_plan(Path(str(files("config").joinpath("plans/odense.toml"))))
    assert lint(plan) == ()


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (
            rules('{ id = "r", when = { colour = "red" }, to = "a" }'),
            "rule r: there is no 'colour'",
        ),
        (rules('{ id = "r", when = { tags = "nun" }, to = "a" }'), "rule r: tags is never 'nun'"),
        (rules('{ id = "r", when = { ok = "no" }, to = "a" }'), "rule r: ok is true or false"),
        (
            rules('{ id = "r", when = { length_mm = "long" }, to = "a" }'),
            "rule r: length_mm is a number",
        ),
        (rules('{ id = "r", to = "nowhere" }'), "rule r: no bin 'nowhere'"),
        (rules('{ id = "r", to = "a", else = ["nowhere"] }'), "rule r: else: no bin 'nowhere'"),
        (
            rules('{ id = "r", when = { media = "x" }, to = "$media" }'),
            "media has no in_map in this rule",
        ),
        (
            rules('{ id = "r", when = { media = { in_map = "no" } }, to = "$media" }'),
            "media: no map 'no'",
        ),
        (
            rules('{ id = "r", when = { media = { eq = "$colour" } }, to = "a" }'),
            "there is no 'colour'",
        ),
        (
            rules('{ id = "rest", when = { ok = true }, to = "a" }'),
            "rule rest: its id stands twice",
        ),
        (
            rules(rest='{ id = "r", when = { ok = true }, to = "a" }'),
            "the last rule must ask nothing",
        ),
        (rules().replace("number = 2", "number = 1"), "two bins have one number"),
        (rules().replace('x = "a"', 'x = "nowhere"'), "map m: no bin 'nowhere'"),
        (named('"børn"'), "plan.toml:8:1: bin 'børn': a name is of a to z.*: call it 'boern'"),
        (named('"over dør"'), "bin 'over dør': .*: call it 'over-doer'"),
        (named("b1234567890"), "bin 'b1234567890': .*: call it 'b123456789-0'"),
        (named('"كتب"'), "bin 'كتب': .* in a row; for people, give it name = 'كتب'"),
        (named('""'), "bin '': a name is of"),
        (named("b" * 81), "1 to 80 of them"),
        (
            rules('{ id = "r1234567890", to = "a" }'),
            "plan.toml:2:5: rule r1234567890: .*never ten digits in a row: call it 'r123456789-0'",
        ),
    ],
)
def test_what_is_no_plan_is_refused_with_the_rule_named(toml: str, says: str) -> None:
    with pytest.raises(ConfigInvalid, match=says.replace("$", r"\$")):
        plan_of(toml)


HUGE = "0x" + "F" * 6000


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (f"\nown = {'[' * 3000}", "plan.toml:2:1: lists or tables stand too deep"),
        (f"\nbins{'.a' * 3000} = 1", "lists or tables stand too deep"),
        (f"own = 1\nx = {'9' * 6000}\ny = 2", "plan.toml:2:1: a number has more digits than any"),
        (rules().replace("number = 2", f"number = {HUGE}"), "bins.b.number: must be at most 10000"),
        (rules().replace('own = ["DK-1"]', f"own = {HUGE}"), "got a number of very many digits"),
        (
            rules(f'{{ id = "r", when = {{ length_mm = {HUGE} }}, to = "a" }}'),
            "length_mm.number: must be at most 1000000000",
        ),
    ],
)
def test_what_no_reader_of_toml_can_take_is_named_with_its_line(toml: str, says: str) -> None:
    found = judge(toml.encode(), "plan.toml", bins=9)
    assert found.wrong is Wrong.NO_PLAN
    assert says in "\n".join(map(str, found.problems))


PIECES = st.sampled_from(
    [*'[]{}=.,\n"# ', "bins", "rules", "a", "when", "number", "[[rules]]\n", 'id = "a"', "0x9", "nan", "-9" * 50, "2026-01-01"]
)  # fmt: skip


@given(st.lists(PIECES).map("".join).map(str.encode) | st.binary())
def test_whatever_stands_in_a_file_is_judged(content: bytes) -> None:
    found = judge(content, "plan.toml", bins=9)
    assert found.wrong is not None
    assert found.problems


def greatest() -> str:
    """As many rules as a plan may have, each of its own."""
    room, fixed = MOST_RULES, len(SAFE) + 1
    return rules(
        *SAFE,
        *(f'{{id="r{n}",when={{media={{prefix="{n:04}"}}}},to="a"}}' for n in range(room - fixed)),
    )


def test_a_plan_of_as_many_rules_as_there_may_be_is_judged() -> None:
    found = judge(greatest().encode(), "plan.toml")
    assert (found.wrong, found.problems) == (None, ())


def test_a_plan_with_more_rules_than_there_may_be_is_refused_at_the_first_of_them() -> None:
    more = greatest().replace(
        '  { id = "rest"', '  { id = "more", when = { ok = true }, to = "a" },\n  { id = "rest"'
    )
    found = judge(more.encode(), "plan.toml")
    assert (found.wrong, found.edition) == (Wrong.TOO_LARGE, None)
    (problem,) = found.problems
    assert problem.place.line == more[: more.index('{ id = "rest"')].count("\n") + 1
    assert "a plan has at most 4,000 rules" in problem.what


def test_a_plan_of_more_bytes_than_there_may_be_is_refused_where_they_begin() -> None:
    toml = rules(*SAFE)
    full = toml + "#" * (MOST_BYTES - len(toml.encode()))
    assert judge(full.encode(), "plan.toml").wrong is None
    found = judge(f"{full}\n".encode(), "plan.toml")
    assert (found.wrong, found.fingerprint) == (Wrong.TOO_LARGE, "")
    assert found.problems[0].place.line == full.count("\n") + 1
    assert "at most 256 KiB" in found.problems[0].what


@pytest.mark.parametrize(
    "long", ["a." * 100_000 + "b = 1", f"[{'a.' * 40}b]", '"a" . ' * 40 + "b = 1"]
)
def test_a_key_of_very_many_parts_is_refused_without_reading_it(long: str) -> None:
    found = judge(f"own = []\n{long}".encode(), "plan.toml")
    assert found.problems[0].place.line == 2
    assert "a key has more than 32 parts" in found.problems[0].what


def test_of_very_many_faults_the_first_are_told() -> None:
    wrong = (f'{{ id = "r{n}", to = "nowhere{n}" }}' for n in range(300))
    found = judge(rules(*wrong).encode(), "plan.toml")
    assert len(found.problems) == MOST_TOLD + 1
    assert "rule r99: no bin 'nowhere99'" in str(found.problems[-2])
    assert "there is more after it" in str(found.problems[-1])


def test_a_wrong_key_is_named_with_its_line() -> None:
    with pytest.raises(ConfigInvalid, match=r"plan\.toml:2:\d+: rules\.0\.wen"):
        plan_of(rules('{ id = "r", wen = { ok = true }, to = "a" }'))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"none\.toml"):
        load_plan(tmp_path / "none.toml")


UNREACHABLE = [
    ("the same again", '{ id = "one", when = { media = "x" }, to = "a" }', '{ id = "two", when = { media = "x" }, to = "b" }'),
    ("part of a list", '{ id = "one", when = { media = ["x", "y"] }, to = "a" }', '{ id = "two", when = { media = "y" }, to = "b" }'),
    ("narrower by another field", '{ id = "one", when = { media = "x" }, to = "a" }', '{ id = "two", when = { media = "x", collection = "y" }, to = "b" }'),
    ("a longer prefix", '{ id = "one", when = { location = { prefix = "B" } }, to = "a" }', '{ id = "two", when = { location = { prefix = "Bø" } }, to = "b" }'),
    ("a word with the prefix", '{ id = "one", when = { location = { prefix = "B" } }, to = "a" }', '{ id = "two", when = { location = "Børn" }, to = "b" }'),
    ("a word of the map", '{ id = "one", when = { media = { in_map = "m" } }, to = "a" }', '{ id = "two", when = { media = "x" }, to = "b" }'),
    ("own, by name", '{ id = "one", when = { owner_isil = "own" }, to = "a" }', '{ id = "two", when = { owner_isil = "DK-1" }, to = "b" }'),
]  # fmt: skip


@pytest.mark.parametrize(("what", "first", "second"), UNREACHABLE, ids=[u[0] for u in UNREACHABLE])
def test_a_rule_that_is_never_reached_is_named(what: str, first: str, second: str) -> None:
    findings = lint(plan_of(rules(*SAFE, first, second)))
    assert ("error", "two") in {(f.severity, f.rule) for f in findings}


@pytest.mark.parametrize(
    "second",
    [
        '{ id = "two", when = { media = ["y", "z"] }, to = "b" }',
        '{ id = "two", when = { collection = "x" }, to = "b" }',
        '{ id = "two", when = { media = { prefix = "x" } }, to = "b" }',
        '{ id = "two", when = { branch = "z" }, to = "b" }',
        '{ id = "two", when = { owner_isil = { in = ["own"] } }, to = "b" }',
    ],
)
def test_a_rule_that_is_reached_is_not_blamed(second: str) -> None:
    first = ",\n".join(
        (
            '{ id = "one", when = { media = ["x", "y"] }, to = "a" }',
            '{ id = "elsewhere", when = { branch = { ne = "$location" } }, to = "a" }',
            '{ id = "theirs", when = { owner_isil = { not_in = ["DK-1"] } }, to = "a" }',
        )
    )
    assert not [f for f in lint(plan_of(rules(*SAFE, first, second))) if f.rule == "two"]


@pytest.mark.parametrize("left_out", range(len(SAFE)))
def test_a_plan_that_could_put_a_doubtful_item_on_a_shelf_is_not_fit(left_out: int) -> None:
    safe = [rule for n, rule in enumerate(SAFE) if n != left_out]
    shelf = '{ id = "shelf", when = { media = { in_map = "m" } }, to = "$media" }'
    plan = plan_of(rules(*safe, shelf))
    assert not fit(plan)
    assert any("can put" in f.what and f.rule == "shelf" for f in lint(plan))
    assert fit(plan_of(rules(*SAFE, shelf)))


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ('to = "over", else = ["over"]', "else names over, which is its own bin"),
        ('to = "over", else = ["b", "b"]', "else names b twice"),
        ('to = "exception", else = ["over"]', "else is never used: exception has no alternate"),
        ('when = { media = { in_map = "m" } }, to = "$media", else = ["a"]', "its own bin"),
        ('to = "over", else = ["b", "exception"]', ""),
    ],
)
def test_an_alternate_that_changes_nothing_is_warned_of_at_its_place(rule: str, says: str) -> None:
    toml = rules(*SAFE, f'{{ id = "one", when = {{ collection = "x" }}, {rule} }}')
    if "in_map" in rule:
        toml = rules(*SAFE, f'{{ id = "one", {rule} }}')
    found = [hint for hint in judge(toml.encode(), "plan.toml").hints if "else" in hint.what]
    assert len(found) == bool(says)
    assert all(says in one.what and one.place.line == 6 for one in found)


@pytest.mark.parametrize("wrong", ["number = true", "number = 2.0", "number = 2, capacity = true"])
def test_a_number_of_a_bin_is_a_number(wrong: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"bins\.b\.\w+: must be a whole number"):
        plan_of(rules().replace("number = 2", wrong))


def test_bins_and_maps_that_nothing_uses_are_warned_of() -> None:
    said = {f.what for f in lint(plan_of(rules(*SAFE)))}
    assert {"bin a is never used", "map m is never used"} <= said


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_error_can_be_said_in_every_language(language: str) -> None:
    """On the panel whoever stands there reads it; the technical words stand after."""
    unsafe = plan_of(rules('{ id = "all", to = "a" }'))
    found = [finding for finding in lint(unsafe) if finding.severity == "error"]
    assert {one.said.key for one in found if one.said} == {
        "plan.fault.unreachable",
        "plan.fault.misplaced",
    }
    said = [SAID.say(one.said, language, Channel.PAPER) for one in found if one.said]
    assert len(said) == len(found)
    assert all("all" in words for words in said)
    for name, _, _ in FORBIDDEN:
        assert SAID.say(text(f"plan.whose.{name}"), language)


EXCHANGE = """
[exchange]
here = "hc"
[exchange.branches.bh]
plant = true
"""


@pytest.mark.parametrize(
    ("broken", "key", "names"),
    [
        (rules('{ id = "r", to = "attic" }'), "no_bin", ("attic", "r")),
        (rules().replace('x = "a"', 'x = "attic"'), "map", ("m", "x", "attic")),
        (f'overflow = "attic"\n{rules()}', "overflow_bin", ("attic",)),
        (f'exception = "attic"\n{rules()}', "exception_bin", ("attic",)),
        (rules(rest='{ id = "r", when = { ok = true }, to = "a" }'), "last", ()),
        (rules().replace(rules().split("[bins]")[0], 'profile = "t"\nrules = []\n'), "last", ()),
        (rules() + EXCHANGE, "exchange", ()),
    ],
)
def test_what_leads_nowhere_is_said_in_every_language(
    broken: str, key: str, names: tuple[str, ...]
) -> None:
    found = judge(broken.encode(), "plan.toml")
    assert found.wrong is Wrong.NO_PLAN
    said = [one.said for one in found.problems if one.said is not None]
    assert f"plan.fault.{key}" in {words.key for words in said}
    for words in said:
        for language in LANGUAGES:
            heard = SAID.say(words, language, Channel.PAPER)
            assert words.key != f"plan.fault.{key}" or all(name in heard for name in names)
