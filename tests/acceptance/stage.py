"""A stage for one test: a shop of its own, somebody who works in it, a receiver, and the poller between them."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poller.config import load_settings
from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from poller.desk import Desk
from poller.engine.status import Status
from tests.acceptance.process import Daemon, run, write_config
from tests.acceptance.shopkeeper import Shopkeeper
from tests.support.mariadb import fresh_database

QUICK: Mapping[str, Any] = {"settle": "1s", "schedule": {"hot_sweep": "100ms"}}
"""For what waits for `settle` or for the sweep."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a test acts on."""

    directory: Path
    server: PrivateMariaDB
    database: str
    keeper: Shopkeeper
    receiver: Receiver

    @property
    def config(self) -> Path:
        """The configuration as it was written last."""
        return self.directory / "config.yaml"

    @property
    def state(self) -> Path:
        """The state file."""
        return self.directory / "state.db"

    def configure(self, **settings: Any) -> Path:
        """Write the configuration, with these settings over the usual ones."""
        urls = {"shop_url": self.server.url(self.database), "segment_url": self.receiver.url}
        return write_config(self.directory, **urls, **settings)

    def elsewhere(self, name: str, **settings: Any) -> Path:
        """A configuration in a directory of its own, and so with a state of its own."""
        directory = self.directory / name
        directory.mkdir()
        urls = {"shop_url": self.server.url(self.database), "segment_url": self.receiver.url}
        return write_config(directory, **urls, **settings)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return run(self.config, *arguments)

    def catch_up(self) -> dict[str, Any]:
        """A catch-up that must succeed; its report."""
        report: dict[str, Any] = answer(self.run("catch-up", "--json"))
        return report

    def catch_up_at_last(self, timeout: float = 20) -> None:
        """Catch up as cron does, again and again, until it succeeds."""
        until = time.monotonic() + timeout
        while (done := self.run("catch-up")).returncode == 75:
            assert time.monotonic() < until, done.stderr
        assert done.returncode == 0, done.stderr

    def status(self) -> dict[str, Any]:
        """What `poller status` says."""
        found: dict[str, Any] = answer(self.run("status", "--json"))
        return found

    def standing(self) -> Status:
        """The same, looked up in this process: for conditions that are waited for."""
        return Desk(load_settings(self.config)).status()

    def daemon(self) -> Daemon:
        """`poller run`, to be started."""
        return Daemon(self.config)

    def tables(self) -> list[str]:
        """The names of the shop's tables."""
        with self.keeper.connection.cursor() as cursor:
            cursor.execute("SHOW TABLES")
            return [name for (name,) in cursor.fetchall()]

    @contextmanager
    def another_keeper(self) -> Iterator[Shopkeeper]:
        """Somebody else at work in the shop, on a connection of their own."""
        with closing(self.server.connect(self.database)) as connection:
            yield Shopkeeper(connection)

    def told(self) -> Counter[tuple[str, int]]:
        """The order events that arrived, once an id."""
        return told(self.receiver)

    def is_clean(self) -> bool:
        """Whether no message broke Segment's rules or came with two bodies."""
        return not self.receiver.violations and not self.receiver.conflicts()


@contextmanager
def staged(directory: Path, server: PrivateMariaDB, receiver: Receiver, **settings: Any) -> Iterator[Stage]:
    """A stage in a fresh demo shop."""
    with fresh_database(server, "demo") as name, receiver, closing(server.connect(name)) as connection:
        stage = Stage(directory, server, name, Shopkeeper(connection), receiver)
        stage.configure(**settings)
        yield stage


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command with --json that must succeed printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def told(receiver: Receiver) -> Counter[tuple[str, int]]:
    """The order events that arrived, once an id."""
    return Counter((m["event"], int(m["properties"]["order_id"])) for m in order_messages(receiver))


def messages_of(receiver: Receiver, order_id: int) -> list[dict[str, Any]]:
    """The track calls about an order, once an id, in the order in which they arrived."""
    return [m for m in order_messages(receiver) if m["properties"]["order_id"] == str(order_id)]


def order_messages(receiver: Receiver) -> list[dict[str, Any]]:
    """The order events that arrived, once an id; what happened in carts is not among them."""
    return [m for m in receiver.distinct().values() if str(m.get("event", "")).startswith("Order ")]


def completed(*order_ids: int) -> Counter[tuple[str, int]]:
    """One Order Completed of each order."""
    return Counter(("Order Completed", order_id) for order_id in order_ids)


def wait_until(holds: Callable[[], bool], *, timeout: float = 20) -> None:
    """Look again and again, until it holds."""
    until = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
