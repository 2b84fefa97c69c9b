"""Several shops in one installation: each to its own source, told as its own, and none in the way of another."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from poller.demo.faults import Status
from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.stage import Stage, answer, completed, staged, told


@pytest.fixture
def outlet() -> Iterator[Receiver]:
    """Where the second shop's source is; it knows one write key."""
    with Receiver(write_keys=["outlet-key"]) as receiver:
        yield receiver


@pytest.fixture
def mall(server: PrivateMariaDB, tmp_path: Path) -> Iterator[Stage]:
    """A demo shop with a second shop in its group."""
    with staged(tmp_path, server, Receiver(write_keys=["test-write-key"])) as stage:
        stage.keeper.insert(
            "shop", id_shop=2, id_shop_group=1, name="Outlet", color="", id_category=2, theme_name="", active=1
        )
        yield stage


def share_customers(stage: Stage) -> None:
    stage.keeper.run("UPDATE PREFIX_shop_group SET share_customer = 1")


def order_in(stage: Stage, shop_id: int, customer_id: int) -> int:
    """A paid order in that shop."""
    order_id = stage.keeper.begun_order(customer_id, id_shop=shop_id)
    stage.keeper.enter(order_id, 2)
    return order_id


def own(outlet: Receiver, **changes: Any) -> dict[str, Any]:
    """The second shop's own settings."""
    return {"2": {"write_key": "outlet-key", "host": outlet.url, **changes}}


def one(receiver: Receiver, order_id: int) -> dict[str, Any]:
    """The one Order Completed of an order."""
    (found,) = [
        message
        for message in receiver.distinct().values()
        if message["type"] == "track" and message["properties"].get("order_id") == str(order_id)
    ]
    return found


def test_each_shop_is_told_to_its_own_source_as_its_own(mall: Stage, outlet: Receiver) -> None:
    mall.configure(
        user_id={"prefix": "mall-"},
        shops=own(outlet, sent_from="outlet", event_category="clearance", user_id_prefix="out-"),
    )
    mall.catch_up()
    ada, bob = mall.keeper.customer("Ada"), mall.keeper.customer("Bob", id_shop=2)
    first, second = order_in(mall, 1, ada), order_in(mall, 2, bob)
    mall.catch_up()
    assert (mall.told(), told(outlet)) == (completed(first), completed(second))
    usual, other = one(mall.receiver, first), one(outlet, second)
    assert (usual["userId"], other["userId"]) == (f"mall-{ada}", f"out-{bob}")
    assert (usual["properties"]["sent_from"], usual["properties"]["category"]) == (
        "prestashop-segment-poller",
        "ecommerce",
    )
    assert (other["properties"]["sent_from"], other["properties"]["category"]) == ("outlet", "clearance")
    assert other["properties"]["affiliation"] == "Outlet"
    people = {message["userId"] for message in outlet.distinct().values() if message["type"] == "identify"}
    assert people == {f"out-{bob}"}
    assert mall.is_clean()
    assert not outlet.violations
    for secret in (b"outlet-key", b"test-write-key"):
        assert secret not in mall.state.read_bytes()


def test_a_source_that_refuses_its_key_holds_up_no_other(mall: Stage, outlet: Receiver) -> None:
    """The daemon tells the first shop on; `status` says whose key it is; with the right one nothing is missing."""
    mall.configure(shops=own(outlet, write_key="wrong-key"))
    customer = mall.keeper.customer()
    with mall.daemon() as daemon:
        second = order_in(mall, 2, customer)
        daemon.wait_for(lambda: any(source.delivery.stopped for source in mall.standing().sources))
        first = order_in(mall, 1, customer)
        daemon.wait_for(lambda: mall.told() == completed(first) and not mall.standing().sources[0].pending)
        lines = [line for line in daemon.said("batch.deferred") if line.get("source") == "shop 2"]
        assert lines
        assert "wrong-key" not in daemon.text()
    standing = {source.name: source for source in mall.standing().sources}
    assert not standing["default"].delivery.stopped
    assert (standing["default"].pending, standing["shop 2"].shops) == (0, [2])
    assert standing["shop 2"].pending > 0
    assert "401" in standing["shop 2"].delivery.reason
    shown = mall.run("status").stdout
    assert "shop 2" in shown
    assert "stopped since" in shown
    done = mall.run("catch-up")
    assert (done.returncode, told(outlet)) == (78, Counter())
    mall.configure(shops=own(outlet))
    mall.catch_up()
    assert (mall.told(), told(outlet)) == (completed(first), completed(second))


