"""Coupons put on an order after it was placed, or taken off it: the back office does that, and no row dates it.

What came with the order was the cart's, and is told by the cart. PrestaShop writes such a coupon into the cart too,
which is closed by then.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from poller.core.events import Event, Json
from poller.core.money import rounded
from poller.core.policy import Policy
from poller.streams.carts.described import APPLIED, CART_EVENTS, COUPON_REMOVED
from poller.streams.orders.amounts import currency_of
from poller.streams.orders.buyers import buyer
from poller.streams.orders.facts import OrderFacts
from poller.streams.orders.memory import CouponChange, KnownCoupon, OrderMemory
from poller.streams.orders.properties import BACK_OFFICE, identity, present

EVENTS = tuple(event for event in CART_EVENTS if event.name in {APPLIED, COUPON_REMOVED})
_WHOSE = ("order_id", "cart_id", "affiliation", "email", "prestashop_customer_id_xcommerce")


def has_other_coupons(order: OrderFacts, memory: OrderMemory) -> bool:
    """Whether it has other coupons than were last noted.

    Of an order that lost all its lines nothing is compared: it was cancelled line by line, and its coupons with it.
    """
    if memory.coupons is None or not order.lines:
        return False
    return {voucher.rule_id for voucher in order.vouchers} != {coupon.rule_id for coupon in memory.coupons}


def note_coupons(order: OrderFacts, memory: OrderMemory, *, at: datetime, is_settled: bool) -> OrderMemory:
    """Remember, numbered, which coupons came and went since the last look; at first sight there is nothing to compare.

    `at` is when the order's content changed; a coupon's row comes before the totals it changes, so both must settle.
    """
    now = tuple(
        KnownCoupon(voucher.rule_id, voucher.name, voucher.code, voucher.value_tax_excl) for voucher in order.vouchers
    )
    if memory.coupons is None:
        return replace(memory, coupons=now)
    if not is_settled or not has_other_coupons(order, memory):
        return memory
    there, before = ({coupon.rule_id: coupon for coupon in some} for some in (now, memory.coupons))
    changes = memory.coupon_changes
    for rule_id in sorted({*there} ^ {*before}):
        coupon = there.get(rule_id) or before[rule_id]
        changes += (CouponChange(len(changes) + 1, coupon, rule_id in there, at),)
    return replace(memory, coupons=now, coupon_changes=changes)


def coupon_events(order: OrderFacts, memory: OrderMemory, policy: Policy) -> Iterator[Event]:
    """Coupon Applied and Coupon Removed, as the cart tells them, with the order they are on."""
    currency = currency_of(order)
    whose = {name: value for name, value in identity(order).items() if name in _WHOSE}
    for change in memory.coupon_changes:
        name, coupon = APPLIED if change.is_applied else COUPON_REMOVED, change.coupon
        if name in policy.disabled:
            continue
        amount = rounded(coupon.amount, currency.digits)
        told: dict[str, Json | None] = {
            "source_name": BACK_OFFICE,
            "coupon_id": str(coupon.rule_id),
            "coupon_name": coupon.name or coupon.code,
        }
        if change.is_applied:
            told |= {"coupon": coupon.code}
            told |= {"discount": amount, "currency": currency.iso} if amount else {}
        yield Event(
            fact=f"order/{order.order_id}/coupon/{coupon.rule_id}/{change.number}",
            call="track",
            name=name,
            thing="order",
            key=order.order_id,
            occurred_at=change.at,
            who=buyer(order, policy),
            properties=whose | present(told),
            shop_id=order.shop.shop_id,
        )
