"""The sweep: what it costs to compare, among recent things, the states of all orders, and everything there is."""

from collections.abc import Iterator
from contextlib import closing
from statistics import median

from benchmarks.figures import Figure
from benchmarks.place import Place
from poller.app import App
from poller.config import load_settings
from poller.engine.reports import PollReport
from poller.engine.walk import NEWEST

HOT, STATES, WALK = "hot sweep", "sweep", "walk"
_NOWHERE = "http://127.0.0.1:9"
_RUNS = 9


def measure(place: Place, *, with_walk: bool = False) -> Iterator[Figure]:
    """Sweep again and again where nothing changed; the first time, which only learns, apart."""
    config = place.configure("sweep", segment=_NOWHERE, shop={"load_budget": 1})
    app = App(load_settings(config))
    with closing(app):
        app.start("benchmark")
        app.poll_once()
        first = sum(report.seconds for report in app.sweep_recent())
        yield from _hot(place, app, first)
        if with_walk:
            yield from _learn(place, app)
            yield from _states(place, app)
            yield from _walk(place, app)


def _learn(place: Place, app: App) -> Iterator[Figure]:
    before = place.meter.read()
    _around(app)
    spent = place.meter.since(before)
    yield Figure(topic=WALK, what="orders", value=place.orders)
    yield Figure(
        topic=WALK, what="the first pass, which learns: database time", value=spent.busy_seconds, unit="s", digits=1
    )


def _around(app: App) -> list[PollReport]:
    """The walk, once around."""
    sweep = app.sweep
    passes = sweep.way.progress.passes
    reports: list[PollReport] = []
    while sweep.way.progress.passes == passes:
        reports += sweep.walk(is_paced=False)
    return reports


def _hot(place: Place, app: App, first: float) -> Iterator[Figure]:
    whole: list[float] = []
    busy: list[float] = []
    for _ in range(_RUNS):
        before = place.meter.read()
        reports = list(app.sweep_recent())
        busy.append(place.meter.since(before).busy_seconds)
        whole.append(sum(report.seconds for report in reports))
    yield Figure(topic=HOT, what="newest orders looked at", value=min(NEWEST["order"], place.orders))
    yield Figure(topic=HOT, what="database time", value=median(busy) * 1000, unit="ms")
    yield Figure(topic=HOT, what="in all", value=median(whole) * 1000, unit="ms")
    yield Figure(topic=HOT, what="the first one after a start", value=first * 1000, unit="ms")


def _states(place: Place, app: App) -> Iterator[Figure]:
    before = place.meter.read()
    for _ in app.sweep_all():
        pass
    spent = place.meter.since(before)
    yield Figure(
        topic=STATES, what="database time for the states of all orders", value=spent.busy_seconds * 1000, unit="ms"
    )


def _walk(place: Place, app: App) -> Iterator[Figure]:
    before = place.meter.read()
    reports = _around(app)
    spent = place.meter.since(before)
    longest = max(report.seconds for report in reports)
    yield Figure(
        topic=WALK, what="a pass where nothing changed: database time", value=spent.busy_seconds, unit="s", digits=1
    )
    yield Figure(
        topic=WALK,
        what="such a pass at the default load budget",
        value=spent.busy_seconds / 0.01 / 60,
        unit="min",
        digits=1,
    )
    yield Figure(topic=WALK, what="the longest stretch between two polls", value=longest * 1000, unit="ms")
