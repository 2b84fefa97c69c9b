"""The SQL files: found, described, and fitted to the schema at hand. No statement is assembled in Python.

What the schema lacks and the file declares `optional` reads as NULL; a file that `needs` a missing table is off.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import BindParameter, TextClause, bindparam, text

from poller.errors import BugError

_HEADER = re.compile(r"^-- (?P<name>reads|served by|optional|needs) +(?P<value>.+)$")
_ALIAS = re.compile(r"\bPREFIX_(\w+) AS (\w+)")
_LISTS = ("ids", "names")


def sql_directory() -> Path:
    """Where the SQL files are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "sql"
    return inside if inside.is_dir() else package.parent / "sql"


@dataclass(frozen=True, slots=True)
class Statement:
    """One file: one SELECT, its sentence, and what its header declares. `name` is `feeds/orders`."""

    name: str
    sentence: str
    sql: str
    reads: tuple[str, ...]
    served_by: str
    optional: tuple[str, ...]
    needs: tuple[str, ...]

    def as_sql(self, prefix: str) -> str:
        """The statement as a person would run it, with the shop's prefix."""
        return self.sql.replace("PREFIX_", prefix)

    def is_available(self, columns: Mapping[str, frozenset[str]]) -> bool:
        """Whether the schema has the tables the statement needs."""
        return all(table in columns for table in self.needs)

    def fitted(self, columns: Mapping[str, frozenset[str]], prefix: str) -> TextClause:
        """The statement for this schema: absent optional columns read as NULL, lists expand."""
        sql = self.sql
        aliases = {alias: table for table, alias in _ALIAS.findall(sql)}
        for column in self.optional:
            table, name = column.split(".")
            if name not in columns.get(table, frozenset()):
                for alias in (a for a, t in aliases.items() if t == table):
                    sql = re.sub(rf"\b{alias}\.(`?){name}\b\1", "NULL", sql)
        clause = text(sql.replace("PREFIX_", prefix))
        lists: list[BindParameter[object]] = [bindparam(name, expanding=True) for name in _LISTS if f":{name}" in sql]
        return clause.bindparams(*lists) if lists else clause


@cache
def statements() -> Mapping[str, Statement]:
    """All statements by name."""
    root = sql_directory()
    found = {}
    for folder in ("session", "feeds", "load", "sweep", "audit"):
        for path in sorted((root / folder).glob("*.sql")):
            statement = parse(f"{folder}/{path.stem}", path.read_text(encoding="utf-8"))
            found[statement.name] = statement
    if not found:
        raise BugError(f"no SQL files in {root}", hint="The installation is incomplete: install the package again.")
    return found


def parse(name: str, content: str) -> Statement:
    """Read a file's header and body."""
    lines = content.splitlines()
    header: dict[str, tuple[str, ...]] = {}
    for line in lines[1:]:
        match = _HEADER.match(line)
        if match:
            header[match["name"]] = tuple(part.strip() for part in match["value"].split(","))
    body = "\n".join(line for line in lines if not line.startswith("--")).strip()
    return Statement(
        name=name,
        sentence=lines[0].removeprefix("-- "),
        sql=body,
        reads=tuple(table.removeprefix("PREFIX_") for table in header.get("reads", ())),
        served_by=", ".join(header.get("served by", ())),
        optional=header.get("optional", ()),
        needs=tuple(table.removeprefix("PREFIX_") for table in header.get("needs", ())),
    )
