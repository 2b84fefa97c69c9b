"""Loading what the module blockwishlist keeps: products on wishlists, and its notes of what was put there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row

from poller.shop.people import CustomField, load_customers
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.shelves import load_shelves
from poller.shop.values import as_int, as_text
from poller.streams.wishlists import ItemFacts, PickFacts

NEWEST = 5_000
"""So far back the module's notes are read for a date, and the lists for whose product it is."""


def load_wishlist_items(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, ItemFacts]:
    """The products on lists, by the id of their row; one whose list was deleted is gone with it."""
    rows = [row for row in session.rows_in("load/wishlist_items", ids) if row.id_customer is not None]
    customers = load_customers(
        session, [as_int(row.id_customer) for row in rows], reference=reference, now=now, custom=custom
    )
    shelves = load_shelves(session, [_product(row) for row in rows], reference=reference)
    dates = _dates(session, rows, reference=reference, now=now)
    return {
        row.id_wishlist_product: ItemFacts(
            item_id=row.id_wishlist_product,
            wishlist_id=as_int(row.id_wishlist),
            wishlist_name=as_text(row.name),
            shop=(shop := reference.shop(as_int(row.id_shop))),
            customer_id=as_int(row.id_customer),
            customer=customers.get(as_int(row.id_customer)),
            product=shelves.product(*_product(row), shop),
            quantity=as_int(row.quantity),
            added_at=dates.get(row.id_wishlist_product) or reference.time.utc(row.date_add, now),
        )
        for row in rows
    }


def load_wishlist_picks(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, PickFacts]:
    """The module's notes by their id; only those with a cart need to know whose list it was."""
    rows = list(session.rows_in("load/wishlist_picks", ids))
    customers = load_customers(
        session, [as_int(row.id_customer) for row in rows], reference=reference, now=now, custom=custom
    )
    shelves = load_shelves(session, [_product(row) for row in rows if row.id_cart], reference=reference)
    is_any_picked = any(row.id_cart for row in rows)
    lists = _lists(session) if is_any_picked else {}
    found = {}
    for row in rows:
        shop = reference.shop(as_int(row.id_shop))
        wishlist_id, name = lists.get((as_int(row.id_customer), *_product(row)), (0, ""))
        found[row.id_statistics] = PickFacts(
            note_id=row.id_statistics,
            cart_id=as_int(row.id_cart),
            shop=shop,
            customer_id=as_int(row.id_customer),
            customer=customers.get(as_int(row.id_customer)),
            product=shelves.product(*_product(row), shop),
            noted_at=reference.time.utc(row.date_add, now),
            wishlist_id=wishlist_id,
            wishlist_name=name,
        )
    return found


def _product(row: Row[Any]) -> tuple[int, int]:
    return as_int(row.id_product), as_int(row.id_product_attribute)


def _dates(
    session: Session, rows: Sequence[Row[Any]], *, reference: Reference, now: datetime
) -> Mapping[int, datetime | None]:
    """When each row was made, by the module's notes.

    There is one note for each row, in the same order, so that of the n-th newest row is not among the n-1 newest notes.
    """
    if not rows:
        return {}
    notes = [(_product(note), note.date_add) for note in session.rows("load/wishlist_dates", newest=NEWEST)]
    newest = next(iter(session.rows("load/wishlist_newest", newest=1)), None)
    found: dict[int, datetime | None] = {}
    for row in rows:
        rank = (newest.id_wishlist_product if newest else row.id_wishlist_product) - row.id_wishlist_product
        later = (stamp for product, stamp in notes[max(rank, 0) :] if product == _product(row))
        stamp = next(later, None)
        found[row.id_wishlist_product] = reference.time.utc(stamp, now) if stamp else None
    return found


def _lists(session: Session) -> dict[tuple[int, int, int], tuple[int, str]]:
    """The newest list of each customer that holds a product."""
    found: dict[tuple[int, int, int], tuple[int, str]] = {}
    for row in session.rows("load/wishlist_newest", newest=NEWEST):
        found.setdefault((as_int(row.id_customer), *_product(row)), (as_int(row.id_wishlist), as_text(row.name)))
    return found


LOADERS: Mapping[str, Callable[..., Mapping[int, Any]]] = MappingProxyType(
    {"wishlist_item": load_wishlist_items, "wishlist_pick": load_wishlist_picks}
)
"""By kind of thing; all called alike."""
