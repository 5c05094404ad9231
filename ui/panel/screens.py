"""The panel's screens: the line's picture in the panel's look, or why there is none."""

from dataclasses import replace

from config.texts import LANGUAGES, Text, text, verbatim
from drivers.service.view import (
    Action,
    Banner,
    BeltBody,
    BinView,
    ChoiceBody,
    EntryBody,
    Mark,
    MessageBody,
    Row,
    RowsBody,
    Screen,
    TimeClass,
    Weight,
    actions_of,
)
from ui.panel import past as belt_past
from ui.panel import story
from ui.panel.face import Contact, Page, Panel

USUAL = 10
"""Figures of an item's number."""

_WHY = {
    Contact.LOOKING: "away",
    Contact.GONE: "away",
    Contact.FULL: "full",
    Contact.STRANGE: "strange",
}


def screen(panel: Panel, place: str, name: str) -> Screen:
    """What stands on the window now. `place` and `name` are the station's own."""
    if panel.page is Page.LANGUAGE:
        shown = _language(panel)
    elif panel.page is Page.FIND:
        shown = _find(panel)
    elif panel.page is Page.STORY:
        shown = _story(panel)
    elif panel.page is Page.HISTORY:
        shown = _history(panel)
    elif panel.line is not None and panel.body is not None:
        shown = _belt(panel, panel.line, panel.body)
    else:
        shown = _away(panel)
    shown = replace(
        shown,
        place=verbatim(place),
        corner=verbatim(name)
        if panel.minute is None
        else text("panel.corner", name=name, at=panel.minute),
        language=panel.language,
        theme="high_contrast" if panel.high_contrast else "light",
        large_text=panel.large_text,
        reduced_motion=panel.high_contrast or panel.old,
        assist=_assist(panel),
        staff=True,
    )
    ids = tuple(action.id for action in actions_of(shown))
    return replace(shown, focus=ids, focused=panel.focused if panel.focused in ids else "")


def _belt(panel: Panel, line: Screen, body: BeltBody) -> Screen:
    body = replace(body, notice=panel.notice or body.notice)
    if not panel.old:
        return replace(line, name="panel", body=body, cue=None, banner=None)
    why = text("panel.old.reason")
    body = replace(
        body,
        bins=tuple(_bin_shut(bin, why) for bin in body.bins),
        alarms=tuple(_row_shut(row, why) for row in body.alarms),
        exceptions=tuple(_row_shut(row, why) for row in body.exceptions),
    )
    words = text("panel.old.words", s=int(panel.age_s))
    return replace(
        line,
        name="panel",
        body=body,
        cue=None,
        banner=Banner(text("panel.old"), words),
        actions=_shut(line.actions, why),
    )


def _shut(actions: tuple[Action, ...], why: Text) -> tuple[Action, ...]:
    return tuple(replace(action, reason=why) for action in actions)


def _bin_shut(bin: BinView, why: Text) -> BinView:
    return replace(bin, actions=_shut(bin.actions, why))


def _row_shut(row: Row, why: Text) -> Row:
    return replace(row, actions=_shut(row.actions, why))


def _away(panel: Panel) -> Screen:
    why = _WHY.get(panel.contact, "away")
    if why != "away":
        first = text(f"panel.{why}.do")
    elif panel.heard_at is None:
        first = text("panel.away.never")
    else:
        first = text("panel.away.since", at=panel.heard_at)
    return Screen(
        name=f"panel_{why}",
        title=text(f"panel.{why}.title"),
        body=MessageBody(
            (first, text("panel.away.belt"), text("panel.away.again")), mark=Mark.PUT_BACK
        ),
        time_class=TimeClass.REST,
    )


def _language(panel: Panel) -> Screen:
    return Screen(
        name="panel_language",
        title=text("language.title"),
        body=ChoiceBody(
            tuple(
                Action(
                    f"language.{language}",
                    text(f"language.name_{language}"),
                    Weight.CHOICE,
                    selected=language == panel.language,
                )
                for language in LANGUAGES
            )
        ),
        time_class=TimeClass.REST,
        actions=(Action("panel.back", text("action.close"), Weight.SECONDARY, "close"),),
    )


def _find(panel: Panel) -> Screen:
    digits = tuple(
        Action(f"key.{digit}", text("action.digit", digit=digit), Weight.KEY)
        for digit in "1234567890"
    )
    erase = Action("key.erase", text("action.erase"), Weight.KEY, "backspace")
    send = Action("panel.send", text("panel.send"), Weight.PRIMARY, "search")
    if not panel.typed:
        send = replace(send, reason=text("panel.send.nothing"))
    elif panel.old or panel.body is None:
        send = replace(send, reason=text("panel.old.reason"))
    back = Action("panel.back", text("action.back"), Weight.SECONDARY, "arrow_back")
    history = Action("panel.history", text("panel.history"), Weight.SECONDARY)
    if panel.old or panel.body is None:
        history = replace(history, reason=text("panel.old.reason"))
    return Screen(
        name="panel_find",
        title=text("panel.find"),
        body=EntryBody(
            length=max(USUAL, len(panel.typed)),
            filled=len(panel.typed),
            hint=text("panel.find.hint"),
            keys=(*digits, erase),
            masked=False,
            shown=panel.typed,
        ),
        time_class=TimeClass.REST,
        actions=(send, back, history),
    )


def _story(panel: Panel) -> Screen:
    """One item: where it is, why there, and each step that was written down."""
    found = panel.story
    lead = text("panel.story.waiting") if found is None else story.answer(found)
    body = RowsBody(
        rows=() if found is None else story.rows(found),
        guide=None if found is None else story.reason(found),
        empty=None if found is None else text("panel.story.none"),
    )
    return Screen(
        name="panel_story",
        title=text("panel.story.title", item=panel.asked),
        lead=lead,
        body=body,
        time_class=TimeClass.REST,
        actions=(
            Action("panel.back", text("action.close"), Weight.PRIMARY, "close"),
            Action("panel.find", text("panel.story.again"), Weight.SECONDARY, "search"),
        ),
    )


def _history(panel: Panel) -> Screen:
    """What the belt went through, the newest first."""
    past = panel.past
    rows = () if past is None else belt_past.rows(past)
    empty = text("panel.story.waiting" if past is None else "panel.history.none")
    return Screen(
        name="panel_history",
        title=text("panel.history.title"),
        body=RowsBody(rows=rows, empty=empty),
        time_class=TimeClass.REST,
        actions=(Action("panel.back", text("action.close"), Weight.PRIMARY, "close"),),
    )


def _assist(panel: Panel) -> tuple[Action, ...]:
    def one(id: str, label: Text, icon: str, *, on: bool = False) -> Action:
        spoken = text("assist.on", what=label) if on else None
        return Action(f"panel.{id}", label, Weight.ASSIST, icon, selected=on, spoken=spoken)

    find = text("panel.typed", typed=panel.typed) if panel.typed else text("panel.find")
    larger = one("larger", text("assist.larger"), "text_increase", on=panel.large_text)
    return (
        *(
            ()
            if panel.page in {Page.STORY, Page.HISTORY}
            else (one("find", find, "search", on=panel.page is Page.FIND),)
        ),
        one("language", text("assist.language"), "language", on=panel.page is Page.LANGUAGE),
        *((larger,) if panel.roomy else ()),
        one("contrast", text("assist.contrast"), "contrast", on=panel.high_contrast),
    )
