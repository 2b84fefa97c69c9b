"""What the streams declare of their tables, since the engine believes it."""

import pytest

from poller.core.feeds import Feed
from poller.streams.registry import STREAMS, feeds


def test_only_the_tables_that_merchants_empty_may_begin_again() -> None:
    """What PrestaShop's advanced parameters empty; anything else that begins again was restored, and is no news."""
    assert {feed.name for feed in feeds() if feed.is_emptied} == {
        "mail",
        "statssearch",
        "connections",
        "connections_source",
    }


@pytest.mark.parametrize("feed", feeds(), ids=lambda feed: feed.name)
def test_what_is_never_deleted_is_never_emptied(feed: Feed) -> None:
    assert not (feed.permanent and feed.is_emptied)


def test_orders_their_states_and_their_slips_are_never_deleted() -> None:
    assert {feed.name for feed in feeds() if feed.permanent} == {"orders", "order_history", "order_slip"}


def test_only_logs_are_forgotten_once_they_are_told() -> None:
    """Rows that are written once. Of anything else the next look needs what the last one saw."""
    logbooks = {stream.thing for stream in STREAMS if stream.is_logbook}
    assert logbooks == {"session", "mail", "message", "search", "visit", "click"}
