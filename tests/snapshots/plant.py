"""Sample screens of the sorting plant's panel: a plant that runs, one in trouble, a line that is silent or gone."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from config.texts import Text, text, verbatim
from drivers.ports import BIN_ZONE, BeltAlarm
from drivers.service.view import (
    Action,
    BeltBody,
    BeltItem,
    BinView,
    Fact,
    Mark,
    Row,
    Screen,
    TimeClass,
    Weight,
)
from sorter import alarms
from sorter.belt.line import BinUse, Line
from sorter.history.stood import Strays
from sorter.plan.decide import Decider
from sorter.plan.edition import judge, load_plan
from sorter.planning import refusal
from ui.panel import face, screens
from ui.panel.face import Contact, Page, Panel
from ui.panel.past import past_of
from ui.panel.story import story_of

PLACE, NAME = "Borgernes Hus", "Sortering"
ODENSE = load_plan(Path(str(files("config").joinpath("plans/odense.toml"))))
MORNING = datetime(2026, 11, 3, 7, 2, tzinfo=UTC)


def at(minute: int) -> datetime:
    return datetime(2026, 11, 3, 9, minute, tzinfo=UTC)


def bin_(
    number: int,
    name: str,
    level: int,
    *,
    state: str = "ok",
    kind: str = "shelf",
    actions: tuple[Action, ...] = (),
) -> BinView:
    marks = {
        "ok": Mark.DONE,
        "full": Mark.NOW,
        "out": Mark.PUT_BACK,
        "scan": Mark.LATER,
        "nearly": Mark.TODAY,
    }
    return BinView(
        id=f"bin-{number}",
        number=number,
        name=verbatim(name),
        kind=kind,
        divert_mm=2400 + (number - 1) * 600,
        count=level * 60 // 100,
        count_words=text("sorter.bin.count", n=level * 60 // 100),
        mark=marks[state],
        state=text(f"sorter.bin.{state}"),
        actions=actions,
        side="end" if number == 9 else "left" if number % 2 else "right",
        level=level,
        crate=verbatim(f"K-00{10 + number}") if number < 9 else None,
    )


BINS = (
    bin_(1, "Voksen, stuen", 41),
    bin_(2, "Faglitteratur, 1. sal", 63),
    bin_(3, "Børn", 28),
    bin_(4, "Musik, film og spil", 72),
    bin_(5, "Reserveringer her", 55, kind="hold"),
    bin_(6, "Andre biblioteker", 19, kind="transit"),
    bin_(7, "Fjernlån", 8, kind="ill"),
    bin_(8, "Overløb", 0, kind="overflow"),
    bin_(9, "Til personalet", 34, kind="exception"),
)
ITEMS = (
    BeltItem("41", 150, 180, Mark.NONE, 0),
    BeltItem("40", 700, 210, Mark.NONE, 0),
    BeltItem("39", 1400, 260, Mark.RUNNING, 0),
    BeltItem("38", 2050, 200, Mark.DONE, 6),
    BeltItem("37", 2900, 230, Mark.DONE, 2),
    BeltItem("36", 4100, 160, Mark.DONE, 5),
    BeltItem("35", 6500, 210, Mark.STAFF, 9),
)


def exception(number: int, minute: int, item: str, cause: str, answer: str = "") -> Row:
    return Row(
        id=str(number),
        mark=Mark.STAFF,
        title=text("sorter.item", item=item) if item else text("sorter.item.unnamed"),
        state=text(f"sorter.cause.{cause}"),
        part=text("sorter.lies", n=9),
        detail=text(answer) if answer else None,
        advice=text(f"sorter.advice.{cause}"),
        actions=(Action(f"seen.{number}", text("sorter.do.seen"), Weight.SECONDARY),),
        kind="matter",
        at=text("sorter.at", at=at(minute)),
    )


EXCEPTIONS = (
    exception(31, 41, "3846646425", "late", "sorter.returned.hold"),
    exception(27, 36, "", "no_read"),
    exception(19, 29, "", "conflict"),
    exception(12, 22, "5110243378", "refused", "sorter.not_returned"),
    exception(4, 4, "4923307716", "incomplete"),
)


def do(name: str, weight: Weight = Weight.SECONDARY, why: Text | None = None) -> Action:
    icons = {"start": "play_arrow", "unhold": "play_arrow", "hold": "pause", "stop": "stop"}
    label = text(f"sorter.do.belt.{name}")
    return Action(f"belt.{name}", label, weight, icons.get(name, ""), reason=why)


RUNNING = tuple(map(do, ("hold", "stop", "complete", "purge")))


def facts(*counts: int) -> tuple[Fact, ...]:
    names = ("on_belt", "hour", "today", "exceptions", "missed", "lost")
    return tuple(
        Fact(text(f"sorter.count.{name}"), verbatim(str(n)))
        for name, n in zip(names, counts, strict=True)
    )


PLANT = BeltBody(
    state_number=6,
    state=text("sorter.state.execute"),
    length_mm=7200,
    reader_mm=(450, 750),
    decision_mm=2290,
    speed_mm_s=500,
    inlet_open=True,
    inlet=text("sorter.inlet.open"),
    stops=(),
    items=ITEMS,
    bins=BINS,
    exceptions=EXCEPTIONS[:3],
    alarms=(),
    facts=facts(7, 1412, 3208, 38, 1, 0),
)


def alarm(id: str, mark: Mark, minute: int, *, n: int) -> Row:
    what, do = text(f"sorter.alarm.{id}", n=n), text(f"sorter.alarm.{id}.do")
    return Row(id, mark, what, do, kind="matter", at=text("sorter.since", at=at(minute)))


def of_belt(number: int, minute: int, zone: int = 0) -> Row:
    """One of the belt's own alarms."""
    one = alarms.own(number, zone)
    since = text("sorter.since", at=at(minute))
    return Row(one.id, one.mark, one.what, one.do, at=since, actions=one.actions, kind="matter")


