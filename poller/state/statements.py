"""What databases write differently: insert what is new, or replace what is there. The one file that names a dialect."""

from collections.abc import Iterator, Sequence
from typing import TypeVar, cast

from sqlalchemy import Connection, Insert, Table, func
from sqlalchemy.dialects import sqlite

T = TypeVar("T")

_CHUNK = 500
"""Databases limit the values of one statement, and a plan for each length would fill the cache."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a list of keys to what one statement may hold."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def insert_new(table: Table) -> sqlite.Insert:
    """Insert rows, leaving those alone whose key exists."""
    return sqlite.insert(table).on_conflict_do_nothing()


def upsert(table: Table, *replaced: str, kept_for_null: Sequence[str] = ()) -> sqlite.Insert:
    """Insert rows; of those whose key exists, set `replaced`, and `kept_for_null` unless the new value is null."""
    statement = sqlite.insert(table)
    new = statement.excluded
    changes = {name: new[name] for name in replaced}
    kept = {name: func.coalesce(new[name], table.c[name]) for name in kept_for_null}
    return statement.on_conflict_do_update(index_elements=[*table.primary_key], set_=changes | kept)


def add_up(table: Table, counted: str) -> sqlite.Insert:
    """Insert rows; to those whose key exists, add what is counted."""
    statement = sqlite.insert(table)
    more = {counted: table.c[counted] + statement.excluded[counted]}
    return statement.on_conflict_do_update(index_elements=[*table.primary_key], set_=more)


def insert_numbered(connection: Connection, statement: Insert) -> int:
    """Insert one row; returns the number that the database gave it."""
    (number,) = cast("tuple[int]", connection.execute(statement).inserted_primary_key)
    return number
