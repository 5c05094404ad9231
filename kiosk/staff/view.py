"""The staff screens. Pure, and made of cases, devices and decisions alone: nothing here knows a borrower.

A black band holds the top line. Along the foot stand the places to go; what may not be done by this member is not
offered.
"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from config.station import Station
from config.texts import Text, text, verbatim
from drivers.ports import Online
from drivers.service.cases import (
    Case,
    CaseKind,
    CaseState,
    CloseReason,
    Priority,
    heading,
    meaning,
    remedy,
    verbs,
)
from drivers.service.roles import Act
from drivers.service.staff import PIN_LENGTH
from drivers.service.view import (
    Action,
    ChoiceBody,
    EntryBody,
    Mark,
    MessageBody,
    Row,
    RowsBody,
    Screen,
    TimeClass,
    Weight,
)
from kiosk.lending.state import Devices, Lending
from kiosk.staff import settings
from kiosk.staff.flow import LONGEST_PIN, VERB_ACT, is_item
from kiosk.staff.settings import PLANNED, VALUES, Override, Setting
from kiosk.staff.state import Cause, Note, Page, Staff, Tab
from kiosk.view.rows import Words

MARKS = {Priority.NOW: Mark.NOW, Priority.TODAY: Mark.TODAY, Priority.SOON: Mark.SOON}
REASONS = (CloseReason.SOLVED, CloseReason.GONE, CloseReason.NOT_SO, CloseReason.GIVEN_UP)


def screen(state: Lending, station: Station, words: Words, now: datetime) -> Screen:
    """The page that stands, and how long it does untouched."""
    page = _standing(state, station, words, now)
    patient = state.patient and page.caption is not None
    return replace(page, caption=text("staff.idle.patient")) if patient else page


def _standing(state: Lending, station: Station, words: Words, now: datetime) -> Screen:
    staff = state.staff or Staff()
    match staff.page:
        case Page.CARD:
            return _card(staff, station)
        case Page.PIN:
            return _pin(staff, station)
        case Page.CASES:
            return _cases(staff, station, now)
        case Page.CASE | Page.REASON | Page.PAD if staff.case is None:
            return _cases(staff, station, now)
        case Page.CASE:
            return _case(staff, station, now)
        case Page.REASON:
            return _reason(staff, station)
        case Page.PAD:
            return _on_pad(staff, station)
        case Page.DEVICES:
            return _devices(state, staff, station, words, now)
        case Page.SOUND | Page.SCREEN:
            return _setting(state, staff, station, Setting(staff.page.value), now)
        case Page.CAUSE:
            return _cause(staff, station)
        case Page.UNBLOCK:
            return _unblock(staff, station)
        case Page.HELP:
            return _help(staff, station)


# --- the frame --------------------------------------------------------------------------------------


def _page(
    staff: Staff,
    station: Station,
    name: str,
    title: Text,
    body: RowsBody | MessageBody | ChoiceBody | EntryBody,
    *actions: Action,
    lead: Text | None = None,
) -> Screen:
    table = station.station
    return Screen(
        f"staff_{name}",
        title,
        body,
        TimeClass.HELD if staff.working or staff.asking else TimeClass.WORK,
        place=text("staff.band"),
        corner=text("staff.at", place=table.place, machine=table.name),
        lead=staff.said or lead,
        caption=text("staff.idle") if staff.signed_in else None,
        actions=actions,
        assist=_places(staff) if staff.signed_in else (),
        staff=True,
    )


def _places(staff: Staff) -> tuple[Action, ...]:
    """Where a member can go, and the way out."""
    on = {
        Page.DEVICES: "devices",
        Page.CAUSE: "devices",
        Page.SOUND: "devices",
        Page.SCREEN: "devices",
        Page.UNBLOCK: "devices",
        Page.HELP: "help",
    }.get(staff.page, "cases")

    def one(name: str, icon: str) -> Action:
        label = text(f"staff.go.{name}")
        spoken = text("assist.on", what=label) if name == on else None
        return Action(
            f"staff.{name}", label, Weight.ASSIST, icon, selected=name == on, spoken=spoken
        )

    return (
        one("cases", "assignment"),
        one("devices", "devices"),
        one("help", "help"),
        one("leave", "logout"),
    )


def _button(id: str, label: Text, icon: str = "", *, first: bool = False) -> Action:
    return Action(f"staff.{id}", label, Weight.PRIMARY if first else Weight.SECONDARY, icon)


def _back(id: str) -> Action:
    return _button(id, text("action.back"), "arrow_back")


# --- the way in -------------------------------------------------------------------------------------


def _card(staff: Staff, station: Station) -> Screen:
    lines = (*((staff.notice,) if staff.notice else ()), text("staff.card.line"))
    title = text("staff.approve.title" if staff.row else "staff.card.title")
    return _page(
        staff,
        station,
        "card",
        title,
        MessageBody(lines, Mark.REFUSED if staff.notice else Mark.NONE, drawing="card"),
        _back("leave"),
        lead=text("staff.approve.lead") if staff.row else None,
    )


def _pin(staff: Staff, station: Station) -> Screen:
    filled = len(staff.pin.reveal())
    keys = tuple(
        Action(f"key.{digit}", text("action.digit", digit=digit), Weight.KEY)
        for digit in "1234567890"
    )
    short = text("staff.pin.short", n=PIN_LENGTH) if filled < PIN_LENGTH else None
    enter = Action(
        "staff.enter",
        text("staff.pin.enter"),
        Weight.SECONDARY if short else Weight.PRIMARY,
        "login",
        reason=short,
        busy=staff.asking,
    )
    return _page(
        staff,
        station,
        "pin",
        text("staff.pin.title"),
        EntryBody(
            length=LONGEST_PIN,
            filled=filled,
            hint=text("staff.pin.hint", n=filled),
            keys=(*keys, Action("key.erase", text("action.erase"), Weight.KEY, "backspace")),
            confirmed=text("pin.card_read"),
            notice=staff.notice,
            waiting=text("pin.waiting") if staff.asking else None,
        ),
        enter,
        _back("leave"),
    )


# --- cases ------------------------------------------------------------------------------------------


def _cases(staff: Staff, station: Station, now: datetime) -> Screen:
    waiting = sum(case.state is CaseState.OPEN for case in staff.cases)
    counts = {
        Tab.OPEN: waiting,
        Tab.TAKEN: len(staff.cases) - waiting,
        Tab.CLOSED: len(staff.closed),
    }
    tabs = tuple(
        Action(
            f"staff.tab.{tab.value}",
            text(f"staff.tab.{tab.value}", n=counts[tab]),
            Weight.CHOICE,
            "check" if tab is staff.tab else "",
            selected=tab is staff.tab,
        )
        for tab in Tab
    )
    listed = staff.listed()
    rows = tuple(_row(staff, station, case, now, first=n == 0) for n, case in enumerate(listed))
    empty = text("staff.cases.none" if staff.tab is Tab.OPEN else "staff.cases.none_here")
    return _page(
        staff,
        station,
        "cases",
        text("staff.cases.title", n=waiting) if waiting else text("staff.cases.none"),
        RowsBody(rows, tabs=tabs, empty=empty if waiting or staff.tab is not Tab.OPEN else None),
    )


def _row(staff: Staff, station: Station, case: Case, now: datetime, *, first: bool) -> Row:
    """What it means for people, then what to do, then place and time."""
    actions: tuple[Action, ...] = ()
    spoken = text("staff.take.spoken", what=heading(case.kind), subject=_subject(staff, case))
    weight = Weight.PRIMARY if first else Weight.SECONDARY
    match case.state:
        case CaseState.OPEN if staff.may(Act.TAKE_CASE):
            actions = (Action(f"staff.take.{case.id}", text("staff.take"), weight, spoken=spoken),)
        case CaseState.TAKEN:
            spoken = text(
                "staff.look.spoken", what=heading(case.kind), subject=_subject(staff, case)
            )
            actions = (Action(f"staff.look.{case.id}", text("staff.look"), weight, spoken=spoken),)
        case _:
            pass
    closed = case.state is CaseState.CLOSED and case.reason is not None
    done = text(f"case.reason.{case.reason.value}") if closed and case.reason else None
    return Row(
        case.id,
        Mark.DONE if closed else MARKS[case.priority],
        heading(case.kind),
        done or text("staff.to_do", subject=_subject(staff, case), do=_brief(case.kind)),
        detail=_when(station, case, now),
        actions=actions,
        kind="matter",
        group=None if closed else text(f"case.priority.{case.priority.name.lower()}"),
    )


def _brief(kind: CaseKind) -> Text:
    return text(f"case.{kind.value}.brief")


def _subject(staff: Staff, case: Case) -> Text:
    """The item's title, or its number until that is known; a device by its name."""
    if is_item(case.subject):
        return verbatim(dict(staff.titles).get(case.subject) or case.subject)
    return device_name(case.subject)


