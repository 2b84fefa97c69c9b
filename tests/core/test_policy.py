"""The window of a lane: what it owes begins with its first moment, and ends before its last."""

from datetime import UTC, datetime, timedelta

from poller.core.policy import Window

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def test_a_window_holds_its_beginning_and_not_its_end() -> None:
    """So that two backfills, one ending where the other begins, tell each fact once."""
    window = Window(SINCE, UNTIL)
    assert [window.holds(at) for at in (SINCE - MOMENT, SINCE, UNTIL - MOMENT, UNTIL)] == [False, True, True, False]


def test_a_window_without_an_end_holds_all_that_comes() -> None:
    assert Window(SINCE).holds(UNTIL + timedelta(days=10_000))
