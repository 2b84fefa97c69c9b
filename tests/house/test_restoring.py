"""docs/how-to/restore.md, step by step: what it says to do loses nothing."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.stage import Stage, completed, messages_of, staged

ANOTHER_NAMESPACE = UUID("00000000-0000-4000-8000-000000000002")


@pytest.fixture
def stage(server: PrivateMariaDB, tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, server, Receiver()) as found:
        yield found


def an_hour_ago() -> str:
    return (datetime.now(UTC) - timedelta(hours=1)).isoformat()


def move_away(stage: Stage) -> None:
    for file in stage.directory.glob("state.db*"):
        file.rename(file.with_name(f"old-{file.name}"))


class Backup:
    """A copy of the shop's database, and the moment it was made."""

    def __init__(self, stage: Stage) -> None:
        self.at = datetime.now(UTC)
        self._stage = stage
        program = shutil.which("mariadb-dump")
        assert program
        self._text = subprocess.run(
            [program, "--no-defaults", "--user=root", f"--socket={stage.server.socket}", stage.database],
            capture_output=True,
            check=True,
        ).stdout

    def restore(self) -> None:
        program = shutil.which("mariadb")
        assert program
        subprocess.run(
            [program, "--no-defaults", "--user=root", f"--socket={self._stage.server.socket}", self._stage.database],
            input=self._text,
            check=True,
        )


def test_a_lost_state_store_tells_the_same_facts_under_the_same_ids(stage: Stage) -> None:
    orders = stage.keeper.orders(4, stage.keeper.customer())
    stage.keeper.slip(orders[0], "10.00")
    stage.catch_up()
    known = set(stage.receiver.distinct())
    move_away(stage)
    meanwhile = stage.keeper.order(stage.keeper.customer("Meanwhile"))
    stage.configure(start_from=an_hour_ago())
    stage.catch_up()
    assert len(stage.receiver.accepted) > len(known), "they are told again"
    assert known <= set(stage.receiver.distinct())
    assert stage.told() == completed(*orders, meanwhile) + Counter({("Order Refunded", orders[0]): 1})
    assert stage.is_clean(), "to the byte"


def test_an_older_copy_of_the_state_store_loses_nothing(stage: Stage) -> None:
    customer = stage.keeper.customer()
    first = stage.keeper.orders(3, customer)
    stage.catch_up()
    copy = stage.state.read_bytes()
    second = stage.keeper.orders(3, customer)
    stage.catch_up()
    third = stage.keeper.orders(3, customer)
    move_away(stage)
    stage.state.write_bytes(copy)
    stage.catch_up()
    assert stage.told() == completed(*first, *second, *third)
    assert stage.is_clean()


def test_a_restored_shop_stops_its_feeds_and_another_namespace_tells_everything_since(stage: Stage) -> None:
    stage.configure(start_from=an_hour_ago())
    stage.keeper.at = datetime.now(UTC) - timedelta(minutes=10)
    kept = stage.keeper.orders(9, stage.keeper.customer())
    stage.keeper.at = None
    backup = Backup(stage)
    lost = stage.keeper.orders(9, stage.keeper.customer("Lost"))
    stage.catch_up()
    assert stage.told() == completed(*kept, *lost)

    backup.restore()
    stage.run("catch-up")
    stopped = {feed["name"]: feed["stopped"] for feed in stage.status()["feeds"] if feed["stopped"]}
    assert stopped.keys() == {"orders", "order_history"}

    move_away(stage)
    stage.configure(start_from=backup.at.replace(microsecond=0).isoformat(), namespace=str(ANOTHER_NAMESPACE))
    reused = stage.keeper.orders(9, stage.keeper.customer("Other"))
    assert reused == lost, "the shop uses the same numbers again"
    stage.catch_up()
    assert stage.told() == completed(*kept, *lost, *reused)
    assert {message["context"]["traits"]["firstName"] for message in messages_of(stage.receiver, reused[0])} == {
        "Lost",
        "Other",
    }


def test_a_feed_goes_on_where_rows_were_deleted_on_purpose(stage: Stage) -> None:
    customer = stage.keeper.customer()
    real = stage.keeper.order(customer)
    trials = stage.keeper.orders(9, customer)
    stage.catch_up()
    for order in trials:
        for table in ("orders", "order_detail", "order_history"):
            stage.keeper.delete(table, {"id_order": order})
    stage.run("catch-up")
    later = stage.keeper.order(customer)
    stage.run("catch-up")
    assert {feed["name"] for feed in stage.status()["feeds"] if feed["stopped"]} == {"orders", "order_history"}
    for feed in ("orders", "order_history"):
        assert stage.run("state", "resume", feed).returncode == 0
    stage.catch_up()
    assert stage.told() == completed(real, *trials, later)
    assert len(stage.receiver.accepted) == len(stage.receiver.distinct()), "nothing was told twice"
    assert not [feed for feed in stage.status()["feeds"] if feed["stopped"]]
