"""The load budget: what is dear rests, what was slow once does not, and who rests is told."""

from datetime import timedelta

from poller.engine.budget import LONGEST_REST, Budget
from tests.support.fake_shop import FakeClock


def test_a_reading_rests_until_it_has_taken_no_more_than_its_share() -> None:
    clock = FakeClock()
    budget = Budget(0.01, clock)
    assert budget.is_due("orders")
    budget.spend("orders", 0.02)
    clock.at += timedelta(seconds=1.9)
    assert not budget.is_due("orders")
    assert budget.is_due("customer"), "each has a share of its own"
    clock.at += timedelta(seconds=0.2)
    assert budget.is_due("orders")


def test_of_several_times_the_shortest_counts() -> None:
    clock = FakeClock()
    budget = Budget(0.01, clock, samples=3)
    for seconds in (0.5, 0.5, 0.0001):
        budget.spend("orders", seconds)
        clock.at += timedelta(seconds=0.1)
        assert budget.is_due("orders"), "slow twice may be a busy machine"
    for seconds in (0.5, 0.5, 0.5):
        budget.spend("orders", seconds)
    clock.at += timedelta(seconds=49)
    assert not budget.is_due("orders")


def test_who_is_slowed_is_told_until_they_are_in_time_again() -> None:
    clock = FakeClock()
    budget = Budget(0.01, clock)
    budget.spend("orders", 0.2)
    assert budget.slowed == {}, "nobody asked for it yet"
    assert not budget.is_due("orders")
    assert budget.slowed == {"orders": 20.0}
    clock.at += timedelta(seconds=21)
    assert budget.is_due("orders")
    budget.spend("orders", 0.3)
    assert budget.slowed == {"orders": 20.0}, "it was late this time too"
    clock.at += timedelta(seconds=31)
    assert budget.is_due("orders")
    budget.spend("orders", 0.0001)
    assert budget.slowed == {}


def test_a_short_rest_is_told_nobody() -> None:
    budget = Budget(0.01, FakeClock())
    budget.spend("orders", 0.02)
    assert not budget.is_due("orders")
    assert budget.slowed == {}


def test_no_rest_is_longer_than_the_longest() -> None:
    clock = FakeClock()
    budget = Budget(0.01, clock)
    budget.spend("sweep", 3_600)
    clock.at += LONGEST_REST
    assert budget.is_due("sweep")
