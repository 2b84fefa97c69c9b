"""How a long command tells how far it is: a bar on a terminal, a log line every few seconds elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from poller.cli.output import about

if TYPE_CHECKING:
    from poller.engine.backfill import Progress

EVERY_SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Outlook:
    """How quick it is, and how long it will take if it goes on so; from when this run began, wherever that was."""

    monotonic: Callable[[], float] = time.monotonic
    began: float = 0.0
    first_row: int | None = None
    per_second: float = 0.0
    seconds_left: float | None = None

    def update(self, progress: "Progress") -> None:
        """Look again. Messages that were delivered count; how many there will be is guessed from the rows read."""
        now = self.monotonic()
        if self.first_row is None:
            self.first_row, self.began = progress.done_rows, now
        rows, seconds = progress.done_rows - self.first_row, now - self.began
        sent = max(progress.events - progress.waiting, 0)
        self.per_second = sent / seconds if seconds > 0 else 0.0
        self.seconds_left = None
        if rows and self.per_second:
            expected = progress.events * (progress.total_rows - self.first_row) / rows
            self.seconds_left = max(expected - sent, 0.0) / self.per_second


@contextmanager
def shown() -> Iterator[Callable[["Progress"], None]]:
    """What to call with each step."""
    if sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield Lines().show


class Lines:
    """A line every few seconds, and one when a pause begins or ends."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._outlook = Outlook(monotonic)
        self._told_at = monotonic()
        self._is_paused = False

    def show(self, progress: "Progress") -> None:
        """Log it, if it is time."""
        self._outlook.update(progress)
        if bool(progress.pause) != self._is_paused:
            self._is_paused = bool(progress.pause)
            if progress.pause:
                log.warning("backfill.paused", reason=progress.pause)
            else:
                log.info("backfill.resumed")
        if self._monotonic() - self._told_at < EVERY_SECONDS:
            return
        self._told_at = self._monotonic()
        left = self._outlook.seconds_left
        log.info(
            "backfill.progressed",
            done_rows=progress.done_rows,
            total_rows=progress.total_rows,
            events=progress.events,
            waiting=progress.waiting,
            refused=progress.refused,
            per_second=round(self._outlook.per_second, 1),
            seconds_left=None if left is None else round(left),
        )


@contextmanager
def _bar() -> Iterator[Callable[["Progress"], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    outlook = Outlook()
    text = TextColumn("{task.description}", markup=False)
    with Bar(TaskProgressColumn(), BarColumn(bar_width=20), text, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=1)

        def show(progress: "Progress") -> None:
            outlook.update(progress)
            completed, total = (progress.done_rows, progress.total_rows) if progress.total_rows else (1, 1)
            bar.update(task, completed=completed, total=total, description=_words(progress, outlook))

        yield show


def _words(progress: "Progress", outlook: Outlook) -> str:
    """`1,000 of 20,000 rows, 2,500 events, 480/s, 3 min left, 0 refused`, and why it waits."""
    parts = [
        f"{progress.done_rows:,} of {progress.total_rows:,} rows",
        f"{progress.events:,} events",
        f"{outlook.per_second:,.0f}/s",
        *([] if outlook.seconds_left is None else [f"{about(outlook.seconds_left)} left"]),
        f"{progress.refused:,} refused",
        *([f"paused: {progress.pause}"] if progress.pause else []),
    ]
    return ", ".join(parts)
