"""Sessions with the shop's database: short, read-only, within limits; none is open between polls."""

import codecs
import time
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    BindParameter,
    Connection,
    CursorResult,
    Engine,
    TextClause,
    bindparam,
    create_engine,
    event,
    select,
    text,
)
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from poller.errors import ConfigurationError, ShopStatementError
from poller.shop.encryption import Encryption
from poller.shop.failures import translate
from poller.shop.schema import Schema
from poller.shop.statements import Statement, statements
from poller.shop.transport import Transport

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

CHUNK = 500
"""Ids in one statement: from 1,000 on MariaDB turns the list into a table of its own and forgets the index."""
_LENIENT = "utf8-lenient"
_CLOCK = "session/clock"


def make_engine(url: URL, *, statement_timeout: timedelta, encryption: Encryption | None = None) -> Engine:
    """An engine for the shop's database; raises ConfigurationError for a driver that is not installed."""
    codecs.register(_lenient_utf8)
    arguments: dict[str, Any] = {"connect_timeout": 10}
    if url.get_driver_name() == "pymysql":
        arguments |= {"read_timeout": 60, "charset": "utf8mb4"}
    arguments |= (encryption or Encryption()).arguments(url)
    try:
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigurationError(
            f"There is no driver for shop.url ({url.drivername}).",
            hint="Use mysql+pymysql://…, or install the extra `fast` for mysql+mysqldb://…",
        ) from error
    if url.get_driver_name() == "pymysql":
        Transport().attach(engine)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        _prepare(connection, statement_timeout)

    return engine


def _prepare(connection: Any, statement_timeout: timedelta) -> None:
    """Give every session the server's own zone (innodb_trx is printed in it), a time limit, and one kind of reading."""
    if hasattr(connection, "encoding"):
        connection.encoding = _LENIENT
    cursor = connection.cursor()
    cursor.execute("SELECT VERSION()")
    version = str(cursor.fetchone()[0]).lower()
    is_mariadb = "mariadb" in version
    seconds = statement_timeout.total_seconds()
    limit = f"max_statement_time={seconds}" if is_mariadb else f"max_execution_time={int(seconds * 1000)}"
    if not is_mariadb and int(version.split(".")[0]) >= 8:  # noqa: PLR2004 (there, such figures are kept for a day)
        limit += ", information_schema_stats_expiry=0"
    cursor.execute(f"SET SESSION sql_mode='', time_zone='SYSTEM', lock_wait_timeout=2, {limit}")
    cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    cursor.close()


def _lenient_utf8(name: str) -> codecs.CodecInfo | None:
    """UTF-8 that replaces what it cannot read: one damaged text must not stop a feed."""
    if name.replace("_", "-") != _LENIENT:
        return None

    def decode(data: "Buffer", _errors: str = "strict", /) -> tuple[str, int]:
        raw = bytes(data)
        return raw.decode("utf-8", "replace"), len(raw)

    return codecs.CodecInfo(codecs.utf_8_encode, decode, name=_LENIENT)


