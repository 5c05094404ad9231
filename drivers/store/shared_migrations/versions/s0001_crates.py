"""Where materials are, for all branches: crates, the last place of each item, and all that happened to them."""

from alembic import op

revision = "s0001"
down_revision = None

DDL = (
    """
    CREATE TABLE ims_crates (
        label TEXT NOT NULL PRIMARY KEY,
        state TEXT NOT NULL CHECK (state IN ('empty', 'docked', 'closed', 'sent', 'received')),
        chute TEXT NOT NULL,
        branch TEXT NOT NULL,
        destination TEXT NOT NULL,
        since TEXT NOT NULL,
        round TEXT NOT NULL,
        CHECK ((state = 'docked') = (chute <> ''))
    )
    """,
    "CREATE UNIQUE INDEX ims_crates_docked ON ims_crates (branch, chute) WHERE state = 'docked'",
    """
    CREATE TABLE ims_places (
        item TEXT NOT NULL PRIMARY KEY,
        branch TEXT NOT NULL,
        station TEXT NOT NULL,
        bin TEXT NOT NULL,
        crate TEXT NOT NULL,
        number INTEGER NOT NULL,
        rule TEXT NOT NULL,
        cause TEXT NOT NULL,
        destination TEXT NOT NULL,
        since TEXT NOT NULL,
        why TEXT NOT NULL
    )
    """,
    "CREATE INDEX ims_places_crate ON ims_places (crate) WHERE crate <> ''",
    """
    CREATE TABLE ims_events (
        pos INTEGER NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        station TEXT NOT NULL,
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        what TEXT NOT NULL,
        branch TEXT NOT NULL,
        crate TEXT NOT NULL,
        chute TEXT NOT NULL,
        destination TEXT NOT NULL,
        item TEXT NOT NULL,
        number INTEGER NOT NULL,
        bin TEXT NOT NULL,
        rule TEXT NOT NULL,
        cause TEXT NOT NULL,
        fresh INTEGER NOT NULL CHECK (fresh IN (0, 1)),
        why TEXT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ims_events_once ON ims_events (station, stream, seq)",
    "CREATE INDEX ims_events_item ON ims_events (item) WHERE item <> ''",
    "CREATE INDEX ims_events_crate ON ims_events (crate) WHERE crate <> ''",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in DDL:
        op.execute(statement)
