"""When a device has died, each capability that is left keeps working; out of order only when nothing is left."""

import pytest

from drivers.errors import Code
from drivers.service.view import actions_of
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, afi, cases, signed_in

CLOSED = STATION + '[lending]\nwithout_pad = "closed"\n'
SHUT = STATION + '[lending]\nwithout_readers = "closed"\n'
"""Where the library wants it out of order as soon as neither pad nor barcode reader works."""
STAFF = STATION + '[lending]\nwithout_pad = "staff_disarms"\n'


@pytest.fixture(autouse=True)
def expected(heard: Heard) -> None:
    """What a technician should read of such a day."""
    heard.expect("reader.lost", "service.down", "printer.changed", "library.line.dropped")


async def without(rig: Rig, *roles: str) -> None:
    for role in roles:
        await rig.stage.do("unplug", {"device": role})
    await rig.until(lambda s: not any(getattr(s.devices, role) for role in roles))


async def again(rig: Rig, role: str) -> None:
    await rig.stage.do("plug", {"device": role})
    await rig.until(lambda s: bool(getattr(s.devices, role)))


def possible(rig: Rig) -> set[str]:
    """What the start screen offers and can be pressed."""
    body = rig.screen.body
    return {choice.id for choice in body.choices if choice.reason is None}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("station", "words"),
    [
        (STATION, "Alarmen kan lyde ved udgangen. Du har lånt materialet."),
        (STAFF, "Gå til personalet. De slår alarmen fra."),
    ],
)
def test_without_a_pad_items_are_borrowed_by_barcode_one_at_a_time(
    station: str, words: str
) -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad")
        said = rig.words()
        assert "Scan stregkoden på materialet, eller scan dit kort" in said
        assert "Scan ét materiale ad gangen." in said
        assert possible(rig) == {"borrow", "return", "loans", "holds"}
        await signed_in(rig)
        assert "Scan stregkoden på materialet" in rig.words()
        for item in (BOOK, OTHER):
            await rig.scan(item)
            await rig.until(lambda s: not s.busy)
        assert len(rig.state.done) == 2
        assert words in rig.words()
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 60)
        assert sorted(await rig.loans()) == [BOOK, OTHER]
        disarm = [f"still_armed {BOOK}", f"still_armed {OTHER}"]
        assert sorted(await cases(rig)) == (disarm if station is STAFF else [])

    play(story, station=station)


def test_without_a_pad_items_come_back_by_barcode_and_staff_arms_them() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        await without(rig, "pad")
        await rig.press("return")
        assert "Scan stregkoden på materialet" in rig.words()
        await rig.scan(BOOK)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        assert not await rig.loans()
        assert await cases(rig) == [f"still_disarmed {BOOK}"]

    play(story)


def test_a_library_that_lends_nothing_without_a_pad_still_shows_the_loans() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        await without(rig, "pad")
        assert possible(rig) == {"loans", "holds"}
        assert "Mine lån, fornyelser og reserveringer" in rig.words()
        assert "Lån og aflevér ved Automat 3 | 12 meter til højre. Ved trappen." in rig.words()
        assert "Læg dine materialer på pladen" not in rig.words()
        await rig.kiosk.request("press", {"action": "borrow"})
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.LOANS and not s.busy)
        assert "Lykke-Per" in rig.words()

    play(story, station=CLOSED)


def test_without_a_printer_its_button_says_so_and_the_rest_goes_on() -> None:
    async def story(rig: Rig) -> None:
        await without_printer(rig)
        assert "Ingen kvittering" in rig.words()
        assert possible(rig) == {"borrow", "return", "loans", "holds"}
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert "Printeren virker ikke" in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)

    play(story)


async def without_printer(rig: Rig) -> None:
    await rig.stage.do("unplug", {"device": "printer"})
    await rig.until(lambda s: not s.devices.printer.usable)


def test_with_neither_pad_nor_scanner_the_account_is_looked_at_by_a_typed_number() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        await without(rig, "pad", "scanner")
        said = rig.words()
        assert "Mine lån, fornyelser og reserveringer" in said
        assert "Lån og aflevér ved Automat 3 | 12 meter til højre. Ved trappen." in said
        assert "Lån | Ved Automat 3 | Aflevér | Ved Automat 3 | Mine lån" in said
        assert possible(rig) == {"loans", "holds"}
        await rig.press("loans")
        await types_in(rig)
        await rig.until(lambda s: bool(s.lents) and not s.busy)
        assert "Lykke-Per" in rig.words()
        tabs = {tab.id: tab for tab in rig.screen.tabs}
        assert tabs["show.borrow"].reason is not None
        await rig.press("renew.all")
        await rig.until(lambda s: not s.busy)
        assert "1 af 1 fornyet" in rig.words()
        await rig.press("show.holds")
        await rig.press("show.fees")
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 60)

    play(story)


def test_without_a_next_machine_it_says_what_is_left_here() -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad", "scanner")
        said = rig.words()
        assert "Pladen virker ikke | Du kan stadig se og forny dine lån." in said
        assert "Lån | Virker ikke lige nu" in said

    play(story, station=STATION.partition("[nearest]")[0])


