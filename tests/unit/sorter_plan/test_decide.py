"""Decisions of a plan: the hard cases, the laws, and Koha's own examples."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.plan.decide import Decider, number_of
from sorter.plan.edition import load_plan, plan_of
from sorter.plan.facts import Facts, Library, Tags
from sorter.plan.koha import as_toml, import_lines
from sorter.plan.plan import Plan

ODENSE: Plan = load_plan(Path(str(files("config").joinpath("plans/odense.toml"))))
DECIDE = Decider(ODENSE)
ALL = frozenset(ODENSE.bins)
OWN = Facts(owner_isil="DK-746100")

CASES = [
    ("no tag", replace(OWN, tags=Tags.NONE), "no-read", "exception"),
    ("tags of two items", replace(OWN, tags=Tags.CONFLICTING), "double", "exception"),
    ("part of a set", replace(OWN, tags=Tags.INCOMPLETE), "double", "exception"),
    ("not armed, though all else is well", replace(OWN, armed=False, sort_bin="101"), "not-armed", "exception"),
    ("another library's", replace(OWN, owner_isil="DK-715700", sort_bin="101"), "ill", "ill"),
    ("an old tag without owner", replace(OWN, owner_isil="", sort_bin="101"), "ils-bin", "adults"),
    ("a late answer", replace(OWN, library=Library.LATE), "late", "exception"),
    ("library system away", replace(OWN, library=Library.OFFLINE), "offline", "overflow"),
    ("refused, a children's book", replace(OWN, ok=False, location="Børn"), "refused", "exception"),
    ("a hold here", replace(OWN, alert="01", sort_bin="101"), "hold-here", "holds"),
    ("a hold elsewhere", replace(OWN, alert="02", destination="Dalum"), "branch", "transit"),
    ("to a branch that nobody knows", replace(OWN, alert="04", destination="Nyborg"), "branch-unknown", "exception"),
    ("the library system's bin", replace(OWN, sort_bin="104"), "ils-bin", "media"),
    ("a bin it has and we have not", replace(OWN, sort_bin="999", location="Børn"), "children", "children"),
    ("non-fiction", replace(OWN, call_number="61.3 Hansen"), "nonfiction", "nonfiction"),
    ("fiction", replace(OWN, call_number="86-096"), "fiction", "adults"),
    ("nothing is known", OWN, "rest", "exception"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "facts", "rule", "bin"), CASES, ids=[c[0] for c in CASES])
def test_each_case_has_its_bin_and_its_rule(what: str, facts: Facts, rule: str, bin: str) -> None:
    decision = DECIDE(facts, ALL)
    assert (decision.rule, decision.bin, decision.wanted) == (rule, bin, bin)


def test_a_full_bin_gives_way_down_the_chain() -> None:
    children = replace(OWN, location="Børn")
    assert DECIDE(children, ALL).alternates == ("overflow", "exception")
    full = DECIDE(children, ALL - {"children"})
    assert (full.bin, full.wanted, full.alternates) == ("overflow", "children", ("exception",))
    assert DECIDE(children, {"exception"}).bin == "exception"


def test_without_any_bin_there_is_no_decision_but_a_rule() -> None:
    none = DECIDE(replace(OWN, location="Børn"), ())
    assert (none.bin, none.rule, none.alternates) == (None, "children", ())


def test_what_belongs_to_staff_never_overflows() -> None:
    assert DECIDE(replace(OWN, ok=False), ALL - {"exception"}).bin is None


texts = st.sampled_from(["", "01", "02", "04", "101", "Dalum", "Børn", "61.3", "DK-746100", "x"])
facts_of_any_item = st.builds(
    Facts,
    tags=st.sampled_from(Tags),
    armed=st.booleans(),
    library=st.sampled_from(Library),
    ok=st.booleans(),
    alert=texts,
    destination=texts,
    sort_bin=texts,
    location=texts,
    call_number=texts,
    media=texts,
    owner_isil=texts,
)


@given(facts_of_any_item, st.sets(st.sampled_from(sorted(ALL))))
def test_total_deterministic_and_never_a_bin_that_cannot_take_it(
    facts: Facts, usable: set[str]
) -> None:
    decision = DECIDE(facts, usable)
    assert decision == Decider(ODENSE)(facts, usable)
    assert decision.bin is None or decision.bin in usable
    assert set(decision.alternates) <= usable - {decision.bin}
    if "exception" in usable:
        assert decision.bin is not None


@given(facts_of_any_item, st.sets(st.sampled_from(sorted(ALL))))
def test_nothing_that_a_person_must_see_lies_where_it_is_taken_for_good(
    facts: Facts, usable: set[str]
) -> None:
    decision = DECIDE(facts, usable)
    doubtful = (
        facts.tags not in {Tags.ONE, Tags.SET}
        or not facts.armed
        or facts.library in {Library.LATE, Library.UNASKED}
        or (facts.library is Library.ANSWERED and not facts.ok)
    )
    if doubtful and decision.bin is not None:
        assert ODENSE.bins[decision.bin].kind in {"exception", "ill", "overflow"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("61.3 Hansen", 61.3),
        ("350.20", 350.2),
        ("Hansen", None),
        ("", None),
        (".", None),
        ("7.", 7.0),
        (12, 12.0),
    ],
)
def test_the_number_at_the_start_of_a_call_number(text: object, number: float | None) -> None:
    assert number_of(text) == number


KOHA = """\
A:homebranch:ne:$holdingbranch:X\r
A:effective_itemtype:eq:CD:0\rA:itemcallnumber:<:340:1
A:itemcallnumber:<:370:2
# a comment

