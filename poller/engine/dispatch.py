"""Dispatch: every source delivered by itself, so that one that is slow, refuses or waits holds up no other."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import reduce
from typing import Final

from poller.engine.deliver import Deliver
from poller.engine.deliveries import DeliverReport

PATIENCE_SECONDS: Final = 0.2
"""How long the others wait for a source under way before what is new for them is looked at."""


class Dispatch:
    """The outbox to its sources, one thread each where there are several; each has one batch in flight."""

    def __init__(self, delivers: Sequence[Deliver]) -> None:
        self._delivers = delivers
        self._pool = ThreadPoolExecutor(len(delivers), "deliver") if len(delivers) > 1 else None
        self._under_way: dict[str, Future[DeliverReport]] = {}
        self._untold: deque[DeliverReport] = deque()

    def close(self) -> None:
        """Wait for what is under way: it settles what it sends."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def once(self) -> DeliverReport:
        """Send the next batch of every source that is free; tells of one batch at a time.

        Empty as long as any source has nothing to send: what is new for it is then looked for, whoever else waits.
        """
        if self._pool is None:
            return self._delivers[0].once()
        if self._untold:
            return self._untold.popleft()
        for deliver in self._delivers:
            if deliver.source.name not in self._under_way:
                self._under_way[deliver.source.name] = self._pool.submit(deliver.once)
        reports = self._come_in()
        self._untold.extend(report for report in reports if report.attempts)
        if self._untold:
            return self._untold.popleft()
        if self._under_way:
            return DeliverReport()
        return min(reports, key=_rank)

    def _come_in(self) -> list[DeliverReport]:
        """The reports of those who are done; waits for the first that did anything, and not for long."""
        reports: list[DeliverReport] = []
        done, left = wait(self._under_way.values(), PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
        while True:
            names = [name for name, future in self._under_way.items() if future in done]
            reports.extend(self._under_way.pop(name).result() for name in names)
            if not left or not done or any(report.attempts for report in reports):
                return reports
            done, left = wait(left, PATIENCE_SECONDS, return_when=FIRST_COMPLETED)

    def drain(self) -> DeliverReport:
        """Send all that waits, each source until it is empty or says not now; a fault of one is told, not the others'.

        What stopped comes before what was put off: that needs the operator.
        """
        if self._pool is None:
            return self._delivers[0].drain()
        futures = [self._pool.submit(deliver.drain) for deliver in self._delivers]
        reports = [future.result() for future in futures]
        counted = reduce(DeliverReport.then, reports)
        worst = max(reports, key=lambda report: (bool(report.stopped), report.waiting is not None))
        return replace(
            worst,
            delivered=counted.delivered,
            burials=counted.burials,
            put_off=counted.put_off,
            attempts=counted.attempts,
            delay=counted.delay,
            slowest=counted.slowest,
            oldest_at=counted.oldest_at,
        )


def _rank(report: DeliverReport) -> tuple[bool, bool, float]:
    """Of reports that did nothing: a stop that was asked for first, then an empty outbox, then the shortest wait."""
    return not report.is_interrupted, not report.is_empty, report.waiting or 0.0
