"""Run the real poller against a real MariaDB and a real receiver while faults strike, and compare what arrived.

The order of the faults follows from the printed seed. Exits 1 if a single fact is missing, doubled, wrong or invented.
"""

import argparse
import math
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from poller.demo.database import create_database
from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import LivingShop
from tests.acceptance.process import Daemon, run, write_config
from tests.torture.gate import Gate
from tests.torture.importer import Importer
from tests.torture.journal import arrival_lines, deed_lines, write
from tests.torture.oracle import Judgement, judge, read, report
from tests.torture.proxy import Proxy
from tests.torture.strokes import Strokes
from tests.torture.told import Told

SHOP = "shop"
ACCOUNT = ("poller", "torture")
PATIENCE_SECONDS = 300
"""How long nothing at all arrives before what is missing is lost."""


@dataclass(slots=True)
class Scene:
    """The parts, and where their logs go."""

    directory: Path
    shop: LivingShop
    importer: Importer
    receiver: Receiver
    strokes: Strokes

    @property
    def config(self) -> Path:
        """The poller's configuration."""
        return self.strokes.config

    def judge(self) -> Judgement:
        """Write both logs, and let the oracle compare them."""
        deeds = sorted([*self.shop.deeds, *self.importer.deeds], key=lambda deed: deed.at)
        workload = write(self.directory / "workload.jsonl", deed_lines(deeds))
        arrivals = write(self.directory / "arrivals.jsonl", arrival_lines(list(self.receiver.arrivals)))
        return judge(read(workload), read(arrivals))


def set_up(stack: ExitStack, chosen: argparse.Namespace, directory: Path) -> Scene:
    """A shop, an ERP beside it, a poller behind a proxy, and a receiver."""
    server = stack.enter_context(PrivateMariaDB("--innodb-buffer-pool-size=256M"))
    create_database(server, SHOP)
    server.create_account(ACCOUNT[0], f"SELECT ON {SHOP}.*", "PROCESS ON *.*", password=ACCOUNT[1])
    receiver = stack.enter_context(Receiver())
    proxy = stack.enter_context(Proxy(server.socket))
    config = write_config(
        directory,
        shop_url=f"mysql+pymysql://{':'.join(ACCOUNT)}@127.0.0.1:{proxy.port}/{SHOP}",
        segment_url=receiver.url,
        settle="4s",
        events={"Order Updated": {"enabled": True}},
        schedule={"poll": "200ms", "deliver": "200ms", "hot_sweep": "3s", "sweep": "30s"},
    )
    gate, dice = Gate(), Random(chosen.seed)
    shop = LivingShop(
        lambda: server.connect(SHOP),
        seed=chosen.seed,
        pace=chosen.pace,
        is_told=Told(receiver),
        around=gate.shared,
    )
    importer = Importer(lambda: server.connect(SHOP), gate, Random(dice.getrandbits(64)), bulk=chosen.bulk)
    daemon = stack.enter_context(Daemon(config))
    strokes = Strokes(
        daemon=daemon,
        receiver=receiver,
        proxy=proxy,
        server=server,
        gate=gate,
        config=config,
        state=directory / "state.db",
        account=ACCOUNT,
        dice=dice,
        mean_seconds=chosen.every,
    )
    return Scene(directory, shop, importer, receiver, strokes)


def torture(scene: Scene, *, seconds: float, workers: int) -> None:
    """Everybody at work, faults striking, for so long; then whoever is at work finishes, and nothing strikes."""
    others = [threading.Thread(target=scene.strokes.strike), threading.Thread(target=scene.importer.work)]
    for other in others:
        other.start()
    try:
        scene.shop.live(seconds, workers=workers)
    finally:
        scene.strokes.stopped.set()
        scene.importer.stopped.set()
        for other in others:
            other.join()
    scene.strokes.heal()


def rest(scene: Scene, *, quiet_seconds: float) -> Judgement:
    """Wait until all that is owed has come, and see that nothing more does; then judge."""
    arrived, until = -1, math.inf
    while time.monotonic() < until:
        run(scene.config, "dead-letters", "replay", "--all")
        if not any(one.kind == "missing" for one in scene.judge().differences):
            break
        if arrived != len(scene.receiver.arrivals):
            arrived, until = len(scene.receiver.arrivals), time.monotonic() + PATIENCE_SECONDS
        time.sleep(3)
    arrived = -1
    while arrived != len(scene.receiver.arrivals):
        arrived = len(scene.receiver.arrivals)
        time.sleep(quiet_seconds)
    return scene.judge()


def main(arguments: Sequence[str]) -> int:
    """Torture, then let everything come to rest, then compare."""
    chosen = _arguments(arguments)
    # Stopped by a signal, it leaves nothing running either.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    print(f"seed {chosen.seed}, {chosen.minutes} minutes, {chosen.workers} shop workers", flush=True)
    with ExitStack() as stack:
        directory = Path(chosen.keep or stack.enter_context(tempfile.TemporaryDirectory()))
        directory.mkdir(parents=True, exist_ok=True)
        scene = set_up(stack, chosen, directory)
        torture(scene, seconds=chosen.minutes * 60, workers=chosen.workers)
        found = rest(scene, quiet_seconds=chosen.quiet)
        receiver, strokes = scene.receiver, scene.strokes
        print(report(found))
        accepted, distinct = len(receiver.accepted), len(receiver.distinct())
        print(
            f"messages {distinct}, sent again {accepted - distinct}, against Segment's rules {receiver.violations[:3]}"
        )
        print(f"struck {dict(strokes.struck)}, connections cut {strokes.proxy.cuts}")
        print(f"rolled back {scene.importer.rolled_back} orders", flush=True)
        for crash in strokes.crashes:
            print("a bug ended the poller:", crash, sep="\n")
        failed = bool(found.differences or receiver.violations or strokes.crashes)
        if failed:
            print(
                run(scene.config, "status").stdout, "what the daemon said last:", *strokes.daemon.lines()[-5:], sep="\n"
            )
        return int(failed)


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=4, help="threads that sell")
    parser.add_argument("--pace", type=float, default=0.3, help="how slowly people act; 0: as fast as they can")
    parser.add_argument("--every", type=float, default=1.0, help="mean seconds between two faults")
    parser.add_argument("--bulk", type=int, default=300, help="most orders in one import")
    parser.add_argument("--quiet", type=float, default=10.0, help="seconds without a message that count as rest")
    parser.add_argument("--keep", help="a directory for workload.jsonl, arrivals.jsonl, state and log")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
