"""Journal, open effects, envelopes, tag debts, staff, attention cases."""

from alembic import op

revision = "0001"
down_revision = None

DDL = (
    # --- journal: numbered, chained, append-only -----------------------------------------------------
    """
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY NOT NULL,
        id TEXT NOT NULL,
        wall TEXT NOT NULL,
        mono_us INTEGER NOT NULL,
        boot_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        version INTEGER NOT NULL,
        entity TEXT NOT NULL,
        trace TEXT NOT NULL,
        payload TEXT NOT NULL CHECK (json_valid(payload)),
        prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT
    """,
    "CREATE UNIQUE INDEX journal_id ON journal (id)",
    """
    CREATE TABLE journal_head (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        verified INTEGER NOT NULL
    ) STRICT
    """,
    """
    INSERT INTO journal_head (one, stream, seq, hash, verified)
    VALUES (1, lower(hex(randomblob(16))), 0, zeroblob(32), 0)
    """,
    """
    CREATE TRIGGER journal_follows BEFORE INSERT ON journal
    WHEN NEW.seq <> (SELECT seq + 1 FROM journal_head)
        OR NEW.prev_hash <> (SELECT hash FROM journal_head)
        OR EXISTS (SELECT 1 FROM journal WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a journal row follows the one before'); END
    """,
    """
    CREATE TRIGGER journal_moves_head AFTER INSERT ON journal
    BEGIN UPDATE journal_head SET seq = NEW.seq, hash = NEW.hash; END
    """,
    """
    CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER journal_stays BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER journal_head_follows BEFORE UPDATE OF one, stream, seq, hash ON journal_head
    WHEN NEW.one <> OLD.one OR NEW.stream <> OLD.stream OR NOT EXISTS (
        SELECT 1 FROM journal WHERE seq = NEW.seq AND hash = NEW.hash
            AND seq = (SELECT max(seq) FROM journal))
    BEGIN SELECT RAISE(ABORT, 'the head is the last row'); END
    """,
    """
    CREATE TRIGGER journal_head_stays BEFORE DELETE ON journal_head
    BEGIN SELECT RAISE(ABORT, 'the journal has a head'); END
    """,
    # --- effects: allowed moves only, final rows for good, one open row a verb and item --------------
    """
    CREATE TABLE effects (
        id TEXT PRIMARY KEY NOT NULL,
        verb TEXT NOT NULL,
        item TEXT NOT NULL,
        device TEXT NOT NULL,
        session TEXT NOT NULL,
        trace TEXT NOT NULL,
        occurred_at TEXT NOT NULL,
        nb_due TEXT,
        no_block INTEGER NOT NULL CHECK (no_block IN (0, 1)),
        state TEXT NOT NULL CHECK (state IN (
            'intent', 'sent', 'unknown', 'settling', 'confirmed', 'refused', 'needs_staff')),
        attempts INTEGER NOT NULL CHECK (attempts >= 0),
        next_try TEXT,
        answer TEXT NOT NULL,
        "transaction" TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE UNIQUE INDEX effects_one_open ON effects (verb, item)
    WHERE state NOT IN ('confirmed', 'refused', 'needs_staff')
    """,
    """
    CREATE TRIGGER effects_begin BEFORE INSERT ON effects
    WHEN NEW.state <> 'intent' OR NEW.attempts <> 0
        OR EXISTS (SELECT 1 FROM effects WHERE id = NEW.id)
        OR EXISTS (SELECT 1 FROM effects WHERE verb = NEW.verb AND item = NEW.item
            AND state NOT IN ('confirmed', 'refused', 'needs_staff'))
    BEGIN SELECT RAISE(ABORT, 'an effect begins as the only intent of its verb and item'); END
    """,
    """
    CREATE TRIGGER effects_move BEFORE UPDATE ON effects
    WHEN OLD.state || '>' || NEW.state NOT IN (
            'intent>sent', 'intent>refused',
            'sent>sent', 'sent>unknown', 'sent>confirmed', 'sent>refused',
            'unknown>settling',
            'settling>settling', 'settling>confirmed', 'settling>refused', 'settling>needs_staff')
        OR NEW.attempts <> OLD.attempts + (NEW.state IN ('sent', 'settling'))
        OR NEW.id <> OLD.id OR NEW.verb <> OLD.verb OR NEW.item <> OLD.item
        OR NEW.device <> OLD.device OR NEW.session <> OLD.session OR NEW.trace <> OLD.trace
        OR NEW.occurred_at <> OLD.occurred_at OR NEW.nb_due IS NOT OLD.nb_due
        OR NEW.no_block <> OLD.no_block
    BEGIN SELECT RAISE(ABORT, 'no such move of an effect'); END
    """,
    """
    CREATE TRIGGER effects_stay BEFORE DELETE ON effects
    BEGIN SELECT RAISE(ABORT, 'effects are kept'); END
    """,
    # --- envelopes -----------------------------------------------------------------------------------
    """
    CREATE TABLE sealed (
        place TEXT PRIMARY KEY NOT NULL,
        key_id TEXT NOT NULL,
        nonce BLOB NOT NULL CHECK (length(nonce) = 12),
        box BLOB NOT NULL,
        expires_at TEXT NOT NULL
    ) STRICT
    """,
    # --- tag debts -----------------------------------------------------------------------------------
    """
    CREATE TABLE tag_debts (
        uid TEXT PRIMARY KEY NOT NULL CHECK (length(uid) = 16),
        wanted INTEGER NOT NULL CHECK (wanted BETWEEN 0 AND 255),
        why TEXT NOT NULL,
        item TEXT NOT NULL,
        effect TEXT REFERENCES effects (id),
        trace TEXT NOT NULL,
        since TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX tag_debts_item ON tag_debts (item)",
    # --- staff ---------------------------------------------------------------------------------------
    """
    CREATE TABLE staff (
        id TEXT PRIMARY KEY NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('viewer', 'staff', 'technician', 'admin')),
        pin_hash TEXT NOT NULL,
        tries INTEGER NOT NULL CHECK (tries >= 0),
        locked_until TEXT,
        active INTEGER NOT NULL CHECK (active IN (0, 1)),
        since TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE staff_means (
        means TEXT PRIMARY KEY NOT NULL,
        staff TEXT NOT NULL REFERENCES staff (id)
    ) STRICT
    """,
    # --- attention cases -----------------------------------------------------------------------------
    """
    CREATE TABLE cases (
        id TEXT PRIMARY KEY NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 3),
        effect TEXT REFERENCES effects (id),
        trace TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'taken', 'closed')),
        seen INTEGER NOT NULL CHECK (seen >= 1),
        opened_at TEXT NOT NULL,
        taken_by TEXT REFERENCES staff (id),
        closed_by TEXT REFERENCES staff (id),
        closed_at TEXT,
        reason TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX cases_one_open ON cases (kind, subject) WHERE state <> 'closed'",
    """
    CREATE TRIGGER cases_begin BEFORE INSERT ON cases
    WHEN NEW.state <> 'open' OR EXISTS (SELECT 1 FROM cases WHERE id = NEW.id)
        OR EXISTS (SELECT 1 FROM cases WHERE kind = NEW.kind AND subject = NEW.subject
            AND state <> 'closed')
    BEGIN SELECT RAISE(ABORT, 'a case begins open, the only one of its kind and subject'); END
    """,
    """
    CREATE TRIGGER cases_move BEFORE UPDATE ON cases
    WHEN OLD.state || '>' || NEW.state NOT IN (
            'open>open', 'open>taken', 'open>closed',
            'taken>taken', 'taken>open', 'taken>closed')
        OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject
        OR NEW.opened_at <> OLD.opened_at OR NEW.trace <> OLD.trace OR NEW.effect IS NOT OLD.effect
        OR (NEW.state = 'closed' AND (NEW.reason = '' OR NEW.closed_at IS NULL))
        OR (NEW.state = 'taken' AND NEW.taken_by IS NULL)
    BEGIN SELECT RAISE(ABORT, 'no such move of a case'); END
    """,
    """
    CREATE TRIGGER cases_stay BEFORE DELETE ON cases
    BEGIN SELECT RAISE(ABORT, 'cases are kept'); END
    """,
)


def upgrade() -> None:
    """Make all tables of the first release."""
    for statement in DDL:
        op.execute(statement)
