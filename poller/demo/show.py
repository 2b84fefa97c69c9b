"""`poller demo`: a private database with a living shop, the real poller, and a receiver that counts what arrives."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType

import yaml
from rich.console import Console
from rich.table import Table

from poller.demo.book import Deed
from poller.demo.database import create_database
from poller.demo.guard import Guard
from poller.demo.poller_process import PollerProcess
from poller.demo.receiver import Arrival, Receiver
from poller.demo.reckoning import Fact, Tally, fact_of, missing, owed, reckon
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import LivingShop

_SHOP = "maison_demo"
_WRITE_KEY = "demo"
_PATIENCE_SECONDS = 45
_UNEXPLAINED = timedelta(seconds=2)
_NAMES = {"completed": "Order Completed", "cancelled": "Order Cancelled", "refunded": "Order Refunded"}
_STYLES = {"completed": "green", "cancelled": "yellow", "refunded": "magenta", "identify": "dim"}
_INTERRUPTED = 130


def run_demo(seconds: float = 30, console: Console | None = None) -> int:
    """Let the shop live for so long, and compare what it did with what arrived; 0 if they agree, 1 if not.

    Raises ConfigurationError where no MariaDB server program is installed.
    """
    console = console or Console()
    try:
        with _terminable(), ExitStack() as stack:
            return _run(seconds, console, stack)
    except KeyboardInterrupt:
        console.print("Stopped. Everything was removed.")
        return _INTERRUPTED


def _run(seconds: float, console: Console, stack: ExitStack) -> int:
    console.print("Starting a private MariaDB with a small shop, a receiver in Segment's place, and the poller ...")
    directory = Path(tempfile.mkdtemp(prefix="poller-demo-"))
    guard = Guard(directory)
    stack.callback(guard.close)
    server = stack.enter_context(PrivateMariaDB())
    create_database(server, _SHOP)
    server.create_account("poller", f"SELECT ON {_SHOP}.*", "PROCESS ON *.*")
    receiver = stack.enter_context(Receiver(write_keys=[_WRITE_KEY]))
    process = stack.enter_context(PollerProcess(_configure(directory, server, receiver), guard))
    ticker = _Ticker(console, receiver, process)
    shop = LivingShop(lambda: server.connect(_SHOP), seed=time.time_ns(), is_told=ticker.is_told)
    workers = stack.enter_context(ThreadPoolExecutor(1))
    stack.callback(shop.stop)
    console.print(f"The shop lives for {seconds:g} seconds; Ctrl-C ends it at once.\n")
    _watch(ticker, shop, workers.submit(shop.live, seconds))
    code = process.stop()
    ticker.show(shop.deeds, is_last=True)
    return _report(console, shop.deeds, receiver, code)


def _configure(directory: Path, server: PrivateMariaDB, receiver: Receiver) -> Path:
    """Write the poller's config.yaml: as a shop's would be, but for shorter pauses."""
    settings = {
        "shop": {"url": server.url(_SHOP, user="poller"), "prefix": "ps_"},
        "segment": {"write_key": _WRITE_KEY, "host": receiver.url},
        "state": {"url": f"sqlite:///{directory / 'state.db'}"},
        "schedule": {"poll": "500ms", "deliver": "200ms", "hot_sweep": "2s", "sweep": "10s"},
        "settle": "2s",
        "log": {"format": "json"},
    }
    config = directory / "config.yaml"
    with os.fdopen(os.open(config, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        yaml.safe_dump(settings, file)
    return config


def _watch(ticker: "_Ticker", shop: LivingShop, living: Future[None]) -> None:
    """Print events while the shop lives, and after that until everything owed has come, or patience ends."""
    while not living.done():
        ticker.show(shop.deeds)
    living.result()
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and missing(shop.deeds, ticker.receiver.arrivals):
        ticker.show(shop.deeds)


class _Ticker:
    """Prints each event once, as it arrives, with the time since the shop committed what it tells."""

    def __init__(self, console: Console, receiver: Receiver, process: PollerProcess) -> None:
        self.receiver = receiver
        self._console = console
        self._process = process
        self._seen = 0
        self._waiting: list[tuple[Fact, Arrival]] = []
        self._shown: set[Fact | str] = set()
        self._told = set[str]()

    def is_told(self, order_id: int) -> bool:
        """Whether the order's completion has arrived."""
        return f"order {order_id}" in self._told

    def show(self, deeds: Sequence[Deed], *, is_last: bool = False) -> None:
        """Print what came since the last look; waits a moment for it."""
        if not is_last:
            self.receiver.wait_for(lambda r: len(r.arrivals) > self._seen, 0.2)
        for arrival in self.receiver.arrivals[self._seen :]:
            self._seen += 1
            fact = fact_of(arrival.message)
            if fact is not None:
                self._waiting.append((fact, arrival))
        due = owed(deeds)
        waiting, self._waiting = self._waiting, []
        for fact, arrival in waiting:
            if fact.kind == "completed":
                self._told.add(fact.key)
            is_old = is_last or arrival.at < arrival.at.now(arrival.at.tzinfo) - _UNEXPLAINED
            if fact in due or is_old:
                self._print(fact, arrival, due.get(fact, ()))
            else:
                # The shop may be about to log what the poller has already told.
                self._waiting.append((fact, arrival))
        for line in self._process.troubles():
            self._console.print("poller:", line, style="red", markup=False)

    def _print(self, fact: Fact, arrival: Arrival, deeds: Sequence[Deed]) -> None:
        key = fact if fact.kind == "identify" else arrival.message["messageId"]
        if key in self._shown or (fact.kind == "identify" and not deeds):
            return
        self._shown.add(key)
        delay = f"after {_seconds(arrival.at - deeds[0].at)}" if deeds else ""
        who = " ".join(str(arrival.message["context"]["traits"].get(name, "")) for name in ("firstName", "lastName"))
        amount = "" if fact.kind == "identify" else fact.detail
        self._console.print(
            f"{arrival.at.astimezone():%H:%M:%S}  {_NAMES.get(fact.kind, 'identify'):<16}  {fact.key:<12}  "
            f"{amount:>12}  {who:<18}  {delay}",
            style=_STYLES[fact.kind],
            markup=False,
            highlight=False,
        )


