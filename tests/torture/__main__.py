"""Run the real poller against a real MariaDB and a real receiver while faults strike, and compare what arrived.

Every fault comes from the printed seed. Exits 1 at the first fact that is missing, doubled, wrong or invented.
"""

import argparse
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from poller.demo.database import create_database
from poller.demo.faults import NoSuccess, Redirect, ResetAfter, ResetBefore, Slow, Status, Truncated
from poller.demo.receiver import Receiver
from poller.demo.reckoning import reckon
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import LivingShop
from tests.acceptance.process import Daemon, run, write_config
from tests.torture.proxy import Proxy

SHOP = "shop"
QUIET_SECONDS = 90
FAULTS = (
    Status(500),
    Status(503, retry_after="1"),
    Status(429, retry_after="1"),
    Status(408),
    ResetBefore(),
    ResetAfter(),
    ResetAfter(),
    Truncated(),
    Slow(0.5),
    Redirect(),
    NoSuccess(),
)


@dataclass(slots=True)
class Torture:
    """What strikes, and how often it did."""

    daemon: Daemon
    receiver: Receiver
    proxy: Proxy
    config: Path
    dice: Random
    struck: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)

    def strike(self) -> None:
        """Faults, one after the other, until stopped."""
        strokes: tuple[tuple[Callable[[], None], int], ...] = (
            (self._kill, 6),
            (self._break_receiver, 6),
            (self._cut, 3),
            (self._terminate, 1),
            (self._catch_up_beside, 1),
            (self._freeze, 1),
        )
        weights = [often for _, often in strokes]
        while not self.stopped.wait(self.dice.expovariate(1 / 0.35)):
            self.dice.choices([stroke for stroke, _ in strokes], weights)[0]()

    def _kill(self) -> None:
        self.struck["kill -9"] += 1
        self.daemon.kill()
        self.daemon.start(ready=self.dice.random() < 0.3)

    def _terminate(self) -> None:
        self.struck["SIGTERM"] += 1
        if self.daemon.process is not None:
            self.daemon.process.terminate()
            self.daemon.process.wait(30)
        self.daemon.start(ready=False)

    def _freeze(self) -> None:
        """Stop the process in the middle of whatever it does, and let it go on later."""
        self.struck["SIGSTOP"] += 1
        if self.daemon.process is not None:
            self.daemon.process.send_signal(signal.SIGSTOP)
            self.stopped.wait(self.dice.random() * 3)
            self.daemon.process.send_signal(signal.SIGCONT)

    def _break_receiver(self) -> None:
        fault = self.dice.choice(FAULTS)
        self.struck[type(fault).__name__] += 1
        self.receiver.always(fault)
        self.stopped.wait(self.dice.random())
        self.receiver.always(None)

    def _cut(self) -> None:
        self.struck["connection cut"] += 1
        self.proxy.cut_soon(self.dice)

    def _catch_up_beside(self) -> None:
        self.struck["catch-up beside"] += 1
        run(self.config, "catch-up")


def main() -> int:
    """Torture, then let everything come to rest, then compare."""
    arguments = _arguments()
    print(f"seed {arguments.seed}, {arguments.minutes} minutes, {arguments.workers} shop workers", flush=True)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(PrivateMariaDB())
        create_database(server, SHOP)
        server.create_account("poller", f"SELECT ON {SHOP}.*", "PROCESS ON *.*", password="torture")
        receiver = stack.enter_context(Receiver())
        proxy = stack.enter_context(Proxy(server.socket))
        config = write_config(
            directory,
            shop_url=f"mysql+pymysql://poller:torture@127.0.0.1:{proxy.port}/{SHOP}",
            segment_url=receiver.url,
            schedule={"poll": "200ms", "deliver": "200ms", "hot_sweep": "5s", "sweep": "30s"},
        )
        shop = LivingShop(
            lambda: server.connect(SHOP),
            seed=arguments.seed,
            pace=arguments.pace,
            is_told=_Told(receiver),
        )
        daemon = stack.enter_context(Daemon(config))
        torture = Torture(daemon, receiver, proxy, config, Random(arguments.seed))
        striker = threading.Thread(target=torture.strike)
        striker.start()
        try:
            shop.live(arguments.minutes * 60, workers=arguments.workers)
        finally:
            torture.stopped.set()
            striker.join()
        return _compare(torture, shop)


class _Told:
    """Whether an order was told: the shop asks before it deletes what nobody could tell afterwards."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._seen = 0
        self._orders: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, order_id: int) -> bool:
        with self._lock:
            fresh = self._receiver.arrivals[self._seen :]
            self._seen += len(fresh)
            told = (arrival.message for arrival in fresh)
            self._orders.update(m["properties"]["order_id"] for m in told if m.get("event") == "Order Completed")
            return str(order_id) in self._orders


def _compare(torture: Torture, shop: LivingShop) -> int:
    """Wait until what is owed has come and nothing more does; then every fact must be there once."""
    if torture.daemon.process is None or torture.daemon.process.poll() is not None:
        torture.daemon.start(ready=False)
    until = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < until:
        tallies = reckon(shop.deeds, torture.receiver.arrivals)
        if not any(tally.missing for tally in tallies.values()):
            break
        time.sleep(1)
    time.sleep(20)
    tallies = reckon(shop.deeds, torture.receiver.arrivals)
    failed = False
    edited = {f"order {deed.order_id}" for deed in shop.deeds if deed.act == "one unit cancelled"}
    for kind, tally in tallies.items():
        print(f"{kind:10} done {tally.done:6}  arrived {tally.arrived:6}", flush=True)
        for label, found in (("missing", tally.missing), ("unexpected", tally.unexpected)):
            facts = [fact for fact in found if kind != "cancelled" or fact.key not in edited]
            if len(facts) < len(found):
                print(f"  {len(found) - len(facts)} {label}: emptied line by line while nobody looked: as last seen")
            failed |= bool(facts)
            for fact in facts[:10]:
                print(f"  {label}: {fact.key} {fact.detail}")
    accepted, distinct = len(torture.receiver.accepted), len(torture.receiver.distinct())
    conflicts, violations = torture.receiver.conflicts(), torture.receiver.violations
    print(
        f"messages {distinct}, sent again {accepted - distinct}, two bodies {len(conflicts)}, refused {violations[:3]}"
    )
    print(f"struck {dict(torture.struck)}, connections cut {torture.proxy.cuts}")
    if failed:
        print(run(torture.config, "status").stdout)
        print("the last the daemon said:", *(line.get("event") for line in torture.daemon.lines()[-20:]), sep="\n  ")
        print(torture.daemon.lines()[-5:])
    return int(failed or bool(conflicts) or bool(violations))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--pace", type=float, default=0.3)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