def test_a_source_that_asks_to_wait_waits_alone(mall: Stage, outlet: Receiver) -> None:
    outlet.always(Status(429, retry_after="3600"))
    mall.configure(shops=own(outlet))
    customer = mall.keeper.customer()
    mall.run("catch-up")
    first, _ = order_in(mall, 1, customer), order_in(mall, 2, customer)
    assert mall.run("catch-up").returncode == 75
    assert (mall.told(), told(outlet)) == (completed(first), Counter())
    tries = outlet.requests
    third = order_in(mall, 1, customer)
    assert mall.run("catch-up").returncode == 75
    assert mall.told() == completed(first, third)
    assert outlet.requests == tries
    assert mall.standing().sources[1].pending > 0


def test_a_shop_that_is_left_out_is_not_lost(mall: Stage) -> None:
    """Its rows are read past and told nobody; selected later, it is told from then on, and a backfill owes the rest."""
    mall.configure(shops=["1"])
    customer = mall.keeper.customer()
    mall.catch_up()
    before, seen = order_in(mall, 2, customer), order_in(mall, 1, customer)
    mall.catch_up()
    assert mall.told() == completed(seen)
    assert mall.status()["pending"] == 0
    findings = answer(mall.run("check", "--json"))
    assert "Nothing is sent of shop 2." in [finding["text"] for finding in findings]
    mall.configure()
    after = order_in(mall, 2, customer)
    mall.catch_up()
    assert mall.told() == completed(seen, after)
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert mall.run("backfill", "--since", since).returncode == 0
    assert mall.told() == completed(before, seen, after)
    assert not mall.receiver.conflicts()


def test_messages_that_wait_go_to_the_key_their_shop_has_when_they_are_sent(mall: Stage, outlet: Receiver) -> None:
    mall.receiver.always(Status(503))
    customer = mall.keeper.customer()
    mall.run("catch-up")
    first, second = order_in(mall, 1, customer), order_in(mall, 2, customer)
    assert mall.run("catch-up").returncode == 75
    mall.receiver.always(None)
    mall.configure(shops=own(outlet))
    mall.catch_up_at_last()
    assert (mall.told(), told(outlet)) == (completed(first), completed(second))


@pytest.mark.parametrize(("is_shared", "counts"), [(False, (1, 1)), (True, (1, 2))])
def test_customers_are_counted_as_their_group_shares_them(
    mall: Stage, *, is_shared: bool, counts: tuple[int, int]
) -> None:
    if is_shared:
        share_customers(mall)
    customer = mall.keeper.customer()
    mall.catch_up()
    orders = order_in(mall, 1, customer), order_in(mall, 2, customer)
    mall.catch_up()
    found = [one(mall.receiver, order_id)["properties"] for order_id in orders]
    assert tuple(properties["purchase_count_xcommerce"] for properties in found) == counts
    assert tuple(properties["lifetime_revenue_xcommerce"] for properties in found) == tuple(66 * n for n in counts)


def test_check_names_a_shop_that_is_not_there(mall: Stage, outlet: Receiver) -> None:
    mall.configure(shops={**own(outlet), "7": {"enabled": False}})
    done = mall.run("check", "--json")
    assert done.returncode == 1
    problems = [finding for finding in json.loads(done.stdout) if finding["level"] == "problem"]
    assert [(problem["text"], problem["remedy"]) for problem in problems] == [
        ("There is no shop 7, which `shops` names.", "Its shops are 1, 2.")
    ]
