"""Slips at the bins that are owed."""

from alembic import op

revision = "0010"
down_revision = "0009"

DDL = (
    """
    CREATE TABLE sorter_slips (
        number INTEGER NOT NULL,
        form TEXT NOT NULL,
        item TEXT NOT NULL,
        cause TEXT NOT NULL,
        call_number TEXT NOT NULL,
        destination TEXT NOT NULL,
        begun INTEGER NOT NULL CHECK (begun IN (0, 1)),
        PRIMARY KEY (number, form)
    ) STRICT
    """,
)


def upgrade() -> None:
    """Make the table."""
    for statement in DDL:
        op.execute(statement)
