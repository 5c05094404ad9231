"""Receipts whole: on paper, by e-mail, again when no paper came; judged by the paper and the mail server."""

from typing import Any

import pytest

from drivers.escpos.compose import compose, dot_rows
from drivers.ports import Paper, PrintJob
from drivers.service.records import open_cases
from drivers.service.view import RowsBody, Weight, actions_of
from drivers.store import effects, tables
from hw_sim.devices.escpos import EscposPrinter
from hw_sim.scenario import Scenario, load
from hw_sim.simloop import run
from hw_sim.stage import Stage
from kiosk.lending.state import Phase, ReceiptState
from tests.conftest import Heard
from tests.simulation.rig import HEAD, STATION, Rig, play
from ui.rasteriser import QtRasteriser

BOOK, OTHER = "3846646425", "3846646433"
ADDRESS = "karen.testesen@example.org"


def letters(truth: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = truth["devices"]["mail"]["letters"]
    return found


async def borrow(rig: Rig, *items: str) -> None:
    await rig.until(lambda s: s.devices.mail is not None)
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(*(items or (BOOK,)))
    await rig.until(lambda s: len(s.done) == len(items or (BOOK,)) and not s.unsettled)


async def settle(rig: Rig, seconds: float = 30.0) -> None:
    """Until no letter is owed."""
    for _ in range(int(seconds * 10)):
        if not await rig.store.read(effects.open_rows):
            return
        await rig.pause(0.1)
    raise AssertionError("a letter is still owed")


async def envelopes(rig: Rig) -> list[str]:
    """Places where something of an effect is still sealed."""
    rows = await rig.store.read(lambda txn: txn.connection.execute(tables.sealed.select()).all())
    return [row.place for row in rows if row.place.startswith("effects:")]


def filled(rig: Rig) -> str:
    (one,) = (a.id for a in rig.screen.actions if a.weight is Weight.PRIMARY)
    return one


def reasons(rig: Rig) -> dict[str, str]:
    return {a.id: a.reason.key for a in actions_of(rig.screen) if a.reason is not None}


def without_address() -> Scenario:
    scenario = load("first-loan")
    rows: Any = scenario.patrons
    rows[0]["email"] = ""
    return scenario


# --- by e-mail --------------------------------------------------------------------------------------


def test_a_receipt_is_mailed_in_one_touch_and_says_what_the_paper_would() -> None:
    async def story(rig: Rig) -> None:
        await borrow(rig, BOOK, OTHER)
        assert [a.id for a in rig.screen.actions] == ["finish.print", "finish.email", "finish.none"]
        assert "E-mail går til k…@e…" in rig.words()
        await rig.press("finish.email")
        await rig.until(lambda s: s.phase is Phase.END)
        assert "bliver sendt til din e-mail" in rig.words()
        await settle(rig)
        truth = await rig.truth()
        assert truth["devices"]["printer"]["jobs"] == []
        (letter,) = letters(truth)
        assert letter["to"] == [ADDRESS]
        assert letter["encrypted"]
        assert letter["subject"] == "Kvittering fra Borgernes Hus, 3. november 2026"
        lines = letter["text"].splitlines()
        assert [line for line in lines if line][:4] == [
            "Borgernes Hus",
            "Automat 2",
            "3. november 2026 kl. 10.42",
            "2 af 2 lånt",
        ]
        for title in ("Lykke-Per", "Rødgrød på Ærø"):
            assert lines[lines.index(title) + 1] == "Afleveres senest 1. december 2026"
        assert "https://odensebib.dk/user/me" in lines
        assert "Karen" not in letter["text"]
        assert "1234567890" not in letter["text"]
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        assert ADDRESS not in repr(rig.snapshots)
        assert await envelopes(rig) == []

    play(story)


def test_without_an_address_the_button_says_so() -> None:
    async def story(rig: Rig) -> None:
        await borrow(rig)
        assert reasons(rig) == {"finish.email": "mail.no_address.short"}
        await rig.press("finish.email")
        assert rig.state.phase is Phase.BORROW, "what cannot be does nothing"
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)

    play(story, scenario=without_address())


