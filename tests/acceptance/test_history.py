"""What people expect of a run over the past: numbers beforehand, how far it is, and that nobody minds it."""

import json
import os
import pty
import subprocess
import threading
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.acceptance.process import COMMAND, Started, environment
from tests.acceptance.stage import Stage, answer, completed, wait_until
from tests.acceptance.test_backfill import MONDAY, TUESDAY, history, in_the_past

PERIOD = ("--since", "2026-03-01", "--until", "2026-05-01")
FIRST_HALF, ALL = ("--since", "2026-03-02", "--until", "2026-03-02T12:15"), ("--since", "2026-03-02")


def two_months(stage: Stage) -> list[int]:
    """Orders of March, one of which is cancelled in April, by the shop's clock and not by UTC's."""
    orders = history(stage, orders=30)
    with in_the_past(stage, datetime(2026, 3, 31, 22, 30, tzinfo=UTC)):
        stage.keeper.enter(orders[0], 6)
    return orders


def dry(stage: Stage, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = answer(stage.run("backfill", *arguments, "--dry-run", "--json"))
    return found


# ------------------------------------------------------------ the dry run


@pytest.mark.parametrize("part", [None, FIRST_HALF], ids=["nothing was told", "a part was told"])
def test_a_dry_run_counts_what_the_run_then_sends(stage: Stage, part: tuple[str, ...] | None) -> None:
    two_months(stage)
    stage.configure(page_size=20, segment={"rate_limit": 100})
    if part:
        assert stage.run("backfill", *part).returncode == 0
    told, requests = len(stage.receiver.accepted), stage.receiver.requests
    foretold = dry(stage, *PERIOD)
    assert (len(stage.receiver.accepted), stage.receiver.requests) == (told, requests)
    report = answer(stage.run("backfill", *PERIOD, "--json"))
    sent = stage.receiver.accepted[told:]
    assert foretold["events"] == report["events"]
    assert foretold["messages"] == report["delivered"] == len(sent)
    assert foretold["told_before"] == report["told_before"] == told
    assert foretold["requests"] == stage.receiver.requests - requests
    assert foretold["users"] == len({message["userId"] or message["anonymousId"] for message in sent})
    assert foretold["bytes"] == sum(len(json.dumps(message)) for message in sent)
    assert (foretold["rate"], foretold["seconds_at_rate"]) == (100, round(len(sent) / 100, 1))
    months = Counter((local(message), str(message.get("event", message["type"]))) for message in sent)
    foretold_months = {(month, name): n for month, names in foretold["months"].items() for name, n in names.items()}
    assert foretold_months == months
    assert {month for month, _ in months} == {"2026-03", "2026-04"}
    by_id = {message["messageId"]: message for message in sent}
    assert [by_id[sample["messageId"]] for sample in foretold["samples"]] == foretold["samples"]
    assert len({sample.get("event", sample["type"]) for sample in foretold["samples"]}) == 3


def local(message: dict[str, Any]) -> str:
    """The month by the shop's clock (Paris)."""
    at = datetime.fromisoformat(message["timestamp"])
    return f"{at + timedelta(hours=2 if at >= datetime(2026, 3, 29, 1, tzinfo=UTC) else 1):%Y-%m}"


def test_a_dry_run_of_a_run_that_was_interrupted_counts_the_rest(stage: Stage) -> None:
    history(stage, orders=100)
    stage.configure(page_size=10, segment={"rate_limit": 20})
    with Started(stage.config, "backfill", *PERIOD) as process:
        assert stage.receiver.wait_for(lambda receiver: len(receiver.arrivals) > 20, 30)
        process.kill()
    stage.configure()
    foretold = dry(stage, *PERIOD)
    assert foretold["messages"]
    assert answer(stage.run("backfill", *PERIOD, "--json"))["events"] == foretold["events"]


def test_a_dry_run_shows_people_months_time_and_three_messages(stage: Stage) -> None:
    two_months(stage)
    done = stage.run("backfill", *PERIOD, "--dry-run", "--rate", "0.1")
    assert done.returncode == 0, done.stderr
    assert "2026-04" in done.stdout
    assert "seconds at rate  " in done.stdout
    assert " min" in done.stdout
    assert done.stdout.count("--- for example: ") == 3
    assert not stage.state.exists()


# ------------------------------------------------------------ answers


def test_a_period_without_anything_says_so(stage: Stage) -> None:
    history(stage, orders=10)
    report = answer(stage.run("backfill", "--since", "2020-01-01", "--until", "2020-02-01", "--json"))
    assert report["events"] == {}
    assert report["note"].startswith("Nothing to send: the shop holds nothing of this period. Its newest order is of 2")
    printed = stage.run("backfill", "--since", "2020-01-01", "--until", "2020-02-01", "--dry-run").stdout
    assert "Nothing to send: " in printed


def test_overlapping_periods_at_the_same_time_tell_everything_once(stage: Stage) -> None:
    orders = history(stage, orders=80)
    stage.configure(page_size=10)
    with (
        Started(stage.config, "backfill", "--since", "2026-03-01", "--until", "2026-04-01") as one,
        Started(stage.config, "backfill", "--since", "2026-03-02", "--until", "2026-05-01") as other,
    ):
        assert (one.wait(60), other.wait(60)) == (0, 0), other.errors()
    assert stage.told() == completed(*orders)
    assert len(stage.receiver.accepted) == len(stage.receiver.distinct())
    third = answer(stage.run("backfill", "--since", "2026-03-02", "--until", "2026-03-20", "--json"))
    assert third["note"] == f"Nothing to send: all {third['told_before']:,} messages of this period were told before."


# ------------------------------------------------------------ how far it is


def test_a_terminal_gets_a_bar(stage: Stage) -> None:
    history(stage, orders=60)
    stage.configure(page_size=10)
    master, slave = pty.openpty()
    with closing(os.fdopen(master, "rb", buffering=0)) as screen:
        process = subprocess.Popen(
            [COMMAND, "--config", stage.config, "backfill", *PERIOD],
            stderr=slave,
            stdout=subprocess.DEVNULL,
            env=environment() | {"TERM": "xterm", "COLUMNS": "160"},
        )
        os.close(slave)
        shown = b""
        while chunk := _read(screen):
            shown += chunk
        assert process.wait(30) == 0
    text = shown.decode()
    assert "100%" in text
    assert "events, " in text
    assert "/s, " in text
    assert "0 refused" in text


def _read(screen: Any) -> bytes:
    try:
        found: bytes = screen.read(4096)
    except OSError:  # so Linux says that nobody holds the other end any more
        return b""
    return found


def test_elsewhere_lines_say_how_far_it_is(stage: Stage) -> None:
    history(stage, orders=100)
    stage.configure(page_size=10, segment={"rate_limit": 20})
    with Started(stage.config, "backfill", *PERIOD) as process:
        wait_until(lambda: bool(progressed(process)), timeout=40)
    line = progressed(process)[0]
    assert 0 < line["done_rows"] <= line["total_rows"]
    assert line["events"] > line["waiting"] >= 0
    assert line["per_second"] > 0
    assert line["refused"] == 0
    assert line["seconds_left"] > 0


def progressed(process: Started) -> list[dict[str, Any]]:
    return [line for line in process.lines() if line["event"] == "backfill.progressed"]


# ------------------------------------------------------------ nobody minds it


def test_history_may_be_kept_from_destinations_and_is_no_sign_of_life(stage: Stage) -> None:
    keeper = stage.keeper
    with in_the_past(stage, MONDAY):
        past = keeper.order(keeper.customer())
    wanted = {"All": False, "BigQuery": True}
    stage.configure(segment={"integrations": {"All": True}}, backfill={"integrations": wanted})
    previewed = {m["messageId"]: m["timestamp"] for m in answer(stage.run("preview", "order", str(past), "--json"))}
    assert stage.run("backfill", *PERIOD).returncode == 0
    sent = stage.receiver.distinct()
    assert all(message["integrations"] == wanted for message in sent.values())
    assert {m["context"].get("active") for m in sent.values() if m["type"] == "identify"} == {False}
    assert {key: sent[key]["timestamp"] for key in previewed} == previewed, "same ids, same times"
    assert sent.keys() >= previewed.keys()
    present = keeper.order(keeper.customer("Grace"))
    stage.catch_up()
    live = [message for key, message in stage.receiver.distinct().items() if key not in sent]
    assert stage.told() == completed(past, present)
    assert all(message["integrations"] == {"All": True} for message in live)
    assert all("active" not in message["context"] for message in live)


def test_it_waits_while_the_shop_is_busy_and_goes_on_by_itself(stage: Stage) -> None:
    orders = history(stage, orders=60)
    stage.configure(page_size=10, backfill={"most_threads": 4})
    rest = threading.Event()
    customers = [threading.Thread(target=shop_away, args=(stage, rest)) for _ in range(6)]
    for customer in customers:
        customer.start()
    try:
        with Started(stage.config, "backfill", *PERIOD) as process:
            wait_until(lambda: "backfill.paused" in events(process), timeout=30)
            assert stage.receiver.accepted == []
            rest.set()
            assert process.wait(60) == 0, process.errors()
            (paused,) = [line for line in process.lines() if line["event"] == "backfill.paused"]
            assert paused["reason"].startswith("the shop's database is busy: ")
            assert "backfill.resumed" in events(process)
    finally:
        rest.set()
        for customer in customers:
            customer.join()
    assert stage.told() == completed(*orders)


def shop_away(stage: Stage, rest: threading.Event) -> None:
    """One statement after the other, until everybody may rest."""
    with closing(stage.server.connect(stage.database)) as connection, connection.cursor() as cursor:
        while not rest.is_set():
            cursor.execute("SELECT SLEEP(0.5)")


def events(process: Started) -> list[str]:
    return [line["event"] for line in process.lines()]


def test_live_events_go_first_also_where_the_backfill_began_alone(stage: Stage) -> None:
    """A daemon that starts beside a slow backfill takes over sending: what happens now waits for no history."""
    history(stage, orders=120)
    stage.configure(segment={"rate_limit": 50})
    with Started(stage.config, "backfill", *PERIOD, "--rate", "5") as process:
        assert stage.receiver.wait_for(lambda receiver: bool(receiver.arrivals), 30)
        with stage.daemon() as daemon:
            live = stage.keeper.orders(20, stage.keeper.customer("Live"))
            daemon.wait_for(lambda: stage.told().keys() >= completed(*live).keys(), timeout=15)
            assert process.wait(0) is None, "the history takes a minute"
            past = stage.told().total() - len(live)
            assert past < 100
            assert daemon.stop() == 0


def test_beside_the_daemon_the_rate_holds_too(stage: Stage) -> None:
    """The daemon would send 500 a second; who reads the history decides how quickly there is something to send."""
    history(stage, orders=60)
    with stage.daemon(), Started(stage.config, "backfill", *PERIOD, "--rate", "10") as process:
        assert stage.receiver.wait_for(lambda receiver: bool(receiver.arrivals), 30)
        began = stage.receiver.arrivals[0].at
        assert stage.receiver.wait_for(lambda receiver: len(receiver.arrivals) >= 80, 60)
        took = stage.receiver.arrivals[79].at - began
        assert took > timedelta(seconds=3), "80 messages at 10 a second, and a page at once"
        assert process.wait(0) is None


def test_a_segment_that_refuses_the_key_ends_it_at_once(stage: Stage) -> None:
    """To read on until the outbox is full would help nobody."""
    from poller.demo.faults import Status

    history(stage, orders=60)
    stage.configure(page_size=10)
    stage.receiver.always(Status(401))
    done = stage.run("backfill", *PERIOD)
    assert done.returncode == 78
    assert "Segment did not take everything: " in done.stderr
    stage.receiver.always(None)
    assert stage.run("backfill", *PERIOD).returncode == 0
    assert stage.told().total() == 60


def test_a_tuesday_is_not_a_monday(stage: Stage) -> None:
    """The numbers of a dry run are those of its own period."""
    history(stage, orders=10)
    with in_the_past(stage, TUESDAY):
        stage.keeper.order(stage.keeper.customer())
    assert dry(stage, "--since", "2026-03-03")["events"]["Order Completed"] == 1
    assert dry(stage, *ALL)["events"]["Order Completed"] == 11
