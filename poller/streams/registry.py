"""Every stream, one line each: the order of this list is the order in which a page is derived."""

from poller.core.feeds import Feed
from poller.core.vocabulary import EventType
from poller.streams.carts.derive import CARTS
from poller.streams.clicks import CLICKS
from poller.streams.customers import CUSTOMERS
from poller.streams.mails import MAILS
from poller.streams.messages import MESSAGES
from poller.streams.orders.derive import ORDERS
from poller.streams.outcome import Stream
from poller.streams.searches import SEARCHES
from poller.streams.sessions import SESSIONS
from poller.streams.subscribers import SUBSCRIBERS
from poller.streams.visits.derive import VISITS
from poller.streams.wishlists import WISHLIST_ITEMS, WISHLIST_PICKS

STREAMS: tuple[Stream, ...] = (
    CUSTOMERS,
    SESSIONS,
    SUBSCRIBERS,
    CARTS,
    WISHLIST_ITEMS,
    WISHLIST_PICKS,
    ORDERS,
    MAILS,
    MESSAGES,
    SEARCHES,
    VISITS,
    CLICKS,
)


def feeds() -> tuple[Feed, ...]:
    """All feeds of all streams."""
    return tuple(feed for stream in STREAMS for feed in stream.feeds)


def event_types() -> dict[str, EventType]:
    """Every event that some stream emits, once, by its name; of several descriptions the first stream's holds."""
    found: dict[str, EventType] = {}
    for stream in STREAMS:
        for event in stream.emits:
            found.setdefault(event.name, event)
    return found
