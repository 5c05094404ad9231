"""So many items lay in a bin before a time in which nobody saw whether it was emptied."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column."""
    op.execute("ALTER TABLE sorter_bins ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0")
