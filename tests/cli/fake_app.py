"""A process that runs the real daemon over a small App: `python fake_app.py SCENARIO`.

It tells on stdout, one word a line, what the daemon asked of it; a job that is to hang waits for a line on stdin.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from poller.config import Settings
from poller.config.sections import Schedule, Segment, Shop
from poller.engine.clock import SystemClock
from poller.engine.deliveries import DeliverReport
from poller.engine.reports import PollReport
from poller.errors import ConfigurationError, PollerError, ShopUnreachableError, StateBusyError
from poller.observe.logs import configure_logging
from poller.service import run_daemon

SPEED = 200
"""The fake's monotonic clock runs so many times faster, that pauses of a minute pass in a test."""


class QuickClock(SystemClock):
    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    def wait(self, seconds: float) -> bool:
        return super().wait(seconds / SPEED)


class FakeApp:
    """Each scenario replaces some of the jobs."""

    def __init__(self, **jobs: Callable[[], object]) -> None:
        quick = timedelta(milliseconds=10)
        self.settings = Settings(
            shop=Shop(url=make_url("mysql+pymysql://poller@127.0.0.1/shop")),
            segment=Segment(write_key=SecretStr("key")),
            schedule=Schedule(poll=quick, deliver=quick, sweep=quick, hot_sweep=quick),
        )
        self.clock: SystemClock = QuickClock()
        self.jobs = jobs

    def start(self, door: str) -> None:
        say(f"start {door}")
        self._do("start")

    def poll_once(self) -> PollReport:
        say("poll")
        found = self._do("poll")
        return found if isinstance(found, PollReport) else PollReport(lane="live")

    def sweep_recent(self) -> Iterator[PollReport]:
        say("hot sweep")
        yield PollReport(lane="live")

    def walk(self) -> Iterator[PollReport]:
        say("walk")
        yield PollReport(lane="live")

    def sweep_all(self) -> Iterator[PollReport]:
        say("sweep")
        yield PollReport(lane="live", things=1, events={"Order Cancelled": 1}, found_by_sweep=1)

    def deliver_once(self) -> DeliverReport:
        say("deliver")
        found = self._do("deliver")
        return found if isinstance(found, DeliverReport) else DeliverReport(is_empty=True)

    def close(self) -> None:
        say("closed")

    def _do(self, job: str) -> object:
        return self.jobs[job]() if job in self.jobs else None


_saying = threading.Lock()


def say(word: str) -> None:
    with _saying:
        sys.stdout.write(f"{word}\n")
        sys.stdout.flush()


def hang() -> None:
    say("hanging")
    sys.stdin.readline()
    say("done hanging")


def misconfigured() -> None:
    raise ConfigurationError("Segment refuses the key.", hint="Correct segment.write_key.")


def crash() -> None:
    raise KeyError("a bug")


def busy() -> None:
    raise StateBusyError("The live lane is held by another process.", hint="Wait for it.")


class Away:
    """The shop is away so many times, then comes back."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> None:
        if self.left:
            self.left -= 1
            raise ShopUnreachableError("Cannot reach the shop's database.", hint="Is it running?")


class Pages:
    """So many pages, one after the other, then nothing."""

    def __init__(self, pages: int) -> None:
        self.left = pages

    def __call__(self) -> PollReport:
        self.left = max(self.left - 1, 0)
        return PollReport(lane="live", things=2, events={"identify": 1}, has_more=self.left > 0)


def bring_news() -> PollReport:
    """A look that takes a while, as a real one does, and always finds something."""
    time.sleep(0.15)
    say("news")
    return PollReport(lane="live", things=1, events={"identify": 1})


def in_real_time(app: FakeApp) -> FakeApp:
    """Poll and delivery begin together, time after time, as the daemon's do; nothing sweeps beside them."""
    app.clock = SystemClock()
    often, never = timedelta(milliseconds=600), timedelta(hours=1)
    pauses = {"poll": often, "deliver": often, "sweep": never, "hot_sweep": never}
    schedule = app.settings.schedule.model_copy(update=pauses)
    app.settings = app.settings.model_copy(update={"schedule": schedule})
    return app


SCENARIOS: dict[str, Callable[[], FakeApp]] = {
    "idle": FakeApp,
    "poll hangs": lambda: FakeApp(poll=hang),
    "deliver hangs": lambda: FakeApp(deliver=hang),
    "start hangs": lambda: FakeApp(start=hang),
    "start misconfigured": lambda: FakeApp(start=misconfigured),
    "start busy": lambda: FakeApp(start=busy),
    "start away": lambda: FakeApp(start=Away(3)),
    "poll misconfigured": lambda: FakeApp(poll=misconfigured),
    "poll crashes": lambda: FakeApp(poll=crash),
    "away": lambda: FakeApp(poll=Away(9)),
    "pages": lambda: FakeApp(poll=Pages(3)),
    "news": lambda: in_real_time(FakeApp(poll=bring_news)),
    "refused": lambda: FakeApp(
        deliver=lambda: DeliverReport(attempts=1, deferred=3, waiting=60.0, reason="401", stopped="401", hint="Key?")
    ),
    "delivers": lambda: FakeApp(deliver=lambda: DeliverReport(attempts=1, delivered=3)),
}

if __name__ == "__main__":
    configure_logging("json", "info")
    try:
        sys.exit(run_daemon(SCENARIOS[sys.argv[1]]()))
    except PollerError as error:
        sys.exit(error.exit_code)
