"""Metrics keep Prometheus' conventions, and every one of them is described."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from poller.engine.status import DatabaseLoad, FeedStatus, JobStatus, Status, Work
from poller.observe.metrics import METRICS, exposition
from poller.ports import Delivery

MONITORING = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
NOON = datetime(2024, 3, 4, 12, 0, tzinfo=UTC)
WHOLE = Status(
    namespace="n",
    start_from="",
    holder="pid 1",
    feeds=[FeedStatus(name="orders", seen=7, gaps=2, stopped="why", lag_seconds=1.5)],
    pending=3,
    buried=1,
    oldest_at=NOON,
    by_lane={"live": 3},
    delivered={},
    delivery=Delivery(attempts=2, stopped=True),
    suppressed={4: "erased"},
    waiting_orders=1,
    state_bytes=100,
    lag_seconds=60.0,
    ever={"delivered": {'Order "Completed"': 5}},
    work=Work(
        jobs={"poll": JobStatus(last_at=NOON, good_at=NOON, next_at=None, failures=0)},
        found_by_sweep={"last_day": 9},
        database=DatabaseLoad(seconds=3.6, share=0.001),
        newest_order_at=NOON,
        is_unusually_quiet=True,
    ),
)


def test_every_metric_of_a_whole_status_has_a_sample() -> None:
    text = exposition(WHOLE).decode()
    for metric in METRICS:
        assert re.search(rf"^{metric.name}(\{{.*\}})? \S+$", text, re.MULTILINE), metric.name
        assert f"# TYPE {metric.name} {metric.kind}" in text
    assert "poller_lag_seconds 60.0" in text
    assert 'poller_messages_total{name="Order \\"Completed\\"",outcome="delivered"} 5.0' in text
    stamp = re.search(r"^poller_newest_order_timestamp_seconds (\S+)$", text, re.MULTILINE)
    assert stamp
    assert float(stamp[1]) == NOON.timestamp()


def test_what_is_unknown_has_no_sample() -> None:
    text = exposition(replace(WHOLE, lag_seconds=None, oldest_at=None, work=Work())).decode()
    for name in ("poller_lag_seconds", "poller_outbox_oldest_timestamp_seconds", "poller_database_load_ratio"):
        assert not re.search(rf"^{name} ", text, re.MULTILINE)


def test_names_follow_the_conventions() -> None:
    for metric in METRICS:
        assert re.fullmatch(r"poller_[a-z_]+", metric.name)
        assert (metric.kind == "counter") == metric.name.endswith("_total")
        assert metric.meaning.endswith(".")
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_alerts_and_dashboard_ask_for_metrics_that_exist() -> None:
    alerts = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))
    rules = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(rules) == 5
    assert len(panels) > 9
    known = {metric.name: set(metric.labels) for metric in METRICS}
    for expression in (*rules, *panels):
        names = set(re.findall(r"poller_[a-z_]+", expression))
        assert names
        assert names <= set(known), expression
        labels = set(re.findall(r"(\w+)!?=\"", expression))
        assert labels <= set().union(*(known[name] for name in names)), expression
