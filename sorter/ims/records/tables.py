"""Where materials are, as tables: the same in a plant's own database and in the one that branches share.

`ims_events` is what happened, each row once by station, stream and number; the other tables are what came of it. No
borrower is in them.
"""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, text

metadata = MetaData()

crates = Table(
    "ims_crates",
    metadata,
    Column("label", Text, primary_key=True, nullable=False),
    Column("state", Text, nullable=False),
    Column("chute", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("round", Text, nullable=False),
    Index(
        "ims_crates_docked",
        "branch",
        "chute",
        unique=True,
        sqlite_where=text("state = 'docked'"),
        postgresql_where=text("state = 'docked'"),
    ),
    sqlite_strict=True,
)

places = Table(
    "ims_places",
    metadata,
    Column("item", Text, primary_key=True, nullable=False),
    Column("branch", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("bin", Text, nullable=False),
    Column("crate", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index(
        "ims_places_crate",
        "crate",
        sqlite_where=text("crate <> ''"),
        postgresql_where=text("crate <> ''"),
    ),
    sqlite_strict=True,
)
"""The last place of each item; the state of its crate is the crate's."""

events = Table(
    "ims_events",
    metadata,
    Column("pos", Integer, primary_key=True, nullable=False),
    Column("station", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("crate", Text, nullable=False),
    Column("chute", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("bin", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("fresh", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Index("ims_events_once", "station", "stream", "seq", unique=True),
    Index(
        "ims_events_item",
        "item",
        sqlite_where=text("item <> ''"),
        postgresql_where=text("item <> ''"),
    ),
    Index(
        "ims_events_crate",
        "crate",
        sqlite_where=text("crate <> ''"),
        postgresql_where=text("crate <> ''"),
    ),
    sqlite_strict=True,
)

branches = Table(
    "ims_branches",
    metadata,
    Column("name", Text, primary_key=True, nullable=False),
    Column("plant", Integer, nullable=False),
    Column("central", Integer, nullable=False),
    Column("since", Text, nullable=False),
    sqlite_strict=True,
)
"""The branches that exchange materials, as the newest plan of a plant names them. `central`: all exchange by it."""

points = Table(
    "ims_points",
    metadata,
    Column("station", Text, primary_key=True, nullable=False),
    Column("branch", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("since", Text, nullable=False),
    sqlite_strict=True,
)
"""Sorting points: one a plant."""

chutes = Table(
    "ims_chutes",
    metadata,
    Column("station", Text, primary_key=True, nullable=False),
    Column("label", Text, primary_key=True, nullable=False),
    Column("branch", Text, nullable=False),
    Column("bin", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("destination", Text, nullable=False),
    Index("ims_chutes_label", "branch", "label"),
    sqlite_strict=True,
)
"""The chutes of each sorting point. The transport unit that stands at one is the crate that is docked there."""

scan = Table(
    "ims_scan",
    metadata,
    Column("one", Integer, primary_key=True, nullable=False),
    Column("kind", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("chute", Text, nullable=False),
    Column("crate", Text, nullable=False),
    Column("doubt", Text, nullable=False, server_default=""),
    sqlite_strict=True,
)
"""The first scan of a pair, or a pair that was refused for a doubt; in a plant's own database alone."""

shared = Table(
    "ims_shared",
    metadata,
    Column("one", Integer, primary_key=True, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("pulled", Integer, nullable=False),
    sqlite_strict=True,
)
"""How far this plant and the shared database know of each other; in a plant's own database alone."""

# a partial index serves a question that repeats its condition word for word (sqlite.org/partialindex.html, 3)
SOME_ITEM = text("item <> ''")
SOME_CRATE = text("crate <> ''")
