"""The desk's view-model: what hands can do here, and what is to be seen. All of it over the control line."""

# ruff: noqa: N802, N815 - names that QML reads

import base64
from typing import Any

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from hw_sim.desk import state
from hw_sim.desk.control_line import ControlLine
from hw_sim.desk.sheet import Sheet
from hw_sim.desk.things import Book, Card, Machine

QML_IMPORT_NAME = "HwSim.Desk"
QML_IMPORT_MAJOR_VERSION = 1

PAPER_EVERY_MS = 80
TRUTH_EVERY_MS = 500
TORN_KEPT = 12

_HAPPENED = {
    "laid": "Laid on the pad",
    "lifted": "Lifted off the pad",
    "scanned": "Shown to the reader",
    "card_laid": "Held to the card reader",
    "card_lifted": "Taken from the card reader",
    "torn": "Torn off",
    "paid": "Paid at the terminal",
    "payment_declined": "Not paid: the bank says no",
    "fault": "Fault started",
    "cleared": "Fault cleared",
    "plugged": "Cable put back",
    "unplugged": "Cable pulled",
    "step_failed": "A step of the scenario failed",
}


@QmlElement
@QmlUncreatable("made by the window")
class Desk(QObject):  # type: ignore[operator]
    """Everything on the desk. Slots send one verb each; the world's answer is shown, never assumed."""

    ready = Signal()
    """Books, cards and devices are known."""
    changed = Signal()
    said = Signal()
    sheetChanged = Signal()
    tornChanged = Signal()
    lost = Signal()

    def __init__(self, line: ControlLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._line = line
        line.setParent(self)
        line.happened.connect(self._happened)
        line.lost.connect(self._lost)
        self._scenario = self._about = self._clock = self._words = ""
        self._trouble = False
        self.books: list[Book] = []
        self.cards: list[Card] = []
        self.machines: list[Machine] = []
        self.sheet: Sheet | None = None
        self.torn: list[Sheet] = []
        """Sheets that were torn off, newest first."""
        self._standing: list[dict[str, str]] = []
        self._pad: tuple[str, ...] = ()
        self._heard: list[dict[str, Any]] = []
        self._headset = False
        self._terminal: tuple[str, int] = ("", 0)
        """What the payment terminal shows, and the amount in hundredths; empty without one."""
        self._asking: set[str] = set()
        """What was asked for and has not been answered: one question at a time of each kind."""
        self._again = False
        self._paper_timer = QTimer(self, interval=PAPER_EVERY_MS)
        self._paper_timer.timeout.connect(self._ask_paper)
        self._truth_timer = QTimer(self, interval=TRUTH_EVERY_MS)
        self._truth_timer.timeout.connect(self._ask_truth)
        line.ask("hello", self._hello, self._refused)
        line.ask("subscribe", lambda _: None, self._refused)

    def close(self) -> None:
        """Hang up; the world goes on."""
        self._stop()
        self._line.close()

    def _lost(self) -> None:
        self._stop()
        self.lost.emit()

    def _stop(self) -> None:
        self._paper_timer.stop()
        self._truth_timer.stop()

    # --- what comes from the world

    def _hello(self, told: dict[str, Any]) -> None:
        self._scenario, self._about = told["scenario"], told["about"]
        self.books = [Book(n, item, self) for n, item in enumerate(told["items"])]
        reads = "card" in told["devices"]
        chips = {row["holder"]: row["name"] for row in told.get("cards", ()) if reads}
        self.cards = [Card(row, chips.get(row["card"], ""), self) for row in told["patrons"]]
        self.machines = [Machine(role, row, self) for role, row in told["devices"].items()]
        self.ready.emit()
        self._ask_truth()
        self._truth_timer.start()
        if "printer" in told["devices"]:
            self._ask_paper()
            self._paper_timer.start()

    def _happened(self, event: dict[str, Any]) -> None:
        words = _HAPPENED.get(event["event"])
        if words is not None:
            about = event.get("device") or self._titles(event.get("items", []))
            self._say(": ".join(part for part in (words, about) if part))
        self._ask_truth()

    def _titles(self, items: list[str]) -> str:
        titles = [book.label for book in self.books if book.id in items]
        return titles[0] if len(titles) == 1 else f"{len(titles)} items" if titles else ""

    def _ask_truth(self) -> None:
        if "truth" in self._asking:
            self._again = True
            return
        self._asking.add("truth")
        self._line.ask("truth", self._truth, self._refused)

    def _truth(self, truth: dict[str, Any]) -> None:
        self._asking.discard("truth")
        names = {card.number: card.holder for card in self.cards}
        found = state.books(truth, names)
        self._pad = state.pad_order(self._pad, found)
        for book in self.books:
            seat = self._pad.index(book.id) if book.id in self._pad else -1
            book.show(found[book.id], seat)
        blocked = truth["devices"].get("library", {}).get("blocked", ())
        for card in self.cards:
            card.note("Blocked" if card.number in blocked else "")
        told = state.devices(truth)
        for machine in self.machines:
            machine.show(told[machine.role])
        self._standing = [
            {"device": role, "verb": verb, "args": args}
            for role, device in told.items()
            for verb, args in device.faults
        ]
        terminal = truth["devices"].get("terminal", {})
        self._terminal = terminal.get("shows", ""), terminal.get("amount", 0)
        self._clock = truth["world"]["now"][11:19]
        self._heard = state.heard(truth)
        self._headset = bool(truth["devices"].get("keys", {}).get("headset", False))
        self.changed.emit()
        if self._again:
            self._again = False
            self._ask_truth()

    def _ask_paper(self) -> None:
        if "paper" in self._asking:
            return
        self._asking.add("paper")
        args = (
            {} if self.sheet is None else {"sheet": self.sheet.number, "since": self.sheet.length}
        )
        self._line.ask("paper_rows", self._paper, self._no_paper, **args)

    def _paper(self, told: dict[str, Any]) -> None:
        self._asking.discard("paper")
        if self.sheet is None:
            self._new_sheet(told["sheet"], told["dots"])
            return
        data = base64.b64decode(told["data"])
        self.sheet.grow(told["since"], data, tuple(row for row, _ in told["cuts"]))
        if self.sheet.length < told["length"]:
            self._ask_paper()
        elif told["sheet"] != told["hanging"]:
            if self.sheet.height():
                self.torn = [self.sheet, *self.torn][:TORN_KEPT]
                self.tornChanged.emit()
            self._new_sheet(told["hanging"], told["dots"])

    def _new_sheet(self, number: int, dots: int) -> None:
        self.sheet = Sheet(number, dots, self)
        self.sheetChanged.emit()
        self._ask_paper()

    def _no_paper(self, _: str) -> None:
        """That sheet is kept no more: two were torn off since we looked."""
        self._asking.discard("paper")
        self.sheet = None
        self._ask_paper()

    def _say(self, words: str, *, trouble: bool = False) -> None:
        self._words, self._trouble = words, trouble
        self.said.emit()

    def _refused(self, why: str) -> None:
        self._say(why, trouble=True)

    def _do(self, verb: str, /, **args: object) -> None:
        self._line.ask(verb, lambda _: self._ask_truth(), self._refused, **args)

    # --- what hands do

    @Slot(str)
    def toggle(self, item: str) -> None:
        """Lay an item, or lift it if any part of it is on the pad."""
        laid = any(book.id == item and book.state.laid for book in self.books)
        self._do("lift" if laid else "lay", items=[item])

    @Slot(str)
    def lay(self, item: str) -> None:
        """Lay an item, all its parts."""
        self._do("lay", items=[item])

    @Slot(str)
    def lift(self, item: str) -> None:
        """Lift an item, all its parts."""
        self._do("lift", items=[item])

    @Slot(str, int)
    def togglePart(self, item: str, part: int) -> None:
        """Lay or lift one part of a set."""
        laid = any(book.id == item and part in book.state.laid for book in self.books)
        self._do("lift" if laid else "lay", items=[item], parts=[part])

    @Slot()
    def layAll(self) -> None:
        """Lay everything that is not on the pad."""
        self._do("lay", items=[book.id for book in self.books])

    @Slot()
    def liftAll(self) -> None:
        """Take everything off the pad."""
        self._do("lift")

    @Slot(str)
    def hold(self, card: str) -> None:
        """Hold a card to the reader."""
        self._do("tap_card", card=card)

    @Slot(str)
    def tap(self, chip: str) -> None:
        """Hold a card with a chip to the card reader for a moment."""
        self._do("tap_card", card=chip)

    @Slot(str)
    def scan(self, text: str) -> None:
        """Show a code to the reader; an empty one is none."""
        if text:
            self._do("scan", text=text)

    @Slot(str)
    def pressKey(self, key: str) -> None:
        """Press a key of the keypad."""
        self._do("key", key=key)

    @Slot(bool)
    def plugHeadset(self, plugged: bool) -> None:
        """Put the headset's plug into the jack, or pull it out."""
        self._do("headset", plugged=plugged)

    @Slot(str)
    def terminal(self, does: str) -> None:
        """Do something at the payment terminal."""
        self._do("terminal", does=does)

    @Slot()
    def tear(self) -> None:
        """Tear off what hangs out of the printer."""
        self._do("tear")

    @Slot(str, bool)
    def cable(self, device: str, plugged: bool) -> None:
        """Put a device's cable back, or pull it."""
        self._do("plug" if plugged else "unplug", device=device)

    @Slot(str, str, str)
    def startFault(self, device: str, verb: str, args: str) -> None:
        """Start a fault; its arguments as `name=value`, with spaces between."""
        try:
            given = state.parse_arguments(args)
        except ValueError as error:
            self._refused(str(error))
            return
        self._do("fault", device=device, verb=verb, args=given)

    @Slot(str, str)
    def clearFault(self, device: str, verb: str) -> None:
        """End one fault."""
        self._do("clear", device=device, verb=verb)

    # --- what QML reads

    def _get_scenario(self) -> str:
        return self._scenario

    def _get_about(self) -> str:
        return self._about

    def _get_clock(self) -> str:
        return self._clock

    def _get_terminal(self) -> str:
        return self._terminal[0]

    def _get_amount(self) -> str:
        return f"{self._terminal[1] / 100:.2f}"

    def _get_words(self) -> str:
        return self._words

    def _get_trouble(self) -> bool:
        return self._trouble

    def _get_books(self) -> list[Book]:
        return self.books

    def _get_cards(self) -> list[Card]:
        return self.cards

    def _get_machines(self) -> list[Machine]:
        return self.machines

    def standing_faults(self) -> list[dict[str, str]]:
        """Every fault that stands: its device, verb and arguments in words."""
        return self._standing

    def _get_seats(self) -> int:
        return len(self._pad)

    def tags_on_pad(self) -> int:
        """Tags that lie in the field, as the world says."""
        return sum(len(book.state.laid) for book in self.books)

    def _get_sheet(self) -> Sheet | None:
        return self.sheet

    def _get_torn(self) -> list[Sheet]:
        return self.torn

    def _has_role(self, role: str) -> bool:
        return any(machine.role == role for machine in self.machines)

    def _get_has_printer(self) -> bool:
        return self._has_role("printer")

    def _get_has_scanner(self) -> bool:
        return self._has_role("scanner")

    def _get_has_keys(self) -> bool:
        return self._has_role("keys")

    def heard(self) -> list[dict[str, Any]]:
        """What was said, newest first, and who could hear it."""
        return self._heard

    def _get_headset(self) -> bool:
        return self._headset

    scenario = Property(str, _get_scenario, notify=ready)
    about = Property(str, _get_about, notify=ready)
    shelf = Property(list, _get_books, notify=ready)
    wallet = Property(list, _get_cards, notify=ready)
    devices = Property(list, _get_machines, notify=ready)
    hasPrinter = Property(bool, _get_has_printer, notify=ready)
    hasScanner = Property(bool, _get_has_scanner, notify=ready)
    hasKeys = Property(bool, _get_has_keys, notify=ready)
    terminalShows = Property(str, _get_terminal, notify=changed)
    terminalAmount = Property(str, _get_amount, notify=changed)
    clock = Property(str, _get_clock, notify=changed)
    heardNewest = Property(list, heard, notify=changed)
    headset = Property(bool, _get_headset, notify=changed)
    standing = Property(list, standing_faults, notify=changed)
    seats = Property(int, _get_seats, notify=changed)
    tagsOnPad = Property(int, tags_on_pad, notify=changed)
    words = Property(str, _get_words, notify=said)
    trouble = Property(bool, _get_trouble, notify=said)
    hanging = Property(QObject, _get_sheet, notify=sheetChanged)
    pile = Property(list, _get_torn, notify=tornChanged)
