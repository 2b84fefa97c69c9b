"""Metrics in Prometheus' format, from how the poller stands: the same for the endpoint and for the text file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias

from poller.engine.status import Status
from poller.ports import Delivery

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

Samples: TypeAlias = Mapping[tuple[str, ...], float]
Kind: TypeAlias = Literal["gauge", "counter"]


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric: its name, kind, labels, meaning, and how it is read off a status."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str
    read: Callable[[Status], Samples]


def _one(value: float | None) -> Samples:
    return {} if value is None else {(): float(value)}


def _stamp(moment: datetime | None) -> Samples:
    return _one(moment.timestamp() if moment else None)


def _messages(status: Status) -> Samples:
    return {(outcome, name): count for outcome, names in status.ever.items() for name, count in names.items()}


def _successes(status: Status) -> Samples:
    return {(name,): job.good_at.timestamp() for name, job in status.work.jobs.items() if job.good_at}


def _standings(status: Status) -> list[tuple[str, Delivery]]:
    return [(one.name, one.delivery) for one in status.sources] or [("default", status.delivery)]


METRICS: tuple[Definition, ...] = (
    Definition(
        "poller_info", "gauge", ("version",), "Always 1.", lambda _: {(version("prestashop-segment-poller"),): 1}
    ),
    Definition("poller_running", "gauge", (), "1 while a process runs the live lane.", lambda s: _one(bool(s.holder))),
    Definition(
        "poller_lag_seconds",
        "gauge",
        (),
        "How old a commit in the shop may be that Segment has not got yet; absent before the first poll.",
        lambda s: _one(s.lag_seconds),
    ),
    Definition(
        "poller_feed_lag_seconds",
        "gauge",
        ("feed",),
        "How long ago the feed was last read to its end.",
        lambda s: {(feed.name,): feed.lag_seconds for feed in s.feeds if feed.lag_seconds is not None},
    ),
    Definition(
        "poller_feed_watermark",
        "gauge",
        ("feed",),
        "The highest id that was read.",
        lambda s: {(feed.name,): feed.seen for feed in s.feeds if feed.seen is not None},
    ),
    Definition(
        "poller_feed_missing_ids",
        "gauge",
        ("feed",),
        "Ids below the watermark that are still looked for.",
        lambda s: {(feed.name,): feed.gaps for feed in s.feeds},
    ),
    Definition(
        "poller_feed_stopped",
        "gauge",
        ("feed",),
        "1 if the feed cannot trust its table any more.",
        lambda s: {(feed.name,): bool(feed.stopped) for feed in s.feeds},
    ),
    Definition(
        "poller_messages_total",
        "counter",
        ("outcome", "name"),
        "Messages by what became of them: delivered, deferred (each time), buried.",
        _messages,
    ),
    Definition(
        "poller_outbox_messages",
        "gauge",
        ("lane",),
        "Messages that wait to be sent.",
        lambda s: {(lane,): count for lane, count in {"live": 0, **s.by_lane}.items()},
    ),
    Definition(
        "poller_outbox_oldest_timestamp_seconds",
        "gauge",
        (),
        "When the message that waits longest came in; absent if none waits.",
        lambda s: _stamp(s.oldest_at),
    ),
    Definition("poller_dead_letters", "gauge", (), "Messages that Segment refused for good.", lambda s: _one(s.buried)),
    Definition(
        "poller_delivery_stopped",
        "gauge",
        ("source",),
        "1 if sending stopped until somebody acts.",
        lambda s: {(name,): one.stopped for name, one in _standings(s)},
    ),
    Definition(
        "poller_delivery_attempts",
        "gauge",
        ("source",),
        "How often in a row Segment put the next batch off.",
        lambda s: {(name,): one.attempts for name, one in _standings(s)},
    ),
    Definition(
        "poller_found_by_sweep_messages",
        "gauge",
        (),
        "Messages of the last day that only the sweep found: something writes past PrestaShop.",
        lambda s: _one(s.work.found_by_sweep.get("last_day", 0)),
    ),
    Definition(
        "poller_orders_being_written",
        "gauge",
        (),
        "Orders that do not add up yet; one that stays is a checkout that crashed.",
        lambda s: _one(s.waiting_orders),
    ),
    Definition(
        "poller_suppressed_customers",
        "gauge",
        (),
        "Customers of whom nothing is sent any more.",
        lambda s: _one(len(s.suppressed)),
    ),
    Definition(
        "poller_job_last_success_timestamp_seconds",
        "gauge",
        ("job",),
        "When a job last went well.",
        _successes,
    ),
    Definition(
        "poller_job_failures",
        "gauge",
        ("job",),
        "How often in a row a job failed.",
        lambda s: {(name,): job.failures for name, job in s.work.jobs.items()},
    ),
    Definition(
        "poller_database_load_ratio",
        "gauge",
        (),
        "Which part of one core the shop's database worked for the poller in the last hour.",
        lambda s: _one(s.work.database.share if s.work.database else None),
    ),
    Definition(
        "poller_newest_order_timestamp_seconds",
        "gauge",
        (),
        "When the newest order was placed.",
        lambda s: _stamp(s.work.newest_order_at),
    ),
    Definition(
        "poller_unusually_quiet",
        "gauge",
        (),
        "1 if no order came for three times the longest pause among the latest 200, and an hour at least.",
        lambda s: _one(s.work.is_unusually_quiet),
    ),
    Definition("poller_state_bytes", "gauge", (), "The state store on disk.", lambda s: _one(s.state_bytes)),
)


def is_available() -> bool:
    """Whether the extra `metrics` is installed."""
    return find_spec("prometheus_client") is not None


def exposition(status: Status) -> bytes:
    """The text a scrape gets."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(status))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, eq=False)
class _Collector:
    status: Status

    def collect(self) -> "Iterator[Metric]":
        """All families of one status."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for metric in METRICS:
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = kind(metric.name, metric.meaning, labels=list(metric.labels))
            for labels, value in sorted(metric.read(self.status).items()):
                family.add_metric(list(labels), float(value))
            yield family
