"""Digests of rows that change without telling anyone: what the sweep compares with what it saw before."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from poller.errors import BugError
from poller.shop.glancing import STATEMENTS, glance
from poller.shop.session import Session

GONE = b""
_TABLES = {"order": "orders", "customer": "customers"}


def newest_keys(session: Session, thing: str, count: int) -> Sequence[int]:
    """The keys of the newest rows."""
    return [row[0] for row in session.rows(f"sweep/newest_{_TABLES[thing]}", newest=count)]


def digests(session: Session, thing: str, keys: Sequence[int]) -> Mapping[int, bytes]:
    """One digest a key, over the row and its children; GONE for a row that is gone."""
    if thing in STATEMENTS:
        return glance(session, thing, keys)
    match thing:
        case "order":
            rows, children = session.rows_in("sweep/orders", keys), session.rows_in("sweep/order_lines", keys)
        case "customer":
            rows, children = session.rows_in("sweep/customers", keys), session.rows_in("sweep/addresses", keys)
        case _:
            raise BugError(f"there is no sweep over {thing}")
    found = {row[0]: tuple(row) for row in rows}
    below = {row[0]: tuple(row) for row in children}
    return {key: _digest((found[key], below.get(key))) if key in found else GONE for key in keys}


def _digest(value: object) -> bytes:
    return blake2b(repr(value).encode("utf-8", "replace"), digest_size=8).digest()
