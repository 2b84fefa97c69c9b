"""The private MariaDB: it starts, is killed, comes back with its data, and leaves nothing however we end."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pymysql
import pytest
import sqlalchemy

from poller.demo.database import create_database
from poller.demo.server import PrivateMariaDB
from poller.errors import ConfigurationError, TryAgainError

OWNER = """
import sys
from poller.demo.server import PrivateMariaDB
with PrivateMariaDB() as server:
    print(server.directory, flush=True)
    sys.stdin.read()
"""

NOBODY = """
import os
import encodings.idna
from poller.demo.server import PrivateMariaDB
os.setgid(65534)
os.setuid(65534)
with PrivateMariaDB() as server:
    server.connect().close()
"""


def processes(directory: Path) -> list[psutil.Process]:
    """The living processes that work on a directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(directory) in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


@contextmanager
def owner() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process of its own that owns a private server, and the server's directory."""
    process = subprocess.Popen([sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdin
    with process:
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_what_was_committed_survives_a_kill() -> None:
    with PrivateMariaDB() as server:
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE d")
            cursor.execute("CREATE TABLE d.t (a INT PRIMARY KEY) ENGINE = InnoDB")
            cursor.execute("INSERT INTO d.t VALUES (1), (2)")
            server.kill()
            with pytest.raises(pymysql.err.OperationalError):
                cursor.execute("SELECT a FROM d.t")
        server.start()
        with server.connect("d") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT a FROM t ORDER BY a")
            assert cursor.fetchall() == ((1,), (2,))


def test_it_outlives_the_thread_that_started_it_and_stopped_it_leaves_nothing() -> None:
    with PrivateMariaDB() as server:
        server.kill()
        starter = threading.Thread(target=server.start)
        starter.start()
        starter.join()
        server.connect().close()
        assert processes(server.directory)
    assert not server.directory.exists()
    assert processes(server.directory) == []
    server.stop()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_however_its_owner_ends_it_leaves_nothing(number: signal.Signals) -> None:
    with owner() as (process, directory):
        left = processes(directory)
        assert len(left) == 2
        process.send_signal(number)
        process.wait(30)
        _, alive = psutil.wait_procs(left, timeout=30)
        assert alive == []
        assert not directory.exists()


def test_options_reach_the_server_and_a_port_is_answered() -> None:
    with PrivateMariaDB("--default-time-zone=+05:30", port=0) as server:
        server.create_account("reader", "SELECT ON mysql.*", password="secret")
        for url in (server.url, server.tcp_url):
            engine = sqlalchemy.create_engine(url("mysql", user="reader", password="secret"))
            with engine.connect() as connection:
                # A scratch directory of its own: at its start a server deletes the temporary tables it finds in there.
                zone, scratch = connection.execute(sqlalchemy.text("SELECT @@time_zone, @@tmpdir")).one()
            assert (zone, scratch) == ("+05:30", str(server.directory / "tmp"))
            engine.dispose()


def test_an_account_may_do_what_it_was_granted_and_no_more(server: PrivateMariaDB) -> None:
    with server.connect() as root, root.cursor() as cursor:
        cursor.execute("CREATE DATABASE granted")
        cursor.execute("CREATE TABLE granted.t (a INT)")
        server.create_account("limited", "SELECT ON granted.*")
        try:
            with server.connect("granted", user="limited") as connection, connection.cursor() as limited:
                limited.execute("SELECT a FROM t")
                with pytest.raises(pymysql.err.OperationalError, match="denied"):
                    limited.execute("INSERT INTO t VALUES (1)")
        finally:
            cursor.execute("DROP USER limited")
            cursor.execute("DROP DATABASE granted")


def test_without_the_program_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poller.demo.server._DIRECTORIES", "")
    monkeypatch.setenv("PATH", "/bin/nowhere")
    server = PrivateMariaDB()
    with pytest.raises(ConfigurationError, match="mariadb-server-core"):
        server.__enter__()
    assert not server.directory.exists()


def test_a_server_that_does_not_start_says_why() -> None:
    server = PrivateMariaDB("--no-such-option")
    with pytest.raises(TryAgainError, match="no-such-option"):
        server.__enter__()
    assert not server.directory.exists()


def test_too_long_a_directory_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    server = PrivateMariaDB()
    with pytest.raises(ConfigurationError, match="TMPDIR"):
        server.__enter__()
    assert list(long.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_works_for_a_user_without_rights() -> None:
    subprocess.run([sys.executable, "-c", NOBODY], check=True, timeout=60)


def test_every_script_runs_with_any_prefix(server: PrivateMariaDB) -> None:
    create_database(server, "prefixed", prefix="shop2_")
    try:
        with server.connect("prefixed") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'prefixed'")
            names = [row[0] for row in cursor.fetchall()]
            assert len(names) > 70
            assert all(name.startswith("shop2_") for name in names)
    finally:
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("DROP DATABASE prefixed")
