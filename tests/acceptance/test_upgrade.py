"""The shop is upgraded, version by version, under a poller that goes on: columns go, come and grow while people order.

Traps: [37] and [38] columns and tables that only some versions have.
"""

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.process import Daemon, write_config
from tests.shop.rows import Rows
from tests.sql.schemas import VERSIONS, ddl, tables, upgrade
from tests.support.mariadb import fresh_database

FIRST = "1.7.6.9"


def an_order(server: PrivateMariaDB, name: str) -> int:
    """Somebody new orders, in the columns that there are just now."""
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None, microsecond=0)
    with closing(Rows(server, name)) as rows:
        customer = rows.customer(date_add=now, date_upd=now)
        return rows.order(customer, states=(2,), at=now)


def completed(receiver: Receiver) -> Counter[int]:
    return Counter(
        int(message["properties"]["order_id"])
        for message in receiver.distinct().values()
        if message.get("event") == "Order Completed"
    )


def test_a_shop_that_is_upgraded_from_1_7_to_9_1_while_people_order(server: PrivateMariaDB, tmp_path: Path) -> None:
    """One process of the poller, five upgrades; after each statement of each somebody orders."""
    with fresh_database(server, None) as name, Receiver() as receiver:
        with closing(server.connect(name)) as connection, connection.cursor() as cursor:
            for statement in ddl(FIRST, "ps_"):
                cursor.execute(statement)
        with closing(Rows(server, name)) as rows:
            rows.furnish()
        schedule = {"hot_sweep": "300ms", "sweep": "1s"}
        config = write_config(
            tmp_path, shop_url=server.url(name), segment_url=receiver.url, settle="200ms", schedule=schedule
        )
        versions = VERSIONS[VERSIONS.index(FIRST) :]
        with Daemon(config) as daemon:
            placed = Counter([an_order(server, name)])
            daemon.wait_for(lambda: completed(receiver) == placed)
            for before, after in pairwise(versions):
                with closing(server.connect(name)) as connection, connection.cursor() as cursor:
                    cursor.execute("SET SESSION sql_mode = ''")  # so PrestaShop's upgrader does
                    for statement in upgrade(before, after, "ps_"):
                        cursor.execute(statement)
                        placed[an_order(server, name)] += 1
                placed[an_order(server, name)] += 1
                daemon.wait_for(lambda: completed(receiver) == placed, timeout=60)
            with closing(server.connect(name)) as connection, connection.cursor() as cursor:
                for table, columns in tables(versions[-1]).items():
                    cursor.execute(f"SHOW COLUMNS FROM ps_{table}")
                    assert {row[0] for row in cursor.fetchall()} == {column.name for column in columns}, table
            assert daemon.stop() == 0
        assert len(placed) > 20
        assert set(placed.values()) == {1}
        assert receiver.violations == []
