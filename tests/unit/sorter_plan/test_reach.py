"""Rules that are never reached: found by index as by comparing each rule with each, and never one that something reaches."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sorter.plan.decide import OWN, Decider, as_tests
from sorter.plan.facts import Facts
from sorter.plan.plan import Bin, Compare, Condition, Plan, Rule
from sorter.plan.reach import unreachable

WORDS = ["", "B", "Bø", "Børn", "x", "own", "DK-1", "DK-2", "01"]
MAPS: Mapping[str, Mapping[str, str]] = {
    "m": {"B": "a", "x": "a"},
    "n": {"B": "a", "x": "a", "Børn": "a"},
    "none": {},
}
FIELDS = ("media", "location", "owner_isil")


# --- the same, rule by rule -------------------------------------------------------------------------


def plainly(plan: Plan) -> Iterator[tuple[int, int]]:
    """Each rule beside each before it."""
    for n, narrow in enumerate(plan.rules):
        for first, wide in enumerate(plan.rules[:n]):
            if all(
                field in narrow.when and implies(plan, field, narrow.when[field], condition)
                for field, condition in wide.when.items()
            ):
                yield n, first
                break


def implies(plan: Plan, field: str, narrow: Condition, wide: Condition) -> bool:
    """Whether whatever meets `narrow` meets `wide`; False where that cannot be told."""
    few, many = listed(plan, field, narrow), listed(plan, field, wide)
    if few is not None and many is not None:
        return few <= many
    if few is not None and isinstance(wide, Compare):
        if not set(wide.given) <= {"prefix", "not_in", "ne"} or (wide.ne or "").startswith("$"):
            return False
        facts = [replace(Facts(), **{field: value}) for value in few]
        return all(test(one) for one in facts for test in as_tests(plan, field, wide))
    if isinstance(narrow, Compare) and isinstance(wide, Compare):
        if narrow.prefix is not None and set(wide.given) == {"prefix"}:
            return narrow.prefix.startswith(wide.prefix or "")
        return set(wide.given.items()) <= set(narrow.given.items())
    return False


def listed(plan: Plan, field: str, condition: Condition) -> set[Any] | None:
    match condition:
        case Compare():
            names = set(condition.given)
            if names == {"in_map"}:
                return set(plan.maps[condition.in_map or ""])
            if names != {"in_"}:
                return None
            words = condition.in_ or ()
        case tuple():
            words = condition
        case _:
            return {condition} if condition != OWN or field != "owner_isil" else set(plan.own)
    own = plan.own if field == "owner_isil" else (OWN,)
    return {word for one in words for word in (own if one == OWN else (one,))}


# --- plans --------------------------------------------------------------------------------------------

word = st.sampled_from(WORDS)
words = st.lists(word, max_size=3).map(tuple)
compared = st.fixed_dictionaries(
    {},
    optional={
        "in": words,
        "not_in": words,
        "eq": word,
        "ne": st.sampled_from([*WORDS, "$branch", "$media"]),
        "prefix": word,
        "contains": word,
        "lt": st.sampled_from([1.0, 2.0]),
        "ge": st.sampled_from([1.0, 2.0]),
        "in_map": st.sampled_from(list(MAPS)),
    },
).filter(bool)
one_of_few = st.sampled_from([{"prefix": "B"}, {"prefix": "Bø"}, {"in_map": "m"}, {"ne": "x"}])
asked = st.one_of(word, words, compared, one_of_few)
when = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(FIELDS, asked),
        "ok": st.booleans(),
        "length_mm": st.integers(0, 2) | st.sampled_from([{"lt": 2.0}, {"lt": 2.0, "ge": 1.0}]),
    },
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    rules = [
        Rule.model_validate({"id": f"r{n}", "when": one, "to": "a"})
        for n, one in enumerate(draw(st.lists(when, max_size=8)))
    ]
    own = draw(st.sampled_from([(), ("DK-1",), ("DK-1", "DK-2")]))
    return Plan(
        profile="t",
        own=own,
        exception="a",
        bins={"a": Bin(number=1, kind="exception")},
        maps={name: dict(table) for name, table in MAPS.items()},
        rules=(*rules, Rule(id="rest", to="a")),
    )


@given(plans())
def test_the_index_finds_what_comparing_rule_by_rule_finds(plan: Plan) -> None:
    assert list(unreachable(plan)) == list(plainly(plan))


facts = st.builds(
    Facts,
    media=word,
    location=word,
    owner_isil=word,
    branch=word,
    ok=st.booleans(),
    length_mm=st.integers(0, 2),
)


@given(plans(), st.lists(facts, min_size=5, max_size=20))
def test_nothing_is_decided_by_a_rule_that_is_called_unreachable(
    plan: Plan, items: list[Facts]
) -> None:
    never = {plan.rules[n].id for n, _ in unreachable(plan)}
    decide = Decider(plan)
    assert not never & {decide(one, {"a"}).rule for one in items}
