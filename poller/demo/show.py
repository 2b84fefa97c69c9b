"""`poller demo`: a private database with a living shop, the real poller, and a receiver that counts what arrives."""

import math
import os
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import yaml
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from poller.demo.beside import BESIDE
from poller.demo.book import Deed
from poller.demo.database import create_database
from poller.demo.guard import Guard
from poller.demo.poller_process import PollerProcess
from poller.demo.receiver import Receiver
from poller.demo.reckoning import KINDS, SALES, Tally, missing, reckon
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import LivingShop
from poller.demo.ticker import NAMES, Ticker

_SHOP = "maison_demo"
_WRITE_KEY = "demo"
_PATIENCE_SECONDS = 45
_INTERRUPTED = 130
_KINDS = (*SALES, *BESIDE)


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
    ticker = Ticker(console, receiver, process)
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
        "cart_settle": "1s",
        "events": {"Order Updated": {"enabled": True}},
        "log": {"format": "json"},
    }
    config = directory / "config.yaml"
    with os.fdopen(os.open(config, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        yaml.safe_dump(settings, file)
    return config


def _watch(ticker: Ticker, shop: LivingShop, living: Future[None]) -> None:
    """Print events while the shop lives, and after that until everything owed has come, or patience ends."""
    while not living.done():
        ticker.show(shop.deeds)
    living.result()
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and missing(shop.deeds, ticker.receiver.arrivals, kinds=_KINDS):
        ticker.show(shop.deeds)


def _report(console: Console, deeds: Sequence[Deed], receiver: Receiver, code: int) -> int:
    tallies = reckon(deeds, receiver.arrivals, kinds=_KINDS)
    headings = ("what the shop did", "times", "delivered", "difference", "p50 s", "p99 s", "max s")
    table = Table(*headings, box=SIMPLE_HEAD, pad_edge=False)  # so that it has room in 80 columns
    for kind, tally in tallies.items():
        table.add_row(
            NAMES[kind], str(tally.done), str(tally.arrived), str(len(_differences(tally))), *_quantiles(tally)
        )
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    console.print()
    console.print(table)
    console.print("p50, p99, max: from the shop's commit to the receiver. identify: customers, as they are now.")
    console.print(f"Beside these, counted as they came: {_beside(receiver)}.", highlight=False)
    console.print(f"And nothing was told of what is no such fact: {_untold(deeds)}.\n", highlight=False)
    faults = [fault for tally in tallies.values() for fault in _differences(tally)]
    faults += [*receiver.violations, *(f"two bodies with the id {identity}" for identity in receiver.conflicts())]
    faults += [f"the poller ended with exit code {code}"] if code else []
    for fault in faults[:20]:
        console.print(fault, style="red", markup=False)
    if faults:
        console.print(f"{len(faults)} differences: please report them, with the lines above.")
        return 1
    console.print("No difference. For a shop of your own, docs/how-to/install.md says how; it takes ten minutes.")
    return 0


def _beside(receiver: Receiver) -> str:
    """What came of carts and wishlists: when two changes of a cart are one depends on who looks when."""
    names = (str(message.get("event", "")) for message in receiver.distinct().values())
    counted = Counter(name for name in names if name and name not in KINDS)
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items())) or "nothing"


def _untold(deeds: Sequence[Deed]) -> str:
    acts = Counter(deed.act for deed in deeds if deed.kind is None)
    return ", ".join(f"{act} {count}" for act, count in sorted(acts.items())) or "there was none"


def _differences(tally: Tally) -> list[str]:
    return [
        *(f"missing: {fact.kind} of {fact.key}, {fact.detail}" for fact in tally.missing),
        *(f"unexpected: {fact.kind} of {fact.key}, {fact.detail}" for fact in tally.unexpected),
    ]


def _quantiles(tally: Tally) -> list[str]:
    """The delays' quantiles by nearest rank."""
    delays = tally.delays
    ranks = [math.ceil(len(delays) * share) - 1 for share in (0.5, 0.99, 1)] if delays else []
    return [f"{delays[rank].total_seconds():.2f}" for rank in ranks]


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
