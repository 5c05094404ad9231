"""The sort plans that a plant has run by, and by which of them each decision was made."""

from alembic import op

revision = "0007"
down_revision = "0006"

DDL = (
    """
    CREATE TABLE sorter_plans (
        fingerprint TEXT NOT NULL PRIMARY KEY CHECK (length(fingerprint) = 64),
        seq INTEGER NOT NULL,
        file TEXT NOT NULL,
        toml TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX sorter_plans_seq ON sorter_plans (seq)",
    "ALTER TABLE sorter_decisions ADD COLUMN plan TEXT NOT NULL DEFAULT ''",
)


def upgrade() -> None:
    """Make them."""
    for statement in DDL:
        op.execute(statement)
