"""The port `LibrarySystem`, held by the SIP2 gateway against a library system that misbehaves."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from drivers.errors import Code
from drivers.library.given_back import Left
from drivers.library.settle import Settled, Unsettled, Verb, settle
from drivers.ports import (
    Account,
    Answer,
    Circulation,
    HoldState,
    LibrarySystem,
    Online,
    Outcome,
    Patron,
    Secret,
)
from hw_sim.ils.stock import Hold
from tests.contract.library_bench import (
    ARMED,
    ATLAS,
    BOOK,
    ELSEWHERE,
    FILM,
    HELD,
    KAREN,
    OLD,
    OLE,
    Bench,
    borrow,
    joined,
)


@pytest.fixture(autouse=True)
def _lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped")


# --- in good health -----------------------------------------------------------------------------------


def test_a_whole_visit() -> None:
    async def work(bench: Bench) -> None:
        library: LibrarySystem = bench.gateway
        who = await library.sign_in(KAREN.card, KAREN.pin)
        assert who.patron is not None
        assert who.patron.name.reveal() == "Karen Testesen"
        assert who.patron.email.reveal() == "karen@example.org"
        left = 0

        def sent() -> None:
            nonlocal left
            left += 1

        lent = await library.borrow(who.patron, BOOK, occurred=bench.now(), sent=sent)
        assert (lent.outcome, lent.title, left) == (Outcome.DONE, "Tørst", 1)
        assert bench.loans[BOOK]["due"] == str(lent.due)
        account = await library.account(who.patron)
        assert {(loan.item, loan.title) for loan in account.loans} == {
            (OLD, "Gammel"),
            (BOOK, "Tørst"),
        }
        assert account.overdue == {OLD}
        assert account.owed == 3250
        assert [fee.amount for fee in account.fees] == [1250, 2000]
        renewed = await library.renew(who.patron, OLD, occurred=bench.now(), sent=sent)
        assert renewed.done
        assert bench.loans[OLD]["renewals"] == 1
        everything = await library.renew_all(who.patron, occurred=bench.now(), sent=sent)
        assert set(everything.renewed) == {OLD, BOOK}
        back = await library.give_back(BOOK, occurred=bench.now(), sent=sent)
        assert (back.outcome, back.title) == (Outcome.DONE, "Tørst")
        assert BOOK not in bench.loans
        assert (await library.end(who.patron)).done
        assert left == 4
        assert bench.count("93") == bench.count("99") == 1
        assert library.online() is Online.ONLINE

    joined(work)


def test_each_no_has_its_reason() -> None:
    async def work(bench: Bench) -> None:
        for item, reason in (
            (HELD, "item.reserved"),
            (ATLAS, "item.not_loanable"),
            (FILM, "lend.fee"),
            ("9999999999", "item.unknown"),
            ("  ", "item.unknown"),
        ):
            assert (await borrow(bench, item)).reason == reason, item
        fee = await borrow(bench, FILM)
        assert (fee.fee, fee.currency) == (2500, "DKK")
        agreed = await bench.gateway.borrow(KAREN, FILM, occurred=bench.now(), fee_ok=True)
        assert agreed.done
        ole = await bench.gateway.borrow(OLE, OLD, occurred=bench.now())
        assert (ole.outcome, ole.reason) == (Outcome.REFUSED, "item.on_loan")
        assert (await bench.gateway.sign_in(KAREN.card, Secret("9"))).reason == "login.wrong_pin"
        nobody = await bench.gateway.sign_in(Secret("77"), KAREN.pin)
        assert nobody.reason == "login.unknown_card"
        back = await bench.gateway.give_back(BOOK, occurred=bench.now())
        assert (back.reason, back.title) == ("return.not_on_loan", "Tørst")
        assert (await bench.gateway.item("9999999999")).reason == "item.unknown"

    joined(work)


def test_an_item_may_stay_armed_and_a_second_loan_is_the_first() -> None:
    async def work(bench: Bench) -> None:
        assert not (await borrow(bench, ARMED)).desensitize
        assert (await borrow(bench)).outcome is Outcome.DONE
        assert (await borrow(bench)).outcome is Outcome.ALREADY_DONE

    joined(work)
    joined(work, manners={"repeat_loan": "refuse"})


def test_a_return_says_where_to_and_can_be_undone() -> None:
    async def work(bench: Bench) -> None:
        await borrow(bench, ELSEWHERE)
        back = await bench.gateway.give_back(ELSEWHERE, occurred=bench.now())
        assert (back.alert, back.alert_type, back.destination) == (True, "04", "Dalum")
        assert (back.sort_bin, back.call_number) == ("701", "86")
        again = await bench.gateway.borrow(KAREN, ELSEWHERE, occurred=bench.now(), cancel=True)
        assert again.done
        assert ELSEWHERE in bench.loans
        undone = await bench.gateway.give_back(ELSEWHERE, occurred=bench.now(), cancel=True)
        assert undone.done
        assert bench.status_of(ELSEWHERE) == "03"

    joined(work)


def test_a_hold_tells_where_and_until_when_as_far_as_its_item_does() -> None:
    async def work(bench: Bench) -> None:
        library = bench.device.library
        for item, until in ((BOOK, date(2026, 11, 10)), (HELD, date(2026, 11, 2))):
            library.items[item].status = "08"
            library.holds.append(Hold(item, OLE.card.reveal(), "HB", expires=until))
        library.holds = [hold for hold in library.holds if hold.card]
        library.holds.append(Hold(FILM, "1234567890"))
        library.holds.append(Hold(FILM, OLE.card.reveal()))
        ready, expired, waiting = (await bench.gateway.account(OLE)).holds
        assert (ready.title, ready.state, ready.until) == (
            "Tørst",
            HoldState.READY,
            date(2026, 11, 10),
        )
        assert ready.branch == "Borgernes Hus"
        assert (expired.title, expired.state) == ("Salt & peber", HoldState.EXPIRED)
        assert (waiting.title, waiting.state, waiting.waiting) == ("Film", HoldState.WAITING, 2)

    joined(work)


@pytest.mark.parametrize("work_done", [True, False])
def test_the_end_of_a_hold_without_an_answer_is_settled_by_the_lists(work_done: bool) -> None:
    async def work(bench: Bench) -> None:
        bench.device.library.holds.append(Hold(FILM, OLE.card.reveal()))
        (hold,) = (await bench.gateway.account(OLE)).holds
        bench.fault("silent", only="15", work=work_done)
        answer = await bench.gateway.cancel(OLE, hold, occurred=bench.now())
        assert answer.outcome is Outcome.UNKNOWN
        bench.device.clear("silent")
        row = Unsettled(Verb.CANCEL_HOLD, hold.key, bench.now(), OLE)
        settled = Settled.CONFIRMED if work_done else Settled.REFUSED
        assert (await settle(bench.gateway, row)).settled is settled

    joined(work)


def test_a_hold_that_stands_on_its_shelf_may_be_kept_there() -> None:
    async def work(bench: Bench) -> None:
        library = bench.device.library
        library.rules = replace(library.rules, cancel_ready=False)
        library.items[BOOK].status = "08"
        library.holds.append(Hold(BOOK, OLE.card.reveal()))
        (hold,) = (await bench.gateway.account(OLE)).holds
        answer = await bench.gateway.cancel(OLE, hold, occurred=bench.now())
        assert (answer.outcome, answer.reason) == (Outcome.REFUSED, "hold.not_cancelled")
        assert library.holds

    joined(work)


def test_holds_payments_and_cards() -> None:
    async def work(bench: Bench) -> None:
        library = bench.gateway
        now = bench.now()
        assert (await library.hold(OLE, OLD, pickup="HB", occurred=now)).done
        account = await library.account(OLE)
        assert [(h.title, h.state) for h in account.holds] == [("Gammel", HoldState.WAITING)]
        (hold,) = account.holds
        assert (await library.cancel(OLE, hold, occurred=now)).done
        assert not (await library.cancel(OLE, hold, occurred=now)).done
        paid = await library.pay(KAREN, 3250, transaction="k1-1", occurred=now)
        assert paid.done
        assert (await library.account(KAREN)).owed is None
        assert (await library.block_card(OLE.card, reason="left behind", occurred=now)).done
        assert not (await library.borrow(OLE, BOOK, occurred=now)).done

    joined(work)


@pytest.mark.parametrize(
    ("manners", "dialect", "changed"),
    [
        ({"strict": True, "unknown": "close"}, "standard", {}),
        ({"padded": True, "crlf": True, "split_lines": True}, "standard", {}),
        ({"nfd": True, "bars": "raw"}, "standard", {}),
        ({"bare_refusals": True, "doubled_lists": True}, "standard", {}),
        ({"sums": "off"}, "standard", {}),
        ({"sums": "zero"}, "koha", {}),
        ({"one_read": True, "replay_guard": True}, "standard", {}),
        ({"extra_fields": {"PA": "20300101", "XA": ""}}, "standard", {}),
        ({"encoding": "cp850"}, "standard", {"encoding": "cp850"}),
        ({"encoding": "latin-1"}, "folio", {"encoding": "iso-8859-1"}),
        ({"timeout_tenths": 5, "retries": 0, "answer_ms": 1500}, "evergreen", {}),
    ],
)
def test_manners_of_real_servers(
    manners: dict[str, object], dialect: str, changed: dict[str, object]
) -> None:
    async def work(bench: Bench) -> None:
        library = bench.gateway
        who = await library.sign_in(KAREN.card, KAREN.pin)
        assert who.done
        assert (await library.sign_in(Secret("77"), Secret(""))).reason == "login.unknown_card"
        lent = await borrow(bench)
        assert (lent.outcome, lent.title) == (Outcome.DONE, "Tørst")
        assert not (await borrow(bench, HELD)).done
        assert (await library.item(ATLAS)).title == "Atlas | bind 2"
        account: Account = await library.account(KAREN)
        assert sorted(loan.item for loan in account.loans) == [BOOK, OLD]
        assert (await library.give_back(BOOK, occurred=bench.now())).done
        assert (await library.give_back("9999999999", occurred=bench.now())).reason == (
            "item.unknown"
        )
        assert bench.count("connected") == 1

    joined(work, dialect=dialect, changed=changed, manners=manners)


# --- in bad health ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "args", "code", "settled"),
    [
        ("drop_before_commit", {}, Code.PORT_GONE, Settled.REFUSED),
        ("drop_after_commit", {}, Code.PORT_GONE, Settled.CONFIRMED),
        ("close_mid_answer", {}, Code.PORT_GONE, Settled.CONFIRMED),
        ("silent", {"work": False}, Code.WIRE_SILENT, Settled.REFUSED),
        ("silent", {}, Code.WIRE_SILENT, Settled.CONFIRMED),
        ("answer_late", {"seconds": 10}, Code.WIRE_SILENT, Settled.CONFIRMED),
        ("slow_trickle", {"ms": 90}, Code.WIRE_SILENT, Settled.CONFIRMED),
        ("wrong_ay", {}, Code.WIRE_SILENT, Settled.CONFIRMED),
        ("other_item", {}, Code.LIBRARY_OTHER_ITEM, Settled.CONFIRMED),
        ("storm_96", {"count": 9}, Code.WIRE_GARBLED, Settled.REFUSED),
        ("bad_checksum", {"count": 9, "only": ["11", "97"]}, Code.WIRE_GARBLED, Settled.CONFIRMED),
        ("status_98", {"count": 9}, Code.WIRE_UNEXPECTED, Settled.REFUSED),
    ],
)
def test_a_loan_without_an_answer_is_unknown_never_repeated_and_settled_by_asking(
    fault: str, args: dict[str, object], code: Code, settled: Settled
) -> None:
    async def work(bench: Bench) -> None:
        await bench.gateway.status()
        began = asyncio.get_running_loop().time()
        bench.fault(fault, **{"count": 1, "only": "11", **args})
        left = 0

        def sent() -> None:
            nonlocal left
            left += 1

        lent = await bench.gateway.borrow(KAREN, BOOK, occurred=bench.now(), sent=sent)
        assert (lent.outcome, lent.code, left) == (Outcome.UNKNOWN, code, 1)
        assert asyncio.get_running_loop().time() - began <= 8.0
        assert (BOOK in bench.loans) is (settled is Settled.CONFIRMED)
        assert bench.gateway.online() is Online.DEGRADED
        bench.line.clear()
        row = Unsettled(Verb.BORROW, BOOK, bench.now(), KAREN)
        assert (await settle(bench.gateway, row)).settled is settled
        assert bench.gateway.online() is Online.ONLINE
        assert bench.loans.get(BOOK, {"renewals": 0})["renewals"] == 0

    joined(work)


@pytest.mark.parametrize("fault", ["bad_checksum", "status_98", "storm_96"])
def test_one_doubt_is_cleared_on_the_line(fault: str) -> None:
    async def work(bench: Bench) -> None:
        await bench.gateway.status()
        bench.fault(fault, count=1, only="11")
        assert (await borrow(bench)).outcome is Outcome.DONE
        assert bench.loans[BOOK]["renewals"] == 0
        assert bench.count("connected") == 1

    joined(work)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("drop_before_commit", Outcome.DONE),
        ("drop_after_commit", Outcome.ALREADY_DONE),
        ("close_mid_answer", Outcome.ALREADY_DONE),
        ("silent", Outcome.ALREADY_DONE),
    ],
)
def test_a_return_without_an_answer_is_done_again_once(fault: str, outcome: Outcome) -> None:
    async def work(bench: Bench) -> None:
        await borrow(bench)
        bench.fault(fault, count=1, only="09")
        back = await bench.gateway.give_back(BOOK, occurred=bench.now())
        assert (back.outcome, back.title, back.reason) == (outcome, "Tørst", "")
        assert BOOK not in bench.loans
        assert bench.count("09") == 2

    joined(work)


def test_a_return_that_nobody_answers_is_settled_later() -> None:
    async def work(bench: Bench) -> None:
        await borrow(bench)
        occurred = bench.now()
        bench.fault("silent", only=["09", "17"])
        left = Left(occurred)
        row = Unsettled(Verb.GIVE_BACK, BOOK, occurred, left=left, now=occurred)
        assert (await bench.gateway.give_back(BOOK, occurred=occurred)).outcome is Outcome.UNKNOWN
        assert (await settle(bench.gateway, row)).settled is Settled.ASK_AGAIN
        bench.line.clear()
        assert (await settle(bench.gateway, row)).settled is Settled.CONFIRMED

    joined(work)


def test_a_renewal_is_settled_by_its_due_date() -> None:
    async def work(bench: Bench) -> None:
        before = (await bench.gateway.item(OLD)).due
        for work_done, settled in ((False, Settled.REFUSED), (True, Settled.CONFIRMED)):
            bench.fault("silent", count=1, only="29", work=work_done)
            answer = await bench.gateway.renew(KAREN, OLD, occurred=bench.now())
            assert answer.outcome is Outcome.UNKNOWN
            row = Unsettled(Verb.RENEW, OLD, bench.now(), KAREN, before)
            assert (await settle(bench.gateway, row)).settled is settled

    joined(work)


def test_a_payment_is_never_sent_twice() -> None:
    async def work(bench: Bench) -> None:
        bench.fault("silent", only="37")
        paid = await bench.gateway.pay(KAREN, 3250, transaction="k1-1", occurred=bench.now())
        assert paid.outcome is Outcome.UNKNOWN
        assert bench.count("37") == 1

    joined(work)


def test_another_encoding_costs_letters_and_nothing_else() -> None:
    async def work(bench: Bench) -> None:
        bench.fault("other_encoding", only="11")
        lent = await borrow(bench)
        assert (lent.outcome, lent.title) == (Outcome.DONE, "T\ufffdrst")

    joined(work)


def test_a_refused_login_is_offline_and_says_so() -> None:
    async def work(bench: Bench) -> None:
        answers: list[Answer] = [
            await borrow(bench),
            await bench.gateway.item(BOOK),
            await bench.gateway.status(),
        ]
        assert [answer.outcome for answer in answers] == [Outcome.OFFLINE] * 3
        assert [answer.code for answer in answers] == [
            Code.LIBRARY_LOGIN,
            Code.LIBRARY_OFFLINE,
            Code.LIBRARY_LOGIN,
        ]
        assert bench.count("11") == 0

    joined(work, password="wrong")


def test_a_library_that_says_it_is_offline_is_believed() -> None:
    async def work(bench: Bench) -> None:
        bench.fault("offline_98")
        status = await bench.gateway.status()
        assert (status.outcome, status.reason) == (Outcome.REFUSED, "ils.offline")
        assert status.online is Online.OFFLINE
        assert (await borrow(bench)).outcome is Outcome.OFFLINE
        assert bench.count("11") == 0

    joined(work)


def test_nobody_there_and_a_busy_worker_are_offline_not_unknown() -> None:
    async def unplugged(bench: Bench) -> None:
        await bench.port.unplug()
        lent = await borrow(bench)
        assert (lent.outcome, lent.code) == (Outcome.OFFLINE, Code.PORT_ABSENT)

    async def busy(bench: Bench) -> None:
        lent = await borrow(bench)
        assert (lent.outcome, lent.code) == (Outcome.OFFLINE, Code.WIRE_SILENT)

    joined(unplugged)
    joined(busy, manners={"busy": True})


@pytest.mark.parametrize("fault", ["garbage", "corrupt", "half_frame", "drop_reply"])
def test_a_torn_wire_never_turns_a_question_into_a_wrong_answer(fault: str) -> None:
    async def work(bench: Bench) -> None:
        await bench.gateway.status()
        for _ in range(5):
            bench.fault(fault, count=1)
            item = await bench.gateway.item(BOOK)
            if item.done:
                assert (item.title, item.circulation) == ("Tørst", Circulation.AVAILABLE)
            bench.line.clear()
            assert (await bench.gateway.item(BOOK)).title == "Tørst"

    joined(work)


@pytest.mark.parametrize("manners", [{}, {"doubled_lists": True}])
def test_a_long_account_comes_in_pages(manners: dict[str, object]) -> None:
    async def work(bench: Bench) -> None:
        for item in (BOOK, ARMED, ELSEWHERE):
            assert (await borrow(bench, item)).done
        account = await bench.gateway.account(KAREN)
        assert sorted(loan.item for loan in account.loans) == sorted([BOOK, OLD, ARMED, ELSEWHERE])
        assert all(loan.title and loan.due for loan in account.loans)

    joined(work, changed={"summary_page": 2}, manners={"answer_ms": 20, **manners})


def test_an_account_is_for_the_right_pin_only() -> None:
    async def work(bench: Bench) -> None:
        account = await bench.gateway.account(Patron(KAREN.card, Secret("9")))
        assert (account.outcome, account.reason) == (Outcome.REFUSED, "login.wrong_pin")
        assert account.loans == ()

    joined(work)


def test_an_account_without_titles_is_better_than_none() -> None:
    async def work(bench: Bench) -> None:
        bench.fault("silent", only="17")
        account = await bench.gateway.account(KAREN)
        assert account.done
        assert [(loan.item, loan.title) for loan in account.loans] == [(OLD, "")]
        assert asyncio.get_running_loop().time() <= 4.0 + 0.6  # login and status came first
        slow = await bench.gateway.account(KAREN)
        assert slow.done

    joined(work)

    async def late(bench: Bench) -> None:
        account = await bench.gateway.account(KAREN)
        assert [(loan.item, loan.title) for loan in account.loans] == [(OLD, "")]
        assert bench.count("17") == 0
        assert bench.count("connected") == 1

    joined(late, manners={"answer_ms": 800})


def test_a_return_done_twice_of_which_nobody_tells_more_is_unknown() -> None:
    async def work(bench: Bench) -> None:
        await borrow(bench)
        bench.line.fault("drop_after_commit", count=1, only="09")
        bench.line.fault("silent", only="17")
        back = await bench.gateway.give_back(BOOK, occurred=bench.now())
        assert (back.outcome, back.title, back.code) == (
            Outcome.UNKNOWN,
            "Tørst",
            Code.WIRE_SILENT,
        )

    joined(work)


def test_an_account_that_takes_too_long_ends_at_its_deadline() -> None:
    async def work(bench: Bench) -> None:
        account = await bench.gateway.account(KAREN)
        assert account.outcome is Outcome.UNKNOWN
        assert asyncio.get_running_loop().time() <= 8.0

    joined(work, manners={"answer_ms": 1900})
