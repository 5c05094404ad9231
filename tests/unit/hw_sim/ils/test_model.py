"""The small library: what is lent, taken back, held, owed, and what it remembers of being asked."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hw_sim.ils.model import Library
from hw_sim.ils.truth import truth
from tests.unit.hw_sim.ils.terminal import KAREN, NOW, OLE, SCENARIO

PER, TAPE, HELD, FOR_OLE, OLD = "3000000002", "3000000005", "3000000003", "3000000006", "3000000008"


def library(**rules: object) -> Library:
    return Library.from_scenario({**SCENARIO, "library": {**SCENARIO["library"], **rules}})


def loans(of: Library) -> Any:
    return truth(of)["loans"]


def outcomes(of: Library) -> list[tuple[str, str, str]]:
    return [(line.message, line.item, line.outcome) for line in of.asked]


def test_a_borrower_is_found_by_card_and_by_cpr() -> None:
    shelf = library()
    assert shelf.patron(KAREN) is shelf.patron("3002991234") is not None
    assert shelf.patron("") is None
    assert shelf.sign_in("63", "nobody", "", NOW) is None
    shelf.sign_in("63", KAREN, "9999", NOW)
    shelf.sign_in("23", KAREN, "1234", NOW)
    assert outcomes(shelf) == [
        ("63", "", "patron.unknown"),
        ("63", "", "patron.pin"),
        ("23", "", "done"),
    ]


def test_a_loan_stands_until_it_is_returned() -> None:
    shelf = library()
    lent = shelf.checkout(KAREN, PER, NOW, occurred=NOW)
    assert (lent.reason, lent.due, lent.renewed) == ("", date(2026, 12, 1), False)
    assert loans(shelf)[PER] == {"patron_card": KAREN, "due": "2026-12-01", "renewals": 0}
    assert shelf.items[PER].status == "04"
    taken = shelf.checkin(PER, NOW, place="HB")
    assert (taken.reason, taken.alert) == ("", "")
    assert PER not in loans(shelf)
    assert shelf.items[PER].status == "03"
    assert outcomes(shelf) == [("11", PER, "done"), ("09", PER, "done")]


@pytest.mark.parametrize(
    ("patron", "item", "reason"),
    [
        ("nobody", PER, "patron.unknown"),
        (KAREN, "nothing", "item.unknown"),
        ("3333333333", PER, "patron.blocked"),
        ("4444444444", PER, "patron.too_many"),
        (KAREN, HELD, "item.reserved"),
        (KAREN, FOR_OLE, "item.reserved"),
        (KAREN, "3000000004", "item.not_for_loan"),
        (KAREN, "3000000007", "item.not_available"),
        (KAREN, TAPE, "fee.unagreed"),
        (OLE, OLD, "item.on_loan"),
    ],
)
def test_a_loan_is_refused_and_nothing_changes(patron: str, item: str, reason: str) -> None:
    shelf = library()
    before = loans(shelf)
    assert shelf.checkout(patron, item, NOW).reason == reason
    assert loans(shelf) == before
    assert outcomes(shelf) == [("11", item, reason)]


@pytest.mark.parametrize(
    ("flag", "reason"),
    [(0, "patron.no_loans"), (4, "patron.card_lost"), (5, "patron.too_many"), (10, "patron.fees")],
)
def test_status_flags_stop_a_loan(flag: int, reason: str) -> None:
    shelf = library()
    shelf.patrons[KAREN].status_flags = frozenset({flag})
    assert shelf.checkout(KAREN, PER, NOW).reason == reason


def test_too_much_owed_stops_a_loan() -> None:
    shelf = library()
    shelf.patrons[KAREN].fee_limit = Decimal("32.49")
    assert shelf.checkout(KAREN, PER, NOW).reason == "patron.fees"
    shelf.patrons[KAREN].fee_limit = Decimal("32.50")
    assert shelf.checkout(KAREN, PER, NOW).reason == ""


def test_a_wrong_pin_stops_a_loan_and_no_pin_does_not() -> None:
    shelf = library()
    assert shelf.checkout(KAREN, PER, NOW, pin="9999").reason == "patron.pin"
    assert shelf.checkout(KAREN, PER, NOW).reason == ""


def test_a_loan_that_has_happened_is_taken_as_it_is() -> None:
    shelf = library()
    due = date(2026, 11, 20)
    for item in (HELD, "3000000004", TAPE, OLD):
        lent = shelf.checkout(OLE, item, NOW, no_block=True, nb_due=due)
        assert (lent.reason, lent.due) == ("", due)
    assert shelf.checkout(OLE, "nothing", NOW, no_block=True).reason == "item.unknown"
    assert all(line.no_block for line in shelf.asked)
    assert loans(shelf)[OLD]["patron_card"] == OLE


def test_the_same_loan_again_becomes_a_renewal() -> None:
    shelf = library()
    shelf.checkout(KAREN, PER, NOW)
    again = shelf.checkout(KAREN, PER, NOW + timedelta(days=3))
    assert (again.reason, again.renewed, again.due) == ("", True, date(2026, 12, 4))
    assert outcomes(shelf) == [("11", PER, "done"), ("11", PER, "renewed")]
    assert loans(shelf)[PER]["renewals"] == 1


def test_the_same_loan_again_can_be_refused() -> None:
    shelf = library(repeat_loan="refuse")
    shelf.checkout(KAREN, PER, NOW)
    assert shelf.checkout(KAREN, PER, NOW).reason == "loan.repeated"
    assert loans(shelf)[PER]["renewals"] == 0


def test_the_same_loan_again_can_be_too_early_to_renew() -> None:
    shelf = library(renew_window_days=7)
    shelf.checkout(KAREN, PER, NOW)
    assert shelf.checkout(KAREN, PER, NOW).reason == "renew.too_early"


def test_renewal_keeps_to_window_limit_and_queue() -> None:
    shelf = library(renew_window_days=7, max_renewals=1)
    shelf.checkout(KAREN, PER, NOW)
    assert shelf.renew(KAREN, PER, NOW).reason == "renew.too_early"
    assert shelf.renew(KAREN, PER, NOW + timedelta(days=20)).reason == "renew.too_early"
    in_time = NOW + timedelta(days=21)
    assert shelf.renew(KAREN, PER, in_time).due == date(2026, 12, 22)
    assert shelf.renew(KAREN, PER, in_time + timedelta(days=28)).reason == "renew.limit"
    assert shelf.renew(OLE, PER, NOW).reason == "renew.not_yours"
    shelf.hold("+", OLE, OLD, NOW)
    assert shelf.renew(KAREN, OLD, NOW).reason == "item.reserved"
    assert shelf.renew(KAREN, OLD, NOW, no_block=True, nb_due=date(2027, 1, 1)).reason == ""


def test_a_renewal_may_name_the_title() -> None:
    shelf = library()
    assert shelf.renew(KAREN, "", NOW, title="Gammel").due == date(2026, 12, 1)
    assert shelf.renew(KAREN, "", NOW, title="Tørst").reason == "item.unknown"


def test_a_denied_borrower_does_not_renew() -> None:
    shelf = library()
    shelf.patrons[KAREN].status_flags = frozenset({1})
    assert shelf.renew(KAREN, OLD, NOW).reason == "patron.no_renewals"
    shelf.block(KAREN, NOW)
    assert shelf.renew(KAREN, OLD, NOW).reason == "patron.blocked"


def test_renew_all_tells_which() -> None:
    shelf = library()
    shelf.checkout(KAREN, PER, NOW)
    shelf.hold("+", OLE, OLD, NOW)
    assert shelf.renew_all(KAREN, NOW) == ("", [PER], {OLD: "item.reserved"})
    assert shelf.renew_all(KAREN, NOW, pin="9999")[0] == "patron.pin"
    assert shelf.renew_all("nobody", NOW)[0] == "patron.unknown"


def test_a_return_finds_its_way() -> None:
    shelf = library()
    here = shelf.checkin(HELD, NOW, place="HB")
    assert (here.reason, here.alert, here.sort_bin) == ("item.not_on_loan", "01", "1")
    assert shelf.items[HELD].status == "08"
    elsewhere = shelf.checkin(FOR_OLE, NOW, place="HB")
    assert (elsewhere.alert, elsewhere.destination, elsewhere.sort_bin) == ("02", "Dalum", "701")
    assert shelf.items[FOR_OLE].status == "10"
    assert elsewhere.hold_for is shelf.patrons[OLE]
    home = shelf.checkin("3000000001", NOW, place="HB")
    assert (home.alert, home.destination, home.sort_bin) == ("04", "Dalum", "701")
    arrived = shelf.checkin("3000000001", NOW, place="DA")
    assert (arrived.alert, shelf.items["3000000001"].status) == ("", "03")
    unknown = shelf.checkin("nothing", NOW)
    assert (unknown.reason, unknown.alert, unknown.sort_bin) == ("item.unknown", "99", "9")


def test_an_unlent_item_can_be_taken_back_but_not_as_something_that_happened() -> None:
    shelf = library(return_unlent="accept")
    assert shelf.checkin(PER, NOW).reason == ""
    assert shelf.checkin(PER, NOW, no_block=True).reason == "item.not_on_loan"


def test_a_library_without_a_place_sends_nothing_away() -> None:
    shelf = Library.from_scenario({"items": [{"id": "1", "title": "A", "location": "Dalum"}]})
    assert shelf.checkin("1", NOW).alert == ""


def test_a_checkout_can_be_undone_and_so_can_a_return() -> None:
    shelf = library()
    shelf.checkout(KAREN, TAPE, NOW, fee_ok=True)
    assert shelf.owed(shelf.patrons[KAREN]) == Decimal("57.50")
    assert shelf.undo_checkout(TAPE, NOW).reason == ""
    assert shelf.owed(shelf.patrons[KAREN]) == Decimal("32.50")
    assert TAPE not in loans(shelf)
    assert shelf.undo_checkout(TAPE, NOW).reason == "item.not_on_loan"
    assert shelf.undo_checkout("nothing", NOW).reason == "item.unknown"
    shelf.checkin(OLD, NOW)
    assert shelf.undo_checkin(OLE, OLD, NOW).reason == "loan.not_returned"
    assert shelf.undo_checkin(KAREN, OLD, NOW).due == date(2026, 11, 1)
    assert loans(shelf)[OLD]["patron_card"] == KAREN
    assert shelf.undo_checkin(KAREN, OLD, NOW).reason == "loan.not_returned"


def test_a_hold_goes_through_its_life() -> None:
    shelf = library()
    shelf.checkout(KAREN, PER, NOW)
    placed = shelf.hold("+", OLE, PER, NOW, pickup="Borgernes Hus")
    assert (placed.reason, placed.place, placed.ready) == ("", 1, False)
    assert shelf.hold("+", OLE, PER, NOW).reason == "hold.exists"
    moved = shelf.hold("*", OLE, PER, NOW, pickup="Dalum", expires=date(2027, 1, 1))
    assert (moved.pickup, moved.expires) == ("Dalum", date(2027, 1, 1))
    shelf.checkin(PER, NOW, place="DA")
    assert [hold.item for hold in shelf.holds_of(shelf.patrons[OLE], ready=True)] == [PER]
    assert shelf.checkout(KAREN, PER, NOW).reason == "item.reserved"
    assert shelf.checkout(OLE, PER, NOW).reason == ""
    assert shelf.queue(shelf.items[PER]) == []
    assert shelf.hold("-", OLE, PER, NOW).reason == "hold.unknown"


def test_a_hold_can_be_cancelled_and_refused() -> None:
    shelf = library()
    assert shelf.hold("-", OLE, FOR_OLE, NOW).reason == ""
    assert shelf.hold("+", "4444444444", PER, NOW).reason == "patron.too_many_holds"
    assert shelf.hold("+", "3333333333", PER, NOW).reason == "patron.no_holds"
    assert shelf.hold("+", OLE, "nothing", NOW).reason == "item.unknown"
    assert shelf.hold("+", OLE, PER, NOW, pin="0").reason == "patron.pin"


def test_a_hold_on_a_title_is_met_by_any_copy() -> None:
    items = [{"id": "1", "title": "To ens"}, {"id": "2", "title": "To ens"}]
    shelf = Library.from_scenario({"items": items, "patrons": [{"card": KAREN}]})
    assert shelf.hold("+", KAREN, "", NOW, title="To ens").place == 1
    assert shelf.checkin("2", NOW).alert == "01"


def test_a_payment_settles_the_oldest_fee_first_and_twice_is_twice() -> None:
    shelf = library()
    assert shelf.pay(KAREN, "15", NOW, transaction="k1") == ""
    assert [str(fee.amount) for fee in shelf.fees] == ["17.50"]
    assert shelf.pay(KAREN, "15", NOW, transaction="k1") == ""
    assert [(who, str(amount)) for who, _, amount in shelf.payments] == [(KAREN, "15")] * 2
    for wrong in ("15", "0", "-1", "x", "", "NaN", "Infinity"):
        assert shelf.pay(KAREN, wrong, NOW) == "fee.wrong_amount"
    assert shelf.pay(KAREN, "2,50", NOW, fee_id="F2") == ""
    assert shelf.fees == []
    assert shelf.pay("nobody", "1", NOW) == "patron.unknown"


def test_a_card_is_blocked_and_let_in_again() -> None:
    shelf = library()
    shelf.block(KAREN, NOW)
    assert shelf.flags(shelf.patrons[KAREN]) >= {0, 1, 2, 3}
    assert truth(shelf)["blocked"] == [KAREN, "3333333333"]
    shelf.enable(KAREN, NOW)
    assert truth(shelf)["blocked"] == ["3333333333"]
    assert shelf.block("nobody", NOW) is None


def test_a_loan_or_hold_of_nobody_is_no_scenario() -> None:
    for key in ("lent_to", "reserved_for"):
        rows = [{"id": "1", "title": "A", key: "nobody", "due": "2026-11-01"}]
        with pytest.raises(ValueError, match="no patron has that card"):
            Library.from_scenario({"items": rows})


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": [{"id": "1", "title": "A", "fee": "much"}]},
        {"items": [{"id": "1", "title": "A", "lent_to": KAREN}], "patrons": [{"card": KAREN}]},
        {"patrons": [{"card": KAREN, "fees": ["much"]}]},
        {"patrons": [{"card": KAREN, "fee_limit": "NaN"}]},
        {"library": {"repeat_loan": "perhaps"}},
        {"library": {"return_unlent": "perhaps"}},
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"much|isoformat|NaN|perhaps"):
        Library.from_scenario(wrong)


def test_the_truth_is_json_and_reprs_hide_borrowers() -> None:
    shelf = library()
    shelf.checkout(KAREN, PER, NOW, occurred=NOW)
    told = json.loads(json.dumps(truth(shelf)))
    assert told["asked"][-1] == {
        "at": NOW.isoformat(),
        "message": "11",
        "item": PER,
        "outcome": "done",
        "occurred": NOW.isoformat(),
        "no_block": False,
    }
    shown = repr((shelf.patrons, shelf.loans, shelf.holds, shelf.fees))
    assert "Testesen" not in repr(list(shelf.patrons.values()))
    assert "card=" not in shown
