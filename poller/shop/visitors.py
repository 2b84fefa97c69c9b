"""The carts of visitors, and the orders made of them: which of them there were at a moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from poller.shop.reference import Reference
from poller.shop.session import Session

Dated: TypeAlias = Mapping[int, Sequence[tuple[datetime | None, int]]]
"""By owner: when each was made, and its number."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """Carts by guest, and orders by cart."""

    carts: Dated
    orders: Dated

    def cart(self, guest_id: int, at: datetime | None) -> int:
        """The newest cart a guest had by then; 0 if they had none."""
        return _by_then(self.carts.get(guest_id, ()), at)

    def order(self, cart_id: int, at: datetime | None) -> int:
        """The newest order that was made of a cart by then; 0 if there was none."""
        return _by_then(self.orders.get(cart_id, ()), at)


def load_visitors(session: Session, guests: Iterable[int], *, reference: Reference, now: datetime) -> Visitors:
    """Of these guests; 0 is nobody."""
    carts: dict[int, list[tuple[datetime | None, int]]] = defaultdict(list)
    for row in session.rows_in("load/visitor_carts", sorted({*guests} - {0})):
        carts[row.id_guest].append((reference.time.utc(row.date_add, now), row.id_cart))
    orders: dict[int, list[tuple[datetime | None, int]]] = defaultdict(list)
    for row in session.rows_in("load/cart_orders", sorted({cart for some in carts.values() for _, cart in some})):
        orders[row.id_cart].append((reference.time.utc(row.date_add, now), row.id_order))
    return Visitors(carts, orders)


def _by_then(dated: Sequence[tuple[datetime | None, int]], at: datetime | None) -> int:
    return max((key for moment, key in dated if moment and at and moment <= at), default=0)