def line(body: BeltBody, actions: tuple[Action, ...]) -> Screen:
    """As the line publishes it."""
    return Screen(
        name="sorter",
        title=text("sorter.title"),
        body=body,
        time_class=TimeClass.REST,
        actions=actions,
        staff=True,
    )


def shown(panel: Panel) -> Screen:
    return screens.screen(panel, PLACE, NAME)


def on(body: BeltBody = PLANT, actions: tuple[Action, ...] = RUNNING) -> Panel:
    """A panel that hears that line."""
    return face.heard(Panel(language="da"), line(body, actions), MORNING)


def busy() -> Screen:
    return shown(on())


def troubled() -> Screen:
    """Two bins need hands, a guard is open, more exceptions than fit, and a command was not taken."""
    swap = Action("bin.media", text("sorter.do.swap"), Weight.SECONDARY)
    changed = {
        2: bin_(2, "Faglitteratur, 1. sal", 100, state="full"),
        4: bin_(4, "Musik, film og spil", 0, state="scan", actions=(swap,)),
        5: bin_(5, "Reserveringer her", 95, kind="hold", state="nearly"),
        7: bin_(7, "Fjernlån", 8, state="out"),
    }
    body = replace(
        PLANT,
        state_number=9,
        state=text("sorter.state.aborted"),
        speed_mm_s=0,
        inlet_open=False,
        inlet=text("sorter.inlet.shut"),
        stops=(text("sorter.stop.library"),),
        bins=tuple(changed.get(bin.number, bin) for bin in BINS),
        exceptions=EXCEPTIONS,
        left_out=23,
        alarms=(
            of_belt(BeltAlarm.GUARD, 40),
            of_belt(17, 40),
            alarm("bin_full", Mark.NOW, 39, n=2),
            alarm("bin_out", Mark.TODAY, 41, n=7),
        ),
        facts=facts(7, 412, 2398, 41, 4, 2),
        why=text("belt.because.guard"),
        ends=text("belt.ends.close"),
        notice=text("sorter.no.at_machine"),
    )
    doubted = text("sorter.no.doubted")
    acts = (
        do("clear", Weight.PRIMARY, doubted),
        do("purge"),
        Action("emptied", text("sorter.do.emptied"), Weight.SECONDARY),
    )
    return shown(on(body, acts))


def held() -> Screen:
    """The staff's crate is full, to go on was asked for before another stood there, and one of two labels is scanned."""
    unhold = text("sorter.do.belt.unhold")
    body = replace(
        PLANT,
        state_number=11,
        state=text("sorter.state.held"),
        speed_mm_s=0,
        inlet_open=False,
        inlet=text("sorter.inlet.shut"),
        bins=(*BINS[:-1], bin_(9, "Til personalet", 100, kind="exception", state="full")),
        alarms=(of_belt(BeltAlarm.NO_BIN, 40), alarm("bin_full", Mark.NOW, 40, n=9)),
        why=text("belt.because.no_bin"),
        ends=text("belt.ends.crate", do=unhold),
        notice=text("sorter.no.crate"),
    )
    undo = Action("swap.undo", text("sorter.do.swap.undo"), Weight.SECONDARY, "undo")
    return shown(on(body, (do("unhold", Weight.PRIMARY), do("stop"), do("purge"), undo)))


