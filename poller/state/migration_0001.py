"""The first tables, frozen as version 0.1.0 created them; later changes are migrations of their own."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import BINARY

_tables = MetaData()
_Serial = BigInteger().with_variant(Integer, "sqlite")
_MessageId = LargeBinary(16).with_variant(BINARY(16), "mysql", "mariadb")

Table(
    "schema_version",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("title", String(100), nullable=False),
    Column("applied_at", BigInteger, nullable=False),
)
Table("meta", _tables, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False))
Table(
    "checkpoint",
    _tables,
    Column("lane", String(64), primary_key=True),
    Column("feed", String(64), primary_key=True),
    Column("mark", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
_memory = Table(
    "memory",
    _tables,
    Column("thing", String(32), primary_key=True),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("digest", LargeBinary),
    Column("again", BigInteger),
    Column("touched_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("memory_again", _memory.c.again, sqlite_where=_memory.c.again.is_not(None))
Index("memory_touched", _memory.c.thing, _memory.c.touched_at)
_outbox = Table(
    "outbox",
    _tables,
    Column("seq", _Serial, primary_key=True),
    Column("message_id", _MessageId, nullable=False, unique=True),
    Column("lane", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("thing", String(32), nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("customer_id", BigInteger),
    Column("occurred_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("status", String(8), nullable=False),
    Column("reason", Text),
    Column("buried_at", BigInteger),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("outbox_waiting", _outbox.c.status, _outbox.c.lane, _outbox.c.seq)
Index("outbox_customer", _outbox.c.customer_id, sqlite_where=_outbox.c.customer_id.is_not(None))
Table(
    "name",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("thing", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    UniqueConstraint("thing", "name"),
)
Table(
    "ledger",
    _tables,
    Column("message_id", _MessageId, primary_key=True),
    Column("name_id", Integer, ForeignKey("name.id"), nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("delivered", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "suppressed",
    _tables,
    Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(32), nullable=False),
    Column("since", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "delivery",
    _tables,
    Column("id", SmallInteger, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger),
    Column("stopped", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", BigInteger),
)
Table(
    "run",
    _tables,
    Column("id", _Serial, primary_key=True),
    Column("door", String(32), nullable=False),
    Column("lane", String(64), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("outcome", String(32)),
    Column("detail", Text),
    sqlite_autoincrement=True,
)


def apply(connection: Connection) -> None:
    """Create them all."""
    _tables.create_all(connection, checkfirst=False)
