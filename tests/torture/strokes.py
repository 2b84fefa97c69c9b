"""The faults that strike, one after another, in an order that follows from the seed."""

import contextlib
import resource
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from random import Random

import pymysql

from poller.demo.faults import Fault, NoSuccess, Redirect, ResetAfter, ResetBefore, Slow, Status, Truncated
from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.process import COMMAND, Daemon, environment
from tests.torture.gate import Gate
from tests.torture.proxy import Proxy

SEGMENT_FAULTS: tuple[Fault, ...] = (
    *(Status(code) for code in (408, 410, 425, 429, 460, 500, 502, 503, 504)),
    *(Status(code) for code in (400, 401, 403, 404, 413, 422, 501, 505)),
    Status(503, retry_after="1"),
    Status(429, retry_after="1"),
    ResetBefore(),
    ResetAfter(),
    ResetAfter(),
    Truncated(),
    Slow(0.5),
    Redirect(),
    NoSuccess(),
)
_UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
_BUG = 70


@dataclass(slots=True)
class Strokes:
    """What strikes, and how often it did. `mean_seconds` is the pause between two faults."""

    daemon: Daemon
    receiver: Receiver
    proxy: Proxy
    server: PrivateMariaDB
    gate: Gate
    config: Path
    state: Path
    account: tuple[str, str]
    dice: Random
    mean_seconds: float
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    struck: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def strike(self) -> None:
        """Faults, one after the other, until stopped."""
        strokes: dict[Callable[[], None], int] = {
            self.kill: 12,
            self.tear_the_log: 3,
            self.terminate: 2,
            self.freeze: 2,
            self.break_receiver: 12,
            self.cut: 6,
            self.end_sessions: 3,
            self.refuse_sessions: 2,
            self.lock_a_table: 1,
            self.restart_database: 1,
            self.fill_the_disk: 2,
            self.catch_up_beside: 2,
            self.backfill_beside: 2,
            self.daemon_beside: 1,
        }
        while not self.stopped.wait(self.dice.expovariate(1 / self.mean_seconds)):
            stroke = self.dice.choices([*strokes], [*strokes.values()])[0]
            self.struck[stroke.__name__] += 1
            self._look_after()
            stroke()

    def heal(self) -> None:
        """Take every fault away, and see that the poller runs."""
        self.receiver.always(None)
        self._look_after()
        if self.daemon.process is None or self.daemon.process.poll() is not None:
            self.daemon.start(ready=False)

    def _look_after(self) -> None:
        """A daemon that ended by itself may only have done so for a reason it gave, never for a bug."""
        process = self.daemon.process
        if process is not None and process.poll() == _BUG:
            self.crashes.append(self.daemon.text()[-3_000:])
            self.daemon.start(ready=False)

    # ------------------------------------------------------------ the process

    def kill(self) -> None:
        """SIGKILL, wherever it is; at times it has not even started."""
        self.daemon.kill()
        self.daemon.start(ready=False)

    def tear_the_log(self) -> None:
        """A power cut: the last write to the state's log is torn, what was acknowledged before it is there."""
        self.daemon.kill()
        log = self.state.with_name(self.state.name + "-wal")
        if log.exists():
            with log.open("ab") as file:
                file.write(self.dice.randbytes(self.dice.randint(1, 9_000)))
        self.daemon.start(ready=False)

    def terminate(self) -> None:
        """As systemd does."""
        if self.daemon.process is not None:
            self.daemon.process.terminate()
            self.daemon.process.wait(60)
        self.daemon.start(ready=False)

    def freeze(self) -> None:
        """Stop the process in the middle of whatever it does, and let it go on later."""
        if self.daemon.process is not None:
            self.daemon.process.send_signal(signal.SIGSTOP)
            self.stopped.wait(self.dice.random() * 3)
            self.daemon.process.send_signal(signal.SIGCONT)

    def fill_the_disk(self) -> None:
        """No file of the process may grow for a while."""
        log = self.state.with_name(self.state.name + "-wal")
        if self.daemon.process is not None and self.daemon.process.poll() is None and log.exists():
            limit = (log.stat().st_size, resource.RLIM_INFINITY)
            resource.prlimit(self.daemon.process.pid, resource.RLIMIT_FSIZE, limit)
            self.stopped.wait(self.dice.random() * 3)
            resource.prlimit(self.daemon.process.pid, resource.RLIMIT_FSIZE, _UNLIMITED)

    # ------------------------------------------------------------ Segment

    def break_receiver(self) -> None:
        """Segment answers anything but what it should, for a second or for one request."""
        fault = self.dice.choice(SEGMENT_FAULTS)
        if self.dice.random() < 0.1:
            at = datetime.now(UTC) + timedelta(seconds=2)
            fault = Status(503, retry_after=format_datetime(at, usegmt=True))
        self.receiver.always(fault)
        self.stopped.wait(self.dice.random())
        self.receiver.always(None)

    # ------------------------------------------------------------ the shop's database

    def cut(self) -> None:
        """A connection to the shop's database ends at any byte."""
        self.proxy.cut_soon(self.dice)

    def end_sessions(self) -> None:
        """An administrator ends the poller's sessions."""
        with self.gate.shared(), closing(self.server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE user = %s", (self.account[0],))
            for (number,) in cursor.fetchall():
                cursor.execute(f"KILL SOFT {number}")

    def refuse_sessions(self) -> None:
        """Too many connections: the one that is allowed is taken."""
        name, password = self.account
        limit = "ALTER USER poller@'%%' WITH MAX_USER_CONNECTIONS %s"
        with self.gate.shared(), closing(self.server.connect()) as connection, connection.cursor() as cursor:
            with closing(self.server.connect(user=name, password=password)):
                cursor.execute(limit, (1,))
                time.sleep(self.dice.random() * 1.5)
            cursor.execute(limit, (0,))

    def lock_a_table(self) -> None:
        """A table is locked for longer than the poller waits for one; or who would lock it waits, and all behind it."""
        table = self.dice.choice(("orders", "order_history", "customer"))
        with self.gate.alone(), closing(self.server.connect("shop")) as connection, connection.cursor() as cursor:
            # An import that is open holds it for longer, and cannot end before this does.
            cursor.execute("SET SESSION lock_wait_timeout = 3")
            with contextlib.suppress(pymysql.err.OperationalError):
                cursor.execute(f"LOCK TABLES ps_{table} WRITE")
                time.sleep(2.5)

    def restart_database(self) -> None:
        """The database dies in the middle of whatever the poller asks of it."""
        with self.gate.alone():
            self.server.kill()
            self.server.start()

    # ------------------------------------------------------------ other doors

    def catch_up_beside(self) -> None:
        """Cron, while the daemon runs."""
        self._beside("catch-up")

    def backfill_beside(self) -> None:
        """A backfill over the very time that the daemon tells; killed if it takes long."""
        since = self.began - timedelta(minutes=10)
        self._beside("backfill", "--since", since.isoformat(), "--until", datetime.now(UTC).isoformat())

    def daemon_beside(self) -> None:
        """A second daemon on the same state."""
        self._beside("run")

    def _beside(self, *arguments: str) -> None:
        """Another process on the same state, which may take some seconds before it is killed."""
        with subprocess.Popen(
            [COMMAND, "--config", self.config, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as process:
            try:
                _, said = process.communicate(timeout=1 + self.dice.random() * 6)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                self.struck["killed beside"] += 1
            else:
                if process.returncode == _BUG:
                    self.crashes.append(said.decode()[-3_000:])
