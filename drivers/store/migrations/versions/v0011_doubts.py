"""The doubt for which a pair of scans at a bin was refused."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column."""
    op.execute("ALTER TABLE ims_scan ADD COLUMN doubt TEXT NOT NULL DEFAULT ''")
