"""Carts: what comes in and goes out, the checkout's steps, and the login that ties an anonymous cart to a customer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from poller.core.policy import UserId
from poller.streams.carts import memory as memories
from poller.streams.carts.derive import FORGET_AFTER, derive
from poller.streams.carts.facts import CartFacts, CartLine, CartOrder, CheckoutStep, Coupon, Product
from poller.streams.outcome import Outcome
from tests.streams.builders import ANNA, LATER, NOON, POLICY, SHOP, minutes

SECOND = timedelta(seconds=1)
CUP = Product(
    product_id=11,
    name="Cup",
    sku="C-11",
    brand="Brand",
    category="Cups",
    price=Decimal("10.00"),
    url="https://shop.example.com/index.php?controller=product&id_product=11",
)
RED_BOWL = Product(product_id=12, variant_id=7, name="Bowl", variant="Red", price=Decimal("12.345"))
ANONYMOUS = CartFacts(cart_id=30, shop=SHOP, added_at=NOON, updated_at=NOON)
SIGNED_IN = replace(ANONYMOUS, customer_id=4, customer=ANNA, updated_at=minutes(5))
ORDER = CartOrder(17, minutes(6), "Bank transfer", "Carrier")
WELCOME = Coupon(rule_id=5, name="Welcome", code="HELLO", percent=Decimal(10))


def line(product: Product = CUP, quantity: int = 1, at: datetime | None = NOON, customization: int = 0) -> CartLine:
    return CartLine(product=product, customization_id=customization, quantity=quantity, added_at=at)


def steps(*reached: str) -> tuple[CheckoutStep, ...]:
    """PrestaShop's four steps: complete up to the last that is named, which is only reachable."""
    names = ("personal-information", "addresses", "delivery", "payment")
    return tuple(CheckoutStep(name, name in reached, name in reached[:-1]) for name in names)


class Watched:
    """A cart that is looked at again and again, its memory kept from look to look."""

    def __init__(self) -> None:
        self.memory: str | None = None
        self.outcome = Outcome()

    def look(self, cart: CartFacts, at: datetime) -> list[tuple[str, Any, datetime]]:
        self.outcome = derive(at, cart, self.memory, policy=POLICY)
        self.memory = self.outcome.memory
        return [(e.name, e.properties.get("quantity"), e.occurred_at) for e in self.outcome.events]


def names(outcome: Outcome) -> list[str]:
    return [event.name for event in outcome.events]


def facts(outcome: Outcome) -> list[str]:
    return [event.fact for event in outcome.events]


# ---------------------------------------------------------------- products


def test_a_line_is_told_once_with_its_own_date() -> None:
    cart = replace(ANONYMOUS, lines=(line(quantity=2, at=minutes(1)),), updated_at=minutes(1))
    watched = Watched()
    assert watched.look(cart, minutes(2)) == [("Product Added", 2, minutes(1))]
    (event,) = watched.outcome.events
    assert event.fact == "cart/30/line/11-0-0/1"
    assert event.properties == {
        "cart_id": "30",
        "affiliation": "Example Shop",
        "source_name": "web",
        "product_id": "11",
        "prestashop_product_id": "11",
        "sku": "C-11",
        "name": "Cup",
        "variant": "11",
        "brand": "Brand",
        "category": "Cups",
        "price": Decimal("10.00"),
        "price_basis": "catalogue",
        "currency": "EUR",
        "quantity": 2,
        "value": Decimal("20.00"),
        "url": CUP.url,
        "position": 1,
    }
    assert (event.who.user_id, event.who.customer_id) == (None, None)
    assert watched.look(cart, minutes(3)) == []


def test_more_and_less_of_it_are_told_by_the_difference_with_numbers_of_their_own() -> None:
    watched = Watched()
    watched.look(replace(ANONYMOUS, lines=(line(quantity=2),)), minutes(1))
    more = replace(ANONYMOUS, lines=(line(quantity=5),), updated_at=minutes(2))
    assert watched.look(more, minutes(2)) == []
    assert watched.outcome.again == minutes(2) + timedelta(seconds=10)
    assert watched.look(more, minutes(3)) == [("Product Added", 3, minutes(2))]
    assert facts(watched.outcome) == ["cart/30/line/11-0-0/2"]
    less = replace(ANONYMOUS, lines=(line(quantity=4),), updated_at=minutes(2))
    watched.look(less, minutes(4))
    assert watched.look(less, minutes(5)) == [("Product Removed", 1, minutes(4))], "no stamp: as noticed"
    assert facts(watched.outcome) == ["cart/30/line/11-0-0/3"]


