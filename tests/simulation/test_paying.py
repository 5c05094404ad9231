"""Fees paid by card at the kiosk: once, told to the library system, and never lost, whatever goes wrong."""

from collections.abc import Callable
from typing import Any

import pytest

from drivers.ports import Online
from drivers.service.cases import CaseKind
from drivers.service.records import counts_of, open_cases
from drivers.service.spoken import passages, utterance
from drivers.service.statistics import What
from drivers.service.view import Mark, Weight, actions_of
from drivers.store import effects
from kiosk.lending.payment import PaymentState
from kiosk.lending.state import Lending, Over, Phase
from tests.simulation.rig import CATALOGUE, STATION, Rig, play

PAYING = (
    STATION
    + """
[devices.terminal]
driver = "zvt"
url = "memory://terminal"
"""
)
OWED = 3250
P = PaymentState


def stands(*states: PaymentState) -> Callable[[Lending], bool]:
    def so(state: Lending) -> bool:
        payment = state.visit.payment
        return payment is not None and payment.state in states

    return so


async def at_fees(rig: Rig) -> None:
    await rig.until(lambda s: s.devices.terminal)
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.press("show.fees")
    await rig.until(lambda s: s.phase is Phase.FEES and not s.visit.fetching)


async def begin(rig: Rig) -> None:
    await at_fees(rig)
    await rig.press("pay.begin")
    await rig.until(stands(P.CARD))


async def person(rig: Rig, does: str) -> None:
    await rig.stage.do("terminal", {"does": does})


async def booked(rig: Rig) -> list[int]:
    truth = await rig.truth()
    return [amount for amount, _ in truth["devices"]["terminal"]["booked"]]


async def paid(rig: Rig) -> list[Any]:
    truth = await rig.truth()
    found: list[Any] = truth["devices"]["library"]["payments"]
    return found


def story(tell: Any, **more: Any) -> Rig:
    return play(tell, scenario="account", station=PAYING, **more)


def test_what_is_owed_is_paid_and_told() -> None:
    async def tell(rig: Rig) -> None:
        await at_fees(rig)
        filled = [a for a in actions_of(rig.screen) if a.weight is Weight.PRIMARY]
        assert [a.id for a in filled] == ["pay.begin"]
        assert "Betal 32,50 kr." in rig.words()
        await rig.press("pay.begin")
        await rig.until(stands(P.CARD))
        assert "Hold kortet mod terminalen" in rig.words()
        assert "32,50" in rig.words()
        await person(rig, "card")
        await rig.until(stands(P.PIN))
        assert "Tast koden" in rig.words()
        await person(rig, "approve")
        await rig.until(stands(P.BANK))
        assert "pay.stop" not in [a.id for a in actions_of(rig.screen)]
        await rig.until(stands(P.TOLD))
        assert "Du har betalt 32,50 kr." in rig.words()
        await rig.press("pay.back")
        await rig.until(lambda s: s.phase is Phase.FEES and not s.visit.fetching)
        assert "Du har ingen gebyrer" in rig.words()
        assert "Betalt her" in rig.words()
        assert await booked(rig) == [OWED]
        (told,) = await paid(rig)
        assert (float(told["amount"]), told["patron_card"]) == (32.5, "1234567890")
        rows = await rig.store.read(effects.open_rows)
        assert not rows
        counts = await rig.store.read(lambda txn: counts_of(txn, "2026-11"))
        assert {(c.what, c.n) for c in counts if c.what is What.PAID} == {(What.PAID, OWED)}
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        assert "Betalt | Med kort" in rig.words()
        paper = await rig.truth()
        assert told["transaction"]
        assert "Betalt med kort: 32,50 kr." in str(paper["devices"]["printer"])

    story(tell)


@pytest.mark.parametrize(
    ("does", "state", "words"),
    [
        ("decline", P.DECLINED, "Kortet blev ikke godkendt"),
        ("abort", P.STOPPED, "Betalingen er annulleret"),
        ("time_out", P.STOPPED, "Betalingen er annulleret"),
    ],
)
def test_nothing_is_taken_and_it_may_be_tried_again(
    does: str, state: PaymentState, words: str
) -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        await person(rig, does)
        await rig.until(stands(state))
        assert words in rig.words()
        assert "ikke trukket penge" in rig.words()
        assert await booked(rig) == []
        await rig.press("pay.again")
        await rig.until(stands(P.CARD))
        await person(rig, "approve")
        await rig.until(stands(P.TOLD))
        assert await booked(rig) == [OWED]
        assert len(await paid(rig)) == 1

    story(tell)


