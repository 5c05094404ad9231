"""One receipt, four forms: the words are the same in all, and none of them names a person."""

import re
import unicodedata
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.texts import LANGUAGES, Catalogue, Channel, text
from drivers.escpos.compose import Head, compose, lines_of, markup
from drivers.escpos.paper import plain
from drivers.ports import PaperGap, PaperLine, PaperQr
from drivers.service.receipt import (
    Kind,
    LineState,
    Receipt,
    ReceiptLine,
    Section,
    as_copy,
    mail,
    paper,
    receipt,
    said,
    script,
)
from drivers.service.receipt_samples import ACCOUNT, AT, SAMPLES, letters_page

WORDS = Catalogue.load()
DESIGNED = (
    "Borgernes Hus",
    "Automat 2",
    "3. november 2026 kl. 10.44",
    "6 af 7 lånt",
    "Havets hus",
    "Afleveres senest 10. november 2026",
    "Frøken Frosts sidste rejse",
    "Afleveres senest 1. december 2026",
    "Lykke-Per",
    "Afleveres senest 1. december 2026",
    "Nordens fugle i felten",
    "Afleveres senest 1. december 2026",
    "Rødgrød på Ærø",
    "Afleveres senest 1. december 2026",
    "Skak for begyndere, 3 dele",
    "Afleveres senest 1. december 2026",
    "1 ikke lånt",
    "Danmarks historie i 50 kort",
)


def one(kind: Kind, *lines: ReceiptLine, language: str = "da", offline: bool = False) -> Receipt:
    return receipt(
        kind,
        "Borgernes Hus",
        "Automat 2",
        AT,
        lines,
        language=language,
        offline=offline,
        account_link=ACCOUNT,
    )


def words(what: Receipt) -> list[str]:
    return lines_of(paper(what, WORDS), 48)


def test_the_loan_receipt_reads_as_designed() -> None:
    lines = words(SAMPLES["refused"])
    assert tuple(lines[: len(DESIGNED)]) == DESIGNED
    assert lines[-3:] == [
        "Se og forny dine lån",
        "odensebib.dk/user/me",
        "Spørgsmål? Spørg personalet.",
    ]


def test_its_look() -> None:
    rows = paper(SAMPLES["refused"], WORDS).rows
    lines = [row for row in rows if isinstance(row, PaperLine)]
    assert [plain(row.text) for row in lines if row.double] == ["6 af 7 lånt", "1 ikke lånt"]
    assert [plain(row.text) for row in lines if row.bold][:2] == ["Borgernes Hus", "Havets hus"]
    assert [plain(row.text) for row in lines if row.centred] == [
        "Se og forny dine lån",
        "odensebib.dk/user/me",
        "Spørgsmål? Spørg personalet.",
    ]
    assert [row.link for row in rows if isinstance(row, PaperQr)] == [ACCOUNT]
    assert not isinstance(rows[0], PaperGap)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", list(SAMPLES))
def test_letters_and_dots_and_mail_and_speech_say_the_same(language: str, sample: str) -> None:
    what = replace(SAMPLES[sample], language=language)
    strip = paper(what, WORDS)
    in_letters = "".join(lines_of(strip, 48))
    drawn = markup([row for row in strip.rows if not isinstance(row, PaperQr)], strip)
    in_dots = plain(re.sub(r"<[^>]*>", " ", drawn).replace("&nbsp;", ""))
    in_mail = plain(mail(what, WORDS).body.replace("https://", ""))
    squeeze = str.maketrans("", "", " \u00a0")
    assert in_letters.translate(squeeze) == in_dots.translate(squeeze)
    assert in_letters.translate(squeeze) == in_mail.translate(squeeze)
    spoken = " ".join(
        plain(WORDS.say(words, language, Channel.SPEECH))
        for breath in script(what, WORDS)
        for words in breath
    )
    for row in strip.rows:
        if isinstance(row, PaperLine) and "odensebib.dk" not in row.text:
            assert plain(row.text) in spoken