def device_name(role: str) -> Text:
    """A device as staff calls it."""
    return text(f"staff.device.{role}") if role in DEVICES else verbatim(role)


DEVICES = frozenset(
    {
        "pad",
        "scanner",
        "printer",
        "library",
        "store",
        "clock",
        "journal",
        "disk",
        "sqlite",
        "kiosk",
        "card",
        "mail",
        "speaker",
        "keys",
        "sound",
        "screen",
        "terminal",
    }
)
"""Subjects that have a name."""


def _when(station: Station, case: Case, now: datetime) -> Text:
    """Where, and since when: today by the clock alone."""
    zone = ZoneInfo(station.station.time_zone)
    today = case.opened_at.astimezone(zone).date() == now.astimezone(zone).date()
    key = "staff.since" if today else "staff.since_day"
    return text(key, machine=station.station.name, since=case.opened_at)


def _case(staff: Staff, station: Station, now: datetime) -> Screen:
    case = staff.case
    assert case is not None  # noqa: S101 - `screen` shows the list then
    able = [verb for verb in verbs(case.kind) if staff.may(VERB_ACT[verb])]
    actions = [
        _button(f"verb.{verb.value}", text(f"staff.verb.{verb.value}"), first=n == 0)
        for n, verb in enumerate(able)
    ]
    if staff.may(Act.CLOSE_CASE):
        actions.append(_button("reason", text("staff.close"), "check", first=not able))
    if staff.may(Act.TAKE_CASE):
        actions.append(_button("release", text("staff.release"), "undo"))
    lines = (
        meaning(case.kind),
        remedy(case.kind),
        text("staff.of", subject=_subject(staff, case), when=_when(station, case, now)),
    )
    return _page(
        staff,
        station,
        "case",
        heading(case.kind),
        MessageBody(lines, MARKS[case.priority]),
        *actions,
    )