def test_a_line_that_left_is_told_as_it_was() -> None:
    watched = Watched()
    watched.look(replace(ANONYMOUS, lines=(line(RED_BOWL, 3),)), minutes(1))
    empty = replace(ANONYMOUS, updated_at=minutes(2))
    watched.look(empty, minutes(2))
    assert watched.look(empty, minutes(3)) == [("Product Removed", 3, minutes(2))]
    (event,) = watched.outcome.events
    assert event.properties["product_id"] == "12"
    assert event.properties["variant"] == "Red"
    assert event.properties["value"] == Decimal("37.05"), "3 x 12.35: the price that was told, times the quantity"
    assert "position" not in event.properties


def test_it_comes_back_under_a_number_of_its_own() -> None:
    watched = Watched()
    full, empty = replace(ANONYMOUS, lines=(line(),)), replace(ANONYMOUS, updated_at=minutes(2))
    watched.look(full, minutes(1))
    watched.look(empty, minutes(2))
    watched.look(empty, minutes(3))
    again = replace(full, lines=(line(at=minutes(4)),), updated_at=minutes(4))
    assert watched.look(again, minutes(5)) == [("Product Added", 1, minutes(4))]
    assert facts(watched.outcome) == ["cart/30/line/11-0-0/3"]


def test_a_line_that_lived_less_than_cart_settle_is_not_told() -> None:
    watched = Watched()
    start = NOON + 3 * SECOND
    watched.look(ANONYMOUS, start)
    assert watched.look(replace(ANONYMOUS, lines=(line(at=start),), updated_at=start), start + SECOND) == []
    assert watched.look(replace(ANONYMOUS, updated_at=start + 5 * SECOND), start + 6 * SECOND) == []
    assert watched.look(replace(ANONYMOUS, updated_at=start + 5 * SECOND), minutes(9)) == []


def test_a_line_that_changed_before_it_was_told_is_told_once_as_it_is() -> None:
    """It has lived longer than `cart_settle`, though no quantity of it stood so long."""
    watched = Watched()
    watched.look(replace(ANONYMOUS, lines=(line(quantity=1),)), NOON + SECOND)
    more = replace(ANONYMOUS, lines=(line(quantity=4),), updated_at=NOON + 8 * SECOND)
    assert watched.look(more, NOON + 8 * SECOND) == []
    assert watched.look(more, NOON + 10 * SECOND) == [("Product Added", 4, NOON)]


def test_another_address_or_a_second_row_for_one_does_not_make_another_line() -> None:
    """[31] The row's key holds the address, which changes at checkout."""
    watched = Watched()
    watched.look(replace(ANONYMOUS, lines=(line(quantity=3),)), minutes(1))
    split = replace(ANONYMOUS, lines=(line(quantity=1), line(quantity=2)), updated_at=minutes(2))
    watched.look(split, minutes(2))
    assert watched.look(split, minutes(3)) == []


def test_customizations_are_lines_of_their_own() -> None:
    watched = Watched()
    cart = replace(ANONYMOUS, lines=(line(), line(customization=8)))
    watched.look(cart, minutes(1))
    assert facts(watched.outcome) == ["cart/30/line/11-0-0/1", "cart/30/line/11-0-8/1"]


def test_a_date_that_cannot_be_of_this_change_is_not_believed() -> None:
    """[31] Written by the database's clock, hours off (the webservice); or the first add's, when more is added."""
    watched = Watched()
    watched.look(replace(ANONYMOUS, lines=(line(),)), minutes(1))
    odd = replace(ANONYMOUS, lines=(line(), line(RED_BOWL, at=minutes(-60))), updated_at=minutes(2))
    assert watched.look(odd, minutes(3)) == [("Product Added", 1, minutes(2))]
    late = replace(odd, lines=(*odd.lines, line(replace(CUP, product_id=13), at=minutes(90))), updated_at=minutes(4))
    watched.look(late, minutes(4))
    assert watched.look(late, minutes(5)) == [("Product Added", 1, minutes(4))]


