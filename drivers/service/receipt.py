"""What a visit came to, once: on paper, in the mail and read aloud from the same lines.

The model has no place for a person: no name, no card, no CPR. Titles and other words from outside are
stripped of control and format characters when they enter. All other words come by key, so the printed, the
spoken and the mailed form cannot disagree, and each item says what became of it, in every form.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from config.texts import LANGUAGES, Catalogue, Channel, Named, Text, text, verbatim
from drivers.escpos.paper import isolated, plain
from drivers.ports import Paper, PaperGap, PaperLine, PaperQr

LONGEST_WORDS = 240
"""Characters of a title that are kept: five lines of paper."""


class Kind(StrEnum):
    """What a section of the receipt is for."""

    LOAN = "loan"
    RETURN = "return"
    RENEW = "renew"
    LOANS = "loans"
    """Loans that were only looked at."""
    HOLDS = "holds"
    PLACED = "placed"
    """Holds that are new."""
    CANCELLED = "cancelled"
    """Holds that are no more."""
    FEES = "fees"
    PASSPORT = "passport"
    TEST = "test"

    @property
    def counts(self) -> bool:
        """Whether its heading says n of m."""
        return self in {Kind.LOAN, Kind.RETURN, Kind.RENEW}

    @property
    def by_date(self) -> bool:
        """Whether its items stand in the order of their dates; else as they are given."""
        return self in {Kind.LOAN, Kind.RENEW, Kind.LOANS}


class LineState(StrEnum):
    """What became of one item."""

    DONE = "done"
    REFUSED = "refused"
    LATER = "later"
    """Stored while the library system could not be reached; it has the last word."""
    UNSETTLED = "unsettled"
    """Nobody could say whether it was done."""


_NOT_DONE = frozenset({LineState.REFUSED, LineState.UNSETTLED})


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One item and what became of it."""

    title: str
    state: LineState = LineState.DONE
    reason: str = ""
    """Reason key of what was not done, such as `item.reserved`."""
    due: date | None = None
    """Due date of a loan, last day to collect a hold."""
    place: str | Named = ""
    """Box of a return, number or words of a hold's shelf, door of a passport."""
    place_kind: Literal["box", "shelf", "staff"] = "box"
    """What kind of place a returned item is put in."""
    stands: str = ""
    """Key of how a hold stands, such as `hold.ready`."""
    branch: str = ""
    """Where a hold is ready, if not here."""
    day: date | None = None
    """First day on which a refused renewal is possible."""
    parts: int = 1
    amount: str = ""
    """Sum of a fee, in words with its currency."""

    def __post_init__(self) -> None:
        for name in ("title", "place", "branch", "amount"):
            words = getattr(self, name)
            if isinstance(words, str):  # what the house calls its own things needs no cleaning
                object.__setattr__(self, name, _clean(words))


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of what was done or looked at in a visit."""

    kind: Kind
    lines: tuple[ReceiptLine, ...] = ()
    total: str = ""
    """Sum of the fees, in words with its currency."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", _clean(self.total))

    @property
    def done(self) -> int:
        """Items that were done, stored ones among them."""
        return sum(line.state not in _NOT_DONE for line in self.lines)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt. `at` is aware and carries the station's zone."""

    library: str
    machine: str
    at: datetime
    sections: tuple[Section, ...]
    language: str = "da"
    paid: str = ""
    """Sum that was paid by card in this visit, in words with its currency."""
    paid_later: bool = False
    """The library system does not know of all of it yet."""
    account_link: str = ""
    """Web address of the account page; names no person."""
    offline: bool = False
    copy: bool = False
    large: bool = False

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of a receipt has a zone")
        if self.language not in LANGUAGES:
            raise ValueError(f"no receipts in {self.language!r}; there are {', '.join(LANGUAGES)}")
        link = self.account_link
        if link and not (link.isascii() and link.isprintable() and " " not in link):
            raise ValueError("the account link is a web address in ASCII")
        for name in ("library", "machine", "paid"):
            object.__setattr__(self, name, _clean(getattr(self, name)))


def receipt(
    kind: Kind,
    library: str,
    machine: str,
    at: datetime,
    lines: tuple[ReceiptLine, ...],
    **more: Any,
) -> Receipt:
    """A receipt of one section."""
    return Receipt(library, machine, at, (Section(kind, lines),), **more)


def as_copy(original: Receipt) -> Receipt:
    """The same receipt asked for again: it is headed as a copy."""
    return replace(original, copy=True)


