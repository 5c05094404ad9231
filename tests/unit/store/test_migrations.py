"""An empty file brought up to date is what every records.py says it is; a newer one is not touched."""

from importlib import import_module
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

import drivers
from drivers.errors import Code, DeviceUnavailable
from drivers.runtime.clock import SeededRng
from drivers.store import database, migrations
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey
from tests.store_fixtures import SetClock

ROOT = Path(drivers.__file__).parent.parent
ROOMS = [
    "drivers.store.tables",
    *sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for room in ("drivers", "kiosk", "sorter")
        for name in ("records.py", "records/__init__.py")
        for path in (ROOT / room).rglob(name)
    ),
]


@pytest.fixture(autouse=True)
def by_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file here is made by the migrations themselves."""
    monkeypatch.setattr(database, "upgrade", migrations.upgrade)


def shape(connection: Connection) -> dict[str, object]:
    """Columns, indexes, references and strictness of every table."""

    def ask(sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]

    found: dict[str, object] = {}
    for _, name, kind, _, _, strict in ask("PRAGMA table_list"):
        if kind != "table" or str(name).startswith("sqlite_") or name == "alembic_version":
            continue
        columns = [
            (row[1], row[2], bool(row[3]) or bool(row[5]), row[4], row[5])
            for row in ask(f"PRAGMA table_xinfo('{name}')")
        ]
        indexes = sorted(
            (
                str(row[1]),
                row[2],
                row[4],
                [part[2] for part in ask(f"PRAGMA index_info('{row[1]}')")],
            )
            for row in ask(f"PRAGMA index_list('{name}')")
            if row[3] == "c"
        )
        references = sorted(row[2:5] for row in ask(f"PRAGMA foreign_key_list('{name}')"))
        found[str(name)] = (columns, indexes, references, strict)
    return found


def conditions(connection: Connection) -> dict[str, str]:
    """The WHERE of each partial index, without its spacing."""
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
    )
    return {name: "".join(sql.partition("WHERE")[2].split()) for name, sql in rows}


def test_the_migrations_make_what_the_rooms_say(tmp_path: Path) -> None:
    migrated = database.connect(tmp_path / "migrated.db")
    database.prepare(migrated)
    declared = database.connect(tmp_path / "declared.db")
    with declared.begin():
        for room in ROOMS:
            metadata: MetaData | None = getattr(import_module(room), "metadata", None)
            if metadata is not None:  # a room may only look into another's tables
                metadata.create_all(declared, checkfirst=False)
    try:
        assert shape(migrated) == shape(declared)
        assert conditions(migrated) == conditions(declared)
    finally:
        for connection in (migrated, declared):
            connection.close()
            connection.engine.dispose()


def test_the_list_of_schemas_is_the_tree_of_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    tree = ScriptDirectory.from_config(config)
    assert [script.revision for script in tree.walk_revisions()][::-1] == list(migrations.REVISIONS)
    assert tree.get_heads() == [migrations.NEWEST]


def contents(file: Path) -> bytes:
    return file.read_bytes()


async def test_a_newer_file_is_refused_and_left_as_it_was(
    store: InlineStore, clock: SetClock, file: Path, key: SealKey
) -> None:
    await store.write(
        lambda txn: txn.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9'")
    )
    await store.close()
    before = contents(file)
    with pytest.raises(DeviceUnavailable) as newer:
        InlineStore(file, clock=clock, rng=SeededRng(1), key=key)
    assert newer.value.code is Code.STORE_NEWER
    assert contents(file) == before


async def test_opening_again_changes_no_schema(
    store: InlineStore, clock: SetClock, file: Path, key: SealKey
) -> None:
    assert store.boot.was == ""
    await store.close()
    again = InlineStore(file, clock=clock, rng=SeededRng(2), key=key)
    assert again.boot.was == migrations.NEWEST
    assert (again.boot.chain.checked, again.boot.chain.last) == (1, 1)
    await again.close()


def test_a_migration_that_fails_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(connection: Connection) -> None:
        migrations.upgrade(connection)
        connection.exec_driver_sql("CREATE TABLE more (id TEXT)")
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    monkeypatch.setattr(database, "upgrade", half)
    connection = database.connect(tmp_path / "half.db")
    with pytest.raises(Exception, match="nowhere"):
        database.prepare(connection)
    left = connection.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    assert left == (0,)
    monkeypatch.undo()
    assert database.prepare(connection) == ""
    connection.close()
    connection.engine.dispose()
