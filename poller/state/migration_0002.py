"""The ledger keeps the second in which a fact happened, and in which it was delivered, not only the days."""

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.dialects.mysql import BINARY

_tables = MetaData()
Table("name", _tables, Column("id", Integer, primary_key=True))
_anew = Table(
    "ledger_anew",
    _tables,
    Column("message_id", LargeBinary(16).with_variant(BINARY(16), "mysql", "mariadb"), primary_key=True),
    Column("name_id", Integer, ForeignKey("name.id"), nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("occurred", BigInteger, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("delivered", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
_FILL = """
INSERT INTO ledger_anew (message_id, name_id, "key", occurred, amount_minor, currency, delivered)
SELECT message_id, name_id, "key", day * 86400, amount_minor, currency, delivered * 86400 FROM ledger
"""


def apply(connection: Connection) -> None:
    """Write it anew; what was delivered before is dated at midnight UTC."""
    _anew.create(connection)
    connection.exec_driver_sql(_FILL)
    connection.exec_driver_sql("DROP TABLE ledger")
    connection.exec_driver_sql("ALTER TABLE ledger_anew RENAME TO ledger")
