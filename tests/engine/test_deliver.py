"""Deliver: from the outbox to an acknowledged batch, one verdict after the other."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from poller.core.packing import BATCH_ROWS
from poller.engine.deliver import RETRY_STOPPED
from poller.engine.deliveries import DeliverReport
from poller.ports import (
    Accepted,
    Deferred,
    Delivery,
)
from tests.engine.outlet import BUSY, NOON, WRONG_KEY, FakeClock, FakeSender, deliverer, holding, in_ledger, waiting
from tests.support.fake_state import FakeState


def test_an_accepted_batch_is_settled_and_told() -> None:
    state, sender, clock = holding(3), FakeSender(), FakeClock()
    report = deliverer(state, sender, clock).once()
    assert report == DeliverReport(
        delivered=3,
        attempts=1,
        delay=timedelta(seconds=9),
        slowest=timedelta(seconds=3),
        oldest_at=NOON - timedelta(seconds=3),
    )
    assert report.as_log() == {"delivered": 3, "attempts": 1, "slowest_s": 3.0}
    assert sender.posts == [((1, 2, 3), 0)]
    assert in_ledger(state) == [1, 2, 3]
    assert state.delivery() == Delivery()


def test_an_empty_outbox_is_told_and_nothing_is_sent() -> None:
    state, sender, clock = FakeState(), FakeSender(), FakeClock()
    assert deliverer(state, sender, clock).once() == DeliverReport(is_empty=True)
    assert sender.posts == []


def test_batches_keep_segments_limits() -> None:
    state, sender, clock = holding(1_100), FakeSender(), FakeClock()
    deliverer(state, sender, clock).drain()
    assert [len(numbers) for numbers, _ in sender.posts] == [BATCH_ROWS, BATCH_ROWS, 100]
    assert sender.accepted == list(range(1, 1_101))


def test_a_batch_put_off_stays_where_it_is_and_is_tried_again_when_it_is_time() -> None:
    state, clock = holding(2), FakeClock()
    sender = FakeSender([BUSY, BUSY])
    deliver = deliverer(state, sender, clock)
    report = deliver.once()
    assert (report.deferred, report.attempts, report.waiting, report.reason) == (2, 1, 0.375, BUSY.reason)
    assert state.delivery() == Delivery(
        attempts=1, not_before=NOON + timedelta(seconds=0.375), reason=BUSY.reason, since=NOON
    )
    assert deliver.once() == DeliverReport(waiting=0.375, reason=BUSY.reason)
    clock.wait(0.375)
    assert deliver.once().waiting == 0.75
    clock.wait(0.75)
    assert state.delivery().since == NOON
    assert deliver.once().delivered == 2
    assert state.delivery() == Delivery()
    assert sender.posts == [((1, 2), 0), ((1, 2), 1), ((1, 2), 2)]


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(timedelta(minutes=20), 1200), (timedelta(0), 0.375), (timedelta(days=2), 3600), (None, 0.375)],
)
def test_what_segment_asks_for_is_obeyed_by_the_next_process_too(asked: timedelta | None, seconds: float) -> None:
    state, clock = holding(1), FakeClock()
    assert deliverer(state, FakeSender([Deferred("429", asked)]), clock).once().waiting == seconds
    sender = FakeSender()
    assert deliverer(state, sender, clock).once().waiting == seconds
    assert sender.posts == []
    clock.wait(seconds)
    assert deliverer(state, sender, clock).once().delivered == 1


def test_a_wait_dated_by_a_clock_that_was_wrong_is_not_waited_out() -> None:
    state, clock = holding(1), FakeClock()
    state.set_delivery(Delivery(attempts=3, not_before=NOON + timedelta(days=365), reason="503"))
    assert deliverer(state, FakeSender(), clock).once().delivered == 1


def test_a_configuration_fault_stops_sending_drops_nothing_and_heals_by_itself() -> None:
    state, clock = holding(3), FakeClock()
    sender = FakeSender([WRONG_KEY, WRONG_KEY])
    deliver = deliverer(state, sender, clock)
    report = deliver.once()
    assert (report.stopped, report.hint) == (WRONG_KEY.reason, WRONG_KEY.hint)
    assert (report.delivered, report.deferred, report.waiting) == (0, 3, 60.0)
    standing = state.delivery()
    assert (standing.stopped, standing.since) == (True, NOON)
    assert standing.reason == f"{WRONG_KEY.reason} {WRONG_KEY.hint}"
    again = deliver.once()
    assert (again.stopped, again.waiting, again.attempts) == (standing.reason, 60.0, 0)
    clock.wait(RETRY_STOPPED.total_seconds())
    assert deliver.once().stopped
    assert state.delivery().since == NOON
    assert waiting(state) == [1, 2, 3]
    clock.wait(RETRY_STOPPED.total_seconds())
    assert deliver.once().delivered == 3
    assert state.delivery() == Delivery()
    assert len(sender.posts) == 3


def test_a_new_process_tries_at_once_for_it_may_have_a_new_key() -> None:
    state, clock = holding(1), FakeClock()
    deliverer(state, FakeSender([WRONG_KEY]), clock).once()
    deliver = deliverer(state, FakeSender([WRONG_KEY]), clock)
    assert deliver.once().attempts == 1
    assert deliver.once().attempts == 0
    assert deliverer(state, FakeSender(), clock).once().delivered == 1


def test_no_more_messages_a_second_than_allowed() -> None:
    state, clock, sender = holding(1_000), FakeClock(), FakeSender()
    times: list[float] = []

    def note(texts: Sequence[str]) -> None:
        times.extend([clock.monotonic()] * len(texts))

    sender.judge = note
    deliverer(state, sender, clock, rate_limit=100).drain()
    assert sender.accepted == list(range(1, 1_001))
    assert times[-1] == pytest.approx(9.0)
    assert all(times[at + 200] - times[at] >= 1.0 - 1e-9 for at in range(800))


def test_a_pause_saves_up_one_second_and_no_more() -> None:
    state, clock, sender = holding(300), FakeClock(), FakeSender()
    deliver = deliverer(state, sender, clock, rate_limit=100)
    clock.wait(3600.0)
    before = clock.monotonic()
    deliver.drain()
    assert clock.monotonic() - before == pytest.approx(2.0)


def test_a_limit_below_one_still_sends() -> None:
    state, clock, sender = holding(2), FakeClock(), FakeSender()
    deliverer(state, sender, clock, rate_limit=0).drain()
    assert [numbers for numbers, _ in sender.posts] == [(1,), (2,)]


def test_a_stop_is_heard_between_batches() -> None:
    state, sender = holding(1_200), FakeSender()
    clock = FakeClock(stop_in=1)
    report = deliverer(state, sender, clock).drain()
    assert (report.delivered, report.is_interrupted) == (BATCH_ROWS, True)
    assert len(waiting(state)) == 700


def test_draining_without_patience_returns_at_the_first_deferral() -> None:
    state, clock = holding(600), FakeClock()
    report = deliverer(state, FakeSender([Accepted(), BUSY]), clock).drain()
    assert (report.delivered, report.deferred, report.attempts, report.waiting) == (500, 100, 2, 0.375)
    assert not report.is_empty


def test_draining_with_patience_waits_deferrals_out() -> None:
    state, clock = holding(600), FakeClock()
    sender = FakeSender([BUSY] * 12)
    report = deliverer(state, sender, clock).drain(until=lambda: False)
    assert (report.delivered, report.attempts, report.is_empty) == (600, 14, True)
    assert clock.seconds >= 0.375 * (2**7 - 1)


def test_draining_stops_when_patience_ends_or_a_stop_is_asked_for() -> None:
    state, clock = holding(1), FakeClock()
    sender = FakeSender(judge=lambda _: BUSY)
    deliver = deliverer(state, sender, clock)
    assert deliver.drain(until=lambda: clock.seconds > 100).waiting
    assert 100 < clock.seconds < 102
    clock.stop_in = 0
    attempts = len(sender.posts)
    deliver.drain(until=lambda: False)
    assert len(sender.posts) == attempts
    assert deliver.drain(until=lambda: True) == DeliverReport()


def test_draining_stops_at_a_configuration_fault() -> None:
    state, clock = holding(600), FakeClock()
    report = deliverer(state, FakeSender([Accepted(), WRONG_KEY]), clock).drain(until=lambda: False)
    assert (report.delivered, report.stopped, report.deferred) == (500, WRONG_KEY.reason, 100)
