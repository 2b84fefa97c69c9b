"""The installed command where the shop is away: exit codes, and what the state store alone can tell."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from poller.ports import Commit, Outgoing
from poller.state.store import open_state
from tests.cli.installed import NOWHERE, poller


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return {**NOWHERE, "POLLER_STATE__URL": f"sqlite:///{tmp_path}/state.db"}


@pytest.fixture
def letters(tmp_path: Path) -> list[int]:
    """A state store with two dead letters; their numbers."""
    at = datetime(2024, 3, 1, 8, 30, tzinfo=UTC)
    with open_state(f"sqlite:///{tmp_path}/state.db") as state:
        outgoing = [
            Outgoing(
                message_id=UUID(int=key),
                name="Order Completed",
                thing="order",
                key=key,
                customer_id=None,
                occurred_at=at,
                text=json.dumps({"type": "track", "event": "Order Completed", "messageId": str(UUID(int=key))}),
            )
            for key in (17, 18)
        ]
        state.commit(Commit(lane="live", at=at, outgoing=outgoing, marks={"orders": '{"seen":18,"known":[]}'}))
        for message in state.pending(limit=10, max_bytes=100_000):
            state.bury(message, reason="400: [no] key", at=at)
        return [letter.seq for letter in state.buried(10)]


# ---------------------------------------------------------------- what cannot be reached


def test_an_absent_shop_is_exit_75_and_names_no_secret(tmp_path: Path, settings: dict[str, str]) -> None:
    for words in (["preview", "order", "1"], ["catch-up"]):
        done = poller(*words, cwd=tmp_path, settings=settings)
        assert done.returncode == 75, done.stderr
        assert done.stderr.startswith("error: ")
        assert "\nhint: " in done.stderr
        assert "c4n4ry" not in done.stderr + done.stdout


def test_check_is_exit_1_when_something_is_wrong(tmp_path: Path, settings: dict[str, str]) -> None:
    done = poller("check", "--json", cwd=tmp_path, settings=settings)
    assert done.returncode == 1, done.stderr
    findings = {finding["topic"]: finding for finding in json.loads(done.stdout)}
    assert findings["shop"]["level"] == "problem"
    assert findings["shop"]["remedy"]
    table = poller("check", cwd=tmp_path, settings=settings)
    assert table.returncode == 1
    assert "what to do" in table.stdout
    assert "c4n4ry" not in done.stdout + done.stderr + table.stdout + table.stderr


def test_status_before_the_first_run_says_so(tmp_path: Path, settings: dict[str, str]) -> None:
    done = poller("status", cwd=tmp_path, settings=settings)
    assert done.returncode == 78
    assert "the poller has not run yet" in done.stderr
    assert not (tmp_path / "state.db").exists(), "looking must not make a state store"


# ---------------------------------------------------------------- the state store


def test_status_without_a_daemon(tmp_path: Path, settings: dict[str, str], letters: list[int]) -> None:
    done = poller("status", "--json", cwd=tmp_path, settings=settings)
    assert done.returncode == 0, done.stderr
    status = json.loads(done.stdout)
    assert (status["buried"], status["pending"], status["holder"]) == (len(letters), 0, "")
    assert [feed["name"] for feed in status["feeds"]] == ["orders"]
    table = poller("status", cwd=tmp_path, settings=settings)
    assert table.returncode == 0
    assert "2 (poller dead-letters list)" in table.stdout
    assert "orders" in table.stdout


def test_dead_letters_are_listed_shown_replayed_and_dropped(
    tmp_path: Path, settings: dict[str, str], letters: list[int]
) -> None:
    first, second = letters

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return poller("dead-letters", *words, cwd=tmp_path, settings=settings)

    listed = json.loads(run("list", "--json").stdout)
    assert [(letter["seq"], letter["key"], letter["reason"]) for letter in listed] == [
        (first, 17, "400: [no] key"),
        (second, 18, "400: [no] key"),
    ]
    assert "text" not in listed[0], "a list shows no message"
    assert "400: [no] key" in run("list").stdout
    shown = json.loads(run("show", str(first)).stdout)
    assert shown["message"]["messageId"] == str(UUID(int=17))
    assert run("show", "999").returncode == 2
    assert run("replay", str(first)).stdout == "1 will be sent again\n"
    assert run("drop", "--all", "--yes").stdout == "1 dropped\n"
    assert run("list").stdout == "no dead letters\n"
    with open_state(settings["POLLER_STATE__URL"]) as state:
        assert [message.key for message in state.pending(limit=10, max_bytes=100_000)] == [17]


def test_a_feed_is_resumed(tmp_path: Path, settings: dict[str, str], letters: list[int]) -> None:
    assert letters
    done = poller("state", "resume", "orders", cwd=tmp_path, settings=settings)
    assert (done.returncode, done.stdout) == (0, "orders goes on at the next poll\n")
    assert poller("state", "resume", "invoices", cwd=tmp_path, settings=settings).returncode == 78
