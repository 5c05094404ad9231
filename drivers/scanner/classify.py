"""What was scanned: a card, a CPR number, an item, or something that only a person can tell.

Item numbers, library cards and CPR numbers all have ten digits. So a number that has the shape of a CPR
number, or a number that a card could have as well, is never given out as an item number by its looks: the tag on
the pad, the library system or the person must say that it is one (`Ambiguous.as_item`).

CPR rules: cpr.dk on numbers without modulus 11 (issued since 1 October 2007 and fully valid; refusing
citizens for it is wrong), so modulus 11 is never applied. Replacement numbers add 60 to the day and may
have letters in positions 8 and 9 (fmk-teknik, erstatnings-CPR). Sundhedskort track 2: 37 digits, the CPR
number in places 9 to 18 (layout as in public code RoskildeSkiklub/ssfh).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from drivers.ports import Scan, Secret

_CPR = re.compile(r"(0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])(0[1-9]|1[0-2])\d{3}[\dA-Z]{2}\d")
_TRACK_2 = re.compile(r";?\d{8}(\d{10})\d{19}\??")


class Step(StrEnum):
    """Where the flow stands, which tells what a person is likely to scan."""

    START = "start"
    """Nobody is signed in: a card is likelier, and an item may come first."""
    CARD = "card"
    """A card's number is typed, or the number is known to be a card's."""
    ITEM = "item"
    """The screen asks for the item's barcode, or a visit is under way."""


class What(StrEnum):
    """What a scan may be."""

    CARD = "card"
    CPR = "cpr"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Card:
    """A library card number."""

    number: Secret


@dataclass(frozen=True, slots=True)
class Cpr:
    """A number of a Danish health card: an identity, never an item."""

    number: Secret


@dataclass(frozen=True, slots=True)
class ItemNumber:
    """An item's number: not personal by itself."""

    number: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one meaning; `candidates` in the order of likelihood at this step."""

    candidates: tuple[What, ...]
    number: Secret

    def as_item(self) -> ItemNumber:
        """The tag, the library system or the person said that it is an item."""
        return ItemNumber(self.number.reveal())

    def as_card(self) -> Card | Cpr:
        """It is who someone is."""
        if What.CPR in self.candidates:
            return Cpr(Secret(_cpr(self.number.reveal())))
        return Card(self.number)


@dataclass(frozen=True, slots=True)
class Unknown:
    """None of these. Still personal."""

    text: Secret


Classed = Card | Cpr | ItemNumber | Ambiguous | Unknown


@dataclass(frozen=True, slots=True)
class Rules:
    """What numbers look like here, and what the kind of barcode tells of them."""

    item_pattern: str = r"^\d{10}$"
    card_pattern: str = r"^\d{10}$"
    item_aims: frozenset[str] = frozenset()
    """AIM identifiers that only items carry here, such as `A0`."""
    card_aims: frozenset[str] = frozenset()
    """AIM identifiers that only cards carry here."""


def classify(scan: Scan, step: Step, rules: Rules) -> Classed:
    """Class one scan. A number that could be a person's is never an ItemNumber."""
    text = re.sub(r"[-\s]", "", scan.text.reveal())
    track = _TRACK_2.fullmatch(text)
    if track is not None:
        return Cpr(Secret(track[1]))
    cpr = _cpr(text)
    card = re.fullmatch(rules.card_pattern, text) is not None
    item = re.fullmatch(rules.item_pattern, text) is not None
    if scan.aim in rules.card_aims or step is Step.CARD:
        item = False
    if scan.aim in rules.item_aims:
        card = False
    if cpr:
        if not item:
            return Cpr(Secret(cpr))
        return _either(What.CPR, step, text)
    if card and item:
        return _either(What.CARD, step, text)
    if card:
        return Card(Secret(text))
    return ItemNumber(text) if item else Unknown(Secret(scan.text.reveal()))


def _either(person: What, step: Step, text: str) -> Ambiguous:
    likely = (What.ITEM, person) if step is Step.ITEM else (person, What.ITEM)
    return Ambiguous(likely, Secret(text))


def is_cpr_shaped(text: str) -> bool:
    """Ten places that could be a CPR number: a day (or day + 60), a month, and no check of modulus 11."""
    return _CPR.fullmatch(text.upper()) is not None


def _cpr(text: str) -> str:
    """The CPR-shaped number in `text`, with or without an eleventh check character; "" if there is none."""
    number = text[:10].upper()
    return number if len(text) in {10, 11} and is_cpr_shaped(number) else ""
