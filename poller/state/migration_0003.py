"""Several Segment sources: the outbox knows the shop of a message, and delivery stands for each source by itself."""

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, MetaData, String, Table, Text

_tables = MetaData()
_standing = Table(
    "standing",
    _tables,
    Column("source", String(64), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger),
    Column("stopped", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", BigInteger),
)
_STATEMENTS = (
    "ALTER TABLE outbox ADD COLUMN shop_id INTEGER DEFAULT '0' NOT NULL",
    "DROP INDEX outbox_waiting",
    "CREATE INDEX outbox_waiting ON outbox (status, lane, shop_id, seq)",
    "INSERT INTO standing SELECT 'default', attempts, not_before, stopped, reason, since FROM delivery",
    "DROP TABLE delivery",
)


def apply(connection: Connection) -> None:
    """Messages that wait go to the default source, and its backoff or stop goes on."""
    _standing.create(connection, checkfirst=False)
    for statement in _STATEMENTS:
        connection.exec_driver_sql(statement)
