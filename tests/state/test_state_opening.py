"""Opening the store: who may read it, what is refused and with which remedy, and looking without touching."""

import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from poller.errors import ConfigurationError, StateBusyError, StateWriteError
from poller.ports import Commit
from poller.state import database
from poller.state.location import state_file
from poller.state.store import open_state
from tests.state.builders import AT, id_of, messages, waiting

PRIVATE = 0o600


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(url: str, *, read_only: bool = False) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        open_state(url, read_only=read_only)
    assert caught.value.hint
    return caught.value


# ---------------------------------------------------------------- privacy


def test_the_file_and_its_companions_are_nobody_elses_to_read(file: Path, url: str) -> None:
    before = os.umask(0)
    try:
        with open_state(url) as store:
            store.set_meta("a", "b")
            assert {path.name: mode(path) for path in file.parent.iterdir()} == {
                "state.db": PRIVATE,
                "state.db-wal": PRIVATE,
                "state.db-shm": PRIVATE,
            }
    finally:
        os.umask(before)


def test_a_file_that_others_could_read_is_tightened_with_its_companions(file: Path, url: str) -> None:
    with open_state(url) as first:
        first.set_meta("a", "b")
        for path in file.parent.iterdir():
            path.chmod(0o664)
        with open_state(url) as second:
            assert second.meta("a") == "b"
            assert {mode(path) for path in file.parent.iterdir()} == {PRIVATE}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands files over; others own what they create")
def test_what_root_creates_belongs_to_the_owner_of_the_directory(file: Path, url: str) -> None:
    os.chown(file.parent, 65534, 65534)
    with open_state(url) as store:
        store.set_meta("a", "b")
        assert {path.stat().st_uid for path in file.parent.iterdir()} == {65534}


def test_what_was_delivered_or_purged_is_overwritten(file: Path, url: str) -> None:
    canary = "canary@example.com"
    with open_state(url) as store:
        store.commit(Commit(lane="live", at=AT, outgoing=messages(*range(40), text=f"{canary} " * 200)))
        store.delivered(store.pending(limit=100, max_bytes=10_000_000), AT)
    assert canary.encode() not in file.read_bytes()


# ---------------------------------------------------------------- durability settings


def test_the_database_keeps_what_it_acknowledges(url: str) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
    with open_state(url) as store, store._database.read() as connection:
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]
    assert values == ["wal", 2, 1, 10_000, 1]


def test_state_outlives_the_process_that_wrote_it(url: str) -> None:
    with open_state(url) as store:
        store.commit(Commit(lane="live", at=AT, outgoing=messages(1, 2), marks={"orders": "2"}))
    with open_state(url) as store:
        assert (waiting(store), store.marks("live")) == ([1, 2], {"orders": "2"})


@pytest.mark.parametrize("name", ["state of the shop.db", "100%.db", "a?b.db", "a#b.db", "é.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    with open_state(f"sqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}") as store:
        assert store.file == file
        store.set_meta("a", "b")
        assert file.exists()


def test_a_store_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_state("sqlite://") as store:
        store.commit(Commit(lane="live", at=AT, outgoing=messages(1)))
        assert (waiting(store), store.file) == ([1], None)
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_starts_at_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert state_file("sqlite:///state.db") == tmp_path / "state.db"


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql+pymysql://poller:hunter2@db.example.com/state", "mysql+pymysql: only sqlite is supported"),
        ("postgresql://poller:hunter2@db.example.com/state", "postgresql: only sqlite is supported"),
        ("sqlite+aiosqlite:////var/lib/poller/state.db", "sqlite+aiosqlite: only sqlite is supported"),
        ("/var/lib/poller/state.db", "is not a database URL"),
        ("sqlite:////var/lib/poller/state.db?mode=ro", "plain path"),
        ("sqlite:///file:state.db", "plain path"),
    ],
)
def test_other_urls_are_refused_without_telling_their_password(url: str, told: str) -> None:
    error = refusal(url)
    assert told in error.message
    assert "sqlite:////var/lib/poller/state.db" in error.hint
    assert "hunter2" not in str(error)


def test_a_missing_directory_is_named_with_its_remedy(tmp_path: Path) -> None:
    error = refusal(f"sqlite:///{tmp_path}/none/state.db")
    assert error.message == f"The state directory {tmp_path}/none does not exist."
    assert f"install -d -m 0700 -o poller -g poller {tmp_path}/none" in error.hint
    assert "StateDirectory=poller" in error.hint


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert "is a directory" in refusal(f"sqlite:///{tmp_path}").message


