"""Coupons put into a cart and taken out: rows without any date, against what was there before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from poller.streams.carts.dating import Dates
from poller.streams.carts.facts import Coupon
from poller.streams.carts.memory import CouponMemory


@dataclass(frozen=True, slots=True)
class CouponChange:
    """A coupon that came, or went (`coupon` then holds only what memory kept): its `number`-th change in this cart."""

    coupon: Coupon
    number: int
    is_applied: bool
    at: datetime


def compare(dates: Dates, before: Mapping[int, CouponMemory]) -> tuple[dict[int, CouponMemory], list[CouponChange]]:
    """The coupons' new memory, and the changes."""
    present = {coupon.rule_id: coupon for coupon in dates.cart.coupons}
    after: dict[int, CouponMemory] = {}
    changes: list[CouponChange] = []
    for key in sorted({*present, *before}):
        old = before.get(key, CouponMemory(is_there=False, number=0))
        coupon = present.get(key) or Coupon(rule_id=key, name=old.name)
        is_there = key in present
        number = old.number + (is_there != old.is_there)
        if number != old.number:
            changes.append(CouponChange(coupon, number, is_there, dates.noticed()))
        after[key] = CouponMemory(is_there, number, coupon.name)
    return after, changes
