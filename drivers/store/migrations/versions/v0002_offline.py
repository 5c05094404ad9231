"""What was done offline: several open rows an item, sent once more when found not done, promised later."""

from alembic import op

revision = "0002"
down_revision = "0001"

DDL = (
    "DROP INDEX effects_one_open",
    """
    CREATE UNIQUE INDEX effects_one_open ON effects (verb, item)
    WHERE no_block = 0 AND state NOT IN ('confirmed', 'refused', 'needs_staff')
    """,
    "CREATE INDEX effects_offline ON effects (no_block) WHERE no_block = 1",
    "DROP TRIGGER effects_begin",
    """
    CREATE TRIGGER effects_begin BEFORE INSERT ON effects
    WHEN NEW.state <> 'intent' OR NEW.attempts <> 0
        OR EXISTS (SELECT 1 FROM effects WHERE id = NEW.id)
        OR (NEW.no_block = 0 AND EXISTS (SELECT 1 FROM effects
            WHERE verb = NEW.verb AND item = NEW.item
                AND state NOT IN ('confirmed', 'refused', 'needs_staff')))
    BEGIN SELECT RAISE(ABORT, 'an effect begins as the only intent of its verb and item'); END
    """,
    "DROP TRIGGER effects_move",
    """
    CREATE TRIGGER effects_move BEFORE UPDATE ON effects
    WHEN NEW.id <> OLD.id OR NEW.verb <> OLD.verb OR NEW.item <> OLD.item
        OR NEW.device <> OLD.device OR NEW.session <> OLD.session OR NEW.trace <> OLD.trace
        OR NEW.occurred_at <> OLD.occurred_at
        OR (NEW.no_block = OLD.no_block AND (
            OLD.state || '>' || NEW.state NOT IN (
                'intent>sent', 'intent>refused',
                'sent>sent', 'sent>unknown', 'sent>confirmed', 'sent>refused',
                'unknown>settling',
                'settling>settling', 'settling>confirmed', 'settling>refused',
                'settling>needs_staff', 'settling>sent')
            OR (OLD.state = 'settling' AND NEW.state = 'sent' AND OLD.no_block = 0)
            OR NEW.attempts <> OLD.attempts + (NEW.state IN ('sent', 'settling'))
            OR NEW.nb_due IS NOT OLD.nb_due))
        OR (NEW.no_block <> OLD.no_block AND (
            OLD.no_block <> 0 OR NEW.no_block <> 1
            OR NEW.state <> OLD.state OR OLD.state NOT IN ('sent', 'unknown', 'settling')
            OR NEW.attempts <> OLD.attempts))
    BEGIN SELECT RAISE(ABORT, 'no such move of an effect'); END
    """,
)


def upgrade() -> None:
    """Let rows that were done offline be what they are."""
    for statement in DDL:
        op.execute(statement)
