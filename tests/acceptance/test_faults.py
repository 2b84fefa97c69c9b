"""Whatever breaks, nothing is lost, nothing is told twice, and nothing is guessed."""

import resource
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from poller.demo.database import create_database
from poller.demo.receiver import (
    Fault,
    NoSuccess,
    Receiver,
    Redirect,
    ResetAfter,
    ResetBefore,
    Status,
    Truncated,
)
from poller.demo.reckoning import reckon
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import LivingShop
from tests.acceptance.process import Daemon, write_config
from tests.acceptance.shopkeeper import Shopkeeper
from tests.acceptance.stage import QUICK, Stage, completed, told, wait_until

SHOP_SECONDS = 5.0


def test_killed_at_random_under_a_shop_that_goes_on_selling(stage: Stage, dice: Random) -> None:
    stage.configure(settle="2s", schedule={"hot_sweep": "500ms"})

    def is_told(order_id: int) -> bool:
        return ("Order Completed", order_id) in stage.told()

    shop = LivingShop(
        lambda: stage.server.connect(stage.database), seed=dice.getrandbits(32), pace=0.2, is_told=is_told
    )
    selling = threading.Thread(target=shop.live, args=(SHOP_SECONDS,))
    kills = 0
    with stage.daemon() as daemon:
        selling.start()
        while selling.is_alive():
            selling.join(0.3 + dice.random())
            daemon.kill()
            daemon.start(ready=False)
            kills += 1
        daemon.wait_for(lambda: not [f for tally in _tallies(shop, stage).values() for f in tally], timeout=60)
    assert kills >= 3
    assert sum(deed.kind == "completed" for deed in shop.deeds) > 10
    assert stage.run("catch-up").returncode == 0
    assert _tallies(shop, stage) == {"completed": [], "cancelled": [], "refunded": [], "identify": []}
    assert stage.is_clean()


def _tallies(shop: LivingShop, stage: Stage) -> dict[str, list[object]]:
    """By kind of fact: what is missing, and what came that did not happen."""
    tallies = reckon(shop.deeds, stage.receiver.arrivals)
    return {kind: [*tally.missing, *tally.unexpected] for kind, tally in tallies.items()}


def test_a_database_that_dies_and_comes_back(tmp_path: Path) -> None:
    with PrivateMariaDB() as server, Receiver() as receiver:
        create_database(server, "shop")
        config = write_config(tmp_path, shop_url=server.url("shop"), segment_url=receiver.url)
        with Daemon(config) as daemon:
            before = _sold(server)
            daemon.wait_for(lambda: told(receiver) == completed(before))
            server.kill()
            daemon.wait_for(lambda: bool(daemon.said("poll.postponed")))
            server.start()
            after = _sold(server)
            daemon.wait_for(lambda: told(receiver) == completed(before, after))
            (postponed, *_) = daemon.said("poll.postponed")
            assert "The shop's database cannot be reached" in postponed["error"]
            assert postponed["hint"]
            assert "poll" in [line["job"] for line in daemon.said("daemon.recovered")]
            assert daemon.stop() == 0
        assert receiver.conflicts() == receiver.violations == []


def _sold(server: PrivateMariaDB) -> int:
    with closing(server.connect("shop")) as connection:
        keeper = Shopkeeper(connection)
        return keeper.order(keeper.customer())


FAULTS: list[tuple[Fault, int, str]] = [
    (Status(429, "1"), 75, "Segment answered 429"),
    (Status(500), 75, "Segment answered 500"),
    (ResetBefore(), 75, "connection to Segment failed or broke off"),
    (ResetAfter(), 75, "connection to Segment failed or broke off"),
    (Truncated(), 75, "cut short"),
    (Redirect(), 78, "redirect"),
    (NoSuccess(), 78, "without Segment's `success`"),
    (Status(401), 78, "the write key does not hold here"),
]


