"""Sample screens: every kind of body and every state, in the words of the catalogue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

from config.texts import Text, text, verbatim
from drivers.service.view import (
    Action,
    Banner,
    ChoiceBody,
    ClosedBody,
    CountdownBody,
    Cue,
    EndBody,
    EntryBody,
    Fact,
    Ground,
    Mark,
    MessageBody,
    Part,
    Row,
    RowsBody,
    Screen,
    Segment,
    StartBody,
    Strip,
    TimeClass,
    Weight,
    actions_of,
)
from tests.snapshots.inlet import inlet_screen

INLET = (
    "inlet-start",
    "inlet-visit",
    "inlet-refused-several",
    "inlet-refused-between",
    "inlet-paused",
    "inlet-closed",
    "inlet-closed-during",
    "inlet-waiting",
    "inlet-help",
    "inlet-idle",
    "inlet-printed",
    "inlet-receipt-failed",
)
"""Of the public inlet: one of each kind."""
PLACE = verbatim("Borgernes Hus")
MACHINE = verbatim("Automat 2")
HELLO = text("top.greeting", name="Karen")
DUE = date(2026, 12, 1)


def assist(*, start: bool = False, on: str = "") -> tuple[Action, ...]:
    named = [
        ("help", "assist.help", "help"),
        ("language", "assist.language", "language"),
        ("larger", "assist.larger", "text_increase"),
        ("contrast", "assist.contrast", "contrast"),
    ]
    return tuple(
        Action(
            f"assist.{name}",
            text(key),
            Weight.ASSIST,
            icon,
            selected=name == on,
            spoken=text("assist.on", what=text(key)) if name == on else None,
        )
        for name, key, icon in named
        if not (start and name == "language")
    )


def languages(chosen: str) -> tuple[Action, ...]:
    return tuple(
        Action(
            f"language.{code}",
            text(f"language.name_{code}"),
            Weight.CHOICE,
            selected=code == chosen,
        )
        for code in ("da", "en", "de", "uk", "ar")
    )


def focused(screen: Screen) -> Screen:
    """With every action in reading order; the flow itself puts the filled one first."""
    primary = [a.id for a in screen.actions if a.weight is Weight.PRIMARY]
    rest = [a.id for a in actions_of(screen) if a.id not in primary]
    return replace(screen, focus=(*primary, *rest))


def start() -> Screen:
    return focused(
        Screen(
            name="start",
            title=text("start.title"),
            body=StartBody(
                parts=(Part("A", text("start.pad")), Part("B", text("start.card"))),
                choices=(Action("borrow", text("action.borrow"), Weight.CHOICE, "book"),),
                languages_label=text("start.languages"),
                languages=languages("da"),
            ),
            time_class=TimeClass.REST,
            ground=Ground.PAGE,
            place=PLACE,
            corner=text("top.clock", now=datetime(2026, 11, 3, 9, 42, tzinfo=UTC)),
            assist=assist(start=True),
        )
    )


def keys() -> tuple[Action, ...]:
    digits = tuple(
        Action(f"key.{d}", text("action.digit", digit=d), Weight.KEY) for d in "1234567890"
    )
    return (*digits, Action("key.erase", text("action.erase"), Weight.KEY, "backspace"))


def pin(*, notice: Text | None = None, filled: int = 2) -> Screen:
    return focused(
        Screen(
            name="pin",
            title=text("pin.title"),
            body=EntryBody(
                length=4,
                filled=filled,
                hint=text("pin.hint", n=filled, m=4),
                keys=keys(),
                confirmed=text("pin.card_read"),
                notice=notice,
                footnote=text("pin.forgotten"),
            ),
            time_class=TimeClass.WORK,
            place=PLACE,
            corner=MACHINE,
            actions=(Action("back", text("action.back"), Weight.SECONDARY, "arrow_back"),),
            assist=assist(),
        )
    )


def pin_wrong() -> Screen:
    return pin(notice=text("pin.wrong"), filled=0)


def done(key: str, title: str, due: date = DUE, part: Text | None = None) -> Row:
    return Row(
        id=key,
        mark=Mark.DONE,
        title=verbatim(title),
        state=text("row.done"),
        part=part,
        detail=text("row.due", due=due),
        actions=(
            Action(
                f"undo.{key}",
                text("action.undo"),
                Weight.QUIET,
                spoken=text("action.undo.spoken", title=title),
            ),
        ),
    )


def stack() -> tuple[Row, ...]:
    return (
        done("1", "Lykke-Per"),
        done("2", "Rødgrød på Ærø"),
        Row(
            id="3",
            mark=Mark.REFUSED,
            title=verbatim("Danmarks historie i 50 kort"),
            state=text("row.refused"),
            detail=verbatim("Reserveret af en anden låner"),
            advice=text("shelf.left"),
            advice_icon="shelves",
            band="error",
        ),
        done("4", "Nordens fugle i felten"),
        done("5", "Skak for begyndere", part=text("row.parts", n=3, m=3)),
        done("6", "Havets hus", date(2026, 11, 10)),
        Row(
            id="7",
            mark=Mark.RUNNING,
            title=verbatim("Frøken Frosts sidste rejse"),
            state=text("row.asking"),
        ),
    )


def receipts(*, paper: bool = True) -> tuple[Action, ...]:
    return (
        Action(
            "print",
            text("action.print") if paper else text("action.print.short"),
            Weight.PRIMARY if paper else Weight.SECONDARY,
            "print" if paper else "",
            reason=None if paper else text("printer.paper_end.short"),
        ),
        Action(
            "none",
            text("action.no_receipt"),
            Weight.SECONDARY if paper else Weight.PRIMARY,
            "receipt_long_off",
        ),
    )


def borrow() -> Screen:
    rows = stack()
    marks = {Mark.DONE: "done", Mark.REFUSED: "refused", Mark.RUNNING: "running"}
    return focused(
        Screen(
            name="borrow",
            title=text("borrow.count", n=5, m=7),
            body=RowsBody(
                rows=rows,
                progress=tuple(Segment(marks[row.mark]) for row in rows),  # type: ignore[arg-type]
                guide=text("borrow.guide.leave"),
            ),
            time_class=TimeClass.HELD,
            place=PLACE,
            corner=HELLO,
            caption=text("borrow.finish_caption"),
            actions=receipts(),
            assist=assist(),
            cue=Cue.ITEM_OK,
            cue_serial=6,
        )
    )


def borrow_states() -> Screen:
    """Every state that a row can have, a banner, and paper that has run out."""
    kept = text("row.unknown.detail")
    rows = (
        Row("1", Mark.SEEN, verbatim("Lykke-Per"), text("row.seen")),
        Row(
            "2",
            Mark.PART,
            verbatim("Skak for begyndere"),
            text("row.incomplete"),
            detail=text("row.incomplete.detail", n=2, m=3),
            fraction=(2, 3),
            actions=(Action("skip.2", text("action.skip"), Weight.QUIET),),
        ),
        Row("3", Mark.PUT_BACK, verbatim("Havets hus"), text("row.put_back")),
        Row("4", Mark.RUNNING, verbatim("Det syngende hav"), text("row.unknown"), detail=kept),
        Row(
            "5",
            Mark.LATER,
            verbatim("Kongens fald"),
            text("row.done"),
            detail=text("row.due", due=DUE),
        ),
        Row("6", Mark.STAFF, verbatim("Cykelture på Fyn"), text("row.staff")),
        Row(
            "7",
            Mark.UNDONE,
            verbatim("Nordens fugle i felten"),
            text("row.undone"),
            advice=text("row.undone.advice"),
        ),
    )
    return focused(
        Screen(
            name="borrow",
            title=text("borrow.count", n=1, m=6),
            body=RowsBody(
                rows=rows,
                progress=tuple(Segment("waiting") for row in rows if row.mark is not Mark.UNDONE),
                guide=text("borrow.guide.put_back", title="Havets hus"),
            ),
            time_class=TimeClass.WORK,
            place=PLACE,
            corner=HELLO,
            banner=Banner(text("banner.printer"), text("banner.printer.words")),
            caption=text("borrow.finish_caption"),
            actions=receipts(paper=False),
            assist=assist(),
        )
    )


def borrow_empty() -> Screen:
    return focused(
        Screen(
            name="borrow",
            title=text("borrow.place"),
            body=RowsBody(rows=(), guide=text("borrow.guide.more")),
            time_class=TimeClass.WORK,
            place=PLACE,
            corner=HELLO,
            actions=(Action("finish", text("action.log_out"), Weight.SECONDARY, "logout"),),
            assist=assist(),
        )
    )


def borrow_many() -> Screen:
    """More than fits: twelve items, one of the last refused."""
    refused = replace(stack()[2], id="9")
    rows = (
        *(done(str(n), f"Samlede værker, bind {n}") for n in range(1, 9)),
        refused,
        *(done(str(n), f"Samlede værker, bind {n}") for n in range(10, 13)),
    )
    progress = tuple(Segment("refused" if row is refused else "done") for row in rows)
    body = RowsBody(rows=rows, progress=progress, guide=text("borrow.guide.more"))
    return focused(replace(borrow(), title=text("borrow.count", n=11, m=12), body=body))


def idle() -> Screen:
    return focused(
        Screen(
            name="idle",
            title=text("idle.title"),
            lead=text("idle.lead", s=24),
            body=CountdownBody(24, 30, text("idle.footnote")),
            time_class=TimeClass.WARNING,
            place=PLACE,
            corner=MACHINE,
            actions=(
                Action("continue", text("action.continue"), Weight.PRIMARY, "check"),
                Action("log_out", text("action.log_out_now"), Weight.SECONDARY, "logout"),
            ),
            assist=assist(),
        )
    )


def end() -> Screen:
    return focused(
        Screen(
            name="end",
            title=text("end.title"),
            body=EndBody(
                spines=6,
                facts=(
                    Fact(text("end.borrowed"), text("end.items", n=6)),
                    Fact(text("end.first_due"), text("end.day", day=date(2026, 11, 10))),
                ),
                receipt=Part("C", text("end.take_receipt")),
                footnote=text("end.logged_out"),
            ),
            time_class=TimeClass.CLOSING,
            ground=Ground.GREEN,
            place=PLACE,
            corner=MACHINE,
        )
    )


def closed() -> Screen:
    return focused(
        Screen(
            name="closed",
            title=text("closed.title"),
            lead=text("closed.lead"),
            body=ClosedBody(
                nearest=verbatim("Automat 3"),
                nearest_label=text("closed.nearest"),
                direction="right",
                distance=text("closed.distance.right", n=12),
                landmark=verbatim("Ved trappen"),
                sentences=(text("closed.sentence"),) * 4,
                since=text("closed.since", since=datetime(2026, 11, 3, 9, 15, tzinfo=UTC)),
                code=text("closed.code", code="21"),
            ),
            time_class=TimeClass.REST,
            ground=Ground.INK,
            place=PLACE,
            corner=MACHINE,
        )
    )


def help_() -> Screen:
    return focused(
        Screen(
            name="help",
            title=text("help.title"),
            body=MessageBody(
                (text("help.borrow.1"), text("help.borrow.2"), text("help.borrow.3")),
            ),
            time_class=TimeClass.WORK,
            place=PLACE,
            corner=HELLO,
            actions=(Action("close", text("action.close"), Weight.PRIMARY, "close"),),
            assist=assist(on="help"),
        )
    )


def language() -> Screen:
    return focused(
        Screen(
            name="language",
            title=text("language.title"),
            body=ChoiceBody(languages("da")),
            time_class=TimeClass.WORK,
            place=PLACE,
            corner=HELLO,
            actions=(Action("close", text("action.close"), Weight.SECONDARY, "close"),),
            assist=assist(on="language"),
        )
    )


TROUBLE = Banner(text("banner.pad"), text("banner.pad.words"))


def aloud(screen: Screen, pointed: str = "") -> Screen:
    """As it stands while it is read aloud: the strip, the ring, no motion; speech was stopped and can go on."""
    strip = Strip(
        (text("spoken.welcome"),),
        (
            Action("speech.repeat", text("speech.repeat"), Weight.SECONDARY, "replay"),
            Action("speech.go_on", text("speech.go_on"), Weight.SECONDARY, "arrow_forward"),
        ),
        speaking=True,
    )
    return focused(replace(screen, aloud=True, strip=strip, focused=pointed, reduced_motion=True))


SCREENS: dict[str, Callable[[], Screen]] = {
    "start": start,
    "pin": pin,
    "pin-wrong": pin_wrong,
    "borrow": borrow,
    "borrow-states": borrow_states,
    "borrow-empty": borrow_empty,
    "borrow-many": borrow_many,
    "idle": idle,
    "end": end,
    "closed": closed,
    "start-banner": lambda: replace(start(), banner=TROUBLE),
    "borrow-banner": lambda: replace(borrow(), banner=TROUBLE),
    "borrow-aloud": lambda: aloud(borrow(), "row.2"),
    "pin-aloud": lambda: aloud(pin(), "key.5"),
    "help": help_,
    "language": language,
    **{name: partial(inlet_screen, name) for name in INLET},
}