def test_what_was_there_before_anybody_looked_is_as_old_as_its_rows() -> None:
    """A cart first seen when it is saved: its lines are not new. A reordered cart is old, and its lines are not."""
    old = replace(ANONYMOUS, added_at=minutes(-9_000), updated_at=NOON)
    looked = Watched().look(replace(old, lines=(line(at=minutes(-9_000)), line(RED_BOWL, at=NOON))), minutes(1))
    assert looked == [("Product Added", 1, minutes(-9_000)), ("Product Added", 1, NOON)]
    undated = Watched().look(replace(old, lines=(line(at=None),), coupons=(WELCOME,), steps=steps("addresses")), LATER)
    assert {at for _, _, at in undated} == {minutes(-9_000)}


def test_a_cart_is_looked_at_again_after_its_stamp() -> None:
    """The cart is stamped before its line is written."""
    watched = Watched()
    watched.look(replace(ANONYMOUS, updated_at=minutes(1)), minutes(1) + SECOND)
    assert watched.outcome.again == minutes(1) + POLICY.settle
    watched.look(replace(ANONYMOUS, updated_at=minutes(1)), minutes(1) + POLICY.settle)
    assert watched.outcome.again == minutes(1) + FORGET_AFTER


def test_a_shop_clock_that_is_ahead_still_leads_to_an_end() -> None:
    watched = Watched()
    ahead = replace(ANONYMOUS, lines=(line(at=minutes(2)),), updated_at=minutes(2))
    watched.look(ahead, NOON)
    assert watched.outcome.again == NOON + timedelta(seconds=10)
    assert watched.look(ahead, NOON + timedelta(seconds=10)) == [("Product Added", 1, NOON)]


# ---------------------------------------------------------------- coupons


def test_coupons_come_and_go() -> None:
    watched = Watched()
    watched.look(ANONYMOUS, minutes(1))
    with_coupon = replace(ANONYMOUS, coupons=(WELCOME,))
    assert watched.look(with_coupon, minutes(2)) == [("Coupon Applied", None, minutes(2))]
    (event,) = watched.outcome.events
    assert event.properties == {
        "cart_id": "30",
        "affiliation": "Example Shop",
        "source_name": "web",
        "coupon_id": "5",
        "coupon_name": "Welcome",
        "coupon": "HELLO",
        "discount_percent": Decimal("10.00"),
    }
    assert watched.look(with_coupon, minutes(3)) == []
    assert watched.look(ANONYMOUS, minutes(4)) == [("Coupon Removed", None, minutes(4))]
    assert watched.outcome.events[0].properties["coupon_name"] == "Welcome"
    watched.look(with_coupon, minutes(5))
    assert facts(watched.outcome) == ["cart/30/coupon/5/3"]


def test_a_rule_that_grants_an_amount_says_so_in_its_currency() -> None:
    five = Coupon(rule_id=6, name="Five off", amount=Decimal(5), currency="EUR", is_shipping_free=True)
    (event,) = derive(LATER, replace(ANONYMOUS, coupons=(five,)), None, policy=POLICY).events
    told = {name: event.properties[name] for name in ("discount", "currency", "free_shipping")}
    assert told == {"discount": Decimal("5.00"), "currency": "EUR", "free_shipping": True}


# ---------------------------------------------------------------- checkout


def checkout(watched: Watched, cart: CartFacts, at: datetime) -> list[tuple[str, Any]]:
    watched.look(cart, at)
    events = [event for event in watched.outcome.events if not event.name.startswith("Product")]
    return [(event.name, event.properties.get("step")) for event in events]


