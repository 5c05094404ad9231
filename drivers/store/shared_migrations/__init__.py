"""The database that branches share: one forward-only tree of literal DDL for PostgreSQL, apart from a station's own."""

from pathlib import Path

from sqlalchemy import Connection

REVISIONS = ("s0001", "s0002")
"""Every schema this program knows, oldest first."""
NEWEST = REVISIONS[-1]


def upgrade(connection: Connection) -> None:
    """Bring the open transaction's database to the newest schema; nothing stands if a step fails."""
    from alembic import command  # slow to import, and seldom needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
