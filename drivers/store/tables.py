"""The store's own tables, as queries see them. Their rules (checks, triggers) stand in the migrations."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("wall", Text, nullable=False),
    Column("mono_us", Integer, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("entity", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("journal_id", "id", unique=True),
    sqlite_strict=True,
)

journal_head = Table(
    "journal_head",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("verified", Integer, nullable=False),
    sqlite_strict=True,
)

effects = Table(
    "effects",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    Column("verb", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("occurred_at", Text, nullable=False),
    Column("nb_due", Text),
    Column("no_block", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Text),
    Column("answer", Text, nullable=False),
    Column("transaction", Text, nullable=False, key="transaction_id"),
    Index(
        "effects_one_open",
        "verb",
        "item",
        unique=True,
        sqlite_where=text("no_block = 0 AND state NOT IN ('confirmed', 'refused', 'needs_staff')"),
    ),
    Index("effects_offline", "no_block", sqlite_where=text("no_block = 1")),
    sqlite_strict=True,
)

sealed = Table(
    "sealed",
    metadata,
    Column("place", Text, primary_key=True, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("box", LargeBinary, nullable=False),
    Column("expires_at", Text, nullable=False),
    sqlite_strict=True,
)

tag_debts = Table(
    "tag_debts",
    metadata,
    Column("uid", Text, primary_key=True, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("effect", Text, ForeignKey("effects.id")),
    Column("trace", Text, nullable=False),
    Column("since", Text, nullable=False),
    Index("tag_debts_item", "item"),
    sqlite_strict=True,
)
