"""Between two pages of the past: what was committed is delivered, the pace is kept, and a busy shop is left alone."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from poller.engine.allowance import Allowance
from poller.engine.backfill import Progress
from poller.engine.courtesy import Courtesy
from poller.engine.deliveries import DeliverReport
from poller.engine.reports import PollReport, WorkReport
from poller.errors import ConfigurationError
from poller.ports import Clock, OutboxSize

CROWDED = 50_000
"""So many messages waiting in the outbox: reading stops until they are fewer."""
_LOOK_AGAIN_SECONDS = 1.0


@dataclass(slots=True, kw_only=True)
class Between:
    """What a run over the past does between its pages.

    `send` delivers one batch, and is empty where another process delivers; `size` counts the outbox; `hear` is told how
    far the run is, after each batch. `pace` bounds the messages a second over time, whoever sends them.
    """

    clock: Clock
    send: Callable[[], DeliverReport]
    size: Callable[[], OutboxSize]
    hear: Callable[[Progress], None]
    courtesy: Courtesy
    total: WorkReport
    pace: Allowance | None = None
    _progress: Progress = field(default_factory=lambda: Progress(0, 0, 0))
    _buried_before: int | None = None

    def begin(self) -> None:
        """Before the first page: wait while the shop is busy."""
        self._buried_before = self.size().buried
        self._leave_alone()

    def after(self, page: PollReport, progress: Progress) -> bool:
        """Deliver what the page brought, and wait until the next may be read; True if a stop was asked for."""
        self.total.add(page)
        self._progress = progress
        owed = self.pace.seconds_until(sum(page.events.values())) if self.pace else 0.0
        due = self.clock.monotonic() + owed
        self._send_some()
        while (left := due - self.clock.monotonic()) > 0 and not self.clock.wait(min(left, _LOOK_AGAIN_SECONDS)):
            self.send_all()
        self._leave_alone()
        return self.clock.wait(0)

    def send_all(self) -> DeliverReport:
        """Batch after batch, until nothing is left to send from here, or not now.

        Raises ConfigurationError where Segment takes nothing until the operator has acted: to read on would be in vain.
        """
        while True:
            report = self.send()
            self.total.delivered += report.delivered
            self.total.buried += report.buried
            if report.stopped:
                raise ConfigurationError(f"Segment did not take everything: {report.stopped}", hint=report.hint)
            self.show(report.reason if report.waiting is not None else "")
            if report.is_empty or report.is_interrupted or report.waiting is not None:
                return report

    def show(self, pause: str = "") -> None:
        """Tell how far the run is; `pause` is why it waits."""
        size = self.size()
        refused = size.buried - (self._buried_before or 0)
        waiting = size.by_lane.get(self.total.lane, 0)
        self.hear(replace(self._progress, waiting=waiting, refused=max(refused, 0), pause=pause))

    def _send_some(self) -> None:
        """Deliver; where messages pile up, wait for them."""
        while True:
            report = self.send_all()
            if report.is_interrupted or self.size().pending < CROWDED or self.clock.wait(_LOOK_AGAIN_SECONDS):
                return

    def _leave_alone(self) -> None:
        """Wait while the shop's database is busy; what is read already goes on being delivered."""
        while reason := self.courtesy.reason():
            self.show(reason)
            if self.clock.wait(_LOOK_AGAIN_SECONDS):
                return
            self.send_all()
