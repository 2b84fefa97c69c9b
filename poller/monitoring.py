"""What goes on beside the daemon, off the state store alone: the endpoint, the heartbeat, the line for systemd.

It takes no part in the work: whatever fails here holds nothing up.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from poller.config import Settings
from poller.desk import Desk
from poller.engine.status import Status, complaint
from poller.errors import ConfigurationError, PollerError
from poller.observe.endpoint import Endpoint
from poller.observe.heartbeat import beat
from poller.observe.metrics import exposition, is_available
from poller.observe.sdnotify import Notifier

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0


@contextmanager
def monitored(settings: Settings, notifier: Notifier) -> Iterator[None]:
    """Everything that was asked for, for the time of the block. Raises ConfigurationError for what cannot be."""
    desk = Desk(settings)
    watcher = Watcher(desk, notifier)
    with ExitStack() as stack:
        if address := settings.monitoring.listen:
            host, _, port = address.rpartition(":")
            endpoint = Endpoint(
                host.strip("[]"), int(port), metrics=lambda: scraped(desk.status()), complaint=watcher.complaint
            )
            stack.enter_context(endpoint)
            log.info("monitoring.listening", port=endpoint.port)
        stack.enter_context(watcher.watching())
        yield


def scraped(status: Status) -> bytes:
    """The metrics; raises ConfigurationError without the extra."""
    if not is_available():
        raise ConfigurationError(
            "Metrics want prometheus-client, which is not installed.", hint="Install the extra `metrics`."
        )
    return exposition(status)


def after_a_run(settings: Settings) -> None:
    """What a catch-up leaves behind: the text file for node_exporter, and a heartbeat."""
    desk = Desk(settings)
    if file := settings.monitoring.textfile:
        write_textfile(file, scraped(desk.status()))
    Watcher(desk, Notifier()).beat(desk.status(), datetime.now(UTC))


def write_textfile(file: Path, text: bytes) -> None:
    """Replace it as a whole: a collector that looks meanwhile sees the old one."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        beside.write_bytes(text)
        beside.chmod(0o644)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ConfigurationError(
            f"monitoring.textfile: cannot write {file}: {error.strerror}.", hint="Let the poller's user write there."
        ) from None


class Watcher:
    """Looks at the state every few seconds and says what it sees, from a thread of its own."""

    def __init__(self, desk: Desk, notifier: Notifier) -> None:
        self._desk = desk
        self._notifier = notifier
        self._settings = desk.settings.monitoring
        self._stopped = threading.Event()
        self._is_quiet = False
        self._has_failed = False
        self._beat_at: datetime | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch for the time of the block."""
        thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            thread.join()

    def complaint(self) -> str:
        """What is wrong, "" if nothing."""
        try:
            return complaint(self._desk.status(), self._settings.most_lag.total_seconds())
        except PollerError as error:
            return str(error)

    def _watch(self) -> None:
        pause = min(LOOK_SECONDS, self._settings.heartbeat_every.total_seconds())
        while not self._stopped.wait(pause if self._beat_at else min(pause, 1.0)):
            try:
                status = self._desk.status()
            except PollerError:
                continue  # the daemon itself tells what is the matter with the state store
            self._say(status)
            self._tell_of_silence(status)
            self.beat(status, datetime.now(UTC))

    def _say(self, status: Status) -> None:
        """The line of `systemctl status`, unless a job is in trouble: then the daemon says which."""
        if status.lag_seconds is not None and not any(job.failures for job in status.work.jobs.values()):
            self._notifier.status(
                f"Working: lag {status.lag_seconds:.0f} s, {status.pending} waiting to be sent, "
                f"{status.buried} dead letters."
            )

    def _tell_of_silence(self, status: Status) -> None:
        """Once for each silence."""
        if status.work.is_unusually_quiet and not self._is_quiet:
            log.warning("orders.missing", newest_order_at=status.work.newest_order_at)
        self._is_quiet = status.work.is_unusually_quiet

    def beat(self, status: Status, now: datetime) -> None:
        """The heartbeat, when it is time and all is well."""
        url = self._settings.heartbeat_url.get_secret_value()
        is_time = self._beat_at is None or now - self._beat_at >= self._settings.heartbeat_every
        if not is_time:
            return
        self._beat_at = now
        if not url or complaint(status, self._settings.most_lag.total_seconds()):
            return
        reason = beat(url)
        if reason and not self._has_failed:
            log.warning("heartbeat.failed", reason=reason)
        self._has_failed = bool(reason)
