"""What is remembered of an order: states nobody recorded, refunds nobody dated, and lines before they were deleted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class SilentState:
    """A state the order was given without a history row; `after` is the newest history id at that time."""

    number: int
    state_id: int
    at: datetime
    after: int


@dataclass(frozen=True, slots=True)
class SilentRefund:
    """A refund that only the lines' counters show: no slip, no date; dated when it was noticed."""

    number: int
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class NumberedUpdate:
    """A change that no row records: `what` is `content` or `tracking_number`."""

    number: int
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownCoupon:
    """A discount on the order (`order_cart_rule`) as it was last seen; `amount` is without tax."""

    rule_id: int
    name: str
    code: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CouponChange:
    """A coupon that was put on the order, or taken off it, after it was placed: the `number`-th change of the order."""

    number: int
    coupon: KnownCoupon
    is_applied: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderMemory:
    """An order's memory.

    `fingerprint` is of the facts at the last look, `changed_at` when they last changed (the database's clock).
    `snapshot` are the properties of the order while it had lines, kept until it is paid or cancelled: the back office
    deletes lines and zeroes totals when the last line of an unpaid order is cancelled.
    `total` is what was to be paid at the last look, and `was` what it had been before: the shop keeps no versions, and
    the audit must know an order that was changed after it was told from one that was told wrongly. `looked_at` is
    when it was seen as it is now, `looked_before` when it was last seen as it was before: what nobody recorded happened
    after that, and an older stamp of the order's does not date it. `content` (a digest) and `tracking` are what Order
    Updated compares with; `updates` what it found. `coupons` are those of the last look, None if nobody looked yet, and
    `coupon_changes` how they changed since the first.
    """

    fingerprint: str
    changed_at: datetime
    silent_states: tuple[SilentState, ...] = ()
    silent_refunds: tuple[SilentRefund, ...] = ()
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    is_waiting: bool = False
    total: Decimal | None = None
    was: tuple[Decimal, ...] = ()
    looked_at: datetime | None = None
    looked_before: datetime | None = None
    content: str = ""
    tracking: str = ""
    updates: tuple[NumberedUpdate, ...] = ()
    coupons: tuple[KnownCoupon, ...] | None = None
    coupon_changes: tuple[CouponChange, ...] = ()


def unremarkable(at: datetime) -> str:
    """The memory of an order that was seen at that time with nothing in it that no record tells of."""
    return dump(OrderMemory("", at, looked_at=at))


def dump(memory: OrderMemory) -> str:
    """The memory as compact JSON."""
    body: dict[str, Any] = {"fp": memory.fingerprint, "changed": memory.changed_at.isoformat()}
    if memory.silent_states:
        body["states"] = [[s.number, s.state_id, s.at.isoformat(), s.after] for s in memory.silent_states]
    if memory.silent_refunds:
        body["refunds"] = [[r.number, str(r.amount), r.at.isoformat()] for r in memory.silent_refunds]
    if memory.snapshot:
        body["snapshot"] = memory.snapshot
    if memory.is_waiting:
        body["waiting"] = True
    if memory.total is not None:
        body["total"] = str(memory.total)
    if memory.was:
        body["was"] = [str(total) for total in memory.was]
    if memory.looked_at:
        body["looked"] = memory.looked_at.timestamp()
    if memory.looked_before:
        body["before"] = memory.looked_before.timestamp()
    body |= _of_updates(memory) | _of_coupons(memory)
    return json.dumps(body, separators=(",", ":"), default=float, ensure_ascii=False)


def _of_updates(memory: OrderMemory) -> dict[str, Any]:
    body: dict[str, Any] = {"content": memory.content, "tracking": memory.tracking} if memory.content else {}
    if memory.updates:
        body["updates"] = [[u.number, u.what, u.at.isoformat()] for u in memory.updates]
    return body


def _of_coupons(memory: OrderMemory) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if memory.coupons is not None:
        body["coupons"] = [_dump_coupon(coupon) for coupon in memory.coupons]
    if memory.coupon_changes:
        body["couponed"] = [
            [c.number, _dump_coupon(c.coupon), int(c.is_applied), c.at.isoformat()] for c in memory.coupon_changes
        ]
    return body


def _dump_coupon(coupon: KnownCoupon) -> list[Any]:
    return [coupon.rule_id, coupon.name, coupon.code, str(coupon.amount)]


def _load_coupon(rule_id: int, name: str, code: str, amount: str) -> KnownCoupon:
    return KnownCoupon(rule_id, name, code, Decimal(amount))


def load(text: str) -> OrderMemory:
    """The inverse of dump."""
    body = json.loads(text, parse_float=Decimal)
    return OrderMemory(
        fingerprint=body["fp"],
        changed_at=datetime.fromisoformat(body["changed"]),
        silent_states=tuple(
            SilentState(number, state, datetime.fromisoformat(at), after)
            for number, state, at, after in body.get("states", ())
        ),
        silent_refunds=tuple(
            SilentRefund(number, Decimal(amount), datetime.fromisoformat(at))
            for number, amount, at in body.get("refunds", ())
        ),
        snapshot=body.get("snapshot", {}),
        is_waiting=body.get("waiting", False),
        total=Decimal(body["total"]) if "total" in body else None,
        was=tuple(Decimal(total) for total in body.get("was", ())),
        looked_at=_moment(body.get("looked")),
        looked_before=_moment(body.get("before")),
        content=body.get("content", ""),
        tracking=body.get("tracking", ""),
        updates=tuple(
            NumberedUpdate(number, what, datetime.fromisoformat(at)) for number, what, at in body.get("updates", ())
        ),
        coupons=tuple(_load_coupon(*one) for one in body["coupons"]) if "coupons" in body else None,
        coupon_changes=tuple(
            CouponChange(number, _load_coupon(*coupon), bool(is_applied), datetime.fromisoformat(at))
            for number, coupon, is_applied, at in body.get("couponed", ())
        ),
    )


def _moment(seconds: Decimal | int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
