"""Counts for statistics."""

from alembic import op

revision = "0003"
down_revision = "0002"

DDL = (
    """
    CREATE TABLE counts (
        period TEXT NOT NULL CHECK (length(period) IN (7, 13)),
        what TEXT NOT NULL,
        kind TEXT NOT NULL,
        n INTEGER NOT NULL CHECK (n >= 0),
        PRIMARY KEY (period, what, kind)
    ) STRICT
    """,
)


def upgrade() -> None:
    """Make the table."""
    for statement in DDL:
        op.execute(statement)
