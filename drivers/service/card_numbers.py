"""From a card that is held to the reader to the number by which the library knows it. Pure.

A number that is another one at each look (phones, passports) is nobody's; and a UID is a convenience, never a
proof: it can be copied. So whoever signs in by it still needs the PIN.
"""

import re
from enum import StrEnum

from config.station import CardDevice
from drivers.ports import NearCard, Secret


class NoNumber(StrEnum):
    """Why a card gives none; each has words for the person."""

    PHONE = "phone"
    """A phone, a passport, or a card that hides who it is: its number changes."""
    STRANGER = "stranger"
    """A card of something else, such as of a bank or for a bus."""
    UNREAD = "unread"
    """It lies there and cannot be read."""


def number_of(card: NearCard, rules: CardDevice) -> Secret | NoNumber:
    """The card's number as `rules` say, or why it has none."""
    if card.unread:
        return NoNumber.UNREAD
    if rules.number_from == "ndef":
        for content in card.contents:
            if number := _found(content.reveal(), rules.number_pattern):
                return Secret(number)
        return NoNumber.PHONE if card.random else NoNumber.STRANGER
    if card.random:
        return NoNumber.PHONE
    number = _found(_written(card.uid.reveal(), rules), rules.number_pattern)
    return Secret(number) if number else NoNumber.STRANGER


def _written(uid: str, rules: CardDevice) -> str:
    """The UID in the order and form in which the library writes it."""
    value = bytes.fromhex(uid)
    if rules.uid_order == "reversed":
        value = value[::-1]
    if rules.uid_form == "hex":
        return value.hex().upper()
    return str(int.from_bytes(value, "big")).zfill(rules.uid_digits)


def _found(text: str, pattern: str) -> str:
    if not pattern:
        return text.strip()
    match = re.search(pattern, text)
    if match is None:
        return ""
    return (match[1] if match.re.groups else match[0]) or ""
