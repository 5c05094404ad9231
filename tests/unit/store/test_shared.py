"""The shared database on a real PostgreSQL: its tables, who may come in, and what its absence means."""

import asyncio
from importlib import import_module
from pathlib import Path

import pytest
from alembic.config import Config as Tree
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, inspect, text
from sqlalchemy.pool import NullPool
from typing_extensions import override

from drivers.errors import Code, DeviceUnavailable, LocalProtocolError
from drivers.ports import Secret
from drivers.store import shared_migrations
from drivers.store.shared import SharedDatabase, SharedTxn
from tests.postgres import Cluster, cluster
from tests.store_fixtures import SetClock

__all__ = ["cluster"]
SHARED = ("ims_crates", "ims_places", "ims_events", "ims_branches", "ims_points", "ims_chutes")


def shape(connection: Connection) -> dict[str, object]:
    """Columns and indexes of every table but the schema's own."""
    look = inspect(connection)
    found: dict[str, object] = {}
    for name in sorted(set(look.get_table_names()) - {"ims_schema"}):
        columns = [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)]
        indexes = sorted(
            (i["name"] or "", tuple(i["column_names"]), i["unique"], _where(i))
            for i in look.get_indexes(name)
        )
        found[name] = (columns, look.get_pk_constraint(name)["constrained_columns"], indexes)
    return found


def _where(index: object) -> str:
    options = index.get("dialect_options", {}) if isinstance(index, dict) else {}
    return str(options.get("postgresql_where", ""))


async def test_the_migrations_make_what_the_records_say(cluster: Cluster, clock: SetClock) -> None:
    migrated, declared = cluster.database(), cluster.database()
    shared = SharedDatabase(cluster.config(migrated), Secret(cluster.password), clock=clock)
    ours = await shared.read(lambda txn: shape(txn.connection))
    await shared.close()
    engine = create_engine(
        f"postgresql+psycopg://ims@/{declared}?host={cluster.directory}",
        connect_args={"password": cluster.password},
        poolclass=NullPool,
    )
    metadata: MetaData = import_module("sorter.ims.records").metadata
    with engine.begin() as connection:
        tables = [metadata.tables[name] for name in SHARED]
        metadata.create_all(connection, tables, checkfirst=False)
        assert ours == shape(connection)
    engine.dispose()


def test_the_list_of_schemas_is_the_tree_of_migrations() -> None:
    tree = Tree()
    tree.set_main_option("script_location", str(Path(shared_migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(tree)
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert revisions == list(shared_migrations.REVISIONS)


async def test_a_database_of_a_later_program_is_not_touched(
    cluster: Cluster, clock: SetClock
) -> None:
    name = cluster.database()
    with cluster.connect(name) as connection:
        connection.execute("CREATE TABLE ims_schema (version_num TEXT)")
        connection.execute("INSERT INTO ims_schema VALUES ('s9999')")
    shared = SharedDatabase(cluster.config(name), Secret(cluster.password), clock=clock)
    with pytest.raises(DeviceUnavailable) as newer:
        await shared.write(lambda txn: None)
    assert newer.value.code is Code.SHARED_NEWER
    await shared.close()


@pytest.mark.parametrize("wrong", ["password", "database", "user"])
async def test_who_may_not_come_in_is_told_so_and_no_password_is_said(
    cluster: Cluster, clock: SetClock, wrong: str
) -> None:
    name = cluster.database() if wrong != "database" else "nowhere"
    password = "canary-5d1f" if wrong == "password" else cluster.password
    config = cluster.config(name)
    if wrong == "user":
        config = cluster.config(name, url=f"postgresql://stranger@/{name}?host={cluster.directory}")
    shared = SharedDatabase(config, Secret(password), clock=clock)
    with pytest.raises(DeviceUnavailable) as refused:
        await shared.read(lambda txn: None)
    assert refused.value.code is Code.SHARED_LOGIN
    said = (
        f"{refused.value} {refused.value.detail} {refused.value.__context__} {vars(refused.value)}"
    )
    assert password not in said
    assert password not in repr(shared.__dict__)
    await shared.close()


async def test_a_server_that_went_away_is_missed_and_found_again(
    cluster: Cluster, clock: SetClock
) -> None:
    shared = SharedDatabase(
        cluster.config(cluster.database()), Secret(cluster.password), clock=clock
    )
    assert await shared.read(one) == 1
    cluster.stop()
    try:
        with pytest.raises(DeviceUnavailable) as away:
            await shared.read(one)
        assert away.value.code is Code.SHARED_AWAY
    finally:
        cluster.start()
    assert await shared.read(one) == 1
    await shared.close()


async def test_a_server_that_speaks_no_tls_is_not_trusted(
    cluster: Cluster, clock: SetClock
) -> None:
    class Plain(asyncio.Protocol):
        """A server that says no to TLS, as one without a certificate does (PostgreSQL 15, 55.2.10)."""

        @override
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        @override
        def data_received(self, data: bytes) -> None:
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.write(b"N")

    server = await asyncio.get_running_loop().create_server(Plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = cluster.config("x", url=f"postgresql://ims@127.0.0.1:{port}/x", tls=True)
    shared = SharedDatabase(config, Secret("canary-5d1f"), clock=clock)
    with pytest.raises(DeviceUnavailable) as refused:
        await shared.read(lambda txn: None)
    assert refused.value.code is Code.PORT_TLS
    await shared.close()
    server.close()
    await server.wait_closed()


async def test_who_only_reads_cannot_write_and_a_failed_unit_leaves_nothing(
    cluster: Cluster, clock: SetClock
) -> None:
    shared = SharedDatabase(
        cluster.config(cluster.database()), Secret(cluster.password), clock=clock
    )
    with pytest.raises((LocalProtocolError, DeviceUnavailable)):
        await shared.read(put)

    def broken(txn: SharedTxn) -> None:
        put(txn)
        raise KeyError("x")

    with pytest.raises(KeyError):
        await shared.write(broken)
    assert await shared.read(count) == 0
    await shared.write(put)
    assert await shared.read(count) == 1
    await shared.close()


def one(txn: SharedTxn) -> int:
    return int(txn.connection.execute(text("SELECT 1")).scalar_one())


def put(txn: SharedTxn) -> None:
    row = "('K-0001', 'empty', '', 'Dalum', '', '2026', '2026')"
    txn.connection.execute(text(f"INSERT INTO ims_crates VALUES {row}"))


def count(txn: SharedTxn) -> int:
    return int(txn.connection.execute(text("SELECT count(*) FROM ims_crates")).scalar_one())