# --- the one order of words -------------------------------------------------------------------------


class Role(StrEnum):
    """What a line is on the receipt; each rendering gives it a look of its own."""

    COPY = "copy"
    LIBRARY = "library"
    MACHINE = "machine"
    HEADING = "heading"
    TITLE = "title"
    DETAIL = "detail"
    CAPTION = "caption"
    LINK = "link"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the receipt, before a language and a form are chosen."""

    role: Role
    words: Text


def said(what: Receipt, catalogue: Catalogue) -> tuple[Said, ...]:
    """Every line of the receipt in its order. The catalogue is asked only whether it knows a reason."""
    found = [Said(Role.COPY, text("receipt.copy"))] if what.copy else []
    found += [
        Said(Role.LIBRARY, verbatim(what.library)),
        Said(Role.MACHINE, verbatim(what.machine)),
        Said(Role.MACHINE, text("receipt.when", day=what.at.date(), time=what.at)),
    ]
    for section in what.sections:
        found += _section(what, section, catalogue)
    if what.paid:
        found.append(Said(Role.TITLE, text("receipt.paid", amount=what.paid)))
        found += [Said(Role.DETAIL, text("receipt.later"))] * what.paid_later
    if what.account_link:
        found += [
            Said(Role.CAPTION, text("receipt.account")),
            Said(Role.LINK, verbatim(what.account_link)),
        ]
    found.append(Said(Role.HELP, text("receipt.help")))
    return tuple(found)


def _section(what: Receipt, section: Section, catalogue: Catalogue) -> list[Said]:
    kind = section.kind
    found = [Said(Role.HEADING, _heading(what, section))]
    kept = [line for line in section.lines if line.state not in _NOT_DONE]
    refused = [line for line in section.lines if line.state is LineState.REFUSED]
    unsettled = [line for line in section.lines if line.state is LineState.UNSETTLED]
    if kind.by_date:
        kept.sort(key=lambda line: line.due or date.max)
    for line in kept:
        found += _item(what, kind, line, catalogue)
    if section.total:
        found.append(Said(Role.TITLE, text("receipt.total", amount=section.total)))
    if refused and kind.counts:
        not_done = text(f"receipt.not_done.{kind.value}", n=len(refused))
        found.append(Said(Role.HEADING, not_done))
    for line in refused:
        found += _item(what, kind, line, catalogue)
    if unsettled:
        found.append(Said(Role.HEADING, text("receipt.unsettled", n=len(unsettled))))
    for line in unsettled:
        found += _item(what, kind, line, catalogue)
    return found


def _heading(what: Receipt, section: Section) -> Text:
    kind = section.kind
    if kind.counts:
        return text(f"receipt.done.{kind.value}", n=section.done, m=len(section.lines))
    if kind is Kind.LOANS and section != what.sections[0]:
        return text("receipt.title.loans.others")
    return text(f"receipt.title.{kind.value}")


def _item(what: Receipt, kind: Kind, line: ReceiptLine, catalogue: Catalogue) -> list[Said]:
    title = verbatim(line.title)
    if line.parts > 1:
        title = text(
            "receipt.title_parts", title=line.title, parts=text("receipt.parts", n=line.parts)
        )
    details = _details(what, kind, line, catalogue)
    return [Said(Role.TITLE, title)] * bool(line.title) + [Said(Role.DETAIL, d) for d in details]


def _details(what: Receipt, kind: Kind, line: ReceiptLine, catalogue: Catalogue) -> list[Text]:
    if line.state in _NOT_DONE:
        return [_refusal(kind, line, catalogue)]
    found: list[Text] = []
    match kind:
        case Kind.LOAN | Kind.RENEW | Kind.LOANS:
            if line.due is not None:
                later = line.state is LineState.LATER or what.offline
                key = "receipt.due_for_now" if later else "receipt.due"
                found.append(text(key, d=line.due))
        case Kind.RETURN:
            put = text(f"receipt.put.{line.place_kind}", place=line.place)
            found.append(put if line.place else text("receipt.returned"))
        case Kind.HOLDS:
            found += _hold(line)
        case Kind.FEES:
            if line.amount:
                found.append(verbatim(line.amount))
        case Kind.PASSPORT:
            if line.place:
                found.append(text("receipt.door", place=line.place))
        case Kind.PLACED | Kind.CANCELLED | Kind.TEST:
            pass
    if line.state is LineState.LATER or what.offline:
        found.append(text("receipt.later"))
    return found


def _hold(line: ReceiptLine) -> list[Text]:
    """Where it is fetched and until when, in the words of the screen."""
    found: list[Text] = []
    if line.branch:
        found.append(text("hold.ready_elsewhere", branch=line.branch))
    elif line.stands:
        found.append(text(line.stands))
    if isinstance(line.place, str) and line.place.isdecimal():
        found.append(text("hold.number", number=line.place))
    elif line.place:
        found.append(text("hold.shelf", shelf=line.place))
    if line.due is not None:
        found.append(text("hold.collect_by", day=line.due))
    return found


def _refusal(kind: Kind, line: ReceiptLine, catalogue: Catalogue) -> Text:
    """Why not, in the reason's words. Those of a renewal say already that it is one."""
    dated = f"reason.{line.reason}.from"
    if line.day is not None and dated in catalogue:
        return text(dated, day=line.day)
    reason = _reason(line.reason, catalogue)
    if kind is Kind.RENEW and not reason.key.startswith("reason.renew."):
        return text("receipt.no_renew", reason=reason)
    return reason


