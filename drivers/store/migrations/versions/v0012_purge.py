"""Whether a purge of a belt that is not believed has begun."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column."""
    op.execute("ALTER TABLE sorter_belt ADD COLUMN purged INTEGER NOT NULL DEFAULT 0")
