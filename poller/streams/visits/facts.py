"""A visit as the shop's database holds it: what the shop edge loads and derive reads. Times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime

from poller.streams.carts.facts import Product
from poller.streams.customers import CustomerFacts
from poller.streams.shops import ShopInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page that was viewed (`connections_page`).

    `kind` is PrestaShop's name of it without hyphens (`page_type.name`), `object_id` the product, category or
    manufacturer it showed, 0 for other pages. `stamp` is its date as the shop wrote it: with the visit and the page it
    names the row for ever. `cart_id` is the cart the visitor had by then, `order_id` the order made of it by then.
    """

    page_id: int
    stamp: str
    kind: str
    object_id: int = 0
    at: datetime | None = None
    url: str = ""
    category: str = ""
    product: Product | None = None
    cart_id: int = 0
    order_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """A visit (`connections`), whole, with the pages viewed so far.

    `is_logged`: the shop logs page views, so that more may come. `has_registration_page`: opening an account has a page
    of its own (since 8.0), and does not share one with signing in.
    """

    visit_id: int
    shop: ShopInfo
    guest_id: int = 0
    customer_id: int = 0
    customer: CustomerFacts | None = None
    referrer: str = ""
    began_at: datetime | None = None
    pages: tuple[PageView, ...] = ()
    is_logged: bool = True
    has_registration_page: bool = True
