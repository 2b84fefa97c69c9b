"""Wishlists: what is put on a list, taken off, and put from it into a cart."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from poller.core.policy import UserId
from poller.streams.customers import CustomerFacts
from poller.streams.outcome import Outcome
from poller.streams.wishlists import ItemFacts, PickFacts, derive_item, derive_pick, gone_item, gone_pick
from tests.streams.builders import ANNA, LATER, NOON, POLICY, SHOP, minutes
from tests.streams.test_carts import RED_BOWL

ITEM = ItemFacts(
    item_id=2,
    wishlist_id=1,
    wishlist_name="Birthday",
    shop=SHOP,
    customer_id=4,
    customer=ANNA,
    product=RED_BOWL,
    quantity=2,
    added_at=NOON,
)
PICK = PickFacts(note_id=9, cart_id=0, shop=SHOP, customer_id=0, customer=None, product=RED_BOWL, noted_at=NOON)
PICKED = replace(PICK, cart_id=30, customer_id=4, customer=ANNA, wishlist_id=1, wishlist_name="Birthday")
TEN = timedelta(seconds=10)
ONE = minutes(1)


def settled(facts: ItemFacts = ITEM, *, at: datetime = ONE) -> Outcome:
    """The look at which a row has stood long enough."""
    first = derive_item(at - TEN, facts, None, policy=POLICY)
    assert (first.events, first.again) == ((), at)
    return derive_item(at, facts, first.memory, policy=POLICY)


def test_a_product_on_a_list_is_told_once_it_has_stood_there() -> None:
    outcome = settled()
    (event,) = outcome.events
    assert (event.name, event.fact, event.occurred_at) == (
        "Product Added to Wishlist",
        "wishlist-item/2/added",
        NOON,
    )
    assert event.properties["wishlist_id"] == "1"
    assert event.properties["wishlist_name"] == "Birthday"
    assert [event.properties[name] for name in ("product_id", "variant", "quantity")] == ["12", "Red", 2]
    assert (event.who.user_id, event.who.customer_id) == ("4", 4)
    again = derive_item(LATER, replace(ITEM, quantity=5), outcome.memory, policy=POLICY)
    assert [(e.fact, e.occurred_at) for e in again.events] == [(event.fact, NOON)], "the same fact, known by its name"


def test_what_was_taken_off_is_told_as_it_was() -> None:
    kept = settled().memory
    outcome = gone_item(minutes(3), 2, kept, policy=POLICY)
    (event,) = outcome.events
    assert (event.name, event.fact, event.occurred_at) == (
        "Product Removed from Wishlist",
        "wishlist-item/2/removed",
        minutes(3),
    )
    assert event.properties == settled().events[0].properties
    assert isinstance(event.properties["price"], Decimal)
    assert (event.who.user_id, event.who.customer_id, event.who.traits) == ("4", 4, {})
    assert outcome.is_forgotten
    assert "anna" not in kept, "nothing of the person is kept but their id"


def test_what_stood_there_only_for_a_moment_is_not_told() -> None:
    first = derive_item(NOON, ITEM, None, policy=POLICY)
    assert gone_item(minutes(1), 2, first.memory, policy=POLICY) == Outcome(is_forgotten=True)
    assert gone_item(minutes(1), 2, None, policy=POLICY) == Outcome(is_forgotten=True)


@pytest.mark.parametrize("customer", [None, replace(ANNA, is_deleted=True), replace(ANNA, is_house_account=True)])
def test_nothing_is_told_or_kept_of_a_customer_who_is_gone_or_internal(customer: CustomerFacts | None) -> None:
    item, pick = replace(ITEM, customer=customer), replace(PICKED, customer=customer)
    assert derive_item(LATER, item, None, policy=POLICY) == Outcome()
    assert derive_pick(LATER, pick, None, policy=POLICY).events == ()


def test_without_user_ids_the_list_has_an_anonymous_one() -> None:
    anonymous = replace(POLICY, user_id=UserId(source="anonymous"))
    first = derive_item(NOON, ITEM, None, policy=anonymous)
    told = derive_item(LATER, ITEM, first.memory, policy=anonymous)
    left = gone_item(LATER, 2, told.memory, policy=anonymous)
    assert told.events[0].who.user_id is left.events[0].who.user_id is None
    assert told.events[0].who.anonymous_id == left.events[0].who.anonymous_id


def test_a_pick_is_told_when_its_cart_is_noticed() -> None:
    before = derive_pick(minutes(1), PICK, None, policy=POLICY)
    assert before.events == ()
    outcome = derive_pick(minutes(2), PICKED, before.memory, policy=POLICY)
    (event,) = outcome.events
    assert (event.name, event.fact, event.occurred_at) == (
        "Wishlist Product Added to Cart",
        "wishlist-note/9/cart/30",
        minutes(2),
    )
    assert (event.properties["cart_id"], event.properties["wishlist_id"]) == ("30", "1")
    again = derive_pick(minutes(9), PICKED, outcome.memory, policy=POLICY)
    assert [(e.fact, e.occurred_at) for e in again.events] == [(event.fact, minutes(2))]


def test_an_old_pick_is_as_old_as_its_note() -> None:
    (event,) = derive_pick(LATER, PICKED, None, policy=POLICY).events
    assert event.occurred_at == NOON


def test_a_note_that_is_gone_says_nothing() -> None:
    assert gone_pick(LATER, 9, "{}", policy=POLICY) == Outcome(is_forgotten=True)


def test_what_is_switched_off_is_not_told() -> None:
    quiet = replace(
        POLICY,
        disabled=frozenset(
            {"Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart"}
        ),
    )
    assert derive_item(LATER, ITEM, settled().memory, policy=quiet).events == ()
    assert gone_item(LATER, 2, settled().memory, policy=quiet).events == ()
    assert derive_pick(LATER, PICKED, None, policy=quiet).events == ()
