"""The sweep keeps what it saw of every order and customer, by blocks of a thousand keys."""

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, MetaData, String, Table

_swept = Table(
    "swept",
    MetaData(),
    Column("thing", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Integer),
    Column("digest", LargeBinary),
    Column("below", LargeBinary),
    Column("states", BigInteger),
    Column("refunds", LargeBinary),
    Column("read_at", BigInteger, nullable=False),
    Column("doubted_at", BigInteger),
    Column("rows", LargeBinary, nullable=False),
)


def apply(connection: Connection) -> None:
    """An empty table: everything is learned anew."""
    _swept.create(connection)
