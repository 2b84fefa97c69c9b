"""What is remembered of a cart: the shop keeps no history of its lines, its coupons or the steps of its checkout.

Every change is numbered here and stored before it is sent, so that its name stays the same whatever is derived again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from poller.streams.carts.facts import LineKey

Kept: TypeAlias = Mapping[str, str]
"""What is needed of a product to tell that it left the cart: the row that named it is gone by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMemory:
    """A line: how much of it was told and in how many changes; since when and in which direction it differs."""

    told: int = 0
    number: int = 0
    since: datetime | None = None
    is_more: bool = True
    product: Kept = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CouponMemory:
    """A coupon: whether it was in the cart, how many changes were told, and what it is called."""

    is_there: bool
    number: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CartMemory:
    """A cart as it was seen last; `is_closed` once it was ordered: what is edited later belongs to the order."""

    customer_id: int
    looked_at: datetime
    saved_at: datetime | None = None
    lines: Mapping[LineKey, LineMemory] = field(default_factory=dict)
    coupons: Mapping[int, CouponMemory] = field(default_factory=dict)
    reached: frozenset[str] = frozenset()
    is_closed: bool = False


def dump(memory: CartMemory) -> str:
    """As JSON, short: there are many carts."""
    body: dict[str, Any] = {"customer": memory.customer_id, "at": memory.looked_at.isoformat()}
    if memory.saved_at:
        body["saved"] = memory.saved_at.isoformat()
    if memory.lines:
        body["lines"] = {"-".join(map(str, key)): _dump_line(line) for key, line in sorted(memory.lines.items())}
    if memory.coupons:
        body["coupons"] = {
            str(key): [int(coupon.is_there), coupon.number, coupon.name]
            for key, coupon in sorted(memory.coupons.items())
        }
    if memory.reached:
        body["reached"] = sorted(memory.reached)
    if memory.is_closed:
        body["closed"] = 1
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def load(text: str) -> CartMemory:
    """The inverse of dump."""
    body = json.loads(text)
    return CartMemory(
        customer_id=body["customer"],
        looked_at=datetime.fromisoformat(body["at"]),
        saved_at=_moment(body.get("saved")),
        lines={_key(key): _load_line(line) for key, line in body.get("lines", {}).items()},
        coupons={
            int(key): CouponMemory(bool(is_there), number, name)
            for key, (is_there, number, name) in body.get("coupons", {}).items()
        },
        reached=frozenset(body.get("reached", ())),
        is_closed="closed" in body,
    )


def _dump_line(line: LineMemory) -> list[Any]:
    since = line.since.isoformat() if line.since else ""
    return [line.told, line.number, since, int(line.is_more), line.product]


def _load_line(values: list[Any]) -> LineMemory:
    told, number, since, is_more, product = values
    return LineMemory(told=told, number=number, since=_moment(since), is_more=bool(is_more), product=product)


def _key(text: str) -> LineKey:
    product, variant, customization = map(int, text.split("-"))
    return product, variant, customization


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
