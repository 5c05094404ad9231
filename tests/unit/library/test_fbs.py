"""The FBS gateway against a scripted FBS: meaning of its answers, conflicts, and calls side by side."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from config.station import Library
from config.texts import Catalogue
from drivers.errors import Code, LocalProtocolError
from drivers.fbs.dialect import FBS
from drivers.library.answers import Answers
from drivers.library.fbs import FbsGateway
from drivers.ports import (
    Borrowed,
    Fee,
    Hold,
    HoldState,
    LibrarySystem,
    Loan,
    Online,
    Outcome,
    Patron,
    Returned,
    Secret,
)
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.sip2.dialect import reason_of
from drivers.sip2.frames import decode
from hw_sim.simloop import SimLoop
from tests.unit.fbs.peer import AO, BACK, CONFLICT, ITEM, LENT, TO, D, Peer, http, said

T = TypeVar("T")

ZONE = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
KAREN = Patron(Secret("3002991234"), Secret("12345"))
OLE = Patron(Secret("3002995678"), Secret("54321"))
READ = Answers(FBS, ZONE)
LINES: dict[str, str] = {
    vector["name"]: vector["meaning"]["line"]
    for vector in tomllib.loads(
        (Path(__file__).parents[2] / "vectors" / "fbs.toml").read_text(encoding="utf-8")
    )["vector"]
    if vector["direction"] == "from_library" and "line" in vector["meaning"]
}
WHOLE = LINES["64, all lists"]
NONE = (
    f"64{' ' * 14}009{D}{'0' * 24}{AO}AALN:3002991234|AEKaren Testesen|BLY|CQY|AS|AT|AU|AV|BU|CD|"
)


@pytest.fixture(autouse=True)
def _lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped")


def _gateway(peer: Peer) -> FbsGateway:
    return FbsGateway(
        peer.wire,
        to=TO,
        user="kiosk",
        password=Secret("not-a-secret"),
        institution="DK-746100",
        location="hb",
        clock=LoopClock(NOW),
        rng=SeededRng(1),
        zone=ZONE,
    )


def joined(peer: Peer, work: Callable[[FbsGateway], Awaitable[T]]) -> T:
    async def whole() -> T:
        library = _gateway(peer)
        result = await work(library)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(whole())


def _borrow(peer: Peer, item: str = "1") -> Borrowed:
    return joined(peer, lambda library: library.borrow(KAREN, item, occurred=NOW))


# --- what is said -------------------------------------------------------------------------------------


def test_requests_are_as_recorded() -> None:
    peer = Peer()

    async def work(library: LibrarySystem) -> None:
        await library.status()
        for ask in (library.sign_in(KAREN.card, KAREN.pin), library.account(KAREN)):
            peer.on("63", lambda _: said(WHOLE))
            await ask
        await library.borrow(KAREN, "1", occurred=NOW, fee_ok=False)
        await library.give_back("1", occurred=NOW, cancel=True)
        peer.on("29", lambda _: said(LENT.replace("121NUY", "301YUN")))
        await library.renew(KAREN, "1", occurred=NOW)
        peer.on("65", lambda _: said(LINES["66, none renewed"]))
        await library.renew_all(KAREN, occurred=NOW)
        peer.on("01", lambda _: said(f"24{' ' * 14}009{D}{AO}AALN:1|BLY|CQY|"))
        await library.block_card(KAREN.card, reason="found | left", occurred=NOW)
        assert (await library.end(KAREN)).done

    joined(peer, work)
    due = "20260403    111500"  # a day of summer time
    assert peer.heard == [
        "990xxx2.00",
        f"23009{D}|AODK-746100|AA3002991234|AC|AD12345|",
        f"63009{D}YYYYYYYYY|AODK-746100|AA3002991234|AC|AD12345|",  # of the sign-in
        f"63009{D}YYYYYYYYY|AODK-746100|AA3002991234|AC|AD12345|",
        f"11NN{D}{due}|AODK-746100|AA3002991234|AB1|AC|CH|AD12345|",
        f"09N{D}{D}|APhb|AODK-746100|AB1|AC|CH|",
        f"29NN{D}{due}|AODK-746100|AA3002991234|AD12345|AB1|",
        f"65{D}|AODK-746100|AA3002991234|AD12345|",
        f"01N{D}|AODK-746100|ALfound  left|AA3002991234|",
    ]


def test_a_borrower() -> None:
    known = READ.sign_in(decode(LINES["24, known"].encode()), KAREN.card, KAREN.pin)
    assert known.patron is not None
    assert known.patron.name.reveal() == "Karen Testesen"
    unknown = READ.sign_in(decode(LINES["24, unknown: no name"].encode()), KAREN.card, KAREN.pin)
    assert (unknown.outcome, unknown.reason) == (Outcome.REFUSED, "login.unknown_card")


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("YYYY", {0, 1, 2, 3}),
        ("Y     Y", {6}),
        ("YYY", set()),
        ("            Y", {12}),
        ("", set()),
    ],
)
def test_a_borrower_is_denied_only_by_all_four(flags: str, told: set[int]) -> None:
    line = f"24{flags.ljust(14)}009{D}{AO}AALN:1|AEK|BLY|CQY|"
    assert READ.sign_in(decode(line.encode()), KAREN.card, KAREN.pin).flags == told


@pytest.mark.parametrize("name", ["12, title escaped twice", "12, title escaped once"])
def test_a_loan_has_its_title_from_its_properties(name: str) -> None:
    lent = READ.borrowed(decode(LINES[name].encode()), "3846646425", fee_ok=False)
    assert (lent.outcome, lent.title, lent.due) == (
        Outcome.DONE, "Salt & peber", date(2026, 3, 31),
    )  # fmt: skip
    assert lent.desensitize
    assert lent.transaction == "00000000-0000-4000-8000-000000000001"


def test_a_loan_of_what_is_this_borrowers_already_is_done() -> None:
    said_again = decode(LINES["12, lent to this borrower already"].encode())
    lent = READ.borrowed(said_again, "3846646425", fee_ok=False)
    assert (lent.outcome, lent.reason, lent.title) == (Outcome.ALREADY_DONE, "", "Lykke-Per")
    assert lent.desensitize


def test_each_no_has_its_reason() -> None:
    no_such = READ.borrowed(decode(LINES["12, no such item"].encode()), "9999999999", fee_ok=False)
    assert (no_such.outcome, no_such.reason) == (Outcome.REFUSED, "item.unknown")
    early = READ.renewed(decode(LINES["30, too early"].encode()), "3846646425")
    assert (early.outcome, early.reason, early.due) == (
        Outcome.REFUSED, "renew.too_early", date(2026, 3, 31),
    )  # fmt: skip
    none = READ.renewed_all(decode(LINES["66, none renewed"].encode()))
    assert (none.outcome, none.reason, none.unrenewed) == (
        Outcome.REFUSED, "renew.refused", ("3846646425",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "line", "reason"),
    [
        ("30", "deniedReserved", "renew.reserved"),
        ("30", "[DENIED_RESERVED]", "renew.reserved"),
        ("12", "[RESERVED]", "item.reserved"),
        ("12", "Reserveret", "item.reserved"),
        ("30", "deniedMaxRenewalsReached", "renew.max_reached"),
        ("30", "deniedLoanerIsBlocked", "renew.blocked"),
        ("12", "[LOANER_IS_BLOCKED]", "patron.blocked"),
        ("12", "deniedMaterialIsNotLoanable", "item.not_loanable"),
        ("12", "MATERIAL_IS_NOT_LOANABLE", "item.not_loanable"),
        ("10", "deniedMaterialIsNotFound", "item.unknown"),
        ("12", "deniedLoanerNotFound", "patron.unknown"),
        ("12", "deniedLoaningProfileNotFound", "patron.no_profile"),
        ("12", "deniedOtherReason", ""),
        ("10", "Sendes til Dalum", ""),
    ],
)
def test_a_code_and_its_reason(answer: str, line: str, reason: str) -> None:
    assert reason_of(FBS, answer, (line,)) == reason


def test_each_reason_has_words() -> None:
    catalogue = Catalogue.load()
    for rule in FBS.reasons:
        assert f"reason.{rule.reason}" in catalogue


def _returned(name: str) -> Returned:
    return READ.returned(decode(LINES[name].encode()), "3846646425")


def test_a_return_is_routed_by_its_words() -> None:
    back = _returned("10")
    assert (back.outcome, back.title, back.call_number) == (Outcome.DONE, "100 % sukker", "61.36")
    assert (back.permanent_location, back.shelf) == ("Hovedbiblioteket", ("Voksen", "Krimi", ""))
    assert (back.alert, back.alert_type, back.destination) == (False, "", "")
    sent = _returned("10, to another library")
    assert (sent.alert, sent.alert_type, sent.destination) == (True, "04", "Dalum")
    held = _returned("10, held here")
    assert (held.outcome, held.alert_type, held.destination) == (Outcome.DONE, "01", "")


def test_an_account_is_whole_after_one_answer() -> None:
    peer = Peer()
    peer.on("63", lambda _: said(WHOLE))
    account = joined(peer, lambda library: library.account(KAREN))
    assert account.loans == (
        Loan("3846646425", "Lykke-Per", date(2026, 3, 31)),
        Loan("4935636731", "100 % sukker", date(2026, 2, 28)),
    )
    assert account.overdue == {"4935636731"}
    assert account.holds == (
        Hold(
            "3274626533",
            "Tørst",
            HoldState.READY,
            "06850537",
            "Hylde 7, B",
            "Hovedbiblioteket",
            date(2026, 3, 10),
        ),
        Hold(
            "",
            "Salt & peber",
            HoldState.WAITING,
            "51320352",
            until=date(2026, 6, 1),
        ),
    )
    assert account.fees == (Fee("", 17500, "289097"),)
    assert (account.owed, account.currency) == (17500, "DKK")
    assert peer.heard[1:] == []


def test_an_account_of_nothing() -> None:
    peer = Peer()
    peer.on("63", lambda _: said(NONE))
    account = joined(peer, lambda library: library.account(KAREN))
    assert account.done
    assert (account.loans, account.overdue, account.fees) == ((), frozenset(), ())
    assert (account.holds, account.owed) == ((), None)


def test_an_account_is_for_the_right_pin_only() -> None:
    peer = Peer()
    peer.on("63", lambda _: said(NONE.replace("CQY", "CQN")))
    account = joined(peer, lambda library: library.account(KAREN))
    assert (account.outcome, account.reason) == (Outcome.REFUSED, "login.wrong_pin")


# --- two writers --------------------------------------------------------------------------------------


def _conflict(_: str) -> bytes:
    return http(CONFLICT, 500)


def test_a_loan_that_a_conflict_undid_is_asked_for_once_more() -> None:
    peer = Peer()
    peer.on("11", _conflict)
    lent = _borrow(peer)
    assert (lent.outcome, lent.title) == (Outcome.DONE, "Tørst")
    assert [line[:2] for line in peer.heard] == ["11", "17", "11"]


def test_a_loan_that_a_conflict_did_not_undo_stands() -> None:
    peer = Peer()
    peer.on("11", _conflict)
    peer.on("17", lambda _: said(ITEM.replace("1803", "1804")))
    peer.on("63", lambda _: said(WHOLE.replace("AU3846646425%", "AU1%")))
    lent = _borrow(peer)
    assert (lent.outcome, lent.title, lent.due) == (
        Outcome.DONE, "Lykke-Per", date(2026, 3, 31),
    )  # fmt: skip
    assert peer.times("11") == 1


def test_a_second_conflict_is_unknown() -> None:
    peer = Peer()
    peer.on("11", _conflict, _conflict)
    lent = _borrow(peer)
    assert (lent.outcome, lent.code) == (Outcome.UNKNOWN, Code.LIBRARY_CONFLICT)
    assert peer.times("11") == 2


def test_a_conflict_of_which_nobody_tells_more_is_unknown() -> None:
    peer = Peer()
    peer.on("11", _conflict)
    peer.on("17", *[lambda _: None] * 2)
    lent = _borrow(peer)
    assert (lent.outcome, lent.code) == (Outcome.UNKNOWN, Code.PORT_GONE)
    assert peer.times("11") == 1
    lost = Peer()
    lost.on("11", _conflict)
    lost.on("17", lambda _: said(ITEM.replace("1803", "1812")))
    assert _borrow(lost).code == Code.LIBRARY_CONFLICT
    assert lost.times("11") == 1


@pytest.mark.parametrize("verb", ["borrow", "renew"])
def test_what_left_is_unknown_though_nobody_can_be_asked_about_it(verb: str) -> None:
    peer = Peer()

    def conflict_and_gone(_: str) -> bytes:
        peer.absent = True
        return http(CONFLICT, 500)

    peer.on("11", conflict_and_gone)
    peer.on("29", conflict_and_gone)

    async def work(library: FbsGateway) -> Borrowed:
        change = library.borrow if verb == "borrow" else library.renew
        return await change(KAREN, "1", occurred=NOW)

    lost = joined(peer, work)
    assert (lost.outcome, lost.code) == (Outcome.UNKNOWN, Code.PORT_ABSENT)


def test_a_payment_is_never_sent_twice_and_a_return_is() -> None:
    peer = Peer()
    peer.on("37", _conflict)
    peer.on("09", _conflict)

    async def work(library: LibrarySystem) -> None:
        paid = await library.pay(KAREN, 2500, transaction="k-1", occurred=NOW)
        assert (paid.outcome, paid.code) == (Outcome.UNKNOWN, Code.LIBRARY_CONFLICT)
        assert (await library.give_back("1", occurred=NOW)).outcome is Outcome.DONE
        assert library.online() is Online.ONLINE

    joined(peer, work)
    assert (peer.times("37"), peer.times("09")) == (1, 2)


def test_after_a_conflict_a_borrowers_calls_go_one_by_one_until_the_visit_ends() -> None:
    peer = Peer(answer_s=0.3)
    peer.on("11", _conflict, lambda _: said(LENT), _conflict)

    async def stack(library: FbsGateway, patron: Patron, count: int) -> float:
        began = asyncio.get_running_loop().time()
        answers = await asyncio.gather(
            *(library.borrow(patron, "1", occurred=NOW) for _ in range(count))
        )
        assert all(answer.done for answer in answers)
        return asyncio.get_running_loop().time() - began

    async def work(library: FbsGateway) -> None:
        await stack(library, KAREN, 3)
        assert await stack(library, KAREN, 4) == pytest.approx(1.2)
        assert await stack(library, OLE, 3) == pytest.approx(0.3)
        await library.end(KAREN)
        assert await stack(library, KAREN, 3) == pytest.approx(0.3)
        assert library._borrowers == {}

    joined(peer, work)
    assert peer.most_at_once == 3


def test_who_waits_for_a_turn_too_long_never_left() -> None:
    peer = Peer()
    peer.on("11", _conflict, lambda _: 7.0)

    async def work(library: FbsGateway) -> None:
        first = asyncio.create_task(library.borrow(KAREN, "1", occurred=NOW))
        await asyncio.sleep(0.1)
        library._answer_s = 2.0
        second = await library.borrow(KAREN, "2", occurred=NOW)
        assert (second.outcome, second.code) == (Outcome.OFFLINE, Code.WIRE_SILENT)
        assert (await first).outcome is Outcome.DONE
        await library.end(KAREN)
        assert library._borrowers == {}

    joined(peer, work)
    assert peer.times("11") == 2


# --- being reached ------------------------------------------------------------------------------------


def test_calls_that_fail_side_by_side_are_one_failure() -> None:
    peer = Peer()
    peer.on("17", *[lambda _: 60.0] * 9)

    async def work(library: LibrarySystem) -> None:
        assert (await library.status()).done
        answers = await asyncio.gather(*(library.item(str(n)) for n in range(3)))
        assert {answer.outcome for answer in answers} == {Outcome.UNKNOWN}
        assert library.online() is Online.DEGRADED

    joined(peer, work)


def test_nobody_there_is_offline_and_a_refused_login_says_so() -> None:
    peer = Peer()
    peer.absent = True
    lent = _borrow(peer)
    assert (lent.outcome, lent.code) == (Outcome.OFFLINE, Code.PORT_ABSENT)
    refused = Peer()
    refused.on("11", lambda _: http("", 401))

    async def work(library: LibrarySystem) -> None:
        answer = await library.borrow(KAREN, "1", occurred=NOW)
        assert (answer.outcome, answer.code) == (Outcome.OFFLINE, Code.LIBRARY_LOGIN)
        assert library.online() is Online.OFFLINE

    joined(refused, work)


def test_serving_asks_now_and_then_and_notices_what_comes_and_goes() -> None:
    peer = Peer()

    async def work(library: FbsGateway) -> list[Online]:
        told: list[Online] = []
        library.on_change(told.append)
        serving = asyncio.create_task(library.serve())
        await asyncio.sleep(95)
        assert peer.times("99") == 4
        peer.absent = True
        await asyncio.sleep(60)
        peer.absent = False
        await asyncio.sleep(60)
        serving.cancel()
        await asyncio.wait([serving])
        return told

    assert joined(peer, work) == [
        Online.ONLINE, Online.DEGRADED, Online.OFFLINE, Online.ONLINE,
    ]  # fmt: skip


def test_a_return_found_done_after_two_tries() -> None:
    peer = Peer()
    peer.on("09", lambda _: None, lambda _: said(BACK.replace("101YUN", "100NUN")))
    back = joined(peer, lambda library: library.give_back("1", occurred=NOW))
    assert (back.outcome, back.title) == (Outcome.ALREADY_DONE, "Tørst")


def test_the_gateway_of_a_station_file() -> None:
    async def work() -> None:
        table = {"driver": "fbs", "url": "https://fbs.example", "institution": "DK-746100"}

        def make(**more: object) -> FbsGateway:
            return FbsGateway.from_config(
                Library.model_validate({**table, **more}),
                password=Secret(""),
                clock=LoopClock(NOW),
                rng=SeededRng(1),
                zone=ZONE,
            )

        assert make().parallel == 3
        assert make(dialect="fbs").online() is Online.UNKNOWN
        for wrong in ({"dialect": "koha"}, {"ca_file": "/nowhere/ca.pem"}):
            with pytest.raises(LocalProtocolError) as caught:
                make(**wrong)
            assert caught.value.code is Code.CONFIG_INVALID

    asyncio.run(work())


def test_nothing_personal_is_logged_or_shown(heard: Any) -> None:
    peer = Peer()
    peer.on("23", lambda _: said(LINES["24, known"]), _conflict, _conflict)
    peer.on("11", _conflict, lambda _: http("<x>Karen</x>", 500), lambda _: said(LENT)[:-3])

    async def work(library: FbsGateway) -> list[object]:
        return [
            await library.sign_in(KAREN.card, KAREN.pin),
            await library.sign_in(KAREN.card, KAREN.pin),
            await library.borrow(KAREN, "1", occurred=NOW),
            await library.borrow(KAREN, "1", occurred=NOW),
            repr(library._borrowers),
        ]

    everything = f"{joined(peer, work)} {heard.events}"
    hidden = ("3002991234", "12345", "Karen", "Testesen", "not-a-secret", "Tørst")
    assert not [word for word in hidden if word in everything]


def test_what_the_borrower_agreed_to_is_said() -> None:
    peer = Peer()
    peer.on("11", lambda _: said(LINES["12, no such item"]))
    joined(peer, lambda library: library.borrow(KAREN, "1", occurred=NOW, fee_ok=True))
    assert [line.endswith("|BOY|") for line in peer.heard if line.startswith("11")] == [True]