def _reason(key: str, catalogue: Catalogue) -> Text:
    """The reason's words; what has none for the person is "ask the staff"."""
    known = f"reason.{key}"
    return text(known) if key and known in catalogue else text("receipt.ask_staff")


def _clean(words: str) -> str:
    kept = plain(words)
    return kept if len(kept) <= LONGEST_WORDS else kept[: LONGEST_WORDS - 1].rstrip() + "…"


# --- its forms --------------------------------------------------------------------------------------


def paper(what: Receipt, catalogue: Catalogue) -> Paper:
    """The receipt for a printer: look and order, letters or dots as the composer finds."""
    rows: list[PaperLine | PaperGap | PaperQr] = []
    before: Role | None = None
    for line in said(what, catalogue):
        words = isolated(catalogue.say(line.words, what.language, Channel.SCREEN))
        rows += _gap(before, line.role)
        match line.role:
            case Role.COPY | Role.HEADING:
                rows.append(PaperLine(words, double=True))
            case Role.LIBRARY | Role.TITLE:
                rows.append(PaperLine(words, bold=True))
            case Role.MACHINE | Role.DETAIL:
                rows.append(PaperLine(words))
            case Role.CAPTION | Role.HELP:
                rows.append(PaperLine(words, centred=True))
            case Role.LINK:
                rows.append(PaperQr(what.account_link))
                rows.append(PaperLine(as_typed(what.account_link), centred=True))
        before = line.role
    return Paper(what.language, tuple(rows), large=what.large)


def _gap(before: Role | None, role: Role) -> list[PaperLine | PaperGap | PaperQr]:
    match before, role:
        case (None, _):
            return []
        case (_, Role.HEADING | Role.CAPTION | Role.HELP) | (Role.COPY, _):
            return [PaperGap(3)]
        case (Role.HEADING, _):
            return [PaperGap(2)]
        case (_, Role.TITLE):
            return [PaperGap(1)]
        case _:
            return []


def as_typed(link: str) -> str:
    """A web address as people type it."""
    return link.removeprefix("https://").removeprefix("http://")


def script(what: Receipt, catalogue: Catalogue) -> tuple[tuple[Text, ...], ...]:
    """The receipt to be read aloud, in its order: what is said in one breath, an item with what became of it.

    Titles are private: never for the open speaker.
    """
    breaths: list[list[Text]] = []
    for line in said(what, catalogue):
        if line.role is Role.LINK:
            continue
        if line.role is Role.DETAIL and breaths:
            breaths[-1].append(line.words)
        else:
            breaths.append([line.words])
    return tuple(map(tuple, breaths))


@dataclass(frozen=True, slots=True)
class Mail:
    """A receipt as a plain text message. Who gets it is not said here."""

    subject: str
    body: str


def mail(what: Receipt, catalogue: Catalogue) -> Mail:
    """The receipt as mail: the same lines, unwrapped, the whole link."""
    lines: list[str] = []
    before: Role | None = None
    for line in said(what, catalogue):
        if _gap(before, line.role):
            lines.append("")
        lines.append(isolated(catalogue.say(line.words, what.language, Channel.SCREEN)))
        before = line.role
    if what.language != "ar":
        lines = [plain(line) for line in lines]
    subject = text("receipt.subject", place=what.library, day=what.at.date())
    return Mail(
        plain(catalogue.say(subject, what.language, Channel.PAPER)), "\n".join(lines) + "\n"
    )
