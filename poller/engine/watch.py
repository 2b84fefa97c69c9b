"""The watch: notes in the pulse how each piece of work went, and how long the shop's database worked for it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final, TypeAlias

from poller.engine.deliveries import DeliverReport
from poller.engine.pulse import Pulse, rhythm_of
from poller.engine.reports import PollReport
from poller.errors import ConfigurationError, TryAgainError
from poller.ports import Clock

LISTEN_EVERY_SECONDS: Final = 300.0

Count: TypeAlias = Callable[[Sequence[str], datetime], None]


class Watch:
    """Does what it is given, and notes it.

    `spent` is how many seconds the shop's database has worked so far; `count` counts messages that were put off.
    """

    def __init__(self, pulse: Pulse, clock: Clock, *, spent: Callable[[], float], count: Count) -> None:
        self._pulse = pulse
        self._clock = clock
        self._spent = spent
        self._count = count
        self._listened_at: float | None = None

    def look(self, job: str, look: Callable[[], PollReport]) -> PollReport:
        """Poll or sweep."""
        began, before = self._clock.now(), self._spent()
        with self._noting(job, began):
            report = look()
        self._pulse.looked(job, report, began=began, database_seconds=self._spent() - before)
        self._pulse.write_if_due()
        return report

    def step(self, job: str, steps: Iterator[PollReport]) -> PollReport | None:
        """The next step of a sweep; None at its end."""
        began, before = self._clock.now(), self._spent()
        with self._noting(job, began):
            report = next(steps, None)
        if report is not None:
            self._pulse.looked(job, report, began=began, database_seconds=self._spent() - before)
            self._pulse.write_if_due()
        return report

    def note_slowed(self, who: str, report: PollReport) -> None:
        """Keep for `status` what the load budget slows down, when that changes."""
        self._pulse.keep_slowed(who, report.slowed)

    def send(self, send: Callable[[], DeliverReport]) -> DeliverReport:
        """Deliver."""
        began = self._clock.now()
        with self._noting("deliver", began):
            report = send()
        if report.put_off:
            self._count(report.put_off, began)
        self._pulse.sent(report, began=began)
        if not report.is_empty:
            self._pulse.write_if_due()
        return report

    def listen(self, newest_orders: Callable[[], Sequence[datetime]]) -> None:
        """Learn how often the shop sells, every few minutes, so that an unusual silence can be told."""
        now = self._clock.monotonic()
        if self._listened_at is not None and now - self._listened_at < LISTEN_EVERY_SECONDS:
            return
        self._listened_at = now
        with suppress(ConfigurationError, TryAgainError), self._noting("listen", self._clock.now()):
            self._pulse.sells(rhythm_of(newest_orders()))

    def close(self) -> None:
        """Write down what is known."""
        self._pulse.write()

    @contextmanager
    def _noting(self, job: str, began: datetime) -> Iterator[None]:
        try:
            yield
        except (ConfigurationError, TryAgainError) as error:
            self._pulse.failed(job, error, began=began)
            self._pulse.write_if_due()
            raise
