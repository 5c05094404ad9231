"""The desk by hand, offscreen: what is pressed there happens in the world, and the world is what it shows."""

import os
import select
import socket
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage
from pytestqt.qtbot import QtBot

from hw_sim.desk.control_line import ControlLine
from hw_sim.desk.window import SMALLEST_SIZE
from hw_sim.paper import picture

PLAIN, SET = "3846646425", "3846646466"

RECEIPT = b"\x1b@" + b"".join(b"line %d of the receipt\n" % n for n in range(60)) + b"\x1dVB\x00"


def test_a_click_lays_a_book_and_the_next_lifts_it(hands: Any) -> None:
    hands.click(f"book-{PLAIN}")
    hands.until(lambda: hands.world.laid() == [(PLAIN, 1)])
    hands.until(lambda: hands.desk.tags_on_pad() == 1)
    hands.still()
    hands.click(f"book-{PLAIN}")
    hands.until(lambda: hands.world.laid() == [])


def test_a_book_is_dragged_to_the_pad_and_back(hands: Any) -> None:
    shelf = hands.at(f"book-{PLAIN}")
    hands.drag(f"book-{PLAIN}", hands.at("pad"))
    hands.until(lambda: hands.world.laid() == [(PLAIN, 1)])
    hands.until(lambda: hands.desk.tags_on_pad() == 1)
    hands.still()
    hands.drag(f"book-{PLAIN}", shelf)
    hands.until(lambda: hands.world.laid() == [])


def test_a_book_dragged_a_little_stays_where_it_is(hands: Any) -> None:
    hands.drag(f"book-{PLAIN}", hands.at(f"book-{PLAIN}") + QPoint(0, 40))
    hands.still()
    assert hands.world.laid() == []


def test_keys_do_what_the_mouse_does(hands: Any) -> None:
    hands.part(f"book-{PLAIN}").forceActiveFocus()
    hands.key(Qt.Key.Key_Return)
    hands.until(lambda: hands.world.laid() == [(PLAIN, 1)])
    hands.until(lambda: hands.desk.tags_on_pad() == 1)
    hands.key(Qt.Key.Key_Space)
    hands.until(lambda: hands.world.laid() == [])


def test_a_set_is_laid_whole_or_by_part(hands: Any) -> None:
    hands.click(f"part-{SET}-2")
    hands.until(lambda: hands.world.laid() == [(SET, 2)])
    hands.until(lambda: hands.desk.tags_on_pad() == 1)
    hands.still()
    hands.click(f"book-{SET}")
    hands.until(lambda: hands.world.laid() == [])
    hands.until(lambda: hands.desk.tags_on_pad() == 0)
    hands.still()
    hands.click(f"book-{SET}")
    hands.until(lambda: hands.world.laid() == [(SET, 1), (SET, 2), (SET, 3)])


def test_all_are_laid_and_lifted(hands: Any) -> None:
    hands.click("lay-all")
    hands.until(lambda: len(hands.world.laid()) == 9)
    hands.until(lambda: hands.desk.tags_on_pad() == 9)
    hands.click("lift-all")
    hands.until(lambda: hands.world.laid() == [])


