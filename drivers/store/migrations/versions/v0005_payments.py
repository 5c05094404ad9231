"""Money that was asked for at the terminal."""

from alembic import op

revision = "0005"
down_revision = "0004"

DDL = (
    """
    CREATE TABLE payments (
        reference TEXT PRIMARY KEY NOT NULL,
        amount INTEGER NOT NULL CHECK (amount > 0),
        before INTEGER,
        receipt INTEGER,
        owed INTEGER
    ) STRICT
    """,
    """
    CREATE TRIGGER payments_stand BEFORE UPDATE ON payments
    WHEN NEW.reference <> OLD.reference OR NEW.amount <> OLD.amount OR NEW.before IS NOT OLD.before
        OR (OLD.receipt IS NOT NULL AND NEW.receipt IS NOT OLD.receipt)
    BEGIN SELECT RAISE(ABORT, 'what was asked for and booked does not change'); END
    """,
    """
    CREATE TRIGGER payments_stay BEFORE DELETE ON payments
    BEGIN SELECT RAISE(ABORT, 'payments are kept'); END
    """,
)


def upgrade() -> None:
    """Make the table."""
    for statement in DDL:
        op.execute(statement)
