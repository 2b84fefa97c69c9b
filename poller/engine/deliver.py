"""Deliver: the outbox to Segment, batch by batch, each settled by its verdict before the next one is sent.

Whatever happens, a message is in exactly one place: still pending, in the ledger, or a dead letter. The state store
moves it, after the verdict; a crash in between sends it again under the same messageId.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeAlias, assert_never

from poller.core.backoff import LONGEST_WAIT, delay
from poller.core.packing import BATCH_BYTES, BATCH_ROWS
from poller.core.shops import EVERY_SHOP, Source
from poller.engine.allowance import Allowance
from poller.engine.deliveries import Burial, DeliverReport
from poller.ports import Accepted, Clock, Deferred, Delivery, Misconfigured, Pending, Refused, Sender, State, Verdict

RETRY_STOPPED: Final = timedelta(seconds=60)
"""How often a configuration fault is tried again, so that a repaired key heals without a command."""

REFUSED_IN_A_ROW: Final = 50
"""So many messages refused one after the other, none accepted between them, are not the messages' fault."""


_Part: TypeAlias = tuple[Sequence[Pending], bool]
"""Messages to be posted together, and whether they are the left half of what was refused."""


def _halves(part: Sequence[Pending]) -> list[_Part]:
    """Both halves as a stack holds them: the left one is taken first, so the outbox's order is kept."""
    half = len(part) // 2
    return [(part[half:], False), (part[:half], True)]


