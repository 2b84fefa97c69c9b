"""The daemon, alive: how soon it looks, what it costs while nothing happens, and how soon it tells what does."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median

from benchmarks.figures import Figure
from benchmarks.place import Place
from benchmarks.process import Daemon
from benchmarks.receiving import ReceiverProcess
from poller.demo import buying
from poller.demo.reckoning import Tally, reckon
from poller.demo.shop import LivingShop

TOPIC = "live"
_SCHEDULE = {"poll": "1s", "deliver": "1s"}
_SHOPPERS = 8
_PATIENCE_SECONDS = 30.0
_REST_SECONDS = 2.5
_SEED = 1


def measure(place: Place, *, idle_seconds: float, busy_seconds: float, orders_a_second: float) -> Iterator[Figure]:
    """Run the daemon with the default settings, but a poll each second: first in peace, then while people buy."""
    with ReceiverProcess() as receiver:
        config = place.configure(TOPIC, segment=receiver.url, schedule=_SCHEDULE)
        with Daemon(config) as daemon:
            place.guard.watch(daemon.pid)
            yield Figure(
                topic="start", what="from its start to its first look", value=daemon.ready_seconds, unit="s", digits=2
            )
            yield from _idle(place, daemon, idle_seconds)
            tally = _busy(place, receiver, busy_seconds, orders_a_second)
            peak = daemon.peak_bytes()
        place.guard.watch(None)
        violations = receiver.tally().violations
    # The seeded orders are of the past: that none came since is said, and is no trouble here.
    troubles = [line for line in daemon.troubles if '"orders.missing"' not in line]
    if violations or troubles or tally.missing or tally.unexpected:
        raise RuntimeError(f"not as it should be: {tally} {violations} {troubles}")
    yield from _delays(tally.delays)
    yield Figure(topic="delay", what="the daemon's memory at its highest", value=peak / 1e6, unit="MB", most=120)


def _idle(place: Place, daemon: Daemon, seconds: float) -> Iterator[Figure]:
    """What polls cost that find nothing, once the first look at the newest rows is over."""
    daemon.wait_for_silence(_REST_SECONDS)
    before, cpu = place.meter.read(), daemon.cpu_seconds()
    time.sleep(seconds)
    spent, cpu = place.meter.since(before), daemon.cpu_seconds() - cpu
    polls = max(spent.snapshots, 1)
    topic = "idle"
    yield Figure(topic=topic, what="rows the server reads for a poll", value=spent.rows / polls, digits=1, most=100)
    yield Figure(
        topic=topic, what="database time of a poll", value=spent.busy_seconds / polls * 1000, unit="ms", digits=1
    )
    yield Figure(topic=topic, what="the daemon's share of a core", value=cpu / seconds * 100, unit="%", digits=1)


def _busy(place: Place, receiver: ReceiverProcess, seconds: float, rate: float) -> Tally:
    """Let people buy, as many a second, and wait until all of it was told."""
    shop = LivingShop(place.connect, seed=_SEED)
    began = time.monotonic()
    with ThreadPoolExecutor(_SHOPPERS) as shoppers:
        sales = []
        for number in range(round(seconds * rate)):
            time.sleep(max(began + number / rate - time.monotonic(), 0))
            sales.append(shoppers.submit(shop.do, buying.buy))
        for sale in sales:
            sale.result()
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        arrivals = receiver.arrivals()
        tally = reckon(shop.deeds, arrivals)["completed"]
        if not tally.missing or time.monotonic() > until:
            return tally
        receiver.wait_for(len(arrivals) + 1, 1.0)


def _delays(delays: Sequence[timedelta]) -> Iterator[Figure]:
    """From the commit that makes the order a fact, to its acceptance."""
    seconds = sorted(delay.total_seconds() for delay in delays)
    last = len(seconds) - 1
    for name, value, most in (
        ("half of them within", median(seconds), 0.7),
        ("99 of 100 within", seconds[round(last * 0.99)], 1.6),
        ("the slowest", seconds[last], None),
    ):
        yield Figure(topic="delay", what=name, value=value, unit="s", digits=2, most=most)
    yield Figure(topic="delay", what="orders placed", value=len(seconds))