def test_a_server_that_cannot_be_used_is_said_at_the_button_until_it_can(heard: Heard) -> None:
    heard.expect("service.down")

    async def story(rig: Rig) -> None:
        await borrow(rig)
        assert not reasons(rig)
        await rig.fault("mail", "silent")
        await rig.press("finish.email")
        await rig.until(lambda s: s.phase is Phase.END and s.devices.mail is False)
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START and s.pad.empty)
        await borrow(rig, OTHER)
        assert reasons(rig) == {"finish.email": "mail.down.short"}
        await rig.stage.do("clear", {"device": "mail"})
        await rig.until(lambda s: bool(s.devices.mail), 60)
        assert not reasons(rig)
        await settle(rig, 120)
        assert len(letters(await rig.truth())) == 1, "what was owed is sent when the server is back"

    play(story)


def test_with_the_printer_gone_e_mail_is_the_filled_choice() -> None:
    async def story(rig: Rig) -> None:
        await rig.fault("printer", "paper_end")
        await rig.until(lambda s: not s.devices.printer.usable)
        await borrow(rig)
        assert filled(rig) == "finish.email"
        assert reasons(rig) == {"finish.print": "printer.paper_end.short"}

    play(story)


def test_a_return_has_no_borrower_to_write_to() -> None:
    async def story(rig: Rig) -> None:
        await rig.until(lambda s: bool(s.devices.mail))
        await rig.press("return")
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.backs) == 1 and not s.busy)
        assert [a.id for a in rig.screen.actions] == ["finish.print", "finish.none"]

    play(story)


@pytest.mark.parametrize("fault", ["greylist", "full"])
def test_a_server_that_says_later_is_asked_again_and_gets_it_once(fault: str) -> None:
    async def story(rig: Rig) -> None:
        await borrow(rig)
        await rig.fault("mail", fault, count=2)
        await rig.press("finish.email")
        await rig.until(lambda s: s.phase is Phase.END)
        await settle(rig, 200)
        assert len(letters(await rig.truth())) == 1
        assert rig.post.tries == 3
        assert rig.state.devices.mail, "a server that greylists works"

    play(story)


def test_a_line_that_breaks_after_the_end_sends_it_again_under_the_same_id() -> None:
    async def story(rig: Rig) -> None:
        await borrow(rig)
        await rig.fault("mail", "cut_after_end")
        await rig.press("finish.email")
        await rig.until(lambda s: s.phase is Phase.END)
        await settle(rig, 200)
        first, second = letters(await rig.truth())
        assert first == second, "SMTP cannot tell; a mail program can, by the Message-ID"

    play(story)


@pytest.mark.parametrize(("fault", "case"), [("no_such_address", 0), ("refuse_content", 1)])
def test_a_letter_that_is_never_taken_is_given_up_and_staff_is_asked_where_it_can_help(
    fault: str, case: int
) -> None:
    async def story(rig: Rig) -> None:
        await borrow(rig)
        await rig.fault("mail", fault)
        await rig.press("finish.email")
        await rig.until(lambda s: s.phase is Phase.END)
        await settle(rig)
        assert rig.post.tries == 1
        cases = await rig.store.read(open_cases)
        assert [(c.kind.value, c.subject) for c in cases] == [("mail_unsent", "mail")] * case

    play(story)


def test_a_letter_too_old_to_send_is_given_up_and_its_words_are_erased(heard: Heard) -> None:
    heard.expect("service.down")

    async def story(rig: Rig) -> None:
        await borrow(rig)
        await rig.fault("mail", "silent")
        await rig.press("finish.email")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.lift()
        await rig.pause(170)
        assert len(await rig.store.read(effects.open_rows)) == 1
        await rig.pause(60)
        assert not await rig.store.read(effects.open_rows)
        assert [c.kind.value for c in await rig.store.read(open_cases)] == ["mail_unsent"]
        assert await envelopes(rig) == []

    play(story, station=STATION.replace("[mail]", "[mail]\ngive_up_h = 0.05"))


@pytest.mark.parametrize("fault", ["greylist", "cut_after_end"])
def test_a_power_cut_neither_loses_a_letter_nor_adds_one(tmp_path: Any, fault: str) -> None:
    async def whole() -> None:
        stage = Stage(load("first-loan"), pace="none")
        stage.begin()
        first = Rig(stage=stage, database=tmp_path / "station.db")
        await first.start()
        await borrow(first)
        await first.fault("mail", fault)
        await first.press("finish.email")
        await first.until(lambda s: s.phase is Phase.END)
        assert await first.store.read(effects.open_rows)
        await first.kill()
        again = Rig(stage=stage, database=tmp_path / "station.db", seed=8)
        await again.start()
        await again.until(lambda s: s.devices.mail is True)
        await settle(again)
        expected = 2 if fault == "cut_after_end" else 1
        assert len(letters(await again.truth())) == expected
        assert len({letter["id"] for letter in letters(await again.truth())}) == 1
        await again.stop()
        await stage.close()

    run(whole())


