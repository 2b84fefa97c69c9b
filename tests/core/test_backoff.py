"""The waits between attempts."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poller.core.backoff import CAP, LONGEST_WAIT, delay

jitters = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [(1, 0.25, 0.5), (2, 0.5, 1), (3, 1, 2), (4, 2, 4), (7, 16, 32), (8, 30, 60), (9, 30, 60), (1_000_000, 30, 60)],
)
def test_it_doubles_up_to_a_minute(attempt: int, least: float, most: float) -> None:
    assert delay(attempt, jitter=0.0) == timedelta(seconds=least)
    assert delay(attempt, jitter=0.5) == timedelta(seconds=(least + most) / 2)


@given(st.integers(1, 10_000), jitters)
def test_it_is_never_nothing_and_never_above_the_cap(attempt: int, jitter: float) -> None:
    assert timedelta(seconds=0.25) <= delay(attempt, jitter=jitter) <= CAP


@given(st.integers(1, 100), jitters)
def test_it_never_shrinks(attempt: int, jitter: float) -> None:
    assert delay(attempt, jitter=jitter) <= delay(attempt + 1, jitter=jitter)


@given(st.integers(1, 100), jitters, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_what_segment_asks_for_is_obeyed_up_to_an_hour(attempt: int, jitter: float, asked: timedelta) -> None:
    own = delay(attempt, jitter=jitter)
    wait = delay(attempt, jitter=jitter, retry_after=asked)
    assert wait == max(own, min(asked, LONGEST_WAIT))


@pytest.mark.parametrize(("attempt", "jitter"), [(0, 0.5), (-1, 0.5), (1, 1.0), (1, -0.1)])
def test_nonsense_is_refused(attempt: int, jitter: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        delay(attempt, jitter=jitter)
