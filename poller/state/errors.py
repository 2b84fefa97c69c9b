"""The database's errors in the operator's words; above this package nobody knows a library's exception."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from poller.errors import BugError, ConfigurationError, PollerError, StateBusyError, StateWriteError

_PRIMARY = 0xFF
"""SQLite's extended result codes keep the primary code in their lowest byte."""

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BROKEN = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_UNWRITABLE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
    }
)


def is_busy(error: BaseException) -> bool:
    """Whether another connection has what this one needs."""
    return _code(error) in _BUSY


def _code(error: BaseException) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Raise the poller's own errors for what the database says."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _translate(error, place) from error


def _translate(error: SQLAlchemyError, place: str) -> PollerError:
    # Only the driver's own sentence is told: SQLAlchemy's would add the statement.
    cause = error.orig if isinstance(error, StatementError) and error.orig else error
    code = _code(cause)
    if is_busy(cause) or isinstance(error, PoolTimeoutError):
        return StateBusyError(
            f"The state store {place} is busy: {cause}.",
            hint="Another poller writes for longer than ten seconds; `poller status` names it.",
        )
    if code in _BROKEN:
        return ConfigurationError(
            f"The state store {place} is damaged: {cause}.",
            hint="Restore its copy. Without one, move it away, set `namespace` in config.yaml to the installation's "
            "own, so that message ids stay the same, start anew, and run `poller backfill` for the time since.",
        )
    if code in _UNWRITABLE:
        return StateWriteError(
            f"Cannot write the state store {place}: {cause}.",
            hint="Look at the free space and the owner of its directory: df, ls -la. Nothing is lost meanwhile.",
        )
    return BugError(f"The state store {place} refused a statement: {type(cause).__name__}: {cause}.")
