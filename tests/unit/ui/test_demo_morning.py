"""The sorting demo's verdict: true only when the world and the line agree, item by item."""

from typing import Any

import pytest

from ui.demo_morning import BOOK, CHILDREN, HELD, WANTED, astray, prove

PAPER = {"inlet_printer": [["Lykke-Per"]], "printer": [[f"Materiale {HELD}"]]}
NAMES = {1: "adults", 3: "children", 5: "holds", 8: "overflow", 9: "exception"}


def morning() -> dict[str, Any]:
    """Three items where they belong."""
    where = {BOOK: 1, HELD: 5, CHILDREN[0]: 3}
    return {
        "where": where,
        "bins": {
            str(n): {"items": [item for item, bin in where.items() if bin == n]} for n in NAMES
        },
        "believed": {
            item: {"where": {"bin": NAMES[bin]}, "why": {"cause": "none"}}
            for item, bin in where.items()
        },
        "told": {
            "bins": {
                name: {"number": n, "count": sum(bin == n for bin in where.values())}
                for n, name in NAMES.items()
            },
            "counts": {"inducted": 3, "confirmed": 3, "lost": 0, "removed": 0},
        },
        "checked_in": [BOOK, HELD, CHILDREN[0]],
        "paper": PAPER,
    }


def moved(to: int, cause: str) -> dict[str, Any]:
    """The children's book lies elsewhere, and the line knows."""
    found = morning()
    found["where"][CHILDREN[0]] = to
    found["bins"]["3"]["items"] = []
    found["bins"][str(to)]["items"] = [CHILDREN[0]]
    found["believed"][CHILDREN[0]] = {"where": {"bin": NAMES[to]}, "why": {"cause": cause}}
    found["told"]["bins"]["children"]["count"] = 0
    found["told"]["bins"][NAMES[to]]["count"] = 1
    return found


def test_a_true_morning_has_no_failures() -> None:
    assert prove(**morning()) == []
    assert set(morning()["where"]) <= set(WANTED)


def test_aside_with_a_cause_is_no_mis_sort_and_without_one_it_is() -> None:
    told = moved(8, "full")
    assert prove(**told) == []
    assert astray(told["where"], told["believed"]) == []
    assert len(prove(**moved(8, "none"))) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m["checked_in"].append(BOOK), "checked in 2 times"),
        (lambda m: m["checked_in"].remove(BOOK), "checked in 0 times"),
        (lambda m: m["checked_in"].append("x"), "never handed in: x"),
        (lambda m: m["bins"]["1"]["items"].clear(), "the line counts 1 in adults; there lie 0"),
        (
            lambda m: m["believed"].update({BOOK: {"where": {"bin": "holds"}, "why": None}}),
            "the line says",
        ),
        (lambda m: m["told"]["counts"].update(confirmed=2), "came to a bin"),
        (
            lambda m: m.update(paper={"inlet_printer": [["Bo Prøvesen"]], "printer": []}),
            "a person stands on paper",
        ),
        (lambda m: m.update(paper={"inlet_printer": [], "printer": []}), "no slip"),
    ],
)
def test_each_thing_that_is_not_so_is_said(change: Any, says: str) -> None:
    found = morning()
    change(found)
    assert any(says in failure for failure in prove(**found))


def test_what_staff_has_unasked_needs_no_check_in() -> None:
    found = moved(9, "not_armed")
    found["checked_in"].remove(CHILDREN[0])
    assert prove(**found) == []
