"""What was given back: each credit slip as issued, what only the counters show, and the remainder.

A slip is sent to the cent even where the slips together exceed the order (PrestaShop does that with vouchers), then
flagged; what the poller infers never goes below zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from poller.core.events import Json
from poller.core.money import ZERO, rounded, tolerance
from poller.streams.orders.amounts import Amounts, currency_of, order_amounts, share_of, slip_amounts
from poller.streams.orders.facts import OrderFacts, Slip
from poller.streams.orders.lifetime import AsOf
from poller.streams.orders.memory import SilentRefund
from poller.streams.orders.products import refunded_products
from poller.streams.orders.properties import remaining_products
from poller.streams.orders.transitions import Transition, entered


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One refund to be told. `name` is unique within the order; `before` is what was given back earlier."""

    name: str
    at: datetime
    amounts: Amounts
    before: Decimal
    reason: str
    point: AsOf
    properties: Mapping[str, Json]


def refunds(order: OrderFacts, seen: tuple[Transition, ...], silent: tuple[SilentRefund, ...]) -> Iterator[Refund]:
    """All refunds of the order in the order in which they happened."""
    whole = order_amounts(order, currency_of(order).digits)
    told = ZERO
    quantities: dict[int, int] = {}
    for at, _, _, what in _occasions(order, seen, silent):
        match what:
            case Slip():
                refund = _by_slip(order, what, at, told)
                for line in what.lines:
                    quantities[line.line_id] = quantities.get(line.line_id, 0) + line.quantity
            case SilentRefund():
                refund = _by_counters(order, what, whole, told)
            case Transition():
                if told and told >= whole.total:
                    continue
                refund = _remainder(order, what, whole, told, quantities)
        told += refund.amounts.total
        yield refund


def _occasions(
    order: OrderFacts, seen: tuple[Transition, ...], silent: tuple[SilentRefund, ...]
) -> list[tuple[datetime, int, int, Slip | SilentRefund | Transition]]:
    """Everything that gives money back, by time; in one second slips first, so that a state only adds what is left."""
    newest = order.added_at
    found: list[tuple[datetime, int, int, Slip | SilentRefund | Transition]] = []
    for slip in order.slips:
        newest = slip.at or newest
        if newest is not None:
            found.append((newest, 0, slip.slip_id, slip))
    found.extend((refund.at, 1, refund.number, refund) for refund in silent)
    found.extend((t.at, 2, t.history_id, t) for t, _ in entered(seen, order.shop.refunded))
    return sorted(found, key=lambda occasion: occasion[:3])


def _by_slip(order: OrderFacts, slip: Slip, at: datetime, told: Decimal) -> Refund:
    currency = currency_of(order)
    properties: dict[str, Json] = {
        "credit_slip_id": str(slip.slip_id),
        "products": refunded_products(order, slip.lines, currency),
        "quantity": sum(line.quantity for line in slip.lines),
    }
    if slip.is_voucher:
        properties["refunded_as_voucher"] = True
    return Refund(
        name=f"slip/{slip.slip_id}",
        at=at,
        amounts=slip_amounts(slip, currency.digits),
        before=told,
        reason="voucher" if slip.is_voucher else "credit slip",
        point=AsOf(at, slip_id=slip.slip_id),
        properties=properties,
    )


def _by_counters(order: OrderFacts, refund: SilentRefund, whole: Amounts, told: Decimal) -> Refund:
    digits = currency_of(order).digits
    total = rounded(min(refund.amount, max(whole.total - told, ZERO)), digits)
    return Refund(
        name=f"counters/{refund.number}",
        at=refund.at,
        amounts=share_of(whole, total, digits),
        before=told,
        reason="refund without credit slip",
        point=AsOf(refund.at),
        properties={},
    )


def _remainder(
    order: OrderFacts, transition: Transition, whole: Amounts, told: Decimal, quantities: Mapping[int, int]
) -> Refund:
    products = remaining_products(order, quantities)
    return Refund(
        name=transition.name,
        at=transition.at,
        amounts=share_of(whole, max(whole.total - told, ZERO), currency_of(order).digits),
        before=told,
        reason="order refunded",
        point=point_of(transition),
        properties={"products": products, "quantity": sum(int(str(p["quantity"])) for p in products)},
    )


def point_of(transition: Transition) -> AsOf:
    """The point in the customer's history at which a transition happened."""
    if transition.is_silent:
        return AsOf(transition.at, is_now=True)
    return AsOf(transition.at, history_id=transition.history_id)


def uncovered(order: OrderFacts, silent: tuple[SilentRefund, ...]) -> Decimal:
    """What the lines' counters say was refunded, and neither a slip nor memory accounts for.

    `order_detail.total_refunded_tax_incl` (1.7.7 and later) counts products only, as the slips' lines do.
    """
    counted = sum((line.refunded_tax_incl for line in order.lines), ZERO)
    on_slips = sum((line.amount_tax_incl for slip in order.slips for line in slip.lines), ZERO)
    loose = sum((slip.products_tax_incl for slip in order.slips if not slip.lines), ZERO)
    known = sum((refund.amount for refund in silent), ZERO)
    left = counted - on_slips - loose - known
    return left if left > tolerance(len(order.lines)) else ZERO
