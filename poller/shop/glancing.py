"""Digests of what has no blocks to be swept by: carts, wishlists. Few are compared, those that were touched lately."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from poller.shop.session import Session

STATEMENTS = {
    "cart": ("sweep/carts", "sweep/cart_lines", "sweep/cart_coupons"),
    "wishlist_item": ("sweep/wishlist_items",),
    "wishlist_pick": ("sweep/wishlist_picks",),
}
"""For each kind of thing the statement that reads it, then those of what belongs to it; all begin with its key."""


def glance(session: Session, thing: str, keys: Sequence[int]) -> Mapping[int, bytes]:
    """One digest a key, over the row and its children; empty for a row that is gone."""
    own, *below = ({row[0]: tuple(row) for row in session.rows_in(name, keys)} for name in STATEMENTS[thing])
    return {key: _digest([own[key], *(rows.get(key) for rows in below)]) if key in own else b"" for key in keys}


def _digest(value: object) -> bytes:
    return blake2b(repr(value).encode("utf-8", "replace"), digest_size=8).digest()
