"""What happened to a belt itself, beside its items: alarms, states and their causes, jams."""

from alembic import op

revision = "0008"
down_revision = "0007"

DDL = (
    """
    CREATE TABLE sorter_history (
        seq INTEGER NOT NULL PRIMARY KEY,
        at TEXT NOT NULL,
        what TEXT NOT NULL,
        zone INTEGER NOT NULL,
        number INTEGER NOT NULL,
        state INTEGER NOT NULL,
        because TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX sorter_history_what ON sorter_history (what, seq)",
)


def upgrade() -> None:
    """Make the table."""
    for statement in DDL:
        op.execute(statement)
