"""Custom events as the operator writes them: one SELECT in a file, read and judged before it ever runs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from poller.errors import ConfigurationError
from poller.shop.statements import Statement, parse
from poller.streams.custom import FOLDER, META, WHO, CustomEvent

BINDS: Final = ("after_id", "until_id", "page_size")
SEE: Final = "See docs/how-to/custom-events.md."
_TABLE = re.compile(r"\bPREFIX_(\w+)")
_BIND = re.compile(r"(?<![:\w\\]):(\w+)")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`|/\*.*?\*/|--[^\n]*|#[^\n]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CustomSource:
    """A custom event and its statement; `broken` says why there is none to run."""

    event: CustomEvent
    statement: Statement | None
    broken: ConfigurationError | None = None


def read_custom(event: CustomEvent, file: Path) -> CustomSource:
    """Read the operator's file; one that cannot be used is told of at every poll, and holds up nothing else."""
    try:
        statement = _checked(event.name, file)
        columns = columns_of(statement.sql)
        _require_columns(event, columns)
    except ConfigurationError as error:
        return CustomSource(event, None, error)
    reads = ", ".join(f"PREFIX_{table}" for table in statement.reads)
    return CustomSource(replace(event, columns=columns, reads=reads), statement)


def _checked(name: str, file: Path) -> Statement:
    """The file's statement, if it keeps the rules of sql/README.md as far as the text shows it."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        hint = "Put the statement there, or name its file in custom_events."
        raise ConfigurationError(f"Custom event {name}: cannot read {file}: {reason}.", hint=hint) from None
    statement = parse(f"{FOLDER}{name}", text)
    bare = _QUOTED.sub(" ", statement.sql)
    tables = set(_TABLE.findall(statement.sql))
    binds = set(_BIND.findall(statement.sql))
    wrong: Sequence[tuple[bool, str, str]] = (
        (not text.startswith("-- "), "has no header", "Begin with a sentence after `-- `, then reads and served by."),
        (";" in bare, "holds more than one statement", "Keep one SELECT, without a semicolon."),
        (not re.match(r"\s*SELECT\b", bare, re.IGNORECASE), "is not a SELECT", "Write one SELECT: it may only read."),
        (
            bool(re.search(r"\bINTO\b|\bFOR\s+(UPDATE|SHARE)\b|\bLOCK\s+IN\b", bare, re.IGNORECASE)),
            "writes or takes a lock",
            "Take INTO, FOR UPDATE and LOCK IN SHARE MODE away.",
        ),
        (
            not statement.served_by,
            "names no index",
            "Say which index finds the rows: -- served by  PRIMARY",
        ),
        (not tables, "reads no table with PREFIX_", "Write tables as PREFIX_name; the prefix is filled in."),
        (
            tables != set(statement.reads),
            "reads other tables than its header says",
            f"Write: -- reads      {', '.join(f'PREFIX_{table}' for table in sorted(tables))}",
        ),
        (
            binds != set(BINDS),
            "must use :after_id, :until_id and :page_size, and no other value",
            "Filter by `mark_id > :after_id AND mark_id <= :until_id`, order by it, and LIMIT :page_size.",
        ),
    )
    for is_wrong, complaint, remedy in wrong:
        if is_wrong:
            raise ConfigurationError(f"Custom event {name}: {file.name} {complaint}.", hint=f"{remedy} {SEE}")
    return statement


def columns_of(sql: str) -> tuple[str, ...]:
    """The names of a SELECT's results, as far as its text gives them."""
    bare = _QUOTED.sub(lambda match: match[0] if match[0].startswith("`") else "''", sql)
    words = re.findall(r"\w+|`[^`]*`|\S|\s+", re.sub(r"^\s*SELECT\b", "", bare, flags=re.IGNORECASE))
    names: list[str] = []
    depth, part = 0, ""
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth or (word != "," and word.upper() != "FROM"):
            part += word
            continue
        names.append(re.split(r"[\s.]", part.strip())[-1].strip("`"))
        part = ""
        if word != ",":
            break
    return tuple(names)


def _require_columns(event: CustomEvent, columns: Sequence[str]) -> None:
    """What every row must say, and what the settings speak of."""
    where = f"Custom event {event.name}: the statement"
    for column, meaning in (("mark_id", "the row's increasing id"), ("stamp", "its date")):
        if column not in columns:
            raise ConfigurationError(f"{where} has no column {column}.", hint=f"Select {meaning} AS {column}. {SEE}")
    if not set(WHO) & set(columns):
        hint = f"Select whom it is about AS customer_id, cart_id or guest_id. {SEE}"
        raise ConfigurationError(f"{where} does not say whom a row is about.", hint=hint)
    if len(set(columns)) < len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        raise ConfigurationError(f"{where} has two columns {twice}.", hint=f"Rename one of them. {SEE}")
    for column in sorted({*event.properties, *event.ids, *event.money} - set(columns)):
        hint = f"Its columns are {', '.join(columns)}."
        raise ConfigurationError(f"{where} has no column {column}, which custom_events names.", hint=hint)
    properties = [event.property_of(column) for column in columns if column not in META]
    if len(set(properties)) < len(properties):
        raise ConfigurationError(f"{where} gives one property two columns.", hint="Rename one in custom_events.")
