"""Branches, sorting points and their chutes."""

from alembic import op

revision = "0009"
down_revision = "0008"

DDL = (
    """
    CREATE TABLE ims_branches (
        name TEXT NOT NULL PRIMARY KEY,
        plant INTEGER NOT NULL CHECK (plant IN (0, 1)),
        central INTEGER NOT NULL CHECK (central IN (0, 1)),
        since TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE ims_points (
        station TEXT NOT NULL PRIMARY KEY,
        branch TEXT NOT NULL,
        name TEXT NOT NULL,
        since TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE ims_chutes (
        station TEXT NOT NULL,
        label TEXT NOT NULL,
        branch TEXT NOT NULL,
        bin TEXT NOT NULL,
        number INTEGER NOT NULL,
        destination TEXT NOT NULL,
        PRIMARY KEY (station, label)
    ) STRICT
    """,
    "CREATE INDEX ims_chutes_label ON ims_chutes (branch, label)",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in DDL:
        op.execute(statement)