A:itemcallnumber:<:600:3
B:homebranch:ne:$holdingbranch:X
B:effective_itemtype:eq:CD:4
B:itemcallnumber:>:600:5
B:effective_itemtype:eq:BOOK:ccode:eq:TEEN:6
A:homebranch:Z
A:colour:eq:red:7
A:itemcallnumber:<:many:8
"""


@pytest.mark.parametrize(
    ("what", "facts", "bin"),
    [
        ("CD of A returned at B", Facts(branch="B", location="A", media="CD"), "X"),
        ("CD of A at A", Facts(branch="A", location="A", media="CD"), "0"),
        ("200.01 at A", Facts(branch="A", location="A", media="BOOK", call_number="200.01"), "1"),
        ("350.20 at A", Facts(branch="A", location="A", media="BOOK", call_number="350.20"), "2"),
        (
            "a teen's book at B",
            Facts(branch="B", location="B", media="BOOK", collection="TEEN"),
            "6",
        ),
        ("no line holds", Facts(branch="C", location="C"), None),
    ],
)
def test_kohas_lines_sort_as_koha_does(what: str, facts: Facts, bin: str | None) -> None:
    """Koha t/db_dependent/SIP/Transaction.t."""
    imported = import_lines(KOHA)
    bins = imported.bins.values()
    rules = [*imported.rules, {"id": "rest", "to": "exception"}]
    plan = Plan.model_validate(
        {
            "profile": "koha",
            "bins": {b: {"number": n} for n, b in enumerate([*bins, "exception"], 1)},
            "rules": rules,
        }
    )
    decision = Decider(plan)(facts, set(plan.bins))
    assert decision.bin == ("exception" if bin is None else imported.bins[bin])


def test_kohas_bad_lines_are_told_by_number() -> None:
    warnings = import_lines(KOHA).warnings
    assert [w.split(":")[0] for w in warnings] == ["line 12", "line 13", "line 14"]
    assert "colour is not told to a belt" in warnings[1]
    assert "'many' is no number" in warnings[2]


@pytest.mark.parametrize(
    ("bins", "names", "alike"),
    [
        (("Børn", "Bærn", "Bårn"), ("koha-boern", "koha-baern", "koha-baarn"), ()),
        (("Ø", "Å", "é", "Ü"), ("koha-oe", "koha-aa", "koha-e", "koha-ue"), ()),
        (
            ("Sal 1", "sal-1", "SAL 1", "Sal 1 2"),
            ("koha-sal-1", "koha-sal-1-2", "koha-sal-1-3", "koha-sal-1-2-2"),
            (
                "'sal-1' is called koha-sal-1-2, since koha-sal-1 is 'Sal 1'",
                "'SAL 1' is called koha-sal-1-3, since koha-sal-1 is 'Sal 1'",
                "'Sal 1 2' is called koha-sal-1-2-2, since koha-sal-1-2 is 'sal-1'",
            ),
        ),
        (
            ("كتب", "книги"),
            ("koha-bin", "koha-bin-2"),
            ("'книги' is called koha-bin-2, since koha-bin is 'كتب'",),
        ),
        (("1234567890",), ("koha-123456789-0",), ()),
    ],
)
def test_kohas_bins_stay_apart(
    bins: tuple[str, ...], names: tuple[str, ...], alike: tuple[str, ...]
) -> None:
    imported = import_lines("\n".join(f"A:itype:eq:{n}:{bin}" for n, bin in enumerate(bins)))
    assert imported.bins == dict(zip(bins, names, strict=True))
    assert tuple(rule["to"] for rule in imported.rules) == names
    assert imported.alike == alike


@given(
    st.text(),
    st.lists(
        st.tuples(
            st.sampled_from(["homebranch", "itype"]),
            st.sampled_from(["eq", "<", "x"]),
            st.text(),
            st.text(),
        )
    ),
)
def test_no_text_breaks_the_import_and_what_is_written_is_a_plan(
    text: str, lines: list[tuple[str, str, str, str]]
) -> None:
    more = "\n".join(":".join(("A", *line)) for line in lines)
    toml = as_toml(import_lines(f"{text}\n{more}"))
    end = '\n[[rules]]\nid = "rest"\nto = "exception"\n[bins.exception]\nnumber = 9999\n'
    assert plan_of(f'profile = "koha"\n{toml}{end}').rules


SMALL = """
profile = "small"
bins = { a = { number = 1 }, exception = { number = 2, kind = "exception" } }
rules = [ { id = "rest", to = "exception" } ]
"""


def test_a_plan_needs_no_more() -> None:
    plan = plan_of(SMALL)
    assert Decider(plan)(Facts(), {"exception"}).rule == "rest"
