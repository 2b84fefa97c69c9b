"""Carts: the login that ties an anonymous cart to a customer."""

from dataclasses import replace

from poller.streams.carts import CartFacts, derive
from tests.streams.builders import ANNA, LATER, NOON, POLICY, minutes

ANONYMOUS = CartFacts(cart_id=30, shop_id=1, customer_id=0, customer=None, order_ids=(), added_at=NOON, updated_at=NOON)
SIGNED_IN = replace(ANONYMOUS, customer_id=4, customer=ANNA, updated_at=minutes(5))


def test_a_login_ties_the_cart_to_the_customer_once_with_both_ids() -> None:
    first = derive(LATER, ANONYMOUS, None, policy=POLICY)
    assert first.events == ()
    second = derive(LATER, SIGNED_IN, first.memory, policy=POLICY)
    (event,) = second.events
    assert (event.call, event.occurred_at, event.who.user_id) == ("identify", minutes(5), "4")
    assert event.who.anonymous_id
    assert derive(LATER, SIGNED_IN, second.memory, policy=POLICY).events == ()


def test_a_cart_that_always_had_its_customer_ties_nobody() -> None:
    assert derive(LATER, SIGNED_IN, None, policy=POLICY).events == ()


def test_a_cart_saved_after_its_order_says_nothing_new() -> None:
    """[30] Editing an order edits its old cart."""
    ordered = derive(LATER, replace(SIGNED_IN, order_ids=(17,)), None, policy=POLICY)
    edited = replace(SIGNED_IN, order_ids=(17, 18), updated_at=minutes(99))
    assert derive(LATER, edited, ordered.memory, policy=POLICY).events == ()


def test_a_deleted_customer_is_not_tied() -> None:
    first = derive(LATER, ANONYMOUS, None, policy=POLICY)
    deleted = replace(SIGNED_IN, customer=replace(ANNA, is_deleted=True))
    assert derive(LATER, deleted, first.memory, policy=POLICY).events == ()
