"""The connection to the state store: short transactions, durable when they end, errors in the poller's words."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from poller.state.errors import is_busy, translated

_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.01
_FREE_PAGES = 2_000
_PAGES_AT_ONCE = 500
_WAL_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Database:
    """One state store; `file` is None for a database in memory, which all threads share one connection to."""

    engine: Engine
    file: Path | None

    @property
    def place(self) -> str:
        """What messages call it."""
        return str(self.file or "in memory")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; waits for nobody and nobody waits for it."""
        with translated(self.place), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it is on disk when the block ends, or none of it.

        The write lock is taken at the beginning, so what is read in it stays true until it ends.
        """
        writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        with translated(self.place), writer.begin() as connection:
            yield connection

    def give_back(self, connection: Connection) -> None:
        """Return some of the pages that a backlog took, when there are more than everyday work will use again."""
        free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        # Page by page: Python's driver takes only the first step of a statement without columns.
        for _ in range(min(free - _FREE_PAGES, _PAGES_AT_ONCE)):
            connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")

    def size_bytes(self) -> int:
        """The size on disk, the write-ahead log included; in memory, that of its pages."""
        if self.file is None:
            with self.read() as connection:
                pages, page = (connection.exec_driver_sql(f"PRAGMA {what}").scalar_one() for what in _SIZES)
                return int(pages * page)
        parts = (self.file, self.file.with_name(self.file.name + "-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())

    def copy_to(self, target: Path) -> int:
        """Copy everything, as of one moment, into a file that is there and empty; returns its bytes.

        SQLite's own backup: it begins anew when somebody writes meanwhile, so that the copy is whole.
        """
        with translated(str(target)), self.engine.connect() as connection:
            source = connection.connection.driver_connection
            copy = sqlite3.connect(target)
            try:
                if isinstance(source, sqlite3.Connection):
                    source.backup(copy)
                copy.commit()
            finally:
                copy.close()
        return target.stat().st_size

    def damage(self) -> str:
        """What SQLite's own check finds, "" if nothing."""
        with self.read() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        return "" if found == "ok" else " ".join(str(found).split())

    def close(self) -> None:
        """Give the connections back; the last one to go folds the write-ahead log into the file."""
        self.engine.dispose()


def connect(file: Path | None, *, read_only: bool = False) -> Database:
    """Describe the database; the first transaction opens it."""
    engine = create_engine(
        "sqlite://",
        creator=_opener(file, read_only=read_only),
        poolclass=QueuePool,
        pool_size=5 if file else 1,
        max_overflow=5 if file else 0,
        pool_timeout=_PATIENCE_SECONDS,
        hide_parameters=True,  # a parameter may be a customer's data, and an exception may reach a log
    )
    event.listen(engine, "begin", _begin)
    return Database(engine, file)


def _begin(connection: Connection) -> None:
    """Python's driver would begin late and in the wrong mode, so it is told to leave that to us (isolation None)."""
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _opener(file: Path | None, *, read_only: bool) -> Callable[[], sqlite3.Connection]:
    # mode=rw, not rwc: a file removed under a running poller must not come back empty, and with the wrong mode.
    target = f"file:{quote(str(file))}?mode={'ro' if read_only else 'rw'}" if file else ":memory:"

    def open_one() -> sqlite3.Connection:
        connection = sqlite3.connect(
            target,
            uri=file is not None,
            timeout=_PATIENCE_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # the pool hands a connection to one thread at a time
        )
        try:
            if read_only:
                connection.execute("PRAGMA query_only = ON")
            else:
                if connection.execute("PRAGMA page_count").fetchone() == (0,):
                    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # heeded only by an empty file
                _keep_a_log(connection)
                for pragma in _WRITER:
                    connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    return open_one


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging, where readers and the writer do not wait for one another.

    While another process makes the same switch SQLite answers "locked" at once, without its usual patience.
    """
    deadline = monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or monotonic() > deadline:
                raise
            sleep(_PAUSE_SECONDS)
        else:
            return


_SIZES = ("page_count", "page_size")
_WRITER = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # What was delivered or purged is overwritten, not only forgotten: it was a customer's.
    "PRAGMA secure_delete = ON",
    f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}",
)
