"""Whether a crate stands at a bin by all that its belt has told so far, which decides what falls into one."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column: at first what its sensor said last."""
    op.execute("ALTER TABLE sorter_bins ADD COLUMN stands INTEGER")
    op.execute("UPDATE sorter_bins SET stands = present")
