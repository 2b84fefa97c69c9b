"""Databases of every schema version, made when first asked for and shared by the session."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

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


@pytest.fixture(scope="session", params=VERSIONS)
def versioned(request: pytest.FixtureRequest, server: PrivateMariaDB) -> Iterator[VersionedShop]:
    version: str = request.param
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(server, None))
        with server.connect(database) as connection, connection.cursor() as cursor:
            for statement in ddl(version, "ps_"):
                cursor.execute(statement)
        rows = Rows(server, database)
        stack.callback(rows.close)
        rows.furnish()
        yield VersionedShop(version, database, rows, open_shop(server, database))
