"""The short way by which tests make an empty store comes to what the migrations make."""

from sqlalchemy import Connection

from drivers.store import database, migrations


def schema(connection: Connection) -> list[tuple[object, ...]]:
    asked = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    version = "SELECT 'version', version_num, '' FROM alembic_version"
    head = "SELECT 'head', one, seq || hex(hash) || verified FROM journal_head"
    return [tuple(row) for one in (asked, version, head) for row in connection.exec_driver_sql(one)]


def test_a_store_made_at_once_is_as_the_migrations_make_it() -> None:
    first, at_once, migrated = (database.connect(None) for _ in range(3))
    for connection in (first, at_once):  # the first of a run may still be migrated
        database.prepare(connection)
    with migrated.begin():
        migrations.upgrade(migrated)
    assert schema(at_once) == schema(migrated)
    streams = [
        one.exec_driver_sql("SELECT stream FROM journal_head").scalar_one()
        for one in (first, at_once, migrated)
    ]
    assert len(set(streams)) == 3
    for connection in (first, at_once, migrated):
        connection.close()
