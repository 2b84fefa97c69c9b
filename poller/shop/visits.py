"""Loading visits with the pages viewed in them, as the module statsdata logs them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from poller.shop.people import CustomField, load_customers
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.shelves import Shelves, load_shelves
from poller.shop.values import as_int, as_text
from poller.shop.visitors import Visitors, load_visitors
from poller.streams.shops import ShopInfo
from poller.streams.visits.facts import PageView, VisitFacts


def load_visits(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, VisitFacts]:
    """The visits that are there, by id."""
    rows = list(session.rows_in("load/visits", ids))
    people = sorted({as_int(row.id_customer) for row in rows} - {0})
    customers = load_customers(session, people, reference=reference, now=now, custom=custom)
    viewed = _load_pages(session, rows, reference=reference, now=now)
    return {
        row.id_connections: VisitFacts(
            visit_id=row.id_connections,
            shop=(shop := reference.shop(as_int(row.id_shop))),
            guest_id=as_int(row.id_guest),
            customer_id=as_int(row.id_customer),
            customer=customers.get(as_int(row.id_customer)),
            referrer=as_text(row.http_referer),
            began_at=reference.time.utc(row.date_add, now),
            pages=tuple(viewed.page(page, row, shop) for page in viewed.rows.get(row.id_connections, ())),
            is_logged=shop.logs_page_views,
            has_registration_page=reference.is_at_least(8, 0),
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class _Viewed:
    """The rows of `connections_page` by visit, and what they refer to."""

    rows: Mapping[int, Sequence[Row[Any]]]
    shelves: Shelves
    categories: Mapping[tuple[int, int], str]
    visitors: Visitors
    reference: Reference
    now: datetime

    def page(self, row: Row[Any], visit: Row[Any], shop: ShopInfo) -> PageView:
        kind, key = kind_of(row), as_int(row.id_object)
        at = self.reference.time.utc(row.time_start, self.now)
        product = self.shelves.product(key, 0, shop) if kind == "product" and key else None
        cart = self.visitors.cart(as_int(visit.id_guest), at)
        names = self.categories if kind == "category" else {}
        return PageView(
            page_id=as_int(row.id_page),
            stamp=str(row.time_start),
            kind=kind,
            object_id=key,
            at=at,
            url=_url(kind, key, shop, product.url if product else ""),
            category=names.get((key, shop.shop_id)) or names.get((key, 0), ""),
            product=product,
            cart_id=cart,
            order_id=self.visitors.order(cart, at),
        )


def kind_of(row: Row[Any]) -> str:
    """Which page: PrestaShop strips the hyphens of its controllers' names, but modules write into the table too."""
    return as_text(row.name).replace("-", "").lower()


def _url(kind: str, key: int, shop: ShopInfo, product_url: str) -> str:
    if kind == "category" and key and shop.url:
        return f"{shop.url}index.php?controller=category&id_category={key}"
    return {"index": shop.url, "product": product_url}.get(kind, "")


def _load_pages(session: Session, visits: Sequence[Row[Any]], *, reference: Reference, now: datetime) -> _Viewed:
    rows: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.rows_in("load/visit_pages", [visit.id_connections for visit in visits]):
        rows[row.id_connections].append(row)
    pages = [row for some in rows.values() for row in some]
    products = {(as_int(row.id_object), 0) for row in pages if kind_of(row) == "product" and row.id_object}
    lists = {as_int(row.id_object) for row in pages if kind_of(row) == "category"}
    categories: dict[tuple[int, int], str] = {}
    for row in session.rows_in("load/categories", sorted(lists - {0}), lang_id=reference.lang_id):
        categories[row.id_category, row.id_shop] = as_text(row.name)
        categories.setdefault((row.id_category, 0), as_text(row.name))
    guests = {as_int(visit.id_guest) for visit in visits if visit.id_connections in rows}
    return _Viewed(
        rows=rows,
        shelves=load_shelves(session, products, reference=reference),
        categories=categories,
        visitors=load_visitors(session, guests, reference=reference, now=now),
        reference=reference,
        now=now,
    )
