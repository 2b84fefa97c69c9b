"""How busy a real server says it is."""

import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from poller.shop.pressure import lag_of
from tests.acceptance.stage import wait_until
from tests.shop.conftest import Scene
from tests.shop.opening import open_shop


def test_statements_that_run_beside_ours_count_and_no_idle_connection_does(scene: Scene) -> None:
    shop = open_shop(scene.server, scene.database)
    assert shop.pressure().running == 0
    assert shop.pressure().lag is None, "a primary"

    def sleep() -> None:
        with closing(scene.server.connect(scene.database)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT SLEEP(1)")

    people = [threading.Thread(target=sleep) for _ in range(3)]
    with closing(scene.server.connect(scene.database)):
        for person in people:
            person.start()
        wait_until(lambda: shop.pressure().running == 3)
        for person in people:
            person.join()
        wait_until(lambda: shop.pressure().running == 0)


def test_an_account_that_may_only_read_is_told_as_well(scene: Scene) -> None:
    with closing(scene.server.connect(scene.database)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER looker@localhost")
        cursor.execute(f"GRANT SELECT ON `{scene.database}`.* TO looker@localhost")
    found = open_shop(scene.server, scene.database, user="looker").pressure()
    assert (found.running, found.lag) == (0, None)


@pytest.mark.parametrize(
    ("row", "lag"),
    [
        (None, None),
        ({"Seconds_Behind_Master": None, "Slave_SQL_Running": "No"}, None),
        ({"Seconds_Behind_Master": 75}, timedelta(seconds=75)),
        ({"Seconds_Behind_Source": 0}, timedelta(0)),
    ],
)
def test_a_replica_tells_its_lag_under_either_name(row: dict[str, Any] | None, lag: timedelta | None) -> None:
    assert lag_of(row) == lag
