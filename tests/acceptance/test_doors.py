"""The doors that work: run, catch-up, and what they do when something is in the way."""

import signal
import time
from datetime import datetime, timedelta

from poller.demo.receiver import Slow, Status
from poller.signals import AT_ONCE_SECONDS
from tests.acceptance.stage import Stage, answer, completed, messages_of, wait_until

SLOW = Slow(1.5)
EXIT_TERMINATED = 128 + signal.SIGTERM


def test_a_signal_in_the_middle_of_a_post_lets_it_finish_so_that_nothing_is_sent_twice(stage: Stage) -> None:
    orders = stage.keeper.orders(5, stage.keeper.customer())
    stage.receiver.always(SLOW)
    with stage.daemon() as daemon:
        assert stage.receiver.wait_for(lambda receiver: bool(receiver.arrivals), 20), "the post is under way"
        assert daemon.stop() == 0
    stage.receiver.always(None)
    stage.catch_up()
    assert stage.told() == completed(*orders)
    assert len(stage.receiver.accepted) == len(stage.receiver.distinct()), "what was accepted was known to be"
    assert stage.status()["pending"] == 0


def test_a_second_signal_ends_it_at_once_and_nothing_is_lost(stage: Stage) -> None:
    orders = stage.keeper.orders(3, stage.keeper.customer())
    stage.receiver.always(Slow(60))
    with stage.daemon() as daemon:
        assert stage.receiver.wait_for(lambda receiver: bool(receiver.arrivals), 20)
        assert daemon.process
        daemon.process.terminate()
        daemon.wait_for(lambda: bool(daemon.said("daemon.stopping")))
        time.sleep(2 * AT_ONCE_SECONDS)
        daemon.process.terminate()
        assert daemon.process.wait(5) == EXIT_TERMINATED
    stage.receiver.always(None)
    stage.catch_up()
    assert stage.told() == completed(*orders)
    assert stage.is_clean()


def test_only_one_works_on_a_state_and_who_it_is_can_be_read(stage: Stage) -> None:
    with stage.daemon() as daemon:
        assert daemon.process
        holder = f"pid {daemon.process.pid} (run) on host"
        refused = stage.run("run")
        assert refused.returncode == 75, refused.stderr
        assert holder in refused.stderr
        assert "hint: Wait for it to end, or stop it first" in refused.stderr
        beside = stage.run("catch-up")
        assert beside.returncode == 0, "the daemon does the same: cron has nothing to mail about"
        assert holder in beside.stderr
        assert holder in stage.status()["holder"]
        order = stage.keeper.order(stage.keeper.customer())
        daemon.wait_for(lambda: stage.told() == completed(order))
        assert daemon.stop() == 0
    assert stage.status()["holder"] == ""
    assert stage.run("catch-up").returncode == 0


def test_catch_up_tells_everything_up_to_now_and_nothing_at_the_next_run(stage: Stage) -> None:
    customer = stage.keeper.customer()
    orders = stage.keeper.orders(4, customer)
    report = stage.catch_up()
    assert report["events"]["Order Completed"] == 4
    assert report["delivered"] == len(stage.receiver.accepted) == sum(report["events"].values())
    assert stage.told() == completed(*orders)
    again = stage.catch_up()
    assert again["events"] == {}
    assert again["delivered"] == 0
    stage.keeper.enter(orders[0], 6, employee=1)
    stage.keeper.slip(orders[1], "10.00")
    later = stage.catch_up()["events"]
    assert later["Order Cancelled"] == later["Order Refunded"] == 1
    (cancelled,) = messages_of(stage.receiver, orders[0])[1:]
    assert cancelled["event"] == "Order Cancelled"
    assert cancelled["properties"]["reason"] == "cancelled after payment"
    (refunded,) = messages_of(stage.receiver, orders[1])[1:]
    assert refunded["properties"]["total"] == 12.0
    assert stage.is_clean()


