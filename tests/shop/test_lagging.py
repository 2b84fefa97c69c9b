"""A view that lacks the newest rows, as after a failover to a replica that lags: what is not there yet is not gone.

Traps: [34] deleted customers, [42] replicas.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from poller.engine import pages
from tests.shop.conftest import Scene
from tests.shop.rows import Rows
from tests.shop.sweeping import LONG_AGO, Swept

ZONE = ZoneInfo("Europe/Paris")


@pytest.fixture
def shop(own_scene: Scene) -> Swept:
    return Swept(own_scene)


def present() -> str:
    return datetime.now(UTC).astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


@contextmanager
def without(rows: Rows, table: str, where: str, *values: object) -> Iterator[None]:
    """The table as a replica shows it that has not got those rows yet; afterwards it has."""
    rows.run(f"DROP TABLE IF EXISTS later_{table}")
    rows.run(f"CREATE TABLE later_{table} AS SELECT * FROM PREFIX_{table} WHERE {where}", *values)
    rows.run(f"DELETE FROM PREFIX_{table} WHERE {where}", *values)
    rows.run(f"ALTER TABLE PREFIX_{table} AUTO_INCREMENT = 1")  # so it counts from the rows that it has
    try:
        yield
    finally:
        rows.run(f"INSERT INTO PREFIX_{table} SELECT * FROM later_{table}")
        rows.run(f"DROP TABLE later_{table}")


def look(shop: Swept) -> None:
    shop.poll.once()
    for report in (*shop.sweep.recent(), *shop.walk()):
        assert not report.stopped


def test_the_newest_customer_who_is_not_there_yet_is_not_taken_for_deleted(shop: Swept) -> None:
    """No order came meanwhile: only that the server has yet to give out their number says that they may come."""
    rows = shop.scene.rows
    rows.customer(date_add=LONG_AGO)
    shop.start()
    customer = rows.customer(date_add=present(), date_upd=present())
    shop.poll.once()
    assert ("identify", customer) in shop.told()
    with without(rows, "customer", "id_customer = %s", customer):
        look(shop)
        assert shop.state.suppressed() == {}
    order = rows.order(customer, states=(2,), at=present())
    look(shop)
    assert shop.state.suppressed() == {}
    assert ("Order Completed", order) in shop.told()


def test_nobody_is_taken_for_deleted_in_a_view_that_lacks_orders_that_were_there(shop: Swept) -> None:
    """A customer in the middle, whose commit came late: the orders missing at the end say that the view is old."""
    rows = shop.scene.rows
    rows.customer(date_add=LONG_AGO)
    shop.start()
    late, other = (rows.customer(date_add=present(), date_upd=present()) for _ in range(2))
    first = rows.order(other, states=(2,), at=present())
    second = rows.order(other, states=(2,), at=present())
    shop.poll.once()
    assert ("identify", late) in shop.told()
    with without(rows, "customer", "id_customer = %s", late), without(rows, "orders", "id_order = %s", second):
        look(shop)
        assert shop.state.suppressed() == {}
    order = rows.order(late, states=(2,), at=present())
    look(shop)
    assert first < second < order
    assert ("Order Completed", order) in shop.told()


def test_the_newest_customer_who_was_deleted_is_believed_to_be(shop: Swept) -> None:
    """Their number was given out: what waits of them is purged at once."""
    rows = shop.scene.rows
    rows.customer(date_add=LONG_AGO)
    shop.start()
    customer = rows.customer(date_add=present(), date_upd=present())
    shop.poll.once()
    rows.run("DELETE FROM PREFIX_customer WHERE id_customer = %s", customer)
    look(shop)
    assert shop.state.suppressed() == {customer: "deleted"}


def test_where_the_server_does_not_say_which_number_is_next_a_deletion_is_believed(shop: Swept) -> None:
    """Of a table rebuilt without AUTO_INCREMENT: what waits of somebody who was erased must not be sent."""
    rows = shop.scene.rows
    rows.customer(date_add=LONG_AGO)
    shop.start()
    customer = rows.customer(date_add=present(), date_upd=present())
    shop.poll.once()
    rows.run("DELETE FROM PREFIX_customer WHERE id_customer = %s", customer)
    rows.run("ALTER TABLE PREFIX_customer MODIFY id_customer INT UNSIGNED NOT NULL")
    try:
        look(shop)
        assert shop.state.suppressed() == {customer: "deleted"}
    finally:
        rows.run("ALTER TABLE PREFIX_customer MODIFY id_customer INT UNSIGNED NOT NULL AUTO_INCREMENT")


def test_who_was_deleted_is_believed_to_be_when_the_view_is_whole_again(
    shop: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "RETRY_AFTER", timedelta(0))
    rows = shop.scene.rows
    rows.customer(date_add=LONG_AGO)
    shop.start()
    gone, other = (rows.customer(date_add=present(), date_upd=present()) for _ in range(2))
    order = [rows.order(other, states=(2,), at=present()) for _ in range(2)][1]
    shop.poll.once()
    rows.run("DELETE FROM PREFIX_customer WHERE id_customer = %s", gone)
    with without(rows, "orders", "id_order = %s", order):
        look(shop)
        assert shop.state.suppressed() == {}
    look(shop)
    assert shop.state.suppressed() == {gone: "deleted"}
