"""A real PrestaShop, recorded: the poller must tell what the shop's own timeline says happened."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.process import Daemon, run, write_config
from tests.acceptance.recording import ROOT, Recording, Replay, Truth

NAMES = ("prestashop-8.2", "prestashop-8.2-slowmail")
pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason=f"the recordings are not here: {ROOT.name} beside the clone")


@pytest.fixture(params=NAMES)
def recording(request: pytest.FixtureRequest) -> Recording:
    return Recording(request.param)


@dataclass(frozen=True, slots=True)
class Shop:
    """The recorded shop in a database, and its changes, still to come."""

    url: str
    replay: Replay


@pytest.fixture
def shop(server: PrivateMariaDB, recording: Recording) -> Iterator[Shop]:
    name = f"recorded_{time.monotonic_ns()}"
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    shift = time.time() - next(recording.transactions()).unix
    recording.load(server, name, shift=shift)
    replay = Replay(server, name, recording, shift=shift)
    yield Shop(server.url(name), replay)
    replay.close()
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


def order_events(receiver: Receiver) -> list[dict[str, Any]]:
    return [message for message in receiver.distinct().values() if str(message.get("event", "")).startswith("Order")]


def seen(receiver: Receiver) -> Counter[tuple[str, int]]:
    return Counter((event["event"], int(event["properties"]["order_id"])) for event in order_events(receiver))


def expected(truths: list[Truth]) -> Counter[tuple[str, int]]:
    return Counter((truth.kind, truth.order_id) for truth in truths)


def check_amounts(truths: list[Truth], receiver: Receiver) -> None:
    """Amounts to the cent, counters as of the event; the n-th event of a kind and order is its n-th fact."""
    events: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for event in order_events(receiver):
        events.setdefault((event["event"], int(event["properties"]["order_id"])), []).append(event["properties"])
    for truth in truths:
        told = events[truth.kind, truth.order_id].pop(0)
        label = f"{truth.kind} of order {truth.order_id}"
        if truth.total is not None:
            assert Decimal(str(told["total"])) == truth.total, label
        if truth.count >= 0:
            assert told["purchase_count_xcommerce"] == truth.count, label
            assert Decimal(str(told["lifetime_revenue_xcommerce"])) == truth.revenue, label
        parts = (told["subtotal"], told["shipping"], told["tax"], told.get("wrapping", 0))
        assert sum(Decimal(str(part)) for part in parts) == Decimal(str(told["total"])), label


def test_every_fact_arrives_once_while_the_shop_lives(shop: Shop, recording: Recording, tmp_path: Path) -> None:
    truths = recording.truths()
    with Receiver() as receiver:
        config = write_config(tmp_path, shop_url=shop.url, segment_url=receiver.url)
        with Daemon(config) as daemon:
            for number, truth in enumerate(truths, 1):
                shop.replay.until(truth.known_at)
                owed = expected(truths[:number])
                daemon.wait_for(lambda owed=owed: owed <= seen(receiver))  # type: ignore[misc]
            shop.replay.until(float("inf"))
            assert daemon.stop() == 0
        assert run(config, "catch-up").returncode == 0
        assert seen(receiver) == expected(truths)
        check_amounts(truths, receiver)
        assert receiver.violations == []
        assert receiver.conflicts() == []
        assert not [event for event in order_events(receiver) if "unsettled" in event["properties"]]
        audit = run(config, "audit", "--json")
        assert json.loads(audit.stdout)["differences"] == [], "the audit works by rules of its own, and agrees"
        assert audit.returncode == 0


def test_every_fact_arrives_once_though_the_poller_is_killed_again_and_again(
    shop: Shop, recording: Recording, tmp_path: Path
) -> None:
    truths = recording.truths()
    with Receiver() as receiver:
        config = write_config(tmp_path, shop_url=shop.url, segment_url=receiver.url)
        assert run(config, "catch-up").returncode == 0
        with Daemon(config) as daemon:
            for number, truth in enumerate(truths):
                if number % 5 == 0:
                    daemon.kill()
                    shop.replay.until(truth.known_at)
                    daemon.start(ready=number % 2 == 0)
                shop.replay.until(truth.known_at)
            shop.replay.until(float("inf"))
            daemon.wait_for(lambda: sum(seen(receiver).values()) >= len(truths) - len(_lost_with_customers(truths)))
        assert run(config, "catch-up").returncode == 0
        found = seen(receiver)
        assert not found - expected(truths), "nothing but what happened"
        assert set(expected(truths) - found) <= _lost_with_customers(truths)
        assert receiver.conflicts() == []
        assert receiver.violations == []


def _lost_with_customers(truths: list[Truth]) -> set[tuple[str, int]]:
    """Facts of customers who were deleted or erased before a poller that was down could tell of them."""
    of_deleted_customers = {17, 18, 21, 22, 23}
    return {(truth.kind, truth.order_id) for truth in truths if truth.order_id in of_deleted_customers}


def test_a_backfill_afterwards_sends_nothing_that_was_sent(shop: Shop, tmp_path: Path) -> None:
    with Receiver() as receiver:
        config = write_config(tmp_path, shop_url=shop.url, segment_url=receiver.url, start_from="beginning")
        shop.replay.until(float("inf"))
        assert run(config, "catch-up").returncode == 0
        live = len(receiver.accepted)
        done = run(config, "backfill", "--since", "2020-01-01")
        assert done.returncode == 0, done.stderr
        assert len(receiver.accepted) == live
        assert receiver.conflicts() == []