def test_a_first_catch_up_without_the_shop_is_to_be_tried_again(stage: Stage) -> None:
    stage.configure(shop={"url": f"mysql+pymysql://root@localhost/shop?unix_socket={stage.directory}/none"})
    refused = stage.run("catch-up")
    assert refused.returncode == 75, refused.stderr
    assert "The shop's database cannot be reached" in refused.stderr
    assert "hint: It is tried again; check shop.url and the server." in refused.stderr
    stage.configure()
    order = stage.keeper.order(stage.keeper.customer())
    stage.catch_up()
    assert stage.told() == completed(order)


def test_a_catch_up_without_segment_keeps_everything_for_the_next(stage: Stage) -> None:
    customer = stage.keeper.customer()
    first = stage.keeper.order(customer)
    stage.receiver.always(Status(503))
    refused = stage.run("catch-up")
    assert refused.returncode == 75, refused.stderr
    assert "Segment did not take everything: Segment answered 503" in refused.stderr
    assert "Nothing is lost" in refused.stderr
    second = stage.keeper.order(customer)
    stage.configure(segment={"host": "http://127.0.0.1:1"})
    wait_until(lambda: "The connection to Segment failed" in stage.run("catch-up").stderr)
    waiting = stage.status()
    assert waiting["pending"] == waiting["by_lane"]["live"] > 0
    assert waiting["delivered"] == {}
    assert waiting["delivery"]["attempts"] >= 2
    stage.receiver.always(None)
    stage.configure()
    stage.catch_up_at_last()
    assert stage.told() == completed(first, second)
    assert len(stage.receiver.accepted) == waiting["pending"]
    assert stage.is_clean()
    assert stage.status()["delivery"]["attempts"] == 0


def test_a_preview_is_what_is_sent_later_and_changes_nothing(stage: Stage) -> None:
    customer = stage.keeper.customer(firstname="Zoë", company="Example & Co")
    stage.keeper.address(customer)
    order = stage.keeper.order(customer, lines=3, net="12.34")
    stage.keeper.slip(order, "12.34")
    before = sorted(path.name for path in stage.directory.iterdir())
    shown = answer(stage.run("preview", "order", str(order), "--json"))
    person = answer(stage.run("preview", "customer", str(customer), "--json"))
    assert sorted(path.name for path in stage.directory.iterdir()) == before
    assert stage.receiver.requests == 0
    stage.catch_up()
    sent = stage.receiver.distinct()
    for message in [*shown, *person]:
        assert message == {name: value for name, value in sent.pop(message["messageId"]).items() if name != "sentAt"}
    assert [message for message in sent.values() if message["type"] == "track"] == []
    kept = stage.state.read_bytes()
    assert answer(stage.run("preview", "order", str(order), "--json")) == shown, "the same afterwards"
    assert stage.state.read_bytes() == kept
    listed = stage.run("preview", "order", str(order))
    assert "--- Order Completed" in listed.stdout
    assert "--- Order Refunded" in listed.stdout
    unknown = stage.run("preview", "order", "999999")
    assert unknown.returncode == 78
    assert "The shop has no order 999999." in unknown.stderr


def test_a_daemon_restarted_in_order_or_not_tells_what_happened_meanwhile(stage: Stage) -> None:
    customer = stage.keeper.customer()
    owed = completed()
    with stage.daemon() as daemon:
        for number in range(4):
            owed += completed(stage.keeper.order(customer))
            if number % 2:
                daemon.kill()
            else:
                assert daemon.stop() == 0
            owed += completed(stage.keeper.order(customer))
            daemon.start(ready=bool(number % 2))
        daemon.wait_for(lambda: stage.told() == owed)
    assert stage.is_clean()


def test_events_are_told_soon_and_dated_by_the_shop(stage: Stage) -> None:
    with stage.daemon() as daemon:
        order = stage.keeper.order(stage.keeper.customer())
        daemon.wait_for(lambda: stage.told() == completed(order))
    (message,) = messages_of(stage.receiver, order)
    arrival = next(a for a in stage.receiver.arrivals if a.message["messageId"] == message["messageId"])
    happened = datetime.fromisoformat(message["timestamp"])
    assert timedelta(0) <= arrival.at - happened < timedelta(seconds=5)
