"""The state store as an operator looks after it: what became of a thing, copies, checks, rebuilding, pruning."""

import json
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.stage import Stage, completed


def explained(stage: Stage, thing: str, key: int) -> dict[str, Any]:
    done = stage.run("explain", thing, str(key), "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def fates(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(fact["event"], fact["standing"], fact["proof"]) for fact in found["facts"] if fact["event"] != "identify"]


def test_an_order_is_explained_by_its_rows_and_by_what_became_of_it(stage: Stage) -> None:
    keeper = stage.keeper
    stage.catch_up()
    order = keeper.order(keeper.customer())
    row = keeper.enter(order, 6)
    slip = keeper.slip(order, "12.00")
    stage.catch_up()
    found = explained(stage, "order", order)
    completed_by = "the order's first state in order_history (or its first paid one)"
    assert fates(found) == [
        ("Order Completed", "delivered", completed_by),
        ("Order Cancelled", "delivered", f"order_history {row}"),
        ("Order Refunded", "delivered", f"order_slip {slip}"),
    ]
    sent = {message["messageId"] for message in stage.receiver.accepted}
    assert {fact["message_id"] for fact in found["facts"]} <= sent
    assert {fact["reason"] for fact in found["facts"]} == {"Segment accepted it"}


def test_what_was_not_told_is_explained_too(stage: Stage) -> None:
    keeper = stage.keeper
    old = keeper.order(keeper.customer("Old"))
    keeper.run("UPDATE PREFIX_order_history SET date_add = '2020-01-01 12:00:00' WHERE id_order = %s", old)
    stage.configure(start_from="now")
    stage.catch_up()
    begun = keeper.begun_order(keeper.customer("Begun"))
    new = keeper.order(keeper.customer("New"))
    assert fates(explained(stage, "order", old))[0][1] == "left out"
    assert fates(explained(stage, "order", new))[0][1] == "not told yet"
    assert "Still being written" in explained(stage, "order", begun)["remark"]
    shown = stage.run("explain", "order", str(old))
    assert "start_from" in shown.stdout
    unknown = stage.run("explain", "order", "999999")
    assert unknown.returncode == 78
    assert "The shop has no order 999999." in unknown.stderr
    assert stage.run("explain", "invoice", "1").returncode == 78


def test_a_copy_is_whole_private_and_never_written_over(stage: Stage, tmp_path: Path) -> None:
    stage.catch_up()
    copy = tmp_path / "copy.db"
    with stage.daemon():
        assert stage.run("state", "backup", str(copy)).returncode == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as state:
        assert state.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert state.execute("SELECT COUNT(*) FROM checkpoint").fetchone()[0] > 0
    again = stage.run("state", "backup", str(copy))
    assert again.returncode == 78
    assert "exists already" in again.stderr


def test_a_store_is_checked_against_its_shop(stage: Stage) -> None:
    keeper = stage.keeper
    keeper.orders(2, keeper.customer())
    stage.catch_up()
    done = stage.run("state", "verify", "--json")
    assert done.returncode == 0, done.stdout
    assert {finding["level"] for finding in json.loads(done.stdout)} == {"ok"}
    keeper.run("DELETE FROM PREFIX_order_history")
    done = stage.run("state", "verify", "--json")
    assert done.returncode == 1
    problems = [finding["topic"] for finding in json.loads(done.stdout) if finding["level"] == "problem"]
    assert problems == ["order_history"]


def test_a_lost_store_is_made_anew_and_nothing_is_sent_twice_or_lost(stage: Stage) -> None:
    keeper = stage.keeper
    start = datetime.now(UTC) - timedelta(hours=3)
    stage.configure(start_from=start.isoformat())
    keeper.at = datetime.now(UTC) - timedelta(hours=2)
    told = keeper.orders(3, keeper.customer("Ada"))
    stage.catch_up()
    ids = set(stage.receiver.distinct())
    for part in stage.state.parent.glob("state.db*"):
        part.unlink()
    keeper.at = datetime.now(UTC) - timedelta(minutes=1)
    missed = keeper.order(keeper.customer("Grace"))
    sent = len(stage.receiver.accepted)
    until = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    done = stage.run("state", "rebuild", "--since", start.isoformat(), "--delivered-until", until)
    assert done.returncode == 0, done.stderr
    assert len(stage.receiver.accepted) == sent, "rebuilding sends nothing"
    stage.catch_up()
    assert stage.told() == completed(*told, missed)
    again = [message["messageId"] for message in stage.receiver.accepted[sent:]]
    assert not ids & set(again), "what was delivered is not sent again"
    assert stage.run("audit").returncode == 0
    refused = stage.run("state", "rebuild", "--since", start.isoformat(), "--delivered-until", until)
    assert refused.returncode == 78
    assert "There is a state store" in refused.stderr


def test_what_is_pruned_is_never_told_again(stage: Stage) -> None:
    keeper = stage.keeper
    stage.configure(start_from="2024-01-01")
    keeper.at = datetime(2024, 3, 1, 12, tzinfo=UTC)
    old = keeper.order(keeper.customer("Ada"))
    keeper.at = None
    new = keeper.order(keeper.customer("Grace"))
    stage.catch_up()
    sent = len(stage.receiver.accepted)
    done = stage.run("state", "prune", "--before", "2025-01-01")
    assert done.returncode == 0, done.stderr
    keeper.run("UPDATE PREFIX_orders SET date_upd = NOW() WHERE id_order = %s", old)
    keeper.enter(old, 3)
    stage.catch_up()
    assert len(stage.receiver.accepted) == sent
    refused = stage.run("backfill", "--since", "2024-02-01")
    assert refused.returncode == 78
    assert "was pruned" in refused.stderr
    assert stage.told() == completed(old, new)
    with stage.daemon():
        busy = stage.run("state", "prune", "--before", "2025-01-01")
    assert busy.returncode == 75


@pytest.mark.parametrize("word", ["backup", "verify"])
def test_without_a_store_the_answer_is_the_next_step(stage: Stage, word: str, tmp_path: Path) -> None:
    arguments = [str(tmp_path / "copy.db")] if word == "backup" else []
    done = stage.run("state", word, *arguments)
    assert done.returncode == 78
    assert "the poller has not run yet" in done.stderr


def test_a_rebuilding_that_fails_half_way_leaves_no_store_that_a_start_would_trust(stage: Stage) -> None:
    keeper = stage.keeper
    keeper.slip(keeper.order(keeper.customer()), "12.00")
    keeper.run("RENAME TABLE PREFIX_order_slip_detail TO later_slip_detail")
    period = ("--since", "2024-01-01", "--delivered-until", datetime.now(UTC).isoformat())
    failed = stage.run("state", "rebuild", *period)
    assert failed.returncode in (75, 78), failed.stderr
    assert not stage.state.exists()
    keeper.run("RENAME TABLE later_slip_detail TO PREFIX_order_slip_detail")
    done = stage.run("state", "rebuild", *period)
    assert done.returncode == 0, done.stderr
    assert [part.name for part in stage.directory.iterdir() if "rebuilding" in part.name] == []
    assert stage.run("audit").returncode == 0
