"""Fees paid by card where the library system speaks FBS, whose status says that it takes payments (37)."""

from decimal import Decimal
from typing import Any

import pytest

from drivers.service.cases import CaseKind
from drivers.service.records import open_cases
from drivers.store import effects
from hw_sim.ils.fbs_device import FbsDevice
from hw_sim.ils.stock import Fee
from kiosk.lending.payment import PaymentState as P
from kiosk.lending.state import Phase
from tests.simulation.rig import Rig, play
from tests.simulation.test_fbs import FBS_STATION
from tests.simulation.test_paying import OWED, begin, booked, paid, person, stands
from tests.simulation.test_tags_in_trouble import BOOK

PAYING = FBS_STATION + '[devices.terminal]\ndriver = "zvt"\nurl = "memory://terminal"\n'


def story(tell: Any) -> None:
    async def owing(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, FbsDevice)
        device.library.fees = [Fee("F1", "1234567890", Decimal("32.50"), BOOK)]
        await tell(rig)

    play(owing, scenario="first-loan-fbs", station=PAYING)


def test_what_is_owed_is_paid_and_stands_in_the_books() -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        await person(rig, "approve")
        await rig.until(stands(P.TOLD))
        assert await booked(rig) == [OWED]
        (told,) = await paid(rig)
        assert (float(told["amount"]), told["patron_card"]) == (32.5, "1234567890")
        assert told["transaction"]
        await rig.press("pay.back")
        await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
        assert "Du har ingen gebyrer" in rig.words()
        assert not await rig.store.read(effects.open_rows)

    story(tell)


@pytest.mark.parametrize("fault", ["drop_before_commit", "drop_after_commit", "lock_violation"])
def test_an_answer_that_never_came_is_found_out_by_what_is_owed(fault: str, heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def tell(rig: Rig) -> None:
        await begin(rig)
        await rig.fault("library", fault, only="37", count=1)
        await person(rig, "approve")
        await rig.until(stands(P.TOLD, P.LATER), 90)
        await rig.pause(60)
        assert await booked(rig) == [OWED]
        assert len(await paid(rig)) == 1, "told until it stands there, and once"
        assert await rig.store.read(open_cases) == ()

    story(tell)


def test_a_payment_that_it_will_not_have_is_a_matter_for_staff() -> None:
    async def tell(rig: Rig) -> None:
        await begin(rig)
        rig.stage.places["library"].device.library.fees = []  # type: ignore[attr-defined]
        await person(rig, "approve")
        await rig.until(stands(P.LATER))
        (case,) = await rig.store.read(open_cases)
        assert case.kind is CaseKind.PAYMENT_UNTOLD
        assert await paid(rig) == []

    story(tell)