def test_whatever_segment_answers_everything_arrives_and_nothing_with_two_bodies(stage: Stage) -> None:
    customer = stage.keeper.customer()
    owed: Counter[tuple[str, int]] = Counter()
    for fault, code, words in FAULTS:
        owed += completed(*stage.keeper.orders(2, customer))
        stage.receiver.script(fault)
        # A try that is put off is not made before its time: then the fault is still to come.
        requests = stage.receiver.requests
        done = stage.run("catch-up")
        while stage.receiver.requests == requests:
            assert done.returncode == 75
            done = stage.run("catch-up")
        assert done.returncode == code, f"{fault}: {done.stderr}"
        assert words in done.stderr
        assert "hint: " in done.stderr
    stage.catch_up_at_last()
    assert stage.told() == owed
    assert stage.is_clean()
    assert stage.standing().pending == 0
    assert stage.standing().buried == 0


def test_a_batch_refused_for_one_message_buries_only_that_one(stage: Stage) -> None:
    orders = stage.keeper.orders(4, stage.keeper.customer())
    # Segment refuses the whole, its left half, and the left half of that: the first message is the guilty one.
    stage.receiver.script(*[Status(400)] * 5)
    stage.catch_up()
    assert stage.standing().buried >= 1
    assert stage.run("dead-letters", "replay", "--all").returncode == 0
    stage.catch_up_at_last()
    assert stage.told() == completed(*orders)
    assert stage.is_clean()


def test_the_daemon_obeys_retry_after_and_goes_on_polling_meanwhile(stage: Stage) -> None:
    stage.receiver.script(Status(429, "2"))
    with stage.daemon() as daemon:
        first = stage.keeper.order(stage.keeper.customer())
        assert stage.receiver.wait_for(lambda receiver: receiver.requests == 1, 20)
        asked = time.monotonic()
        second = stage.keeper.order(stage.keeper.customer("Grace"))
        daemon.wait_for(lambda: stage.standing().pending >= 6)
        daemon.wait_for(lambda: stage.told() == completed(first, second))
        assert time.monotonic() - asked > 1.5
        (deferred,) = daemon.said("batch.deferred")
        assert "429" in deferred["reason"]
    assert stage.is_clean()


def gaps(stage: Stage) -> dict[str, int]:
    """The missing ids of the two feeds that orders touch; the carts' own look at orders has the same."""
    return {feed.name: feed.gaps for feed in stage.standing().feeds if feed.name in ("orders", "order_history")}


def test_rows_that_commit_late_are_told_and_rows_that_never_do_hold_nothing_up(stage: Stage) -> None:
    """Feeds alone: the sweep, which would find these too, is switched off."""
    stage.configure(schedule={"hot_sweep": "1h", "sweep": "1h"})
    keeper = stage.keeper
    customer = keeper.customer()
    cancelled = keeper.order(customer)
    with stage.another_keeper() as importer, stage.another_keeper() as undecided, stage.daemon() as daemon:
        daemon.wait_for(lambda: stage.told() == completed(cancelled))
        importer.begin()
        imported = importer.orders(3, customer)
        importer.enter(cancelled, 6)
        undecided.begin()
        never = undecided.order(customer)
        passing = keeper.order(customer)
        assert imported < [never] < [passing]
        daemon.wait_for(lambda: stage.told() == completed(cancelled, passing))
        wait_until(lambda: gaps(stage) == {"orders": 4, "order_history": 5})
        undecided.rollback()
        # As long as the importer's transaction is open, its ids may still come: for longer than any margin.
        time.sleep(6)
        keeper.enter(passing, 3)
        assert gaps(stage) == {"orders": 4, "order_history": 5}
        importer.commit()
        owed = completed(cancelled, passing, *imported) + Counter({("Order Cancelled", cancelled): 1})
        daemon.wait_for(lambda: stage.told() == owed)
        daemon.wait_for(lambda: sum(feed.gaps for feed in stage.standing().feeds) == 0, timeout=10)
        assert daemon.stop() == 0
    assert stage.is_clean()


def test_an_order_whose_checkout_crashed_is_told_when_an_employee_revives_it(stage: Stage) -> None:
    stage.configure(**QUICK)
    keeper = stage.keeper
    customer = keeper.customer()
    crashed, hopeless = keeper.begun_order(customer), keeper.begun_order(customer)
    with stage.daemon() as daemon:
        first = keeper.order(customer)
        daemon.wait_for(lambda: stage.told() == completed(first))
        settled = time.monotonic() + 2.5
        daemon.wait_for(lambda: time.monotonic() > settled)
        assert stage.told() == completed(first)
        assert stage.standing().waiting_orders == 2
        keeper.enter(crashed, 2, employee=1)
        daemon.wait_for(lambda: stage.told() == completed(first, crashed))
        assert daemon.stop() == 0
    stage.catch_up()
    assert ("Order Completed", hopeless) not in stage.told()
    assert stage.is_clean()