def _reason(staff: Staff, station: Station) -> Screen:
    choices = tuple(
        Action(f"staff.reason.{r.value}", text(f"case.reason.{r.value}"), Weight.CHOICE)
        for r in REASONS
    )
    return _page(
        staff,
        station,
        "reason",
        text("staff.reason.title"),
        ChoiceBody(choices, wide=True),
        _back("case"),
    )


def _on_pad(staff: Staff, station: Station) -> Screen:
    case = staff.case
    assert case is not None  # noqa: S101 - `screen` shows the list then
    verb = staff.verb.value if staff.verb is not None else "mend"
    busy = text("staff.pad.working") if staff.working else text(f"staff.pad.{verb}")
    return _page(
        staff,
        station,
        "pad",
        text("staff.pad.title"),
        MessageBody(
            (_subject(staff, case), busy),
            Mark.RUNNING if staff.working else Mark.NONE,
            drawing="pad",
        ),
        _back("case"),
    )


# --- the machine ------------------------------------------------------------------------------------


def _devices(state: Lending, staff: Staff, station: Station, words: Words, now: datetime) -> Screen:
    rows = (
        _machine(state, staff),
        *(_set_row(state, staff, station, one, now) for one in settings.offered(station)),
        *(_device(state, staff, note, words) for note in state.service.notes),
    )
    return _page(staff, station, "devices", text("staff.devices.title"), RowsBody(rows))


def _device(state: Lending, staff: Staff, note: Note, words: Words) -> Row:
    """How it is now, and what it last died of, in a technician's words."""
    well, said = note.ready, text("staff.device_ready" if note.ready else "staff.device_down")
    if note.role == "printer" and note.ready:
        printer = state.devices.printer
        well, said = printer.usable, text(f"staff.printer.{printer.value}")
    elif note.role == "library":
        online = state.devices.library
        well, said = online is Online.ONLINE, text(f"staff.library.{online.value}")
    actions: list[Action] = []
    if note.role == "printer" and staff.may(Act.REFILL):
        actions.append(_button("refill", text("staff.refill")))
        actions.append(_button("test", text("staff.test")))
    if staff.may(Act.RESTART) and note.role not in {"store", "clock"}:
        spoken = text("staff.restart.spoken", device=device_name(note.role))
        label = text("staff.restart")
        actions.append(Action(f"staff.restart.{note.role}", label, Weight.SECONDARY, spoken=spoken))
    detail = None
    if note.code is not None and note.at is not None:
        known = f"error.{note.code.value}.what"
        what = text(known) if known in words.keys else verbatim(note.code.value)
        detail = text("staff.last_fault", at=note.at, what=what)
    elif note.role == "printer":
        detail = text("staff.receipts", n=state.service.receipts)
    advice = _waiting(state.devices) if note.role == "library" else None
    return Row(
        note.role,
        Mark.DONE if well else Mark.NOW,
        device_name(note.role),
        said,
        detail=detail,
        advice=advice,
        actions=tuple(actions),
        kind="matter",
    )


