"""Every statement on every schema version, and the main events end to end on each: one file serves them all.

Traps of the schema named here: [16] states by their role, [26] wider references, [37] and [38] columns and tables that
only some versions have.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from poller.core.events import Event
from poller.shop.statements import statements
from poller.streams.orders.derive import ORDERS
from tests.shop.rows import NOON, Rows
from tests.sql.conftest import VersionedShop
from tests.sql.running import binds_for
from tests.sql.schemas import tables
from tests.streams.builders import POLICY

LATER = NOON + timedelta(hours=1)
NOON_UTC = datetime(2024, 3, 4, 11, 0, tzinfo=UTC)


def has(version: str, table: str, column: str | None = None) -> bool:
    columns = tables(version).get(table, ())
    return bool(columns) if column is None else any(found.name == column for found in columns)


def test_every_statement_runs(versioned: VersionedShop) -> None:
    """One session for them all: a statement that does not fit raises and is named by the error."""
    with versioned.shop.session() as (session, schema):
        for name, statement in statements().items():
            rows = session.rows(name, **binds_for(statement, ids=range(1, 9)))
            is_there = all(has(versioned.version, table) for table in statement.needs)
            assert statement.is_available(schema.columns) == is_there, name
            assert is_there or rows == (), name


def test_what_the_version_lacks_reads_as_null(versioned: VersionedShop) -> None:
    rows = versioned.rows
    order = rows.order(rows.customer())
    for name, value in {"total_refunded_tax_incl": 3, "id_customization": 5}.items():
        if has(versioned.version, "order_detail", name):
            rows.change("order_detail", {"id_order": order}, **{name: value})
    with versioned.shop.session() as (session, _):
        line = session.one("load/order_lines", ids=[order])
        before = session.one("sweep/order_lines", ids=[order])
        rows.change("order_detail", {"id_order": order}, product_quantity_refunded=1)
        after = session.one("sweep/order_lines", ids=[order])
        currency = session.rows("load/currencies")[0]
    has_counters = has(versioned.version, "order_detail", "total_refunded_tax_incl")
    assert line.total_refunded_tax_incl == (Decimal(3) if has_counters else None)
    assert (before.refunds != 0) == has_counters
    assert after.refunds not in (0, before.refunds), "the quantities are there in every version"
    assert line.id_customization == (5 if has(versioned.version, "order_detail", "id_customization") else None)
    assert currency.digits == (2 if has(versioned.version, "currency", "precision") else None)
    assert currency.has_decimals == (1 if has(versioned.version, "currency", "decimals") else None)


def test_a_discount_that_was_taken_away_does_not_count_where_the_version_can_say_so(versioned: VersionedShop) -> None:
    """[37] Since 1.7.7 a voucher leaves an order by `deleted`; before that its row was deleted."""
    rows = versioned.rows
    order = rows.order(rows.customer())
    rows.add("order_cart_rule", id_order=order, id_cart_rule=900, name="Kept", value=6, value_tax_excl=5)
    rows.add("order_cart_rule", id_order=order, id_cart_rule=901, name="Gone", value=6, value_tax_excl=5, deleted=1)
    with versioned.shop.snapshot() as snapshot:
        names = [voucher.name for voucher in snapshot.load("order", [order])[order].vouchers]
    assert names == (["Kept"] if has(versioned.version, "order_cart_rule", "deleted") else ["Kept", "Gone"])


def test_a_reference_as_long_as_the_column_arrives_whole(versioned: VersionedShop) -> None:
    """[26] Nine characters before 9.0, up to 255 since."""
    rows = versioned.rows
    column = next(column for column in tables(versioned.version)["orders"] if column.name == "reference")
    reference = "R" * int(column.type.removeprefix("varchar(").removesuffix(")"))
    order = rows.order(rows.customer(), reference=reference)
    with versioned.shop.snapshot() as snapshot:
        assert snapshot.load("order", [order])[order].reference == reference
    assert len(reference) == (255 if versioned.version.startswith("9") else 9)


def derived(versioned: VersionedShop, order: int) -> dict[str, Event]:
    """The events an order proves at first sight, by name; identify calls by the event they go with."""
    with versioned.shop.snapshot() as snapshot:
        facts = snapshot.load("order", [order])[order]
        outcome = ORDERS.derive(snapshot.reading.now, facts, None, policy=POLICY)
    return {
        event.fact.removeprefix(f"order/{order}/").split("/")[0] + f" {event.call}": event for event in outcome.events
    }


def place(rows: Rows) -> tuple[int, int]:
    """A customer and their order, with a discount of 6.00 in all, awaiting a check."""
    customer = rows.customer()
    money: dict[str, Any] = {"total_discounts_tax_excl": 5, "total_discounts_tax_incl": 6, "total_paid_tax_incl": 24}
    home = rows.address(customer)
    order = rows.order(customer, id_cart=rows.cart(id_customer=customer), id_address_delivery=home, **money)
    rule = rows.add("cart_rule", id_customer=0, code="WELCOME")
    rows.add("order_cart_rule", id_order=order, id_cart_rule=rule, name="Welcome", value=6, value_tax_excl=5)
    return customer, order


def test_an_order_is_completed(versioned: VersionedShop) -> None:
    customer, order = place(versioned.rows)
    events = derived(versioned, order)
    assert list(events) == ["completed identify", "completed track"]
    event = events["completed track"]
    assert (event.name, event.occurred_at, event.currency) == ("Order Completed", NOON_UTC, "EUR")
    assert event.who.user_id == str(customer)
    told: Mapping[str, Any] = event.properties
    money = {name: str(told[name]) for name in ("total", "subtotal", "revenue", "shipping", "tax", "discount")}
    assert money == {
        "total": "24.00",
        "subtotal": "15.00",
        "revenue": "15.00",
        "shipping": "5.00",
        "tax": "4.00",
        "discount": "5.00",
    }
    assert told["coupon"] == "WELCOME"
    assert told["order_status"] == "Awaiting check payment"
    assert (told["shipping_method"], told["location"]) == ("By bicycle", "FR")
    assert (told["purchase_count_xcommerce"], told["lifetime_revenue_xcommerce"]) == (0, Decimal("0.00"))
    (product,) = told["products"]
    assert {
        name: product[name] for name in ("product_id", "name", "variant", "sku", "brand", "category", "quantity")
    } == {
        "product_id": "1",
        "name": "Mug",
        "variant": "Large",
        "sku": "MUG",
        "brand": "Brand",
        "category": "Mugs",
        "quantity": 2,
    }
    assert product["image_url"] == "https://shop.example.com/img/p/2/4/24-large_default.jpg"


def test_the_customer_is_identified(versioned: VersionedShop) -> None:
    customer, order = place(versioned.rows)
    event = derived(versioned, order)["completed identify"]
    place_of_living = {"street": "1 Example Street", "city": "Paris", "postalCode": "75001", "country": "FR"}
    assert event.who.traits == {
        "email": "anna@example.com",
        "firstName": "Anna",
        "lastName": "Example",
        "phone": "0100000000",
        "gender": "male",
        "createdAt": "2024-03-04T11:00:00Z",
        "newsletter": False,
        "partner_offers": False,
        "is_guest": False,
        "prestashop_customer_id_xcommerce": str(customer),
        "address": place_of_living,
        "default_address": place_of_living,
    }


def test_an_order_is_cancelled(versioned: VersionedShop) -> None:
    _, order = place(versioned.rows)
    versioned.rows.change("orders", {"id_order": order}, current_state=6, date_upd=LATER)
    versioned.rows.state(order, 6, at=LATER, employee=1)
    event = derived(versioned, order)["cancelled track"]
    assert (event.name, event.occurred_at) == ("Order Cancelled", NOON_UTC + timedelta(hours=1))
    assert (event.properties["total"], event.properties["reason"]) == (Decimal("24.00"), "cancelled before payment")


def test_an_order_is_refunded_by_slip_and_then_as_a_whole(versioned: VersionedShop) -> None:
    rows = versioned.rows
    order = rows.order(rows.customer(), states=(1, 2))
    rows.slip(order, date_add=LATER)
    with_slip = derived(versioned, order)["refunded track"]
    assert with_slip.fact.startswith(f"order/{order}/refunded/slip/")
    assert {
        name: with_slip.properties[name] for name in ("total", "subtotal", "shipping", "tax", "refunded_total")
    } == {
        "total": Decimal("12.00"),
        "subtotal": Decimal("10.00"),
        "shipping": Decimal(0),
        "tax": Decimal("2.00"),
        "refunded_total": Decimal("12.00"),
    }
    rows.change("orders", {"id_order": order}, current_state=7, valid=0)
    rows.state(order, 7, at=LATER + timedelta(hours=1))
    as_a_whole = derived(versioned, order)["refunded track"]
    assert as_a_whole.properties["total"] == Decimal("18.00"), "what the slip had left"
    assert as_a_whole.properties["is_full_refund"] is True


def test_an_erased_customer_is_known_where_the_module_is(versioned: VersionedShop) -> None:
    """[34], [38] The module psgdpr is not in 1.6: there nothing can say that a customer was erased."""
    rows = versioned.rows
    customer = rows.customer()
    if rows.has("psgdpr_log"):
        rows.add("psgdpr_log", id_customer=customer, request_type=4, id_module=1, date_add=NOON, date_upd=NOON)
    with versioned.shop.snapshot() as snapshot:
        facts = snapshot.load("customer", [customer])[customer]
    assert facts.is_erased == (versioned.version != "1.6.1.24")
