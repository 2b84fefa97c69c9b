"""Courtesy: while the shop's database is busy with its customers, history waits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from poller.ports import Clock

LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pressure:
    """How busy the shop's database is: statements that run there beside ours, and how far a replica is behind.

    `lag` is None where there is none, or this account may not see it.
    """

    running: int
    lag: timedelta | None = None


class Courtesy:
    """Says when to wait, and why. `ask` is what looks at the database; it does so once a second at most."""

    def __init__(self, ask: Callable[[], Pressure], clock: Clock, *, most_threads: int, most_lag: timedelta) -> None:
        self._ask = ask
        self._clock = clock
        self._most_threads = most_threads
        self._most_lag = most_lag
        self._looked_at: float | None = None
        self._reason = ""

    def reason(self) -> str:
        """Why to wait now, "" if there is no reason."""
        now = self._clock.monotonic()
        if self._looked_at is None or now - self._looked_at >= LOOK_EVERY_SECONDS:
            self._looked_at = now
            self._reason = self._of(self._ask())
        return self._reason

    def _of(self, pressure: Pressure) -> str:
        if pressure.running > self._most_threads:
            return f"the shop's database is busy: {pressure.running} statements run (backfill.most_threads)"
        if pressure.lag is not None and pressure.lag > self._most_lag:
            return f"the replica is {pressure.lag.total_seconds():.0f} s behind (backfill.most_lag)"
        return ""
