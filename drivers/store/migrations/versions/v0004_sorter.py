"""The sorting plant: what its belt was last believed to be, each item's way over it, its bins."""

from alembic import op

revision = "0004"
down_revision = "0003"

DDL = (
    """
    CREATE TABLE sorter_belt (
        one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
        boot_id INTEGER NOT NULL,
        taken INTEGER NOT NULL CHECK (taken BETWEEN 0 AND 65535),
        number INTEGER NOT NULL CHECK (number >= 0),
        info TEXT NOT NULL,
        doubted INTEGER NOT NULL CHECK (doubted IN (0, 1))
    ) STRICT
    """,
    """
    CREATE TABLE sorter_items (
        number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
        tid INTEGER NOT NULL,
        item TEXT NOT NULL,
        state TEXT NOT NULL,
        cause TEXT NOT NULL,
        rule TEXT NOT NULL,
        bin INTEGER NOT NULL,
        since TEXT NOT NULL,
        ended TEXT,
        live TEXT NOT NULL,
        answer TEXT NOT NULL,
        reported INTEGER NOT NULL CHECK (reported IN (0, 1)),
        seen INTEGER NOT NULL CHECK (seen IN (0, 1))
    ) STRICT
    """,
    "CREATE INDEX sorter_items_open ON sorter_items (number) WHERE reported = 0",
    "CREATE INDEX sorter_items_exceptions ON sorter_items (number) WHERE seen = 0 AND cause <> 'none'",
    """
    CREATE TABLE sorter_decisions (
        seq INTEGER NOT NULL PRIMARY KEY,
        number INTEGER NOT NULL,
        bin TEXT,
        rule TEXT NOT NULL,
        reach INTEGER NOT NULL,
        facts TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE sorter_bins (
        name TEXT NOT NULL PRIMARY KEY,
        number INTEGER NOT NULL,
        count INTEGER NOT NULL CHECK (count >= 0),
        enabled INTEGER NOT NULL CHECK (enabled IN (0, 1))
    ) STRICT
    """,
)


def upgrade() -> None:
    """Make the tables."""
    for statement in DDL:
        op.execute(statement)