def _waiting(devices: Devices) -> Text | None:
    """Since when nobody answers, and what will be told when somebody does."""
    since, oldest = devices.away_since, devices.oldest
    if oldest is not None and devices.waiting:
        key = "staff.waiting" if since is None else "staff.waiting.away"
        return text(
            key, n=devices.waiting, oldest=oldest, **({} if since is None else {"since": since})
        )
    return None if since is None else text("staff.away", since=since)


def _machine(state: Lending, staff: Staff) -> Row:
    """In service or not, by staff's own word; then the card that may try again."""
    service = state.service
    said, detail = text("staff.machine.open"), None
    actions: list[Action] = []
    if service.cause is None:
        if staff.may(Act.CLOSE_MACHINE):
            actions.append(_button("cause", text("staff.machine.close")))
    else:
        said = text("staff.machine.closed", why=text(f"staff.cause.{service.cause.value}"))
        if service.since is not None:
            detail = text("staff.machine.since", since=service.since)
        if staff.may(Act.OPEN_MACHINE):
            actions.append(_button("open", text("staff.machine.reopen"), first=True))
    if staff.may(Act.UNBLOCK):
        actions.append(_button("unblock", text("staff.unblock")))
    return Row(
        "kiosk",
        Mark.DONE if service.cause is None else Mark.REFUSED,
        device_name("kiosk"),
        said,
        detail=detail,
        actions=tuple(actions),
        kind="matter",
    )


def _set_row(
    state: Lending, staff: Staff, station: Station, setting: Setting, now: datetime
) -> Row:
    """Sound or screen as it is now, and until when if that is not as planned."""
    set_, value, detail = _override(state, setting), PLANNED, None
    if set_ is not None and settings.value(set_, now) != PLANNED:
        value, detail = set_.value, _until(set_.until, station)
    said = text(f"staff.{setting.value}.{value}")
    zone = ZoneInfo(station.station.time_zone)
    if setting is Setting.SOUND and settings.quiet(station.sound, now, zone):
        said, detail = text("staff.sound.quiet"), None
    actions: tuple[Action, ...] = ()
    if staff.may(Act.SETTINGS):
        spoken = text("staff.change.spoken", what=device_name(setting.value))
        label = text("staff.change")
        actions = (Action(f"staff.{setting.value}", label, Weight.SECONDARY, spoken=spoken),)
    return Row(
        setting.value,
        Mark.DONE if value == PLANNED else Mark.LATER,
        device_name(setting.value),
        said,
        detail=detail,
        actions=actions,
        kind="matter",
    )


def _setting(
    state: Lending, staff: Staff, station: Station, setting: Setting, now: datetime
) -> Screen:
    """The steps, and until when each holds."""
    local = now.astimezone(ZoneInfo(station.station.time_zone))
    chosen = settings.value(_override(state, setting), now)

    def label(value: str) -> Text:
        how = text(f"staff.{setting.value}.{value}")
        if value == PLANNED:
            return how
        until = _until(settings.ends(value, station.opening, local), station)
        return text("staff.setting.choice", how=how, until=until)

    choices = tuple(
        Action(
            f"staff.{setting.value}.{value}",
            label(value),
            Weight.CHOICE,
            selected=value == chosen,
        )
        for value in VALUES[setting]
    )
    return _page(
        staff,
        station,
        setting.value,
        text(f"staff.{setting.value}.title"),
        ChoiceBody(choices, wide=True),
        _back("back"),
        lead=text("staff.setting.lead"),
    )


def _override(state: Lending, setting: Setting) -> Override | None:
    service = state.service
    return service.sound if setting is Setting.SOUND else service.screen


def _until(until: datetime, station: Station) -> Text:
    local = until.astimezone(ZoneInfo(station.station.time_zone))
    midnight = (local.hour, local.minute) == (0, 0)
    return text("staff.setting.midnight") if midnight else text("staff.setting.until", until=until)


def _cause(staff: Staff, station: Station) -> Screen:
    choices = tuple(
        Action(f"staff.cause.{cause.value}", text(f"staff.cause.{cause.value}"), Weight.CHOICE)
        for cause in Cause
    )
    return _page(
        staff,
        station,
        "cause",
        text("staff.cause.title"),
        ChoiceBody(choices, wide=True),
        _back("back"),
    )


def _unblock(staff: Staff, station: Station) -> Screen:
    return _page(
        staff,
        station,
        "unblock",
        text("staff.unblock.title"),
        MessageBody((text("staff.unblock.line"),), drawing="card"),
        _back("back"),
    )


def _help(staff: Staff, station: Station) -> Screen:
    lines = tuple(text(f"staff.help.{n}") for n in (1, 2, 3))
    return _page(staff, station, "help", text("help.title"), MessageBody(lines))