# --- when no paper came -----------------------------------------------------------------------------


async def without_paper(rig: Rig) -> None:
    await borrow(rig)
    await rig.fault("printer", "paper_end", after_mm=20.0)
    await rig.press("finish.print")
    await rig.until(lambda s: s.phase is Phase.RECEIPT_FAILED, 60)


def test_the_list_has_a_code_that_leads_to_the_account_and_names_nobody() -> None:
    async def story(rig: Rig) -> None:
        await without_paper(rig)
        body = rig.screen.body
        assert isinstance(body, RowsBody)
        assert body.link is not None
        assert body.link.address == rig.config.lending.account_url

    play(story)


def test_it_is_mailed_instead() -> None:
    async def story(rig: Rig) -> None:
        await without_paper(rig)
        assert filled(rig) == "finish.email"
        assert "Lykke-Per" in rig.words()
        assert "De står også på odensebib.dk/user/me" in rig.words()
        await rig.press("finish.email")
        await rig.until(lambda s: s.phase is Phase.END)
        assert rig.state.farewell is not None
        assert rig.state.farewell.receipt is ReceiptState.MAILED
        assert "Lykke-Per" not in repr(rig.state)
        await settle(rig)
        assert len(letters(await rig.truth())) == 1

    play(story)


def test_it_is_printed_again_once_there_is_paper_and_headed_as_a_copy() -> None:
    async def story(rig: Rig) -> None:
        await without_paper(rig)
        await rig.stage.do("clear", {"device": "printer", "verb": "paper_end"})
        await rig.until(lambda s: s.devices.printer.usable)
        assert filled(rig) == "finish.print"
        await rig.press("finish.print")
        await rig.until(
            lambda s: s.farewell is not None and s.farewell.receipt is ReceiptState.PRINTED
        )
        *_, job = (await rig.truth())["devices"]["printer"]["jobs"]
        assert job["texts"][0] == "KOPI"
        assert "Lykke-Per" in job["texts"]

    play(story)


def test_the_list_goes_by_itself_and_nothing_of_it_stays() -> None:
    async def story(rig: Rig) -> None:
        await without_paper(rig)
        await rig.until(lambda s: s.phase is Phase.END, 31)
        assert rig.state.failed_receipt is None
        assert ADDRESS not in repr(rig.state)

    play(story)


def test_what_came_back_is_listed_too_and_can_be_printed_again() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("return")
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.backs) == 1 and not s.busy)
        await rig.fault("printer", "cutter_jam", after_mm=20.0)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase in {Phase.RECEIPT_FAILED, Phase.END}, 60)
        await rig.until(lambda s: s.phase is Phase.RECEIPT_FAILED, 60)
        assert "finish.email" not in [a.id for a in rig.screen.actions]

    play(story)


# --- in dots ----------------------------------------------------------------------------------------


def dots(printer: EscposPrinter) -> list[bytes]:
    """The last job's rows as they hang out of the printer, from its first dot to its last."""
    rows = list(printer.paper.rows)
    inked = [n for n, row in enumerate(rows) if any(row)]
    return rows[inked[0] : inked[-1] + 1]


@pytest.mark.parametrize(
    ("language", "large"), [("da", True), ("uk", False), ("ar", False), ("ar", True)]
)
def test_large_print_and_other_scripts_come_out_dot_for_dot(
    language: str, large: bool, qapp: object
) -> None:
    rasteriser = QtRasteriser()
    wanted: list[Paper] = []

    async def composing(job_id: str, paper: Paper) -> PrintJob:
        wanted.append(paper)
        return compose(job_id, paper, HEAD, rasteriser)

    async def story(rig: Rig) -> None:
        if language != "da":
            await rig.press(f"language.{language}")
        if large:
            await rig.press("assist.larger")
        await borrow(rig, BOOK, OTHER)
        await rig.press("finish.print")
        await rig.until(
            lambda s: s.farewell is not None and s.farewell.receipt is ReceiptState.PRINTED, 120
        )
        (paper,) = wanted
        assert (paper.language, paper.large) == (language, large)
        drawn = dot_rows(paper, HEAD, rasteriser)
        inked = [n for n, row in enumerate(drawn) if any(row)]
        printer = rig.stage.places["printer"].device
        assert isinstance(printer, EscposPrinter)
        assert dots(printer) == drawn[inked[0] : inked[-1] + 1]

    play(story, composing=composing)
