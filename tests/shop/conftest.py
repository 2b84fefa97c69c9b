"""A furnished shop for the tests of the shop edge; each test adds things of its own to it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from poller.demo.server import PrivateMariaDB
from poller.shop.database import ShopDatabase
from poller.streams.carts.facts import CartFacts
from poller.streams.customers import CustomerFacts
from poller.streams.orders.facts import OrderFacts
from tests.shop.opening import open_shop
from tests.shop.rows import Rows
from tests.sql.schemas import ddl
from tests.support.mariadb import fresh_database


@dataclass(frozen=True, slots=True)
class Scene:
    """A shop's database: the hand that writes, and the edge that reads."""

    server: PrivateMariaDB
    database: str
    rows: Rows
    shop: ShopDatabase

    def again(self) -> "Scene":
        """The edge as after a restart: nothing of the shop is known yet."""
        return Scene(self.server, self.database, self.rows, open_shop(self.server, self.database))

    def order(self, key: int) -> OrderFacts:
        found: OrderFacts = self._load("order", key)
        return found

    def customer(self, key: int) -> CustomerFacts:
        found: CustomerFacts = self._load("customer", key)
        return found

    def cart(self, key: int) -> CartFacts:
        found: CartFacts = self._load("cart", key)
        return found

    def _load(self, thing: str, key: int) -> Any:
        with self.shop.snapshot() as snapshot:
            return snapshot.load(thing, [key])[key]

    def digest(self, thing: str, key: int) -> bytes:
        with self.shop.snapshot() as snapshot:
            return snapshot.digests(thing, [key])[key]


@contextmanager
def scene_on(server: PrivateMariaDB) -> Iterator[Scene]:
    """A furnished shop in a database of its own."""
    with fresh_database(server, None) as database:
        with server.connect(database) as connection, connection.cursor() as cursor:
            for statement in ddl("8.2.0", "ps_"):
                cursor.execute(statement)
        with closing(Rows(server, database)) as rows:
            rows.furnish()
            yield Scene(server, database, rows, open_shop(server, database))


@pytest.fixture(scope="session")
def scene(server: PrivateMariaDB) -> Iterator[Scene]:
    """Shared by all tests that only add things; its settings stay as they are."""
    with scene_on(server) as shared:
        yield shared


@pytest.fixture(scope="session")
def _emptied(server: PrivateMariaDB) -> Iterator[Scene]:
    with scene_on(server) as shared:
        yield shared


@pytest.fixture
def own_scene(_emptied: Scene) -> Scene:
    """For tests that change what all orders share, or look at everything there is: furnished anew each time."""
    _emptied.rows.clear()
    _emptied.rows.furnish()
    return _emptied.again()


@pytest.fixture
def altered_scene(server: PrivateMariaDB) -> Iterator[Scene]:
    """For tests that change the schema: a database each, which takes its time."""
    with scene_on(server) as own:
        yield own
