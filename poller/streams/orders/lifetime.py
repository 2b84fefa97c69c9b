"""A customer's lifetime revenue and purchase count, as of an event and not of today.

The rule (docs/explanation/money.md): orders that count as valid, at `total_paid_tax_incl / conversion_rate`, less
their credit slips; in the shop's default currency. The orders are those of the shops that share the customer with the
event's shop. PrestaShop itself has four other rules, and none subtracts slips.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from poller.core.events import Json
from poller.core.money import ZERO, rounded
from poller.streams.orders.facts import LedgerOrder, OrderFacts
from poller.streams.shops import OrderState, ShopInfo


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point in the customer's history.

    With `history_id`, states up to that row count, whatever second they share; else those up to `at`. Slips count up
    to `at`, and of that second those up to `slip_id` (all of them when None). `is_now` takes the orders' present
    validity, for facts that no history row records.
    """

    at: datetime
    history_id: int | None = None
    slip_id: int | None = None
    is_now: bool = False


def counters(order: OrderFacts, point: AsOf) -> dict[str, Json]:
    """`lifetime_revenue_xcommerce` and `purchase_count_xcommerce` of the order's customer at that point."""
    if order.customer is None or order.ledger is None:
        return {}
    return counted(order.ledger, order.shop, point)


def counted(ledger: Iterable[LedgerOrder], shop: ShopInfo, point: AsOf) -> dict[str, Json]:
    """The counters of whose orders these are, for an event in that shop at that point."""
    revenue, count = ZERO, 0
    for other in ledger:
        if not shop.counted.holds(other.shop_id) or not _is_valid(other, point, shop.states):
            continue
        count += 1
        revenue += other.net - sum((amount for _, _, amount in _slips(other, point)), ZERO)
    return {
        "lifetime_revenue_xcommerce": rounded(revenue, shop.default_currency.digits),
        "purchase_count_xcommerce": count,
    }


def _slips(order: LedgerOrder, point: AsOf) -> list[tuple[int, datetime | None, Decimal]]:
    return [
        slip
        for slip in order.refunds
        if slip[1] is None
        or slip[1] < point.at
        or (slip[1] == point.at and (point.slip_id is None or slip[0] <= point.slip_id))
    ]


def _is_valid(order: LedgerOrder, point: AsOf, states: Mapping[int, OrderState]) -> bool:
    """Whether the order counted then: the logable flag of the state it was in.

    `orders.valid` is that flag at the time the present state was set, so it serves for the newest row; for older
    rows the state's flag of today stands in.
    """
    if point.is_now:
        return order.is_valid
    reached = [row for row in order.history if _has_happened(row.history_id, row.at, point)]
    if not reached:
        return False
    last = reached[-1]
    if last is order.history[-1] and last.state_id == order.state_id:
        return order.is_valid
    return last.state_id in states and states[last.state_id].is_logable


def _has_happened(history_id: int, at: datetime | None, point: AsOf) -> bool:
    if point.history_id is not None:
        return history_id <= point.history_id
    return at is None or at <= point.at
