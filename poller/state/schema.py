"""The tables of the state store as the code reads them; `migrations` is how a file gets there, and a test compares."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from poller.state.columns import Instant, MessageId

metadata = MetaData()

# SQLite counts up only a column that it calls INTEGER.
_Serial = BigInteger().with_variant(Integer, "sqlite")

schema_version = Table(
    "schema_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("title", String(100), nullable=False),
    Column("applied_at", Instant, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("lane", String(64), primary_key=True),
    Column("feed", String(64), primary_key=True),
    Column("mark", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

memory = Table(
    "memory",
    metadata,
    Column("thing", String(32), primary_key=True),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("digest", LargeBinary),
    Column("again", Instant),
    Column("touched_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("memory_again", memory.c.again, sqlite_where=memory.c.again.is_not(None))
Index("memory_touched", memory.c.thing, memory.c.touched_at)

# `text` stands last of what is read with a row: what precedes it is read without the pages that a long text overflows
# into. `shop_id` came later (migration 3); it is read from the index alone.
outbox = Table(
    "outbox",
    metadata,
    Column("seq", _Serial, primary_key=True),
    Column("message_id", MessageId, nullable=False, unique=True),
    Column("lane", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("thing", String(32), nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("customer_id", BigInteger),
    Column("occurred_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("status", String(8), nullable=False),
    Column("reason", Text),
    Column("buried_at", Instant),
    Column("text", Text, nullable=False),
    Column("shop_id", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
Index("outbox_waiting", outbox.c.status, outbox.c.lane, outbox.c.shop_id, outbox.c.seq)
Index("outbox_customer", outbox.c.customer_id, sqlite_where=outbox.c.customer_id.is_not(None))

name = Table(
    "name",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("thing", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    UniqueConstraint("thing", "name"),
)

# One row for every event ever delivered, kept for ever: each byte counts, hence numbers for words, and whole seconds.
ledger = Table(
    "ledger",
    metadata,
    Column("message_id", MessageId, primary_key=True),
    Column("name_id", Integer, ForeignKey("name.id"), nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("occurred", BigInteger, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("delivered", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

suppressed = Table(
    "suppressed",
    metadata,
    Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(32), nullable=False),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# `rows` stands last, and the table is an ordinary one: its short columns are read without the pages of the long one.
swept = Table(
    "swept",
    metadata,
    Column("thing", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Integer),
    Column("digest", LargeBinary),
    Column("below", LargeBinary),
    Column("states", BigInteger),
    Column("refunds", LargeBinary),
    Column("read_at", Instant, nullable=False),
    Column("doubted_at", Instant),
    Column("rows", LargeBinary, nullable=False),
)

standing = Table(
    "standing",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant),
    Column("stopped", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Instant),
)

# What became of messages, by five minutes and, at period 0, ever: the ledger is too long to be counted at each look.
tally = Table(
    "tally",
    metadata,
    Column("period", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", String(16), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("messages", Integer, nullable=False),
    sqlite_with_rowid=False,
)

run = Table(
    "run",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("door", String(32), nullable=False),
    Column("lane", String(64), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", String(32)),
    Column("detail", Text),
    sqlite_autoincrement=True,
)
