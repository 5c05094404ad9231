"""How branches exchange, in the plan's decision: the next stop's crate, and sorted once or twice."""

from dataclasses import replace

import pytest

from config.load import ConfigInvalid
from sorter.plan.decide import Decider
from sorter.plan.edition import load_plan, plan_file, plan_of
from sorter.plan.explain import explain
from sorter.plan.facts import Facts
from sorter.plan.lint import lint
from sorter.plan.plan import Plan

ODENSE = load_plan(plan_file("odense"))
PLAN = """
profile = "branch"
[bins]
fiction = {{ number = 1 }}
children = {{ number = 2 }}
hub = {{ number = 3, kind = "transit" }}
dalum = {{ number = 4, kind = "transit" }}
dalum-children = {{ number = 5, kind = "transit" }}
exception = {{ number = 6, kind = "exception" }}
[maps.next]
"Borgernes Hus" = "hub"
Dalum = "dalum"
Tarup = "hub"
[exchange]
kind = "{kind}"
here = "{here}"
central = "{central}"
[exchange.branches]
"Borgernes Hus" = {{ plant = true, codes = ["HB"] }}
Tarup = {{ plant = true, codes = ["TAR"] }}
Dalum = {{ codes = ["DAL"] }}
Bolbro = {{}}
[[rules]]
id = "fine-for-dalum"
when = {{ ok = true, library = "answered", tags = "one", armed = true, sort = "secondary", next_stop = "Dalum", location = {{ prefix = "B" }} }}
to = "dalum-children"
[[rules]]
id = "branch"
when = {{ ok = true, library = "answered", tags = "one", armed = true, next_stop = {{ in_map = "next" }} }}
to = "$next_stop"
[[rules]]
id = "here"
when = {{ ok = true, library = "answered", tags = "one", armed = true, sort = "secondary", location = {{ prefix = "B" }} }}
to = "children"
[[rules]]
id = "rest"
to = "exception"
"""


def plan(kind: str, here: str, central: str = "Borgernes Hus") -> Plan:
    return plan_of(PLAN.format(kind=kind, here=here, central=central))


@pytest.mark.parametrize(
    ("kind", "here", "destination", "bin", "next_stop", "sort"),
    [
        ("direct", "Tarup", "DAL", "dalum", "Dalum", "primary"),
        ("direct", "Tarup", "HB", "hub", "Borgernes Hus", "primary"),
        ("central", "Tarup", "DAL", "hub", "Borgernes Hus", "primary"),
        ("central", "Tarup", "Dalum", "hub", "Borgernes Hus", "primary"),
        ("central", "Borgernes Hus", "DAL", "dalum-children", "Dalum", "secondary"),
        ("central", "Borgernes Hus", "TAR", "hub", "Tarup", "primary"),
        ("central", "Borgernes Hus", "HB", "children", "", "secondary"),
        ("direct", "Tarup", "", "children", "", "secondary"),
        ("central", "Tarup", "Nyborg", "exception", "", ""),
    ],
)
def test_a_childrens_book_goes_into_the_next_stops_crate_sorted_as_finely_as_that_stop_wants(
    kind: str, here: str, destination: str, bin: str, next_stop: str, sort: str
) -> None:
    by = plan(kind, here)
    facts = Facts(destination=destination, location="Børn")
    decide = Decider(by)
    known = decide.known(facts)
    assert (known.next_stop, known.sort) == (next_stop, sort)
    assert decide(facts, set(by.bins)).bin == bin
    assert explain(by, facts)[-1].rule == decide(facts, set(by.bins)).rule


def test_what_an_item_is_told_of_itself_is_made_anew_from_its_destination() -> None:
    """A day's facts are decided about again by another exchange."""
    old = Decider(plan("direct", "Tarup")).known(Facts(destination="DAL"))
    assert old.next_stop == "Dalum"
    assert Decider(plan("central", "Tarup")).known(old).next_stop == "Borgernes Hus"


def test_without_an_exchange_nothing_is_added() -> None:
    plain = plan_of(PLAN.format(kind="direct", here="Tarup", central=""))
    plain = plain.model_copy(update={"exchange": None})
    facts = Facts(destination="DAL")
    assert Decider(plain).known(facts) == facts


@pytest.mark.parametrize(
    ("kind", "here", "central", "what"),
    [
        ("central", "Borgernes Hus", "Nyborg", "the sorting branch 'Nyborg' is no branch"),
        ("central", "Borgernes Hus", "Dalum", "the sorting branch 'Dalum' has no plant"),
        ("direct", "Nyborg", "", "here is 'Nyborg', which is no branch of it"),
        ("direct", "Dalum", "", "'Dalum' has this plant, and says plant = false"),
    ],
)
def test_an_exchange_that_cannot_be_is_named(kind: str, here: str, central: str, what: str) -> None:
    with pytest.raises(ConfigInvalid) as wrong:
        plan(kind, here, central)
    assert what in str(wrong.value)


def test_two_branches_of_one_name_are_named() -> None:
    text = PLAN.format(kind="direct", here="Tarup", central="")
    with pytest.raises(ConfigInvalid) as wrong:
        plan_of(text.replace('codes = ["DAL"]', 'codes = ["TAR"]'))
    assert "two branches are called 'TAR'" in str(wrong.value)


def test_a_branch_that_no_rule_leads_to_is_warned_about() -> None:
    found = [f.what for f in lint(plan("direct", "Tarup"))]
    assert "nothing leads to Bolbro: no rule names its next stop Bolbro" in found
    assert not [f for f in lint(plan("central", "Tarup")) if "leads" in f.what]


@pytest.mark.parametrize("name", ["Dalum", "DAL", "Dalum Bibliotek", "Næsby"])
def test_odense_sends_to_each_branch_by_any_of_its_names(name: str) -> None:
    decision = Decider(ODENSE)(Facts(alert="04", destination=name), set(ODENSE.bins))
    assert (decision.bin, decision.rule, decision.slip) == ("transit", "branch", "transit")
    here = replace(Facts(), alert="04", destination="HB", sort_bin="101")
    assert Decider(ODENSE)(here, set(ODENSE.bins)).rule == "branch-unknown"


def test_odense_has_a_crate_for_every_branch() -> None:
    assert lint(ODENSE) == ()
