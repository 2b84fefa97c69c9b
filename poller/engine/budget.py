"""The budget: what one kind of reading may take of the shop's database, as a share of one of its cores."""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

from poller.ports import Clock

LONGEST_REST = timedelta(minutes=10)
WORTH_TELLING = timedelta(seconds=5)
"""Shorter rests are told nobody: they change nothing that anybody sees."""


@dataclass(slots=True)
class Budget:
    """Lets each reading rest after its work for as long as its share demands: 20 ms at 0.01 rest for two seconds.

    Of the last `samples` times the shortest counts: a reading that was slow once, because the machine was busy, is not
    a dear one.
    """

    share: float
    clock: Clock
    samples: int = 1
    slowed: dict[str, float] = field(default_factory=dict)
    _took: dict[str, deque[float]] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)
    _rests: dict[str, float] = field(default_factory=dict)
    _skipped: set[str] = field(default_factory=set)

    def is_due(self, name: str) -> bool:
        """Whether the reading has rested long enough; one that is asked for earlier is slowed, and told in `slowed`."""
        if self.clock.monotonic() >= self._until.get(name, 0.0):
            return True
        self._skipped.add(name)
        if self._rests[name] >= WORTH_TELLING.total_seconds():
            self.slowed[name] = self._rests[name]
        return False

    def spend(self, name: str, seconds: float) -> None:
        """Note what a reading just took the database."""
        took = self._took.setdefault(name, deque(maxlen=self.samples))
        took.append(seconds)
        cost = min(took) if len(took) == self.samples else 0.0
        self._rests[name] = min(cost / self.share, LONGEST_REST.total_seconds())
        self._until[name] = self.clock.monotonic() + self._rests[name]
        if name not in self._skipped:
            self.slowed.pop(name, None)
        self._skipped.discard(name)

    def rest(self, name: str, pause: timedelta) -> None:
        """Let a reading rest, whatever it took."""
        self._rests[name] = pause.total_seconds()
        self._until[name] = self.clock.monotonic() + self._rests[name]
