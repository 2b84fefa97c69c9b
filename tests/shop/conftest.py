"""A furnished shop for the tests of the shop edge; each test adds things of its own to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from poller.demo.server import PrivateMariaDB
from poller.shop.database import ShopDatabase
from poller.streams.carts import CartFacts
from poller.streams.customers import CustomerFacts
from poller.streams.orders.facts import OrderFacts
from tests.shop.opening import open_shop
from tests.shop.rows import Rows
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


def scene_on(server: PrivateMariaDB) -> Iterator[Scene]:
    """A furnished shop in a database of its own."""
    with fresh_database(server, "tables") as database:
        rows = Rows(server, database)
        rows.furnish()
        yield Scene(server, database, rows, open_shop(server, database))
        rows.close()


@pytest.fixture(scope="session")
def scene(server: PrivateMariaDB) -> Iterator[Scene]:
    """Shared by all tests that only add things; its settings stay as they are."""
    yield from scene_on(server)


@pytest.fixture
def own_scene(server: PrivateMariaDB) -> Iterator[Scene]:
    """For tests that change what all orders share, or the schema."""
    yield from scene_on(server)
