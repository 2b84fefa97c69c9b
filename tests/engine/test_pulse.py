"""The pulse survives its process, never grows, and says what a lag is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from poller.engine.deliveries import DeliverReport
from poller.engine.pulse import PULSE, Pulse, Rhythm, Vitals, read_vitals, rhythm_of
from poller.engine.reports import PollReport
from poller.engine.status import feed_status, is_quiet, lag, work
from poller.engine.watch import Watch
from poller.errors import ShopUnreachableError, StateWriteError
from tests.support.fake_state import FakeState

NOON = datetime(2024, 3, 4, 12, 0, tzinfo=UTC)


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def wait(self, seconds: float) -> bool:
        del seconds
        return False

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


def nothing(names: Sequence[str], at: datetime) -> None:
    del names, at


def polled(**fields: Any) -> PollReport:
    return PollReport(lane="live", rows={"orders": 0, "order_history": 0}, **fields)


def test_a_feed_is_as_far_behind_as_its_last_whole_read() -> None:
    state, clock = FakeState(), Hands()
    pulse = Pulse(state, clock)
    pulse.looked("poll", polled(), began=clock.now(), database_seconds=0.1)
    clock.forward(seconds=30)
    pulse.looked("poll", polled(behind={"orders"}, has_more=True), began=clock.now(), database_seconds=0.1)
    clock.forward(seconds=2)
    pulse.write()
    vitals = read_vitals(state)
    found = {
        feed.name: feed.lag_seconds
        for feed in feed_status({"orders": "{}", "order_history": "{}"}, vitals, clock.now())
    }
    assert found == {"orders": 32.0, "order_history": 2.0}
    expected = ("orders", "order_history")
    assert lag(expected, None, vitals, clock.now()) == 32.0
    assert lag(expected, clock.now() - timedelta(minutes=5), vitals, clock.now()) == 300.0
    assert lag((*expected, "order_slip"), None, vitals, clock.now()) is None, "one feed was never read"


@pytest.mark.parametrize("trouble", ["failed", "stopped"])
def test_a_feed_that_cannot_be_read_falls_behind(trouble: str) -> None:
    state, clock = FakeState(), Hands()
    pulse = Pulse(state, clock)
    pulse.looked("poll", polled(), began=clock.now(), database_seconds=0)
    clock.forward(minutes=10)
    pulse.looked("poll", polled(**{trouble: {"orders": "why"}}), began=clock.now(), database_seconds=0)
    pulse.write()
    vitals = read_vitals(state)
    assert lag(("orders",), None, vitals, clock.now()) == 600
    assert [(one.job, one.error) for one in vitals.troubles] == [("poll: orders", "why")]


def test_trouble_is_counted_and_not_repeated() -> None:
    state, clock = FakeState(), Hands()
    watch = Watch(Pulse(state, clock), clock, spent=lambda: 0.0, count=nothing)

    def away() -> PollReport:
        raise ShopUnreachableError("It is away.", hint="Start it.")

    for _ in range(40):
        with pytest.raises(ShopUnreachableError):
            watch.look("poll", away)
        clock.forward(seconds=60)
    watch.close()
    vitals = read_vitals(state)
    (trouble,) = vitals.troubles
    assert (trouble.error, trouble.hint, trouble.times) == ("It is away.", "Start it.", 40)
    assert trouble.last_at - trouble.first_at == timedelta(minutes=39)
    assert vitals.jobs["poll"].failures == 40
    watch.look("poll", polled)
    watch.close()
    assert read_vitals(state).jobs["poll"].failures == 0


def test_only_so_many_troubles_are_kept_and_buckets_are_forgotten() -> None:
    state, clock = FakeState(), Hands()
    pulse = Pulse(state, clock)
    for number in range(1_000):
        pulse.looked(
            "poll", polled(failed={"orders": f"{number}"}, found_by_sweep=1), began=clock.now(), database_seconds=1
        )
        clock.forward(minutes=5)
    pulse.write()
    vitals = read_vitals(state)
    assert [trouble.error for trouble in vitals.troubles] == [f"{number}" for number in range(990, 1_000)]
    assert len(vitals.found_by_sweep) <= 290
    assert len(vitals.database_seconds) <= 14
    assert vitals.found_since(clock.now() - timedelta(hours=1)) == 12
    assert len(state.names[PULSE]) < 12_000


def test_it_is_written_every_ten_seconds_and_at_once_when_something_changes() -> None:
    state, clock = FakeState(), Hands()
    written: list[str] = []
    state.crash = written.append
    watch = Watch(Pulse(state, clock), clock, spent=lambda: 0.0, count=nothing)
    for _ in range(60):
        watch.look("poll", polled)
        clock.forward(seconds=1)
    assert written.count("set_meta") == 6
    watch.send(lambda: DeliverReport(attempts=1, deferred=1, waiting=3.0, reason="503"))
    assert written.count("set_meta") == 7


def test_what_cannot_be_written_or_read_stops_nobody() -> None:
    state, clock = FakeState(), Hands()

    def full(step: str) -> None:
        raise StateWriteError(f"No space for {step}.")

    state.crash = full
    watch = Watch(Pulse(state, clock), clock, spent=lambda: 0.0, count=nothing)
    assert watch.look("poll", polled).rows
    state.names[PULSE] = '{"of": "another version"}'
    assert read_vitals(state) == Vitals()
    state.names[PULSE] = "no JSON"
    assert read_vitals(state) == Vitals()


def test_a_backfill_leaves_the_pulse_of_the_live_lane_alone() -> None:
    state, clock = FakeState(), Hands()
    Pulse(state, clock, is_kept=False).write()
    assert state.names == {}


def test_the_database_is_charged_what_it_worked() -> None:
    state, clock = FakeState(), Hands()
    spent = [0.0]
    watch = Watch(Pulse(state, clock), clock, spent=lambda: spent[0], count=nothing)

    def look() -> PollReport:
        spent[0] += 0.5
        return polled()

    for _ in range(60):
        watch.look("poll", look)
        clock.forward(seconds=60)
    watch.close()
    load = work(read_vitals(state), {}, clock.now(), is_running=True).database
    assert load is not None
    assert load.seconds == 30.0
    assert load.share == pytest.approx(30 / 3600, abs=1e-6)


def test_a_job_has_a_next_run_only_while_somebody_runs_it() -> None:
    state, clock = FakeState(), Hands()
    pulse = Pulse(state, clock)
    pulse.looked("sweep", polled(), began=clock.now(), database_seconds=0)
    pulse.write()
    every = {"sweep": timedelta(minutes=10)}
    assert work(read_vitals(state), every, clock.now(), is_running=True).jobs["sweep"].next_at == NOON + timedelta(
        minutes=10
    )
    assert work(read_vitals(state), every, clock.now(), is_running=False).jobs["sweep"].next_at is None


def test_a_silence_is_unusual_by_the_habits_of_the_shop() -> None:
    busy = rhythm_of([NOON - timedelta(minutes=10 * number) for number in range(30)])
    assert busy == Rhythm(newest_at=NOON, longest_gap=timedelta(minutes=10))
    assert not is_quiet(busy, NOON + timedelta(minutes=59)), "an hour is never unusual"
    assert is_quiet(busy, NOON + timedelta(minutes=61))
    slow = rhythm_of([NOON - timedelta(hours=12 * number) for number in range(30)])
    assert not is_quiet(slow, NOON + timedelta(hours=36))
    assert is_quiet(slow, NOON + timedelta(hours=37))
    assert not is_quiet(rhythm_of([NOON]), NOON + timedelta(days=99)), "a new shop has no habits"
    assert rhythm_of([]) == Rhythm()
