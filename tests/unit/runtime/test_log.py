"""What may be written down is what a class has a field for, and fields are numbers, truths, enums and labels."""

import asyncio
import dataclasses
import io
import json
import os
import pkgutil
import typing
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

import config
import drivers
import kiosk
import sorter
from drivers.errors import Code, DeviceUnavailable
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.runtime.log import Label, LogEvent, log, tracing, write_to
from drivers.runtime.supervisor import Health, Supervisor
from hw_sim.simloop import run

ROOMS = (config, drivers, kiosk, sorter)


def kinds() -> set[type[LogEvent]]:
    for room in ROOMS:
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if "migrations" not in module.name and not module.name.endswith(".draw"):
                import_module(module.name)
    found, fresh = set[type[LogEvent]](), {LogEvent}
    while fresh:
        fresh = {kind for one in fresh for kind in one.__subclasses__()}
        found |= fresh
    ours = {room.__name__ for room in ROOMS}
    return {
        kind
        for kind in found
        if kind.__module__.split(".")[0] in ours
        and getattr(import_module(kind.__module__), kind.__name__)
        is kind  # slots make a class anew
    }


def allowed(kind: object) -> bool:
    if typing.get_origin(kind) is not None:
        return all(allowed(part) for part in typing.get_args(kind))
    return isinstance(kind, type) and (
        kind in {int, float, bool, Label, type(None)} or issubclass(kind, Enum)
    )


def test_every_event_has_only_fields_that_cannot_hold_a_person() -> None:
    found = kinds()
    assert len(found) >= 10
    for kind in found:
        assert dataclasses.is_dataclass(kind), kind
        types = typing.get_type_hints(kind)
        for field in dataclasses.fields(kind):
            assert allowed(types[field.name]), f"{kind.__name__}.{field.name}: {types[field.name]}"


def test_no_field_has_a_name_that_the_line_itself_uses() -> None:
    for kind in kinds():
        names = {field.name for field in dataclasses.fields(kind)}
        assert names.isdisjoint({"event", "level", "timestamp", "trace", "log_level"}), kind


def test_the_check_turns_words_away() -> None:
    assert not allowed(str)
    assert not allowed(str | None)
    assert not allowed(bytes)
    assert allowed(int | None)


def test_every_event_has_a_name_of_its_own() -> None:
    names = [kind.name for kind in kinds()]
    assert len(set(names)) == len(names)
    assert all(name and name == name.lower() for name in names)


@pytest.mark.parametrize("word", ["pad", "port.gone", "1.2.3", "/dev/ims/pad", "123456789", ""])
def test_a_label_keeps_a_short_token(word: str) -> None:
    assert Label(word) == word


@pytest.mark.parametrize(
    "word", ["Karen Testesen", "1234567890", "x1234567890y", "æ", "a" * 81, "\n"]
)
def test_a_label_never_holds_a_name_or_a_number_of_a_person(word: str) -> None:
    assert Label(word) == "?"


@given(st.text())
def test_no_label_has_ten_digits_in_a_row(word: str) -> None:
    label = Label(word)
    assert label in {word, "?"}
    assert not any(label[n : n + 10].isdecimal() for n in range(len(label) - 9))


@dataclasses.dataclass(frozen=True, slots=True)
class Tried(LogEvent):
    name: typing.ClassVar = "test.tried"
    level: typing.ClassVar = "info"
    times: int
    what: Label


def test_a_line_is_one_json_object_with_the_trace_of_its_visit() -> None:
    before = structlog.get_config()
    stream = io.StringIO()
    try:
        write_to(stream)
        with tracing("0190-visit"):
            log(Tried(3, Label("pad")))
        log(Tried(4, Label("Karen Testesen")))
    finally:
        structlog.configure(**before)
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert {k: first[k] for k in ("event", "times", "what", "trace", "level")} == {
        "event": "test.tried",
        "times": 3,
        "what": "pad",
        "trace": "0190-visit",
        "level": "info",
    }
    assert second["what"] == "?"
    assert "trace" not in second


@pytest.fixture
def broken() -> Iterator[None]:
    """A log whose stream is closed, as that of a command that has ended."""
    before = structlog.get_config()
    stream = io.StringIO()
    write_to(stream)
    stream.close()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("broken")
def test_nothing_depends_on_whether_the_log_takes_an_event() -> None:
    log(Tried(3, Label("pad")))


@pytest.mark.usefixtures("broken")
def test_a_service_is_kept_running_though_the_log_takes_nothing() -> None:
    tries: list[float] = []
    told: list[Health] = []

    async def absent(_ready: Callable[[], None]) -> None:
        tries.append(asyncio.get_running_loop().time())
        raise DeviceUnavailable("pad", Code.PORT_ABSENT)

    async def kept() -> None:
        clock = LoopClock(datetime(2026, 1, 1, tzinfo=UTC))
        supervisor = Supervisor(clock=clock, rng=SeededRng(1))
        supervisor.start("pad", absent, lambda health, _code: told.append(health))
        await asyncio.sleep(60)
        await supervisor.stop()

    run(kept())
    assert told == [Health.STARTING, Health.DOWN, Health.FAULTED]
    assert len(tries) > 5


def test_a_pipe_whose_reader_is_gone_takes_nothing_down() -> None:
    before = structlog.get_config()
    read, written = os.pipe()
    os.close(read)
    with suppress(BrokenPipeError), os.fdopen(written, "w", buffering=1) as stream:
        try:
            write_to(stream)
            log(Tried(3, Label("pad")))
        finally:
            structlog.configure(**before)
