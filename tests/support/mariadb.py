"""Databases for tests: one private server for the whole session, a fresh database for each test."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from poller.demo.server import PrivateMariaDB

_numbers = itertools.count(1)
_SQL = Path(__file__).resolve().parents[2] / "sql" / "demo"


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateMariaDB]:
    """The session's server; root without a password, on a socket."""
    with PrivateMariaDB("--innodb-buffer-pool-size=512M") as running:
        yield running


@contextmanager
def fresh_database(server: PrivateMariaDB, *scripts: str, prefix: str = "ps_") -> Iterator[str]:
    """A database with our own schema (and these scripts of sql/demo, such as `data`); dropped at the end."""
    name = f"shop_{next(_numbers)}"
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {name}")
        cursor.execute("SET sql_mode=''")
        for script in ("schema", *scripts):
            for statement in (_SQL / f"{script}.sql").read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    cursor.execute(statement.replace("PREFIX_", prefix))
    try:
        yield name
    finally:
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
