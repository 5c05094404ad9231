"""The screens of real visits, as the shipping kiosk builds them in a simulated world."""

from decimal import Decimal
from functools import cache

from drivers.service.view import Screen
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.stock import Hold
from kiosk.lending.payment import PaymentState
from kiosk.lending.state import Lending, Over, Phase
from tests.simulation.outage import BOOK, away
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_holds import LYKKE, ROED, SPEAKS, library_of, look, owe, reserve
from tests.simulation.test_returning import LENT, lend

LOST = ("reader.lost", "service.down", "library.line.dropped")
"""What the visits leave in the log: some lose a device or the library system."""
STACK = ("3846646425", "3846646433", "3846646441", "3846646458")


TERMINAL = """
[devices.terminal]
driver = "zvt"
url = "memory://terminal"
"""


def stands(state: Lending) -> PaymentState | None:
    return None if state.visit.payment is None else state.visit.payment.state


@cache
def visit() -> dict[str, Screen]:
    """By name, in the order in which they came."""
    seen: dict[str, Screen] = {}

    async def story(rig: Rig) -> None:
        def keep(name: str) -> None:
            seen[f"visit-{name}"] = rig.screen

        keep("start")
        await rig.press("borrow")
        keep("card")
        await rig.press("type")
        await rig.press("key.7")
        keep("number")
        await rig.press("back")
        await rig.scan("xx")
        keep("card-unread")
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        keep("empty")
        await rig.lay(*STACK)
        await rig.pause(30)
        keep("borrow")
        await rig.until(lambda s: s.over is Over.IDLE, 200)
        keep("idle")
        await rig.press("continue")
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.pause(5)
        keep("end")
        await rig.until(lambda s: s.phase is Phase.CLEAR, 100)
        keep("clear")
        await rig.lift()

    async def without_pad(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "pad"})
        await rig.pause(20)
        seen["visit-start-barcode"] = rig.screen
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.scan(STACK[0])
        await rig.until(lambda s: len(s.done) == 1)
        seen["visit-borrow-barcode"] = rig.screen
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.press("return")
        await rig.pause(2)
        await rig.scan(STACK[0])
        await rig.until(lambda s: bool(s.backs) and not s.busy)
        seen["visit-return-barcode"] = rig.screen

    async def pad_dies(rig: Rig) -> None:
        """With a loan whose alarm is still on, a set of which a part is missing, and an undo that waits."""
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(STACK[0])
        await rig.until(lambda s: len(s.done) == 1)
        await rig.lay("3846646466", parts=[1])
        await rig.until(lambda s: len(s.rows) == 2)
        await rig.fault("library", "answer_late", seconds=2.0, only="11")
        await rig.lay(STACK[1])
        await rig.until(lambda s: len(s.rows) == 3)
        await rig.stage.do("unplug", {"device": "pad"})
        await rig.until(lambda s: not s.busy)
        seen["visit-pad-dies"] = rig.screen

    async def without_readers(rig: Rig) -> None:
        await rig.until(lambda s: s.devices.scanner and s.devices.pad)
        await rig.stage.do("unplug", {"device": "scanner"})
        await rig.until(lambda s: "scanner" in s.unsteady)
        seen["visit-start-typed"] = rig.screen
        await lend(rig, *LENT)
        await rig.stage.do("unplug", {"device": "pad"})
        await rig.until(lambda s: "pad" in s.unsteady)
        seen["visit-start-account"] = rig.screen
        await rig.press("assist.help")
        seen["visit-help-account"] = rig.screen
        await rig.press("close")
        await rig.press("loans")
        seen["visit-card-typed"] = rig.screen
        await rig.press("type")
        for digit in "1234567890":
            await rig.press(f"key.{digit}")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.LOANS and not s.visit.fetching)
        seen["visit-loans-account"] = rig.screen

    async def readers_die(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        for role in ("pad", "scanner"):
            await rig.stage.do("unplug", {"device": role})
        await rig.until(lambda s: not s.devices.pad and not s.devices.scanner)
        seen["visit-borrow-no-reader"] = rig.screen

    async def returning(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        await lend(rig, *LENT)
        device.library.holds.append(Hold(LENT[0], "1234567891", pickup="Borgernes Hus"))
        await rig.press("return")
        await rig.until(lambda s: s.phase is Phase.RETURN)
        seen["visit-return-empty"] = rig.screen
        await rig.lay(*LENT)
        await rig.until(lambda s: len(s.backs) == len(LENT) and not s.unsettled)
        seen["visit-return"] = rig.screen

    async def account(rig: Rig) -> None:
        reserve(rig)
        owe(rig)
        await look(rig)
        seen["visit-holds"] = rig.screen
        await rig.press(f"cancel.{rig.state.helds[0].id}")
        seen["visit-ask-cancel"] = rig.screen
        await rig.press("cancel.no")
        await rig.press("show.fees")
        seen["visit-fees"] = rig.screen
        await rig.press("show.borrow")
        library_of(rig).items[LYKKE].fee = Decimal(25)
        await rig.lay(LYKKE, ROED)
        await rig.until(lambda s: len(s.done) == 1 and not s.busy)
        seen["visit-fee-on-loan"] = rig.screen

    async def asking(rig: Rig) -> None:
        await lend(rig, *LENT[1:])
        await lend(rig, LENT[0], days_ago=40)
        await rig.press("assist.help")
        await rig.press("call")
        seen["visit-staff"] = rig.screen
        await rig.press("close")
        await rig.press("loans")
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.LOANS and not s.visit.fetching)
        await rig.press("renew.l2")
        await rig.pause(5)
        seen["visit-loans"] = rig.screen
        await rig.press("assist.help")
        seen["visit-loans-help"] = rig.screen

    async def failing(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.scan("0101011234")
        seen["visit-ask-scan"] = rig.screen
        await rig.press("item.no")
        await rig.lay(*STACK[:2])
        await rig.until(lambda s: len(s.done) == 2)
        await rig.scan("1234567890")
        seen["visit-scan-card"] = rig.screen
        await rig.fault("printer", "paper_end", after_mm=20.0)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.RECEIPT_FAILED, 60)
        seen["visit-receipt-failed"] = rig.screen

    async def unsure(rig: Rig) -> None:
        """A number is scanned first, and nobody can be asked whose it is."""
        await away(rig)
        await rig.scan(BOOK)
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        seen["visit-ask-card"] = rig.screen
        await rig.press("assist.help")
        seen["visit-ask-card-help"] = rig.screen
        await rig.press("close")
        await rig.press("item.yes")
        await rig.until(lambda s: s.phase is Phase.CARD)
        seen["visit-card-scanned"] = rig.screen

    async def laid(rig: Rig) -> None:
        await rig.lay(*STACK[:2])
        await rig.until(lambda s: s.phase is Phase.CARD and len(s.rows) == 2)
        seen["visit-card-laid"] = rig.screen

    async def blocked(rig: Rig) -> None:
        await rig.sign_in("1234567891", "4321")
        await rig.until(lambda s: s.phase is Phase.BLOCKED)
        seen["visit-blocked"] = rig.screen

    async def paying(rig: Rig) -> None:
        owe(rig)
        await rig.until(lambda s: s.devices.terminal)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.press("show.fees")
        await rig.until(lambda s: s.phase is Phase.FEES and s.visit.fresh)
        seen["visit-fees-to-pay"] = rig.screen
        await rig.press("pay.begin")
        await rig.until(lambda s: stands(s) is PaymentState.CARD)
        seen["visit-paying"] = rig.screen
        await rig.stage.do("terminal", {"does": "card"})
        await rig.until(lambda s: stands(s) is PaymentState.PIN)
        seen["visit-paying-pin"] = rig.screen
        await rig.stage.do("terminal", {"does": "decline"})
        await rig.until(lambda s: stands(s) is PaymentState.DECLINED)
        seen["visit-paying-declined"] = rig.screen
        await rig.press("pay.again")
        await rig.until(lambda s: stands(s) is PaymentState.CARD)
        await rig.fault("terminal", "silent_after_booking")
        await rig.stage.do("terminal", {"does": "approve"})
        await rig.pause(3)
        await rig.stage.do("unplug", {"device": "terminal"})
        await rig.until(lambda s: stands(s) is PaymentState.UNKNOWN)
        await rig.pause(6)
        seen["visit-paying-unknown"] = rig.screen
        await rig.stage.do("plug", {"device": "terminal"})
        await rig.until(lambda s: stands(s) is PaymentState.TOLD)
        seen["visit-paid"] = rig.screen

    play(paying, station=STATION + TERMINAL)
    dead = (without_pad, pad_dies, without_readers, readers_die)
    for one in (story, *dead, returning, asking, failing, unsure, laid, blocked):
        play(one)
    play(account, **SPEAKS["fbs"])
    return seen
