"""The door to the past: a closed period, whatever interrupts it, beside whoever else works."""

import re
import shlex
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from poller.demo.receiver import Receiver
from tests.acceptance.process import Started, environment, run
from tests.acceptance.stage import Stage, answer, completed, messages_of

MONDAY = datetime(2026, 3, 2, 11, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
ONLY_TUESDAY = ("--since", "2026-03-03", "--until", "2026-03-04")


@contextmanager
def in_the_past(stage: Stage, moment: datetime) -> Iterator[None]:
    """What is written carries that date."""
    stage.keeper.at = moment
    yield
    stage.keeper.at = None


def history(stage: Stage, *, orders: int) -> list[int]:
    """Orders a minute apart, from Monday on."""
    with in_the_past(stage, MONDAY):
        customers = [stage.keeper.customer(f"Past{number}") for number in range(orders // 10)]
        found = []
        for number in range(orders):
            stage.keeper.at = MONDAY + timedelta(minutes=number)
            found.append(stage.keeper.order(customers[number % len(customers)], lines=2))
    return found


def test_a_closed_period_sends_the_facts_of_that_period_and_no_others(stage: Stage) -> None:
    keeper = stage.keeper
    with in_the_past(stage, MONDAY):
        customer = keeper.customer()
        monday, later_cancelled = keeper.orders(2, customer)
    with in_the_past(stage, TUESDAY):
        tuesday = keeper.order(customer)
        keeper.enter(later_cancelled, 6)
        midnight_paris = datetime(2026, 3, 2, 23, tzinfo=UTC)
    with in_the_past(stage, midnight_paris):
        first_of_tuesday = keeper.order(customer)
    with in_the_past(stage, midnight_paris - timedelta(seconds=1)):
        last_of_monday = keeper.order(customer)
    with in_the_past(stage, WEDNESDAY):
        keeper.slip(monday, "10.00")
        keeper.order(customer)
    report = answer(stage.run("backfill", *ONLY_TUESDAY, "--json"))
    assert stage.told() == {
        ("Order Completed", tuesday): 1,
        ("Order Completed", first_of_tuesday): 1,
        ("Order Cancelled", later_cancelled): 1,
    }
    assert report["delivered"] == sum(report["events"].values()) == len(stage.receiver.accepted)
    times = [datetime.fromisoformat(message["timestamp"]) for message in stage.receiver.accepted]
    assert all(midnight_paris <= at < midnight_paris + timedelta(days=1) for at in times)
    again = answer(stage.run("backfill", *ONLY_TUESDAY, "--json"))
    assert (again["events"], again["delivered"]) == ({}, 0)
    rest = answer(stage.run("backfill", "--since", "2026-03-02", "--json"))
    assert rest["events"]["Order Completed"] == 4
    assert ("Order Completed", last_of_monday) in stage.told()
    assert stage.told()["Order Refunded", monday] == 1
    assert stage.is_clean()


def test_what_backfills_sent_the_live_lane_does_not_send_and_the_other_way_round(stage: Stage) -> None:
    keeper = stage.keeper
    with in_the_past(stage, datetime.now(UTC) - timedelta(days=1)):
        yesterday = keeper.order(keeper.customer())
    today = keeper.order(keeper.customer("Grace"))
    stage.catch_up()
    assert stage.told() == completed(today), "history is the backfill's"
    assert answer(stage.run("backfill", "--since", "2026-01-01", "--json"))["events"]["Order Completed"] == 1
    assert stage.told() == completed(yesterday, today)
    stage.catch_up()
    keeper.enter(yesterday, 6)
    stage.catch_up()
    assert stage.told() == completed(yesterday, today) + Counter({("Order Cancelled", yesterday): 1})
    assert len(stage.receiver.accepted) == len(stage.receiver.distinct())


def test_killed_again_and_again_it_sends_exactly_what_an_undisturbed_one_sends(stage: Stage, dice: Random) -> None:
    orders = history(stage, orders=120)
    period = ("--since", "2026-03-01", "--until", "2026-04-01")
    with Receiver() as undisturbed:
        calm = stage.elsewhere("calm", segment={"host": undisturbed.url})
        assert run(calm, "backfill", *period).returncode == 0
        ids = set(undisturbed.distinct())
    assert len(ids) > 2 * len(orders)
    # Small pages and batches, so that there is a middle to be killed in.
    stage.configure(page_size=20, segment={"rate_limit": 60})
    kills = 0
    while kills < 6:
        with Started(stage.config, "backfill", *period) as process:
            if process.wait(0.4 + dice.random() * 0.6) is not None:
                break
            process.kill()
            kills += 1
    assert kills >= 2
    stage.configure()
    done = stage.run("backfill", *period)
    assert done.returncode == 0, done.stderr
    assert set(stage.receiver.distinct()) == ids
    assert stage.told() == completed(*orders)
    assert stage.is_clean()
    sent = stage.receiver.requests
    assert stage.run("backfill", *period).returncode == 0
    assert stage.receiver.requests == sent, "a second run sends nothing"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_lets_it_finish_its_page_and_says_how_to_go_on(stage: Stage, number: signal.Signals) -> None:
    orders = history(stage, orders=100)
    with Receiver() as undisturbed:
        calm = stage.elsewhere("calm", segment={"host": undisturbed.url})
        assert run(calm, "backfill", "--since", "2026-03-01", "--until", "2026-04-01").returncode == 0
        ids = set(undisturbed.distinct())
    stage.configure(page_size=10, segment={"rate_limit": 20})
    period = ("--since", "2026-03-01", "--until", "2026-04-01", "--only", "orders, customers")
    with Started(stage.config, "backfill", *period) as process:
        assert stage.receiver.wait_for(lambda receiver: bool(receiver.arrivals), 20)
        process.signal(number)
        assert process.wait(10) == 128 + number
        *_, said, command = process.errors().splitlines()
    assert said == f"stopped by {number.name}; nothing is lost, and this goes on:"
    assert 0 < len(stage.receiver.distinct()) < len(ids), "it was stopped in the middle"
    stage.configure()
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr
    assert stage.told() == completed(*orders)
    assert set(stage.receiver.distinct()) == ids
    assert len(stage.receiver.accepted) == len(stage.receiver.distinct())


def test_it_may_run_beside_the_daemon_which_delivers_for_both(stage: Stage) -> None:
    orders = history(stage, orders=60)
    stage.configure(page_size=20)
    with stage.daemon() as daemon, Started(stage.config, "backfill", "--since", "2026-03-01", "--json") as process:
        customer = stage.keeper.customer("Live")
        live = stage.keeper.orders(5, customer)
        assert process.wait(30) == 0, process.errors()
        daemon.wait_for(lambda: stage.told() == completed(*orders, *live))
        assert daemon.stop() == 0
    assert stage.is_clean()
    assert len(stage.receiver.accepted) == len(stage.receiver.distinct())
    lanes = stage.status()["by_lane"]
    assert lanes == {}


def test_two_backfills_of_one_period_do_not_work_at_the_same_time(stage: Stage) -> None:
    history(stage, orders=40)
    stage.configure(segment={"rate_limit": 5})
    with Started(stage.config, "backfill", "--since", "2026-03-01", "--until", "2026-04-01") as process:
        assert stage.receiver.wait_for(lambda receiver: bool(receiver.arrivals), 20)
        refused = stage.run("backfill", "--since", "2026-03-01", "--until", "2026-04-01")
        assert refused.returncode == 75
        assert f"pid {process.pid} (backfill)" in refused.stderr


def contents(stage: Stage) -> dict[str, bytes]:
    """Every file; but SQLite keeps notes of its readers, and an empty log, beside a store that is only looked at."""
    found = {path.name: path.read_bytes() for path in stage.directory.iterdir() if path.suffix != ".db-shm"}
    return {name: body for name, body in found.items() if body or not name.endswith("-wal")}


@pytest.mark.parametrize("has_run", [False, True], ids=["before the first run", "afterwards"])
def test_a_dry_run_counts_what_would_be_sent_and_leaves_no_trace(stage: Stage, has_run: bool) -> None:
    orders = history(stage, orders=30)
    if has_run:
        stage.catch_up()
    before = contents(stage)
    requests = stage.receiver.requests
    dry = answer(stage.run("backfill", "--since", "2026-03-01", "--dry-run", "--json"))
    assert contents(stage) == before
    assert stage.receiver.requests == requests
    assert dry["dry_run"] is True
    assert dry["events"]["Order Completed"] == len(orders)
    assert answer(stage.run("backfill", "--since", "2026-03-01", "--json"))["events"] == dry["events"]
    again = answer(stage.run("backfill", "--since", "2026-03-01", "--dry-run", "--json"))
    assert (again["messages"], again["samples"]) == (0, [])
    assert again["note"] == "Nothing to send: this period was read to its end before."


def test_only_some_kinds_of_things(stage: Stage) -> None:
    (order, *_) = history(stage, orders=10)
    assert answer(stage.run("backfill", "--since", "2026-03-01", "--only", "customers", "--json"))["events"] == {
        "Signed Up": 1,
        "identify": 1,
    }
    assert stage.told() == {}
    only_orders = answer(stage.run("backfill", "--since", "2026-03-01", "--only", "orders", "--json"))["events"]
    assert only_orders == {"Order Completed": 10, "identify": 10}
    assert len(messages_of(stage.receiver, order)) == 1


def test_more_workers_are_accepted_and_answered(stage: Stage) -> None:
    """Scripts that ask for them go on."""
    orders = history(stage, orders=10)
    done = stage.run("backfill", "--since", "2026-03-01", "--workers", "4", "--json")
    assert answer(done)["events"]["Order Completed"] == len(orders)
    assert "--workers 4: one process does it all the same." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--since", "soon"), r"--since: 'soon' is not a date: write 2024-03-01"),
        (("--since", "2099-01-01"), r"--since: lies in the future"),
        (("--since", "2026-03-02", "--until", "2026-03-01"), r"--until: must be later than --since"),
        (("--since", "2026-03-01", "--until", "2026-03-01"), r"--until: must be later than --since"),
        (("--since", "2026-03-01", "--only", "invoices"), r"'invoices' names something else than "),
        (("--since", "2026-03-01", "--rate", "0"), r"--rate: must be greater than 0"),
        ((), r"Missing option '--since'"),
    ],
)
def test_a_period_that_is_none_is_a_mistake_of_usage(stage: Stage, arguments: tuple[str, ...], words: str) -> None:
    done = stage.run("backfill", *arguments)
    assert done.returncode == 2
    assert re.search(words, re.sub(r"\s+", " ", done.stderr)), done.stderr
    assert not stage.state.exists()
