"""Typed log events: what may be written down is what a class has a field for.

An event is a frozen dataclass derived from LogEvent. Its fields may only be numbers, truth values, enums
and `Label`, a short token of a closed alphabet; so no card number, name or title can reach a log by
accident. A test walks all event classes and holds them to this. The trace id of a visit or an item stands
in a context variable and is added to every event inside it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, fields
from enum import Enum
from typing import ClassVar, Literal, TextIO

import structlog

_ALLOWED = re.compile(r"[a-z0-9_.:/+@-]{0,80}", re.IGNORECASE)

trace_id: ContextVar[str] = ContextVar("trace_id", default="")


class Label(str):
    """A short token that the program itself chose: a device role, a code, a version, a path of ours."""

    __slots__ = ()

    def __new__(cls, value: str) -> "Label":
        if not _ALLOWED.fullmatch(value):
            value = "?"
        if sum(c.isdigit() for c in value) >= 10 and re.search(r"\d{10}", value):
            value = "?"
        return super().__new__(cls, value)


@dataclass(frozen=True, slots=True)
class LogEvent:
    """Base of all log events. `name` is stable, `level` says who cares."""

    name: ClassVar[str] = ""
    level: ClassVar[Literal["debug", "info", "warning", "error"]] = "info"


_log = structlog.get_logger("ims")


def write_to(
    stream: TextIO, *, least: Literal["debug", "info", "warning", "error"] = "info"
) -> None:
    """From now on, events of at least this level go to `stream`, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(least),
        cache_logger_on_first_use=False,
    )


def log(event: LogEvent) -> None:
    """Write one event, with the trace id of the visit or item it belongs to. Nothing depends on whether the log takes it."""
    values = {f.name: _plain(getattr(event, f.name)) for f in fields(event)}
    trace = trace_id.get()
    if trace:
        values["trace"] = trace
    with suppress(OSError, ValueError):  # its reader is gone, or the stream is closed
        getattr(_log, event.level)(event.name, **values)


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


@contextmanager
def tracing(trace: str) -> Iterator[None]:
    """All events inside carry `trace`, also those of tasks started inside."""
    token = trace_id.set(trace)
    try:
        yield
    finally:
        trace_id.reset(token)
