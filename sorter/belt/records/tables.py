"""The tables of the belt, of items and of bins."""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, text

metadata = MetaData()

belt = Table(
    "sorter_belt",
    metadata,
    Column("one", Integer, primary_key=True, nullable=False),
    Column("boot_id", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("info", Text, nullable=False),
    Column("doubted", Integer, nullable=False),
    Column("purged", Integer, nullable=False, server_default=text("0")),
    sqlite_strict=True,
)

items = Table(
    "sorter_items",
    metadata,
    Column("number", Integer, primary_key=True, nullable=False),
    Column("tid", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("bin", Integer, nullable=False),
    Column("since", Text, nullable=False),
    Column("ended", Text),
    Column("live", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("reported", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Index("sorter_items_item", "item"),
    Index("sorter_items_open", "number", sqlite_where=text("reported = 0")),
    Index("sorter_items_exceptions", "number", sqlite_where=text("seen = 0 AND cause <> 'none'")),
    sqlite_strict=True,
)

bins = Table(
    "sorter_bins",
    metadata,
    Column("name", Text, primary_key=True, nullable=False),
    Column("number", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("enabled", Integer, nullable=False),
    Column("present", Integer, nullable=False, server_default=text("1")),
    Column("untold", Integer, nullable=False, server_default=text("0")),
    Column("unseen", Integer, nullable=False, server_default=text("0")),
    Column("early", Integer, nullable=False, server_default=text("0")),
    Column("before", Text, nullable=False, server_default=text("''")),
    Column("stands", Integer),
    sqlite_strict=True,
)


def trace_of(number: int) -> str:
    """The trace of one item's way over the belt."""
    return f"item-{number}"
