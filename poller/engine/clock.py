"""This host's clock: the only one outside the shop's database."""

import threading
import time
from datetime import UTC, datetime


class SystemClock:
    """ports.Clock; `stop()` ends every wait, now and later."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Sleep, or until a stop is asked for; True if it was."""
        return self._stopped.wait(max(seconds, 0.0))

    def stop(self) -> None:
        """Ask everything that waits to end."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        """Whether a stop was asked for."""
        return self._stopped.is_set()
