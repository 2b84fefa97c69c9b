"""The backfill: from the shop to acknowledged, by the real command, the newest orders of a big shop."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.meter import Counters
from benchmarks.place import Place
from benchmarks.process import COMMAND, Ended, run
from benchmarks.receiving import ReceiverProcess, Tally

TOPIC = "backfill"
_RATE = 100_000  # as good as none: what is measured is the poller, not Segment's limit
_BY_NOW = "2026-01-02"


@dataclass(frozen=True, slots=True)
class Told:
    """One backfill: how the command ended, what arrived, and what the database did for it."""

    ended: Ended
    came: Tally
    database: Counters


def tell(
    place: Place,
    orders: int,
    *,
    topic: str = TOPIC,
    through: Sequence[str | Path] = (COMMAND,),
    segment: Mapping[str, object] | None = None,
) -> Told:
    """Send the past of the newest `orders`; raises RuntimeError unless every message arrived, once and valid."""
    since = first_day(place, orders)
    with ReceiverProcess() as receiver:
        config = place.configure(topic, segment={"host": receiver.url, **(segment or {})})
        before = place.meter.read()
        period = ("--since", since, "--until", _BY_NOW)
        ended = run(config, "backfill", *period, "--rate", str(_RATE), "--json", through=through)
        database = place.meter.since(before)
        came = receiver.tally()
    told = json.loads(ended.printed)
    if came.violations or came.events != told["delivered"] or came.accepted != came.events:
        raise RuntimeError(f"the backfill told {told}, and {came} arrived")
    return Told(ended, came, database)


def measure(place: Place, orders: int) -> Iterator[Figure]:
    """The figures of the backfill of the newest `orders`."""
    told = tell(place, orders)
    ended, came = told.ended, told.came
    yield Figure(topic=TOPIC, what="orders told", value=came.distinct["Order Completed"])
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
        value=told.database.busy_seconds * 1e6 / came.events,
        unit="ms",
    )
    yield Figure(topic=TOPIC, what="memory at its highest", value=ended.peak_bytes / 1e6, unit="MB", most=120)


def first_day(place: Place, orders: int) -> str:
    """The shop's local time from which on there are so many orders."""
    skipped = max(place.orders - orders, 0)
    return str(place.one("SELECT date_add FROM ps_orders ORDER BY id_order LIMIT %s, 1", skipped)).replace(" ", "T")
