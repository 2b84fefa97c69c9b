"""The main events on the schema of every version of PrestaShop, by the installed command, poll by poll.

Traps of the schema named here: [16] states by their role, [37] and [38] columns and tables that only some versions
have, [47] rows that are deleted or gone and still referred to.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.process import run, write_config
from tests.shop.rows import NOON, Rows
from tests.sql.schemas import VERSIONS, ddl, tables
from tests.support.contract import complaints
from tests.support.destinations import DESTINATIONS, unmet
from tests.support.mariadb import fresh_database

YEN, DINAR, OLD, LOST = 2, 3, 4, 5
"""No decimals, three, a currency that was deleted in the back office, one whose row is gone."""
LATER = NOON + timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class VersionedStage:
    """A furnished shop of one version, a receiver, and a configuration."""

    version: str
    rows: Rows
    receiver: Receiver
    config: Path

    def catch_up(self) -> None:
        done = run(self.config, "catch-up")
        assert done.returncode == 0, done.stderr

    def messages(self, event: str, **properties: object) -> list[dict[str, Any]]:
        """The messages of an event with these properties, once an id."""
        return [
            message
            for message in self.receiver.distinct().values()
            if message.get("event", message["type"]) == event
            and properties.items() <= (message.get("properties") or message["traits"]).items()
        ]

    def has(self, table: str, column: str) -> bool:
        return any(found.name == column for found in tables(self.version).get(table, ()))


@contextmanager
def versioned(server: PrivateMariaDB, version: str, directory: Path) -> Iterator[VersionedStage]:
    with fresh_database(server, None) as name, Receiver() as receiver, closing(server.connect(name)) as connection:
        with connection.cursor() as cursor:
            for statement in ddl(version, "ps_"):
                cursor.execute(statement)
        with closing(Rows(server, name)) as rows:
            rows.furnish()
            rows.add("currency", id_currency=YEN, name="Yen", iso_code="JPY", precision=0, decimals=0, active=1)
            rows.add("currency", id_currency=DINAR, name="Dinar", iso_code="KWD", precision=3, decimals=1, active=1)
            rows.add("currency", id_currency=OLD, name="Old", iso_code="CHF", precision=2, decimals=1, deleted=1)
            urls = {"shop_url": server.url(name), "segment_url": receiver.url}
            config = write_config(directory, **urls, settle="100ms", start_from="beginning")
            yield VersionedStage(version, rows, receiver, config)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_main_events(version: str, server: PrivateMariaDB, tmp_path: Path) -> None:
    with versioned(server, version, tmp_path) as stage:
        cart = stage.rows.cart()
        stage.rows.add("cart_product", id_cart=cart, id_product=1, id_shop=1, quantity=2, date_add=NOON)
        stage.catch_up()
        orders = happen(stage, cart)
        stage.catch_up()
        assert stage.receiver.violations == []
        assert [*map(complaints, stage.receiver.distinct().values())].count([]) == len(stage.receiver.distinct())
        judge_events(stage, orders, cart)
        judge_money(stage, orders)
        for destination in DESTINATIONS:
            for message in stage.messages(destination.event, currency="EUR"):
                if message["properties"].get("refund_reason") == "refund without credit slip":
                    continue  # which lines it was, no row says
                assert unmet(message, destination) == [], destination.action


def happen(stage: VersionedStage, cart: int) -> Mapping[str, int]:
    """An anonymous cart gets its customer, who orders in every way; the orders by what became of them."""
    rows = stage.rows
    customer = rows.customer()
    rows.change("cart", {"id_cart": cart}, id_customer=customer, date_upd=LATER)
    orders = {
        "placed": rows.order(customer, id_cart=cart),
        "cancelled": rows.order(customer, states=(1, 6)),
        "by slip": rows.order(customer, states=(1, 2)),
        "as a whole": rows.order(customer, states=(2, 7)),
        "counted": rows.order(customer, states=(2,)),
        "yen": rows.order(customer, id_currency=YEN, conversion_rate=160),
        "dinar": rows.order(customer, id_currency=DINAR, conversion_rate="0.33"),
        "old": rows.order(customer, id_currency=OLD),
        "lost": rows.order(customer, id_currency=LOST),
    }
    rows.slip(orders["by slip"], date_add=LATER)
    for name in ("yen", "dinar"):
        amounts = {
            "total_shipping_tax_excl": "5.0006",
            "total_shipping_tax_incl": "6.0006",
            "total_paid_tax_incl": "30.0006",
        }
        rows.change("orders", {"id_order": orders[name]}, **amounts)
    if stage.has("order_detail", "total_refunded_tax_incl"):
        refunded = {"total_refunded_tax_incl": 12, "product_quantity_refunded": 1}
        rows.change("order_detail", {"id_order": orders["counted"]}, **refunded)
    return orders


def judge_events(stage: VersionedStage, orders: Mapping[str, int], cart: int) -> None:
    for order in orders.values():
        (completed,) = stage.messages("Order Completed", order_id=str(order))
        assert completed["timestamp"] == "2024-03-04T11:00:00.000+00:00"
        assert completed["properties"]["products"][0]["variant"] == "Large"
    (cancelled,) = stage.messages("Order Cancelled")
    assert cancelled["properties"]["order_id"] == str(orders["cancelled"])
    refunds = {m["properties"]["order_id"]: m["properties"] for m in stage.messages("Order Refunded")}
    expected = {str(orders["by slip"]): 12.0, str(orders["as a whole"]): 30.0}
    if stage.has("order_detail", "total_refunded_tax_incl"):
        expected[str(orders["counted"])] = 12.0
    assert {order: refund["total"] for order, refund in refunds.items()} == expected
    logins = [m for m in stage.messages("identify", email="anna@example.com") if m["anonymousId"]]
    (placed,) = stage.messages("Order Completed", order_id=str(orders["placed"]))
    assert placed["anonymousId"] in {login["anonymousId"] for login in logins}, f"cart {cart} got its customer"


def judge_money(stage: VersionedStage, orders: Mapping[str, int]) -> None:
    """Rounded to the digits of the currency; before 1.7.6 a shop knew only whether it has decimals at all."""
    money = {
        name: (m["properties"].get("currency"), m["properties"]["total"], m["properties"]["shipping"])
        for name, order in orders.items()
        for m in stage.messages("Order Completed", order_id=str(order))
    }
    assert money["placed"] == ("EUR", 30.0, 5.0)
    assert money["yen"] == ("JPY", 30, 5)
    has_digits = stage.has("currency", "precision")
    assert money["dinar"] == (("KWD", 30.001, 5.001) if has_digits else ("KWD", 30.0, 5.0))
    assert money["old"] == ("CHF", 30.0, 5.0)
    assert money["lost"] == (None, 30.0, 5.0)
    (yen,) = stage.messages("Order Completed", order_id=str(orders["yen"]))
    assert (yen["properties"]["shop_currency"], yen["properties"]["shop_currency_total"]) == ("EUR", 0.19)
