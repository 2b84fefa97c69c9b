"""Databases of every schema version, each made when first asked for and shared by all tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache

import pytest

from poller.demo.server import PrivateMariaDB
from poller.shop.database import ShopDatabase
from tests.shop.opening import open_shop
from tests.shop.rows import Rows
from tests.sql.schemas import VERSIONS, ddl
from tests.support.mariadb import fresh_database


@dataclass(frozen=True, slots=True)
class VersionedShop:
    """A furnished shop of one version, and the edge on it. Its tests add to it and expect nothing to be alone in it."""

    version: str
    database: str
    rows: Rows
    shop: ShopDatabase


@pytest.fixture(scope="session")
def of_version(server: PrivateMariaDB) -> Iterator[Callable[[str], VersionedShop]]:
    """The shop of a version. Not a parameter of this fixture: tests run in random order, and it would be made anew."""
    with ExitStack() as stack:

        @cache
        def make(version: str) -> VersionedShop:
            database = stack.enter_context(fresh_database(server, None))
            with server.connect(database) as connection, connection.cursor() as cursor:
                for statement in ddl(version, "ps_"):
                    cursor.execute(statement)
            rows = Rows(server, database)
            stack.callback(rows.close)
            rows.furnish()
            return VersionedShop(version, database, rows, open_shop(server, database))

        yield make


@pytest.fixture(params=VERSIONS)
def versioned(request: pytest.FixtureRequest, of_version: Callable[[str], VersionedShop]) -> VersionedShop:
    return of_version(request.param)