def test_a_state_set_by_sql_is_told_once_after_it_settled_and_its_late_record_is_the_same_fact(stage: Stage) -> None:
    stage.configure(**QUICK)
    keeper = stage.keeper
    customer = keeper.customer()
    with stage.daemon() as daemon:
        order = keeper.order(customer)
        daemon.wait_for(lambda: stage.told() == completed(order))
        changed = time.monotonic()
        keeper.set_state(order, 6)
        owed = completed(order) + Counter({("Order Cancelled", order): 1})
        daemon.wait_for(lambda: stage.told() == owed)
        assert time.monotonic() - changed >= 1.0, "not before it stood for `settle`"
        keeper.history(order, 6, employee=1)
        fence = keeper.order(customer)
        daemon.wait_for(lambda: ("Order Completed", fence) in stage.told())
        assert daemon.stop() == 0
    stage.catch_up()
    assert stage.told() == owed + completed(fence)
    assert stage.is_clean()


def test_a_full_disk_stops_nothing_for_good(stage: Stage) -> None:
    keeper = stage.keeper
    customer = keeper.customer()
    with stage.daemon() as daemon:
        first = keeper.order(customer)
        daemon.wait_for(lambda: stage.told() == completed(first))
        assert daemon.process
        # No file of the process may grow beyond what the state's log is now: to it, the disk is full.
        full = stage.state.with_name("state.db-wal").stat().st_size
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
        orders = keeper.orders(2, customer)
        daemon.wait_for(lambda: bool(daemon.said("poll.postponed")))
        assert stage.told() == completed(first)
        free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, free)
        daemon.wait_for(lambda: stage.told() == completed(first, *orders))
        (postponed, *_) = daemon.said("poll.postponed")
        assert f"Cannot write the state store {stage.state}" in postponed["error"]
        assert "df" in postponed["hint"]
        assert daemon.stop() == 0
    assert stage.is_clean()


def restored_from_an_old_backup(stage: Stage) -> tuple[int, list[int]]:
    """Four orders were told; then the last three are gone, and the shop gives their ids to others."""
    keeper = stage.keeper
    customer = keeper.customer()
    kept, *lost = keeper.orders(4, customer)
    stage.catch_up()
    for table in ("orders", "order_detail", "order_history"):
        keeper.run(f"DELETE FROM PREFIX_{table} WHERE id_order > %s", kept)
        keeper.run(f"ALTER TABLE PREFIX_{table} AUTO_INCREMENT = 1")
    keeper.at = datetime.now(UTC) + timedelta(seconds=2)
    assert keeper.orders(3, customer) == lost
    return kept, lost


def test_a_shop_that_was_restored_stops_the_lane_until_somebody_decides(stage: Stage) -> None:
    kept, lost = restored_from_an_old_backup(stage)
    customer = stage.keeper.customer("Grace")
    sent = len(stage.receiver.accepted)
    done = stage.run("catch-up")
    assert done.returncode == 78
    reason = f"row {lost[0]} is another one than before"
    assert f"The feed orders stopped: {reason}." in done.stderr
    assert "poller state resume" in done.stderr
    stopped = {feed.name: feed.stopped for feed in stage.standing().feeds if feed.stopped}
    assert set(stopped) == {"orders", "order_history"}
    assert reason in stage.run("status").stdout
    with stage.daemon() as daemon:
        line = next(line for line in daemon.said("poll.finished") if "stopped" in line)
        assert (line["level"], set(line["stopped"])) == ("warning", set(stopped))
        assert daemon.stop() == 0
    assert len(stage.receiver.accepted) == sent, "nothing is guessed"
    for feed in stopped:
        assert stage.run("state", "resume", feed).returncode == 0
    fresh = stage.keeper.order(customer)
    stage.catch_up()
    assert stage.told() == completed(kept, *lost, fresh)