def test_a_checkout_is_told_step_by_step_and_ends_with_the_order() -> None:
    watched = Watched()
    cart = replace(SIGNED_IN, lines=(line(quantity=2),), carrier="Carrier")
    assert checkout(watched, cart, minutes(1)) == []
    first = ("personal-information", "addresses")
    assert checkout(watched, replace(cart, steps=steps(*first)), minutes(2)) == [
        ("Checkout Started", None),
        ("Checkout Step Viewed", 1),
        ("Checkout Step Completed", 1),
        ("Checkout Step Viewed", 2),
    ]
    assert watched.outcome.events[0].properties["value"] == Decimal("20.00")
    assert watched.outcome.events[0].properties["checkout_id"] == "30"
    assert checkout(watched, replace(cart, steps=steps("personal-information")), minutes(3)) == [], "back again"
    last = replace(cart, steps=steps(*first, "delivery", "payment"))
    assert checkout(watched, last, minutes(4)) == [
        ("Checkout Step Completed", 2),
        ("Checkout Step Viewed", 3),
        ("Checkout Step Completed", 3),
        ("Checkout Step Viewed", 4),
    ]
    assert [event.properties.get("shipping_method") for event in watched.outcome.events] == [
        None,
        "Carrier",
        "Carrier",
        "Carrier",
    ]
    assert checkout(watched, replace(last, orders=(ORDER,)), minutes(7)) == [
        ("Checkout Step Completed", 4),
        ("Payment Info Entered", 4),
    ]
    paid = watched.outcome.events[-1]
    assert (paid.occurred_at, paid.properties["order_id"], paid.properties["payment_method"]) == (
        minutes(6),
        "17",
        "Bank transfer",
    )
    assert len(set(facts(watched.outcome))) == 2


def test_a_checkout_on_one_page_is_proven_by_the_order() -> None:
    cart = replace(SIGNED_IN, lines=(line(),), orders=(ORDER,))
    outcome = derive(minutes(8), cart, None, policy=POLICY)
    assert names(outcome) == ["Product Added", "Checkout Started", "Payment Info Entered"]
    assert [event.occurred_at for event in outcome.events] == [NOON, minutes(6), minutes(6)]
    assert "step" not in outcome.events[-1].properties


def test_an_empty_cart_has_no_checkout() -> None:
    assert derive(LATER, replace(ANONYMOUS, steps=steps("addresses")), None, policy=POLICY).events == ()


def test_steps_of_a_module_count_from_their_place() -> None:
    own = (CheckoutStep("all-in-one", is_reachable=True, is_complete=False),)
    outcome = derive(minutes(1), replace(ANONYMOUS, lines=(line(),), steps=own), None, policy=POLICY)
    told = [(e.name, e.properties["step"], e.properties["step_name"]) for e in outcome.events[2:]]
    assert told == [("Checkout Step Viewed", 1, "all-in-one")]


# ---------------------------------------------------------------- the order closes the cart


def test_the_last_look_tells_what_was_bought_and_nothing_that_was_edited_later() -> None:
    """[30] Editing an order edits its old cart."""
    watched = Watched()
    start = NOON + SECOND
    watched.look(replace(SIGNED_IN, lines=(line(),)), start)
    bought = (line(), line(RED_BOWL, at=minutes(5.9)), line(replace(CUP, product_id=13), at=minutes(6.5)))
    ordered = replace(SIGNED_IN, lines=bought, orders=(ORDER,), updated_at=minutes(6.5))
    told = watched.look(ordered, minutes(6.6))
    assert [fact for fact in told if fact[0] == "Product Added"] == [
        ("Product Added", 1, NOON),
        ("Product Added", 1, minutes(5.9)),
    ]
    edited = replace(ordered, lines=(line(quantity=9),), coupons=(WELCOME,), updated_at=minutes(99))
    assert watched.look(edited, LATER) == []
    assert watched.outcome.again is None
    assert watched.memory
    assert len(watched.memory) < 120


def test_nothing_is_dated_after_the_order() -> None:
    ordered = replace(SIGNED_IN, lines=(line(at=None),), coupons=(WELCOME,), orders=(ORDER,), updated_at=minutes(50))
    assert {at for _, _, at in Watched().look(ordered, LATER)} <= {NOON, minutes(6)}


# ---------------------------------------------------------------- who


def test_a_login_ties_the_cart_to_the_customer_once_with_both_ids() -> None:
    first = derive(minutes(1), ANONYMOUS, None, policy=POLICY)
    assert first.events == ()
    second = derive(minutes(6), SIGNED_IN, first.memory, policy=POLICY)
    (event,) = second.events
    assert (event.call, event.occurred_at, event.who.user_id) == ("identify", minutes(5), "4")
    assert event.who.anonymous_id
    assert derive(minutes(7), SIGNED_IN, second.memory, policy=POLICY).events == ()


