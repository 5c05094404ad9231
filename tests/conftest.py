"""What every test stands on: Qt without a screen, no leaked task, no warning that nobody expected."""

import asyncio
import gc
import inspect
import os
import shutil
from collections.abc import AsyncIterator, Generator, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ["QT_ENABLE_HIGHDPI_SCALING"] = "0"

import pytest
import pytest_asyncio
import structlog

GARBAGE = 20_000
"""So many objects made and not gone are worth a search."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="write the snapshots of tests/snapshots anew instead of comparing",
    )


def tool(name: str) -> str:
    """Path of a program that a test needs. Where it is missing the test fails in CI, and is not run elsewhere."""
    found = shutil.which(name)
    if found is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up(f"not run: {name}")
    return found


@pytest.fixture(scope="session")
def qapp_cls() -> type:
    from PySide6.QtGui import QGuiApplication

    return QGuiApplication


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: "test_demo.py" not in item.nodeid
    )  # a belt at its own pace takes longest
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "no_leaked_task")  # first in, last out


def pytest_collection_finish() -> None:
    """What collecting made stays for the run: no later search for garbage looks at it again."""
    gc.collect()
    gc.freeze()
    gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Garbage is looked for between tests, in the main thread alone: where the thread of a simulated world happened on
    a window that an earlier test had dropped, Qt waited for Python and Python for Qt, for ever.
    """
    done = yield
    if gc.get_count()[0] > GARBAGE:
        gc.collect()
    return done


@pytest.fixture(scope="session", autouse=True)
def schema_at_once() -> Iterator[None]:
    """The migrations make the first empty file of a run; later ones are given what they made. A file with a schema is
    migrated as ever, and test_migrations makes all of its own.
    """
    from sqlalchemy import Connection

    from drivers.store import database
    from drivers.store.migrations import upgrade

    made: list[tuple[str, tuple[object, ...]]] = []

    def at_once(connection: Connection) -> None:
        def ask(sql: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

        if ask("SELECT 1 FROM sqlite_master LIMIT 1"):
            upgrade(connection)
        elif made:
            for sql, values in made:
                connection.exec_driver_sql(sql, values)
        else:
            upgrade(connection)
            steps = ask("SELECT type = 'table', name, sql FROM sqlite_master ORDER BY rowid")
            tables = {str(name): str(sql) for table, name, sql in steps if table}
            tables.pop("sqlite_sequence", None)  # SQLite makes its own
            made.extend((sql, ()) for sql in tables.values())
            for name in tables:
                rows = ask(f"SELECT * FROM {name}")
                made.extend(
                    (f"INSERT INTO {name} VALUES ({','.join('?' * len(row))})", row) for row in rows
                )
            made.append(
                ("UPDATE journal_head SET stream = lower(hex(randomblob(16)))", ())
            )  # each its own
            made.extend((str(sql), ()) for table, _, sql in steps if not table and sql is not None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "upgrade", at_once)
        yield


@pytest_asyncio.fixture
async def no_leaked_task() -> AsyncIterator[None]:
    """A coroutine test that leaves a task running fails."""
    before = asyncio.all_tasks()
    yield
    ending = asyncio.current_task()  # this fixture's own
    leaked = [t for t in asyncio.all_tasks() - before if t is not ending and not t.done()]
    for task in leaked:
        task.cancel()
    await asyncio.gather(*leaked, return_exceptions=True)
    assert not leaked, f"the test left tasks running: {leaked}"


class Heard:
    """Log events of a test; take() the warnings that were expected."""

    def __init__(self) -> None:
        self.events: list[structlog.typing.EventDict] = []
        self._expected: set[str] = set()

    def expect(self, *names: str) -> None:
        """These warnings or errors belong to the test."""
        self._expected.update(names)

    def unexpected(self) -> list[structlog.typing.EventDict]:
        return [
            event
            for event in self.events
            if event.get("log_level") in {"warning", "error", "critical"}
            and event["event"] not in self._expected
        ]


@pytest.fixture(autouse=True)
def heard() -> Iterator[Heard]:
    """Fails the test on a warning or error event that it did not `expect`."""
    heard = Heard()
    structlog.reset_defaults()  # a command run in this process may have set its own level
    with structlog.testing.capture_logs() as events:
        heard.events = events
        yield heard
    structlog.reset_defaults()  # what a test made the log write to may be closed by now
    unexpected = heard.unexpected()
    assert not unexpected, f"unexpected log events: {unexpected}"
