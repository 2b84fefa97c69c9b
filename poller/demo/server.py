"""A private MariaDB: a server of its own on a socket in a temporary directory, gone without a trace when closed."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pymysql

from poller.errors import ConfigurationError, TryAgainError

_PR_SET_PDEATHSIG = 1
_START_SECONDS = 60
_MISSING = "No MariaDB server program is here."
_INSTALL = "Install it (Debian: mariadb-server-core and mariadb-client-core; no service needs to run)."


class PrivateMariaDB:
    """One server; `start` and `kill` may follow one another on the same data. `port` also listens on loopback."""

    def __init__(self, *options: str, port: int | None = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="poller-mariadb-"))
        self.socket = self.directory / "s"
        self._options = options
        self._port = port
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
        network = [f"--port={self._port}", "--bind-address=127.0.0.1"] if self._port else ["--skip-networking"]
        self._process = subprocess.Popen(
            [
                _program("mariadbd"),
                "--no-defaults",
                f"--datadir={self.directory / 'data'}",
                f"--socket={self.socket}",
                f"--pid-file={self.directory / 'pid'}",
                f"--log-error={self.directory / 'log'}",
                *_user(),
                *network,
                "--skip-log-bin",
                "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-log-file-size=64M",
                "--character-set-server=utf8mb4",
                "--performance-schema=OFF",
                *self._options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A Ctrl-C is for us: the server is stopped in order; and if we are killed, the kernel ends it too.
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one line of ctypes, prepared beforehand, safe after fork
        )
        self._wait()

    def stop(self) -> None:
        """End the server and remove all it had."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None
        shutil.rmtree(self.directory, ignore_errors=True)

    def kill(self) -> None:
        """End the server as a power cut would; its data stay."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def connect(self, database: str | None = None, *, user: str = "root", password: str = "") -> pymysql.Connection:
        """A connection of our own, autocommitting as PrestaShop's."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user=user,
            password=password,
            database=database,
            autocommit=True,
            charset="utf8mb4",
        )

    def url(self, database: str, *, user: str = "root") -> str:
        """The SQLAlchemy URL of a database here."""
        return f"mysql+pymysql://{user}@localhost/{database}?unix_socket={self.socket}"

    def create_account(self, name: str, *grants: str, password: str = "") -> None:
        """An account with these grants: `SELECT ON shop.*`."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE USER '{name}'@'localhost' IDENTIFIED BY %s", (password,))
            for grant in grants:
                cursor.execute(f"GRANT {grant} TO '{name}'@'localhost'")

    def _install(self) -> None:
        installed = subprocess.run(
            [
                _program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={self.directory / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *_user(),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if installed.returncode:
            last = installed.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
            raise TryAgainError(f"MariaDB's data directory could not be made: {last[0]}", hint="Look at: df.")

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                self.connect().close()
            except pymysql.err.OperationalError:
                time.sleep(0.02)
            else:
                return
        log = (self.directory / "log").read_text(errors="replace").splitlines()[-3:]
        raise TryAgainError(f"The private MariaDB did not start: {' | '.join(log)}", hint="Look at: df, free.")


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if not found:
        raise ConfigurationError(_MISSING, hint=_INSTALL)
    return found


def _user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