class Deliver:
    """Sends what the outbox holds for one source; one batch in flight, in the outbox's order.

    `rate_limit` is messages a second, which several sources share by one `allowance`; `dice` gives a number in [0, 1)
    and spreads the waits.
    """

    def __init__(
        self,
        state: State,
        sender: Sender,
        clock: Clock,
        *,
        rate_limit: int,
        dice: Callable[[], float],
        source: Source = EVERY_SHOP,
        allowance: Allowance | None = None,
    ) -> None:
        self.source = source
        self._state = state
        self._sender = sender
        self._clock = clock
        self._dice = dice
        self._batch_rows = max(min(BATCH_ROWS, rate_limit), 1)
        self._allowance = allowance or Allowance(max(rate_limit, 1), clock)
        self._refused_in_a_row = 0
        self._is_fresh = True

    def once(self) -> DeliverReport:
        """Send the next batch, if it is time; what is refused is bisected until the guilty message stands alone."""
        report = self._next_batch()
        return replace(report, source=self.source.name)

    def _next_batch(self) -> DeliverReport:
        standing = self._state.delivery(self.source.name)
        waiting = self._seconds_left(standing)
        if waiting:
            stopped = standing.reason if standing.stopped else ""
            return DeliverReport(waiting=waiting, reason=standing.reason, stopped=stopped)
        batch = self._pending()
        if not batch:
            return DeliverReport(is_empty=True)
        report = DeliverReport(oldest_at=batch[0].created_at)
        parts: list[_Part] = [(batch, False)]
        while parts and report.waiting is None and not report.is_interrupted:
            part, is_left = parts.pop()
            if report.attempts:
                part = self._still_pending(part)
            if not part:
                continue
            settled, refused = self._send(part)
            report = report.then(settled)
            if refused:
                parts += _halves(part)
            elif is_left and settled.delivered:
                # The left half was accepted, so the right one holds the guilty message: that needs no asking.
                parts += _halves(parts.pop()[0])
        return report

    def drain(self, until: Callable[[], bool] | None = None) -> DeliverReport:
        """Send until the outbox is empty; earlier if sending stopped, a stop is asked for, or `until` says so.

        Waits out deferrals while `until` does not say so; without it, returns at the first.
        """
        total = DeliverReport()
        while until is None or not until():
            report = self.once()
            total = total.then(report)
            if report.is_empty or report.is_interrupted or report.stopped:
                break
            if report.waiting is not None and (until is None or self._clock.wait(min(report.waiting, 1.0))):
                break
        return total

    def _pending(self) -> Sequence[Pending]:
        return self._state.pending(limit=self._batch_rows, max_bytes=BATCH_BYTES, source=self.source)

    def _still_pending(self, part: Sequence[Pending]) -> Sequence[Pending]:
        """The part without what was purged since it was read: bisecting may outlast a customer's erasure."""
        left = {message.seq for message in self._pending()}
        return [message for message in part if message.seq in left]

    def _seconds_left(self, standing: Delivery) -> float:
        """Seconds until the next try is due; one that lies too far ahead was dated by a clock that was wrong.

        A process that has just started may have been given what was missing, so it does not wait out a stop.
        """
        is_fresh, self._is_fresh = self._is_fresh, False
        if standing.not_before is None or (standing.stopped and is_fresh):
            return 0.0
        left = standing.not_before - self._clock.now()
        return left.total_seconds() if timedelta(0) < left <= LONGEST_WAIT else 0.0

    def _send(self, part: Sequence[Pending]) -> tuple[DeliverReport, bool]:
        """Post one batch and settle it; True if it was refused and can be split."""
        if self._clock.wait(self._allowance.seconds_until(len(part))):
            return DeliverReport(is_interrupted=True), False
        standing = self._state.delivery(self.source.name)
        verdict: Verdict = self._sender.post([message.text for message in part], attempt=standing.attempts)
        match verdict:
            case Accepted():
                self._refused_in_a_row = 0
                return self._deliver(part, standing), False
            case Deferred():
                return self._defer(part, standing, verdict), False
            case Misconfigured():
                return self._stop(part, standing, verdict), False
            case Refused() if len(part) > 1:
                return DeliverReport(attempts=1), True
            case Refused():
                return self._bury(part[0], standing, verdict), False
            case _:
                assert_never(verdict)

    def _deliver(self, part: Sequence[Pending], standing: Delivery) -> DeliverReport:
        now = self._clock.now()
        self._state.delivered(part, now)
        self._recover(standing)
        delays = [max(now - message.created_at, timedelta(0)) for message in part]
        return DeliverReport(attempts=1, delivered=len(part), delay=sum(delays, timedelta(0)), slowest=max(delays))

    def _recover(self, standing: Delivery) -> None:
        if standing != Delivery():
            self._state.set_delivery(Delivery(), self.source.name)

    def _defer(self, part: Sequence[Pending], standing: Delivery, verdict: Deferred) -> DeliverReport:
        attempts = standing.attempts + 1
        wait = delay(attempts, jitter=self._dice(), retry_after=verdict.retry_after)
        self._put_off(standing, wait, reason=verdict.reason, is_stopped=False)
        return DeliverReport(
            attempts=1,
            deferred=len(part),
            put_off=tuple(message.name for message in part),
            waiting=wait.total_seconds(),
            reason=verdict.reason,
        )

    def _stop(self, part: Sequence[Pending], standing: Delivery, verdict: Misconfigured) -> DeliverReport:
        self._put_off(standing, RETRY_STOPPED, reason=f"{verdict.reason} {verdict.hint}", is_stopped=True)
        return DeliverReport(
            attempts=1,
            deferred=len(part),
            put_off=tuple(message.name for message in part),
            waiting=RETRY_STOPPED.total_seconds(),
            reason=verdict.reason,
            stopped=verdict.reason,
            hint=verdict.hint,
        )

    def _put_off(self, standing: Delivery, wait: timedelta, *, reason: str, is_stopped: bool) -> None:
        now = self._clock.now()
        delivery = Delivery(
            attempts=standing.attempts + 1,
            not_before=now + wait,
            stopped=is_stopped,
            reason=reason,
            since=standing.since or now,
        )
        self._state.set_delivery(delivery, self.source.name)

    def _bury(self, message: Pending, standing: Delivery, verdict: Refused) -> DeliverReport:
        if self._refused_in_a_row >= REFUSED_IN_A_ROW:
            everything = Misconfigured(
                f"{verdict.reason} So it did to each of the last {REFUSED_IN_A_ROW} messages: they are not the cause.",
                "Look at what stands between here and segment.host, then `poller dead-letters replay`.",
            )
            return self._stop((message,), standing, everything)
        self._refused_in_a_row += 1
        self._state.bury(message, reason=verdict.reason, at=self._clock.now())
        self._recover(standing)
        burial = Burial(
            message_id=message.message_id,
            name=message.name,
            thing=message.thing,
            key=message.key,
            reason=verdict.reason,
        )
        return DeliverReport(attempts=1, burials=(burial,))
