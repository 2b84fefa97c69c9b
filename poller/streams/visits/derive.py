"""Visits, derived: each page that was viewed, as a page call, and as an event where the specification names one.

`connections_page` has no id that grows, so no feed can follow it. Its rows hang on visits, which have one: a visit is
looked at when it appears, and again for as long as its visitor's browser may go on with it, ever less often. Each row
is a fact of its own, so looking again tells nothing twice.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from poller.core.events import Event, Json
from poller.core.feeds import Feed
from poller.core.policy import Policy
from poller.streams.carts.properties import present, product_properties
from poller.streams.customers import exclusion
from poller.streams.outcome import Outcome, Stream
from poller.streams.visits.described import (
    CART_VIEWED,
    LIST_VIEWED,
    PAGE,
    PAGE_VIEWS,
    PRODUCT_VIEWED,
    REGISTRATION,
    THANKYOU,
    VISIT_EVENTS,
)
from poller.streams.visits.facts import PageView, VisitFacts
from poller.streams.visits.visitors import who_of

GOES_ON = timedelta(days=20)
"""So long after its last page a visit may go on: its number is in the visitor's cookie (PS_COOKIE_LIFETIME_FO)."""
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(days=1)
"""Between two looks at a visit: half as long as nothing was viewed in it."""
FEEDS = (
    Feed(
        name="connections",
        thing="visit",
        kind="tail",
        optional=True,
        is_emptied=True,
        is_live=True,
        reach=GOES_ON,
    ),
)
LISTS = frozenset({"category", "manufacturer", "supplier", "newproducts", "pricesdrop", "bestsales"})


def derive(now: datetime, facts: VisitFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Every page view there is so far; of a customer of whom nothing is sent, none, and the visit is let go."""
    del memory
    is_nobody = facts.customer is None and facts.customer_id != 0
    if is_nobody or (facts.customer and exclusion(facts.customer, policy)) or policy.disabled >= PAGE_VIEWS:
        return Outcome(is_forgotten=True)
    events = tuple(_events(now, facts, policy))
    again = _again(now, facts)
    return Outcome(events=events, again=again, is_forgotten=again is None)


def _again(now: datetime, facts: VisitFacts) -> datetime | None:
    """The next look; None when the visit is over, or when nothing is logged of it."""
    dates = [page.at for page in facts.pages if page.at] or [facts.began_at or now]
    age = max(now - max(dates), timedelta(0))
    if age > GOES_ON or not (facts.is_logged or facts.pages):
        return None
    return now + min(max(age / 2, SHORTEST_PAUSE), LONGEST_PAUSE)


def gone(now: datetime, key: int, memory: str | None, *, policy: Policy) -> Outcome:
    """A visit that was deleted: PrestaShop clears old ones away where the merchant wants it."""
    del now, key, memory, policy
    return Outcome(is_forgotten=True)


def _events(now: datetime, visit: VisitFacts, policy: Policy) -> Iterator[Event]:
    for place, page in enumerate(visit.pages):
        if page.at is None or not page.kind:
            continue
        common = present({"affiliation": visit.shop.name, "email": visit.customer.email if visit.customer else None})
        found: dict[str, Json | None] = {
            "name": page.kind,
            "url": page.url,
            "referrer": visit.referrer if place == 0 else None,
        }
        told: list[tuple[str, Mapping[str, Json]]] = [(PAGE, present(found)), *_named(visit, page)]
        for name, properties in told:
            if name not in policy.disabled:
                yield _event(name, visit, page, min(page.at, now), common | dict(properties), policy=policy)


def _named(visit: VisitFacts, page: PageView) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """The event of the specification that a view of such a page is, if there is one."""
    cart = present({"cart_id": str(page.cart_id) if page.cart_id else None})
    registration = {"registration"} if visit.has_registration_page else {"registration", "authentication"}
    if page.kind == "product" and page.product:
        shown = product_properties(page.product, 1, visit.shop)
        yield PRODUCT_VIEWED, {name: value for name, value in shown.items() if name != "quantity"} | cart
    elif page.kind in LISTS:
        own = str(page.object_id) if page.kind == "category" else f"{page.kind}-{page.object_id}"
        found: dict[str, Json | None] = {"list_id": own if page.object_id else page.kind, "category": page.category}
        yield LIST_VIEWED, present(found) | cart
    elif page.kind == "cart":
        yield CART_VIEWED, cart
    elif page.kind in registration:
        yield REGISTRATION, {}
    elif page.kind == "orderconfirmation":
        yield THANKYOU, present({"order_id": str(page.order_id) if page.order_id else None}) | cart


def _event(
    name: str, visit: VisitFacts, page: PageView, at: datetime, properties: Mapping[str, Json], *, policy: Policy
) -> Event:
    """Named by the row's whole key; the visit's number may be used again once the table was emptied."""
    act = "page" if name == PAGE else "viewed"
    return Event(
        fact=f"visit/{visit.visit_id}/{act}/{page.page_id}/{page.stamp}",
        call="page" if name == PAGE else "track",
        name=name,
        thing="visit",
        key=visit.visit_id,
        occurred_at=at,
        who=who_of(visit.guest_id, page.cart_id, visit.customer_id, visit.customer, policy=policy),
        properties=properties,
        shop_id=visit.shop.shop_id,
    )


VISITS = Stream(
    thing="visit",
    feeds=FEEDS,
    derive=derive,
    gone=gone,
    emits=VISIT_EVENTS,
    is_logbook=True,
    is_on_demand=True,
)
