"""Which of PrestaShop's own modules were found, and what of theirs is told: a part of `poller check`."""

from collections.abc import Iterator

from poller.engine.findings import Finding
from poller.shop.reference import PAGE_VIEWS, Reference
from poller.shop.schema import Schema
from poller.shop.session import Session

_BY_TABLE = (
    ("statssearch", "statssearch"),
    ("blockwishlist", "wishlist_product"),
    ("ps_emailsubscription", "emailsubscription"),
    ("psgdpr", "psgdpr_log"),
)
"""A module, and the table it brings. statsdata brings none, but writes its settings when it is installed."""
PAGE_TABLES = frozenset({"connections", "connections_page", "page", "page_type", "guest"})


def inspect_modules(session: Session, schema: Schema, reference: Reference) -> Iterator[Finding]:
    """The modules, and whether the shops log page views."""
    settings = session.rows("load/configuration", names=[PAGE_VIEWS])
    has_statsdata = bool(settings)
    found = [("statsdata", has_statsdata), *((name, table in schema.columns) for name, table in _BY_TABLE)]
    words = [f"{name} {'is there' if is_there else 'is not there'}" for name, is_there in found]
    yield Finding("ok", "modules", f"Of PrestaShop's modules: {', '.join(words)}.")
    logging = sorted(shop.shop_id for shop in reference.shops.values() if shop.logs_page_views)
    if not logging:
        text = "Page views are not logged, so none are told: PS_STATSDATA_CUSTOMER_PAGESVIEWS is off, as by default."
        yield Finding("ok", "page views", text)
    elif missing := sorted(PAGE_TABLES - schema.columns.keys()):
        yield Finding(
            "warning",
            "page views",
            f"The shop logs page views, but these tables cannot be read: {', '.join(missing)}.",
            "Run sql/ops/grants.sql again, or set track_page_views to false.",
        )
    else:
        shops = ", ".join(map(str, logging))
        text = f"Page views are logged by shop {shops}, and told unless track_page_views is false."
        yield Finding("ok", "page views", f"{text} Each visitor counts as a user in Segment.")
