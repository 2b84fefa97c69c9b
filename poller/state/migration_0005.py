"""The tally of what became of messages; what was delivered before is counted once, from the ledger."""

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table

_tables = MetaData()
Table(
    "tally",
    _tables,
    Column("period", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", String(16), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("messages", Integer, nullable=False),
    sqlite_with_rowid=False,
)


def apply(connection: Connection) -> None:
    """Create the table and fill in what is known."""
    _tables.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(
        "INSERT INTO tally (period, outcome, name, messages) "
        "SELECT 0, 'delivered', n.name, COUNT(*) FROM ledger AS l JOIN name AS n ON l.name_id = n.id GROUP BY n.name"
    )
