"""A sender as the tests use it, on the first of March 2026."""

from datetime import UTC, datetime

from poller.segment.post import SegmentSender

KEY = "canary-write-key"
MESSAGE = (
    '{"type": "track", "event": "Order Completed", "messageId": "m-1", "properties": {"email": "canary@example.com"}}'
)
WAY = {"direct": False}
"""Which way `sender` takes; a fixture turns it."""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sender(host: str, *, timeout: tuple[float, float] = (5.0, 5.0)) -> SegmentSender:
    return SegmentSender(KEY, host=host, timeout=timeout, is_direct=WAY["direct"], now=lambda: NOON)
