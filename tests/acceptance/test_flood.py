"""An import that touches a hundred thousand orders at once: memory stays flat, and what did not change is not told."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from poller.demo.database import create_database
from poller.demo.history import fill
from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.process import Daemon, run, write_config
from tests.acceptance.shopkeeper import Shopkeeper

ORDERS = 100_000
MOST_GROWTH = 40_000_000
TOUCH_ALL = "UPDATE ps_orders SET date_upd = NOW()"
SET_SOME = "UPDATE ps_orders SET current_state = 6, date_upd = NOW() WHERE id_order % 10000 = 1 AND current_state <> 6"


def peak_bytes(daemon: Daemon) -> int:
    """The most memory the process ever held."""
    assert daemon.process is not None
    lines = Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kilobytes) * 1024


def passes(config: Path) -> int:
    """How often the walk has been over everything."""
    status = json.loads(run(config, "status", "--json").stdout)
    return int(status["walk"]["passes"])


@pytest.mark.timeout(1200)
def test_an_import_that_touches_a_hundred_thousand_orders(tmp_path: Path) -> None:
    """They were never looked at; ten are cancelled in the same statement's time, and these alone are told."""
    with PrivateMariaDB("--innodb-buffer-pool-size=512M") as server, Receiver() as receiver:
        create_database(server, "shop")
        with closing(server.connect("shop")) as connection:
            fill(connection, ORDERS)
        config = write_config(
            tmp_path,
            shop_url=server.url("shop"),
            segment_url=receiver.url,
            shop={"load_budget": 1.0},
            schedule={"poll": "200ms", "hot_sweep": "500ms", "sweep": "1s"},
        )
        with Daemon(config) as daemon, closing(server.connect("shop")) as connection:
            keeper = Shopkeeper(connection)
            daemon.wait_for(lambda: passes(config) >= 1, timeout=400)
            before = peak_bytes(daemon)
            assert receiver.accepted == []
            with connection.cursor() as cursor:
                cursor.execute(TOUCH_ALL)
                cancelled = cursor.execute(SET_SOME)
            placed = keeper.order(keeper.customer())
            known = passes(config)
            daemon.wait_for(lambda: passes(config) >= known + 1, timeout=500)
            daemon.wait_for(lambda: len(told(receiver)) == cancelled + 1, timeout=100)
            assert cancelled >= 5
            assert ("Order Completed", str(placed)) in told(receiver)
            assert peak_bytes(daemon) - before < MOST_GROWTH
            assert daemon.stop() == 0
        assert receiver.violations == []


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """The order events that arrived, by name and order."""
    return [
        (message["event"], message["properties"]["order_id"])
        for message in receiver.distinct().values()
        if message.get("event", "").startswith("Order ")
    ]