def assert_damaged(error: ConfigurationError, file: Path, why: str) -> None:
    assert error.message == f"The state store {file} is damaged: {why}."
    for word in ("Restore", "copy", "move it away", "namespace", "config.yaml", "poller backfill"):
        assert word in error.hint


def test_a_file_that_is_no_database_is_refused(file: Path, url: str) -> None:
    file.write_bytes(b"# not a database\n" * 1_000)
    assert_damaged(refusal(url), file, "file is not a database")
    assert_damaged(refusal(url, read_only=True), file, "file is not a database")
    assert file.read_bytes() == b"# not a database\n" * 1_000


def test_a_truncated_file_is_refused(file: Path, url: str) -> None:
    open_state(url).close()
    os.truncate(file, file.stat().st_size // 2)
    assert_damaged(refusal(url), file, "database disk image is malformed")


def test_damage_inside_is_found_by_the_check_and_told_by_the_statement_that_meets_it(file: Path, url: str) -> None:
    with open_state(url) as store:
        store.commit(Commit(lane="live", at=AT, outgoing=messages(*range(400), text="x" * 500)))
        assert store.damage() == ""
    whole = file.read_bytes()
    half = len(whole) // 2 // 4096 * 4096
    file.write_bytes(whole[:half] + b"\xff" * 40_960 + whole[half + 40_960 :])
    with open_state(url) as store:
        assert store.damage() != ""
        with pytest.raises(ConfigurationError) as caught:
            store.pending(limit=400, max_bytes=10_000_000)
        assert_damaged(caught.value, file, "database disk image is malformed")


def test_somebody_elses_database_is_left_alone(file: Path, url: str) -> None:
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE song (title TEXT)")
    other.close()
    error = refusal(url)
    assert error.message == f"The file {file} is a database, but not a state store."
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("song",)]
    other.close()


@pytest.mark.parametrize("where", ["on disk", "in memory"])
def test_threads_share_a_store(url: str, where: str) -> None:
    with open_state(url if where == "on disk" else "sqlite://") as store, ThreadPoolExecutor(4) as threads:

        def work(worker: int) -> int:
            numbers = range(worker * 100, worker * 100 + 20)
            admitted = sum(
                store.commit(Commit(lane=f"backfill-{worker}", at=AT, outgoing=messages(number, 999)))
                for number in numbers
            )
            store.delivered(store.pending(limit=5, max_bytes=1_000), AT)
            return admitted

        assert sum(threads.map(work, range(1, 5))) == 81
        everything = [number for worker in range(1, 5) for number in range(worker * 100, worker * 100 + 20)] + [999]
        assert store.known([id_of(number) for number in everything]) == {id_of(number) for number in everything}
        assert store.ledger_size() + len(waiting(store)) == 81


def test_a_busy_store_is_told_after_a_while(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 0.05)
    with open_state(url) as store, open_state(url) as other, other._database.write():
        with pytest.raises(StateBusyError, match="database is locked"):
            store.set_meta("a", "b")
        assert store.meta("a") is None


# ---------------------------------------------------------------- looking


def test_looking_before_the_first_run_says_so_and_creates_nothing(file: Path, url: str) -> None:
    error = refusal(url, read_only=True)
    assert error.message == f"There is no state store {file}: the poller has not run yet."
    assert "poller run" in error.hint
    assert list(file.parent.iterdir()) == []
    file.touch()
    assert "has not run yet" in refusal(url, read_only=True).message
    assert "has not run yet" in refusal("sqlite://", read_only=True).message


def test_looking_works_while_another_writes_and_sees_what_is_committed(url: str) -> None:
    with open_state(url) as writer:
        writer.commit(Commit(lane="live", at=AT, outgoing=messages(1)))
        with writer._database.write() as transaction, open_state(url, read_only=True) as reader:
            transaction.exec_driver_sql("DELETE FROM outbox")
            assert waiting(reader) == [1]
        assert waiting(writer) == []


def test_looking_works_after_the_writer_has_gone(url: str) -> None:
    with open_state(url) as writer:
        writer.commit(Commit(lane="live", at=AT, outgoing=messages(1)))
    with open_state(url, read_only=True) as reader:
        assert waiting(reader) == [1]


def test_who_looks_cannot_write(url: str) -> None:
    open_state(url).close()
    with open_state(url, read_only=True) as reader:
        with pytest.raises(StateWriteError, match="readonly"):
            reader.set_meta("a", "b")
        assert reader.meta("a") is None


def test_a_file_that_vanished_does_not_come_back_empty(file: Path, url: str) -> None:
    with open_state(url) as store:
        store._database.engine.dispose()
        file.unlink()
        with pytest.raises(StateWriteError, match="unable to open"):
            store.set_meta("a", "b")
        assert not file.exists()
