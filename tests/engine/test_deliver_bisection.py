"""Deliver, when Segment refuses a batch: the guilty message is found, buried, and nobody else suffers."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poller.engine.deliver import REFUSED_IN_A_ROW
from poller.engine.deliveries import Burial
from poller.ports import Accepted, Commit, Suppressed, Verdict
from tests.engine.outlet import (
    BAD,
    BUSY,
    NOON,
    FakeClock,
    FakeSender,
    buried,
    deliverer,
    holding,
    in_ledger,
    message,
    poison,
    waiting,
)
from tests.support.fake_state import FakeState


@pytest.mark.parametrize("bad", range(1, 101))
def test_the_guilty_one_of_a_hundred_is_found_and_the_others_arrive(bad: int) -> None:
    state, clock, sender = holding(100), FakeClock(), FakeSender(judge=poison(bad))
    report = deliverer(state, sender, clock).once()
    assert report.burials == (
        Burial(message_id=UUID(int=bad), name="Order Completed", thing="order", key=bad, reason=BAD.reason),
    )
    assert (report.delivered, report.attempts, report.buried) == (99, len(sender.posts), 1)
    assert len(sender.posts) <= 14
    assert sender.accepted == [number for number in range(1, 101) if number != bad]
    assert in_ledger(state) == sender.accepted
    assert buried(state) == {bad: BAD.reason}
    assert waiting(state) == []


@given(st.integers(1, 60), st.data())
def test_any_number_of_guilty_ones_are_found(count: int, data: st.DataObject) -> None:
    bad = data.draw(st.sets(st.integers(1, count), max_size=REFUSED_IN_A_ROW - 1))
    state, clock, sender = holding(count), FakeClock(), FakeSender(judge=poison(*bad))
    report = deliverer(state, sender, clock).drain()
    assert report.is_empty
    assert buried(state).keys() == bad
    assert sender.accepted == [number for number in range(1, count + 1) if number not in bad]
    assert sender.refused_alone == bad


def test_what_is_put_off_in_the_middle_of_a_bisection_goes_on_from_there() -> None:
    state, clock = holding(8), FakeClock()
    deliver = deliverer(state, sender := FakeSender([BAD, Accepted(), BUSY], judge=lambda _: None), clock)
    report = deliver.once()
    assert (report.delivered, report.deferred, report.attempts, report.waiting) == (4, 2, 3, 0.375)
    assert waiting(state) == [5, 6, 7, 8]
    sender.judge = poison(8)
    clock.wait(1.0)
    assert deliver.drain().delivered == 3
    assert buried(state) == {8: BAD.reason}
    assert sender.accepted == [1, 2, 3, 4, 5, 6, 7]


def test_a_customer_erased_during_a_bisection_is_not_sent() -> None:
    state, clock = FakeState(), FakeClock()
    outgoing = [message(number, customer_id=number) for number in range(1, 9)]
    state.commit(Commit(lane="live", at=NOON, outgoing=outgoing))

    def erase_the_last(texts: Sequence[str]) -> Verdict:
        state.commit(Commit(lane="live", at=NOON, suppressed=[Suppressed(customer_id=8, reason="erased")]))
        return BAD if len(texts) == 8 else Accepted()

    sender = FakeSender(judge=erase_the_last)
    deliverer(state, sender, clock).drain()
    assert sender.accepted == [1, 2, 3, 4, 5, 6, 7]
    assert 8 not in {number for numbers, _ in sender.posts[1:] for number in numbers}


def test_when_everything_is_refused_it_is_not_the_messages_fault() -> None:
    state, clock = holding(REFUSED_IN_A_ROW + 30), FakeClock()
    sender = FakeSender(judge=lambda _: BAD)
    deliver = deliverer(state, sender, clock)
    report = deliver.drain()
    assert report.buried == REFUSED_IN_A_ROW
    assert report.stopped.startswith(BAD.reason)
    assert "dead-letters replay" in report.hint
    assert state.delivery().stopped
    clock.wait(60.0)
    assert deliver.drain().buried == 0
    assert len(waiting(state)) == 30
    sender.judge = lambda _: None
    clock.wait(60.0)
    assert deliver.drain().delivered == 30
    sender.judge = poison(1_000)
    state.commit(Commit(lane="live", at=NOON, outgoing=[message(1_000)]))
    assert deliver.drain().buried == 1


def test_a_stop_is_heard_in_the_middle_of_a_bisection() -> None:
    state, sender = holding(8), FakeSender(judge=poison(8))
    report = deliverer(state, sender, FakeClock(stop_in=2)).drain()
    assert (report.delivered, report.is_interrupted) == (4, True)
    assert waiting(state) == [5, 6, 7, 8]