def doubted() -> Screen:
    """After an emergency stop during which the program was down: events are lost, and nobody knows what lies where."""
    emptied = text("sorter.do.emptied")
    linked = replace(Line.by(Decider(ODENSE)), events_lost=3, doubted=True)
    since = text("sorter.since", at=at(40))
    told = [
        Row(one.id, one.mark, one.what, one.do, at=since, actions=one.actions, kind="matter")
        for one in alarms.asking(linked, {}, None, 0)
    ]
    body = replace(
        PLANT,
        state_number=9,
        state=text("sorter.state.aborted"),
        speed_mm_s=0,
        inlet_open=False,
        inlet=text("sorter.inlet.shut"),
        alarms=(*told, of_belt(BeltAlarm.HOST, 40)),
        why=text("belt.because.e_stop"),
        ends=text("belt.ends.empty", do=emptied, purge=text("sorter.do.belt.purge")),
    )
    clear = do("clear", Weight.PRIMARY, text("sorter.no.doubted"))
    return shown(on(body, (clear, do("purge"), Action("emptied", emptied, Weight.SECONDARY))))


def ready() -> Screen:
    """An empty belt in the morning, nothing to do but start."""
    body = replace(
        PLANT,
        state_number=4,
        state=text("sorter.state.idle"),
        speed_mm_s=0,
        inlet_open=False,
        inlet=text("sorter.inlet.shut"),
        stops=(),
        items=(),
        exceptions=(),
        facts=facts(0, 0, 0, 0, 0, 0),
        ends=text("belt.ends.press", do=text("sorter.do.belt.start")),
    )
    return shown(on(body, (do("start", Weight.PRIMARY), do("stop"), do("purge"))))


def plan_refused() -> Screen:
    """The sort plan was edited, and would put what no loan was ended for where people take it."""
    toml = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")
    found = judge(toml.replace("{ armed = false }", "{ armed = true }").encode(), "odense.toml")
    one = refusal(found, "odense 5f0c2a91")
    since = text("sorter.since", at=at(38))
    row = Row(one.id, one.mark, one.what, one.do, detail=one.detail, at=since, kind="matter")
    return shown(on(replace(PLANT, alarms=(row,))))


def asked() -> Screen:
    """After a power cut: whether crates were emptied meanwhile; and a chute whose label another sorting point has too."""
    label, point = "A-01", "Kælderen"
    since = text("sorter.since", at=at(38))
    gone = Action("point_gone.plant-0", text("crates.two_points.gone"), Weight.SECONDARY)
    two = Row(
        "bin.adults.two_points",
        Mark.NOW,
        text("crates.two_points", chute=label, point=point),
        text("crates.two_points.do"),
        at=since,
        detail=verbatim(
            "[ims.chutes.A-01] of station plant-1 and of plant-0, both at Borgernes Hus: give one of them another label"
        ),
        actions=(gone,),
        kind="matter",
    )
    unseen = [
        alarms.unseen(ODENSE, name, use)
        for name, use in (
            ("children", BinUse(3, 31, unseen=31)),
            ("exception", BinUse(9, 5, unseen=4)),
        )
    ]
    rows = [
        Row(one.id, one.mark, one.what, one.do, at=since, actions=one.actions, kind="matter")
        for one in unseen
    ]
    return shown(on(replace(PLANT, alarms=(two, *rows))))


def astray() -> Screen:
    """Things that are no items were seen before six bins, several before each; and a full crate."""
    zones = {BIN_ZONE + bin: 11 for bin in (1, 3, 5, 7, 9)}
    linked = replace(Line.by(Decider(ODENSE)), strays=zones)
    strays = Strays(at(12), at(38), BIN_ZONE + 7)
    (one,) = alarms.asking(linked, {}, None, 0, strays=strays)
    since = text("sorter.since", at=strays.first)
    row = Row(
        one.id,
        one.mark,
        one.what,
        one.do,
        detail=one.detail,
        at=since,
        actions=one.actions,
        kind="matter",
    )
    full = alarm("bin_full", Mark.NOW, 39, n=2)
    bins = tuple(
        bin_(2, "Faglitteratur, 1. sal", 100, state="full") if bin.number == 2 else bin
        for bin in BINS
    )
    return shown(on(replace(PLANT, bins=bins, alarms=(row, full))))


