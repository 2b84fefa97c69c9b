"""Every SQL file keeps the contract of sql/README.md: a header that tells the truth, and one statement."""

import re
from pathlib import Path

import pytest

from poller.shop.statements import Statement, sql_directory, statements

HEADER = re.compile(r"^-- (reads|served by|optional|needs) +(\S.*)$")
TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(\S+) AS (\w+)")
FOLDERS = ("audit", "feeds", "load", "session", "sweep")
BINDS = {
    "after_id",
    "until_id",
    "page_size",
    "newest",
    "moment",
    "shop_id",
    "since",
    "lang_id",
    "prefix",
    "ids",
    "names",
}
WORDS = re.compile(r"'[^']*'|:\w+|@@\w+\.\w+|[A-Za-z_]\w*(?:\.\w+)?")
KEYWORDS = re.compile(r"[A-Z_]+\d*")


def files() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((sql_directory() / folder).glob("*"))]


def header(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("--")]


def body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def unquoted(sql: str) -> str:
    """Without the backticks that columns like `index` need."""
    return sql.replace("`", "")


def sources(sql: str) -> dict[str, str]:
    """The tables in a text, by alias; every one has an alias."""
    return {alias: table for table, alias in TABLE.findall(sql)}


every_file = pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
every_statement = pytest.mark.parametrize(
    "statement", list(statements().values()), ids=lambda statement: statement.name
)


def test_the_folders_hold_nothing_else() -> None:
    assert {f"{path.parent.name}/{path.name}" for path in files()} == {f"{name}.sql" for name in statements()}


@every_file
def test_the_header_is_one_sentence_then_declarations(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    sentence, *declared = header(path.read_text(encoding="utf-8"))
    assert lines[: 1 + len(declared)] == [sentence, *declared], "comments stand at the top"
    assert re.fullmatch(r"-- [A-Z].*\.", sentence)
    found = [HEADER.match(line) for line in declared]
    assert all(found), declared
    names = [match[1] for match in found if match]
    assert names == [name for name in ("reads", "served by", "optional", "needs") if name in names], "in this order"
    assert names[0] == "reads"


@every_file
def test_it_is_one_statement_without_semicolon(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ";" not in body(text)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert body(text).lstrip().startswith(("SELECT", "SHOW GRANTS"))
    assert "*" not in body(text).replace("COUNT(*)", "").replace("SHOW GRANTS", ""), "columns are listed"
    assert not re.search(r"\b(OFFSET|FOR UPDATE|LOCK IN SHARE MODE|INTO)\b", body(text))


@every_statement
def test_it_reads_the_tables_it_declares(statement: Statement) -> None:
    found = {table.removeprefix("PREFIX_") for table in sources(statement.sql).values()}
    assert found == set(statement.reads) - {"nothing"}
    assert len(statement.reads) == len(set(statement.reads))
    named = re.findall(r"PREFIX_\w+|information_schema\.\w+", statement.sql)
    assert len(named) == len(sources(statement.sql)), "each is written FROM or JOIN table AS alias, no alias twice"
    assert set(statement.needs) <= set(statement.reads)


@every_statement
def test_it_says_what_serves_it(statement: Statement) -> None:
    """What follows is a key, or 'full scan' and why that does not hurt; tests/sql/test_plans.py holds it to that."""
    reads_the_shop = any("." not in table and table != "nothing" for table in statement.reads)
    assert bool(statement.served_by) == reads_the_shop
    assert re.fullmatch(r"(\w+|full scan, .+)?", statement.served_by)


@every_statement
def test_every_column_is_qualified(statement: Statement) -> None:
    """A bare name is a keyword, a function, an alias of a table, or an output column after AS."""
    aliases = sources(statement.sql)
    sql = re.sub(r"\bAS \w+", "", unquoted(statement.sql))
    for table in aliases.values():
        sql = re.sub(rf"\b{table}\b", "", sql)
    bare = [word for word in WORDS.findall(sql) if "." not in word and not word.startswith((":", "'", "@"))]
    assert [word for word in bare if not KEYWORDS.fullmatch(word)] == []
    for word in WORDS.findall(sql):
        alias, dot, _ = word.partition(".")
        if dot and not word.startswith(("@", "'")):
            assert alias in aliases, word


@every_statement
def test_its_binds_are_known_ones(statement: Statement) -> None:
    binds = set(re.findall(r"(?<![:\w]):(\w+)", statement.sql))
    assert binds <= BINDS
    for name in binds & {"ids", "names"}:
        assert f"IN :{name}" in statement.sql
    if statement.name.startswith("feeds/") and statement.name != "feeds/newest":
        assert "LIMIT :page_size" in statement.sql
        assert "ORDER BY" in statement.sql
    if statement.name.startswith(("load/", "sweep/")):
        assert "LIMIT" not in statement.sql or statement.sql.endswith("LIMIT :newest")


@every_statement
def test_optional_columns_are_used_where_they_are_declared(statement: Statement) -> None:
    aliases = {table.removeprefix("PREFIX_"): alias for alias, table in sources(statement.sql).items()}
    for column in statement.optional:
        table, _, name = column.partition(".")
        used = rf"\b{aliases[table]}\.{name}\b"
        assert re.search(used, unquoted(statement.sql)), column
        selected = unquoted(statement.sql).partition("\nFROM ")[0]
        for line in (line for line in selected.splitlines() if re.match(rf"\s*{used}", line)):
            assert " AS " in line, f"{column} needs a name that stays when the column reads as NULL: write AS"


def test_no_sentence_is_used_twice() -> None:
    sentences = [statement.sentence for statement in statements().values()]
    assert len(sentences) == len(set(sentences))
