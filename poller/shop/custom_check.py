"""What can be wrong with a custom event, found by running its statement once over what is there."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, Row
from sqlalchemy.exc import SQLAlchemyError

from poller.engine.findings import Finding
from poller.errors import ShopStatementError
from poller.shop.custom import CustomRows, Failures, read_rows
from poller.shop.custom_files import SEE, CustomSource
from poller.shop.schema import Schema
from poller.shop.session import Session
from poller.shop.statements import Statement
from poller.streams.custom import META, STAMP

TOPIC: Final = "custom event"
_SAMPLE = 50
_FAR = 2**62
_FEW_ROWS = 10_000
_FULL_SCAN = "full scan"


def inspect_custom(
    session: Session, schema: Schema, sources: Sequence[CustomSource], *, now: datetime
) -> Iterator[Finding]:
    """Each custom event: the first problem that makes the rest impossible ends what is said of it."""
    for source in sources:
        if source.broken or source.statement is None:
            yield (
                Finding("problem", TOPIC, source.broken.message, source.broken.hint) if source.broken else _off(source)
            )
            continue
        try:
            yield from _one(session, schema, source, source.statement, now=now)
        except ShopStatementError as error:
            yield Finding("problem", TOPIC, error.message, _remedy(error, source.statement, schema))


def _one(
    session: Session, schema: Schema, source: CustomSource, statement: Statement, *, now: datetime
) -> Iterator[Finding]:
    missing = [table for table in statement.reads if table not in schema.columns]
    if not statement.is_available(schema.columns):
        yield _off(source)
        return
    if missing:
        table = f"{schema.prefix}{missing[0]}"
        hint = f"Correct its name, or grant SELECT on it; if only some shops have it: -- needs      PREFIX_{missing[0]}"
        yield Finding("problem", TOPIC, f"{statement.name} reads {table}, which is not there or not readable.", hint)
        return
    found = read_rows(session, source, after=0, until=_FAR, limit=_SAMPLE, now=now, failures=Failures())
    told = [*_page(session, source, found, now=now), *_columns(source, found), *_plan(session, schema, statement)]
    yield from told
    if not any(finding.level == "problem" for finding in told):
        columns = ", ".join(source.event.property_of(column) for column in source.event.columns if column not in META)
        text = f"{source.event.event} is told of {source.event.reads}: {columns or 'no properties'}."
        yield Finding("ok", TOPIC, text)


def _off(source: CustomSource) -> Finding:
    text = f"{source.event.name}: this shop lacks a table that the statement needs, so the event is off."
    return Finding("ok", TOPIC, text)


def _page(session: Session, source: CustomSource, found: CustomRows, *, now: datetime) -> Iterator[Finding]:
    """Whether :page_size and :until_id are heeded: a statement that reads everything each time would hurt the shop."""
    if len(found.rows) > 1:
        second = found.rows[1].mark_id
        one = read_rows(session, source, after=0, until=second, limit=1, now=now, failures=Failures())
        if len(one.rows) != 1:
            hint = f"End it with ORDER BY mark_id LIMIT :page_size. {SEE}"
            yield Finding("problem", TOPIC, f"{source.event.name}: the statement does not heed :page_size.", hint)


def _columns(source: CustomSource, found: CustomRows) -> Iterator[Finding]:
    """Whether dates are dates, and JSON knows the rest; judged by the first rows, where there are any."""
    name = source.event.name
    stamps = [row.stamp for row in found.rows if row.stamp is not None and not str(row.stamp).startswith("0000")]
    if stamps and not isinstance(stamps[0], datetime):
        hint = f"Select a DATETIME or TIMESTAMP column AS {STAMP}."
        yield Finding("problem", TOPIC, f"{name}: {STAMP} is not a date and time.", hint)
    for column, kind in _odd(found.rows).items():
        hint = {
            "binary": f"Select HEX({column}) AS {column}, or CONVERT({column} USING utf8mb4).",
            "time": f"Select TIME_FORMAT({column}, '%H:%i:%s') AS {column}.",
        }[kind]
        yield Finding("problem", TOPIC, f"{name}: {column} holds {kind} values, which JSON does not know.", hint)


def _odd(rows: Sequence[Row[Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for column, value in row._asdict().items():
            if isinstance(value, bytes):
                found[column] = "binary"
            elif isinstance(value, timedelta):
                found[column] = "time"
    return found


def _plan(session: Session, schema: Schema, statement: Statement) -> Iterator[Finding]:
    """Whether the index that the header names can serve it; a small table is rightly read whole."""
    binds = {"after_id": 0, "until_id": _FAR, "page_size": _SAMPLE}
    try:
        steps: CursorResult[Any] = session.explain(schema.fitted(statement), binds)
    except SQLAlchemyError:
        return
    rows = [row._asdict() for row in steps]
    first = rows[0] if rows else {}
    possible = str(first.get("possible_keys") or "").split(",")
    size = max((int(row.get("rows") or 0) for row in rows), default=0)
    is_scan = statement.served_by.startswith(_FULL_SCAN)
    if is_scan and size > _FEW_ROWS:
        text = f"{statement.name} reads a table of some {size} rows whole, every few seconds."
        yield Finding("warning", TOPIC, text, "Select by an indexed id, or add an index for it.")
    elif not is_scan and statement.served_by not in possible:
        text = f"{statement.name}: no index {statement.served_by} serves it."
        hint = "Filter and order by the indexed column itself (its primary key), or have an index made for it."
        yield Finding("problem", TOPIC, text, hint)


def _remedy(error: ShopStatementError, statement: Statement, schema: Schema) -> str:
    tables = ", ".join(f"{schema.prefix}{table}" for table in statement.reads)
    if "denied" in error.message.lower():
        return f"GRANT SELECT ON {tables} TO the poller's account."
    if "unknown column" in error.message.lower():
        return f"Correct the name; if only some shops have it, declare it optional in the header. {SEE}"
    return error.hint if error.hint and "poller check" not in error.hint else f"Correct the statement. {SEE}"