def silent() -> Screen:
    return shown(face.aged(on(), 7.2))


def away() -> Screen:
    return shown(face.lost(on(), Contact.GONE))


def never() -> Screen:
    return shown(Panel(language="da"))


def strange() -> Screen:
    return shown(face.lost(on(), Contact.STRANGE))


def full() -> Screen:
    return shown(face.lost(on(), Contact.FULL))


def find() -> Screen:
    return shown(replace(on(), page=Page.FIND, typed="38466"))


def language() -> Screen:
    return shown(replace(on(), page=Page.LANGUAGE))


def seconds(n: int) -> str:
    return datetime(2026, 11, 3, 9, 41, n, tzinfo=UTC).isoformat()


TOLD: dict[str, Any] = {
    "item": "3846646425",
    "known": True,
    "where": {
        "branch": "Borgernes Hus",
        "station": "plant-1",
        "bin": "holds",
        "bin_name": "Reserveringer her",
        "crate": "K-0123",
        "since": seconds(31),
    },
    "why": {"rule": "hold-here", "cause": "none", "number": 31, "facts": {}},
    "on_belt": None,
    "steps": [
        {"at": seconds(2), "what": "inducted"},
        {"at": seconds(5), "what": "answered", "ok": True, "alert": "01", "late": False},
        {
            "at": seconds(5),
            "what": "decided",
            "bin": "holds",
            "bin_name": "Reserveringer her",
            "rule": "hold-here",
            "facts": {
                "tags": "one",
                "armed": True,
                "library": "answered",
                "ok": True,
                "alert": "01",
                "location": "VOKSEN",
                "call_number": "86.4",
                "length_mm": 210,
            },
        },
        {"at": seconds(6), "what": "routed", "bin": 5, "alternate": 8},
        {"at": seconds(31), "what": "ended", "state": "confirmed", "cause": "none", "bin": 5},
        {"at": seconds(33), "what": "reported", "told": "done"},
    ],
    "history": [
        {
            "at": seconds(31),
            "what": "fell",
            "branch": "Borgernes Hus",
            "bin": "holds",
            "crate": "K-0123",
        },
        {
            "at": datetime(2026, 11, 3, 10, 2, tzinfo=UTC).isoformat(),
            "what": "closed",
            "branch": "Borgernes Hus",
            "chute": "A-05",
            "crate": "K-0123",
        },
    ],
}


def whole_story() -> Screen:
    asked = replace(on(), page=Page.STORY, asked="3846646425")
    return shown(face.told(asked, story_of(TOLD)))


def story_unknown() -> Screen:
    asked = replace(on(), page=Page.STORY, asked="1111111111")
    return shown(face.told(asked, story_of({"item": "1111111111", "known": False})))


def history() -> Screen:
    """A morning with a jam, and a number that nobody knows."""
    rows = (
        ("state", 44, {"state": "execute", "because": "none"}),
        ("cleared", 43, {"zone": 5, "alarm": 5}),
        ("state", 41, {"state": "aborted", "because": "jam", "zone": 5}),
        ("raised", 41, {"zone": 5, "alarm": 5}),
        ("stray", 30, {"zone": 7}),
        ("raised", 12, {"alarm": 17}),
    )
    told = [{"at": at(minute).isoformat(), "what": what, **rest} for what, minute, rest in rows]
    asked = replace(on(), page=Page.HISTORY)
    return shown(face.recalled(asked, past_of({"history": told})))


PLANT_SCREENS = {
    "panel-history": history,
    "panel": busy,
    "panel-troubled": troubled,
    "panel-held": held,
    "panel-doubted": doubted,
    "panel-ready": ready,
    "panel-plan": plan_refused,
    "panel-asked": asked,
    "panel-astray": astray,
    "panel-silent": silent,
    "panel-away": away,
    "panel-never": never,
    "panel-strange": strange,
    "panel-full": full,
    "panel-find": find,
    "panel-language": language,
    "panel-story": whole_story,
    "panel-story-unknown": story_unknown,
}