@pytest.mark.parametrize("columns", [48, 42, 32])
def test_no_line_is_too_wide_and_no_date_is_cut(columns: int) -> None:
    strip = paper(SAMPLES["long"], WORDS)
    lines = lines_of(strip, columns)
    assert all(len(line) <= columns for line in lines)
    dates = [line for line in lines if "december" in line]
    assert len(dates) == 20
    assert all(re.search(r"\d{1,2}\. december 2026$", line) for line in dates)


def test_what_each_kind_holds() -> None:
    back = one(Kind.RETURN, ReceiptLine("Lykke-Per", place="2"), ReceiptLine("Havets hus"))
    assert words(back)[3:8] == [
        "2 af 2 afleveret",
        "Lykke-Per",
        "Afleveret. Kasse 2",
        "Havets hus",
        "Afleveret",
    ]
    renewed = one(
        Kind.RENEW,
        ReceiptLine("Lykke-Per", due=date(2026, 12, 20)),
        ReceiptLine("Havets hus", LineState.REFUSED, "no.such.reason"),
    )
    assert words(renewed)[3:9] == [
        "1 af 2 fornyet",
        "Lykke-Per",
        "Afleveres senest 20. december 2026",
        "1 ikke fornyet",
        "Havets hus",
        "Kan ikke fornyes: Spørg personalet",
    ]
    held = one(Kind.HOLDS, ReceiptLine("Lykke-Per", place="117", due=date(2026, 11, 9)))
    assert words(held)[3:7] == [
        "Reserveringer",
        "Lykke-Per",
        "Nummer 117 på hylden",
        "Hent før 9. november 2026",
    ]
    owed = Section(Kind.FEES, (ReceiptLine("For sent", amount="20,00 kr."),), "20,00 kr.")
    fees = replace(one(Kind.FEES), sections=(owed,))
    assert words(fees)[3:7] == ["Gebyrer", "For sent", "20,00 kr.", "I alt 20,00 kr."]
    door = one(Kind.PASSPORT, ReceiptLine("", place="14"))
    assert words(door)[3:5] == ["Pas udleveret", "Låge 14"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_renewal_that_was_refused_says_why_once(language: str) -> None:
    keys = [key for key in sorted(WORDS.keys()) if key.startswith("reason.renew.")]
    for key in keys:
        if WORDS.entry(key).args:
            continue
        refused = ReceiptLine("x", LineState.REFUSED, key.removeprefix("reason."))
        lines = [one_said.words for one_said in said(one(Kind.RENEW, refused), WORDS)]
        assert lines.count(text(key)) == 1
        cannot = WORDS.say(text("reason.renew.refused"), language)
        assert all(WORDS.say(words, language).count(cannot) < 2 for words in lines)


def test_a_renewal_that_comes_too_early_says_from_when() -> None:
    refused = ReceiptLine("x", LineState.REFUSED, "renew.too_early", day=date(2026, 11, 24))
    assert words(one(Kind.RENEW, refused))[6] == "Kan først fornyes fra 24. november 2026"


def test_what_was_only_looked_at_has_a_heading_of_its_own() -> None:
    seen = Section(Kind.LOANS, (ReceiptLine("Lykke-Per", due=date(2026, 12, 20)),))
    looked = replace(one(Kind.LOAN), sections=(seen,))
    assert words(looked)[3:6] == ["Dine lån", "Lykke-Per", "Afleveres senest 20. december 2026"]
    renewed = Section(Kind.RENEW, (ReceiptLine("Havets hus", due=date(2026, 12, 1)),))
    both = words(replace(one(Kind.LOAN), sections=(renewed, seen)))
    assert both[3:7] == [
        "1 af 1 fornyet",
        "Havets hus",
        "Afleveres senest 1. december 2026",
        "Dine andre lån",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shelf_is_no_box(language: str) -> None:
    def put(kind: Literal["box", "shelf", "staff"]) -> str:
        place = ReceiptLine("x", place="Reserveringshylden", place_kind=kind)
        return words(one(Kind.RETURN, place, language=language))[5]

    assert len({put("box"), put("shelf"), put("staff")}) == 3
    box = WORDS.say(text("return.badge.box"), language)
    assert box in put("box")
    assert box not in put("shelf") + put("staff")


def test_holds_keep_their_order_and_name_another_branch() -> None:
    lines = words(
        one(
            Kind.HOLDS,
            ReceiptLine("Lykke-Per", stands="hold.ready", place="117", due=date(2026, 11, 9)),
            ReceiptLine("Havets hus", branch="Dalum", due=date(2026, 11, 4)),
            ReceiptLine("Skak for begyndere", stands="hold.waiting"),
        )
    )
    assert lines[3:13] == [
        "Reserveringer",
        "Lykke-Per",
        "Klar til afhentning",
        "Nummer 117 på hylden",
        "Hent før 9. november 2026",
        "Havets hus",
        "Klar på Dalum",
        "Hent før 4. november 2026",
        "Skak for begyndere",
        "Reserveret",
    ]


def test_stored_items_say_so_on_every_line() -> None:
    stored = one(
        Kind.LOAN,
        ReceiptLine("Lykke-Per", LineState.LATER),
        ReceiptLine("Havets hus", LineState.LATER),
    )
    assert words(stored)[3:8] == [
        "2 af 2 lånt",
        "Lykke-Per",
        "Registreres senere",
        "Havets hus",
        "Registreres senere",
    ]
    assert (
        words(one(Kind.RETURN, ReceiptLine("Lykke-Per"), offline=True)).count("Registreres senere")
        == 1
    )


def test_a_copy_is_headed_as_one() -> None:
    assert words(as_copy(SAMPLES["loan"]))[:2] == ["KOPI", "Borgernes Hus"]


def test_the_reason_of_a_refusal_is_said_where_the_catalogue_has_it() -> None:
    keys = WORDS.keys()
    for key in sorted(key for key in keys if key.startswith("reason.")):
        if WORDS.entry(key).args:
            continue
        refused = one(Kind.LOAN, ReceiptLine("x", LineState.REFUSED, key.removeprefix("reason.")))
        assert any(said_.words.key == key for said_ in said(refused, WORDS))


def test_the_model_has_no_place_for_a_person() -> None:
    names = {f.name for f in (*fields(Receipt), *fields(Section), *fields(ReceiptLine))}
    assert not names & {"name", "patron", "borrower", "card", "cpr", "pin", "email"}


def test_the_latin_languages_print_as_letters_the_others_as_dots() -> None:
    for language in ("da", "en", "de"):
        strip = paper(replace(SAMPLES["refused"], language=language), WORDS)
        job = compose("1", strip, Head())
        assert ACCOUNT.encode() in b"".join(job.pieces)


def test_every_receipt_text_is_there_in_every_language() -> None:
    for language, missing in WORDS.missing().items():
        assert [key for key in missing if key.startswith("receipt.")] == [], language


@settings(max_examples=100)
@given(st.text(max_size=400))
def test_titles_from_outside_are_clean_and_bounded(title: str) -> None:
    kept = ReceiptLine(title, place=title).title
    assert len(kept) <= 240
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in kept)


def test_what_a_receipt_refuses() -> None:
    with pytest.raises(ValueError, match="zone"):
        Receipt("a", "b", datetime(2026, 11, 3, 10, 44), ())  # noqa: DTZ001
    with pytest.raises(ValueError, match="xx"):
        Receipt("a", "b", AT, (), language="xx")
    with pytest.raises(ValueError, match="ASCII"):
        Receipt("a", "b", AT, (), account_link="https://x y")


def test_the_mail_says_where_from_and_gives_the_whole_link() -> None:
    message = mail(SAMPLES["loan"], WORDS)
    assert message.subject == "Kvittering fra Borgernes Hus, 3. november 2026"
    assert ACCOUNT in message.body
    assert not re.search("[\u2066-\u2069]", message.body)
    assert re.search("[\u2066-\u2069]", mail(SAMPLES["arabic"], WORDS).body)


def test_the_letters_page_is_letters() -> None:
    strip = paper(letters_page(AT.astimezone(ZoneInfo("UTC")), "a", "b"), WORDS)
    sent = b"".join(compose("1", strip, Head()).pieces)
    assert "æøå ÆØÅ éÉ äöüß €".encode("cp1252") in sent
