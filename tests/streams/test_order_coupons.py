"""Coupons put on an order after it was placed, or taken off: told once each, dated by the save."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from poller.core.events import Event
from poller.core.policy import Policy
from poller.streams.orders.facts import OrderFacts, Voucher
from poller.streams.outcome import Outcome
from tests.streams.builders import CHEQUE, EVERYTHING, PAID, POLICY, look, minutes, order

WELCOME = Voucher(3, "Welcome", "WELCOME", Decimal("1.00"), Decimal("1.20"))
SORRY = Voucher(9, "Sorry", "", Decimal("2.50"), Decimal("3.00"))


def with_coupons(*vouchers: Voucher, minute: float = 0) -> OrderFacts:
    """An order that adds up, saved at that minute."""
    excluding = sum((voucher.value_tax_excl for voucher in vouchers), Decimal(0))
    including = sum((voucher.value_tax_incl for voucher in vouchers), Decimal(0))
    plain = order(PAID)
    return replace(
        plain,
        vouchers=vouchers,
        discounts_tax_excl=excluding,
        discounts_tax_incl=including,
        total_tax_incl=plain.total_tax_incl - including,
        updated_at=minutes(minute),
    )


def settled(facts: OrderFacts, memory: str | None, *, now: datetime, policy: Policy = POLICY) -> Outcome:
    """Noticed, and looked at again when it had stood."""
    noticed = look(facts, memory, now=now, policy=policy)
    return look(facts, noticed.memory, now=now + policy.settle, policy=policy)


def coupons(outcome: Outcome) -> list[Event]:
    return [event for event in outcome.events if event.name.startswith("Coupon")]


def test_what_came_with_the_order_is_the_cart_s() -> None:
    first = look(with_coupons(WELCOME), now=minutes(1))
    assert coupons(first) == []
    assert coupons(look(with_coupons(WELCOME), first.memory, now=minutes(2))) == []


def test_a_coupon_of_the_back_office_is_told_with_its_order_and_what_it_took_off() -> None:
    first = look(with_coupons(WELCOME), now=minutes(1))
    (event,) = coupons(settled(with_coupons(WELCOME, SORRY, minute=10), first.memory, now=minutes(11)))
    assert (event.name, event.fact, event.occurred_at) == ("Coupon Applied", "order/17/coupon/9/1", minutes(10))
    assert event.properties == {
        "order_id": "17",
        "cart_id": "30",
        "affiliation": "Example Shop",
        "email": "anna@example.com",
        "prestashop_customer_id_xcommerce": "4",
        "source_name": "back_office",
        "coupon_id": "9",
        "coupon_name": "Sorry",
        "discount": Decimal("2.50"),
        "currency": "EUR",
    }
    assert event.who.user_id == "4"


def test_a_coupon_waits_for_the_totals_it_changes() -> None:
    first = look(with_coupons(WELCOME), now=minutes(1))
    half = replace(with_coupons(WELCOME, minute=10), vouchers=(WELCOME, SORRY))
    noticed = look(half, first.memory, now=minutes(11))
    assert coupons(noticed) == []
    assert noticed.again == minutes(11) + POLICY.settle


def test_taken_off_and_put_on_again_are_facts_of_their_own_for_ever() -> None:
    memory, seen = look(with_coupons(), now=minutes(1)).memory, []
    for minute, vouchers in ((10, (SORRY,)), (20, ()), (30, (SORRY,))):
        outcome = settled(with_coupons(*vouchers, minute=minute), memory, now=minutes(minute + 1))
        memory, seen = outcome.memory, coupons(outcome)
    assert [(event.name, event.fact, event.occurred_at) for event in seen] == [
        ("Coupon Applied", "order/17/coupon/9/1", minutes(10)),
        ("Coupon Removed", "order/17/coupon/9/2", minutes(20)),
        ("Coupon Applied", "order/17/coupon/9/3", minutes(30)),
    ]
    assert seen[1].properties["coupon_name"] == "Sorry", "as memory kept it: the row is gone"
    assert "discount" not in seen[1].properties


def test_an_order_that_is_still_being_written_has_no_coupons_yet() -> None:
    """Its vouchers are written before its first state: what is there by then came with it."""
    unfinished = replace(with_coupons(), state_id=0, history=(), is_valid=False)
    waiting = look(unfinished, now=minutes(1))
    assert coupons(look(with_coupons(WELCOME), waiting.memory, now=minutes(2))) == []


def test_of_an_order_cancelled_line_by_line_no_coupon_is_taken_off() -> None:
    first = look(replace(with_coupons(WELCOME)), now=minutes(1))
    empty = replace(order(CHEQUE), lines=(), total_tax_incl=Decimal(0), products_tax_excl=Decimal(0))
    assert coupons(settled(replace(empty, vouchers=()), first.memory, now=minutes(9))) == []


def test_each_can_be_switched_off() -> None:
    off = replace(POLICY, disabled=POLICY.disabled | {"Coupon Applied"})
    first = look(with_coupons(), now=minutes(1), policy=off)
    second = settled(with_coupons(SORRY, minute=10), first.memory, now=minutes(11), policy=off)
    assert coupons(second) == []
    third = settled(with_coupons(minute=20), second.memory, now=minutes(21), policy=off)
    assert [event.name for event in coupons(third)] == ["Coupon Removed"]


def test_the_edit_is_an_update_of_the_order_too() -> None:
    first = look(with_coupons(), now=minutes(1), policy=EVERYTHING)
    second = settled(with_coupons(SORRY, minute=10), first.memory, now=minutes(11), policy=EVERYTHING)
    (update,) = (event for event in second.events if event.name == "Order Updated")
    assert (update.properties["changed"], update.properties["coupon"]) == ("content", "Sorry")
