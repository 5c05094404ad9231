"""One forward-only tree of literal DDL. It imports no room; a test compares its result with every records.py."""

from pathlib import Path

from sqlalchemy import Connection

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
)
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
