"""Loading carts: whose they are, and the orders made of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from poller.shop.people import CustomField, load_customers
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_int
from poller.streams.carts import CartFacts


def load_carts(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, CartFacts]:
    """The carts that exist, by id."""
    rows = list(session.rows_in("load/carts", ids))
    customers = load_customers(
        session, [as_int(row.id_customer) for row in rows], reference=reference, now=now, custom=custom
    )
    orders: dict[int, list[int]] = defaultdict(list)
    for row in session.rows_in("load/cart_orders", ids):
        orders[row.id_cart].append(row.id_order)
    return {
        row.id_cart: CartFacts(
            cart_id=row.id_cart,
            shop_id=as_int(row.id_shop),
            customer_id=as_int(row.id_customer),
            customer=customers.get(as_int(row.id_customer)),
            order_ids=tuple(orders.get(row.id_cart, ())),
            added_at=reference.time.utc(row.date_add, now),
            updated_at=reference.time.utc(row.date_upd, now),
        )
        for row in rows
    }
