"""What is told of cards at the reader: each once, however long it is held."""

from config.station import CardDevice
from drivers.ports import CardKind, NearCard, Secret
from drivers.service.card_numbers import NoNumber
from kiosk.card_work import GONE_AFTER, TWO, UNREAD_AFTER, Presence

RULES = CardDevice(url="/dev/kiosk/card0", number_from="uid")
KAREN = NearCard(Secret("04A1B2C3D4E5F6"), CardKind.TYPE_2, random=False)
BO = NearCard(Secret("04A1B2C3D4E5F7"), CardKind.TYPE_2, random=False)
BADLY_HELD = NearCard(Secret("04A1B2C3D4E5F6"), CardKind.TYPE_2, random=False, unread=True)


def phone(n: int) -> NearCard:
    return NearCard(Secret(f"08{n:06X}"), CardKind.TYPE_4A, random=True)


def told(*looks: tuple[NearCard, ...]) -> list[object]:
    presence = Presence(RULES)
    return [new for look in looks if (new := presence.look(look)) is not None]


def test_a_card_that_is_held_still_is_told_once() -> None:
    assert told(*[(KAREN,)] * 50) == [KAREN.uid]


def test_a_card_that_flickers_is_told_once_and_one_that_comes_back_again() -> None:
    flicker: list[tuple[NearCard, ...]] = [(KAREN,), *[()] * (GONE_AFTER - 1), (KAREN,)]
    assert told(*flicker) == [KAREN.uid]
    assert told((KAREN,), *[()] * GONE_AFTER, (KAREN,)) == [KAREN.uid, KAREN.uid]


def test_another_card_is_told_at_once() -> None:
    assert told((KAREN,), (BO,)) == [KAREN.uid, BO.uid]


def test_a_phone_is_told_once_though_its_number_changes_at_each_look() -> None:
    assert told(*[(phone(n),) for n in range(20)]) == [NoNumber.PHONE]


def test_two_cards_are_told_once_and_the_one_that_stays_is_taken() -> None:
    assert told((KAREN, BO), (KAREN, BO), (KAREN,)) == [TWO, KAREN.uid]
    assert told((KAREN,), (KAREN, BO), (KAREN,)) == [KAREN.uid]


def test_a_card_that_is_badly_held_is_told_after_a_while_and_read_when_it_lies_still() -> None:
    assert told(*[(BADLY_HELD,)] * (UNREAD_AFTER - 1), (KAREN,)) == [KAREN.uid]
    assert told(*[(BADLY_HELD,)] * 30) == [NoNumber.UNREAD]
    assert told(*[(BADLY_HELD,)] * 30, (KAREN,)) == [NoNumber.UNREAD, KAREN.uid]
