"""Digests of rows that change without telling anyone: what the sweep compares with what it saw before."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from poller.shop.session import Session

GONE = b""


def recent_orders(session: Session, newest: int) -> Mapping[int, bytes]:
    """Digests of the newest orders and their lines, by order."""
    orders = {row.id_order: tuple(row) for row in session.rows("sweep/orders", newest=newest)}
    if not orders:
        return {}
    lines = {row.id_order: tuple(row) for row in session.rows("sweep/order_lines", from_id=min(orders))}
    return {key: _digest((row, lines.get(key))) for key, row in orders.items()}


def recent_customers(session: Session, keys: Sequence[int], newest: int) -> Mapping[int, bytes]:
    """Digests of the newest customers and of the named ones, with their addresses; GONE for a row that is gone."""
    ids = sorted({*keys, *(row.id_customer for row in session.rows("sweep/newest_customers", newest=newest))})
    customers = {row.id_customer: tuple(row) for row in session.rows_in("sweep/customers", ids)}
    addresses = {row.id_customer: tuple(row) for row in session.rows_in("sweep/addresses", ids)}
    return {key: _digest((customers[key], addresses.get(key))) if key in customers else GONE for key in ids}


def _digest(value: object) -> bytes:
    """Eight bytes; a difference means: look at the thing itself."""
    return blake2b(repr(value).encode("utf-8", "replace"), digest_size=8).digest()
