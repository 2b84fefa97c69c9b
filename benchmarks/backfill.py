"""The backfill: from the shop to acknowledged, by the real command, the newest orders of a big shop."""

import json
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.place import Place
from benchmarks.process import run
from benchmarks.receiving import ReceiverProcess

TOPIC = "backfill"
_RATE = 100_000  # as good as none: what is measured is the poller, not Segment's limit
_BY_NOW = "2026-01-02"


def measure(place: Place, orders: int) -> Iterator[Figure]:
    """Send the past of the newest `orders`; raises RuntimeError unless every message arrived, once and valid."""
    since = _first_day(place, orders)
    with ReceiverProcess() as receiver:
        config = place.configure(TOPIC, segment=receiver.url)
        before = place.meter.read()
        ended = run(config, "backfill", "--since", since, "--until", _BY_NOW, "--rate", str(_RATE), "--json")
        database = place.meter.since(before)
        came = receiver.tally()
    told = json.loads(ended.printed)
    if came.violations or came.events != told["delivered"] or came.accepted != came.events:
        raise RuntimeError(f"the backfill told {told}, and {came} arrived")
    completed = came.distinct["Order Completed"]
    yield Figure(topic=TOPIC, what="orders told", value=completed)
    yield Figure(topic=TOPIC, what="messages acknowledged", value=came.events)
    yield Figure(
        topic=TOPIC,
        what="messages a second, start and end included",
        value=came.events / ended.wall_seconds,
        least=1_000,
    )
    yield Figure(topic=TOPIC, what="messages for a second of the poller's CPU", value=came.events / ended.cpu_seconds)
    yield Figure(
        topic=TOPIC,
        what="database time for 1,000 messages",
        value=database.busy_seconds * 1e6 / came.events,
        unit="ms",
    )
    yield Figure(topic=TOPIC, what="memory at its highest", value=ended.peak_bytes / 1e6, unit="MB", most=120)


def _first_day(place: Place, orders: int) -> str:
    """The shop's local time from which on there are so many orders."""
    skipped = max(place.orders - orders, 0)
    return str(place.one("SELECT date_add FROM ps_orders ORDER BY id_order LIMIT %s, 1", skipped)).replace(" ", "T")