def test_it_can_be_cancelled_on_the_screen() -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        await rig.press("pay.stop")
        await rig.until(stands(P.STOPPED))
        assert await booked(rig) == []
        await rig.press("pay.back")
        await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
        assert "Betal 32,50 kr." in rig.words()

    story(tell)


def test_a_visit_does_not_end_in_the_middle_of_a_payment() -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        for _ in range(40):
            await rig.pause(1)
            assert rig.state.over is Over.NOTHING
            assert rig.state.phase is Phase.PAYING
        await rig.kiosk.request("press", {"action": "log_out"})
        await rig.kiosk.request("press", {"action": "finish.none"})
        await rig.pause(0.2)
        assert rig.state.phase is Phase.PAYING
        await person(rig, "approve")
        await rig.until(stands(P.TOLD))
        await rig.until(lambda s: s.over is Over.IDLE, 200)

    story(tell)


@pytest.mark.parametrize("fault", ["drop_after_booking", "silent_after_booking"])
def test_an_end_that_was_not_heard_is_found_out(fault: str) -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        await rig.fault("terminal", fault)
        await person(rig, "approve")
        await rig.until(stands(P.TOLD), 120)
        assert await booked(rig) == [OWED]
        assert len(await paid(rig)) == 1

    story(tell)


@pytest.mark.parametrize("away", ["mute", "refuse"])
def test_money_that_was_taken_is_told_when_the_library_system_is_back(
    away: str, heard: Any
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def tell(rig: Rig) -> None:
        await begin(rig)
        library = rig.stage.places["library"].wires
        library.fault(away) if away == "mute" else await rig.stage.do(
            "unplug", {"device": "library"}
        )
        await person(rig, "approve")
        await rig.until(stands(P.LATER), 60)
        assert "Betalingen registreres senere" in rig.words()
        await rig.press("pay.back")
        await rig.until(lambda s: s.phase is Phase.FEES)
        await rig.pause(15)
        shown = [a.id for a in actions_of(rig.screen)]
        assert "pay.begin" not in shown, "never taken twice"
        marks = [row.mark for row in rig.screen.body.rows]  # type: ignore[union-attr]
        assert marks[-1] is Mark.LATER
        await rig.press("finish.none")
        await rig.pause(120)
        assert await paid(rig) == []
        if away == "mute":
            library.clear(away)
        else:
            await rig.stage.do("plug", {"device": "library"})
        await rig.until(lambda s: s.devices.library is Online.ONLINE, 120)
        await rig.pause(60)
        assert await booked(rig) == [OWED]
        (told,) = await paid(rig)
        assert float(told["amount"]) == 32.5
        assert not await rig.store.read(effects.open_rows)

    story(tell)


def test_a_library_system_that_refuses_the_payment_is_a_matter_for_staff() -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        model = rig.stage.places["library"].device.library  # type: ignore[attr-defined]
        model.fees = []  # somebody paid it online at this very moment
        await person(rig, "approve")
        await rig.until(stands(P.LATER))
        (case,) = await rig.store.read(open_cases)
        assert case.kind is CaseKind.PAYMENT_UNTOLD
        assert "3250" in case.subject
        assert await booked(rig) == [OWED]
        assert await paid(rig) == []
        await rig.press("pay.back")
        await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
        assert "En betaling er ved at blive registreret" in rig.words()

    story(tell)


def test_what_is_owed_may_change_before_it_is_paid() -> None:
    async def tell(rig: Rig) -> None:
        await at_fees(rig)
        model = rig.stage.places["library"].device.library  # type: ignore[attr-defined]
        model.fees = model.fees[:1]
        await rig.press("pay.begin")
        await rig.until(stands(P.CHANGED))
        assert await booked(rig) == []
        await rig.press("pay.back")
        await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
        assert "Betal 12,50 kr." in rig.words()

    story(tell)


@pytest.mark.parametrize("language", ["da", "en", "de", "uk", "ar"])
def test_amounts_are_for_her_ears_alone(language: str) -> None:
    async def tell(rig: Rig) -> None:
        await at_fees(rig)
        await rig.press("assist.language")
        await rig.press(f"language.{language}")
        await rig.press("pay.begin")
        await rig.until(stands(P.CARD))
        for passage in passages(rig.screen):
            open_ = utterance(passage, privately=False)
            said = "" if open_ is None else str([CATALOGUE.say(t, language) for t in open_.texts])
            assert "32" not in said
        assert rig.screen.focus[0] == "pay.stop"

    story(tell)


def test_a_card_that_paid_nothing_is_found_out_too() -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        await rig.fault("terminal", "drop_before_booking")
        await person(rig, "approve")
        await rig.until(stands(P.UNKNOWN), 90)
        await rig.until(stands(P.DECLINED), 90)
        assert await booked(rig) == await paid(rig) == []
        assert not await rig.store.read(open_cases)

    story(tell)


def test_a_terminal_that_is_gone_leaves_the_way_online(heard: Any) -> None:
    heard.expect("service.down")

    async def tell(rig: Rig) -> None:
        await at_fees(rig)
        await rig.stage.do("unplug", {"device": "terminal"})
        await rig.until(lambda s: not s.devices.terminal, 60)
        assert "Terminalen svarer ikke" in rig.words()
        assert "Du kan betale på" in rig.words()
        await rig.press("pay.begin")
        assert rig.state.phase is Phase.FEES
        await rig.stage.do("plug", {"device": "terminal"})
        await rig.until(lambda s: s.devices.terminal, 120)
        assert "Betal 32,50 kr." in rig.words()

    story(tell)


def test_without_a_terminal_there_is_the_way_online_alone() -> None:
    async def tell(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.press("show.fees")
        await rig.until(lambda s: s.phase is Phase.FEES and not s.visit.fetching)
        assert "pay.begin" not in [a.id for a in actions_of(rig.screen)]
        assert "Du kan betale på" in rig.words()

    play(tell, scenario="account")


def test_a_terminal_that_dies_while_it_is_asked_about_is_a_matter_for_staff(heard: Any) -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        await rig.fault("terminal", "silent_after_booking")
        await person(rig, "approve")
        await rig.until(stands(P.BANK))
        await rig.pause(2)
        await rig.stage.do("unplug", {"device": "terminal"})
        await rig.until(stands(P.UNKNOWN))
        assert "Betal ikke igen" in rig.words()
        await rig.until(stands(P.STAFF), 90)
        await rig.pause(10)
        kinds = {case.kind for case in await rig.store.read(open_cases)}
        assert kinds == {CaseKind.PAYMENT_UNKNOWN, CaseKind.DEVICE_FAULTED}
        await rig.press("pay.back")
        await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
        assert "pay.begin" not in [a.id for a in actions_of(rig.screen)], "never taken twice"
        await rig.press("finish.none")
        await rig.stage.do("plug", {"device": "terminal"})
        await rig.until(lambda s: s.phase is Phase.START)
        for _ in range(100):
            if await paid(rig):
                break
            await rig.pause(1)
        assert await booked(rig) == [OWED]
        assert len(await paid(rig)) == 1
        await rig.pause(1)
        assert not await rig.store.read(open_cases)

    heard.expect("service.down")
    story(tell)


def test_whoever_may_not_borrow_may_pay() -> None:
    async def tell(rig: Rig) -> None:
        await rig.until(lambda s: s.devices.terminal)
        await rig.sign_in("1234567891", "4321")
        await rig.until(lambda s: s.phase is Phase.BLOCKED)
        await rig.press("show.fees")
        await rig.until(lambda s: s.phase is Phase.FEES and not s.visit.fetching)
        await rig.press("pay.begin")
        await rig.until(stands(P.CARD))
        await person(rig, "approve")
        await rig.until(stands(P.TOLD))
        assert await booked(rig) == [OWED]

    play(tell, station=PAYING)


def test_a_tab_that_cannot_be_used_says_why(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def tell(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.devices.away, 120)
        tabs = {tab.id: tab for tab in rig.screen.tabs}
        assert tabs["show.borrow"].icon == "check"
        for name in ("show.loans", "show.holds", "show.fees"):
            reason = tabs[name].reason
            assert reason is not None
            assert CATALOGUE.say(reason, "da") == "Ikke uden forbindelse"
        await rig.press("show.fees")
        assert rig.state.phase is Phase.BORROW

    play(tell, scenario="account")