def test_a_cart_that_always_had_its_customer_ties_nobody() -> None:
    assert derive(LATER, SIGNED_IN, None, policy=POLICY).events == ()


@pytest.mark.parametrize(
    "customer",
    [None, replace(ANNA, is_deleted=True), replace(ANNA, is_erased=True), replace(ANNA, is_house_account=True)],
)
def test_nothing_is_told_of_a_customer_who_is_gone_or_internal(customer: Any) -> None:
    cart = replace(SIGNED_IN, customer=customer, lines=(line(),), coupons=(WELCOME,), orders=(ORDER,))
    first = derive(minutes(1), ANONYMOUS, None, policy=POLICY)
    assert derive(LATER, cart, first.memory, policy=POLICY).events == ()


def test_a_cart_keeps_its_anonymous_id_when_it_gets_a_customer() -> None:
    before = derive(LATER, replace(ANONYMOUS, lines=(line(),)), None, policy=POLICY).events[0].who
    after = derive(LATER, replace(SIGNED_IN, lines=(line(),)), None, policy=POLICY).events[0].who
    assert before.anonymous_id == after.anonymous_id
    assert (before.user_id, after.user_id) == (None, "4")


def test_without_user_ids_the_anonymous_id_is_enough() -> None:
    policy = replace(POLICY, user_id=UserId(source="anonymous"))
    (event,) = derive(LATER, replace(SIGNED_IN, lines=(line(),)), None, policy=policy).events
    assert (event.who.user_id, event.who.customer_id) == (None, 4)


def test_what_is_switched_off_is_not_told_and_not_told_later() -> None:
    cart = replace(ANONYMOUS, lines=(line(),), coupons=(WELCOME,))
    quiet = derive(LATER, cart, None, policy=replace(POLICY, disabled=frozenset({"Product Added"})))
    assert names(quiet) == ["Coupon Applied"]
    assert derive(LATER, cart, quiet.memory, policy=POLICY).events == ()


def test_a_cart_of_an_employee_says_so() -> None:
    cart = replace(SIGNED_IN, has_visitor=False, lines=(line(),))
    assert derive(LATER, cart, None, policy=POLICY).events[0].properties["source_name"] == "back_office"


# ---------------------------------------------------------------- memory


def test_a_cart_nobody_came_back_to_is_forgotten() -> None:
    watched = Watched()
    watched.look(replace(ANONYMOUS, lines=(line(),)), minutes(1))
    assert watched.outcome.again == NOON + FORGET_AFTER
    assert watched.look(replace(ANONYMOUS, lines=(line(),)), NOON + FORGET_AFTER) == []
    assert watched.outcome == Outcome(is_forgotten=True)


def test_a_forgotten_cart_that_comes_back_tells_its_lines_under_their_old_names() -> None:
    """The ledger knows those; what is new in it is told."""
    cart = replace(ANONYMOUS, lines=(line(),))
    first = derive(minutes(1), cart, None, policy=POLICY)
    back = replace(cart, lines=(line(), line(RED_BOWL, at=minutes(60_000))), updated_at=minutes(60_000))
    assert facts(derive(minutes(60_001), back, "", policy=POLICY)) == [*facts(first), "cart/30/line/12-7-0/1"]


def cases() -> Sequence[CartFacts]:
    full = replace(
        SIGNED_IN, lines=(line(), line(RED_BOWL, 2)), coupons=(WELCOME,), steps=steps("addresses", "delivery")
    )
    return ANONYMOUS, full, replace(full, orders=(ORDER,))


@pytest.mark.parametrize("cart", cases(), ids=["empty", "full", "ordered"])
def test_memory_survives_its_text(cart: CartFacts) -> None:
    text = derive(NOON + SECOND, cart, None, policy=POLICY).memory
    assert memories.dump(memories.load(text)) == text


@pytest.mark.parametrize("cart", cases(), ids=["empty", "full", "ordered"])
def test_the_same_look_says_the_same(cart: CartFacts) -> None:
    assert derive(LATER, cart, None, policy=POLICY) == derive(LATER, cart, None, policy=POLICY)
