"""What was reported as done is there after kill -9, a full disk and lost rights; nothing is there by half."""

import multiprocessing
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import func, select

from poller.errors import StateWriteError
from poller.state.schema import ledger, outbox
from poller.state.store import StateStore, open_state
from tests.state import children
from tests.state.builders import id_of
from tests.state.children import PER_PAGE, child, page


def check_whole(store: StateStore, *, reported: int) -> int:
    """Every page up to the mark is whole, no later one has left a trace; returns the mark."""
    assert store.damage() == ""
    last = int(store.marks("live").get("orders", "0"))
    assert last >= reported
    assert set(store.recall([("order", n) for n in range(1, last + 3)])) == {("order", n) for n in range(1, last + 1)}
    expected = {id_of(n * 100 + i) for n in range(1, last + 1) for i in range(PER_PAGE)}
    following = {id_of(n * 100 + i) for n in range(last + 1, last + 3) for i in range(PER_PAGE)}
    assert store.known([*expected, *following]) == expected
    with store._database.read() as connection:
        rows = sum(connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (outbox, ledger))
    assert rows == last * PER_PAGE
    return last


def spin(seconds: float) -> None:
    """Pass a time too short to sleep, so that the kill falls anywhere in a page."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


def test_kill_9_loses_nothing_and_leaves_nothing_half(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    dice = random.Random(9)  # noqa: S311 -- where the kills fall is no secret
    for _ in range(30):
        reported = 0
        with child(children.write_for_ever, url) as (process, reports):
            for _ in range(dice.randint(1, 5)):
                reported = reports.recv()
            spin(dice.random() * 0.006)
            process.kill()
            process.join()
            while reports.poll():
                try:
                    reported = reports.recv()
                except EOFError:
                    break
        with open_state(url) as store:
            check_whole(store, reported=reported)


def test_kill_9_while_the_tables_are_made_can_be_repeated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    for step in range(12):
        with child(children.open_only, url) as (process, reports):
            assert reports.recv() == "ready"
            spin(step * 0.003)
            process.kill()
            process.join()
    with open_state(url) as store:
        store.commit(page(1))
        assert check_whole(store, reported=1) == 1


def test_processes_that_start_together_agree_on_one_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    context = multiprocessing.get_context("forkserver")
    for attempt in range(5):
        barrier = context.Barrier(3)
        fresh = url.replace("state.db", f"state{attempt}.db")
        with (
            child(children.open_together, fresh, barrier) as (_, one),
            child(children.open_together, fresh, barrier) as (_, two),
            child(children.open_together, fresh, barrier) as (_, three),
        ):
            assert len({one.recv(), two.recv(), three.recv()}) == 1


def test_a_file_that_may_grow_no_more_is_an_error_and_stays_readable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    with child(children.write_until_full, url, 400_000) as (_, reports):
        error, done, readable = reports.recv()
    assert error.startswith(f"StateWriteError: Cannot write the state store {tmp_path}/state.db: ")
    assert 1 < done == readable
    with open_state(url) as store:
        assert check_whole(store, reported=done) == done
        store.commit(page(done + 1))
        assert check_whole(store, reported=done + 1) == done + 1


def test_a_full_database_is_an_error_and_what_is_there_can_be_delivered(tmp_path: Path) -> None:
    with open_state(f"sqlite:///{tmp_path}/state.db") as store:
        with store._database.read() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 60")
        error, done, readable = children.fill(store)
        assert error.startswith("StateWriteError: ")
        assert "database or disk is full" in error
        assert 1 < done == readable
        store.delivered(store.pending(limit=3, max_bytes=1_000_000), page(1).at)
        assert check_whole(store, reported=done) == done


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=640k", "tmpfs", str(tmp_path)], capture_output=True, check=False, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a full disk needs the right to mount one ({mounted.stderr.strip()}); the file limit stands in")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_is_an_error_and_heals_when_there_is_room(tiny_disk: Path) -> None:
    (tiny_disk / "ballast").write_bytes(bytes(100_000))
    with open_state(f"sqlite:///{tiny_disk}/state.db") as store:
        error, done, readable = children.fill(store)
        assert error.startswith("StateWriteError: ")
        assert 1 < done == readable
        assert check_whole(store, reported=done) == done
        (tiny_disk / "ballast").unlink()
        store.commit(page(done + 1))
        assert check_whole(store, reported=done + 1) == done + 1


def test_a_disk_that_is_full_from_the_start_is_an_error(tiny_disk: Path) -> None:
    (tiny_disk / "ballast").write_bytes(bytes(640 * 1024))
    with pytest.raises(StateWriteError, match="df, ls -la"):
        open_state(f"sqlite:///{tiny_disk}/state.db")


def test_lost_rights_are_told_apart(tmp_path: Path) -> None:
    del tmp_path  # nobody may not enter it
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        if os.geteuid() == 0:
            os.chown(directory, children.NOBODY, children.NOBODY)
        url = f"sqlite:///{directory}/state.db"
        with child(children.write_without_rights, url, directory) as (_, reports):
            error, readable = reports.recv()
            assert error.startswith(f"StateWriteError: Cannot write the state store {directory}/state.db: ")
            assert readable == "1"
            error = reports.recv()
            assert error.startswith(f"ConfigurationError: The state directory {directory} cannot be written by uid ")
            assert f"chown poller: {directory}" in error
            for _ in ("to work", "to look"):
                error = reports.recv()
                assert error.startswith(f"ConfigurationError: The state store {directory}/state.db belongs to somebody")
