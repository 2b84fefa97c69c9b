"""Loading clicks on links of campaigns, as the module statsdata logs where visitors come from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode, urlsplit

from poller.shop.people import CustomField, load_customers
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_int, as_text
from poller.shop.visitors import load_visitors
from poller.streams.clicks import ClickFacts

LONGEST_URI = 255
"""As long as the column: what fills it was cut, perhaps in the middle of its last parameter."""
CAMPAIGN: Mapping[str, str] = MappingProxyType(
    {
        "utm_campaign": "name",
        "utm_source": "source",
        "utm_medium": "medium",
        "utm_term": "term",
        "utm_content": "content",
        "utm_id": "id",
    }
)
"""The parameters of a link, by Segment's names for them."""
PLACES = frozenset({"controller", "id_product", "id_category", "id_cms", "id_manufacturer", "id_supplier"})
"""Parameters that say which page it is, where the shop has no friendly addresses."""


def load_clicks(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, ClickFacts]:
    """The clicks that are still logged, by id."""
    rows = list(session.rows_in("load/clicks", ids))
    people = sorted({as_int(row.id_customer) for row in rows} - {0})
    customers = load_customers(session, people, reference=reference, now=now, custom=custom)
    visitors = load_visitors(session, (as_int(row.id_guest) for row in rows), reference=reference, now=now)
    found = {}
    for row in rows:
        shop, at = reference.shop(as_int(row.id_shop)), reference.time.utc(row.date_add, now)
        link, campaign = read_link(as_text(row.request_uri), scheme=urlsplit(shop.url).scheme or "https")
        found[row.id_connections_source] = ClickFacts(
            click_id=row.id_connections_source,
            shop_id=shop.shop_id,
            shop_name=shop.name,
            stamp=str(row.date_add),
            at=at,
            link_url=link,
            referrer=as_text(row.http_referer).partition("?")[0].partition("#")[0],
            campaign=campaign,
            guest_id=as_int(row.id_guest),
            cart_id=visitors.cart(as_int(row.id_guest), at),
            customer_id=as_int(row.id_customer),
            customer=customers.get(as_int(row.id_customer)),
        )
    return found


def read_link(uri: str, *, scheme: str) -> tuple[str, dict[str, str]]:
    """The address a visitor came in at, and its campaign. `uri` is as PrestaShop logs it: host and path, no scheme."""
    place, _, query = uri.replace("&amp;", "&").partition("?")
    if len(uri) >= LONGEST_URI:
        query = query.rpartition("&")[0]
    given = parse_qsl(query.partition("#")[0])
    campaign = {CAMPAIGN[name]: value for name, value in given if name in CAMPAIGN}
    kept = urlencode([(name, value) for name, value in given if name in CAMPAIGN or name in PLACES])
    return f"{scheme}://{place}{'?' if kept else ''}{kept}", campaign
