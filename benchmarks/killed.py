"""`python -m benchmarks.killed`: a backfill killed again and again tells exactly what an undisturbed one tells.

Both run on the same shop at the same time, each with a state store and a receiver of its own. One is killed (SIGKILL)
whenever a number of messages came that was drawn beforehand, and started again. In the end both receivers must hold the
same messageIds, with the same bodies; what came twice came under the same id.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console

from benchmarks import backfill, machine
from benchmarks.place import Place
from benchmarks.process import COMMAND, peak_bytes, started
from poller.demo.receiver import Receiver

Say = Callable[[str], None]
_LOOK_SECONDS = 0.01


class Digests(Receiver):
    """A receiver that keeps of each message its id and a digest of its body, `sentAt` apart: millions fit in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[bytes, bytes] = {}
        self.accepted_messages = 0
        self.changed_bodies = 0

    def store(self, batch: Iterable[dict[str, Any]]) -> None:
        """Accept messages."""
        for message in batch:
            message.pop("sentAt", None)
            digest = hashlib.blake2b(json.dumps(message, sort_keys=True).encode(), digest_size=16).digest()
            first = self.bodies.setdefault(_identity(message["messageId"]), digest)
            self.changed_bodies += first != digest
            self.accepted_messages += 1


@dataclass(frozen=True, slots=True)
class Told:
    """What one of the two told, in all its processes: ids with digests of bodies, and what it took."""

    bodies: dict[bytes, bytes]
    came_twice: int
    changed_bodies: int
    violations: Sequence[str]
    kills: int
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int

    def __str__(self) -> str:
        return (
            f"{len(self.bodies):,} messages, {self.kills} kills, {self.came_twice:,} came twice, "
            f"{self.wall_seconds:,.0f} s, {self.cpu_seconds:,.0f} s of CPU, at most {self.peak_bytes / 1e6:,.0f} MB"
        )


def compare(place: Place, orders: int, kills: int, seed: int, say: Say) -> Sequence[str]:
    """Tell the newest `orders` both ways; what differs, nothing if all is well."""
    dice = random.Random(seed)  # noqa: S311 - when to kill is no secret
    # Every order makes more than two messages, so that all of these numbers are reached.
    points = sorted(dice.sample(range(1, 2 * orders), kills))
    with ThreadPoolExecutor(max_workers=2) as pool:
        undisturbed = pool.submit(tell, place, orders, "undisturbed", (), say)
        killed = pool.submit(tell, place, orders, "killed", points, say)
        return list(differences(undisturbed.result(), killed.result(), orders))


def tell(place: Place, orders: int, topic: str, points: Sequence[int], say: Say) -> Told:
    """Start the command, kill it each time so many messages came, and let the last one end by itself."""
    spent, peak, began = 0.0, 0, time.monotonic()
    with Digests() as receiver:
        config, arguments = backfill.prepare(place, orders, topic=topic, segment={"host": receiver.url})
        for point in (*points, None):
            seconds, memory = _live(config, arguments, receiver, point)
            spent, peak = spent + seconds, max(peak, memory)
            say(f"{topic}: {'ended' if point is None else 'killed'} at {len(receiver.bodies):,} messages")
        told = Told(
            receiver.bodies,
            receiver.accepted_messages - len(receiver.bodies),
            receiver.changed_bodies,
            tuple(receiver.violations),
            len(points),
            time.monotonic() - began,
            spent,
            peak,
        )
    say(f"{topic}: {told}")
    return told


def differences(undisturbed: Told, killed: Told, orders: int) -> Iterable[str]:
    """Ids that only one of them has, bodies that differ, rules broken, too few messages."""
    if len(undisturbed.bodies) < 2 * orders:
        yield f"undisturbed: only {len(undisturbed.bodies):,} messages of {orders:,} orders"
    ours, theirs = undisturbed.bodies, killed.bodies
    for what, ids in (
        ("missing", ours.keys() - theirs.keys()),
        ("told only when killed", theirs.keys() - ours.keys()),
        ("with another body", {one for one in ours.keys() & theirs.keys() if ours[one] != theirs[one]}),
    ):
        if ids:
            yield f"{len(ids):,} {what}, such as {min(ids).hex()}"
    for told in (undisturbed, killed):
        if told.changed_bodies or told.violations:
            yield f"{told.changed_bodies:,} came again with another body; rules broken: {list(told.violations[:3])}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both, print what each took; 1 if they differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.killed", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="how big the shop is (default: 1000000)")
    parser.add_argument("--kills", type=int, default=10, help="how often one is killed (default: 10)")
    parser.add_argument("--seed", type=int, default=None, help="when it is killed follows from this (default: any)")
    options = parser.parse_args(arguments)
    seed = time.time_ns() % 1_000_000 if options.seed is None else options.seed
    console, load = Console(), machine.load_average()

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    say(f"seed {seed}: filling a private MariaDB with a shop of {options.orders:,} orders ...")
    with Place(options.orders) as place:
        found = compare(place, options.orders, options.kills, seed, say)
        described = machine.described(place, load)
    say("\n".join(found or ["No difference: the same ids, with the same bodies."]))
    say("\n".join(described))
    return int(bool(found))


def _live(config: Path, arguments: Sequence[str], receiver: Digests, point: int | None) -> tuple[float, int]:
    """One process from its start to its end: its seconds of CPU, and its memory at its highest, in bytes.

    Raises RuntimeError where it ends as it should not.
    """
    peak, ended = 0, 0
    with config.with_name("said").open("wb") as said:
        process = started([COMMAND, "--config", config, *arguments], stdout=said, stderr=said)
        while not ended:
            peak = max(peak, peak_bytes(process.pid))
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if not ended and point is not None and len(receiver.bodies) >= point:
                os.kill(process.pid, signal.SIGKILL)
            time.sleep(_LOOK_SECONDS)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != (0 if point is None else -signal.SIGKILL):
        raise RuntimeError(f"exit code {process.returncode}: {config.with_name('said').read_text()}")
    return usage.ru_utime + usage.ru_stime, peak


def _identity(message_id: str) -> bytes:
    try:
        return UUID(message_id).bytes
    except ValueError:
        return message_id.encode()


if __name__ == "__main__":
    sys.exit(main())
