"""What becomes of the promise on databases that are not as one would have them."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest

from poller.demo.database import create_database
from poller.demo.receiver import Receiver
from poller.demo.server import Connection, PrivateMariaDB
from poller.demo.shop import LivingShop
from tests.acceptance.process import run, write_config
from tests.acceptance.shopkeeper import Shopkeeper
from tests.acceptance.stage import Stage, completed, staged
from tests.torture.journal import arrival_lines, deed_lines
from tests.torture.oracle import judge
from tests.torture.told import Told

ACTS = 60
EVERYTHING: Mapping[str, Any] = {"settle": "1s", "events": {"Order Updated": {"enabled": True}}}
"""What the oracle expects to be told."""


@contextmanager
def stage_on(tmp_path: Path, *options: str) -> Iterator[Stage]:
    """A stage on a server of its own."""
    with PrivateMariaDB(*options) as server, staged(tmp_path, server, Receiver(), **EVERYTHING) as stage:
        yield stage


def check_living(stage: Stage, *, workers: int) -> None:
    """A shop lives while cron comes by; afterwards the oracle finds nothing."""
    shop = LivingShop(lambda: stage.server.connect(stage.database), seed=3, pace=0, is_told=Told(stage.receiver))
    stage.catch_up()
    for _ in range(2):
        shop.run(ACTS // 2, workers=workers)
        stage.catch_up()
    time.sleep(1.5)  # What stood half must have stood for `settle`: nobody else can tell when that is.
    stage.catch_up()
    found = judge(deed_lines(shop.deeds), arrival_lines(stage.receiver.arrivals))
    assert list(found.differences) == []
    assert stage.is_clean()


def test_a_cluster_that_counts_in_steps(tmp_path: Path) -> None:
    with stage_on(tmp_path, "--auto-increment-increment=3") as stage:
        check_living(stage, workers=3)
        numbers = stage.keeper.value("SELECT MAX(id_order) FROM PREFIX_orders")
        assert numbers > 2 * stage.keeper.value("SELECT COUNT(*) FROM PREFIX_orders")


def test_tables_that_know_no_transactions(stage: Stage) -> None:
    for table in ("orders", "order_detail", "order_history"):
        stage.keeper.run(f"ALTER TABLE PREFIX_{table} ENGINE = MyISAM")
    stage.configure(**EVERYTHING)
    check_living(stage, workers=2)


def test_an_account_without_the_process_privilege_loses_no_late_commit(stage: Stage) -> None:
    stage.server.create_account("plain", f"SELECT ON {stage.database}.*")
    stage.configure(shop={"url": stage.server.url(stage.database, user="plain")})
    keeper = stage.keeper
    customer = keeper.customer()
    stage.catch_up()
    with stage.another_keeper() as importer:
        importer.begin()
        late = importer.order(customer)
        early = keeper.order(customer)
        stage.catch_up()
        assert stage.told() == completed(early)
        importer.commit()
    stage.catch_up_at_last()
    # Without a horizon a gap is looked up ever less often; a second is nothing to it.
    time.sleep(1.1)
    stage.catch_up()
    assert stage.told() == completed(early, late)
    stage.keeper.run("DROP USER plain@'%%'")


def _crowd(server: PrivateMariaDB, stack: ExitStack) -> int:
    """Everybody else's connections, until the server takes no more."""
    for number in range(1_000):
        try:
            stack.enter_context(closing(server.connect("shop", user="crowd")))
        except pymysql.err.OperationalError:
            return number
    pytest.fail("it takes everybody")


def test_too_many_connections_are_waited_out(tmp_path: Path) -> None:
    with PrivateMariaDB("--max-connections=10") as server, Receiver() as receiver, ExitStack() as crowd:
        create_database(server, "shop")
        for name in ("crowd", "poller"):
            server.create_account(name, "SELECT ON shop.*", "PROCESS ON *.*")
        config = write_config(tmp_path, shop_url=server.url("shop", user="poller"), segment_url=receiver.url)
        connection: Connection
        with closing(server.connect("shop")) as connection:
            keeper = Shopkeeper(connection)
            assert run(config, "catch-up").returncode == 0
            order = keeper.order(keeper.customer())
            assert _crowd(server, crowd) >= 5
            refused = run(config, "catch-up")
            assert refused.returncode == 75, refused.stderr
            assert "Too many connections" in refused.stderr
            crowd.close()
            assert run(config, "catch-up").returncode == 0
            told = [m["properties"]["order_id"] for m in receiver.accepted if m.get("event") == "Order Completed"]
            assert told == [str(order)]


def test_a_failover_to_a_replica_that_lags_guesses_nothing_and_loses_nothing(stage: Stage) -> None:
    """The newest rows are not there yet: it looks like a restored backup, until they are."""
    keeper = stage.keeper
    customer = keeper.customer()
    orders = keeper.orders(12, customer)
    stage.catch_up()
    tables = ("orders", "order_detail", "order_history", "order_carrier")
    for table in tables:
        keeper.run(f"CREATE TABLE later_{table} AS SELECT * FROM PREFIX_{table} WHERE id_order > %s", orders[1])
        keeper.run(f"DELETE FROM PREFIX_{table} WHERE id_order > %s", orders[1])
    sent = len(stage.receiver.accepted)
    lagging = stage.run("catch-up")
    assert lagging.returncode == 78
    assert "known rows are gone" in lagging.stderr
    for table in tables:
        keeper.run(f"INSERT INTO PREFIX_{table} SELECT * FROM later_{table}")
        keeper.run(f"DROP TABLE later_{table}")
    fresh = keeper.order(customer)
    stage.catch_up()
    assert stage.told() == completed(*orders, fresh), "the replica has caught up, and so has the poller, by itself"
    assert len(stage.receiver.accepted) > sent
    assert stage.is_clean()