def test_a_card_and_a_typed_code_reach_the_scanner(hands: Any) -> None:
    wire = os.open(hands.world.urls["scanner"], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        scanner = hands.world.stage.places["scanner"]
        hands.until(lambda: scanner.wires.connected)
        hands.click("card-0")
        assert _line(wire) == b"]C01234567890\r"
        hands.drag("card-1", hands.at("scan-field"))
        assert _line(wire) == b"]C01234567891\r"
        hands.click("scan-field")
        for key in (Qt.Key.Key_4, Qt.Key.Key_2, Qt.Key.Key_Return):
            hands.key(key)
        assert _line(wire) == b"]C042\r"
        hands.click("scan")
        assert _line(wire) == b"]C042\r"
        assert hands.world.truth()["devices"]["scanner"]["scans"] == 4
    finally:
        os.close(wire)


def test_a_chip_is_held_to_the_card_reader_and_taken_away(hands: Any) -> None:
    hands.click("tap-0")
    hands.until(lambda: hands.world.truth()["devices"]["card"]["cards"] == ["karen"])
    hands.until(lambda: hands.world.truth()["devices"]["card"]["cards"] == [])


def _line(wire: int) -> bytes:
    heard = b""
    while not heard.endswith(b"\r"):
        assert select.select([wire], [], [], 10)[0], heard
        heard += os.read(wire, 100)
    return heard


def test_the_receipt_is_the_printers_own_dots_and_is_torn_off(hands: Any) -> None:
    printer = hands.world.stage.places["printer"].device
    host, port = hands.world.urls["printer"].rpartition("//")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(RECEIPT)
        hands.until(lambda: len(printer.jobs) == 1)
        rows = hands.world.call(lambda: list(printer.paper.rows))
        hands.until(lambda: hands.desk.sheet.length == len(rows))
        assert _dots(hands.desk.sheet.image()) == picture(rows, printer.paper.dots).tobytes()
        wire.sendall(b"a little more\n")
        hands.until(lambda: hands.desk.sheet.length > len(rows))
        rows = hands.world.call(lambda: list(printer.paper.rows))
        hands.click("tear")
        hands.until(lambda: len(hands.desk.torn) == 1)
        assert hands.world.truth()["devices"]["printer"]["hanging_mm"] == 0
        assert hands.desk.sheet.height() == 0
        assert _dots(hands.desk.torn[0].image()) == picture(rows, printer.paper.dots).tobytes()
    hands.click("torn-0")
    hands.until(lambda: hands.part("look").isVisible())
    hands.key(Qt.Key.Key_Escape)
    hands.until(lambda: not hands.part("look").isVisible())


def _dots(image: QImage) -> bytes:
    """Black and white only, a byte a dot, as Pillow has it."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    bits: Any = grey.constBits()
    pitch, across = grey.bytesPerLine(), grey.width()
    rows = (bytes(bits[y * pitch : y * pitch + across]) for y in range(grey.height()))
    return b"".join(bytes(255 if dot > 127 else 0 for dot in row) for row in rows)


def test_paper_torn_before_the_desk_looked_is_not_lost(hands: Any) -> None:
    stage, printer = hands.world.stage, hands.world.stage.places["printer"].device

    async def print_and_tear() -> int:
        printer.receive(RECEIPT)
        length = len(printer.paper.rows)
        await stage.tear()
        return length

    length = hands.world.run(print_and_tear())
    hands.until(lambda: len(hands.desk.torn) == 1)
    assert hands.desk.torn[0].length == length


def test_a_cable_is_pulled_and_put_back(hands: Any) -> None:
    hands.click("cable-pad")
    hands.until(lambda: hands.world.truth()["devices"]["pad"]["plugged"] is False)
    hands.until(lambda: hands.part("word-pad").property("text") == "Cable is out")
    hands.click("cable-pad")
    hands.until(lambda: hands.world.truth()["devices"]["pad"]["plugged"] is True)
    hands.until(lambda: hands.part("word-pad").property("text") == "Ready")
    assert hands.part("cable-pad").property("checked") is True


def test_a_fault_is_started_and_cleared(hands: Any) -> None:
    hands.part("fault-device").setProperty("currentIndex", 2)
    assert hands.part("fault-device").property("currentText") == "printer"
    verbs = hands.part("fault-verb").property("model")
    hands.part("fault-verb").setProperty("currentIndex", verbs.index("head_hot"))
    hands.part("fault-args").setProperty("text", "after_mm=500")
    hands.click("fault-start")
    hands.until(lambda: "head_hot" in hands.world.truth()["devices"]["printer"]["faults"])
    assert hands.world.truth()["devices"]["printer"]["faults"]["head_hot"]["after_mm"] == 500
    hands.until(lambda: len(hands.desk.standing_faults()) == 1)
    hands.click("clear-printer-head_hot")
    hands.until(lambda: hands.world.truth()["devices"]["printer"]["faults"] == {})
    hands.until(lambda: hands.desk.standing_faults() == [])


@pytest.mark.parametrize(
    ("args", "words"), [("", "delay needs seconds"), ("soon", "'soon' should be name=value")]
)
def test_a_fault_that_cannot_be_is_told(hands: Any, args: str, words: str) -> None:
    hands.desk.startFault("pad", "delay", args)
    hands.until(lambda: hands.part("said").property("text") == words)


def test_loans_and_tags_are_shown_as_the_world_has_them(hands: Any) -> None:
    book = hands.desk.books[0]
    assert (book.state.library, book.state.tags) == ("in the library", "in stock")
    assert hands.desk.books[2].state.library == "reserved for somebody else"
    tag = hands.world.stage.world.items[PLAIN].tags[0]
    hands.world.call(lambda: tag.write_afi(0xC2))
    hands.until(lambda: book.state.tags == "on loan" and not book.state.agrees)


def test_everything_that_can_be_used_has_a_name(hands: Any) -> None:
    QAccessible.setActive(True)
    root = QAccessible.queryAccessibleInterface(hands.window)
    roles = QAccessible.Role
    used = {roles.Button, roles.CheckBox, roles.EditableText, roles.ComboBox, roles.ListItem}
    named = [
        (node.role(), node.text(QAccessible.Text.Name))
        for node in _nodes(root)
        if node.role() in used and not node.state().invisible
    ]
    assert [role for role, name in named if not name] == []
    names = {name for _, name in named}
    assert {
        "Lykke-Per, Henrik Pontoppidan, on the shelf",
        "Hold the card of Karen Testesen to the reader, PIN 1234",
        "Cable of the library",
        "Start the fault",
        "A code to show to the reader",
        "Tear off the receipt",
    } <= names


def _nodes(node: QAccessibleInterface) -> list[QAccessibleInterface]:
    found = [node]
    for n in range(node.childCount()):
        child = node.child(n)
        if child is not None:
            found += _nodes(child)
    return found


def test_it_is_usable_when_small(hands: Any) -> None:
    hands.window.resize(*SMALLEST_SIZE)
    hands.until(lambda: hands.window.rootObject().width() == SMALLEST_SIZE[0])
    books = [f"book-{book.id}" for book in hands.desk.books]
    for name in (
        *books,
        "pad",
        "lift-all",
        "card-1",
        "scan",
        "tear",
        "fault-start",
        "cable-library",
    ):
        item = hands.part(name)
        box = item.mapRectToScene(item.boundingRect())
        assert QRectF(0, 0, *SMALLEST_SIZE).contains(box), name
    assert min(hands.part(name).width() for name in books) > 54, "titles can be read"


def test_it_says_when_the_world_is_gone(hands: Any) -> None:
    with hands.qtbot.waitSignal(hands.desk.lost, timeout=10_000):
        hands.world.end()


def test_no_simulator_is_an_error(qapp: QObject, qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError, match=r"control\.sock"):
        ControlLine(f"unix:{tmp_path / 'control.sock'}")


def test_keys_and_the_headset_are_at_hand_and_an_ear_tells_what_was_said(hands: Any) -> None:
    hands.until(lambda: hands.desk.property("hasKeys"))
    hands.click("other-panel")
    for key in ("up", "select", "louder"):
        hands.click(f"key-{key}")
    hands.until(lambda: hands.world.truth()["devices"]["keys"]["presses"] == 3)
    hands.click("headset")
    hands.until(lambda: hands.world.truth()["devices"]["speaker"]["headset"] is True)
    hands.until(lambda: hands.desk.property("headset"))

    def speak() -> None:
        service = hands.world.stage.places["speaker"].device
        service.attach(lambda _: None, lambda: None)
        service.receive(b"SET SELF LANGUAGE da\r\nSPEAK\r\nLykke-Per\r\n.\r\n")

    hands.world.call(speak)
    hands.until(lambda: bool(hands.desk.heard()))
    assert hands.desk.heard()[0]["where"] == "headset"
    assert hands.desk.heard()[0]["text"] == "Lykke-Per"
    hands.click("headset")
    hands.until(lambda: not hands.desk.property("headset"))


def test_a_person_at_the_terminal_pays_by_hand(hands: Any) -> None:
    host, _, port = hands.world.urls["terminal"].removeprefix("socket://").partition(":")
    with socket.create_connection((host, int(port)), 5) as till:
        told = b""
        for command, answers in (
            ("0600 06 000000 3e 0208", (b"\x80\x00\x00", b"\x06\x0f")),
            ("0601 0a 04 000000003250 49 0208", (b"\x80\x00\x00",)),
        ):
            till.sendall(bytes.fromhex(command))
            for answer in answers:
                while answer not in told:
                    told += till.recv(200)
                told = told[told.index(answer) + len(answer) :]
            till.sendall(b"\x80\x00\x00")
        hands.until(lambda: hands.part("terminal").property("shows") == "card")
        assert hands.desk.property("terminalAmount") == "32.50"
        hands.click("terminal-card")
        hands.until(lambda: hands.part("terminal").property("shows") == "pin")
        hands.click("terminal-abort")
        hands.until(lambda: hands.part("terminal").property("shows") == "idle")
        assert hands.world.truth()["devices"]["terminal"]["booked"] == []
