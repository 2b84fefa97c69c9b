"""Databases for tests: one private server for the whole session, a fresh database for each test that asks."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest

from poller.demo.database import Content, create_database
from poller.demo.server import PrivateMariaDB

_CONTENT: dict[str | None, tuple[Content, ...]] = {None: (), "tables": ("schema",), "demo": ("schema", "data")}
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateMariaDB]:
    """The session's server: on a socket, root without a password."""
    with PrivateMariaDB("--innodb-buffer-pool-size=256M") as running:
        yield running


@contextmanager
def fresh_database(
    server: PrivateMariaDB, schema: Literal["demo", "tables"] | None = "demo", *, prefix: str = "ps_"
) -> Iterator[str]:
    """A database of its own, dropped at the end; yields its name.

    `demo` is the demo shop with its catalogue, `tables` the empty tables, None nothing at all.
    """
    name = f"shop_{next(_numbers)}"
    create_database(server, name, prefix=prefix, content=_CONTENT[schema])
    try:
        yield name
    finally:
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