class Session:
    """One open session: statements by name, rows as tuples with names."""

    def __init__(self, connection: Connection, schema: Schema) -> None:
        self._connection = connection
        self._schema = schema
        self.has_failed = False
        self.spent_seconds = 0.0
        self._trip_seconds = 0.0

    def text(self, name: str) -> str:
        """A statement as it is sent, its values apart."""
        return str(self._schema.fitted(statements()[name]))

    def full_name(self, table: str) -> str:
        """A table's name in the database."""
        return f"{self._schema.prefix}{table}"

    def rows(self, name: str, **binds: object) -> Sequence[Any]:
        """Run a statement: its rows as named tuples; none where a table it needs is missing.

        SQLAlchemy's own rows take ten times as long to find a value by its name, and an order has a hundred.
        """
        statement = statements()[name]
        if not statement.is_available(self._schema.columns):
            return ()
        began = time.monotonic() - time.thread_time()
        try:
            result = self._connection.execute(self._schema.fitted(statement), binds)
            return [*map(_shape(*result.keys()), result.all())]
        except SQLAlchemyError as error:
            self.has_failed = True
            raise translate(error, name) from error
        finally:
            self._spend(name, time.monotonic() - time.thread_time() - began)

    def _spend(self, name: str, seconds: float) -> None:
        """Count what a statement took the database: without this thread's own work, and without the way there and back.

        The clock takes the server no time at all: what it takes is the way.
        """
        if name == _CLOCK:
            self._trip_seconds = seconds
        else:
            self.spent_seconds += max(seconds - self._trip_seconds, 0.0)

    def run(self, statement: Statement, **binds: object) -> CursorResult[Any] | None:
        """Run a statement of the operator's own; None where a table it needs is missing.

        Whatever is wrong with it raises ShopStatementError, unless the connection is gone.
        """
        if not statement.is_available(self._schema.columns):
            return None
        try:
            return self._connection.execute(self._schema.fitted(statement), binds)
        except DBAPIError as error:
            raise translate(error, statement.name) from error
        except SQLAlchemyError as error:
            raise ShopStatementError(
                f"{statement.name} cannot be run ({type(error).__name__}).", hint="See `poller check`."
            ) from error

    def explain(self, statement: TextClause, binds: Mapping[str, object]) -> CursorResult[Any]:
        """How the server would run a statement: the one place where words are put before somebody's SQL."""
        return self._connection.execute(text(f"EXPLAIN {statement.text}"), binds)

    def rows_in(self, name: str, ids: Sequence[int], **binds: object) -> Iterator[Any]:
        """Run a statement over a list of ids, a chunk at a time."""
        for start in range(0, len(ids), CHUNK):
            yield from self.rows(name, ids=list(ids[start : start + CHUNK]), **binds)

    def rows_by(self, name: str, names: Sequence[str]) -> Iterator[Any]:
        """Run a statement over a list of texts, a chunk at a time."""
        for start in range(0, len(names), CHUNK):
            yield from self.rows(name, names=list(names[start : start + CHUNK]))

    def lookup(self, table: str, key: str, column: str, ids: Sequence[int]) -> dict[int, object]:
        """One column of any table by an integer key: for the operator's own customer id, which no file can name."""
        source = sql_table(f"{self._schema.prefix}{table}", sql_column(key), sql_column(column))
        found: dict[int, object] = {}
        try:
            for start in range(0, len(ids), CHUNK):
                wanted = list(ids[start : start + CHUNK])
                query = select(source.c[key], source.c[column]).where(source.c[key].in_(wanted))
                found.update((row[0], row[1]) for row in self._connection.execute(query))
        except SQLAlchemyError as error:
            raise translate(error, f"user_id.custom ({table}.{column})") from error
        return found

    def one(self, name: str, **binds: object) -> Any:
        """Run a statement that has exactly one row."""
        return self.rows(name, **binds)[0]

    def cipher(self) -> str:
        """How this connection is encrypted; empty if it is not."""
        row = self._connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Ssl_cipher'").first()
        return str(row[1]) if row else ""

    def show(self, *statements: str) -> Mapping[str, Any] | None:
        """The first row of the first of these SHOW statements that server and account know, or None."""
        for statement in statements:
            with suppress(DBAPIError):
                row = self._connection.exec_driver_sql(statement).mappings().first()
                return dict(row) if row else None
        return None

    def plan(self, name: str, **binds: object) -> tuple[str, int]:
        """The index that finds the rows of a statement's first table, and how many rows the server expects to read."""
        clause = self._schema.fitted(statements()[name])
        explained = text(f"EXPLAIN {clause.text}").bindparams(*_lists(clause.text))
        row = self._connection.execute(explained, binds).mappings().first()
        return (str(row["key"] or ""), int(row["rows"] or 0)) if row else ("", 0)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One consistent read-only view for all statements inside."""
        try:
            self._connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        except SQLAlchemyError as error:
            raise translate(error, "connect") from error
        try:
            yield
        finally:
            self._end()

    def _end(self) -> None:
        try:
            self._connection.exec_driver_sql("COMMIT")
        except SQLAlchemyError:
            # The view held no locks and no changes: with the session gone there is nothing left to end.
            self._connection.invalidate()


@lru_cache(maxsize=256)
def _shape(*columns: str) -> Callable[[Iterable[object]], tuple[object, ...]]:
    """What makes a named tuple of a row's values; a column without a name of its own is read by its place."""
    tuple_named: Callable[..., Any] = namedtuple  # noqa: PYI024 - the columns are known only here
    make: Callable[[Iterable[object]], tuple[object, ...]] = tuple_named("Row", columns, rename=True)._make
    return make


def _lists(sql: str) -> list[BindParameter[object]]:
    return [bindparam(name, expanding=True) for name in ("ids", "names") if f":{name}" in sql]


@contextmanager
def connect(engine: Engine) -> Iterator[Connection]:
    """A connection for the time of the block."""
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        raise translate(error, "connect") from error
    try:
        yield connection
    finally:
        connection.close()
