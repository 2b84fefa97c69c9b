"""The daemon: jobs on a schedule, signals, readiness and watchdog; everything the jobs do is the App's.

Poll, sweep and deliver have a thread each, so that none waits for another; the App keeps poll and sweep apart, page by
page. The first SIGTERM or SIGINT lets the page and the post in hand finish; the second exits at once.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from poller.config import Settings
from poller.engine.deliveries import DeliverReport
from poller.engine.reports import PollReport
from poller.errors import BugError, ConfigurationError, StateBusyError, TryAgainError
from poller.observe.sdnotify import Notifier
from poller.ports import Clock

log = structlog.get_logger(__name__)

LONGEST_PAUSE = timedelta(seconds=60)
_WALK = timedelta(seconds=2)

Report: TypeAlias = PollReport | DeliverReport


class StoppableClock(Clock, Protocol):
    """A clock whose waits end when a stop is asked for."""

    def stop(self) -> None:
        """Ask for a stop: every wait returns True from now on."""


class App(Protocol):
    """What the daemon needs of the application."""

    @property
    def settings(self) -> Settings:
        """The settings it was built from."""

    @property
    def clock(self) -> StoppableClock:
        """This host's time, and the request to stop."""

    def start(self, door: str) -> None:
        """Take the locks and prepare the state; raises StateBusyError, ConfigurationError or ShopUnreachableError."""

    def poll_once(self) -> PollReport:
        """Commit what is new in the shop."""

    def sweep_recent(self) -> Iterator[PollReport]:
        """Commit what changed without telling among recent things, step by step."""

    def sweep_all(self) -> Iterator[PollReport]:
        """Commit the states of orders of any age that were set without telling, step by step."""

    def walk(self) -> Iterator[PollReport]:
        """Go on with the walk over everything, as far as the load budget allows."""

    def deliver_once(self) -> DeliverReport:
        """Send the next batch, if one is due."""

    def close(self) -> None:
        """Let go of everything; afterwards it may be started again."""


def work(app: App, notifier: Notifier) -> int:
    """Start, and work until the app's clock is stopped; returns the exit code. Raises what `app.start` raises."""
    _start(app, notifier)
    return _Daemon(app, notifier).run()


def _start(app: App, notifier: Notifier) -> None:
    """Start; wait for a shop that is away, as after a boot, but not for another process to let go."""
    failures = 0
    while not app.clock.wait(0):
        try:
            app.start("run")
        except StateBusyError:
            raise
        except TryAgainError as error:
            app.close()
            pause = _growing(failures)
            failures += 1
            log.warning("daemon.postponed", error=error.message, hint=error.hint, pause_s=pause.total_seconds())
            notifier.status(f"start: {error}")
            app.clock.wait(pause.total_seconds())
        else:
            log.info("daemon.started")
            return


def _growing(failures: int) -> timedelta:
    """The pause after so many failures and one more: 1, 2, 4 ... 60 s."""
    return min(timedelta(seconds=2 ** min(failures, 6)), LONGEST_PAUSE)


