"""The account of whoever has signed in: what is owed stands soon, and an answer that comes late is nobody else's."""

from drivers.ports import PrinterState, Scan, Secret
from drivers.ports.library import Online
from kiosk.lending import acts
from kiosk.lending.payment import PaymentState
from kiosk.lending.state import Phase
from tests.simulation.lending_world import ACCOUNTS, CARDS, CONFIG, LendingWorld
from tests.simulation.rig import Rig
from tests.simulation.test_paying import at_fees, person, stands, story


async def asked(rig: Rig, message: str) -> int:
    rows = (await rig.truth())["devices"]["library"]["asked"]
    return sum(row["message"] == message for row in rows)


def test_what_is_owed_is_told_before_each_line_of_the_account_is() -> None:
    async def tell(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.press("show.fees")
        await rig.until(lambda s: s.visit.listed, 2.0)
        assert rig.state.visit.fetching
        assert "Du skylder 32,50 kr." in rig.words()
        await rig.until(lambda s: s.visit.fresh)
        assert not rig.state.visit.listed
        assert "Du skylder 32,50 kr." in rig.words()

    story(tell)


def test_to_pay_no_title_is_asked_for() -> None:
    async def tell(rig: Rig) -> None:
        await at_fees(rig)
        before = await asked(rig, "17")
        await rig.press("pay.begin")
        await rig.until(stands(PaymentState.CARD))
        await person(rig, "approve")
        await rig.until(stands(PaymentState.TOLD))
        assert await asked(rig, "17") == before

    story(tell)


def signed_in(world: LendingWorld, who: int) -> acts.AskAccount:
    """Somebody looks at her loans; what is asked for then."""
    world.step(acts.Pressed("loans"))
    world.step(acts.Scanned(Scan("C0", Secret(CARDS[who])), mark=f"mark {CARDS[who]}"))
    for _ in range(CONFIG.lending.pin_length):
        world.step(acts.Pressed("key.7"))
    sign_in = next(e for e in world.asked if isinstance(e, acts.AskSignIn))
    world.asked.remove(sign_in)
    world.answer_sign_in(sign_in, "done")
    asks = [e for e in world.asked if isinstance(e, acts.AskAccount)][-1]
    assert asks.patron.card.reveal() == CARDS[who]
    return asks


def test_an_account_that_comes_when_its_owner_has_gone_is_not_shown_to_the_next() -> None:
    world = LendingWorld()
    for role in ("pad", "scanner", "store", "clock"):
        world.step(acts.DeviceHealth(role, True))
    world.step(acts.PrinterChanged(PrinterState.READY))
    world.step(acts.LibraryChanged(Online.ONLINE))
    hers = signed_in(world, 0)
    world.step(acts.Pressed("log_out"))
    world.step(acts.Scanned(Scan("C0", Secret(CARDS[1])), mark=""))  # the end screen makes way
    world.step(acts.Pressed("back"))
    world.step(acts.Pressed("back"))
    another = signed_in(world, 1)
    world.step(acts.AccountListed(ACCOUNTS[0], hers.patron.card))
    world.step(acts.AccountKnown(ACCOUNTS[0], of=hers.patron.card))
    visit = world.state.visit
    assert (world.state.lents, visit.owed, visit.fees) == ((), 0, ())
    assert visit.fetching, "her own is still waited for"
    world.step(acts.AccountKnown(ACCOUNTS[0], of=another.patron.card))
    assert world.state.visit.fresh
    assert len(world.state.lents) == 2
