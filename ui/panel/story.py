"""One item's whole story as the line tells it: read with care, and said: where it is, why there, and each step to it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from config.texts import Text, text, verbatim
from drivers.service.view import Mark, Row
from sorter.belt.items import Cause, ItemState
from sorter.ims.happened import Happened, What
from sorter.ims.words import happened_words
from sorter.plan.facts import Facts, Library, Tags

Short = Annotated[str, Field(max_length=80)]
Value = Short | int | bool | None
FACTS = tuple(Facts.__dataclass_fields__)
"""What a decision can have looked at, in the order in which it is told."""


class _Part(BaseModel):
    """Frozen; a key of a later version is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Where(_Part):
    """Where it was last."""

    branch: Short = ""
    bin: Short = ""
    beside: Short = ""
    """The bin at which it lies on the floor."""
    bin_name: Short = ""
    crate: Short = ""
    since: AwareDatetime


class Why(_Part):
    """By what."""

    rule: Short = ""
    cause: Short = ""
    number: int = 0


class Moving(_Part):
    """On the belt now."""

    bin: Short | None = None
    bin_name: Short = ""


class Step(_Part):
    """One step on its last way over the belt."""

    at: AwareDatetime
    what: Short
    bin: Value = None
    bin_name: Short = ""
    rule: Short = ""
    ok: bool | None = None
    alert: Short = ""
    late: bool = False
    state: Short = ""
    cause: Short = ""
    told: Short = ""
    outcome: Short = ""
    facts: Annotated[dict[Short, Value], Field(max_length=40)] = {}


class Event(_Part):
    """One thing that happened to it or to its crate."""

    at: AwareDatetime
    what: Short
    branch: Short = ""
    bin: Short = ""
    chute: Short = ""
    crate: Short = ""
    destination: Short = ""


class Story(_Part):
    """All of it."""

    item: Short
    known: bool = False
    where: Where | None = None
    why: Why | None = None
    on_belt: Moving | None = None
    steps: Annotated[tuple[Step, ...], Field(max_length=200)] = ()
    history: Annotated[tuple[Event, ...], Field(max_length=500)] = ()


def story_of(answer: Mapping[str, Any]) -> Story:
    """The line's answer. Raises ValueError for another shape."""
    try:
        return Story.model_validate(dict(answer))
    except ValidationError as error:
        raise ValueError(f"no story: {error.error_count()} faults") from None


# --- in words ---------------------------------------------------------------------------------------


def answer(story: Story) -> Text:
    """Where it is, in one sentence."""
    if story.on_belt is not None:
        bin = story.on_belt.bin_name or story.on_belt.bin
        return text("panel.story.moving_to", bin=bin) if bin else text("panel.story.moving")
    where = story.where
    if where is None:
        return text("panel.story.unknown")
    bin, branch = where.bin_name or where.bin, where.branch
    if where.beside and not where.crate:
        return text("panel.story.beside", branch=branch, bin=bin or where.beside, at=where.since)
    if not bin and not where.crate:
        return text("panel.story.gone", branch=branch, at=where.since)
    if not where.crate:
        return text("panel.story.in_bin", branch=branch, bin=bin, at=where.since)
    return text("panel.story.in_crate", branch=branch, crate=where.crate, at=where.since)


def reason(story: Story) -> Text | None:
    """Why there, in one sentence; None where nothing was decided."""
    why = story.why
    if why is None or not why.rule:
        return None
    rule = text("panel.story.by_rule", rule=why.rule)
    cause = _cause(why.cause)
    return rule if cause is None else text("panel.story.by_cause", rule=why.rule, cause=cause)


def rows(story: Story) -> tuple[Row, ...]:
    """Each step and each thing that happened, in the order of time."""
    told = [(step.at.astimezone(UTC), 0, _step(step)) for step in story.steps]
    names = {event.bin: story.where.bin_name for event in story.history if story.where}
    told += [
        (event.at.astimezone(UTC), 1, _event(event, names.get(event.bin, "")))
        for event in story.history
    ]
    told.sort(key=lambda one: one[:2])
    return tuple(
        Row(
            id=f"{n}",
            mark=mark,
            title=what,
            state=text("panel.story.at", at=at),
            detail=detail,
            kind="matter",
        )
        for n, (at, _, found) in enumerate(told)
        if found is not None
        for what, mark, detail in (found,)
    )


Said = tuple[Text, Mark, Text | None]


def _step(step: Step) -> Said | None:
    match step.what:
        case "inducted":
            return text("panel.step.inducted"), Mark.SEEN, None
        case "decided":
            bin = step.bin_name or str(step.bin or "–")
            return text("panel.step.decided", bin=bin, rule=step.rule), Mark.SEEN, _inputs(step)
        case "routed":
            return text("panel.step.routed", bin=str(step.bin)), Mark.SEEN, None
        case "answered":
            key = "returned" if step.ok else "refused"
            return (
                text(f"panel.step.{key}"),
                Mark.DONE if step.ok else Mark.REFUSED,
                text("panel.step.late") if step.late else None,
            )
        case "ended":
            return _ended(step)
        case "reported":
            return text("panel.step.reported"), Mark.SEEN, None
        case "slip":
            return text("panel.step.slip"), Mark.SEEN, None
        case _:
            return text("panel.step.other", what=step.what), Mark.SEEN, None


def _ended(step: Step) -> Said:
    mark = Mark.STAFF if _cause(step.cause) else Mark.DONE
    match step.state:
        case ItemState.MISSED if step.cause == Cause.NO_CRATE:
            return text("panel.step.beside", n=_number(step.bin)), mark, _cause(step.cause)
        case ItemState.CONFIRMED | ItemState.MISSED:
            return text("panel.step.fell", n=_number(step.bin)), mark, _cause(step.cause)
        case _:
            return text("panel.step.left"), mark, _cause(step.cause)


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _cause(name: str) -> Text | None:
    known = name in set(Cause) and name != Cause.NONE
    return text(f"sorter.cause.{name}") if known else None


def _inputs(step: Step) -> Text | None:
    """What the decision looked at: a name and a value each, one after the other."""
    told: Text | None = None
    for name in reversed([name for name in FACTS if name in step.facts]):
        said = _value(name, step.facts[name])
        one = text("panel.input", name=text(f"panel.fact.{name}"), value=said)
        told = one if told is None else text("panel.inputs", first=one, rest=told)
    return told


_WORDS = {
    "tags": frozenset(Tags),
    "library": frozenset(Library),
    "alert": frozenset({"01", "02", "03", "04", "99"}),
    "usage": frozenset(
        {"acquisition", "circulation", "not_for_circulation", "discarded", "equipment"}
    ),
}
"""Inputs whose values have words of their own."""


def _value(name: str, value: Value) -> Text:
    if isinstance(value, bool):
        return text("panel.yes" if value else "panel.no")
    if value in _WORDS.get(name, ()):
        return text(f"panel.value.{name}.{value}")
    return verbatim(str(value))


def _event(event: Event, bin_name: str) -> Said | None:
    if event.what not in set(What):
        return text("panel.step.other", what=event.what), Mark.SEEN, None
    happened = Happened(
        What(event.what),
        datetime.fromisoformat(event.at.isoformat()),
        event.branch,
        crate=event.crate,
        chute=event.chute,
        destination=event.destination,
        bin=event.bin,
    )
    return happened_words(happened, bin_name), Mark.SEEN, None
