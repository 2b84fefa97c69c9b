"""The backfill: from the shop to acknowledged, by the real command, the newest orders of a big shop."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from benchmarks.figures import Figure
from benchmarks.meter import Counters
from benchmarks.place import Place
from benchmarks.process import COMMAND, Ended, run, started
from benchmarks.receiving import ReceiverProcess, Tally

TOPIC = "backfill"
_RATE = 100_000  # as good as none: what is measured is the poller, not Segment's limit
_BY_NOW = "2026-01-02"
_PATIENCE_SECONDS = 600.0


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
    segment: Mapping[str, object] = MappingProxyType({}),
    driver: str = "pymysql",
) -> Told:
    """Send the past of the newest `orders`; raises RuntimeError unless every message arrived, once and valid."""
    with ReceiverProcess() as receiver:
        sending = {"host": receiver.url, **segment}
        config, arguments = prepare(place, orders, topic=topic, segment=sending, driver=driver)
        before = place.meter.read()
        ended = run(config, *arguments, through=through)
        database = place.meter.since(before)
        came = receiver.tally()
    told = json.loads(ended.printed)
    if came.violations or came.events != told["delivered"] or came.accepted != came.events:
        raise RuntimeError(f"the backfill told {told}, and {came} arrived")
    return Told(ended, came, database)


def prepare(
    place: Place, orders: int, *, topic: str, segment: Mapping[str, object], driver: str = "pymysql"
) -> tuple[Path, Sequence[str]]:
    """The configuration, and the arguments of the command that tells the newest `orders`."""
    config = place.configure(topic, segment=segment, shop={"url": place.url(driver)})
    period = ("--since", first_day(place, orders), "--until", _BY_NOW)
    return config, ("backfill", *period, "--rate", str(_RATE), "--json")


def kill(config: Path, arguments: Sequence[str], receiver: ReceiverProcess, *, after: int) -> None:
    """Start it, and kill it once so many messages came."""
    with config.with_name("said").open("wb") as said:
        process = started([COMMAND, "--config", config, *arguments], stdout=said, stderr=said)
        receiver.wait_for(after, _PATIENCE_SECONDS)
        process.kill()
        process.wait()


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
