"""What an operator looks at and mends: status, check, sql, dead-letters, state; on real situations."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from poller.demo.receiver import Receiver, Status
from poller.demo.server import PrivateMariaDB
from tests.acceptance.stage import Stage, answer, completed, staged, wait_until


class PickyReceiver(Receiver):
    """Refuses every batch that holds a message about one of these orders, as Segment does with what it dislikes."""

    def __init__(self) -> None:
        super().__init__()
        self.disliked: set[str] = set()

    def judge(self, text: str, key: str) -> tuple[int, Sequence[dict[str, Any]]]:
        status, batch = super().judge(text, key)
        if any(message.get("properties", {}).get("order_id") in self.disliked for message in batch):
            return 400, ()
        return status, batch


@pytest.fixture
def picky() -> PickyReceiver:
    return PickyReceiver()


@pytest.fixture
def picky_stage(server: PrivateMariaDB, tmp_path: Path, picky: PickyReceiver) -> Iterator[Stage]:
    with staged(tmp_path, server, picky) as found:
        yield found


def test_a_message_that_segment_refuses_is_set_aside_and_the_others_arrive(
    picky_stage: Stage, picky: PickyReceiver
) -> None:
    stage = picky_stage
    customer = stage.keeper.customer("Canary")
    first, disliked, third = stage.keeper.orders(3, customer)
    picky.disliked = {str(disliked)}
    report = stage.catch_up()
    assert report["dead_letters"] == 1
    assert stage.told() == completed(first, third)
    status = stage.run("status").stdout
    assert "1 (poller dead-letters list)" in status
    (letter,) = answer(stage.run("dead-letters", "list", "--json"))
    assert (letter["name"], letter["thing"], letter["key"]) == ("Order Completed", "order", disliked)
    assert letter["reason"] == "Segment answered 400 Bad Request."
    assert f"order {disliked}" in stage.run("dead-letters", "list").stdout
    number = str(letter["seq"])
    shown = json.loads(stage.run("dead-letters", "show", number).stdout)
    assert shown["message"]["messageId"] == letter["message_id"]
    assert shown["message"]["properties"]["order_id"] == str(disliked)
    assert stage.run("dead-letters", "show", "999").returncode == 2

    stage.catch_up()
    assert stage.told() == completed(first, third), "it stays aside until somebody says otherwise"
    picky.disliked = set()
    assert stage.run("dead-letters", "replay", number).stdout == "1 will be sent again\n"
    stage.catch_up()
    assert stage.told() == completed(first, disliked, third)
    assert picky.distinct()[letter["message_id"]]["properties"]["order_id"] == str(disliked)
    assert stage.run("dead-letters", "list").stdout == "no dead letters\n"


def test_what_was_dropped_is_gone_for_good(picky_stage: Stage, picky: PickyReceiver) -> None:
    stage = picky_stage
    order = stage.keeper.order(stage.keeper.customer())
    picky.disliked = {str(order)}
    stage.catch_up()
    hesitant = stage.run("dead-letters", "drop", "--all")
    assert hesitant.returncode == 2
    assert "say --yes" in hesitant.stderr
    assert stage.run("dead-letters", "drop", "--all", "--yes").stdout == "1 dropped\n"
    picky.disliked = set()
    stage.catch_up()
    assert answer(stage.run("backfill", "--since", "2020-01-01", "--json"))["events"] == {
        # The demo shop's own two customers, from before the start.
        "identify": 2,
        "Signed Up": 2,
        "Subscribed": 1,
    }
    assert stage.told() == {}


def test_status_before_the_first_run_names_the_next_step(stage: Stage) -> None:
    done = stage.run("status")
    assert done.returncode == 78
    assert "the poller has not run yet" in done.stderr
    assert "hint: Start it with `poller run` or `poller catch-up`" in done.stderr
    assert not stage.state.exists()


def test_status_says_what_was_sent_and_what_waits(stage: Stage) -> None:
    stage.keeper.order(stage.keeper.customer())
    crashed = stage.keeper.begun_order(stage.keeper.customer("Eve"))
    stage.catch_up()
    stage.keeper.order(stage.keeper.customer("Bob"))
    stage.receiver.always(Status(503))
    assert stage.run("catch-up").returncode == 75
    found = stage.status()
    assert found["delivered"]["Order Completed"] == 1
    assert found["pending"] == 4, "the order, who bought, and that they signed up"
    assert found["waiting_orders"] == 1
    assert found["namespace"]
    assert found["start_from"] < found["oldest_at"]
    orders = next(feed for feed in found["feeds"] if feed["name"] == "orders")
    assert orders.pop("lag_seconds") < 60
    assert orders == {"name": "orders", "seen": crashed + 1, "gaps": 0, "stopped": ""}
    assert found["last_hour"]["delivered"] == found["delivered"] == found["ever"]["delivered"]
    assert found["last_day"]["deferred"] == {"Order Completed": 1, "Signed Up": 1, "identify": 2}
    assert found["work"]["jobs"]["poll"]["next_at"] is None, "nobody runs it"
    assert found["work"]["database"]["seconds"] > 0
    (trouble,) = found["work"]["troubles"]
    assert (trouble["job"], "503" in trouble["error"]) == ("deliver", True)
    text = stage.run("status").stdout
    assert "put off (1 tries" in text
    assert "Segment answered 503" in text
    assert "4, the oldest for" in text


def test_status_is_a_check_for_monitoring_while_the_daemon_runs_and_when_it_is_down(stage: Stage) -> None:
    before = stage.run("status", "--fail-if-lag", "300")
    assert before.returncode == 78, "it has not run yet"
    with stage.daemon() as daemon:
        stage.keeper.order(stage.keeper.customer())
        wait_until(lambda: len(stage.told()) == 1)
        wait_until(lambda: stage.standing().work.jobs["deliver"].failures == 0)
        living = stage.run("status", "--fail-if-lag", "30")
        assert living.returncode == 0, living.stderr
        assert f"pid {daemon.process.pid if daemon.process else 0}" in living.stdout
        assert stage.standing().work.jobs["poll"].next_at is not None
        daemon.kill()
    assert stage.run("status", "--fail-if-lag", "3600").returncode == 0
    wait_until(lambda: (stage.standing().lag_seconds or 0) > 1)
    late = stage.run("status", "--fail-if-lag", "1", "--json")
    assert late.returncode == 1
    assert "error: the lag is" in late.stderr
    assert json.loads(late.stdout)["lag_seconds"] > 1, "scripts get all of it beside the exit code"


def test_status_counts_what_was_buried_and_names_the_feed_that_stopped(
    picky_stage: Stage, picky: PickyReceiver
) -> None:
    stage = picky_stage
    orders = stage.keeper.orders(9, stage.keeper.customer())
    picky.disliked = {str(orders[0])}
    stage.catch_up()
    assert stage.status()["last_hour"]["buried"] == {"Order Completed": 1}
    for order in orders:
        stage.keeper.delete("orders", {"id_order": order})
    assert stage.run("catch-up").returncode == 78
    checked = stage.run("status", "--fail-if-lag", "3600")
    assert checked.returncode == 1
    assert "stopped are the feeds" in checked.stderr


@pytest.fixture
def reader(stage: Stage) -> Iterator[str]:
    """An account that may do exactly what the poller needs."""
    stage.server.create_account("reader", f"SELECT ON {stage.database}.*", "PROCESS ON *.*", password="pass-word")
    yield stage.server.url(stage.database, user="reader", password="pass-word")
    stage.keeper.run("DROP USER reader@'%%'")


def test_check_finds_nothing_wrong_with_a_right_installation(stage: Stage, reader: str) -> None:
    stage.configure(shop={"url": reader})
    found = answer(stage.run("check", "--json"))
    assert {finding["level"] for finding in found} == {"ok"}, found
    texts = " ".join(finding["text"] for finding in found)
    for fact in ("PrestaShop 8.2.0", "Maison Demo, EUR", "cancelled is state 6", "Europe/Paris", stage.receiver.url):
        assert fact in texts
    assert not stage.state.exists(), "a look makes nothing"
    stage.catch_up()
    assert stage.run("check").returncode == 0


def test_check_names_everything_that_is_wrong_with_its_remedy(stage: Stage, reader: str) -> None:
    stage.configure(shop={"url": reader}, segment={"host": "http://127.0.0.1:1"})
    stage.keeper.run("REVOKE PROCESS ON *.* FROM reader@'%%'")
    stage.keeper.run("DELETE FROM PREFIX_configuration WHERE name = 'PS_OS_REFUND'")
    stage.keeper.run("ALTER TABLE PREFIX_order_slip ENGINE = MyISAM")
    done = stage.run("check", "--json")
    assert done.returncode == 1
    found = {(f["level"], f["topic"]): (f["text"], f["remedy"]) for f in json.loads(done.stdout) if f["level"] != "ok"}
    text, remedy = found["warning", "transactions"]
    assert "lacks the PROCESS privilege" in text
    assert "GRANT PROCESS" in remedy
    text, remedy = found["problem", "states"]
    assert "no state for refunded" in text
    assert "PS_OS_REFUND" in remedy
    text, remedy = found["warning", "engine"]
    assert "ps_order_slip" in text
    assert "ENGINE=InnoDB" in remedy
    text, remedy = found["problem", "segment"]
    assert "connection to Segment failed" in text
    assert "segment.host" in remedy


def test_sql_prints_statements_a_mysql_prompt_takes(stage: Stage) -> None:
    printed = stage.run("sql", "feeds/order_history")
    assert printed.returncode == 0
    statement = printed.stdout.replace(":after_id", "0").replace(":until_id", "9").replace(":page_size", "1")
    assert "FROM ps_order_history AS t" in statement
    assert stage.keeper.run(statement) == 0
    assert "-- Orders whose history grew" in printed.stdout
    listed = answer(stage.run("sql", "--json"))
    assert {"name": "feeds/orders", "sentence": "Orders that were created since the watermark."} in listed
    mistyped = stage.run("sql", "order_histroy")
    assert mistyped.returncode == 2
    assert "did you mean order_history?" in mistyped.stderr


def test_resuming_what_never_stopped_names_the_feeds_there_are(stage: Stage) -> None:
    stage.catch_up()
    done = stage.run("state", "resume", "order")
    assert done.returncode == 78
    assert "no checkpoint of a feed 'order'" in done.stderr
    assert "order_history" in done.stderr
