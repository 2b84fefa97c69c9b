"""The tables the poller reads, in every schema version of PrestaShop it must serve (versions/README.md)."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VERSIONS = ("1.6.1.24", "1.7.6.9", "1.7.7.8", "1.7.8.7", "8.0.0-beta.1", "8.2.0", "9.0.0", "9.1.0-dev")
_THREE_BYTES = ("1.6.1.24", "1.7.6.9")
_FILE = Path(__file__).with_name("versions") / "columns.csv"
_INDEX = re.compile(r"([PUI]):(\w+)\(([^)]+)\)")
_KEYS = {"P": "PRIMARY KEY", "U": "UNIQUE KEY `{}`", "I": "KEY `{}`"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as it is in one version; `indexes` are all that it is part of, as (kind, name, columns)."""

    name: str
    type: str
    is_nullable: bool
    default: str
    indexes: tuple[tuple[str, str, str], ...]

    def ddl(self) -> str:
        """The line that makes it."""
        default, _, extra = self.default.partition(" ")
        parts = [f"`{self.name}`", self.type, "" if self.is_nullable else "NOT NULL"]
        parts += ["" if default == "<none>" else f"DEFAULT {default}", extra]
        return " ".join(part for part in parts if part)


@cache
def tables(version: str) -> Mapping[str, Sequence[Column]]:
    """The tables of a version, without their prefix."""
    found: dict[str, list[Column]] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["versions"] == "all" or version in row["versions"].split():
                column = Column(
                    name=row["column"],
                    type=row["type"],
                    is_nullable=row["nullable"] == "YES",
                    default=row["default"],
                    indexes=tuple((kind, name, columns) for kind, name, columns in _INDEX.findall(row["indexes"])),
                )
                found.setdefault(row["table"], []).append(column)
    return found


def ddl(version: str, prefix: str) -> list[str]:
    """One CREATE TABLE for each table of a version; three bytes a character before 1.7.7, as shops had then."""
    charset = "utf8mb3" if version in _THREE_BYTES else "utf8mb4"
    statements = []
    for table, columns in tables(version).items():
        lines = [column.ddl() for column in columns]
        indexes = dict.fromkeys(index for column in columns for index in column.indexes)
        lines += [f"{_KEYS[kind].format(name)} ({_quoted(names)})" for kind, name, names in indexes]
        body = ",\n  ".join(lines)
        statements.append(f"CREATE TABLE `{prefix}{table}` (\n  {body}\n) ENGINE=InnoDB DEFAULT CHARSET={charset}")
    return statements


def upgrade(before: str, after: str, prefix: str) -> list[str]:
    """What turns one version's tables into another's, table by table, as a shop's upgrade does while people order."""
    old, new = tables(before), tables(after)
    statements = [f"DROP TABLE `{prefix}{table}`" for table in old if table not in new]
    for table, columns in new.items():
        known = {column.name: column for column in old.get(table, ())}
        changes = [f"DROP COLUMN `{name}`" for name in known if name not in {column.name for column in columns}]
        for place, column in enumerate(columns):
            if column.name not in known:
                changes.append(f"ADD COLUMN {column.ddl()}" + (f" AFTER `{columns[place - 1].name}`" if place else ""))
            elif column.ddl() != known[column.name].ddl():
                changes.append(f"MODIFY COLUMN {column.ddl()}")
        if known and changes:
            statements.append(f"ALTER TABLE `{prefix}{table}` {', '.join(changes)}")
    created = dict(zip(new, ddl(after, prefix), strict=True))
    return statements + [statement for table, statement in created.items() if table not in old]


def _quoted(columns: str) -> str:
    return ", ".join(f"`{column}`" for column in columns.split(","))