async def types_in(rig: Rig, card: str = "1234567890") -> None:
    await rig.press("type")
    for digit in card:
        await rig.press(f"key.{digit}")
    await rig.until(lambda s: s.phase is Phase.PIN)
    await rig.enter_pin()


def test_pad_and_scanner_that_die_while_she_signs_in_leave_her_account() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await without(rig, "pad", "scanner")
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.LOANS and not s.busy)
        assert "Lån og aflevér ved Automat 3" in rig.words()

    play(story)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ("borrow", "Du kan ikke låne her lige nu"),
        ("return", "Du kan ikke aflevere her lige nu"),
    ],
    ids=["borrow", "return"],
)
def test_pad_and_scanner_that_die_in_a_visit_are_said_and_nothing_impossible_is_asked(
    wish: str, words: str
) -> None:
    async def story(rig: Rig) -> None:
        if wish == "borrow":
            await signed_in(rig)
        else:
            await rig.press("return")
        await without(rig, "pad", "scanner")
        said = rig.words()
        assert words in said
        assert "Lån og aflevér ved Automat 3" in said
        await rig.press("assist.help")
        assert not [w for w in ("på pladen", "scan", "Scan") if w in said + rig.words()]
        await rig.press("assist.help")
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 60)

    play(story)


def test_whoever_may_not_borrow_is_not_sent_to_return_where_nothing_takes_items() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan("1234567891")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin("4321")
        await rig.until(lambda s: s.phase is Phase.BLOCKED)
        await without(rig, "pad", "scanner")
        (back,) = [a for a in actions_of(rig.screen) if a.id == "return"]
        assert back.reason is not None

    play(story)


def test_a_library_may_want_it_out_of_order_then_and_it_names_the_nearest() -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad", "scanner")
        await rig.until(lambda s: s.phase is Phase.CLOSED)
        said = rig.words()
        assert "Ude af drift" in said
        assert "Automat 3" in said
        assert "12 meter til højre" in said
        assert "port." in said

    play(story, station=SHUT)


@pytest.mark.parametrize("wish", ["loans", "holds", "borrow"])
def test_a_card_shown_when_nothing_works_any_more_is_answered(wish: str) -> None:
    async def story(rig: Rig) -> None:
        await rig.press(wish)
        rig.kiosk.store_health(Code.STORE_BROKEN)
        await rig.until(lambda s: not s.devices.store)
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.CARD and bool(s.visit.notice))
        assert rig.words()

    play(story)


def test_a_device_is_trusted_again_only_after_a_minute() -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad", "scanner")
        await again(rig, "pad")
        await again(rig, "scanner")
        await rig.pause(50)
        assert rig.state.phase is Phase.CLOSED
        await rig.until(lambda s: s.phase is Phase.START, 30)
        await rig.until(lambda s: not s.unsteady, 30)
        assert "Læg dine materialer på pladen" in rig.words()

    play(story, station=SHUT)


def test_a_device_that_comes_and_goes_does_not_make_the_screen_flap() -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad")
        shown = {rig.screen.title}
        for _ in range(8):
            await again(rig, "pad")
            await rig.pause(15)
            shown.add(rig.screen.title)
            await without(rig, "pad")
            shown.add(rig.screen.title)
        assert len(shown) == 1
        assert rig.state.phase is Phase.START

    play(story)


def test_what_an_untrusted_pad_reads_is_lent_all_the_same() -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad")
        await again(rig, "pad")
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, BOOK) == {"c2"}

    play(story)


def test_a_pad_that_dies_in_a_visit_leaves_the_barcode() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await without(rig, "pad")
        assert "Pladen virker ikke" in rig.words()
        assert "Scan ét materiale ad gangen." in rig.words()
        await rig.scan(OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 90)
        assert sorted(await rig.loans()) == [BOOK, OTHER]

    play(story)


@pytest.mark.parametrize("roles", [("pad",), ("scanner",), ("printer",), ("pad", "printer")])
def test_no_mixture_of_dead_devices_takes_the_screen_away(roles: tuple[str, ...]) -> None:
    async def story(rig: Rig) -> None:
        for role in roles:
            await rig.stage.do("unplug", {"device": role})
        await rig.pause(10)
        assert rig.screen.name == "start"
        await rig.press("assist.help")
        assert rig.screen.name == "help"
        await rig.press("assist.help")
        assert "return" in possible(rig)
        await rig.press("return")
        assert rig.screen.name == "return"
        await rig.press("finish.none")
        assert not any(row.state is RowState.ASKING for row in rig.state.rows)

    play(story)


def test_where_no_card_can_be_read_none_is_asked_for() -> None:
    """Its number can be typed: start, card screen and help say so, and nothing else."""

    async def story(rig: Rig) -> None:
        await without(rig, "scanner")
        assert "Læg materialer på pladen, eller vælg her" in rig.words()
        assert "scan dit kort" not in rig.words()
        await rig.press("borrow")
        await rig.press("assist.help")
        assert "Du kan taste nummeret på dit kort." in rig.words()
        assert "Hold" not in rig.words()

    play(story)
