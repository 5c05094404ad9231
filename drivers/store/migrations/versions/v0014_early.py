"""A swap that was scanned before the belt told of it, and the crate that stood there before."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the columns."""
    op.execute("ALTER TABLE sorter_bins ADD COLUMN early INTEGER NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE sorter_bins ADD COLUMN before TEXT NOT NULL DEFAULT ''")
