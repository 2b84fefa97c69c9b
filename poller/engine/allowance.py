"""How much may be sent in a second, whoever sends it."""

import threading

from poller.ports import Clock


class Allowance:
    """A token bucket: at most `rate` messages a second, after a pause as many as one second's at once."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._rate = rate
        self._clock = clock
        self._left = float(rate)
        self._at = clock.monotonic()

    def seconds_until(self, messages: int) -> float:
        """Take so many; the seconds to wait before they may be sent."""
        with self._lock:
            now = self._clock.monotonic()
            self._left = min(self._left + (now - self._at) * self._rate, float(self._rate)) - messages
            self._at = now
            return max(-self._left / self._rate, 0.0)
