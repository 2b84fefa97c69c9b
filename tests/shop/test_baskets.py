"""Carts as they are loaded: their lines at the catalogue's price, coupons, checkout, orders; and their digests."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

import pytest

from poller.shop.checkouts import carrier_id, steps
from poller.streams.carts.facts import CartOrder, CheckoutStep, Coupon
from tests.shop.conftest import Scene
from tests.shop.rows import NOON

NOON_UTC = datetime(2024, 3, 4, 11, 0, tzinfo=UTC)
PROGRESS = {
    "checkout-personal-information-step": {"step_is_reachable": True, "step_is_complete": True},
    "checkout-addresses-step": {"step_is_reachable": True, "step_is_complete": False, "use_same_address": True},
    "checksum": "0123",
}


@pytest.fixture
def prices(scene: Scene) -> None:
    """A product of 10.00 whose shop asks 11.00, and a combination that costs 2.50 more, under another reference."""
    scene.rows.change("product", {"id_product": 1}, price=10, reference="MUG")
    if not scene.rows.all("SELECT 1 FROM PREFIX_product_shop WHERE id_product = 1"):
        scene.rows.add("product_shop", id_product=1, id_shop=1, price=11, date_add=NOON, date_upd=NOON)
        scene.rows.add("product_attribute", id_product_attribute=1, id_product=1, reference="MUG-L", price=9)
        scene.rows.add("product_attribute_shop", id_product=1, id_product_attribute=1, id_shop=1, price="2.5")


def put(scene: Scene, cart: int, **values: object) -> None:
    whole = {"id_cart": cart, "id_product": 1, "id_shop": 1, "quantity": 1, "date_add": NOON}
    scene.rows.add("cart_product", **(whole | values))


@pytest.mark.usefixtures("prices")
def test_lines_carry_what_the_catalogue_says_and_its_own_price(scene: Scene) -> None:
    cart = scene.rows.cart()
    put(scene, cart, quantity=3)
    put(scene, cart, id_product_attribute=1, id_customization=9)
    put(scene, cart, id_product=404, date_add="0000-00-00 00:00:00")
    gone, plain, large = sorted(scene.cart(cart).lines, key=lambda line: (line.added_at is not None, line.key))
    assert (plain.quantity, plain.added_at, plain.key) == (3, NOON_UTC, (1, 0, 0))
    assert (plain.product.name, plain.product.sku, plain.product.price) == ("Mug", "MUG", Decimal(11))
    assert (plain.product.brand, plain.product.category, plain.product.tags) == ("Brand", "Mugs", ("blue",))
    assert plain.product.image_url == "https://shop.example.com/img/p/2/4/24-large_default.jpg"
    assert (large.key, large.product.sku, large.product.variant) == ((1, 1, 9), "MUG-L", "Large")
    assert large.product.price == Decimal("13.5")
    assert (gone.product.product_id, gone.product.name, gone.product.price, gone.added_at) == (404, "", None, None)


def test_coupons_carry_what_their_rules_grant(scene: Scene) -> None:
    cart = scene.rows.cart()
    percent = scene.rows.add("cart_rule", code="TEN", reduction_percent=10, date_from=NOON, date_to=NOON)
    scene.rows.add("cart_rule_lang", id_cart_rule=percent, id_lang=1, name="Ten percent")
    amount = scene.rows.add("cart_rule", code="", reduction_amount=5, reduction_currency=1, free_shipping=1)
    for rule in (percent, amount, 909_090):
        scene.rows.add("cart_cart_rule", id_cart=cart, id_cart_rule=rule)
    assert scene.cart(cart).coupons == (
        Coupon(rule_id=percent, name="Ten percent", code="TEN", percent=Decimal(10)),
        Coupon(rule_id=amount, amount=Decimal(5), currency="EUR", is_shipping_free=True),
        Coupon(rule_id=909_090),
    )


def test_the_checkout_and_its_orders(scene: Scene) -> None:
    cart = scene.rows.cart(id_guest=5, delivery_option='{"8":"2,"}', checkout_session_data=json.dumps(PROGRESS))
    order = scene.rows.order(scene.rows.customer(), id_cart=cart, id_carrier=2)
    found = scene.cart(cart)
    assert found.steps == (
        CheckoutStep("personal-information", is_reachable=True, is_complete=True),
        CheckoutStep("addresses", is_reachable=True, is_complete=False),
    )
    assert (found.carrier, found.has_visitor) == ("By bicycle", True)
    assert found.orders == (CartOrder(order, NOON_UTC, "Check", "By bicycle"),)


def test_a_carrier_without_a_name_bears_the_shops(scene: Scene) -> None:
    carrier = scene.rows.add("carrier", name="0")
    assert scene.cart(scene.rows.cart(id_carrier=carrier)).carrier == "Example"
    assert scene.cart(scene.rows.cart(id_guest=0)).has_visitor is False


@pytest.mark.parametrize(
    ("text", "carrier"),
    [
        ('{"8":"2,"}', 2),
        ('{"8":"3,7,"}', 3),
        ('a:1:{i:8;s:2:"4,";}', 4),
        ("", 9),
        ("{}", 9),
        ("[1]", 9),
        ('{"8":null}', 9),
        ("{broken", 9),
    ],
)
def test_the_carrier_of_a_delivery_option(text: str, carrier: int) -> None:
    assert carrier_id(text, 9) == carrier


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '"x"', '{"checksum":"0"}', '{"checkout-payment-step":true}'])
def test_progress_that_says_nothing_has_no_steps(text: str) -> None:
    assert steps(text) == ()


def test_a_module_names_its_steps_as_it_likes() -> None:
    assert steps('{"one-page":{"step_is_reachable":1}}') == (
        CheckoutStep("one-page", is_reachable=True, is_complete=False),
    )


# ---------------------------------------------------------------- digests

Change: TypeAlias = Callable[[Scene, int], object]
SILENT: dict[str, Change] = {
    "quantity": lambda s, c: s.rows.change("cart_product", {"id_cart": c}, quantity=2),
    "line in": lambda s, c: put(s, c, id_product=2),
    "line out": lambda s, c: s.rows.run("DELETE FROM PREFIX_cart_product WHERE id_cart = %s", c),
    "line exchanged": lambda s, c: s.rows.change("cart_product", {"id_cart": c}, id_product_attribute=1),
    "coupon in": lambda s, c: s.rows.add("cart_cart_rule", id_cart=c, id_cart_rule=8),
    "coupon exchanged": lambda s, c: s.rows.change("cart_cart_rule", {"id_cart": c}, id_cart_rule=8),
    "coupon out": lambda s, c: s.rows.run("DELETE FROM PREFIX_cart_cart_rule WHERE id_cart = %s", c),
    "checkout": lambda s, c: s.rows.change("cart", {"id_cart": c}, checkout_session_data="{}"),
    "carrier": lambda s, c: s.rows.change("cart", {"id_cart": c}, delivery_option='{"8":"2,"}'),
    "login": lambda s, c: s.rows.change("cart", {"id_cart": c}, id_customer=4),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_changes_in_a_cart_without_a_stamp_changes_its_digest(scene: Scene, name: str) -> None:
    """[27], [28]"""
    cart = scene.rows.cart()
    put(scene, cart)
    scene.rows.add("cart_cart_rule", id_cart=cart, id_cart_rule=7)
    before = scene.digest("cart", cart)
    SILENT[name](scene, cart)
    assert scene.digest("cart", cart) != before


def test_a_save_or_another_address_leaves_the_digest(scene: Scene) -> None:
    cart = scene.rows.cart()
    put(scene, cart)
    before = scene.digest("cart", cart)
    scene.rows.change("cart", {"id_cart": cart}, date_upd="2024-03-04 13:00:00", id_address_delivery=3)
    scene.rows.change("cart_product", {"id_cart": cart}, id_address_delivery=3)
    assert scene.digest("cart", cart) == before


def test_a_cart_that_is_gone_has_an_empty_digest(scene: Scene) -> None:
    assert scene.digest("cart", 999_999_999) == b""