def _report(console: Console, deeds: Sequence[Deed], receiver: Receiver, code: int) -> int:
    tallies = reckon(deeds, receiver.arrivals)
    table = Table("what", "the shop did", "delivered", "difference", "p50", "p99", "max")
    for kind, tally in tallies.items():
        name = _NAMES.get(kind, "identify (each customer as they are now)")
        wrong = len(tally.missing) + len(tally.unexpected)
        table.add_row(name, str(tally.done), str(tally.arrived), str(wrong), *_quantiles(tally))
    for column in table.columns[1:]:
        column.justify = "right"
    console.print()
    console.print(table)
    faults = [*_differences(tallies.values()), *receiver.violations]
    faults += [f"two bodies with the id {identity}" for identity in receiver.conflicts()]
    faults += [f"the poller ended with exit code {code}"] if code else []
    for fault in faults[:20]:
        console.print(fault, style="red", markup=False)
    silent = len({deed.act for deed in deeds if deed.kind is None})
    console.print(
        f"The shop also did {silent} kinds of things that must not be told, and they were not.\n" * (not faults)
    )
    if faults:
        console.print("This should not be: please report it, with the lines above.")
        return 1
    console.print("To watch a shop of your own: `poller init` writes its config.yaml; the README has the rest.")
    return 0


def _differences(tallies: Sequence[Tally] | Iterator[Tally]) -> list[str]:
    found = []
    for tally in tallies:
        found += [f"missing: {fact.kind} of {fact.key}, {fact.detail}" for fact in tally.missing]
        found += [f"unexpected: {fact.kind} of {fact.key}, {fact.detail}" for fact in tally.unexpected]
    return found


def _quantiles(tally: Tally) -> tuple[str, str, str]:
    delays = tally.delays
    if not delays:
        return "", "", ""
    last = len(delays) - 1
    return _seconds(delays[last // 2]), _seconds(delays[int(last * 0.99)]), _seconds(delays[-1])


def _seconds(delay: timedelta) -> str:
    return f"{delay.total_seconds():.2f} s"


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the demo as Ctrl-C does: in order, with everything removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
