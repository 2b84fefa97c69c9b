"""The sweep among recent things: 2,000 orders and the customers seen lately, compared with what was seen last."""

from collections.abc import Iterator
from contextlib import closing
from statistics import median

from benchmarks.figures import Figure
from benchmarks.place import Place
from poller.app import App
from poller.config import load_settings
from poller.engine.poll import NEWEST_ORDERS

TOPIC = "hot sweep"
_NOWHERE = "http://127.0.0.1:9"
_RUNS = 9


def measure(place: Place) -> Iterator[Figure]:
    """Sweep again and again where nothing changed; the first one, which sees everything for the first time, apart."""
    config = place.configure("sweep", segment=_NOWHERE)
    app = App(load_settings(config))
    with closing(app):
        app.start("benchmark")
        app.poll_once()
        first = app.sweep_recent()
        whole: list[float] = []
        busy: list[float] = []
        for _ in range(_RUNS):
            before = place.meter.read()
            report = app.sweep_recent()
            busy.append(place.meter.since(before).busy_seconds)
            whole.append(report.seconds)
    yield Figure(topic=TOPIC, what="newest orders looked at", value=min(NEWEST_ORDERS, place.orders))
    yield Figure(topic=TOPIC, what="database time", value=median(busy) * 1000, unit="ms")
    yield Figure(topic=TOPIC, what="in all", value=median(whole) * 1000, unit="ms")
    yield Figure(topic=TOPIC, what="the first one after a start", value=first.seconds * 1000, unit="ms")
