"""A private MariaDB: a server of its own, on a socket in a temporary directory, gone without a trace when closed.

However this process ends, nothing stays behind (see guard.py).
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import pymysql

from poller.demo.guard import Guard
from poller.errors import ConfigurationError, TryAgainError

Connection: TypeAlias = "pymysql.Connection[Any]"

_START_SECONDS = 60
_STOP_SECONDS = 20
_SOCKET_PATH_BYTES = 107
_DIRECTORIES = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


class PrivateMariaDB:
    """One server; a context manager. `kill` and `start` may follow one another on the same data.

    `options` are further options of the server, such as `--default-time-zone=+02:00`; `port` makes it listen on
    loopback too (0: on any free port, see `port`). Root has no password. Raises ConfigurationError if no server program
    is installed, TryAgainError if it does not start.
    """

    def __init__(self, *options: str, port: int | None = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="poller-mariadb-"))
        self._guard = Guard(self.directory)
        # A starting server deletes whatever temporary tables it finds in its tmpdir: never one that others use.
        self._scratch = self.directory / "tmp"
        self.socket = self.directory / "s"
        self.port = _free_port() if port == 0 else port
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._install()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server on its data, and wait until it answers."""
        network = [f"--port={self.port}", "--bind-address=127.0.0.1"] if self.port else ["--skip-networking"]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    _program("mariadbd"),
                    "--no-defaults",
                    f"--datadir={self.directory / 'data'}",
                    f"--tmpdir={self._scratch}",
                    f"--socket={self.socket}",
                    f"--pid-file={self.directory / 'pid'}",
                    *_user(),
                    *network,
                    "--skip-log-bin",
                    "--skip-name-resolve",
                    "--character-set-server=utf8mb4",
                    "--performance-schema=OFF",
                    # 2, not 0: what was committed survives `kill`, though it would not survive a power cut.
                    "--innodb-flush-log-at-trx-commit=2",
                    "--innodb-log-file-size=32M",
                    "--innodb-buffer-pool-size=64M",
                    *self._options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                # A Ctrl-C is for us: the server is stopped in order.
                start_new_session=True,
            )
        self._guard.watch(self._process.pid)
        self._wait()

    def stop(self) -> None:
        """End the server in order and remove all it had; harmless when repeated."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None
            self._guard.watch(None)
        self._guard.close()

    def kill(self) -> None:
        """End the server with SIGKILL; its data stay for `start`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
            self._guard.watch(None)

    def connect(self, database: str | None = None, *, user: str = "root", password: str = "") -> Connection:
        """A connection that commits each statement by itself, as PrestaShop's do."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user=user,
            password=password,
            database=database,
            autocommit=True,
            charset="utf8mb4",
        )

    def url(self, database: str, *, user: str = "root", password: str = "") -> str:
        """The SQLAlchemy URL of a database here, by the socket."""
        secret = f":{password}" if password else ""
        return f"mysql+pymysql://{user}{secret}@localhost/{database}?unix_socket={self.socket}"

    def tcp_url(self, database: str, *, user: str = "root", password: str = "") -> str:
        """The SQLAlchemy URL of a database here, by loopback; only of a server that was given a port."""
        secret = f":{password}" if password else ""
        return f"mysql+pymysql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def create_account(self, name: str, *grants: str, password: str = "") -> None:
        """An account with grants, each written as `SELECT ON shop.*`."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE USER %s@'%%' IDENTIFIED BY %s", (name, password))
            for grant in grants:
                cursor.execute(f"GRANT {grant} TO %s@'%%'", (name,))

    def _install(self) -> None:
        if len(os.fsencode(self.socket)) > _SOCKET_PATH_BYTES:
            raise ConfigurationError(
                f"The temporary directory has too long a name for a socket: {self.directory.parent}.",
                hint="Set TMPDIR to a shorter one, such as /tmp.",
            )
        _program("mariadbd")
        self._scratch.mkdir()
        installed = subprocess.run(
            [
                _program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={self.directory / 'data'}",
                f"--tmpdir={self._scratch}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *_user(),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=os.environ | {"TMPDIR": str(self._scratch)},
            check=False,
        )
        if installed.returncode:
            said = (installed.stderr + installed.stdout).decode(errors="replace").split("\n")
            reason = next((line for line in said if "ERROR" in line), "no reason given")
            raise TryAgainError(f"MariaDB's data directory could not be made: {reason}", hint="Look at: df, free.")

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process is not None and self._process.poll() is None:
            # A bare socket: PyMySQL leaves one open behind every connection that is refused.
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            time.sleep(0.01)
        log = self.directory / "log"
        said = log.read_text(errors="replace").splitlines() if log.exists() else []
        reason = " | ".join([line for line in said if "ERROR" in line][:3]) or "no reason given"
        raise TryAgainError(f"The private MariaDB did not start: {reason}", hint="Look at: df, free.")


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=_DIRECTORIES)
    if not found:
        raise ConfigurationError(
            f"The program {name} is not installed, and without MariaDB there is no private server.",
            hint="Install it (Debian: mariadb-server-core and mariadb-client-core; no service needs to run).",
        )
    return found


def _user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