@dataclass(slots=True)
class _Job:
    """One job: what it runs, how often, and how it stands."""

    name: str
    work: Callable[[], Iterable[Report]]
    every: timedelta
    first_in: timedelta = timedelta(0)
    failures: int = 0
    not_before: float = 0.0
    runs: int = 0
    trouble: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Daemon:
    """The jobs, and what they tell systemd."""

    app: App
    notifier: Notifier
    code: int = 0
    is_ready: bool = False
    fed_at: int = 0
    said: str = ""
    jobs: tuple[_Job, ...] = ()
    has_news: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        app, schedule = self.app, self.app.settings.schedule
        self.jobs = (
            _Job("poll", lambda: _until_done(app.poll_once), schedule.poll),
            _Job("deliver", lambda: self._deliver(app.deliver_once, schedule.deliver), schedule.deliver),
            _Job("hot_sweep", app.sweep_recent, schedule.hot_sweep, first_in=schedule.hot_sweep),
            _Job("sweep", app.sweep_all, schedule.sweep, first_in=schedule.sweep),
            _Job("walk", app.walk, _WALK, first_in=schedule.hot_sweep),
        )
        scheduler = _scheduler(self.jobs, self._tick)
        scheduler.start()
        while not self.app.clock.wait(LONGEST_PAUSE.total_seconds()):
            pass
        self.has_news.set()  # So that nobody waits for any.
        scheduler.remove_all_jobs()
        scheduler.shutdown(wait=True)
        return self.code

    def _tick(self, job: _Job) -> None:
        """Run a job, unless it pauses after a failure or everything is stopping."""
        if self._is_stopping() or self.app.clock.monotonic() < job.not_before:
            return
        try:
            for report in job.work():
                self._succeeded(job, report)
                if self._is_stopping():
                    break
        except TryAgainError as error:
            self._pause(job, _growing(job.failures), event=f"{job.name}.postponed", error=error)
        except ConfigurationError as error:
            self._pause(job, LONGEST_PAUSE, event=f"{job.name}.misconfigured", error=error)
        except Exception:
            # The one place where anything is caught: a bug must end the daemon with its exit code, not just a thread.
            log.exception("daemon.crashed", job=job.name)
            self.code = BugError.exit_code
            self.app.clock.stop()
        finally:
            job.runs += 1

    def _deliver(self, deliver: Callable[[], DeliverReport], pause: timedelta) -> Iterator[DeliverReport]:
        """Send batch after batch until nothing is left, or Segment says not now; again as soon as a poll has news."""
        until = self.app.clock.monotonic() + pause.total_seconds()
        while not self._is_stopping():
            self.has_news.clear()
            report = deliver()
            yield report
            if report.stopped or report.is_interrupted or report.waiting is not None:
                return
            if report.is_empty and not self.has_news.wait(max(until - self.app.clock.monotonic(), 0)):
                return

    def _is_stopping(self) -> bool:
        return self.app.clock.wait(0)

    def _pause(self, job: _Job, pause: timedelta, *, event: str, error: ConfigurationError | TryAgainError) -> None:
        job.failures += 1
        job.not_before = self.app.clock.monotonic() + pause.total_seconds()
        tell = log.error if isinstance(error, ConfigurationError) else log.warning
        tell(event, error=error.message, hint=error.hint, pause_s=pause.total_seconds(), failures=job.failures)
        self._say(f"{job.name}: {error}")

    def _say(self, text: str) -> None:
        """The line of `systemctl status`, when it changes."""
        if text != self.said:
            self.said = text
            self.notifier.status(text)

    def _succeeded(self, job: _Job, report: Report) -> None:
        job.runs += 1
        if job.failures:
            log.info("daemon.recovered", job=job.name, failures=job.failures)
            job.failures = 0
        _tell(job, report)
        if isinstance(report, PollReport):
            job.trouble = _trouble(report)
            if report.events:
                self.has_news.set()
        if not any(other.failures for other in self.jobs):
            troubles = frozenset[str]().union(*(other.trouble for other in self.jobs))
            self._say(f"In trouble: {', '.join(sorted(troubles))}." if troubles else "Working.")
        if job.name == "poll":
            self._feed()

    def _feed(self) -> None:
        """After a good poll: ready; and the watchdog is fed, if the delivering thread has moved since last time."""
        if not self.is_ready:
            self.is_ready = True
            self.notifier.ready()
            log.info("daemon.ready")
        runs = sum(job.runs for job in self.jobs if job.name == "deliver")
        if runs != self.fed_at:
            self.fed_at = runs
            self.notifier.watchdog()


def _until_done(poll: Callable[[], PollReport]) -> Iterator[PollReport]:
    """Poll again at once while there is more."""
    has_more = True
    while has_more:
        report = poll()
        yield report
        has_more = report.has_more


def _trouble(report: PollReport) -> frozenset[str]:
    return frozenset(
        [*report.failed, *report.stopped, *report.postponed, *(f"{name} (slowed)" for name in report.slowed)]
    )


def _tell(job: _Job, report: Report) -> None:
    """The canonical line of a poll, sweep or batch; a look that found nothing, or the trouble known before, is none."""
    if isinstance(report, PollReport):
        is_news = bool(_trouble(report) - job.trouble)
        tell = log.warning if is_news else log.info if report.events or report.has_more else log.debug
        tell(f"{job.name}.finished", **report.as_log())
        return
    for burial in report.burials:
        log.warning(
            "event.buried", message_id=str(burial.message_id), name=burial.name, thing=burial.thing, key=burial.key
        )
    if report.attempts:
        is_put_off = report.waiting is not None
        tell = log.error if report.stopped else log.warning if is_put_off else log.info
        tell("batch.deferred" if is_put_off else "batch.delivered", **report.as_log())


def _scheduler(jobs: tuple[_Job, ...], tick: Callable[[_Job], None]) -> BackgroundScheduler:
    """A thread for each job, never beside itself; one whose interval was not enough leaves the next one out.

    Only the delivery, which listens for news as long as its interval lasts, has the next one wait in its queue.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={job.name: ThreadPoolExecutor(max_workers=1) for job in jobs},
        job_defaults={"coalesce": True, "misfire_grace_time": None},
    )
    for job in jobs:
        scheduler.add_job(
            tick,
            IntervalTrigger(seconds=job.every.total_seconds(), timezone=UTC),
            args=(job,),
            id=job.name,
            executor=job.name,
            max_instances=2 if job.name == "deliver" else 1,
            next_run_time=datetime.now(UTC) + job.first_in,
        )
    return scheduler
