"""What the desk shows, from the world's answers: words for loans, tags, devices and faults."""

from typing import Any

import pytest

from hw_sim.desk import state
from hw_sim.desk.sheet import MOST_SHOWN, Sheet

NAMES = {"1": "Karen Testesen"}


def _truth(*afis: str, library: dict[str, Any] | None = None) -> dict[str, Any]:
    tags = [{"part": n + 1, "afi": afi, "on_pad": n == 0} for n, afi in enumerate(afis)]
    shelf = {"loans": {}, "items": {"a": {"status": "03"}}, "holds": []}
    told = {"plugged": True, "faults": {}, **shelf, **(library or {})}
    return {"world": {"items": {"a": {"tags": tags}}}, "devices": {"library": told}}


LENT = {"loans": {"a": {"patron_card": "1", "due": "2026-12-01"}}}


@pytest.mark.parametrize(
    ("afis", "library", "words", "tags", "agrees"),
    [
        (["07"], {}, "in the library", "in stock", True),
        (["c2"], LENT, "Karen Testesen, due 1 Dec", "on loan", True),
        (["07"], LENT, "Karen Testesen, due 1 Dec", "in stock", False),
        (["c2"], {}, "in the library", "on loan", False),
        (["c2", "07"], LENT, "Karen Testesen, due 1 Dec", "mixed", False),
        (["d7"], {}, "in the library", "AFI D7", True),
        ([], {}, "in the library", "no tag", False),
        (["07"], {"items": {"a": {"status": "77"}}}, "status 77", "in stock", True),
        (["07"], {"items": {}}, "unknown", "in stock", True),
        (
            ["07"],
            {"holds": [{"item": "a", "patron_card": "1"}]},
            "reserved for Karen Testesen",
            "in stock",
            True,
        ),
    ],
)
def test_a_book_in_words(
    afis: list[str], library: dict[str, Any], words: str, tags: str, *, agrees: bool
) -> None:
    book = state.books(_truth(*afis, library=library), NAMES)["a"]
    assert (book.library, book.tags, book.agrees) == (words, tags, agrees)


def test_parts_of_a_set_stand_once_each() -> None:
    truth = _truth("07", "07", "07")
    truth["world"]["items"]["a"]["tags"][2]["part"] = 2
    book = state.books(truth, NAMES)["a"]
    assert (book.parts, book.laid) == ((1, 2), frozenset({1}))


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({}, "Ready"),
        ({"plugged": False, "printing": True}, "Cable is out"),
        ({"powered": False}, "Off"),
        ({"state": {"paper_end": True}, "printing": True}, "Paper is out"),
        ({"printing": True}, "Printing"),
        ({"faults": {"delay": {"seconds": 2, "count": None}}}, "Faulty"),
    ],
)
def test_a_device_in_a_word(row: dict[str, Any], word: str) -> None:
    told = {"devices": {"printer": {"plugged": True, "faults": {}, **row}}}
    device = state.devices(told)["printer"]
    assert device.word == word
    assert device.faults == ((("delay", "seconds=2"),) if word == "Faulty" else ())


def test_arguments_of_a_fault_are_typed_and_told() -> None:
    text = "seconds=0.5 count=null item=3846646425 applied=true encoding=latin-1"
    args = state.parse_arguments(text)
    assert args == {
        "seconds": 0.5,
        "count": None,
        "item": "3846646425",
        "applied": True,
        "encoding": "latin-1",
    }
    assert state.arguments(args) == ("seconds=0.5 item=3846646425 applied=true encoding=latin-1")
    with pytest.raises(ValueError, match="'=2' should be name=value"):
        state.parse_arguments("=2")


def test_items_on_the_pad_keep_their_order() -> None:
    on, off = state.BookState(laid=frozenset({1})), state.BookState()
    assert state.pad_order((), {"a": off, "b": on}) == ("b",)
    assert state.pad_order(("b",), {"a": on, "b": on, "c": on}) == ("b", "a", "c")
    assert state.pad_order(("b", "a"), {"a": on, "b": off}) == ("a",)


def test_a_sheet_keeps_the_newest_rows() -> None:
    sheet = Sheet(1, 8)
    rows = bytes(n % 256 for n in range(MOST_SHOWN + 10))
    sheet.grow(0, rows, (5, 30))
    assert (sheet.length, sheet.height()) == (MOST_SHOWN + 10, MOST_SHOWN)
    assert sheet.shown_cuts() == [20]
    sheet.grow(sheet.length + 7, b"\xff", ())
    assert (sheet.length, sheet.height()) == (MOST_SHOWN + 18, 1), "rows between have fallen"
    assert sheet.image().pixelColor(0, 0).lightness() < 30


def test_what_was_said_stands_newest_first_and_says_who_could_hear_it() -> None:
    row = {
        "language": "da",
        "end": "said",
        "at": 1.0,
        "volume": 100,
        "headset": False,
        "text": "Lån.",
    }
    hers = {**row, "text": "Lykke-Per.", "headset": True, "end": "canceled"}
    truth = {"devices": {"speaker": {"heard": [row, hers]}}}
    assert state.heard(truth) == [
        {"text": "Lykke-Per.", "language": "da", "where": "headset", "whole": False},
        {"text": "Lån.", "language": "da", "where": "room", "whole": True},
    ]
    assert state.heard({"devices": {}}) == []
