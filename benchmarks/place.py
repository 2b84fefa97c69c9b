"""Where measurements are taken: a private MariaDB with a big shop, a poller's account, a directory on disk."""

import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml

from benchmarks.meter import Meter
from poller.demo.database import create_database
from poller.demo.guard import Guard
from poller.demo.history import fill
from poller.demo.server import Connection, PrivateMariaDB

SHOP = "shop"
ACCOUNT = "poller"
_ORDERS_A_MEGABYTE = 400
"""The server gets a megabyte of memory for so many, so that a bigger shop does not make it read from disk."""
_ON_DISK = Path("/var/tmp")  # noqa: S108 - for mkdtemp to make a directory in; unlike /tmp it is never in memory


class Place:
    """The shop and everything around it; a context manager. `seed_seconds` is how long filling it took.

    With a `port` (0: any free one) it can be reached by loopback too.
    """

    def __init__(self, orders: int, *, port: int | None = None) -> None:
        self.orders = orders
        self._port = port
        self._stack = ExitStack()
        parent = _ON_DISK if os.access(_ON_DISK, os.W_OK) else None
        self.directory = Path(tempfile.mkdtemp(prefix="poller-bench-", dir=parent))
        self.guard = Guard(self.directory)
        self._stack.callback(self.guard.close)

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _open(self) -> None:
        # Who reads how much is counted by account; the shop is in memory, as in a shop that is at work.
        self._server = self._stack.enter_context(
            PrivateMariaDB(
                "--userstat=1",
                f"--innodb-buffer-pool-size={max(512, self.orders // _ORDERS_A_MEGABYTE)}M",
                "--innodb-log-file-size=256M",
                port=self._port,
            )
        )
        began = time.monotonic()
        create_database(self._server, SHOP)
        with self.connect() as connection:
            fill(connection, self.orders)
        self._server.create_account(ACCOUNT, f"SELECT ON {SHOP}.*", "PROCESS ON *.*")
        self.seed_seconds = time.monotonic() - began
        self.meter = Meter(self._stack.enter_context(self._server.connect()), ACCOUNT)

    def connect(self) -> Connection:
        """A connection as the shop's own: it may write."""
        return self._server.connect(SHOP)

    @property
    def socket(self) -> str:
        """Where the server listens."""
        return str(self._server.socket)

    @property
    def address(self) -> Mapping[str, object]:
        """Where it can be reached by loopback, if it was given a port."""
        return {"host": "127.0.0.1", "port": self._server.port}

    @property
    def tcp_url(self) -> str:
        """The SQLAlchemy URL of the poller's account by loopback."""
        return self._server.tcp_url(SHOP, user=ACCOUNT)

    def url(self, driver: str) -> str:
        """The SQLAlchemy URL of the poller's account by the socket, for a driver of Python."""
        return self._server.url(SHOP, user=ACCOUNT).replace("pymysql", driver, 1)

    def server_version(self) -> str:
        """MariaDB's version."""
        return str(self.one("SELECT VERSION()"))

    def one(self, statement: str, *values: object) -> object:
        """The only value that a statement finds."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            ((value,),) = cursor.fetchall()
        return value

    def configure(
        self,
        name: str,
        *,
        segment: str | Mapping[str, object],
        schedule: Mapping[str, str] | None = None,
        shop: Mapping[str, object] | None = None,
    ) -> Path:
        """Write a config.yaml with a state store of its own; all that is not given keeps its default."""
        directory = self.directory / name
        directory.mkdir()
        sending = {"host": segment} if isinstance(segment, str) else segment
        settings = {
            "shop": {"url": self.url("pymysql"), **(shop or {})},
            "segment": {"write_key": "benchmark", **sending},
            "state": {"url": f"sqlite:///{directory / 'state.db'}"},
            "schedule": dict(schedule or {}),
            "log": {"format": "json"},
        }
        config = directory / "config.yaml"
        config.touch(mode=0o600)
        config.write_text(yaml.safe_dump(settings))
        return config
